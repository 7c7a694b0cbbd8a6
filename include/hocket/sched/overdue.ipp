// SPDX-License-Identifier: MIT
// The bodies of the functions that overdue.hpp declares.
#pragma once

#include <hocket/sched/overdue.hpp>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_COLD HOCKET_INLINE bool is_overdue(overdue_look& queue, bool stuck, std::uint32_t count,
                                          std::uint32_t looks) noexcept {
    if (!stuck || queue.looks == 0 || count < queue.least) {
        queue.least = count;
        queue.looks = stuck ? 1 : 0;
        return false;
    }
    if (++queue.looks <= looks) return false;
    queue.looks = 0;
    return true;
}

HOCKET_COLD HOCKET_INLINE std::uint32_t open_shares(worker const& holder) noexcept {
    std::uint64_t sum = 0;
    std::uint32_t const loops = holder.open_loops.load(std::memory_order_acquire); // <- loop.open
    for (std::uint32_t l = 0; l < loops; ++l)
        for (std::uint32_t s = 0; s < holder.loops[l].count; ++s) sum += holder.loops[l].stripes[s].word.left();
    public_window const window = holder.window();
    for (std::uint32_t s = window.first; s < window.last; ++s)
        sum += slot_word::is_public(holder.stack[s].state.load(std::memory_order_relaxed));
    return static_cast<std::uint32_t>(sum) | (sum != 0 ? std::uint32_t{1} << 31 : 0);
}

HOCKET_COLD HOCKET_INLINE bool scheduler::look_for_overdue() noexcept {
    if (!all_busy()) {
        normal_look_.looks = low_look_.looks = 0;
        return false;
    }
    bool const nothing_is_due = !has_overdue();
    // While too many threads run, since what they took has lasted, the next one comes later.
    std::uint32_t const crowd = cores_wanted_.load(std::memory_order_relaxed);
    std::uint32_t const delay = crowd < 10 ? crowd : 10;
    auto const at_injector = [&](overdue_look& look, priority level) {
        return is_overdue(look, tasks(level).is_stuck_since(look.seen), 1, looks_at_injector << delay);
    };
    auto const at_deque = [&](overdue_look& look, auto const& queue) {
        std::uint32_t const oldest = queue.oldest();
        std::uint32_t const count = queue.count();
        bool const stuck = count != 0 && look.seen == oldest;
        look.seen = oldest;
        if (!is_overdue(look, stuck, count, looks_at_deque << delay)) return false;
        look.due.store(true, std::memory_order_relaxed);
        return true;
    };
    auto const at_shares = [&](worker& holder) {
        overdue_look& look = holder.share_look;
        std::uint32_t const open = open_shares(holder);
        bool const inside = holder.urged.load(std::memory_order_relaxed) && nothing_is_due &&
                            holder.presence.load(std::memory_order_relaxed) == worker::here;
        bool const stuck = open != 0 && open == look.seen && inside;
        look.seen = open;
        if (open != 0) holder.urge(); // the owner clears the flag between two pieces of what it runs
        if (!is_overdue(look, stuck, 1, looks_at_share << delay)) return false;
        look.due.store(true, std::memory_order_relaxed);
        return true;
    };
    std::uint32_t found = 0;
    if (at_injector(normal_look_, priority::normal)) found |= overdue_normal;
    if (at_injector(low_look_, priority::low)) found |= overdue_low;
    std::uint32_t const count = worker_slots();
    for (std::uint32_t i = 0; i < count; ++i) {
        worker& one = *worker_slot(i);
        if (at_deque(one.taken_look, one.taken)) found |= overdue_taken;
        if (at_deque(one.deque_look, one.deque)) found |= overdue_deque;
        if (at_shares(one)) found |= overdue_share;
    }
    if (found != 0) {
        overdue_.fetch_or(found, std::memory_order_relaxed);
        std_atomics::full_fence(); // sleep.publish ->
        urge_all(*this);
    }
    return true;
}

HOCKET_COLD HOCKET_INLINE worker* scheduler::take_overdue_share() noexcept {
    if ((overdue_.fetch_and(~overdue_share, std::memory_order_relaxed) & overdue_share) == 0) return nullptr;
    std::uint32_t const count = worker_slots();
    for (std::uint32_t i = 0; i < count; ++i) {
        worker& one = *worker_slot(i);
        if (!one.share_look.due.exchange(false, std::memory_order_relaxed)) continue;
        overdue_.fetch_or(overdue_share, std::memory_order_relaxed); // there may be more
        return &one;
    }
    return nullptr;
}

HOCKET_COLD HOCKET_INLINE work_item* scheduler::take_overdue() noexcept {
    work_item* item = nullptr;
    auto const is_due = [this](std::uint32_t kind) {
        return (overdue_.fetch_and(~kind, std::memory_order_relaxed) & kind) != 0;
    };
    auto const take_from = [&](std::uint32_t kind, auto const& look_of, auto const& queue_of) {
        std::uint32_t const count = worker_slots();
        for (std::uint32_t i = 0; i < count && item == nullptr; ++i) {
            worker& one = *worker_slot(i);
            if (!look_of(one).due.exchange(false, std::memory_order_relaxed)) continue;
            item = queue_of(one).steal_one();
            overdue_.fetch_or(kind, std::memory_order_relaxed); // there may be more
        }
    };
    if (is_due(overdue_normal) && tasks(priority::normal).take(&item, 1) != 0) return item;
    if (is_due(overdue_low) && tasks(priority::low).take(&item, 1) != 0) return item;
    if (is_due(overdue_taken))
        take_from(
            overdue_taken, [](worker & one) -> auto& { return one.taken_look; },
            [](worker & one) -> auto& { return one.taken; });
    if (item == nullptr && is_due(overdue_deque))
        take_from(
            overdue_deque, [](worker & one) -> auto& { return one.deque_look; },
            [](worker & one) -> auto& { return one.deque; });
    return item;
}

} // namespace
