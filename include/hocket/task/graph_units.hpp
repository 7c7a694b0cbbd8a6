// SPDX-License-Identifier: MIT
// How nodes of a running graph take units of semaphores and give them back, floor 5. Called by graph_slice.hpp.
#pragma once

#include <hocket/sched/spawn.hpp>
#include <hocket/task/graph_core.hpp>
#include <hocket/task/graph_share.hpp>
#include <hocket/task/semaphore.hpp>

#include <atomic>
#include <cstdint>

namespace hocket::detail {

/// The only one that sees into semaphores.
class graph_units {
  public:
    graph_units(graph_core& graph, node_record& node) noexcept : graph_(graph), node_(node) {}

    /// Takes those beyond the first `held`. False: the node was put aside, and comes back as a share that says how many it
    /// holds then. Throws std::bad_alloc, and then the node holds none.
    bool take(std::uint32_t held) {
        std::uint32_t at = first();
        for (std::uint32_t i = 0; i < held; ++i) at = graph_.limits[at - 1].next;
        for (; at != 0; at = graph_.limits[at - 1].next, ++held) {
            semaphore& wanted = *graph_.limits[at - 1].what;
            if (!wanted.try_take() && put_aside(wanted, held)) return false;
        }
        return true;
    }

    /// Gives the first `most` back; hands those who get them to their pools.
    void give(std::uint32_t most = ~std::uint32_t{0}) noexcept {
        for (std::uint32_t at = first(); at != 0 && most != 0; --most) {
            graph_limit const limit = graph_.limits[at - 1];
            if (work_item* const waiting = limit.what->give())
                spawn(*static_cast<graph_share*>(waiting)->graph->run->pool, *waiting);
            at = limit.next;
        }
    }

  private:
    std::uint32_t first() const noexcept { return (node_.flags & node_flags::limited) != 0 ? node_.limits() + 1 : 0; }

    /// False: there was a unit meanwhile.
    bool put_aside(semaphore& wanted, std::uint32_t held) {
        graph_share* share = nullptr;
        try {
            share = graph_share::make_of_one(graph_, node_);
        } catch (...) {
            give(held);
            throw;
        }
        share->held = held + 1;
        graph_.alive.fetch_add(1, std::memory_order_relaxed); // the slice that asks is alive
        if (!wanted.take_or_wait(*share)) return true;
        graph_.alive.fetch_sub(1, std::memory_order_relaxed);
        share->release();
        return false;
    }

    graph_core& graph_;
    node_record& node_;
};

} // namespace hocket::detail
