// SPDX-License-Identifier: MIT
// Stress of pools that come and go, with work that no thread has begun and with workers that have released their cores.
// External threads come, submit and leave. Every submitted task runs, and every destructor returns.
#include <hocket/algorithm/loops/parallel_for.hpp>
#include <hocket/fork_join/join.hpp>
#include <hocket/fork_join/task_group.hpp>
#include <hocket/future/promise.hpp>
#include <hocket/future/submit.hpp>

#include <stress/watchdog.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

namespace {

using namespace hocket;
using namespace stress_test;

TEST(pool_churn, pools_that_are_never_used) {
    watchdog const dog("unused pools");
    for (int i = 0; i < repetitions(2000); ++i) thread_pool const pool({.workers = 1u + static_cast<unsigned>(i) % 5});
}

TEST(pool_churn, the_destructor_runs_what_was_submitted) {
    watchdog const dog("pending work");
    for (int round = 0; round < repetitions(5000); ++round) {
        std::atomic<int> ran{0};
        int const tasks = 1 + round % 20;
        std::optional<thread_pool> pool(std::in_place, pool_options{.workers = 1u + static_cast<unsigned>(round) % 4});
        task_group group(*pool);
        for (int i = 0; i < tasks; ++i) group.run([&] { ++ran; });
        pool.reset();
        ASSERT_EQ(ran, tasks);
    }
}

TEST(pool_churn, the_destructor_runs_what_the_submitted_tasks_submit) {
    watchdog const dog("pending work that adds work");
    for (int round = 0; round < repetitions(1000); ++round) {
        std::atomic<int> ran{0};
        std::optional<thread_pool> pool(std::in_place, pool_options{.workers = 1u + static_cast<unsigned>(round) % 4});
        task_group group(*pool);
        for (int i = 0; i < 4; ++i)
            group.run([&] {
                ++ran;
                for (int k = 0; k < 3; ++k)
                    group.run([&] {
                        ++ran;
                        group.run([&] { ++ran; });
                    });
            });
        pool.reset();
        ASSERT_EQ(ran, 4 * (1 + 3 * 2));
    }
}

// Compensation threads start shortly before the end.
TEST(pool_churn, the_destructor_joins_threads_that_were_added_for_waits) {
    watchdog const dog("added threads");
    constexpr unsigned workers[] = {1, 2, 3, 2, 4, 2, 8, 2, 16, 2, 64, 2};
    for (int round = 0; round < repetitions(4000); ++round) {
        std::atomic<int> ran{0};
        std::optional<thread_pool> pool(std::in_place,
                                        pool_options{.workers = workers[round % 12], .bind = binding::none});
        promise<int> kept;
        shared_future<int> const awaited = kept.get_future();
        std::vector<future<void>> waits;
        auto const submit_waits = [&](int count) {
            for (int i = 0; i < count; ++i)
                waits.push_back(submit(*pool, [awaited, &ran] {
                    awaited.wait();
                    ++ran;
                }));
        };
        submit_waits(6);
        std::thread keeper([&] {
            std::this_thread::sleep_for(std::chrono::microseconds(300));
            submit_waits(4);
            kept.set_value(1);
        });
        keeper.join();
        waits.clear();
        pool.reset();
        ASSERT_EQ(ran, 10);
    }
}

TEST(pool_churn, the_destructor_runs_submitted_tasks_that_wait) {
    watchdog const dog("pending work that waits");
    for (int round = 0; round < repetitions(1500); ++round) {
        std::atomic<int> ran{0};
        std::optional<thread_pool> pool(std::in_place, pool_options{.workers = 1u + static_cast<unsigned>(round) % 4});
        task_group group(*pool);
        for (int i = 0; i < 6; ++i)
            group.run([&ran, i] {
                task_group inner;
                inner.run([&ran] {
                    burn(30'000);
                    ++ran;
                });
                inner.run([&ran] { ++ran; });
                inner.wait();
                parallel_for(0, 8, [&](int) { ++ran; }, {.schedule = i % 2 == 0 ? schedule::dynamic : schedule::fixed});
                join([&] { ++ran; }, [&] { ++ran; });
            });
        if (round % 3 == 0) std::this_thread::yield();
        pool.reset();
        ASSERT_EQ(ran, 6 * 12);
    }
}

// A worker waits and releases its core. A compensation thread runs a task on the core, and gives it back while the pool
// ends.
TEST(pool_churn, the_destructor_wakes_spare_threads) {
    watchdog const dog("spares at the end");
    for (int round = 0; round < repetitions(200); ++round) {
        std::atomic<bool> stolen{false};
        std::atomic<bool> spare_runs{false};
        std::atomic<bool> waiter_is_back{false};
        std::atomic<bool> ending{false};
        auto const until = [](std::atomic<bool> const& happened) {
            while (!happened) std::this_thread::yield();
        };
        std::optional<thread_pool> pool(std::in_place, pool_options{.workers = 2});
        task_group group(*pool);
        group.run([&] {
            join([&] { until(stolen); },
                 [&] {
                     stolen = true;
                     group.run([&] {
                         spare_runs = true;
                         until(waiter_is_back);
                         until(ending);
                         burn(round % 2 == 0 ? 0 : 500'000);
                     });
                     until(spare_runs);
                 });
            waiter_is_back = true;
        });
        until(waiter_is_back);
        ending = true;
        pool.reset();
        group.wait();
    }
}

TEST(pool_churn, outside_threads_that_live_for_one_call) {
    watchdog const dog("short-lived threads");
    thread_pool pool({.workers = 3});
    task_group shared(pool);
    std::atomic<int> ran{0};
    int const threads = repetitions(10'000);
    for (int i = 0; i < threads; i += 4) {
        std::vector<std::thread> some;
        for (int k = 0; k < 4; ++k)
            some.emplace_back([&, k] {
                switch (k) {
                case 0:
                    join(
                        pool, [&] { ++ran; }, [&] { ++ran; });
                    break;
                case 1: parallel_for(pool, 0, 2, [&](int) { ++ran; }, {.schedule = schedule::dynamic}); break;
                case 2: {
                    task_group own(pool);
                    own.run([&] { ++ran; });
                    own.run([&] { ++ran; });
                    break;
                }
                default: shared.run([&] { ++ran; }); shared.run([&] { ++ran; });
                }
            });
        for (std::thread& thread : some) thread.join();
    }
    shared.wait();
    ASSERT_EQ(ran, 2 * ((threads + 3) / 4 * 4));
}

TEST(pool_churn, pools_inside_of_pools) {
    watchdog const dog("pools in pools");
    for (int round = 0; round < repetitions(300); ++round) {
        thread_pool outer({.workers = 2});
        std::atomic<int> ran{0};
        parallel_for(outer, 0, 4,
                     [&](int) {
                         thread_pool inner({.workers = 2});
                         parallel_for(inner, 0, 4,
                                      [&](int) {
                                          join(
                                              outer, [&] { ++ran; },
                                              [&] {
                                                  join(
                                                      inner, [&] { ++ran; }, [&] { ++ran; });
                                              });
                                      },
                                      {.schedule = schedule::dynamic});
                     },
                     {.schedule = schedule::dynamic});
        ASSERT_EQ(ran, 4 * 4 * 3);
    }
}

struct uses_a_pool_at_thread_exit {
    std::atomic<int>* ran = nullptr;
    ~uses_a_pool_at_thread_exit() {
        if (ran == nullptr) return;
        join([this] { ++*ran; }, [this] { ++*ran; });
        parallel_for(0, 4, [this](int) { ++*ran; }, {.schedule = schedule::dynamic});
    }
};
thread_local uses_a_pool_at_thread_exit at_exit;

TEST(pool_churn, destructors_of_thread_local_objects_use_pools) {
    watchdog const dog("thread_local destructors");
    for (int round = 0; round < repetitions(300); ++round) {
        std::atomic<int> ran{0};
        std::thread([&] { at_exit.ran = &ran; }).join();
        ASSERT_EQ(ran, 6);
        std::atomic<int> workers{0};
        {
            thread_pool pool({.workers = 2});
            task_group group(pool);
            std::atomic<int> arrived{0};
            for (int i = 0; i < 2; ++i)
                group.run([&] {
                    ++arrived;
                    if (at_exit.ran == nullptr) ++workers;
                    at_exit.ran = &ran;
                });
            while (arrived != 2) std::this_thread::yield(); // so that the pool's own threads run both
        }
        ASSERT_EQ(ran, 6 + 6 * workers);
    }
}

} // namespace
