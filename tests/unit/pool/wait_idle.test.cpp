// SPDX-License-Identifier: MIT
// Tests of thread_pool::wait_idle: it returns when no work is left, and not before; and tasks cannot wait for their own
// pool.
#include <hocket/algorithm/loops/parallel_for.hpp>
#include <hocket/coroutine/coroutine.hpp>
#include <hocket/fork_join/task_group.hpp>
#include <hocket/future/promise.hpp>
#include <hocket/future/submit.hpp>
#include <hocket/pool/thread_pool.hpp>

#include <stress/watchdog.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace hocket;
using namespace std::chrono_literals;
using stress_test::repetitions;
using stress_test::watchdog;

class wait_idle : public testing::TestWithParam<std::size_t> {
  protected:
    thread_pool pool_{{.workers = GetParam(), .bind = binding::none}};
};
INSTANTIATE_TEST_SUITE_P(workers, wait_idle, testing::Values(1u, 2u, 4u, 16u));

TEST_P(wait_idle, returns_at_once_when_nothing_was_submitted) {
    watchdog const dog("idle");
    pool_.wait_idle();
    auto const warm = pool_.keep_warm();
    pool_.wait_idle();
}

TEST_P(wait_idle, waits_for_what_tasks_submit) {
    watchdog const dog("tasks that submit tasks");
    for (int round = 0; round < repetitions(40); ++round) {
        std::atomic<int> ended{0};
        for (int i = 0; i < 10; ++i)
            (void)submit(pool_, [&, i] {
                std::this_thread::yield();
                (void)submit(pool_, [&, i] {
                    if (i % 3 == 0) std::this_thread::sleep_for(100us);
                    (void)submit(
                        pool_, [&] { ++ended; }, submit_options{.on = 0});
                });
            });
        pool_.wait_idle();
        ASSERT_EQ(ended, 10);
    }
}

TEST_P(wait_idle, waits_for_delays_coroutines_and_tasks_that_wait) {
    watchdog const dog("delays and coroutines");
    std::atomic<int> ended{0};
    promise<void> opens;
    shared_future<void> const gate = opens.get_future().share();
    (void)submit(
        pool_, [&] { ++ended; }, submit_options{.after = 5ms});
    (void)submit(pool_, [&] {
        (void)submit(
            pool_, [&] { ++ended; }, submit_options{.after = 3ms});
    });
    (void)submit(pool_, [](shared_future<void> until, std::atomic<int>& count) -> task<void> {
        co_await until;
        ++count;
    }(gate, ended));
    (void)submit(pool_, [&] {
        gate.wait();
        ++ended;
    });
    std::jthread later([&] {
        std::this_thread::sleep_for(2ms);
        opens.set_value();
    });
    pool_.wait_idle();
    EXPECT_EQ(ended, 4);
}

TEST_P(wait_idle, waits_for_a_task_that_an_outside_thread_runs_because_it_waits) {
    watchdog const dog("a task that a waiting thread runs");
    for (int round = 0; round < repetitions(40); ++round) {
        std::atomic<bool> begun{false}, ended{false};
        shared_future<void> const one = submit(pool_, [&] {
                                            begun = true;
                                            std::this_thread::sleep_for(200us);
                                            ended = true;
                                        }).share();
        std::jthread other([&] { one.wait(); });
        while (!begun) std::this_thread::yield();
        pool_.wait_idle();
        ASSERT_TRUE(ended);
    }
}

TEST_P(wait_idle, by_several_threads_while_others_work) {
    watchdog const dog("several threads that wait until the pool is idle");
    std::atomic<int> sum{0};
    {
        std::vector<std::jthread> all;
        for (int t = 0; t < 3; ++t)
            all.emplace_back([&] {
                for (int i = 0; i < repetitions(40); ++i) {
                    (void)submit(pool_, [&] { ++sum; });
                    pool_.wait_idle();
                    parallel_for(pool_, 0, 10, [&](int) { ++sum; });
                }
            });
    }
    pool_.wait_idle();
    EXPECT_EQ(sum, 33 * repetitions(40));
}

TEST_P(wait_idle, is_an_error_in_a_task_of_the_pool) {
    watchdog const dog("a task that waits for its pool");
    thread_pool other({.workers = 1, .bind = binding::none});
    auto const asks = [&] {
        try {
            pool_.wait_idle();
            return false;
        } catch (std::logic_error const& error) {
            return std::string(error.what()).find("wait_idle") != std::string::npos;
        }
    };
    EXPECT_TRUE(submit(pool_, asks).get());
    std::atomic<int> errors{0};
    parallel_for(pool_, 0, 4, [&](int) { errors += asks(); }); // the caller takes part as well
    EXPECT_EQ(errors, 4);
    EXPECT_TRUE(submit(pool_, [&] { return submit(other, [] { return true; }).get() && asks(); }).get());
    parallel_for(pool_, 0, 2, [&](int) {
        parallel_for(other, 0, 2, [&](int) { std::this_thread::sleep_for(1ms); });
        task_group group(other);
        group.run([] {});
        group.wait();
    });
    EXPECT_FALSE(submit(other, [&] { return pool_.wait_idle(), false; }).get()) << "from another pool";
}

TEST(wait_idle_death, a_pool_destroyed_by_its_own_thread_ends_the_program_with_a_message) {
    testing::FLAGS_gtest_death_test_style = "threadsafe";
    EXPECT_DEATH(
        {
            auto pool = std::make_unique<thread_pool>(pool_options{.workers = 1, .bind = binding::none});
            thread_pool other({.workers = 1, .bind = binding::none});
            submit(*pool, [&] {
                parallel_for(other, 0, 2, [&](int) { pool.reset(); }, {.schedule = schedule::fixed});
            }).get();
        },
        "destroyed by one of its own tasks");
}

} // namespace
