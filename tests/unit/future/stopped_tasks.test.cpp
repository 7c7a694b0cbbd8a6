// SPDX-License-Identifier: MIT
// Tests that a stop ends at once everything that waits and has not begun: for an argument, for a time, in a queue; and
// suspended coroutines.
#include <hocket/coroutine/async_event.hpp>
#include <hocket/coroutine/async_semaphore.hpp>
#include <hocket/coroutine/channel.hpp>
#include <hocket/coroutine/coroutine.hpp>
#include <hocket/future/promise.hpp>
#include <hocket/future/submit.hpp>
#include <hocket/pool/thread_pool.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <stop_token>
#include <thread>
#include <vector>

namespace {

using namespace hocket;
using namespace std::chrono_literals;

TEST(a_stop, ends_a_task_whose_argument_is_never_ready) {
    thread_pool pool({.workers = 2, .bind = binding::none});
    std::stop_source source;
    promise<int> never;
    auto const alive = std::make_shared<int>(0);
    future<int> f = submit(
        pool, [alive](int i) { return i; }, never.get_future(), submit_options{.stop = source.get_token()});
    EXPECT_FALSE(f.ready());
    source.request_stop();
    EXPECT_TRUE(f.ready());
    EXPECT_THROW(f.get(), operation_cancelled);
    never.set_value(1);
    EXPECT_EQ(alive.use_count(), 1);
}

TEST(a_stop, that_came_before_ends_a_task_with_an_argument) {
    thread_pool pool({.workers = 1, .bind = binding::none});
    std::stop_source source;
    source.request_stop();
    promise<int> never;
    EXPECT_THROW(submit(
                     pool, [](int i) { return i; }, never.get_future(), submit_options{.stop = source.get_token()})
                     .get(),
                 operation_cancelled);
}

TEST(a_stop, ends_tasks_that_wait_for_a_time_or_in_a_queue) {
    thread_pool pool({.workers = 1, .bind = binding::none});
    std::stop_source source;
    std::atomic<bool> begun = false, done = false;
    future<void> const busy = submit(pool, [&] {
        begun = true;
        while (!done) std::this_thread::yield();
    });
    while (!begun) std::this_thread::yield();
    std::vector<future<int>> waiting;
    for (int i = 0; i < 10; ++i) {
        waiting.push_back(submit(
            pool, [] { return 1; }, submit_options{.stop = source.get_token()}));
        waiting.push_back(submit(
            pool, [] { return 1; }, submit_options{.stop = source.get_token(), .after = 1h}));
    }
    source.request_stop();
    for (future<int>& f : waiting) {
        EXPECT_TRUE(f.ready());
        EXPECT_THROW(f.get(), operation_cancelled);
    }
    waiting.clear();
    done = true;
    busy.wait();
}

// The workers are busy, and begin none of the coroutines.
TEST(a_stop, ends_coroutines_that_have_not_begun) {
    for (std::size_t const workers : {1u, 2u, 3u}) {
        thread_pool pool({.workers = workers, .bind = binding::none});
        std::stop_source source;
        std::atomic<std::size_t> begun = 0;
        std::atomic<bool> done = false;
        std::vector<future<void>> busy;
        for (std::size_t i = 0; i < workers; ++i)
            busy.push_back(submit(
                pool,
                [&] {
                    ++begun;
                    while (!done) std::this_thread::yield();
                },
                submit_options{.on = i}));
        while (begun != workers) std::this_thread::yield();
        auto const alive = std::make_shared<int>(0);
        std::atomic<int> ran = 0;
        auto const counts = [&](std::shared_ptr<int>) -> task<int> { co_return ++ran; };
        std::vector<future<int>> waiting;
        for (int i = 0; i < 10; ++i) {
            waiting.push_back(submit(pool, counts(alive), {.stop = source.get_token()}));
            waiting.push_back(submit(pool, counts(alive), {.priority = priority::low, .stop = source.get_token()}));
            waiting.push_back(submit(pool, counts(alive), {.stop = source.get_token(), .after = 1h}));
            waiting.push_back(submit(pool, counts(alive), {.stop = source.get_token(), .on = 0}));
        }
        source.request_stop();
        waiting.push_back(submit(pool, counts(alive), {.stop = source.get_token()}));
        waiting.push_back(submit(pool, counts(alive), {.stop = source.get_token(), .after = 1h}));
        EXPECT_EQ(alive.use_count(), 1); // their frames are gone
        for (future<int>& f : waiting) {
            EXPECT_TRUE(f.ready());
            EXPECT_THROW(f.get(), operation_cancelled);
        }
        waiting.clear();
        done = true;
        pool.wait_idle();
        EXPECT_EQ(ran, 0);
    }
}

TEST(a_stop, may_come_when_a_coroutine_begins) {
    thread_pool pool({.workers = 2, .bind = binding::none});
    for (int round = 0; round < 300; ++round) {
        std::stop_source source;
        auto const alive = std::make_shared<int>(0);
        std::atomic<int> ran = 0;
        auto const counts = [&](std::shared_ptr<int>) -> task<int> { co_return ++ran; };
        std::atomic<int> ready = 0;
        std::jthread const stopper([&] {
            for (++ready; ready != 2;) std::this_thread::yield();
            source.request_stop();
        });
        for (++ready; ready != 2;) std::this_thread::yield();
        std::vector<future<int>> some;
        for (auto const delay : {0us, 1us, 20us})
            some.push_back(submit(pool, counts(alive), {.stop = source.get_token(), .after = delay}));
        int cancelled = 0;
        for (future<int>& f : some) {
            try {
                (void)f.get();
            } catch (operation_cancelled const&) {
                ++cancelled;
            }
        }
        pool.wait_idle();
        EXPECT_EQ(ran + cancelled, 3);
        EXPECT_EQ(alive.use_count(), 1);
    }
}

// Only one worker may run the tasks. The stop reaches them while it is busy, and destroys them when it would run them.
TEST(a_stop, ends_tasks_for_one_worker_that_is_busy) {
    for (std::size_t const workers : {1u, 2u, 3u}) {
        thread_pool pool({.workers = workers, .bind = binding::none});
        std::stop_source source;
        std::atomic<bool> begun = false, done = false;
        std::atomic<int> ran = 0;
        future<void> const busy = submit(
            pool,
            [&] {
                begun = true;
                while (!done) std::this_thread::yield();
            },
            submit_options{.on = 0});
        while (!begun) std::this_thread::yield();
        auto const alive = std::make_shared<int>(0);
        std::vector<future<int>> waiting, others;
        for (int i = 0; i < 10; ++i) {
            waiting.push_back(submit(
                pool, [&, alive] { return ++ran; }, submit_options{.stop = source.get_token(), .on = 0}));
            waiting.push_back(submit(
                pool, [&, alive](int) { return ++ran; }, make_ready_future(i),
                submit_options{.priority = priority::high, .stop = source.get_token(), .on = 0}));
            others.push_back(submit(
                pool, [&, alive] { return ++ran; }, submit_options{.stop = std::stop_source().get_token(), .on = 0}));
        }
        source.request_stop();
        for (future<int>& f : waiting) {
            EXPECT_TRUE(f.ready());
            EXPECT_THROW(f.get(), operation_cancelled);
        }
        EXPECT_EQ(ran, 0);
        done = true;
        for (future<int>& f : others) f.wait();
        EXPECT_EQ(ran, 10);
        pool.wait_idle();
        EXPECT_EQ(alive.use_count(), 1);
        busy.wait();
    }
}

TEST(a_stop, may_come_when_the_worker_of_a_task_begins_it) {
    thread_pool pool({.workers = 2, .bind = binding::none});
    for (int round = 0; round < 300; ++round) {
        std::stop_source source;
        auto const alive = std::make_shared<int>(0);
        std::atomic<int> ran = 0;
        future<int> f = submit(
            pool, [&, alive] { return ++ran; },
            submit_options{.stop = source.get_token(), .on = std::size_t(round % 2)});
        source.request_stop();
        try {
            EXPECT_EQ(f.get(), 1);
            EXPECT_EQ(ran, 1);
        } catch (operation_cancelled const&) {
            EXPECT_EQ(ran, 0);
        }
        pool.wait_idle();
        EXPECT_EQ(alive.use_count(), 1);
    }
}

// The coroutines wait for a value that never comes.
TEST(a_stop, ends_coroutines_that_are_suspended) {
    for (std::size_t const workers : {1u, 2u, 4u}) {
        thread_pool pool({.workers = workers, .bind = binding::none});
        promise<int> never;
        future<int> const named = never.get_future();
        shared_future<int> const shared = named.share();
        async_mutex mutex;
        async_lock held = mutex.try_lock();
        async_semaphore none(0);
        async_event event;
        channel<int> empty(1), full(0);
        std::atomic<int> suspended = 0;
        auto const of_future = [&]() -> task<int> {
            ++suspended;
            co_return co_await named;
        };
        auto const of_rvalue = [&]() -> task<int> {
            ++suspended;
            co_return co_await named.then([](int i) { return i; });
        };
        auto const of_shared = [&]() -> task<int> {
            ++suspended;
            co_return co_await shared;
        };
        auto const nested = [&]() -> task<int> { co_return co_await of_future(); };
        auto const of_mutex = [&]() -> task<int> {
            ++suspended;
            async_lock const lock = co_await mutex.lock();
            co_return 1;
        };
        auto const of_semaphore = [&]() -> task<int> {
            ++suspended;
            co_await none.acquire();
            co_return 1;
        };
        auto const of_event = [&]() -> task<int> {
            ++suspended;
            co_await event;
            co_return 1;
        };
        auto const of_pop = [&]() -> task<int> {
            ++suspended;
            co_await empty.pop();
            co_return 1;
        };
        auto const of_push = [&]() -> task<int> {
            ++suspended;
            co_await full.push(1);
            co_return 1;
        };
        auto const of_time = [&]() -> task<int> {
            ++suspended;
            co_await hocket::sleep_for(1h);
            co_return 1;
        };
        for (int round = 0; round < 20; ++round) {
            suspended = 0;
            std::stop_source source;
            submit_options const options{.stop = source.get_token()};
            std::vector<future<int>> all;
            all.push_back(submit(pool, of_future(), options));
            all.push_back(submit(pool, of_rvalue(), options));
            all.push_back(submit(pool, of_shared(), options));
            all.push_back(submit(pool, nested(), options));
            all.push_back(submit(pool, of_mutex(), options));
            all.push_back(submit(pool, of_semaphore(), options));
            all.push_back(submit(pool, of_event(), options));
            all.push_back(submit(pool, of_pop(), options));
            all.push_back(submit(pool, of_push(), options));
            all.push_back(submit(pool, of_time(), options));
            all.push_back(submit(pool, of_future, options)); // a task that returns a coroutine
            if (round % 2 == 0)
                while (suspended != static_cast<int>(all.size())) std::this_thread::yield();
            source.request_stop();
            for (future<int>& f : all) EXPECT_THROW(f.get(), operation_cancelled);
        }
        pool.wait_idle();
        never.set_value(1);
        EXPECT_EQ(named.get(), 1);
    }
}

// The future becomes ready and the stop comes at one time: the coroutine goes on once.
TEST(a_stop, may_come_when_what_a_coroutine_waits_for_is_ready) {
    thread_pool pool({.workers = 2, .bind = binding::none});
    for (int round = 0; round < 300; ++round) {
        std::stop_source source;
        promise<int> p;
        std::atomic<int> went_on = 0;
        auto const waits = [&](future<int> f) -> task<int> {
            try {
                int const got = co_await std::move(f);
                ++went_on;
                co_return got;
            } catch (operation_cancelled const&) {
                ++went_on;
                throw;
            }
        };
        future<int> f = submit(pool, waits(p.get_future()), submit_options{.stop = source.get_token()});
        std::atomic<int> ready = 0;
        std::jthread const stopper([&] {
            for (++ready; ready != 2;) std::this_thread::yield();
            source.request_stop();
        });
        for (++ready; ready != 2;) std::this_thread::yield();
        p.set_value(7);
        bool stopped_before = false;
        try {
            EXPECT_EQ(f.get(), 7);
        } catch (operation_cancelled const&) {
            stopped_before = went_on == 0;
        }
        pool.wait_idle();
        EXPECT_EQ(went_on, stopped_before ? 0 : 1);
    }
}

// Either the task runs, or it is cancelled; the stop or the argument may be first.
TEST(a_stop, may_come_at_the_same_time_as_the_argument) {
    thread_pool pool({.workers = 2, .bind = binding::none});
    for (int round = 0; round < 300; ++round) {
        std::stop_source source;
        promise<int> p;
        auto const alive = std::make_shared<int>(0);
        future<int> f = submit(
            pool, [alive](int i) { return i; }, p.get_future(), submit_options{.stop = source.get_token()});
        std::atomic<int> ready = 0;
        std::jthread const stopper([&] {
            for (++ready; ready != 2;) std::this_thread::yield();
            source.request_stop();
        });
        for (++ready; ready != 2;) std::this_thread::yield();
        p.set_value(7);
        try {
            EXPECT_EQ(f.get(), 7);
        } catch (operation_cancelled const&) {
        }
    }
}

} // namespace
