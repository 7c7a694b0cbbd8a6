// SPDX-License-Identifier: MIT
// The bodies of the functions that publication.hpp declares.
#pragma once

#include <hocket/fork_join/publication.hpp>
#include <hocket/sched/costs.hpp>

#include <optional>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_INLINE ticks token_interval() noexcept {
    static ticks const interval = costs::publication.in_ticks();
    return interval;
}

HOCKET_INLINE void refill(worker& me, ticks now) noexcept {
    ticks const intervals = (now - me.refilled) / token_interval();
    if (intervals == 0) return;
    auto const more = [intervals](std::uint32_t stock, std::uint32_t most) {
        return stock + intervals < most ? stock + static_cast<std::uint32_t>(intervals) : stock > most ? stock : most;
    };
    me.tokens = more(me.tokens, most_tokens(*me.sched));
    me.grants = more(me.grants, most_grants(*me.sched));
    me.refilled = now;
}

HOCKET_INLINE void look_later(worker& me) noexcept {
    me.fuel = pushes_between_looks;
    me.want(steal_request::later);
}

HOCKET_COLD HOCKET_INLINE void poll_later(worker& me, ticks now) noexcept {
    ticks const since = now - me.polled_at;
    ticks const microsecond = ticks_per_microsecond();
    me.polled_at = now;
    if (since > 300 * microsecond)
        me.pushes_a_poll = me.pushes_a_poll / 4 + 1;
    else if (since < 150 * microsecond && me.pushes_a_poll < most_pushes_a_poll)
        me.pushes_a_poll *= 2;
    me.fuel = me.pushes_a_poll;
    me.want(steal_request::later);
    if (me.pushes_a_poll <= 2) split_here.store(steal_request::every_slot, std::memory_order_relaxed);
}

HOCKET_COLD HOCKET_INLINE bool serve(worker& me, task_slot const* join) noexcept {
    bool const asked = request_here.attention.load(std::memory_order_relaxed) == steal_request::asked;
    {
        publication_scope const alone(me);
        set_split(me);
        me.hear(); // first: the owner sees requests that come later
        stop_scope::mark_all(me);
    }
    bool polled = false;
    bool const stopped = stop_place::here_below(join).stopped(&polled);
    look_at_urgent(me, pieces_beside_overdue / 2); // many pushes since the last look, mostly
    bool const look_again = me.urged.load(std::memory_order_relaxed);
    if (me.sched->worker_slots() == 1) {
        if (polled)
            poll_later(me, now_ticks());
        else if (look_again)
            look_later(me);
        return stopped;
    }

    ticks const now = now_ticks();
    refill(me, now);
    task_slot* const stack = me.stack.data();
    std::uint32_t const top = me.height();
    std::optional<publication_scope> alone(std::in_place, me);
    std::uint32_t split = static_cast<std::uint32_t>(me.split.load(std::memory_order_relaxed) - stack);
    auto const waits = [&](std::uint32_t at) {
        return slot_word::is_public(stack[at].state.load(std::memory_order_relaxed));
    };
    while (me.lowest < split && !waits(me.lowest)) ++me.lowest;
    std::uint32_t visible = 0;
    for (std::uint32_t at = me.lowest; at < split; ++at) visible += waits(at);

    bool hushed = now < me.wake_after;
    // Without a request, threads of other domains are not looked for: their words change with each theft.
    std::uint32_t const idle = me.sched->idle_threads(me.domain, asked, visible + (top == split ? 1 : top - split));
    std::uint32_t const others = me.sched->size() - 1;
    std::uint32_t const ahead = hushed || others > worker::window_size ? others : worker::window_size;
    std::uint32_t const before = split;
    fp_mode const mode = fp_mode::now();
    if (!mode.is_default()) note_other_fp_mode();
    std::uint32_t* stock = nullptr; // pays for the next publication
    for (;; ++visible) {
        stock = visible < idle || (hushed && visible < ahead) ? &me.grants : visible < ahead ? &me.tokens : nullptr;
        if (stock == nullptr || *stock == 0 || split == top) break;
        stop_scope::note(me, stack + split);
        me.modes[split] = mode;
        stack[split].publish();
        ++split;
        --*stock;
    }
    if (split != before) {
        me.split.store(stack + split, std::memory_order_release); // worker.split ->
        set_split(me);
        me.expose(me.lowest, split);
        me.owes_wake = true;
    }
    alone.reset();
    // What is pushed from now on stays private until a thief publishes it. So a thief must be awake.
    bool const out_of_stock = stock == &me.grants && *stock == 0;
    if (out_of_stock) me.owes_wake = true;
    me.out_of_stock.store(out_of_stock, std::memory_order_relaxed);
    if (hushed && (split != before || out_of_stock)) {
        idle_set::publication_fence();
        hushed = me.sched->watch().is_kept();
    }
    if (me.owes_wake && !hushed) {
        me.owes_wake = false;
        me.sched->announce(me.domain, visible < 2 ? 1 : 2);
    }
    if (polled) {
        poll_later(me, now);
    } else if (stock != nullptr && *stock != 0) {
        me.want(steal_request::again);
    } else if (stock != nullptr || hushed || look_again) {
        look_later(me);
    }
    return stopped;
}

