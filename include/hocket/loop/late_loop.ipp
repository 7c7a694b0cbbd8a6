// SPDX-License-Identifier: MIT
// The bodies of the functions that late_loop.hpp declares, and of those with which the watcher opens a loop.
#pragma once

#include <hocket/loop/late_loop.hpp>
#include <hocket/sched/costs.hpp>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_NOINLINE HOCKET_INLINE void wait_for_helpers(worker& me, range_word& word) noexcept {
    wait_until(
        me, [&] { return word.finished(); }, [] { return false; }, [&] { return word.announce_wait(); },
        "waits for parts of a loop that other threads run");
}

HOCKET_COLD HOCKET_INLINE late_loop* late_loop::open(scheduler& pool, loop_body body, std::uint64_t first,
                                                     std::uint64_t last, loop_plan const& plan, fp_mode mode,
                                                     std::uint32_t helpers,
                                                     loop_registration const& claimant) noexcept {
    try {
        auto* const loop = make_in_slab<late_loop>(pool, body, first, last, plan, mode, claimant);
        for (std::uint32_t i = 0; i < helpers && i < loop->job_.units; ++i) {
            work_item* const item = loop->new_helper();
            if (item == nullptr && i == 0 && claimant.leave != nullptr) { // the claimant may leave before all has begun
                destroy_in_slab(loop);
                return nullptr;
            }
            if (item == nullptr) break;
            spawn(pool, *item);
        }
        return loop;
    } catch (std::bad_alloc const&) {
        return nullptr;
    }
}

HOCKET_INLINE late_loop::late_loop(scheduler& pool, loop_body body, std::uint64_t first, std::uint64_t last,
                                   loop_plan const& plan, fp_mode mode, loop_registration const& claimant) noexcept
    : claimant_(claimant), pool_(pool) {
    std::uint64_t const n = last - first;
    std::uint64_t unit = plan.grain != 0 ? plan.grain : 1;
    if (std::uint64_t const least = n / range_word::max_units + 1; unit < least) unit = least;
    std::uint64_t const units = (n - 1) / unit + 1;
    bool const is_limited = plan.max_workers != 0; // further helpers would be too many
    job_ = {body, first, last, unit, units, plan.least_piece, mode, is_limited};
    word_.open({0, units}, claimant.leave != nullptr);
}

HOCKET_NOINLINE HOCKET_INLINE std::uint64_t late_loop::take_part(worker* helper, bool& leaves) noexcept {
    unit_range units = word_.claim(1, false);
    if (units.empty()) return 0;
    std::uint64_t ran = 0;
    loop_pace pace(job_.least_piece);
    fp_scope const mode(job_.mode);
    given_claims given;
    bool registered = true;
    do {
        claim_run const run = run_claim(pool_, job_, units, pace, {&leave_for_claimant, this});
        if (!run.goes_on) word_.drop_rest();
        mode.reset();
        ran += run.ran;
        if (run.late != nullptr) [[unlikely]] {
            references_.fetch_add(1, std::memory_order_relaxed);
            given.take(run);
            registered = false;
        }
        if (helper != nullptr && (leaves = has_other_work(*helper))) break;
        units = word_.claim(next_claim(), registered);
        registered |= !units.empty();
    } while (!units.empty());
    if (registered) leave();
    given.finish(helper, leaves);
    return ran;
}

HOCKET_INLINE void late_loop::leave() noexcept {
    if (claimant_.leave == nullptr) {
        if (word_.leave()) caller_->wake_waiter();
    } else if (word_.leave_and_finish()) {
        claimant_.leave(claimant_.of);
    }
}

HOCKET_COLD HOCKET_INLINE void late_loop::leave_for_claimant(void* of) noexcept {
    auto* const self = static_cast<late_loop*>(of);
    self->leave();
    self->release();
}

HOCKET_COLD HOCKET_INLINE void late_loop::hand_over(bool drop) noexcept {
    if (drop) word_.drop_rest();
    leave();
}

HOCKET_INLINE void late_loop::take_rest(bool drop) noexcept {
    if (drop) word_.drop_rest();
    bool leaves = false;
    take_part(nullptr, leaves);
}

HOCKET_COLD HOCKET_INLINE void late_loop::wait(worker* me) noexcept {
    caller_ = me;
    if (me != nullptr) wait_for_helpers(*me, word_);
    while (!finished()) scheduler::let_pass(50'000);
    release();
}

HOCKET_INLINE work_item* late_loop::new_helper() noexcept {
    try {
        auto* const item = make_in_slab<helper_item>();
        item->run = &run_helper;
        item->loop = this;
        references_.fetch_add(1, std::memory_order_relaxed);
        return item;
    } catch (std::bad_alloc const&) {
        return nullptr;
    }
}

HOCKET_INLINE void late_loop::run_helper(work_item* self) noexcept {
    auto* const item = static_cast<helper_item*>(self);
    late_loop& loop = *item->loop;
    worker& me = *this_slot;
    std::uint64_t const since = trace_begin();
    bool leaves = false;
    std::uint64_t const ran = loop.take_part(&me, leaves);
    if (ran != 0) trace_end("loop", "loop", since, static_cast<long long>(ran));
    if (leaves) return spawn_to_injector(*me.sched, &me, *item, priority::normal); // behind the work that waits
    destroy_in_slab(item);
    loop.release();
}

HOCKET_INLINE bool late_loop::has_other_work(worker& me) noexcept {
    if (is_called_away(me)) return true;
    ticks const now = now_ticks();
    if (now < me.helps_until) return false;
    me.helps_until = now + costs::helping.in_ticks();
    std::uint32_t const count = me.sched->worker_slots();
    for (std::uint32_t i = 0; i < count; ++i) {
        worker& other = *me.sched->worker_slot(i);
        if (&other != &me && hand_out_stuck(other.kept)) return true;
    }
    return me.sched->queued_work_visible();
}

HOCKET_INLINE void late_loop::release() noexcept {
    if (references_.fetch_sub(1, std::memory_order_acq_rel) == 1)
        destroy_in_slab(this); // late_loop.end ->, <- late_loop.end
}

HOCKET_COLD HOCKET_INLINE void given_claims::take(claim_run const& run) noexcept {
    run.late->hand_over(!run.goes_on);
    run.late->next = first_;
    first_ = run.late;
}

HOCKET_COLD HOCKET_INLINE void given_claims::finish_all(worker* helper, bool called_away) noexcept {
    while (late_loop* const late = first_) {
        first_ = late->next;
        bool leaves = false;
        if (!called_away) late->take_part(helper, leaves);
        called_away |= leaves;
        late->release();
    }
}

HOCKET_COLD HOCKET_INLINE void call_watch::open(watched_loop& loop, std::uint64_t step) noexcept {
    std::uint64_t from = 0;
    if (!loop.claims.hold(step, from)) return;
    loop_plan const& plan = *loop.plan;
    if (from < loop.n)
        loop.late = late_loop::open(*loop.pool, loop.body, from, loop.n, plan, loop.mode,
                                    plan.most_helpers(loop.pool->size()), loop.claimant);
    if (loop.late != nullptr)
        loop.late_from = from;
    else
        loop.claims.let_go();
}

} // namespace
