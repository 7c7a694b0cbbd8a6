// SPDX-License-Identifier: MIT
// Tests of blocking: other tasks run meanwhile, results and errors come through, and nesting does no harm.
#include <hocket/algorithm/loops/parallel_for.hpp>
#include <hocket/fork_join/join.hpp>
#include <hocket/fork_join/task_group.hpp>
#include <hocket/future/submit.hpp>
#include <hocket/pool/blocking.hpp>
#include <hocket/pool/this_worker.hpp>

#include <stress/watchdog.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <semaphore>
#include <stdexcept>
#include <thread>
#include <type_traits>
#include <unistd.h>

namespace {

using namespace hocket;
using stress_test::watchdog;

TEST(blocking, just_calls_outside_of_a_pool) {
    int x = 1;
    ASSERT_EQ(blocking([] { return 7; }), 7);
    int& same = blocking([&]() -> int& { return x; });
    ASSERT_EQ(&same, &x);
    static_assert(std::is_same_v<decltype(blocking([] {})), void>);
    ASSERT_EQ(*blocking([] { return std::make_unique<int>(3); }), 3);
    ASSERT_THROW(blocking([] { throw std::runtime_error("x"); }), std::runtime_error);
}

TEST(blocking, lets_the_task_run_that_it_waits_for) {
    watchdog const dog("blocking on a pipe with one worker");
    for (int round = 0; round < stress_test::repetitions(200); ++round) {
        thread_pool pool({.workers = 1});
        int ends[2];
        ASSERT_EQ(pipe(ends), 0);
        char got = 0;
        task_group group(pool);
        group.run([&] {
            group.run([&] { ASSERT_EQ(write(ends[1], "x", 1), 1); });
            ASSERT_EQ(blocking([&] { return read(ends[0], &got, 1); }), 1);
        });
        group.wait();
        ASSERT_EQ(got, 'x');
        close(ends[0]);
        close(ends[1]);
    }
}

TEST(blocking, lets_the_other_side_of_a_join_run) {
    watchdog const dog("blocking inside of joins");
    thread_pool pool({.workers = 1});
    for (int round = 0; round < stress_test::repetitions(200); ++round) {
        std::binary_semaphore outer{0}, inner{0};
        join(
            pool, [&] { join([&] { blocking([&] { inner.acquire(), outer.acquire(); }); }, [&] { inner.release(); }); },
            [&] { outer.release(); });
    }
}

TEST(blocking, many_at_once_do_not_stop_the_pool) {
    watchdog const dog("many blocked tasks");
    thread_pool pool({.workers = 2});
    std::counting_semaphore<> go{0};
    std::atomic<int> blocked{0};
    task_group group(pool);
    constexpr int count = 12; // fewer than the maximum of compensation threads
    for (int i = 0; i < count; ++i)
        group.run([&] {
            ++blocked;
            blocking([&] { blocking([&] { go.acquire(); }); });
        });
    group.run([&] {
        while (blocked != count) std::this_thread::yield();
        go.release(count);
    });
    group.wait();
}

// Only the blocking worker may run this task, so a compensation thread has to run it in its slot.
TEST(blocking, lets_others_run_what_is_meant_for_this_worker) {
    watchdog const dog("what is meant for a worker that blocks");
    for (bool const waits_first : {false, true})
        for (std::size_t const workers : {1u, 2u}) {
            thread_pool pool({.workers = workers});
            std::atomic<std::size_t> ran_at{99};
            submit(
                pool,
                [&] {
                    blocking([&] {
                        if (waits_first)
                            submit(pool, [] { std::this_thread::sleep_for(std::chrono::milliseconds(1)); }).get();
                        auto const meant_for_this = submit(
                            pool, [&] { ran_at = detail::this_slot->rank; }, submit_options{.on = 0});
                        while (ran_at == 99) std::this_thread::yield();
                    });
                },
                submit_options{.on = 0})
                .get();
            EXPECT_EQ(ran_at, 0u);
        }
}

TEST(blocking, leaves_the_pool_as_it_was) {
    watchdog const dog("after blocking");
    thread_pool pool({.workers = 2});
    for (int round = 0; round < stress_test::repetitions(300); ++round) {
        std::atomic<int> sum{0};
        parallel_for(pool, 0, 20,
                     [&](int i) {
                         try {
                             blocking([&] {
                                 std::this_thread::sleep_for(std::chrono::microseconds(10));
                                 parallel_for(0, 10, [&](int) { ++sum; });
                                 if (i % 2 == 0) throw i;
                             });
                         } catch (int) {
                         }
                     },
                     {.schedule = schedule::dynamic});
        ASSERT_EQ(sum, 200);
        ASSERT_EQ(detail::this_slot, nullptr);
    }
}

} // namespace
