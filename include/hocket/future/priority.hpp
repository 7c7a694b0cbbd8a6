// SPDX-License-Identifier: MIT
// How urgent a task is among those that could begin. Public; an option of submit and of nodes of graphs.
#pragma once

#include <hocket/base/config.hpp>

#include <cstdint>

namespace hocket::inline HOCKET_ABI {

/// A preference, not an order: what has begun is never interrupted.
enum class priority : std::uint8_t { normal, high, low };

} // namespace hocket
