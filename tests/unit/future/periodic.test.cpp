// SPDX-License-Identifier: MIT
// Tests of run_every: calls one after the other until a stop, from any thread; errors; pools that end. No test measures
// time.
#include <hocket/fork_join/task_group.hpp>
#include <hocket/future/periodic.hpp>

#include <stress/watchdog.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cmath>
#include <memory>
#include <optional>
#include <stdexcept>
#include <stop_token>
#include <thread>
#include <vector>

namespace {

using namespace hocket;
using namespace std::chrono_literals;
using stress_test::watchdog;

void wait_for(std::atomic<int>& value, int wanted) {
    while (value < wanted) std::this_thread::sleep_for(50us);
}

class periodic_on : public testing::TestWithParam<unsigned> {
  protected:
    thread_pool pool_{{.workers = GetParam()}};
};
INSTANTIATE_TEST_SUITE_P(workers, periodic_on, testing::Values(1u, 3u));

TEST_P(periodic_on, calls_again_and_again_until_it_is_stopped) {
    watchdog const dog("run_every");
    std::atomic<int> calls{0};
    std::atomic<int> at_once{0};
    periodic_task tick = run_every(pool_, 200us, [&] {
        ASSERT_EQ(++at_once, 1);
        ASSERT_TRUE(detail::slot_in(pool_.sched()) != nullptr);
        ++calls;
        --at_once;
    });
    wait_for(calls, 5);
    ASSERT_TRUE(tick.running());
    tick.stop();
    ASSERT_FALSE(tick.running());
    int const then = calls;
    std::this_thread::sleep_for(2ms);
    ASSERT_EQ(calls, then);
    ASSERT_EQ(tick.calls(), static_cast<unsigned>(then));
    tick.stop();
}

TEST_P(periodic_on, its_end_waits_for_a_running_call) {
    watchdog const dog("run_every is destroyed while it runs");
    for (int round = 0; round < stress_test::repetitions(200); ++round) {
        std::atomic<bool> running{false};
        std::atomic<int> calls{0};
        {
            periodic_task const tick = run_every(pool_, 10us, [&, alive = std::make_unique<int>(1)] {
                running = true;
                stress_test::burn(20'000);
                ++calls;
                running = *alive != 1;
            });
            wait_for(calls, round % 3);
        }
        ASSERT_FALSE(running);
    }
}

TEST_P(periodic_on, skips_the_ticks_that_a_long_call_has_missed) {
    watchdog const dog("long calls");
    std::atomic<int> calls{0};
    periodic_task tick = run_every(pool_, 100us, [&] {
        std::this_thread::sleep_for(1ms);
        ++calls;
    });
    wait_for(calls, 3);
    ASSERT_GT(tick.missed(), 0u);
    tick.stop();
}

TEST_P(periodic_on, an_exception_ends_it_and_is_reported) {
    watchdog const dog("a periodic task that throws");
    std::atomic<int> calls{0};
    auto const resource = std::make_shared<int>();
    periodic_task tick = run_every(pool_, 50us, [&, resource] {
        if (++calls == 3) throw std::runtime_error("third");
    });
    ASSERT_THROW(tick.wait(), std::runtime_error);
    ASSERT_FALSE(tick.running());
    ASSERT_EQ(calls, 3);
    ASSERT_EQ(resource.use_count(), 1);
    ASSERT_THROW(tick.stop(), std::runtime_error);
}

TEST_P(periodic_on, stops_itself) {
    watchdog const dog("a periodic task that stops itself");
    std::optional<periodic_task> tick;
    std::atomic<bool> ready{false};
    std::atomic<int> calls{0};
    tick = run_every(pool_, 50us, [&] {
        while (!ready) std::this_thread::yield();
        if (++calls == 3) {
            tick->stop();
            ASSERT_TRUE(this_task::stop_requested());
        }
    });
    ready = true;
    tick->wait();
    ASSERT_EQ(calls, 3);
}

TEST_P(periodic_on, may_own_its_handle) {
    watchdog const dog("a periodic task that owns its handle");
    auto handle = std::make_shared<std::optional<periodic_task>>();
    std::atomic<int> calls{0};
    std::atomic<bool> ready{false};
    *handle = run_every(pool_, 50us, [&, mine = handle] {
        while (!ready) std::this_thread::yield();
        if (++calls == 2) throw std::runtime_error("ends");
    });
    std::weak_ptr const seen = handle;
    ready = true;
    handle.reset();
    while (!seen.expired()) std::this_thread::sleep_for(50us);
    ASSERT_EQ(calls, 2);
}

TEST_P(periodic_on, ends_by_its_stop_token) {
    watchdog const dog("a periodic task with a stop token");
    for (int round = 0; round < stress_test::repetitions(200); ++round) {
        std::stop_source source;
        std::atomic<int> calls{0};
        periodic_task tick = run_every(pool_, 10us, [&] { ++calls; },
                                       {.delay = std::chrono::microseconds(round % 30), .stop = source.get_token()});
        if (round % 4 != 0) wait_for(calls, round % 4);
        source.request_stop();
        tick.wait();
        int const then = calls;
        ASSERT_FALSE(tick.running());
        stress_test::burn(5000);
        ASSERT_EQ(calls, then);
        periodic_task never = run_every(pool_, 1us, [&] { ++calls; }, {.stop = source.get_token()});
        never.wait();
        ASSERT_EQ(calls, then);
    }
}

TEST_P(periodic_on, is_stopped_by_a_task_of_the_same_pool) {
    watchdog const dog("a periodic task is stopped by its pool");
    for (int round = 0; round < stress_test::repetitions(200); ++round) {
        task_group group(pool_);
        group.run([] {
            periodic_task tick = run_every(20us, [] { stress_test::burn(100); });
            stress_test::burn(30'000);
            tick.stop();
        });
        group.wait();
    }
}

TEST(periodic, ends_with_its_pool_however_long_the_period) {
    watchdog const dog("a pool with a periodic task ends");
    for (int round = 0; round < stress_test::repetitions(100); ++round) {
        std::atomic<int> calls{0};
        std::vector<periodic_task> ticks;
        {
            thread_pool pool({.workers = 2});
            ticks.push_back(run_every(pool, 1h, [&] { ++calls; }));
            ticks.push_back(run_every(pool, std::chrono::hours::max(), [] {}));
            ticks.push_back(run_every(pool, 1h, [&] { ++calls; }, {.delay = 0ms}));
            for (int i = 0; i < 5; ++i) ticks.push_back(run_every(pool, 10us, [] { stress_test::burn(1000); }));
            wait_for(calls, 1);
        }
        ASSERT_EQ(calls, 1);
        for (periodic_task& tick : ticks) {
            ASSERT_FALSE(tick.running());
            tick.stop();
        }
    }
}

TEST(periodic, refuses_periods_that_are_none) {
    ASSERT_THROW((void)run_every(0ms, [] {}), std::invalid_argument);
    ASSERT_THROW((void)run_every(-1s, [] {}), std::invalid_argument);
    ASSERT_THROW((void)run_every(std::chrono::duration<double>(std::nan("")), [] {}), std::invalid_argument);
}

TEST(periodic, a_handle_moves) {
    watchdog const dog("a handle is moved");
    std::atomic<int> calls{0};
    periodic_task none;
    none.stop();
    periodic_task first = run_every(50us, [&] { ++calls; });
    periodic_task second = std::move(first);
    ASSERT_FALSE(first.running()); // NOLINT(bugprone-use-after-move)
    wait_for(calls, 2);
    second = run_every(1h, [] {});
    int const then = calls;
    std::this_thread::sleep_for(1ms);
    ASSERT_EQ(calls, then);
}

} // namespace
