// SPDX-License-Identifier: MIT
// How a slice runs nodes that are more than a callable, floor 5: those that semaphores limit, conditions, spawning nodes and
// their children, and nodes that run another graph. Part of graph_slice.hpp.
#pragma once

#include <hocket/sched/spawn.hpp>
#include <hocket/task/graph_core.hpp>
#include <hocket/task/graph_share.hpp>
#include <hocket/task/graph_slice.hpp>
#include <hocket/task/graph_units.hpp>
#include <hocket/task/node_record.hpp>

#include <atomic>
#include <cstdint>
#include <cstdio>
#include <stdexcept>
#include <string_view>

namespace hocket::inline HOCKET_ABI::detail {

[[gnu::cold]] void call_traced(node_record& node, graph_slice& slice);

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/task/graph_special.ipp>
#endif
