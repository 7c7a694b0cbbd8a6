// SPDX-License-Identifier: MIT
// Tests of waits of coroutines for other things than futures: async_mutex, async_semaphore, async_event, channel, and
// the awaitables of other libraries. Every wait finishes, in order, on any number of workers, and a stop ends it, too.
#include <hocket/coroutine/async_event.hpp>
#include <hocket/coroutine/async_semaphore.hpp>
#include <hocket/coroutine/channel.hpp>
#include <hocket/coroutine/coroutine.hpp>
#include <hocket/future/promise.hpp>
#include <hocket/future/submit.hpp>
#include <hocket/pool/this_worker.hpp>

#include <stress/watchdog.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <coroutine>
#include <memory>
#include <optional>
#include <stop_token>
#include <thread>
#include <utility>
#include <vector>

namespace {

using namespace hocket;
using stress_test::watchdog;

constexpr int many = stress_test::sanitized ? 100 : 1000;

class async_on : public testing::TestWithParam<unsigned> {
  protected:
    thread_pool pool_{{.workers = GetParam(), .bind = binding::none}};
    thread_pool other_{{.workers = 2, .bind = binding::none}};

    void wait_all(std::vector<future<void>>& all) {
        for (future<void>& f : all) f.get();
    }
};
INSTANTIATE_TEST_SUITE_P(workers, async_on, testing::Values(1u, 2u, 16u));

task<> count_alone(async_mutex& mutex, thread_pool& pool, int& counter) {
    for (int i = 0; i < 20; ++i) {
        async_lock const lock = co_await mutex.lock();
        int const seen = counter;
        co_await pool.schedule(); // holds the lock across a suspension
        counter = seen + 1;
    }
}

TEST_P(async_on, mutex_is_held_by_one_across_suspensions_and_pools) {
    watchdog const dog("async_mutex");
    async_mutex mutex;
    int counter = 0;
    std::vector<future<void>> all;
    for (int i = 0; i < many / 20; ++i)
        all.push_back(submit(i % 2 == 0 ? pool_ : other_, count_alone(mutex, i % 3 == 0 ? pool_ : other_, counter)));
    wait_all(all);
    EXPECT_EQ(counter, many / 20 * 20);
    async_lock lock = mutex.try_lock();
    EXPECT_TRUE(lock);
    EXPECT_FALSE(mutex.try_lock());
    lock.unlock();
    EXPECT_TRUE(mutex.try_lock());
}

TEST_P(async_on, semaphore_lets_no_more_in_and_serves_in_order) {
    watchdog const dog("async_semaphore");
    async_semaphore permits(3);
    std::atomic<int> inside{0};
    std::atomic<int> most{0};
    auto const enter = [](async_semaphore& s, std::atomic<int>& in, std::atomic<int>& top) -> task<> {
        co_await s.acquire();
        int const now = ++in;
        for (int seen = top; seen < now && !top.compare_exchange_weak(seen, now);) {
        }
        co_await sleep_for(std::chrono::microseconds(10));
        --in;
        s.release();
    };
    std::vector<future<void>> all;
    for (int i = 0; i < 100; ++i) all.push_back(submit(i % 2 == 0 ? pool_ : other_, enter(permits, inside, most)));
    wait_all(all);
    EXPECT_LE(most, 3);
    EXPECT_TRUE(permits.try_acquire() && permits.try_acquire() && permits.try_acquire());
    EXPECT_FALSE(permits.try_acquire());

    std::vector<int> order;
    std::atomic<int> waiting{0};
    auto const note = [](async_semaphore& s, std::vector<int>& to, std::atomic<int>& asks, int i) -> task<> {
        ++asks;
        co_await s.acquire();
        to.push_back(i);
        s.release();
    };
    std::vector<future<void>> queue;
    for (int i = 0; i < 20; ++i) {
        queue.push_back(submit(pool_, note(permits, order, waiting, i)));
        while (waiting != i + 1) std::this_thread::yield();
        std::this_thread::sleep_for(
            std::chrono::milliseconds(1)); // until it asks; if it asks later, only the order is not shown
    }
    permits.release();
    wait_all(queue);
    EXPECT_EQ(order.size(), 20u);
}

TEST_P(async_on, event_wakes_all_that_wait_and_all_that_come) {
    watchdog const dog("async_event");
    async_event ready;
    std::atomic<int> passed{0};
    auto const pass = [](async_event& e, std::atomic<int>& n) -> task<> {
        co_await e.wait();
        co_await e;
        ++n;
    };
    std::vector<future<void>> all;
    for (int i = 0; i < 50; ++i) all.push_back(submit(i % 2 == 0 ? pool_ : other_, pass(ready, passed)));
    std::thread outside([&] { ready.set(); });
    for (int i = 0; i < 50; ++i) all.push_back(submit(pool_, pass(ready, passed)));
    wait_all(all);
    outside.join();
    EXPECT_EQ(passed, 100);
    EXPECT_TRUE(ready.is_set());
    ready.reset();
    EXPECT_FALSE(ready.is_set());
}

task<> produce(channel<std::unique_ptr<int>>& c, int from, int to) {
    for (int i = from; i < to; ++i) co_await c.push(std::make_unique<int>(i));
}
task<long> consume(channel<std::unique_ptr<int>>& c) {
    long sum = 0;
    while (std::optional<std::unique_ptr<int>> const x = co_await c.pop()) sum += **x;
    co_return sum;
}

TEST_P(async_on, channel_hands_each_value_to_one) {
    watchdog const dog("channel");
    for (std::size_t const capacity : {std::size_t{0}, std::size_t{1}, std::size_t{16}, std::size_t{1} << 40}) {
        channel<std::unique_ptr<int>> c(capacity);
        std::vector<future<void>> producers;
        std::vector<future<long>> consumers;
        for (int i = 0; i < 3; ++i) consumers.push_back(submit(i == 0 ? other_ : pool_, consume(c)));
        for (int i = 0; i < 4; ++i)
            producers.push_back(submit(i == 0 ? other_ : pool_, produce(c, many / 4 * i, many / 4 * (i + 1))));
        wait_all(producers);
        c.close();
        long sum = 0;
        for (future<long>& f : consumers) sum += f.get();
        EXPECT_EQ(sum, long{many} * (many - 1) / 2);
        EXPECT_TRUE(c.closed());
        EXPECT_EQ(c.size(), 0u);
    }
}

TEST(channel, keeps_the_order_of_one_producer) {
    thread_pool pool({.workers = 4, .bind = binding::none});
    channel<int> c(3);
    future<void> const producer = submit(pool, [](channel<int>& to) -> task<> {
        for (int i = 0; i < 1000; ++i) co_await to.push(i);
        to.close();
    }(c));
    auto const all = [](channel<int>& from) -> task<bool> {
        int next = 0;
        while (auto const x = co_await from.pop())
            if (*x != next++) co_return false;
        co_return next == 1000;
    };
    EXPECT_TRUE(sync_wait(all(c)));
    producer.get();
}

TEST(channel, refuses_values_after_close_and_keeps_those_before) {
    channel<int> c(1);
    EXPECT_FALSE(c.try_pop().has_value());
    EXPECT_TRUE(c.try_push(1));
    EXPECT_FALSE(c.try_push(2));
    auto const push = [](channel<int>& to) -> task<> { co_await to.push(3); };
    future<void> blocked = submit(push(c));
    while (blocked.wait_for(std::chrono::milliseconds(1))) {
    }
    c.close();
    EXPECT_THROW(blocked.get(), channel_closed);
    EXPECT_THROW((void)c.try_push(4), channel_closed);
    EXPECT_THROW(sync_wait(push(c)), channel_closed);
    EXPECT_EQ(c.try_pop(), 1);
    EXPECT_EQ(c.try_pop(), std::nullopt);
    EXPECT_EQ(sync_wait([](channel<int>& from) -> task<std::optional<int>> { co_return co_await from.pop(); }(c)),
              std::nullopt);
}

TEST_P(async_on, stop_ends_each_wait_and_loses_nothing) {
    watchdog const dog("stops of what waits");
    for (int round = 0; round < 20; ++round) {
        std::stop_source stop;
        async_mutex mutex;
        async_lock const held = mutex.try_lock();
        async_event event;
        channel<int> empty(1);
        channel<int> full(0);
        std::vector<future<void>> all;
        submit_options const options{.stop = stop.get_token()};
        all.push_back(submit(
            pool_, [](async_mutex& m) -> task<> { (void)co_await m.lock(); }(mutex), options));
        all.push_back(submit(
            pool_, [](async_event& e) -> task<> { co_await e.wait(); }(event), options));
        all.push_back(submit(
            pool_, [](channel<int>& c) -> task<> { (void)co_await c.pop(); }(empty), options));
        all.push_back(submit(
            pool_, [](channel<int>& c) -> task<> { co_await c.push(1); }(full), options));
        if (round % 2 == 0) std::this_thread::sleep_for(std::chrono::microseconds(100));
        stop.request_stop();
        for (future<void>& f : all) EXPECT_THROW(f.get(), operation_cancelled);
        EXPECT_FALSE(full.try_pop().has_value());
        EXPECT_TRUE(empty.try_push(1));
    }
}

TEST_P(async_on, stop_and_grant_at_once_lose_no_permit) {
    watchdog const dog("a stop against a grant");
    for (int round = 0; round < many / 4; ++round) {
        std::stop_source stop;
        async_semaphore permits(0);
        future<bool> f = submit(pool_,
                                [](async_semaphore& s) -> task<bool> {
                                    co_await s.acquire();
                                    co_return true;
                                }(permits),
                                {.stop = stop.get_token()});
        future<void> const stopper = submit(other_, [&] { stop.request_stop(); });
        permits.release();
        bool got = false;
        try {
            got = f.get();
        } catch (operation_cancelled const&) {
        }
        stopper.wait();
        ASSERT_NE(got, permits.try_acquire()); // either the coroutine has the permit, or it is still free
    }
}

// Awaitables of another library.

/// Resumes on a thread of its own.
struct elsewhere {
    std::atomic<int>& running;
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> waiting) const {
        ++running;
        std::thread([waiting, &count = running] {
            waiting.resume();
            --count;
        }).detach();
    }
    void await_resume() const noexcept {}
};
/// An awaitable that turns out to need no wait.
struct not_at_all {
    bool await_ready() const noexcept { return false; }
    bool await_suspend(std::coroutine_handle<>) const noexcept { return false; }
    int await_resume() const noexcept { return 7; }
};
struct back_at_once {
    bool await_ready() const noexcept { return false; }
    std::coroutine_handle<> await_suspend(std::coroutine_handle<> waiting) const noexcept { return waiting; }
    std::unique_ptr<int> await_resume() const { return std::make_unique<int>(8); }
};
struct within {
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> waiting) const { waiting.resume(); }
    int& await_resume() const { return *number; }
    int* number;
};
struct with_member {
    not_at_all operator co_await() && noexcept { return {}; }
};
struct with_free {};
not_at_all operator co_await(with_free const&) noexcept { return {}; }

