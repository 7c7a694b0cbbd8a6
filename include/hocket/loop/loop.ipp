// SPDX-License-Identifier: MIT
// The bodies of the functions that loop.hpp declares.
#pragma once

#include <hocket/loop/loop.hpp>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_NOINLINE HOCKET_INLINE void loop_cost::learn(ticks spent, std::uint64_t iterations) noexcept {
    if (iterations == 0) return;
    double const sample = static_cast<double>(spent) / static_cast<double>(iterations);
    per_iteration.store(known() == 0 ? sample : (known() + sample) / 2, std::memory_order_relaxed);
}

HOCKET_NOINLINE HOCKET_INLINE bool regret_cold_loop(worker& me, ticks length, loop_times const& times) noexcept {
    ticks const now = now_ticks();
    if (now - me.regret_since > 4 * times.share_cold) {
        me.regret_since = now;
        me.regret = 0;
    }
    me.regret += length;
    if (me.regret < times.share_cold) return false;
    me.regret = 0;
    return true;
}

HOCKET_NOINLINE HOCKET_INLINE loop_ticket claim_share(loop_record& loop, std::uint32_t rank) noexcept {
    for (;;) {
        std::uint32_t best = rank;
        std::uint64_t most = loop.stripes[rank].word.left();
        if (most == 0) {
            for (std::uint32_t i = 1; i < loop.count; ++i) {
                std::uint32_t const other = rank + i < loop.count ? rank + i : rank + i - loop.count;
                std::uint64_t const left = loop.stripes[other].word.left();
                if (left > most) {
                    most = left;
                    best = other;
                }
            }
        }
        if (most == 0) return {};
        loop_stripe& stripe = loop.stripes[best];
        unit_range const units = stripe.word.claim(stripe.units_per_claim.load(std::memory_order_relaxed), false);
        if (!units.empty()) return {&stripe, units};
    }
}

HOCKET_NOINLINE HOCKET_INLINE bool finds_items(worker& helper, worker& caller, ticks now) noexcept {
    bool const waits = !caller.deque.empty() || !caller.taken.empty() || !helper.sched->tasks(priority::normal).empty();
    if (!waits && !hand_out_stuck(caller.kept)) {
        helper.helps_until = now + loop_times::get().piece;
        return false;
    }
    helper.helps_until = now + costs::helping.in_ticks();
    helper.prefers_items = true;
    return true;
}

HOCKET_INLINE void leave_stripe(void* of) noexcept {
    auto& stripe = *static_cast<loop_stripe*>(of);
    worker& caller = *stripe.caller; // while a thread is registered
    if (stripe.word.leave()) caller.wake_waiter();
}

HOCKET_NOINLINE HOCKET_INLINE std::uint64_t participate(loop_record& loop, loop_ticket ticket, std::uint32_t rank,
                                                        worker* helper) noexcept {
    std::uint64_t ran = 0;
    given_claims given;
    worker_counts& counts = this_slot->counts;
    while (ticket) { // perhaps of the next loop at the same level
        loop_stripe& stripe = *ticket.stripe;
        worker& caller = *stripe.caller;
        loop_job const& job = *stripe.job;
        loop_pace pace(job.least_piece);
        fp_scope const mode(job.mode);
        bool registered = true;
        bool called_away = false;
        do {
            counts.chunks.add();
            claim_run const run = run_claim(*caller.sched, job, ticket.units, pace, {&leave_stripe, &stripe});
            if (!run.goes_on)
                for (std::uint32_t i = 0; i < loop.count; ++i) loop.stripes[i].word.drop_rest();
            mode.reset();
            ran += run.ran;
            if (run.late != nullptr) [[unlikely]] {
                given.take(run);
                registered = false;
            }
            called_away = helper != nullptr && leaves_loop(*helper, caller, pace.measured_at());
            if (!registered || called_away) break;
            ticket.units = stripe.word.claim(stripe.units_per_claim.load(std::memory_order_relaxed), true);
        } while (!ticket.units.empty());
        if (registered) leave_stripe(&stripe);
        if (called_away) {
            given.finish(helper, true);
            return ran;
        }
        ticket = claim_share(loop, rank);
    }
    given.finish(helper, false);
    return ran;
}

