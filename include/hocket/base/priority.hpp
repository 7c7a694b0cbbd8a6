// SPDX-License-Identifier: MIT
// The priority of a task among the tasks that could begin. Public; an option of submit and of nodes of graphs.
#pragma once

#include <hocket/base/config.hpp>

#include <cstdint>

namespace hocket::inline HOCKET_ABI {

/// A preference, not an order: a task that has begun is never interrupted.
enum class priority : std::uint8_t { normal, high, low };

} // namespace hocket
