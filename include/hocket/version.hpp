// SPDX-License-Identifier: MIT
// Version of the library, for the preprocessor and as constants.
//
//     #include <hocket/version.hpp>
//
//     static_assert(HOCKET_VERSION >= 100 && hocket::version_major < 1);
//     int main() {}
//
// * `HOCKET_VERSION` is 10000 * `version_major` + 100 * `version_minor` + `version_patch`.
//
// Seldom written out: `version_major`, `version_minor`, `version_patch`.
#pragma once

#include <hocket/base/version.hpp>
