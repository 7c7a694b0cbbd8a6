# SPDX-License-Identifier: MIT
# Runs a program as several ranks of MPI. The launcher and each rank have a time limit of their own, so that no process
# is left behind, whatever hangs or dies. Exits with the status of the launcher, or with 77 where there is none.
# usage: run_mpi.sh RANKS PROGRAM ARGUMENTS...    with MPIEXEC set, else mpirun; SECONDS_LIMIT, else 120;
#                                                MPIEXEC_FLAGS for the launcher
launcher=${MPIEXEC:-mpirun}
limit=${SECONDS_LIMIT:-120}
command -v "$launcher" >/dev/null || { echo "skipped: there is no $launcher"; exit 77; }
ranks=$1
shift

flags=
case $("$launcher" --version 2>/dev/null) in
*"Open MPI"* | *OpenRTE*) # more ranks than cores, and root in a container
    flags=--oversubscribe
    OMPI_ALLOW_RUN_AS_ROOT=1
    OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
    export OMPI_ALLOW_RUN_AS_ROOT OMPI_ALLOW_RUN_AS_ROOT_CONFIRM
    ;;
esac
# shellcheck disable=SC2086
exec timeout -k 10 $((limit + 10)) "$launcher" -n "$ranks" $flags $MPIEXEC_FLAGS timeout --foreground -k 5 "$limit" "$@" </dev/null
