# SPDX-License-Identifier: MIT
# The target hocket::mpi: hocket for programs whose sessions use the ranks of MPI. A program may also link
# hocket::compiled. Where MPI is not found there is no such target, and MPI_CXX_FOUND is false.
set(MPI_CXX_SKIP_MPICXX ON)
find_package(MPI QUIET COMPONENTS CXX)
if(MPI_CXX_FOUND AND NOT TARGET hocket::mpi)
    add_library(hocket_mpi INTERFACE)
    add_library(hocket::mpi ALIAS hocket_mpi)
    target_link_libraries(hocket_mpi INTERFACE hocket::hocket MPI::MPI_CXX)
    target_compile_definitions(hocket_mpi INTERFACE HOCKET_WITH_MPI)
endif()
