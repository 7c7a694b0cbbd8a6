// SPDX-License-Identifier: MIT
// A number of units that nodes of graphs take while they run: no more of them run at once than there are
// units. No thread waits: a node that gets no unit is put aside until one is given back. Public: `semaphore`.
#pragma once

#include <hocket/queue/work_item.hpp>

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <stdexcept>

namespace hocket::inline HOCKET_ABI {

namespace detail {

class graph_core;
class graph_units;
class held_units;
class stuck_units;
struct node_record;

/// A node that holds a unit of a semaphore while it waits for others, or for the nodes inside of it; or the run of a
/// graph, from the end of a node that has acquired a unit until another node releases it.
struct unit_holder {
    graph_core* graph = nullptr;
    node_record* node = nullptr;
    unit_holder* next = nullptr;
    std::uint32_t units = 0; // that are listed
    bool lent = false;       // to the nodes that follow: one may acquire again before a unit is released
    bool briefly = false;    // listed for as long as stuck_units.hpp searches
};

} // namespace detail

/// Limits how many of the nodes that name it run at once: `semaphore two(2); node.limit(two);`.
///
/// It may limit nodes of several graphs, and must outlive their runs. A node that names several takes them in one order
/// for all nodes, so nodes of one graph never wait for each other in a circle; it gives them back when it ends, with
/// its children. Nodes inside of a subgraph wait while the subgraph holds its own units. One node may also take a unit
/// that another one gives back: `first.acquire(two); last.release(two);`. If no node of such a circle could ever go on,
/// `validate()` says so where the graph alone shows it; otherwise the run that closes the circle fails with a
/// std::logic_error that names the nodes. A node may also hold a unit while it waits, in its body, for a run whose
/// nodes want that unit; if no holder can go on, the awaited run fails in this way. A run that fails or is stopped
/// leaves the queue of the semaphore at once.
class semaphore {
  public:
    /// **Throws** std::invalid_argument for 0 units: a node would wait for ever.
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

    /// False: `waiting` has been queued, and comes out of `give` together with a unit.
    bool take_or_wait(detail::work_item& waiting) noexcept;

    /// Gives a unit back: to whoever waited longest, which the caller must spawn. Null if nobody waits.
    detail::work_item* give() noexcept;

    /// False: it has got a unit.
    bool withdraw(detail::work_item& waiting) noexcept;

    /// Takes out all for which `leaves(item)`: they have got no unit. Linked by `next`.
    template<class F>
    detail::work_item* withdraw_all(F const& leaves) noexcept {
        std::lock_guard const lock(mutex_);
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

    std::mutex mutex_; // guards free_, first_ and last_
    std::size_t free_;
    std::size_t const units_;
    detail::work_item* first_ = nullptr;
    detail::work_item* last_ = nullptr;

    // Of held_units, under its mutex.
    detail::unit_holder* holders_ = nullptr; // that are listed
    std::size_t listed_ = 0;                 // how many
    bool dead_ = false;                      // as far as the search knows, none of them gives its unit back
    semaphore* next_held_ = nullptr;         // of which a holder is listed
    semaphore* previous_held_ = nullptr;
};

} // namespace hocket

#if HOCKET_BODIES
#include <hocket/graph/semaphore.ipp>
#endif