task<int> await_everything(thread_pool& pool, std::atomic<int>& running) {
    int number = 1;
    int sum = 0;
    for (int i = 0; i < 10; ++i) {
        co_await elsewhere{running};
        EXPECT_LT(this_worker::index(), 1'000'000u); // throws where no worker runs
        sum += co_await not_at_all{} + co_await with_member{} + co_await with_free{};
        sum += *co_await back_at_once{};
        within again{&number};
        sum += ++co_await again;
        co_await std::suspend_never{};
        co_await pool.schedule();
    }
    co_return sum;
}

TEST_P(async_on, coroutines_await_what_other_libraries_make) {
    watchdog const dog("awaitables of others");
    std::atomic<int> running{0};
    future<int> f = submit(pool_, await_everything(other_, running));
    f.wait();
    while (running != 0) std::this_thread::yield();
    EXPECT_EQ(f.get(), 10 * (21 + 8) + 65);
}

TEST(coroutine, awaits_a_named_task_and_a_constant_future) {
    auto const run = []() -> task<int> {
        auto seven = []() -> task<int> { co_return 7; }();
        future<int> const one = submit([] { return 1; });
        int const a = co_await seven;
        co_return a + co_await one + co_await one;
    };
    EXPECT_EQ(sync_wait(run()), 9);
}

