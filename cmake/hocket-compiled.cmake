# SPDX-License-Identifier: MIT
# The target hocket::compiled: hocket with the bodies of its functions compiled once, in a static library, and not in
# each file that includes it. It is built with the project that links it, if any does, by the project's compiler and
# options.
add_library(hocket_compiled STATIC EXCLUDE_FROM_ALL "${CMAKE_CURRENT_LIST_DIR}/hocket-compiled.cpp")
add_library(hocket::compiled ALIAS hocket_compiled)
target_link_libraries(hocket_compiled PUBLIC hocket::hocket)
target_compile_definitions(hocket_compiled PUBLIC HOCKET_COMPILED)
set_target_properties(hocket_compiled PROPERTIES POSITION_INDEPENDENT_CODE ON CXX_EXTENSIONS OFF)
