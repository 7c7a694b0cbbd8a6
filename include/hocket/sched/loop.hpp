// SPDX-License-Identifier: MIT
// The engine under every parallel loop, floor 3. Each worker has a stripe of the iterations; it eats its own from the
// front, then helps with others' (dispenso's stripes). A loop runs its first microsecond serially (parlay) unless what its
// body cost the last time tells better, so tiny loops never leave the caller.
#pragma once

#include <hocket/base/options.hpp>
#include <hocket/sched/guest.hpp>
#include <hocket/sched/loop_record.hpp>
#include <hocket/sched/scheduler.hpp>
#include <hocket/sched/wait.hpp>
#include <hocket/sched/worker.hpp>

#include <atomic>
#include <cstdint>

namespace hocket::detail {

/// How a loop is to be cut.
struct loop_plan {
    std::uint64_t grain = 0;  // the least number of iterations worth a chunk; of `dynamic`, a chunk's size; 0: any
    schedule how = schedule::adaptive;
    bool always_parallel = false;  // do not try the first iterations serially
};

/// What loops over one type of body cost, in ticks per iteration; 0 before the first. Relaxed: a hint.
struct loop_cost {
    std::atomic<double> per_iteration{0};

    void learn(ticks spent, std::uint64_t iterations) noexcept {
        if (iterations == 0) return;
        double const sample = static_cast<double>(spent) / static_cast<double>(iterations);
        double const known = per_iteration.load(std::memory_order_relaxed);
        per_iteration.store(known == 0 ? sample : (known + sample) / 2, std::memory_order_relaxed);
    }
};
template <class Chunk>
inline loop_cost cost_of{};

/// The times that decide. A line goes back and forth between two cores in about 0.1 us; to wake a sleeping thread costs the
/// waker 5 to 10 us, and the thread comes 25 to 40 us later (measured on a virtual machine; less on bare metal).
struct loop_times {
    ticks probe, share_hot, share_cold, least_chunk;
    static loop_times const& get() noexcept {
        static loop_times const times{ticks_per_microsecond() / 2, ticks_per_microsecond() * 6 / 10,
                                      ticks_per_microsecond() * 60, ticks_per_microsecond() / 2};
        return times;
    }
};

/// A claim on units of one stripe.
struct loop_ticket {
    loop_stripe* stripe = nullptr;
    unit_range units{0, 0};
    explicit operator bool() const noexcept { return stripe != nullptr; }
};

/// Claims units of the stripe of `rank`, or else of the one with most left; registers the caller with that stripe.
inline loop_ticket claim_share(loop_record& loop, std::uint32_t rank) noexcept {
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
inline std::uint64_t participate(loop_record& loop, loop_ticket ticket, std::uint32_t rank) noexcept {
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
        if (stripe.word.leave()) caller.wait_parker.wake();
        ticket = claim_share(loop, rank);
    }
    return ran;
}

/// What a stripe's `run` needs to call the chunk.
template <class Chunk>
struct loop_job {
    Chunk& chunk;
    std::uint64_t begin;
    std::uint64_t end;
    std::uint64_t unit;

    static bool run(void* self, std::uint64_t first_unit, std::uint64_t last_unit) noexcept {
        loop_job const& job = *static_cast<loop_job*>(self);
        std::uint64_t const first = job.begin + first_unit * job.unit;
        std::uint64_t const last = job.begin + last_unit * job.unit;
        return job.chunk(first, last < job.end ? last : job.end);
    }
};

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
    me.open_loops.store(level + 1, std::memory_order_release);  // loop.open ->
    if (what.wake) me.sched->announce(me.domain);

    ticks const start = now_ticks();
    std::uint64_t const ran = participate(loop, claim_share(loop, me.rank), me.rank);
    ticks const spent = now_ticks() - start;