HOCKET_COLD HOCKET_INLINE void run_one_claim(loop_record& loop, loop_ticket const& ticket) noexcept {
    loop_stripe& stripe = *ticket.stripe;
    worker& caller = *stripe.caller;
    loop_job const& job = *stripe.job;
    std::uint64_t const since = trace_begin();
    claim_run run;
    {
        loop_pace pace(job.least_piece);
        fp_scope const mode(job.mode);
        this_slot->counts.chunks.add();
        run = run_claim(*caller.sched, job, ticket.units, pace, {&leave_stripe, &stripe});
        if (!run.goes_on)
            for (std::uint32_t i = 0; i < loop.count; ++i) loop.stripes[i].word.drop_rest();
    }
    if (run.late != nullptr) {
        run.late->hand_over(!run.goes_on);
        run.late->release();
    } else {
        leave_stripe(&stripe);
    }
    trace_end("loop", "loop", since, static_cast<long long>(run.ran));
}

HOCKET_INLINE void help_with_loop(worker& me, loop_record& loop, loop_ticket const& ticket) noexcept {
    std::uint64_t const since = trace_begin();
    std::uint64_t const ran = participate(loop, ticket, me.rank, &me);
    trace_end("loop", "loop", since, static_cast<long long>(ran));
}

HOCKET_COLD HOCKET_INLINE own_part launch(worker& me, loop_launch const& what) noexcept {
    std::uint32_t const level = me.next_loop;
    if (level == worker::loop_levels || !me.loops[level].prepare(me.sched->size())) return {false, 0, 0};
    loop_record& loop = me.loops[level];
    for (std::uint32_t i = 0; i < loop.count; ++i) prefetch_for_write(&loop.stripes[i]);
    std::uint64_t const claim = what.units_per_claim < 0xffff'ffff ? what.units_per_claim : 0xffff'ffff;
    for (std::uint32_t i = loop.count; i-- != 0;) {
        loop_stripe& stripe = loop.stripes[i];
        unit_range const share{what.job.units * i / loop.count, what.job.units * (i + 1) / loop.count};
        if (share.empty()) continue;
        stripe.job = &what.job;
        stripe.caller = &me;
        stripe.units_per_claim.store(static_cast<std::uint32_t>(claim), std::memory_order_relaxed);
        stripe.word.open(share);
    }
    me.next_loop = level + 1;
    me.open_loops.store(level + 1, std::memory_order_release); // loop.open ->
    me.sched->announce(me.domain); // also when a thread seemed to search, since it may have parked meanwhile
    if (what.job.units > 2 && me.sched->size() > 2) me.sched->wake_searchers(me.domain, 2); // each wakes two more

    ticks const start = now_ticks();
    std::uint64_t const ran = participate(loop, claim_share(loop, me.rank), me.rank, nullptr);
    ticks const spent = now_ticks() - start;

    for (std::uint32_t i = 0; i < loop.count; ++i) {
        if (!loop.stripes[i].word.finished()) wait_for_helpers(me, loop.stripes[i].word);
    }
    me.open_loops.store(level, std::memory_order_relaxed);
    me.next_loop = level;
    return {true, ran, spent};
}

HOCKET_INLINE std::uint64_t units_per_claim(loop_plan const& plan, std::uint64_t share, double ticks_per_unit,
                                            loop_times const& times) noexcept {
    if (plan.how == schedule::fixed) return share;
    if (plan.how == schedule::dynamic) return 1;
    double const least = static_cast<double>(times.least_chunk);
    double const by_cost =
        ticks_per_unit * static_cast<double>(share) > least ? least / ticks_per_unit : static_cast<double>(share);
    std::uint64_t const balanced = share / 4 + 1;
    std::uint64_t const claim = static_cast<std::uint64_t>(by_cost) + share / 4096 + 1;
    return claim < balanced ? claim : balanced;
}

HOCKET_NOINLINE HOCKET_INLINE bool worth_sharing(pool_entry& entry, double expected, loop_times const& times,
                                                 bool& wake) noexcept {
    if (expected < static_cast<double>(times.share_hot)) return false;
    wake = expected >= static_cast<double>(times.share_cold);
    if (wake || entry.pool().somebody_searches()) return true;
    wake = entry.entered() && regret_cold_loop(*this_slot, static_cast<ticks>(expected), times);
    return false;
}

HOCKET_COLD HOCKET_INLINE void finish_late(pool_entry& entry, late_loop& late, bool drop) noexcept {
    late.take_rest(drop);
    late.wait(!late.finished() && entry.entered() ? this_slot : nullptr);
}

