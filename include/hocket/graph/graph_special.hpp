// SPDX-License-Identifier: MIT
// Runs nodes that are more than a callable: nodes that semaphores limit, conditions, spawning nodes and their children,
// and nodes that run another graph. A part of graph_runner.hpp.
#pragma once

#include <hocket/graph/graph_batch.hpp>
#include <hocket/graph/graph_core.hpp>
#include <hocket/graph/graph_runner.hpp>
#include <hocket/graph/graph_units.hpp>
#include <hocket/graph/node_record.hpp>
#include <hocket/sched/spawn.hpp>

#include <atomic>
#include <cstdint>
#include <cstdio>
#include <stdexcept>
#include <string_view>

namespace hocket::inline HOCKET_ABI::detail {

[[gnu::cold]] void call_traced(node_record& node, graph_runner& runner);

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/graph/graph_special.ipp>
#endif
