// SPDX-License-Identifier: MIT
// A number of units that nodes of graphs take while they run, floor 5: no more of them run at once than there are units. No
// thread waits: a node that gets no unit is put aside until one is given back. Public: `semaphore`.
#pragma once

#include <hocket/queue/work_item.hpp>

#include <cstddef>
#include <mutex>
#include <stdexcept>

namespace hocket {

namespace detail {
class graph_units;
}

/// Limits how many of the nodes that name it run at once: `semaphore two(2); node.limit(two);`.
///
/// It may limit nodes of several graphs, and must outlive their runs. A node that names several takes them in one order for
/// all nodes, so nodes never wait for each other in a circle; it gives them back when it ends, with its children.
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

    bool try_take() noexcept {
        std::lock_guard const lock(mutex_);
        if (free_ == 0) return false;
        --free_;
        return true;
    }

    /// False: `waiting` has been queued, and comes out of `give` together with a unit.
    bool take_or_wait(detail::work_item& waiting) noexcept {
        std::lock_guard const lock(mutex_);
        if (free_ != 0) {
            --free_;
            return true;
        }
        waiting.next = nullptr;
        (last_ != nullptr ? last_->next : first_) = &waiting;
        last_ = &waiting;
        return false;
    }

    /// Gives a unit back: to whoever waited longest, which the caller must spawn. Null if nobody waits.
    detail::work_item* give() noexcept {
        std::lock_guard const lock(mutex_);
        detail::work_item* const waiting = first_;
        if (waiting == nullptr) {
            ++free_;
            return nullptr;
        }
        first_ = waiting->next;
        if (first_ == nullptr) last_ = nullptr;
        return waiting;
    }

    std::mutex mutex_;
    std::size_t free_;
    std::size_t const units_;
    detail::work_item* first_ = nullptr;
    detail::work_item* last_ = nullptr;
};

} // namespace hocket
