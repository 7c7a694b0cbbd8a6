// SPDX-License-Identifier: MIT
// Stress of pipelines of random shapes, coroutines that wait for everything, timers that race with their cancellation,
// periodic tasks that come and go, and blocking calls. All run in pools that come and go as well. The invariant: no
// work is lost or done twice.
#include <hocket/coroutine/coroutine.hpp>
#include <hocket/future/periodic.hpp>
#include <hocket/future/promise.hpp>
#include <hocket/pipeline/pipeline.hpp>
#include <hocket/pool/blocking.hpp>
#include <hocket/pool/worker_local.hpp>

#include <stress/watchdog.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <optional>
#include <stop_token>
#include <thread>
#include <vector>

namespace {

using namespace hocket;
using namespace std::chrono_literals;
using stress_test::burn;
using stress_test::dice;
using stress_test::time_budget;
using stress_test::watchdog;

/// An item that counts itself.
struct item {
    explicit item(int n) : number(n) { ++alive; }
    item(item&& from) noexcept : number(from.number) { ++alive; }
    ~item() { --alive; }
    int number;
    static inline std::atomic<int> alive{0};
};

template<stage_order A, stage_order B, stage_order C>
void one_pipeline(thread_pool& pool, dice& chance) {
    int const n = static_cast<int>(chance.below(400));
    int const fails = chance.below(4) == 0 ? static_cast<int>(chance.below(400)) : n;
    unsigned const cost[3] = {chance.below(300), chance.below(300), chance.below(300)};
    std::atomic<int> through{0};
    std::atomic<int> given{0};
    std::atomic<int> inside[3] = {};
    std::atomic<int> next[3] = {};
    std::atomic<int> wrong{0};
    auto const visit = [&](int which, stage_order order, int number) {
        int const now = inside[which]++;
        if (order != parallel && now != 0) ++wrong;
        if (order == serial && next[which]++ != number) ++wrong;
        burn(static_cast<unsigned>(number * 31 % 7) * cost[which] / 4);
        --inside[which];
    };
    bool failed = false;
    try {
        pipeline(stage<serial>([&]() -> std::optional<item> {
                     int const number = given;
                     if (number == n) return std::nullopt;
                     ++given;
                     return std::optional<item>(std::in_place, number);
                 }),
                 stage<A>([&](item i) {
                     visit(0, A, i.number);
                     return i;
                 }),
                 stage<B>([&](item i) {
                     visit(1, B, i.number);
                     if (i.number == fails) throw i.number;
                     return i;
                 }),
                 stage<C>([&](item i) {
                     visit(2, C, i.number);
                     ++through;
                 }))
            .run(pool, {.tokens = 1 + chance.below(20)});
    } catch (int number) {
        failed = true;
        ASSERT_EQ(number, fails);
    }
    ASSERT_EQ(wrong, 0);
    ASSERT_EQ(failed, fails < n);
    if (!failed) {
        ASSERT_EQ(through, n);
    }
}

TEST(flow, pipelines_of_all_shapes_lose_nothing) {
    watchdog const dog("pipelines of all shapes");
    dice chance(1);
    for (time_budget budget; budget.left();) {
        thread_pool pool({.workers = 1 + chance.below(4)});
        std::vector<std::thread> callers;
        for (unsigned t = 0; t < 2; ++t)
            callers.emplace_back([&pool, seed = chance()] {
                dice own(seed);
                for (int round = 0; round < 4; ++round) {
                    one_pipeline<serial, serial, serial>(pool, own);
                    one_pipeline<parallel, serial, parallel>(pool, own);
                    one_pipeline<serial_any_order, parallel, serial>(pool, own);
                    one_pipeline<parallel, serial_any_order, serial>(pool, own);
                    one_pipeline<parallel, parallel, serial_any_order>(pool, own);
                }
            });
        for (std::thread& caller : callers) caller.join();
        ASSERT_EQ(item::alive, 0);
    }
}

task<long> wanders(thread_pool& home, thread_pool& other, std::uint64_t seed, int depth) {
    dice chance(seed);
    long sum = 1;
    if (depth == 0) co_return sum;
    switch (chance.below(6)) {
    case 0: co_await sleep_for(std::chrono::microseconds(chance.below(50))); break;
    case 1: co_await other.schedule(); break;
    case 2: co_await home.schedule(); break;
    case 3: sum += co_await submit(other, [] { return 0; }); break;
    case 4: blocking([] { std::this_thread::sleep_for(1us); }); break;
    default: break;
    }
    future<long> left = submit(home, wanders(home, other, chance(), depth - 1));
    sum += co_await wanders(home, other, chance(), depth - 1);
    co_return sum + co_await std::move(left);
}

TEST(flow, coroutines_that_wander_between_pools_all_end) {
    watchdog const dog("coroutines that wander");
    dice chance(2);
    for (time_budget budget; budget.left();) {
        thread_pool other({.workers = 1 + chance.below(3)});
        thread_pool home({.workers = 1 + chance.below(3)});
        std::vector<future<long>> all;
        for (int i = 0; i < 8; ++i) all.push_back(submit(home, wanders(home, other, chance(), 6)));
        for (future<long>& f : all) ASSERT_EQ(std::move(f).get(), 127);
    }
}

task<long> races(future<long> f, std::chrono::microseconds nap) {
    co_await sleep_for(nap);
    long const got = co_await std::move(f);
    co_await sleep_for(nap);
    co_return got;
}

TEST(flow, stopping_races_with_timers_and_promises) {
    watchdog const dog("stops that race with timers");
    dice chance(3);
    thread_pool pool({.workers = 2});
    for (time_budget budget; budget.left();) {
        std::vector<std::stop_source> sources(20);
        std::vector<promise<long>> promises(20);
        std::vector<future<long>> all;
        for (std::size_t i = 0; i < 20; ++i)
            all.push_back(submit(pool, races(promises[i].get_future(), std::chrono::microseconds(chance.below(60))),
                                 {.stop = sources[i].get_token()}));
        std::thread keeper([&] {
            for (promise<long>& p : promises) p.set_value(7);
        });
        for (std::stop_source& source : sources) {
            burn(chance.below(5000));
            source.request_stop();
        }
        keeper.join();
        for (future<long>& f : all) {
            try {
                ASSERT_EQ(std::move(f).get(), 7);
            } catch (operation_cancelled const&) { // just as good
            }
        }
    }
}

TEST(flow, pools_end_under_timers_and_periodic_tasks) {
    watchdog const dog("pools that end under timers");
    dice chance(4);
    for (time_budget budget; budget.left();) {
        std::atomic<long> delayed{0};
        std::atomic<long> ticked{0};
        long counted = 0;
        {
            std::vector<periodic_task> ticks;
            thread_pool pool({.workers = 1 + chance.below(3)});
            worker_local<long> counts(pool);
            for (int i = 0; i < 4; ++i)
                ticks.push_back(run_every(pool, std::chrono::microseconds(1 + chance.below(100)), [&] {
                    ++ticked;
                    ++counts.local();
                }));
            for (int i = 0; i < 20; ++i)
                (void)submit(pool, [&] { ++delayed; }, {.after = std::chrono::microseconds(chance.below(300))});
            burn(chance.below(300'000));
            if (chance.below(2) == 0) ticks.resize(2);
            for (periodic_task& tick : ticks) tick.stop();
            counted = counts.combine([](long a, long b) { return a + b; });
        }
        ASSERT_EQ(delayed, 20);
        ASSERT_EQ(counted, ticked);
    }
}

} // namespace
