// SPDX-License-Identifier: MIT
// A number of units that nodes of graphs take while they run. No more of these nodes run at once than there are units.
// No thread waits: a node that gets no unit is put aside until another node gives one back. Public: `semaphore`.
#pragma once

#include <hocket/os/os_mutex.hpp>
#include <hocket/queue/work_item.hpp>

#include <cstddef>
#include <cstdint>
#include <stdexcept>

namespace hocket::inline HOCKET_ABI {

namespace detail {

class graph_core;
class graph_units;
class held_units;
class stuck_units;
struct node_record;

/// A holder of units of a semaphore. It is a node that waits for further units, or for the nodes inside of it. Or it is
/// the run of a graph, from the moment at which a node acquires a unit until another node releases it.
struct unit_holder {
    graph_core* graph = nullptr;
    node_record* node = nullptr;
    unit_holder* next = nullptr;
    std::uint32_t units = 0; // that are listed
    bool lent = false;       // to the nodes that follow; the node may acquire again before a unit is released
    bool briefly = false;    // listed only while stuck_units.hpp searches
};

} // namespace detail

/// Limits how many of the nodes that name it run at once: `semaphore two(2); node.limit(two);`.
///
/// A semaphore may limit nodes of several graphs, and must outlive their runs. All nodes take units of several
/// semaphores in the same order, so nodes of one graph never wait for each other in a cycle. A node gives its units
/// back when it and its children have finished. Nodes inside of a subgraph wait while the subgraph holds its own units.
/// A node may also acquire a unit that another node releases: `first.acquire(two); last.release(two);`.
///
/// If nodes wait in a cycle in which none can ever go on, `validate()` reports it where the graph alone shows it.
/// Otherwise the run that closes the cycle fails with a std::logic_error that names the nodes. A node may also hold a
/// unit while its body waits for a run whose nodes want the unit. If no holder can go on, the awaited run fails with
/// this error. A run that fails or is cancelled leaves the queue of the semaphore at once.
class semaphore {
  public:
    /// **Throws** std::invalid_argument for 0 units, because a node would wait for ever.
    explicit semaphore(std::size_t units) : free_(units), units_(units) {
        if (units == 0) throw std::invalid_argument("hocket: a semaphore of 0 units would let no node run");
    }
    semaphore(semaphore const&) = delete;
    semaphore& operator=(semaphore const&) = delete;

    std::size_t units() const noexcept { return units_; }

  private:
    friend class detail::graph_units;
    friend class detail::held_units;
    friend class detail::stuck_units;

    bool try_take() noexcept;

    /// Takes a unit and returns true. If there is no unit, queues `waiting` and returns false; a later `give` returns
    /// `waiting`, which then has a unit.
    bool take_or_wait(detail::work_item& waiting) noexcept;

    /// Gives a unit back. Returns the item that has waited longest, which now has the unit and which the caller must
    /// spawn. Returns null if no item waits.
    detail::work_item* give() noexcept;

    /// Takes `waiting` out of the queue. Returns false if it has already got a unit.
    bool withdraw(detail::work_item& waiting) noexcept;

    /// Takes out all items for which `leaves(item)` is true, linked by `next`. They have got no unit.
    template<class F>
    detail::work_item* withdraw_all(F const& leaves) noexcept {
        detail::os_lock const lock(mutex_);
        detail::work_item* out = nullptr;
        detail::work_item** end = &out;
        detail::work_item** stays = &first_;
        last_ = nullptr;
        while (detail::work_item* const at = *stays) {
            if (leaves(*at)) {
                *stays = at->next;
                *end = at;
                end = &at->next;
            } else {
                last_ = at;
                stays = &at->next;
            }
        }
        *end = nullptr;
        return out;
    }

    detail::os_mutex mutex_; // guards free_, first_ and last_
    std::size_t free_;
    std::size_t const units_;
    detail::work_item* first_ = nullptr;
    detail::work_item* last_ = nullptr;

    // Used by held_units, under its mutex.
    detail::unit_holder* holders_ = nullptr; // the holders that are listed
    std::size_t listed_ = 0;                 // how many units are listed
    bool dead_ = false;                      // as far as the search knows, no holder ever gives its unit back
    semaphore* next_held_ = nullptr;         // the next semaphore with a listed holder
    semaphore* previous_held_ = nullptr;
};

} // namespace hocket

#if HOCKET_BODIES
#include <hocket/graph/semaphore.ipp>
#endif
