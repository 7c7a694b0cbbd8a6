// SPDX-License-Identifier: MIT
// The version of hocket: the one place where it stands; CMakeLists.txt reads the numbers from here.
// Floor base; everyone may use it.
#pragma once

namespace hocket {

inline constexpr int version_major = 0;
inline constexpr int version_minor = 1;
inline constexpr int version_patch = 0;

} // namespace hocket
