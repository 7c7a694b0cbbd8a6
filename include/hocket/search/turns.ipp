// SPDX-License-Identifier: MIT
// The bodies of the functions that turns.hpp declares.
#pragma once

#include <hocket/sched/costs.hpp>
#include <hocket/search/turns.hpp>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_NOINLINE HOCKET_INLINE work_item* turns::next() noexcept {
    work_item* item = nullptr;
    if (me_.place().mailbox.take(&item, 1) != 0 || urgent_look::take_high(sched_, item)) return item;
    if ((item = me_.pop_deque()) != nullptr) return item;
    return me_.taken.steal_one();
}

HOCKET_INLINE void turns::begin() noexcept {
    since_ = now_ticks();
    counted_ = ran_;
    search_at_ = ran_ + items_between_searches;
}

HOCKET_INLINE work_item* turns::next_after_one() noexcept {
    work_item* item = nullptr;
    if (++ran_ % items_between_turns == 0) {
        if ((item = next_in_turn()) != nullptr) return item;
        if (sched_.has_overdue_share()) return nullptr; // the search takes it
    }
    if ((item = next()) != nullptr) return item;
    measure(now_ticks());
    if (static_cast<std::int32_t>(ran_ - search_at_) >= 0) return nullptr;
    std::uint32_t const count = take_oldest(items_);
    if (count == 0) return nullptr;
    keep(items_, count);
    if (count > 1) sched_.announce_update(me_.domain); // no other thread saw the rest meanwhile
    return items_[0];
}

HOCKET_INLINE std::uint32_t turns::take_oldest(work_item** out) noexcept {
    injector& from = sched_.tasks(priority::normal);
    if (from.empty()) return 0;
    if (std::uint32_t const count = take_overdue(out); count != 0) return count;
    return from.take_share(out, share_, most_, sched_.size());
}

HOCKET_INLINE std::uint32_t turns::take_from(worker& other, work_item** out) noexcept {
    std::uint32_t const half = (other.taken.count() + 1) / 2;
    std::uint32_t const count = other.taken.steal(out, half < share_ ? share_ : half < most_ ? half : most_);
    return count != 0 ? count : other.deque.steal(out, share_);
}

HOCKET_INLINE void turns::keep(work_item** items, std::uint32_t count) noexcept {
    if (count == 1) return;
    me_.taken_at.store(now_ticks(), std::memory_order_relaxed);
    std::uint32_t done = 1 + me_.taken.push_some(items + 1, count - 1);
    for (; done < count; ++done) // a slow thief keeps a ring entry
        if (!me_.taken.push(*items[done])) sched_.tasks(priority::normal).push(*items[done]);
}

HOCKET_NOINLINE HOCKET_INLINE work_item* turns::next_in_turn() noexcept {
    work_item* item = nullptr;
    if (sched_.has_overdue() && (item = sched_.take_overdue()) != nullptr) return item;
    switch (turn_++ % 8) {
    case 0:
    case 4:
        if ((item = me_.taken.steal_one()) == nullptr) (void)sched_.tasks(priority::normal).take(&item, 1);
        break;
    case 1:
    case 5: take_from_others(item); break;
    case 2: (void)sched_.tasks(priority::low).take(&item, 1); break;
    case 3:
    case 6: (void)urgent_look::take_high(sched_, item); break;
    default: item = me_.deque.steal_one(); // the oldest item of the deque
    }
    return item;
}

HOCKET_INLINE void turns::take_from_others(work_item*& item) noexcept {
    for (std::uint32_t i = 0; i < most_looked_at && item == nullptr; ++i) {
        worker& other = next_other();
        if (&other != &me_ && (item = other.taken.steal_one()) == nullptr) item = other.deque.steal_one();
    }
}

HOCKET_INLINE std::uint32_t turns::take_overdue(work_item** out) noexcept {
    auto const patience = static_cast<std::int64_t>(costs::overdue_batch.in_ticks());
    std::uint32_t const others = sched_.worker_slots() - 1;
    for (std::uint32_t i = 0; i < others && i < most_looked_at; ++i) {
        worker& other = next_other();
        if (other.taken.empty()) continue;
        ticks const since = other.taken_at.load(std::memory_order_relaxed);
        if (static_cast<std::int64_t>(now_ticks() - since) < patience) continue;
        if (std::uint32_t const count = other.taken.steal(out, share_); count != 0) return count;
    }
    return 0;
}

HOCKET_INLINE void turns::measure(ticks now) noexcept {
    std::uint32_t const ran = ran_ - counted_;
    if (ran == 0) return;
    ticks const each = (now - since_) / ran;
    ticks const little = costs::short_item.in_ticks();
    if (each < little)
        share_ = 2 * share_ < most_at_once ? 2 * share_ : most_at_once;
    else if (each > 4 * little)
        share_ = 1;
    most_ = most_at_once;
    for (ticks longest = little + little / 2; most_ != 1 && each > longest; longest *= 2) most_ /= 2;
    since_ = now;
    counted_ = ran_;
}

} // namespace
