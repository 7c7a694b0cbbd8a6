// SPDX-License-Identifier: MIT
// The slow sides of a join, floor 3: visit() counts and publishes the oldest private tasks now and then, settle() takes a published
// task back or waits for its thief. Called by task/join.hpp on the thread that holds the context.
//
// Publication is eager but rationed (a token bucket): coarse tasks are visible at once, and of tiny ones only a few in a
// microsecond. This joins work stealing with the heartbeat of Acar et al. (PLDI 2018): oldest first, bounded overhead.
#pragma once

#include <hocket/sched/scheduler.hpp>
#include <hocket/sched/stop_scope.hpp>
#include <hocket/sched/wait.hpp>
#include <hocket/sched/worker.hpp>

#include <cstdint>

namespace hocket::detail {

inline constexpr std::uint32_t most_tokens = 8;
inline constexpr std::uint32_t pushes_between_visits = 512;

/// One token comes in this time.
inline ticks token_interval() noexcept {
    static ticks const interval = 4 * ticks_per_microsecond();
    return interval;
}

/// When the stack is full, the push is undone: the slot beyond its end is never published, and deeper joins may all use it.
HOCKET_COLD inline task_slot* attend(worker& me, task_slot* slot) noexcept {
    if (reinterpret_cast<std::uintptr_t>(slot) >= me.end_of_stack()) return task_top = slot;
    me.attention.store(me.end_of_stack(), std::memory_order_relaxed);
    if (me.sched->contexts() == 1) return slot + 1;

    ticks const now = now_ticks();
    if (ticks const intervals = (now - me.refilled) / token_interval(); intervals != 0) {
        me.tokens =
            me.tokens + intervals < most_tokens ? me.tokens + static_cast<std::uint32_t>(intervals) : most_tokens;
        me.refilled = now;
    }

    task_slot* const stack = me.stack.data();
    std::uint32_t const top = me.height();
    std::uint32_t split = static_cast<std::uint32_t>(task_split - stack);
    while (me.lowest < split && !slot_word::is_public(stack[me.lowest].state.load(std::memory_order_relaxed)))
        ++me.lowest;
    std::uint32_t const before = split;
    while (me.tokens != 0 && split < top && split - me.lowest < worker::window_size) {
        me.stops[split] = stop_scope::of(me, stack + split);
        stack[split].publish();
        ++split;
        --me.tokens;
    }
    bool const hushed = now < me.wake_after;
    if (split != before) {
        task_split = stack + split;
        me.show(me.lowest, split);
        me.owes_wake = true;
    }
    if (me.owes_wake && !hushed) {
        me.owes_wake = false;
        me.sched->announce(me.domain);
    }
    if (me.tokens == 0 || hushed) {
        me.fuel = pushes_between_visits;
        me.attention.store(worker::later, std::memory_order_relaxed);
    }
    return slot + 1;
}

/// Called after `slot` was pushed because the owner's attention was wanted. Returns the top of the stack. Mostly it only counts.
HOCKET_NOINLINE inline task_slot* visit(task_slot* slot) noexcept {
    worker& me = *this_context;
    if (me.attention.load(std::memory_order_relaxed) == worker::later && me.fuel > 1 &&
        reinterpret_cast<std::uintptr_t>(slot) < me.end_of_stack()) {
        --me.fuel;
        return slot + 1;
    }
    return attend(me, slot);
}

/// What became of a task that was public.
enum class settled { mine, finished, failed };

/// Called at a pop of a slot that is not private. `mine`: the caller runs it. Otherwise it was run elsewhere, and its
/// result or exception lies in the slot. Blocks while a thief runs it; helps with what that thief has published of it.
HOCKET_COLD inline settled settle(task_slot* slot) noexcept {
    worker& me = *this_context;
    for (;;) {
        bool const mine = slot->reclaim();
        if (!mine) {
            task_top = slot + 1; // what this thread helps with goes above the awaited slot
            wait_for_slot(me, *slot);
            task_top = slot;
        }
        std::uint64_t const state = slot->observe();
        if (!mine && !slot_word::is_done(state)) continue; // the thief put it back

        task_split = slot;
        std::uint32_t const index = static_cast<std::uint32_t>(slot - me.stack.data());
        if (me.lowest > index) me.lowest = index;
        me.show(me.lowest, index);
        if (me.lowest == index && me.attention.load(std::memory_order_relaxed) == me.end_of_stack()) {
            me.fuel = me.tokens != 0 ? 1 : pushes_between_visits;
            me.attention.store(worker::later, std::memory_order_relaxed);
        }
        if (mine) return settled::mine;
        return (state & slot_word::failed_flag) != 0 ? settled::failed : settled::finished;
    }
}

} // namespace hocket::detail
