// SPDX-License-Identifier: MIT
// Which nodes hold units of semaphores while they wait, and whether they wait for each other: subgraphs whose inner
// nodes want units, nodes that have got some of their units, and nodes that have acquired units for others. A plain
// node that runs is not listed: it gives its units back by itself, unless its thread sleeps: stuck_units.hpp. Used by
// graph_units.hpp.
#pragma once

#include <hocket/future/wait_cycle.hpp>
#include <hocket/graph/graph_core.hpp>
#include <hocket/graph/graph_piece.hpp>
#include <hocket/graph/graph_share.hpp>
#include <hocket/graph/semaphore.hpp>
#include <hocket/os/os_mutex.hpp>

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>

namespace hocket::inline HOCKET_ABI::detail {

/// One list for the process, as semaphores belong to no pool. All functions want the mutex held.
class held_units {
    friend class stuck_units;

  public:
    static inline constinit os_mutex mutex{};

    /// One more unit if it is lent, else the only one.
    static void add(semaphore& what, unit_holder& holder) noexcept;
    /// One unit, if there is one.
    static void remove(semaphore& what, unit_holder& holder) noexcept;
    /// Who has acquired a unit that nodes of the graph have not released; or null.
    static unit_holder* lender(semaphore const& what, graph_core const& graph) noexcept;

    /// Whether no unit of `wanted`, for which a node has just been put aside, is ever given back.
    [[gnu::cold]] static bool never_given(semaphore& wanted) noexcept;
    /// Whether a node of the run waits for ever.
    [[gnu::cold]] static bool is_stuck(graph_run const& run) noexcept;

    /// Which nodes wait for which, after `never_given`. Throws std::bad_alloc.
    [[gnu::cold]] static std::string text();

  private:
    /// Supposes that no unit is given back of every semaphore all of whose units are listed; then takes back what is
    /// wrong until nothing changes: a semaphore with a holder that neither waits for a dead one, nor has a node inside
    /// that does.
    static void find_dead() noexcept;
    /// Calls `f` of each share that waits for a dead semaphore, unless its run is left out.
    template<class F>
    static void for_each_dead_share(F const& f) noexcept {
        for (semaphore* s = first_; s != nullptr; s = s->next_held_) {
            if (!s->dead_) continue;
            std::lock_guard const lock(s->mutex_);
            for (work_item* waiting = s->first_; waiting != nullptr; waiting = waiting->next)
                if (auto const& share = static_cast<graph_share const&>(*waiting); !share.graph->run->left_out)
                    f(share);
        }
    }
    /// Calls `f` of each piece that waits for a thread which never goes on.
    template<class F>
    static void for_each_stuck_piece(F const& f) noexcept {
        for (sleeping_thread const* thread = sleeping_; thread != nullptr; thread = thread->next)
            for (std::uint32_t i = 0; thread->stuck && i != thread->piece_count; ++i)
                f(static_cast<graph_piece const&>(*thread->pieces[i]));
    }
    static bool all_wait(semaphore const& s) noexcept;
    static bool waits(unit_holder const& holder) noexcept;
    /// Whether all that is alive of a graph waits for dead semaphores. The count is read last: what was counted before
    /// is in it.
    static bool is_still(graph_core& graph) noexcept;
    /// Whether a node is the holder, or runs inside of it.
    static bool is_within(graph_core const* graph, node_record const* node, unit_holder const& holder) noexcept;

    static inline constinit semaphore* first_ = nullptr;
    static inline constinit std::uint64_t searches_ = 0;
    static inline constinit sleeping_thread* sleeping_ = nullptr; // while a search looks at these
    using finder = void (*)() noexcept;
    static inline constinit finder find_stuck_ = nullptr; // which of them never go on
};

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/graph/held_units.ipp>
#endif