/// Whether a loop is cut into no more pieces of `least` iterations than there are workers.
HOCKET_ALWAYS_INLINE bool are_few(std::uint64_t n, std::uint64_t least, std::uint32_t workers) noexcept {
    return least == 1 ? n <= workers : (n - 1) / least < workers; // a division takes longer than a tiny loop
}

HOCKET_ALWAYS_INLINE bool is_tiny(std::uint64_t n, loop_cost const& cost) noexcept {
    double const known = cost.known();
    return known != 0 && known * static_cast<double>(n) < loop_times::get().tiny &&
           ++tiny_loops % tiny_loops_for_a_look != 0;
}

HOCKET_NOINLINE HOCKET_INLINE std::uint64_t run_tiny(pool_entry& entry, std::uint64_t n, loop_plan const& plan,
                                                     loop_body body, loop_cost& cost, fp_mode mode) noexcept {
    std::uint64_t const least = plan.grain != 0 ? plan.grain : 1;
    bool const one_by_one = are_few(n, least, entry.pool().size());
    serial_part part(entry.pool(), n, plan, body, mode, least, false);
    std::uint64_t done = 0;
    std::uint64_t next = least;
    bool mine = true;
    while (mine && body(done, next)) {
        done = next;
        if (done == n) break;
        next = one_by_one && n - done > least ? done + least : n;
        mine = part.claim(next);
    }
    if (late_loop* const late = part.end()) [[unlikely]] {
        finish_late(entry, *late, mine && done != n);
        cost.learn(costs::watch_again.in_ticks(), done); // one of these iterations took at least as long
    }
    return mine ? next : n;
}

HOCKET_INLINE loop_beginning run_beginning(pool_entry& entry, std::uint64_t n, loop_plan const& plan, loop_body body,
                                           loop_cost& cost, fp_mode mode) noexcept {
    loop_times const& times = loop_times::get();
    double const known = cost.known();
    double const expected = known * static_cast<double>(n);
    bool wake = false;
    if (known != 0 && worth_sharing(entry, expected, times, wake)) return {0, false};
    bool const regretted = wake;

    std::uint64_t const least = plan.grain != 0 ? plan.grain : 1;
    bool const one_by_one = are_few(n, least, entry.pool().size());
    serial_part part(entry.pool(), n, plan, body, mode, least, known == 0);
    ticks const start = now_ticks();
    ticks before = start;
    std::uint64_t done = 0;
    for (std::uint64_t batch = least;;) {
        std::uint64_t const first = done;
        std::uint64_t const last = n - done <= batch ? n : done + batch;
        for (bool claimed = done == 0; done != last; claimed = false) {
            std::uint64_t const next = one_by_one && last - done > least ? done + least : last;
            bool const mine = claimed || part.claim(next);
            bool const goes_on = mine && body(done, next);
            if (goes_on) {
                done = next;
                continue;
            }
            if (late_loop* const late = part.end()) finish_late(entry, *late, mine);
            if (!mine) cost.learn(now_ticks() - start, done);
            return {mine ? next : n, true};
        }
        if (last == n) {
            if (first != 0) cost.learn(before - start, first);
            if (late_loop* const late = part.end()) finish_late(entry, *late, false);
            if (regretted) entry.pool().announce(0);
            return {n, true};
        }
        ticks const now = now_ticks();
        double const per_iteration = static_cast<double>(now - before) / static_cast<double>(done - first);
        before = now;
        if (now - start < times.probe) {
            batch = batch < n / 4 ? batch * 4 : n;
        } else if (worth_sharing(entry, per_iteration * static_cast<double>(n - done), times, wake)) {
            cost.learn(before - start, done);
            if (late_loop* const late = part.end()) {
                finish_late(entry, *late, false);
                return {n, true};
            }
            return {done, false};
        } else {
            batch = batch < n / 2 ? batch * 2 : n;
        }
    }
}

HOCKET_NOINLINE HOCKET_INLINE std::uint64_t run_serially(std::uint64_t done, std::uint64_t n, loop_plan const& plan,
                                                         loop_body body) noexcept {
    std::uint64_t const least = plan.least_piece;
    if ((n - done) / 8 > least) return loop_pace(least).run(body, done, n) ? n : done;
    worker* const me = this_slot;
    if (plan.unstoppable && me == nullptr) return (void)body(done, n), n; // a failure ends the call of the body as well
    while (done < n) {
        std::uint64_t const last = n - done < least ? n : done + least;
        if (!body(done, last)) return last;
        done = last;
        if (me != nullptr) look_at_urgent(*me);
    }
    return n;
}