HOCKET_COLD HOCKET_INLINE sync_result take_back(task_slot* slot, bool tells_thief) noexcept {
    worker& me = *this_slot;
    look_at_urgent(me);
    for (;;) {
        bool const mine = slot->reclaim();
        if (!mine) {
            if (std::exchange(tells_thief, false)) tell_of_stop();
            task_top.store(slot + 1, std::memory_order_relaxed); // what this thread helps with goes above this slot
            wait_for_slot(me, *slot);
            task_top.store(slot, std::memory_order_relaxed);
        }
        std::uint64_t const state = slot->observe();
        if (!mine && !slot_word::is_done(state)) continue; // the thief put it back

        std::uint32_t const index = static_cast<std::uint32_t>(slot - me.stack.data());
        if (me.lowest > index) me.lowest = index;
        {
            publication_scope const alone(me);
            me.split.store(slot, std::memory_order_relaxed);
            me.expose(me.lowest, index);
            set_split(me);
        }
        if (!fp_mode::now().is_default()) note_other_fp_mode();
        if (me.tokens != 0)
            me.want(steal_request::again);
        else if (me.lowest == index)
            look_later(me);
        if (mine) return sync_result::mine;
        if ((state & slot_word::failed_flag) == 0) return sync_result::finished;
        me.failed_slots.fetch_sub(1, std::memory_order_relaxed);
        return sync_result::failed;
    }
}

/// Whether no other thread can see the slot that the owner pops. Once true, it stays true.
HOCKET_INLINE bool is_private(worker& me, task_slot const* slot) noexcept {
    publication_scope const alone(me);
    return slot >= me.split.load(std::memory_order_relaxed);
}

HOCKET_COLD HOCKET_INLINE sync_result sync(task_slot* slot, task_slot const* join) {
    worker& me = *this_slot;
    sync_result outcome = sync_result::mine;
    bool stopped = false;
    if (is_private(me, slot)) {
        stopped = serve(me, join);
    } else {
        outcome = take_back(slot);
        stopped = outcome == sync_result::mine && stop_place::here_below(join).stopped();
    }
    if (stopped) throw_stopped_around();
    return outcome;
}

HOCKET_COLD HOCKET_INLINE sync_result abandon(task_slot* slot) noexcept {
    worker& me = *this_slot;
    if (is_private(me, slot)) return sync_result::mine;
    me.stops[static_cast<std::size_t>(slot - me.stack.data())].dropped.store(true, std::memory_order_relaxed);
    return take_back(slot, true);
}

HOCKET_COLD HOCKET_INLINE task_slot* attend(worker& me, task_slot* slot, task_slot const* join) {
    if (reinterpret_cast<std::uintptr_t>(slot) >= me.end_of_stack()) {
        pop_to(slot);
        return slot;
    }
    if (serve(me, join)) throw_stopped_around();
    return slot + 1;
}

} // namespace
