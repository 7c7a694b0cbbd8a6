# SPDX-License-Identifier: MIT
# Builds and runs app/ in one of the ways in which a program can use hocket.
# usage: consume.sh WAY    with SOURCE, BUILD (of hocket), WORK (a folder to work in), CMAKE, GENERATOR and CXX set
set -eu
app=$SOURCE/tests/consumer/app
rm -rf "$WORK"
mkdir -p "$WORK"

configure() {
    "$CMAKE" -G "$GENERATOR" -S "$app" -B "$WORK/build" -DCMAKE_CXX_COMPILER="$CXX" "$@"
}
build_and_run() {
    "$CMAKE" --build "$WORK/build"
    "$WORK/build/consumer"
}
# Installs into one folder and moves the tree to another one, which must make no difference.
install_moved() {
    "$CMAKE" --install "$BUILD" --prefix "$WORK/first" >/dev/null
    mv "$WORK/first" "$WORK/moved"
    if grep -rn -e "$WORK" -e "$SOURCE" -e "$BUILD" "$WORK/moved"; then
        echo "the installed tree names folders of this machine"
        exit 1
    fi
}

case $1 in
package)
    install_moved
    configure -DCMAKE_PREFIX_PATH="$WORK/moved"
    build_and_run
    ;;
package_compiled)
    install_moved
    configure -DCMAKE_PREFIX_PATH="$WORK/moved" -DHOCKET_TARGET=hocket::compiled
    build_and_run
    ;;
package_without_pkg_config)
    install_moved
    configure -DCMAKE_PREFIX_PATH="$WORK/moved" -DPKG_CONFIG_EXECUTABLE=false
    build_and_run
    ;;
package_of_other_version)
    install_moved
    for version in 0.0 0.2 1.0 0.1.99; do
        if configure -DCMAKE_PREFIX_PATH="$WORK/moved" -DHOCKET_VERSION=$version >"$WORK/output" 2>&1; then
            echo "find_package(hocket $version) accepts this version"
            exit 1
        fi
        grep -q 'considered but not accepted' "$WORK/output" || { cat "$WORK/output"; exit 1; }
        rm -rf "$WORK/build"
    done
    ;;
package_with_mpi)
    command -v mpirun >/dev/null || { echo "skipped: there is no MPI"; exit 77; }
    install_moved
    configure -DCMAKE_PREFIX_PATH="$WORK/moved" -DHOCKET_COMPONENTS=mpi -DHOCKET_TARGET="hocket::compiled;hocket::mpi"
    build_and_run
    ;;
package_without_mpi)
    install_moved
    if configure -DCMAKE_PREFIX_PATH="$WORK/moved" -DHOCKET_COMPONENTS=mpi -DCMAKE_DISABLE_FIND_PACKAGE_MPI=ON \
        >"$WORK/output" 2>&1; then
        echo "find_package(hocket COMPONENTS mpi) succeeds without MPI"
        exit 1
    fi
    grep -q 'the component mpi of hocket needs MPI' "$WORK/output" || { cat "$WORK/output"; exit 1; }
    ;;
subdirectory_with_mpi)
    command -v mpirun >/dev/null || { echo "skipped: there is no MPI"; exit 77; }
    configure -DHOCKET_FOLDER="$SOURCE" -DHOCKET_MPI=ON -DHOCKET_TARGET=hocket::mpi
    build_and_run
    ;;
pkg_config)
    command -v pkg-config >/dev/null || { echo "skipped: there is no pkg-config"; exit 77; }
    install_moved
    PKG_CONFIG_PATH=$(find "$WORK/moved" -name pkgconfig)${PKG_CONFIG_PATH:+:$PKG_CONFIG_PATH}
    export PKG_CONFIG_PATH
    # shellcheck disable=SC2046
    "$CXX" -std=c++20 -O1 $(pkg-config --cflags "hocket >= 0.1") "$app/main.cpp" "$app/sum.cpp" -o "$WORK/consumer" \
        $(pkg-config --libs hocket)
    "$WORK/consumer"
    ;;
