// SPDX-License-Identifier: MIT
// The version of hocket, defined here only. CMakeLists.txt reads the numbers from here. Every floor may use it.
#pragma once

#include <hocket/base/config.hpp>

/// The version for the preprocessor: 10000 * major + 100 * minor + patch, so `#if HOCKET_VERSION >= 10203` asks for
/// 1.2.3.
#define HOCKET_VERSION 100

namespace hocket::inline HOCKET_ABI {

inline constexpr int version_major = 0;
inline constexpr int version_minor = 1;
inline constexpr int version_patch = 0;

static_assert(HOCKET_VERSION == 10000 * version_major + 100 * version_minor + version_patch);

} // namespace hocket
