// SPDX-License-Identifier: MIT
// Lists the nodes that hold units of semaphores while they wait, and finds out whether they wait for each other. Listed
// are subgraphs whose inner nodes want units, nodes that have got some of their units, and nodes that have acquired
// units for other nodes. A plain node that runs is not listed, since it gives its units back by itself. The exception
// is a node whose thread sleeps: see stuck_units.hpp. Used by graph_units.hpp.
#pragma once

#include <hocket/future/wait_cycle.hpp>
#include <hocket/graph/graph_batch.hpp>
#include <hocket/graph/graph_core.hpp>
#include <hocket/graph/graph_runner_record.hpp>
#include <hocket/graph/semaphore.hpp>
#include <hocket/os/os_mutex.hpp>

#include <atomic>
#include <cstdint>
#include <string>

namespace hocket::inline HOCKET_ABI::detail {

/// One list for the process, as semaphores belong to no pool. The caller of each function holds `mutex`.
class held_units {
    friend class stuck_units;

  public:
    static inline constinit os_mutex mutex{};

    /// Lists one more unit of a holder that lends, or the only unit of another holder.
    static void add(semaphore& what, unit_holder& holder) noexcept;
    /// Removes one unit of a holder from the list, if there is one.
    static void remove(semaphore& what, unit_holder& holder) noexcept;
    /// Returns a holder of a unit that a node of the graph has acquired and no node has released, or null.
    static unit_holder* lender(semaphore const& what, graph_core const& graph) noexcept;

    /// Whether no unit of `wanted` is ever given back. A node has just been put aside for it.
    [[gnu::cold]] static bool never_given(semaphore& wanted) noexcept;
    /// Whether a node of the run waits for ever.
    [[gnu::cold]] static bool is_stuck(graph_run const& run) noexcept;

    /// Returns which nodes wait for which, after `never_given`. Throws std::bad_alloc.
    [[gnu::cold]] static std::string text();

  private:
    /// Finds the dead semaphores, whose units are never given back. First supposes that each semaphore is dead of which
    /// all units are listed. Then revives a semaphore with a holder that neither waits for a dead semaphore nor has a
    /// node inside that does, until nothing changes.
    static void find_dead() noexcept;
    /// Calls `f` for each batch that waits for a dead semaphore, unless its run is left out.
    template<class F>
    static void for_each_dead_share(F const& f) noexcept {
        for (semaphore* s = first_; s != nullptr; s = s->next_held_) {
            if (!s->dead_) continue;
            os_lock const lock(s->mutex_);
            for (work_item* waiting = s->first_; waiting != nullptr; waiting = waiting->next)
                if (auto const& batch = static_cast<graph_batch const&>(*waiting); !batch.graph->run->left_out)
                    f(batch);
        }
    }
    /// Calls `f` for the record of each runner that waits for a thread that never goes on.
    template<class F>
    static void for_each_stuck_piece(F const& f) noexcept {
        for (sleeping_thread const* thread = sleeping_; thread != nullptr; thread = thread->next)
            for (std::uint32_t i = 0; thread->stuck && i != thread->piece_count; ++i)
                f(static_cast<graph_runner_record const&>(*thread->pieces[i]));
    }
    static bool all_wait(semaphore const& s) noexcept;
    static bool waits(unit_holder const& holder) noexcept;
    /// Whether all live parts of a graph wait for dead semaphores. The count is read last, so it includes all parts
    /// that were counted before.
    static bool is_still(graph_core& graph) noexcept;
    /// Whether a node is the holder, or runs inside of it.
    static bool is_within(graph_core const* graph, node_record const* node, unit_holder const& holder) noexcept;

    static inline constinit semaphore* first_ = nullptr;
    static inline constinit std::uint64_t searches_ = 0;
    static inline constinit sleeping_thread* sleeping_ = nullptr; // set while a search looks at these threads
    using finder = void (*)() noexcept;
    static inline constinit finder find_stuck_ = nullptr; // finds which of these threads never go on
};

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/graph/held_units.ipp>
#endif
