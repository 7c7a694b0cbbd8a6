// SPDX-License-Identifier: MIT
// Cancels the run of a graph when its time is over. Called by task_graph.hpp and graph_run.hpp.
#pragma once

#include <hocket/base/atomic.hpp>
#include <hocket/base/time_limit.hpp>
#include <hocket/future/timer.hpp>
#include <hocket/graph/graph_run.hpp>
#include <hocket/memory/slab.hpp>

#include <chrono>
#include <cstdint>

namespace hocket::inline HOCKET_ABI::detail {

/// The timer of a run. It belongs to the run and to the heap of timers; the last owner that lets go frees it.
struct graph_timeout : timer_item {
    graph_timeout(graph_state& its_state, time_limit limit) : state(&its_state) {
        its_state.retain();
        due = due_after(std::chrono::nanoseconds(limit.nanoseconds()));
        fire = [](timer_item* item) noexcept {
            auto& self = *static_cast<graph_timeout*>(item);
            graph_state::cancel(*self.state);
            self.let_go();
        };
    }

    /// Lets the run be cancelled when the time is over. Returns null if there is no limit, or if the time is already
    /// over. **Throws** std::bad_alloc.
    static graph_timeout* start(graph_state& of, time_limit limit) {
        if (!limit.given()) return nullptr;
        if (limit.nanoseconds() == 0) {
            graph_state::cancel(of);
            return nullptr;
        }
        auto* const one = make_in_slab<graph_timeout>(of, limit);
        try {
            start_timer(*one);
        } catch (...) {
            destroy_in_slab(one);
            throw;
        }
        return one;
    }
    /// Lets go of the timer when the run has finished.
    void end() noexcept {
        if (cancel_timer(*this)) let_go();
        let_go();
    }
    void let_go() noexcept {
        if (references.fetch_sub(1, std::memory_order_acq_rel) == 1)
            destroy_in_slab(this); // graph_timeout.let_go ->, <- graph_timeout.let_go
    }

    state_reference<graph_state> const state;
    /// Counts the owners. Writers: the run and the timer.
    atomic<std::uint32_t> references{2};
};

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/graph/graph_timeout.ipp>
#endif