// Coroutines whose awaits never have to wait leave their turn to other work.
task<> take_free_permits(async_semaphore& permits, std::atomic<bool> const& over) {
    while (!over) {
        co_await permits.acquire();
        permits.release();
    }
}
task<> take_free_lock(std::atomic<bool> const& over) {
    async_mutex mutex;
    while (!over) async_lock const lock = co_await mutex.lock();
}
task<> use_channel(std::atomic<bool> const& over) {
    channel<int> values(2);
    while (!over) {
        co_await values.push(1);
        (void)co_await values.pop();
    }
}
task<> pass_event(std::atomic<bool> const& over) {
    async_event event;
    event.set();
    while (!over) co_await event.wait();
}
task<> await_ready_future(shared_future<int> ready, std::atomic<bool> const& over) {
    while (!over) (void)co_await ready;
}

TEST_P(async_on, awaits_that_never_wait_leave_their_turn) {
    watchdog const dog("coroutines that never suspend");
    async_semaphore permits(1'000);
    promise<int> kept;
    kept.set_value(1);
    shared_future<int> const ready = kept.get_future().share();
    for (int kind = 0; kind != 5; ++kind) {
        std::atomic<bool> over{false};
        std::vector<future<void>> all;
        for (unsigned i = 0; i != 2 * GetParam(); ++i)
            all.push_back(submit(pool_, kind == 0   ? take_free_permits(permits, over)
                                        : kind == 1 ? take_free_lock(over)
                                        : kind == 2 ? use_channel(over)
                                        : kind == 3 ? pass_event(over)
                                                    : await_ready_future(ready, over)));
        all.push_back(submit(pool_, [&] { over = true; }));
        while (!over) std::this_thread::yield(); // a wait would run the task itself
        wait_all(all);
    }
}

} // namespace
