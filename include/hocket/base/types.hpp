// SPDX-License-Identifier: MIT
// Strong types for the numbers of workers and cores. Every floor may use them.
#pragma once

#include <hocket/base/config.hpp>

#include <cstdint>

namespace hocket::inline HOCKET_ABI {

/// A worker's rank within its pool: 0 to `size() - 1`.
enum class worker_index : std::uint32_t {};

/// A core's rank in `machine().cores`.
enum class core_id : std::uint32_t {};

} // namespace hocket