    for (std::uint32_t i = 0; i < loop.count; ++i) {
        range_word& word = loop.stripes[i].word;
        wait_until(me, [&] { return word.finished(); }, [] { return false; }, [&] { return word.announce_wait(); });
    }
    me.open_loops.store(level, std::memory_order_relaxed);
    me.next_loop = level;
    return {true, ran, spent};
}

/// Calls `chunk(first, last)` for disjoint pieces of [0, n), on the pool and on the calling thread, and returns when all
/// have returned. `chunk` is shared by the threads; it returns false to stop: then pieces not yet begun are skipped.
template <class Chunk>
void run_loop(scheduler& pool, std::uint64_t n, loop_plan const& plan, Chunk& chunk) {
    guest_scope const guest(pool);
    std::uint64_t done = 0;
    loop_cost& cost = cost_of<Chunk>;
    bool const serial = pool.size() == 1 || n <= 1 || !guest.entered() || plan.grain >= n;
    bool const adaptive = plan.how == schedule::adaptive && !plan.always_parallel;

    if (serial) {
        std::uint64_t const piece = n < 64 ? n / 8 + 1 : n / 64;
        for (std::uint64_t const step = piece < plan.grain ? plan.grain : piece; done < n;) {
            std::uint64_t const last = n - done < step ? n : done + step;
            if (!chunk(done, last)) return;
            done = last;
        }
        return;
    }

    worker& me = *this_context;
    loop_times const& times = loop_times::get();
    double per_iteration = cost.per_iteration.load(std::memory_order_relaxed);
    bool wake = true;
    if (adaptive) {
        auto const worth_sharing = [&](double ticks_left) {
            if (ticks_left < static_cast<double>(times.share_hot)) return false;
            wake = ticks_left >= static_cast<double>(times.share_cold);
            return wake || pool.somebody_searches();
        };
        if (per_iteration == 0 || !worth_sharing(per_iteration * static_cast<double>(n))) {
            ticks const start = now_ticks();
            ticks before = start;
            for (std::uint64_t batch = 1;;) {
                std::uint64_t const last = n - done <= batch ? n : done + batch;
                if (!chunk(done, last)) return;
                if (last == n) {
                    if (done != 0) cost.learn(before - start, done);
                    return;
                }
                ticks const now = now_ticks();
                per_iteration = static_cast<double>(now - before) / static_cast<double>(last - done);
                done = last;
                before = now;
                if (now - start < times.probe) {
                    batch *= 4;
                    continue;
                }
                if (worth_sharing(per_iteration * static_cast<double>(n - done))) break;
                batch *= 2;
            }
            cost.learn(before - start, done);
        }
    }

    std::uint64_t const rest = n - done;
    std::uint64_t unit = plan.grain != 0 ? plan.grain : 1;
    if (std::uint64_t const least = rest / range_word::max_units + 1; unit < least) unit = least;
    std::uint64_t const units = (rest - 1) / unit + 1;
    std::uint64_t const share = (units - 1) / pool.size() + 1;
    std::uint64_t claim = 1;
    if (plan.how == schedule::fixed) {
        claim = share;
    } else if (plan.how == schedule::adaptive) {
        claim = share / 64 + 1;
        double const unit_cost = per_iteration * static_cast<double>(unit);
        if (unit_cost * static_cast<double>(claim) < static_cast<double>(times.least_chunk)) {
            claim = unit_cost > 0 ? static_cast<std::uint64_t>(static_cast<double>(times.least_chunk) / unit_cost) + 1 : share;
            if (claim > share / 4 + 1) claim = share / 4 + 1;
        }
    }

    loop_job<Chunk> job{chunk, done, n, unit};
    own_part const own = launch(me, {&loop_job<Chunk>::run, &job, units, claim, wake});
    if (own.opened) {
        if (adaptive) cost.learn(own.spent, own.units * unit);
        return;
    }
    for (std::uint64_t u = 0; u < units && loop_job<Chunk>::run(&job, u, u + 1); ++u) {
    }
}

}  // namespace hocket::detail
