// SPDX-License-Identifier: MIT
// A binary heap of timers by due time. The items know their place in it, so that each can be taken out early. Not
// locked: the timer service (future/timer.hpp) calls it under its mutex.
#pragma once

#include <hocket/base/config.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace hocket::inline HOCKET_ABI::detail {

/// The place of a timer in the heap. Items with equal due times come out in the order in which they were put in.
struct timer_place {
    std::chrono::steady_clock::time_point due{};
    std::uint64_t number = 0; // for the heap: the number of items that were put in before
    std::size_t place = 0;    // for the heap: the position plus one; 0: not in the heap

    bool before(timer_place const& other) const noexcept {
        return due != other.due ? due < other.due : number < other.number;
    }
};

class timer_heap {
  public:
    bool empty() const noexcept { return items_.empty(); }
    timer_place* first() const noexcept { return items_.empty() ? nullptr : items_.front(); }

    /// Puts `item` in. **Throws** std::bad_alloc, and then nothing has changed.
    void push(timer_place& item);

    void remove(timer_place& item) noexcept;

    /// Makes every item due at once for which `hurries(item)`.
    template<class Hurries>
    void hurry(Hurries const& hurries) noexcept {
        for (timer_place* const item : items_)
            if (hurries(*item)) item->due = std::chrono::steady_clock::time_point::min();
        for (std::size_t i = items_.size() / 2; i-- != 0;) {
            timer_place& item = *items_[i];
            put(sink(i, item), item);
        }
    }

  private:
    void put(std::size_t at, timer_place& item) noexcept;
    void rise(std::size_t at, timer_place& item) noexcept;
    /// Returns the right place for `item` at or below the hole `at`; the items that come before it have moved up.
    std::size_t sink(std::size_t at, timer_place const& item) noexcept;

    std::vector<timer_place*> items_;
    std::uint64_t pushed_ = 0;
};

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/future/timer_heap.ipp>
#endif
