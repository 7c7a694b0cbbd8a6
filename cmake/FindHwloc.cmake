# SPDX-License-Identifier: MIT
# Finds hwloc and makes the target hwloc::hwloc. hwloc comes with a .pc file and without a CMake package, so
# pkg-config, where there is one, gives hints and nothing else. Installed beside hocket's package config, which uses it.
# Sets Hwloc_FOUND and Hwloc_VERSION; Hwloc_INCLUDE_DIR and Hwloc_LIBRARY can be given by hand.
find_package(PkgConfig QUIET)
if(PkgConfig_FOUND)
    pkg_check_modules(_Hwloc_hint QUIET hwloc)
endif()

find_path(Hwloc_INCLUDE_DIR hwloc.h HINTS ${_Hwloc_hint_INCLUDEDIR} ${_Hwloc_hint_INCLUDE_DIRS})
find_library(Hwloc_LIBRARY NAMES hwloc libhwloc HINTS ${_Hwloc_hint_LIBDIR} ${_Hwloc_hint_LIBRARY_DIRS})
mark_as_advanced(Hwloc_INCLUDE_DIR Hwloc_LIBRARY)

# Debian keeps the header with the version in the folder of the architecture.
unset(Hwloc_VERSION)
find_file(_Hwloc_version_header hwloc/autogen/config.h HINTS "${Hwloc_INCLUDE_DIR}" NO_CACHE)
if(_Hwloc_version_header)
    file(STRINGS "${_Hwloc_version_header}" _Hwloc_version_line REGEX "#define HWLOC_VERSION \"")
    if(_Hwloc_version_line MATCHES "\"([0-9]+(\\.[0-9]+)*)")
        set(Hwloc_VERSION "${CMAKE_MATCH_1}")
    endif()
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(
    Hwloc
    REQUIRED_VARS Hwloc_LIBRARY Hwloc_INCLUDE_DIR
    VERSION_VAR Hwloc_VERSION
    REASON_FAILURE_MESSAGE "Debian, Ubuntu: apt install libhwloc-dev. Elsewhere: set Hwloc_INCLUDE_DIR and Hwloc_LIBRARY"
)

if(Hwloc_FOUND AND NOT TARGET hwloc::hwloc)
    add_library(hwloc::hwloc UNKNOWN IMPORTED)
    set_target_properties(
        hwloc::hwloc
        PROPERTIES IMPORTED_LOCATION "${Hwloc_LIBRARY}" INTERFACE_INCLUDE_DIRECTORIES "${Hwloc_INCLUDE_DIR}"
    )
endif()