HOCKET_COLD HOCKET_INLINE std::uint64_t run_late(pool_entry& entry, std::uint64_t done, std::uint64_t n,
                                                 loop_plan const& plan, std::uint32_t helpers, loop_body body,
                                                 fp_mode mode) noexcept {
    late_loop* const late = late_loop::open(entry.pool(), body, done, n, plan, mode, helpers);
    if (late == nullptr) return run_serially(done, n, plan, body);
    finish_late(entry, *late, false);
    return n;
}

/// Runs a loop. Returns how many iterations the calling thread has run; with a grain, up to whole grains.
HOCKET_ALWAYS_INLINE std::uint64_t take_part(scheduler& pool, std::uint64_t n, loop_plan const& plan, loop_body body,
                                             loop_cost& cost) {
    pool_entry entry(pool, pool_entry::lazily{});
    fp_scope const mode;
    if (pool.size() == 1 || n <= 1 || plan.grain >= n || plan.max_workers == 1) return run_serially(0, n, plan, body);
    if (plan.how == schedule::adaptive && !plan.always_parallel && is_tiny(n, cost)) [[likely]]
        return run_tiny(entry, n, plan, body, cost, mode.mode());
    return share_loop(entry, n, plan, body, cost, mode.mode());
}

HOCKET_NOINLINE HOCKET_INLINE std::uint64_t share_loop(pool_entry& entry, std::uint64_t n, loop_plan const& plan,
                                                       loop_body body, loop_cost& cost, fp_mode mode) noexcept {
    scheduler& pool = entry.pool();
    bool const adaptive = plan.how == schedule::adaptive && !plan.always_parallel;
    loop_beginning beginning{0, false};
    if (adaptive) {
        beginning = run_beginning(entry, n, plan, body, cost, mode);
        if (beginning.over) return beginning.done;
    }
    std::uint64_t const done = beginning.done;
    // The stripes of `launch` do not limit how many threads come: compensation threads may come while bodies block.
    if (plan.max_workers != 0) return run_late(entry, done, n, plan, plan.most_helpers(pool.size()), body, mode);
    if (!entry.entered()) return run_late(entry, done, n, plan, pool.size(), body, mode);

    std::uint64_t const rest = n - done;
    std::uint64_t unit = plan.grain != 0 ? plan.grain : 1;
    if (std::uint64_t const least = rest / range_word::max_units + 1; unit < least) unit = least;
    std::uint64_t const units = (rest - 1) / unit + 1;
    std::uint64_t const share = (units - 1) / pool.size() + 1;
    double const ticks_per_unit = cost.known() * static_cast<double>(unit);
    loop_times const& times = loop_times::get();
    loop_job const job{body, done, n, unit, units, plan.least_piece, mode, plan.how == schedule::fixed};
    own_part const own = launch(*this_slot, {job, units_per_claim(plan, share, ticks_per_unit, times)});
    if (!own.opened) return run_late(entry, done, n, plan, pool.size() - 1, body, mode);
    if (adaptive) cost.learn(own.spent, own.ran);
    return done + own.ran;
}

/// The body of a loop with a name, which `dump` shows for each thread that runs a chunk.
struct named_body {
    loop_body body;
    char const* name;

    static bool run(void* self, std::uint64_t first, std::uint64_t last) noexcept {
        auto const& it = *static_cast<named_body const*>(self);
        name_scope const named(it.name);
        return it.body(first, last);
    }
};

HOCKET_COLD HOCKET_INLINE void run_shown_loop(scheduler& pool, std::uint64_t n, loop_plan const& plan, loop_body body,
                                              loop_cost& cost) {
    std::uint64_t const since = trace_begin();
    named_body named{body, plan.name};
    std::uint64_t const ran =
        take_part(pool, n, plan, plan.name != nullptr ? loop_body{&named_body::run, &named} : body, cost);
    trace_end(plan.name != nullptr ? plan.name : "loop", "loop", since, static_cast<long long>(ran));
}

HOCKET_NOINLINE HOCKET_INLINE void run_loop_untyped(scheduler& pool, std::uint64_t n, loop_plan const& plan,
                                                    loop_body body, loop_cost& cost) {
    if (traced() || plan.name != nullptr) [[unlikely]]
        run_shown_loop(pool, n, plan, body, cost);
    else
        take_part(pool, n, plan, body, cost);
}

} // namespace
