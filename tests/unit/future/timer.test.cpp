// SPDX-License-Identifier: MIT
// Tests of timers: each fires once or is cancelled, pools wait for theirs, and children of fork() have their own.
#include <hocket/future/timer.hpp>
#include <hocket/sched/spawn.hpp>

#include <stress/in_child.hpp>
#include <stress/watchdog.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <thread>
#include <vector>

namespace {

using namespace hocket;
using namespace std::chrono_literals;
using detail::cancel_timer;
using detail::due_after;
using detail::prepare_timer;
using detail::start_timer;
using stress_test::watchdog;

struct counting_timer : detail::timer_item {
    counting_timer() {
        fire = [](detail::timer_item* self) noexcept { ++*static_cast<counting_timer*>(self)->fired; };
    }
    std::shared_ptr<std::atomic<int>> fired = std::make_shared<std::atomic<int>>(0);
};

void wait_until_equal(std::atomic<int>& value, int wanted) {
    while (value != wanted) std::this_thread::sleep_for(100us);
}

TEST(timer, fires_once_and_not_before_it_is_due) {
    watchdog const dog("one timer");
    counting_timer timer;
    auto const start = std::chrono::steady_clock::now();
    timer.due = due_after(2ms);
    start_timer(timer);
    wait_until_equal(*timer.fired, 1);
    ASSERT_GE(std::chrono::steady_clock::now() - start, 2ms);
    std::this_thread::sleep_for(3ms);
    ASSERT_EQ(*timer.fired, 1);
    ASSERT_FALSE(cancel_timer(timer));
}

TEST(timer, that_is_cancelled_never_fires) {
    counting_timer timer;
    ASSERT_FALSE(cancel_timer(timer));
    timer.due = due_after(std::chrono::hours::max());
    start_timer(timer);
    ASSERT_TRUE(cancel_timer(timer));
    ASSERT_FALSE(cancel_timer(timer));
    timer.due = due_after(1ms);
    start_timer(timer);
    watchdog const dog("a timer that was cancelled is started again");
    wait_until_equal(*timer.fired, 1);
}

TEST(timer, that_was_prepared_is_cancelled_once_whenever_the_request_comes) {
    watchdog const dog("requests while timers start");
    constexpr int rounds = stress_test::repetitions(20'000);
    std::atomic<int> round{0};
    std::atomic<int> ended{0};
    std::atomic<counting_timer*> current{nullptr};
    std::atomic<bool> requested{false};
    std::atomic<int> cancelled{0};
    std::thread other([&] {
        for (int i = 1; i <= rounds; ++i) {
            for (stress_test::spinning s; round != i;) s.look_again();
            stress_test::burn(static_cast<unsigned>(i % 256));
            requested.store(true, std::memory_order_relaxed);
            if (cancel_timer(*current)) ++cancelled;
            ended = i;
        }
    });
    for (int i = 1; i <= rounds; ++i) {
        counting_timer timer;
        timer.due = due_after(1h);
        prepare_timer(timer);
        requested = false;
        current = &timer;
        round = i;
        stress_test::burn(static_cast<unsigned>(i / 256 % 64));
        start_timer(timer);
        if (requested.load(std::memory_order_relaxed) && cancel_timer(timer)) ++cancelled;
        for (stress_test::spinning s; ended != i;) s.look_again();
        EXPECT_EQ(cancelled.exchange(0), 1) << i;
        if (HasFailure()) (void)cancel_timer(timer);
    }
    other.join();
}

TEST(timer, a_sooner_one_does_not_wait_for_a_later_one) {
    watchdog const dog("a sooner timer");
    counting_timer late;
    late.due = due_after(1h);
    start_timer(late);
    std::this_thread::sleep_for(2ms);
    counting_timer soon;
    soon.due = due_after(0ms);
    start_timer(soon);
    wait_until_equal(*soon.fired, 1);
    ASSERT_EQ(*late.fired, 0);
    ASSERT_TRUE(cancel_timer(late));
}

TEST(timer, fires_or_is_cancelled_but_never_both) {
    watchdog const dog("timers that are cancelled by several threads");
    constexpr int count = 2000;
    std::vector<counting_timer> timers(count);
    std::atomic<int> cancelled{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < 3; ++t)
        threads.emplace_back([&, t] {
            stress_test::dice dice(static_cast<unsigned>(t) + 1);
            for (int i = t; i < count; i += 3) {
                counting_timer& timer = timers[static_cast<std::size_t>(i)];
                timer.due = due_after(std::chrono::microseconds(dice.below(300)));
                start_timer(timer);
                stress_test::burn(dice.below(20'000));
                if (cancel_timer(timers[static_cast<std::size_t>(i) / 2])) ++cancelled;
            }
        });
    for (std::thread& thread : threads) thread.join();
    for (counting_timer& timer : timers) cancelled += cancel_timer(timer);
    int fired = 0;
    for (int tries = 0; fired + cancelled != count && tries < 10'000; ++tries) {
        std::this_thread::sleep_for(100us);
        fired = 0;
        for (counting_timer& timer : timers) fired += *timer.fired;
    }
    ASSERT_EQ(fired + cancelled, count);
    for (counting_timer& timer : timers) ASSERT_LE(*timer.fired, 1);
}

struct delayed_task : detail::timer_item, detail::work_item {
    delayed_task(thread_pool& its_pool, std::atomic<int>& its_count, std::chrono::microseconds delay)
        : count(its_count) {
        detail::timer_item::pool = &its_pool.sched();
        due = due_after(delay);
        fire = [](timer_item* self) noexcept {
            auto* const task = static_cast<delayed_task*>(self);
            detail::spawn(*task->pool, *task);
        };
        work_item::run = [](work_item* self) noexcept {
            auto* const task = static_cast<delayed_task*>(self);
            ++task->count;
            delete task;
        };
    }
    std::atomic<int>& count;
};

TEST(timer, a_pool_finishes_what_was_submitted_with_a_delay) {
    watchdog const dog("a pool with delayed tasks is destroyed");
    for (int round = 0; round < stress_test::repetitions(200); ++round) {
        std::atomic<int> ran{0};
        {
            thread_pool pool({.workers = 1 + static_cast<unsigned>(round) % 3});
            for (int i = 0; i < 20; ++i) start_timer(*new delayed_task(pool, ran, std::chrono::microseconds(i * 20)));
        }
        ASSERT_EQ(ran, 20);
    }
}

struct respawning_task : detail::work_item {
    respawning_task(thread_pool& its_pool, std::atomic<int>& its_count) : pool(its_pool), count(its_count) {
        run = [](work_item* self) noexcept {
            auto* const task = static_cast<respawning_task*>(self);
            stress_test::burn(10'000);
            start_timer(*new delayed_task(task->pool, task->count, 1h));
            delete task;
        };
    }
    thread_pool& pool;
    std::atomic<int>& count;
};

TEST(timer, delays_that_begin_while_a_pool_joins_its_threads_are_cut_short) {
    watchdog const dog("a delay that begins when the pool ends");
    for (int round = 0; round < 20; ++round) {
        std::atomic<int> ran{0};
        auto* const pool = new thread_pool({.workers = 2});
        detail::scheduler& sched = pool->sched();
        pool->pending().close(sched);
        detail::spawn(sched, *new respawning_task(*pool, ran));
        delete pool;
        ASSERT_EQ(ran, 1);
    }
}

TEST(timer, a_child_of_fork_has_timers_of_its_own) {
    if (stress_test::thread_sanitizer) GTEST_SKIP() << "ThreadSanitizer lets no child of fork() start a thread";
    watchdog const dog("timers after fork");
    counting_timer of_parent;
    of_parent.due = due_after(1h);
    start_timer(of_parent);
    auto const fire_in_child = [&] {
        counting_timer timer;
        timer.due = due_after(1ms);
        start_timer(timer);
        wait_until_equal(*timer.fired, 1);
        return cancel_timer(of_parent) && !cancel_timer(of_parent) ? 7 : 8;
    };
    ASSERT_EQ(stress_test::in_child(fire_in_child), "exit 7");
    ASSERT_TRUE(cancel_timer(of_parent));
}

TEST(timer, delays_beyond_the_clock_are_never_due) {
    using clock = std::chrono::steady_clock;
    ASSERT_EQ(due_after(std::chrono::hours::max()), clock::time_point::max());
    ASSERT_EQ(due_after(std::chrono::duration<double>(1e300)), clock::time_point::max());
    clock::time_point const past = due_after(std::chrono::hours::min());
    ASSERT_LE(past, clock::now());
    ASSERT_GT(due_after(std::chrono::duration<float, std::micro>(0.5f)), past);
}

} // namespace
