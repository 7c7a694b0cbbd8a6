// SPDX-License-Identifier: MIT
// The engine under every parallel loop, floor 3. Each worker has a stripe of the iterations; it eats its own from the
// front, then helps with others' (dispenso's stripes). A loop runs its first microsecond serially (parlay) unless what its
// body cost the last time tells better, so tiny loops never leave the caller.
#pragma once

#include <hocket/base/options.hpp>
#include <hocket/sched/guest.hpp>
#include <hocket/sched/loop_record.hpp>
#include <hocket/sched/scheduler.hpp>
#include <hocket/sched/trace.hpp>
#include <hocket/sched/wait.hpp>
#include <hocket/sched/worker.hpp>

#include <atomic>
#include <cstdint>

namespace hocket::detail {

/// How a loop is to be cut.
struct loop_plan {
    std::uint64_t grain = 0; // the least number of iterations worth a chunk; of `dynamic`, a chunk's size; 0: any
    schedule how = schedule::adaptive;
    bool always_parallel = false; // do not try the first iterations serially
};

/// What loops over one type of body cost, in ticks per iteration; 0 before the first. Relaxed: a hint.
struct loop_cost {
    std::atomic<double> per_iteration{0};

    double known() const noexcept { return per_iteration.load(std::memory_order_relaxed); }
    HOCKET_NOINLINE void learn(ticks spent, std::uint64_t iterations) noexcept {
        if (iterations == 0) return;
        double const sample = static_cast<double>(spent) / static_cast<double>(iterations);
        per_iteration.store(known() == 0 ? sample : (known() + sample) / 2, std::memory_order_relaxed);
    }
};

/// The times that decide. A line goes back and forth between two cores in about 0.1 us; to wake a sleeping thread costs the
/// waker 5 to 10 us, and the thread comes 25 to 40 us later (measured on a virtual machine; less on bare metal).
struct loop_times {
    ticks probe, share_hot, share_cold, least_chunk;
    static loop_times const& get() noexcept {
        static loop_times const times = make();
        return times;
    }
    HOCKET_COLD static loop_times make() noexcept {
        ticks const microsecond = ticks_per_microsecond();
        return {microsecond / 2, microsecond * 6 / 10, microsecond * 60, microsecond / 2};
    }
};

/// Notes a loop of `length` that nobody is awake to share. True when there were so many lately that waking a thread would
/// have paid: the loops that follow find it awake.
HOCKET_NOINLINE inline bool regret_cold_loop(worker& me, ticks length, loop_times const& times) noexcept {
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

/// A claim on units of one stripe.
struct loop_ticket {
    loop_stripe* stripe = nullptr;
    unit_range units{0, 0};
    explicit operator bool() const noexcept { return stripe != nullptr; }
};

/// Claims units of the stripe of `rank`, or else of the one with most left; registers the caller with that stripe.
HOCKET_NOINLINE inline loop_ticket claim_share(loop_record& loop, std::uint32_t rank) noexcept {
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

/// Runs claimed units and what else of the loop it can get, until nothing is left to be claimed. Returns how many it ran.
HOCKET_NOINLINE inline std::uint64_t participate(loop_record& loop, loop_ticket ticket, std::uint32_t rank) noexcept {
    std::uint64_t ran = 0;
    while (ticket) {
        loop_stripe& stripe = *ticket.stripe;
        worker& caller = *stripe.caller;
        do {
            if (!stripe.run(stripe.loop, ticket.units.first, ticket.units.last))
                for (std::uint32_t i = 0; i < loop.count; ++i) loop.stripes[i].word.drop_rest();
            ran += ticket.units.last - ticket.units.first;
            ticket.units = stripe.word.claim(stripe.units_per_claim.load(std::memory_order_relaxed), true);
        } while (!ticket.units.empty());
        if (stripe.word.leave()) caller.wake_waiter();
        ticket = claim_share(loop, rank);
    }
    return ran;
}

/// A loop's iterations without their type: `run(chunk, first, last)` calls the chunk.
struct loop_body {
    bool (*run)(void* chunk, std::uint64_t first, std::uint64_t last) noexcept;
    void* chunk;
    bool operator()(std::uint64_t first, std::uint64_t last) const noexcept { return run(chunk, first, last); }
};

/// What a stripe's `run` needs to turn units into iterations.
struct loop_job {
    loop_body body;
    std::uint64_t begin;
    std::uint64_t end;
    std::uint64_t unit;
    std::uint64_t units;

    static bool run(void* self, std::uint64_t first_unit, std::uint64_t last_unit) noexcept {
        loop_job const& job = *static_cast<loop_job*>(self);
        return job.body(job.begin + first_unit * job.unit,
                        last_unit == job.units ? job.end : job.begin + last_unit * job.unit);
    }
};

/// `participate` by a thread that has not called the loop.
inline void help_with_loop(loop_record& loop, loop_ticket const& ticket, std::uint32_t rank) noexcept {
    std::uint64_t const since = trace_begin();
    std::uint64_t const unit = static_cast<loop_job*>(ticket.stripe->loop)->unit; // while it is registered
    std::uint64_t const ran = unit * participate(loop, ticket, rank);
    trace_end("loop", "loop", since, static_cast<long long>(ran));
}

/// How a loop's stripes are laid out and who is called.
struct loop_launch {
    bool (*run)(void*, std::uint64_t, std::uint64_t) noexcept;
    void* loop;
    std::uint64_t units;
    std::uint64_t units_per_claim;
    bool wake;
};

/// What the caller did of a loop, by its own clock.
struct own_part {
    bool opened;
    std::uint64_t units;
    ticks spent;
};

/// Opens the loop to the pool, takes part in it, and returns when every unit is done or dropped. When it cannot be opened,
/// nothing has run.
HOCKET_COLD inline own_part launch(worker& me, loop_launch const& what) noexcept {
    std::uint32_t const level = me.next_loop;
    if (level == worker::loop_levels || !me.loops[level].prepare(me.sched->size())) return {false, 0, 0};
    loop_record& loop = me.loops[level];
    for (std::uint32_t i = 0; i < loop.count; ++i) prefetch_for_write(&loop.stripes[i]);
    std::uint64_t const claim = what.units_per_claim < 0xffff'ffff ? what.units_per_claim : 0xffff'ffff;
    for (std::uint32_t i = loop.count; i-- != 0;) {
        loop_stripe& stripe = loop.stripes[i];
        unit_range const share{what.units * i / loop.count, what.units * (i + 1) / loop.count};
        if (share.empty()) continue;
        stripe.run = what.run;
        stripe.loop = what.loop;
        stripe.caller = &me;
        stripe.units_per_claim.store(static_cast<std::uint32_t>(claim), std::memory_order_relaxed);
        stripe.word.open(share);
    }
    me.next_loop = level + 1;
    me.open_loops.store(level + 1, std::memory_order_release); // loop.open ->
    if (what.wake) me.sched->announce(me.domain);

    ticks const start = now_ticks();
    std::uint64_t const ran = participate(loop, claim_share(loop, me.rank), me.rank);
    ticks const spent = now_ticks() - start;

    for (std::uint32_t i = 0; i < loop.count; ++i) {
        range_word& word = loop.stripes[i].word;
        wait_until(
            me, [&] { return word.finished(); }, [] { return false; }, [&] { return word.announce_wait(); });
    }
    me.open_loops.store(level, std::memory_order_relaxed);
    me.next_loop = level;
    return {true, ran, spent};
}

/// How many units to claim at a time: small enough to balance, large enough to hide the claim.
inline std::uint64_t units_per_claim(loop_plan const& plan, std::uint64_t share, double ticks_per_unit,
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

/// Whether a rest that should take `expected` ticks is worth sharing, and in `wake` whether threads should be woken for it.
HOCKET_NOINLINE inline bool worth_sharing(guest_scope& guest, double expected, loop_times const& times,
                                          bool& wake) noexcept {
    if (expected < static_cast<double>(times.share_hot)) return false;
    wake = expected >= static_cast<double>(times.share_cold);
    if (wake || guest.pool().somebody_searches()) return true;
    wake = guest.entered() && regret_cold_loop(*this_context, static_cast<ticks>(expected), times);
    return false;
}

/// Runs a loop's beginning on the calling thread until it is clear that the rest is worth sharing, or nothing is left.
/// Returns how many iterations are done; `stopped` when the body said so. `wake`: threads should be woken for the rest.
inline std::uint64_t run_beginning(guest_scope& guest, std::uint64_t n, std::uint64_t least_batch, loop_body body,
                                   loop_cost& cost, bool& wake, bool& stopped) noexcept {
    loop_times const& times = loop_times::get();
    double const known = cost.known();
    if (known != 0 && worth_sharing(guest, known * static_cast<double>(n), times, wake)) return 0;
    bool const regretted = wake;

    ticks const start = now_ticks();
    ticks before = start;
    std::uint64_t done = 0;
    for (std::uint64_t batch = least_batch;;) {
        std::uint64_t const last = n - done <= batch ? n : done + batch;
        if (!body(done, last)) {
            stopped = true;
            return last;
        }
        if (last == n) {
            if (done != 0) cost.learn(before - start, done);
            if (regretted) guest.pool().announce(0);
            return n;
        }
        ticks const now = now_ticks();
        double const per_iteration = static_cast<double>(now - before) / static_cast<double>(last - done);
        done = last;
        before = now;
        if (now - start < times.probe) {
            batch = batch < n / 4 ? batch * 4 : n;
        } else if (worth_sharing(guest, per_iteration * static_cast<double>(n - done), times, wake)) {
            cost.learn(before - start, done);
            return done;
        } else {
            batch = batch < n / 2 ? batch * 2 : n;
        }
    }
}

/// In slices, so that a stop is noticed. Returns how many iterations are done.
HOCKET_NOINLINE inline std::uint64_t run_serially(std::uint64_t done, std::uint64_t n, std::uint64_t grain,
                                                  loop_body body) noexcept {
    std::uint64_t const left = n - done;
    std::uint64_t const piece = left < 64 ? left / 8 + 1 : left / 64;
    for (std::uint64_t const step = piece < grain ? grain : piece; done < n;) {
        std::uint64_t const last = n - done < step ? n : done + step;
        if (!body(done, last)) return last;
        done = last;
    }
    return n;
}

/// Returns how many iterations the calling thread has run; with a grain, up to whole grains.
inline std::uint64_t take_part(scheduler& pool, std::uint64_t n, loop_plan const& plan, loop_body body,
                               loop_cost& cost) {
    guest_scope guest(pool, guest_scope::lazily{});
    bool const adaptive = plan.how == schedule::adaptive && !plan.always_parallel;
    std::uint64_t done = 0;
    bool wake = !adaptive;
    if (pool.size() == 1 || n <= 1 || plan.grain >= n) return run_serially(0, n, plan.grain, body);
    if (adaptive) {
        bool stopped = false;
        done = run_beginning(guest, n, plan.grain != 0 ? plan.grain : 1, body, cost, wake, stopped);
        if (stopped || done == n) return done;
    }
    if (!guest.entered()) return run_serially(done, n, plan.grain, body);

    std::uint64_t const rest = n - done;
    std::uint64_t unit = plan.grain != 0 ? plan.grain : 1;
    if (std::uint64_t const least = rest / range_word::max_units + 1; unit < least) unit = least;
    std::uint64_t const units = (rest - 1) / unit + 1;
    std::uint64_t const share = (units - 1) / pool.size() + 1;
    double const ticks_per_unit = cost.known() * static_cast<double>(unit);
    loop_times const& times = loop_times::get();
    loop_job job{body, done, n, unit, units};
    own_part const own =
        launch(*this_context, {&loop_job::run, &job, units, units_per_claim(plan, share, ticks_per_unit, times), wake});
    if (!own.opened) return run_serially(done, n, plan.grain, body);
    if (adaptive) cost.learn(own.spent, own.units * unit);
    return done + own.units * unit;
}

inline void run_loop_untyped(scheduler& pool, std::uint64_t n, loop_plan const& plan, loop_body body, loop_cost& cost) {
    std::uint64_t const since = trace_begin();
    std::uint64_t const ran = take_part(pool, n, plan, body, cost);
    trace_end("loop", "loop", since, static_cast<long long>(ran));
}

/// Calls `chunk(first, last)` for disjoint pieces of [0, n), on the pool and on the calling thread, and returns when all
/// have returned. `chunk` is shared by the threads; it returns false to stop: then pieces not yet begun are skipped.
/// Throws only std::logic_error, in a child of fork().
template<class Chunk>
void run_loop(scheduler& pool, std::uint64_t n, loop_plan const& plan, Chunk& chunk) {
    static constinit loop_cost cost;
    auto const run = [](void* self, std::uint64_t first, std::uint64_t last) noexcept -> bool {
        return (*static_cast<Chunk*>(self))(first, last);
    };
    run_loop_untyped(pool, n, plan, {run, const_cast<void*>(static_cast<void const*>(&chunk))}, cost);
}

} // namespace hocket::detail