package_without_hwloc)
    install_moved
    if configure -DCMAKE_PREFIX_PATH="$WORK/moved" -DHwloc_LIBRARY=OFF >"$WORK/output" 2>&1; then
        echo "find_package(hocket) succeeds without hwloc"
        exit 1
    fi
    grep -q 'apt install libhwloc-dev' "$WORK/output" || { cat "$WORK/output"; exit 1; }
    ;;
subdirectory)
    configure -DHOCKET_FOLDER="$SOURCE"
    build_and_run
    ;;
subdirectory_without_pkg_config)
    configure -DHOCKET_FOLDER="$SOURCE" -DPKG_CONFIG_EXECUTABLE=false
    build_and_run
    ;;
bare)
    "$CXX" -std=c++20 -O1 -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wold-style-cast -Werror \
        -I"$SOURCE/include" "$app/main.cpp" "$app/sum.cpp" -o "$WORK/consumer" -lhwloc -pthread
    "$WORK/consumer"
    ;;
bare_compiled)
    # One file of the program has the bodies; without that file the program does not link.
    printf '#define HOCKET_SOURCE\n#include <hocket/hocket.hpp>\n' >"$WORK/bodies.cpp"
    for file in "$WORK/bodies" "$app/main" "$app/sum"; do
        "$CXX" -std=c++20 -O1 -DHOCKET_COMPILED -I"$SOURCE/include" -c "$file.cpp" -o "$WORK/${file##*/}.o"
    done
    "$CXX" "$WORK/main.o" "$WORK/sum.o" "$WORK/bodies.o" -o "$WORK/consumer" -lhwloc -pthread
    "$WORK/consumer"
    if "$CXX" "$WORK/main.o" "$WORK/sum.o" -o "$WORK/consumer" -lhwloc -pthread 2>"$WORK/output"; then
        echo "a program in the compiled form links without the bodies"
        exit 1
    fi
    # A caller in one form does not find a function in the other form.
    printf '#include <hocket/hocket.hpp>\nvoid wait(hocket::future<void>& f) { f.wait(); }\n' >"$WORK/one.cpp"
    printf '#include <hocket/hocket.hpp>\nvoid wait(hocket::future<void>&);\nint main() { auto f = hocket::submit([] {}); wait(f); }\n' \
        >"$WORK/other.cpp"
    "$CXX" -std=c++20 -O1 -I"$SOURCE/include" -c "$WORK/one.cpp" -o "$WORK/one.o"
    "$CXX" -std=c++20 -O1 -DHOCKET_COMPILED -I"$SOURCE/include" -c "$WORK/other.cpp" -o "$WORK/other.o"
    if "$CXX" "$WORK/one.o" "$WORK/other.o" "$WORK/bodies.o" -o "$WORK/mixed" -lhwloc -pthread 2>"$WORK/output"; then
        echo "a program that mixes the two forms links"
        exit 1
    fi
    grep -q 'undefined reference to .*wait' "$WORK/output" || { cat "$WORK/output"; exit 1; }
    ;;
readme)
    # The first two blocks of README.md are a program and its output; only the number of workers may differ.
    awk '/^```/ { block += inside == 0; inside = !inside; next } inside && block == 1' "$SOURCE/README.md" >"$WORK/app.cpp"
    awk '/^```/ { block += inside == 0; inside = !inside; next } inside && block == 2' "$SOURCE/README.md" |
        sed 's/[0-9]* workers/N workers/' >"$WORK/expected"
    "$CXX" -std=c++20 -O2 -Wall -Wextra -Werror -I"$SOURCE/include" "$WORK/app.cpp" -o "$WORK/app" -lhwloc -pthread
    "$WORK/app" | sed 's/[0-9]* workers/N workers/' | diff "$WORK/expected" -
    ;;
*)
    echo "there is no way called $1"
    exit 1
    ;;
esac
