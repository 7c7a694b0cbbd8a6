// SPDX-License-Identifier: MIT
// The bodies of the functions that late_loop.hpp declares.
#pragma once

#include <hocket/loop/late_loop.hpp>
#include <hocket/sched/costs.hpp>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_NOINLINE HOCKET_INLINE void wait_for_helpers(worker& me, range_word& word) noexcept {
    wait_until(
        me, [&] { return word.finished(); }, [] { return false; }, [&] { return word.announce_wait(); });
}

HOCKET_COLD HOCKET_INLINE late_loop* late_loop::open(scheduler& pool, loop_body body, std::uint64_t first,
                                                     std::uint64_t last, std::uint64_t unit, std::uint64_t least_piece,
                                                     fp_mode mode, std::uint32_t helpers) noexcept {
    try {
        auto* const loop = make_in_slab<late_loop>(body, first, last, unit, least_piece, mode);
        for (std::uint32_t i = 0; i < helpers && i < loop->job_.units; ++i) {
            work_item* const item = loop->new_helper();
            if (item == nullptr) break;
            spawn(pool, *item);
        }
        return loop;
    } catch (std::bad_alloc const&) {
        return nullptr;
    }
}

HOCKET_INLINE late_loop::late_loop(loop_body body, std::uint64_t first, std::uint64_t last, std::uint64_t unit,
                                   std::uint64_t least_piece, fp_mode mode) noexcept {
    std::uint64_t const n = last - first;
    if (std::uint64_t const least = n / range_word::max_units + 1; unit < least) unit = least;
    std::uint64_t const units = (n - 1) / unit + 1;
    job_ = {body, first, last, unit, units, least_piece, mode};
    word_.open({0, units});
}

HOCKET_NOINLINE HOCKET_INLINE std::uint64_t late_loop::take_part(worker* helper, bool& leaves) noexcept {
    unit_range units = word_.claim(1, false);
    if (units.empty()) return 0;
    std::uint64_t ran = 0;
    loop_pace pace(job_.least_piece);
    fp_scope const mode(job_.mode);
    do {
        if (!job_.run(units.first, units.last, pace)) word_.drop_rest();
        mode.reset();
        ran += units.last - units.first;
        if (helper != nullptr && (leaves = has_other_work(*helper))) break;
        units = word_.claim(next_claim(), true);
    } while (!units.empty());
    ran *= job_.unit;
    if (word_.leave()) caller_->wake_waiter();
    return ran;
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
    worker& me = *this_context;
    std::uint64_t const since = trace_begin();
    bool leaves = false;
    std::uint64_t const ran = loop.take_part(&me, leaves);
    if (ran != 0) trace_end("loop", "loop", since, static_cast<long long>(ran));
    if (leaves) return spawn_to_injector(*me.sched, &me, *item, urgency::normal); // behind the work that waits
    destroy_in_slab(item);
    loop.release();
}

HOCKET_INLINE bool late_loop::has_other_work(worker& me) noexcept {
    if (is_called_away(me)) return true;
    ticks const now = now_ticks();
    if (now < me.helps_until) return false;
    me.helps_until = now + costs::helping.in_ticks();
    std::uint32_t const count = me.sched->contexts();
    for (std::uint32_t i = 0; i < count; ++i) {
        worker& other = *me.sched->context(i);
        if (&other != &me && hand_out_stuck(other.kept)) return true;
    }
    return me.sched->queued_work_visible();
}

HOCKET_INLINE void late_loop::release() noexcept {
    if (references_.fetch_sub(1, std::memory_order_acq_rel) == 1)
        destroy_in_slab(this); // late_loop.end ->, <- late_loop.end
}

} // namespace
