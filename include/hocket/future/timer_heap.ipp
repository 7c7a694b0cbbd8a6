// SPDX-License-Identifier: MIT
// The bodies of the functions that timer_heap.hpp declares.
#pragma once

#include <hocket/future/timer_heap.hpp>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_INLINE void timer_heap::push(timer_place& item) {
    items_.push_back(&item);
    item.number = ++pushed_;
    rise(items_.size() - 1, item);
}

HOCKET_INLINE void timer_heap::remove(timer_place& item) noexcept {
    std::size_t const hole = item.place - 1;
    timer_place& last = *items_.back();
    items_.pop_back();
    item.place = 0;
    if (&last != &item) rise(sink(hole, last), last);
}

HOCKET_INLINE void timer_heap::put(std::size_t at, timer_place& item) noexcept {
    items_[at] = &item;
    item.place = at + 1;
}

HOCKET_INLINE void timer_heap::rise(std::size_t at, timer_place& item) noexcept {
    for (; at != 0 && item.before(*items_[(at - 1) / 2]); at = (at - 1) / 2) put(at, *items_[(at - 1) / 2]);
    put(at, item);
}

HOCKET_INLINE std::size_t timer_heap::sink(std::size_t at, timer_place const& item) noexcept {
    for (;;) {
        std::size_t child = 2 * at + 1;
        if (child + 1 < items_.size() && items_[child + 1]->before(*items_[child])) ++child;
        if (child >= items_.size() || !items_[child]->before(item)) return at;
        put(at, *items_[child]);
        at = child;
    }
}

} // namespace
