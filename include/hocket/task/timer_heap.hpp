// SPDX-License-Identifier: MIT
// What is due when, floor 5: a binary heap of items that know their place in it, so that each can be taken out early.
// Not locked: the timer service (task/timer.hpp) calls it under its mutex.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace hocket::detail {

/// Where a timer lies. Items that are due at the same time come out in the order in which they were put in.
struct timer_place {
    std::chrono::steady_clock::time_point due{};
    std::uint64_t number = 0; // the heap's: how many were put in before
    std::size_t place = 0;    // the heap's: its position plus one; 0: not in the heap

    bool before(timer_place const& other) const noexcept {
        return due != other.due ? due < other.due : number < other.number;
    }
};

class timer_heap {
  public:
    bool empty() const noexcept { return items_.empty(); }
    timer_place* first() const noexcept { return items_.empty() ? nullptr : items_.front(); }

    /// **Throws** std::bad_alloc, and then nothing has changed.
    void push(timer_place& item) {
        items_.push_back(&item);
        item.number = ++pushed_;
        rise(items_.size() - 1, item);
    }

    void remove(timer_place& item) noexcept {
        std::size_t const hole = item.place - 1;
        timer_place& last = *items_.back();
        items_.pop_back();
        item.place = 0;
        if (&last != &item) rise(sink(hole, last), last);
    }

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
    void put(std::size_t at, timer_place& item) noexcept {
        items_[at] = &item;
        item.place = at + 1;
    }
    void rise(std::size_t at, timer_place& item) noexcept {
        for (; at != 0 && item.before(*items_[(at - 1) / 2]); at = (at - 1) / 2) put(at, *items_[(at - 1) / 2]);
        put(at, item);
    }
    /// The place at or below the hole `at` that is right for `item`; those that come before it have moved up.
    std::size_t sink(std::size_t at, timer_place const& item) noexcept {
        for (;;) {
            std::size_t child = 2 * at + 1;
            if (child + 1 < items_.size() && items_[child + 1]->before(*items_[child])) ++child;
            if (child >= items_.size() || !items_[child]->before(item)) return at;
            put(at, *items_[child]);
            at = child;
        }
    }

    std::vector<timer_place*> items_;
    std::uint64_t pushed_ = 0;
};

} // namespace hocket::detail
