// SPDX-License-Identifier: MIT
// The bodies of the functions that wait.hpp declares.
#pragma once

#include <hocket/sched/wait.hpp>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_INLINE std::uint32_t most_grants(scheduler const& pool) noexcept {
    constexpr std::uint32_t few = 32;
    return pool.size() < few ? few : pool.size();
}

HOCKET_INLINE job_scope::job_scope(worker& me, std::uint32_t depth) noexcept
    : me_(me), base_(me.base), depth_(me.base_depth), wake_after_(me.wake_after), job_(me.job) {
    me.base = me.height();
    me.base_depth = depth;
    me.wake_after = 0;
    begin_next();
}

HOCKET_INLINE void job_scope::begin_next() noexcept {
    me_.job = ++me_.jobs;
    me_.tokens = most_tokens(*me_.sched);
    me_.grants = most_grants(*me_.sched);
    request_here.attention.store(steal_request::asked, std::memory_order_relaxed);
}

HOCKET_INLINE job_scope::~job_scope() {
    me_.base = base_;
    me_.base_depth = depth_;
    me_.wake_after = wake_after_;
    me_.job = job_;
}

HOCKET_COLD HOCKET_INLINE bool refuse_stolen(task_slot& slot) noexcept {
    ::new (static_cast<void*>(slot.bytes)) std::exception_ptr(error_without_memory<stopped_around>());
    return true;
}

HOCKET_NOINLINE HOCKET_INLINE void run_stolen(worker& me, worker& victim, task_slot& slot, task_type const& type,
                                              std::uint32_t depth) noexcept {
    bool failed = false;
    std::uint64_t const since = trace_begin();
    {
        auto const index = static_cast<std::size_t>(&slot - victim.stack.data());
        job_scope const job(me, depth);
        me.counts.steals.add();
        stolen_part const part(victim, slot, victim.stops[index]);
        stop_scope const stop(&part);
        fp_scope const mode(victim.modes[index]);
        failed = part.is_unwanted() ? refuse_stolen(slot) : type.run(slot.bytes);
    }
    trace_end("stolen task", "join", since);
    if (failed) victim.failed_slots.fetch_add(1, std::memory_order_relaxed);
    if (slot.finish(failed)) victim.wake_waiter();
    if (failed) tell_of_stop();
}

HOCKET_NOINLINE HOCKET_INLINE bool help_thief(worker& me, task_slot const& awaited,
                                              std::uint64_t awaited_state) noexcept {
    struct link {
        task_slot const* slot;
        std::uint64_t state;
    };
    link chain[most_links];
    chain[0] = {&awaited, awaited_state};
    for (unsigned length = 1;; ++length) {
        std::uint64_t const state = chain[length - 1].state;
        worker& thief = *me.sched->worker_slot(slot_word::thief_of(state));
        std::uint32_t const base = slot_word::base_of(state);
        public_window const window = thief.window();
        link next{nullptr, 0};
        std::uint32_t const last = window.last < base + most_slots_searched ? window.last : base + most_slots_searched;
        for (std::uint32_t i = base; i < last; ++i) {
            task_slot& slot = thief.stack[i];
            task_type const* const type = slot.steal(me.id, me.height());
            if (type == nullptr) {
                std::uint64_t const other = slot.observe() & ~slot_word::waiting_flag;
                if (next.slot == nullptr && slot_word::is_stolen(other) && slot_word::thief_of(other) != me.id)
                    next = {&slot, other};
                continue;
            }
            bool descendant = true;
            for (unsigned l = 0; l < length; ++l)
                descendant &= (chain[l].slot->observe() & ~slot_word::waiting_flag) == chain[l].state;
            if (!descendant) {
                if (slot.put_back(type)) thief.wake_waiter();
                return false;
            }
            thief.request_steal();
            run_stolen(me, thief, slot, *type, me.base_depth + 1);
            return true;
        }
        if (next.slot == nullptr || length == most_links) {
            if (next.slot == nullptr) thief.request_steal_again(now_ticks());
            return false;
        }
        chain[length] = next;
    }
}

HOCKET_NOINLINE HOCKET_INLINE void worker::publish_all() noexcept {
    for (hidden_work* work = hidden; work != nullptr; work = work->outer) work->show(*work);
    deque.publish();
    std::uint32_t const top = height();
    publication_scope const alone(*this);
    std::uint32_t at = static_cast<std::uint32_t>(split.load(std::memory_order_relaxed) - stack.data());
    if (at >= top) return; // `at` is one above `top` while a public slot is popped
    fp_mode const mode = fp_mode::now();
    if (!mode.is_default()) note_other_fp_mode();
    for (; at != top; ++at) {
        stop_scope::note(*this, stack.data() + at);
        modes[at] = mode;
        stack[at].publish();
    }
    split.store(stack.data() + top, std::memory_order_release); // worker.split ->
    split_here.store(reinterpret_cast<std::uintptr_t>(stack.data() + top), std::memory_order_relaxed);
    expose(lowest, top);
}

HOCKET_COLD HOCKET_INLINE void leave_stack(worker& outer) noexcept {
    outer.requests.close(!outer.sched->in_this_process());
    outer.publish_all();
    outer.sched->announce(outer.domain, 2);
}

HOCKET_INLINE released_host_core::released_host_core(bool is_outside) noexcept {
    if (!is_outside) return;
    if (process_host const* const host = other_host.load(std::memory_order_relaxed)) core_ = host->release_core();
}

HOCKET_INLINE released_core::released_core(worker* me) noexcept : me_(me), host_core_(me == nullptr) {
    if (me_ == nullptr) return;
    doing_.emplace(me_->doing, "blocks");
    me_->publish_all(); // this thread sees no steal request while it is away
    me_->sched->release_core(*me_);
}

HOCKET_INLINE void clog_watch::look() noexcept {
    long long const now = static_cast<long long>(monotonic_nanoseconds());
    long long const window = now - since_;
    if (since_ != 0 && window < pool_.nanoseconds_until_clogged()) return;
    long long const used = process_cpu_nanoseconds();
    if (since_ != 0) {
        bool const process_idles = used - used_before_ < window / 50;
        if ((process_idles || pool_idles(now)) && pool_.is_clogged())
            for (unsigned more = process_idles && added_ != 0 ? added_ : 1; more != 0; --more, ++added_)
                pool_.add_core(domain_);
    }
    since_ = now;
    used_before_ = used;
}

HOCKET_INLINE bool clog_watch::pool_idles(long long now) noexcept {
    if (looks_beside_others_++ % rarely != 0) return false;
    long long const used = pool_.cpu_nanoseconds();
    bool const idles = pool_since_ != 0 && used - used_by_pool_ < (now - pool_since_) / 50;
    pool_since_ = now;
    used_by_pool_ = used;
    return idles;
}

HOCKET_INLINE void wait_for_slot(worker& me, task_slot& slot) noexcept {
    std::uint64_t state = 0;
    wait_until(
        me,
        [&] {
            state = slot.observe();
            return !slot_word::is_stolen(state);
        },
        [&] { return help_thief(me, slot, state & ~slot_word::waiting_flag); }, [&] { return slot.announce_wait(); },
        "waits for a callable of a join that another thread runs");
}

} // namespace
