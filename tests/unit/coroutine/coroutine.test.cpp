// SPDX-License-Identifier: MIT
// Tests of task<T>: results of every kind, errors, awaitable types, pools, stopping, and chains of a million in a small
// stack.
#include <hocket/algorithm/loops/parallel_for.hpp>
#include <hocket/coroutine/coroutine.hpp>
#include <hocket/future/promise.hpp>
#include <hocket/future/when/when_all.hpp>
#include <hocket/pool/this_worker.hpp>

#include <stress/watchdog.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <pthread.h>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace {

using namespace hocket;
using namespace std::chrono_literals;
using stress_test::watchdog;

/// Counts its live objects.
struct counted {
    counted() { ++alive; }
    counted(counted&&) noexcept { ++alive; }
    counted(counted const&) { ++alive; }
    counted& operator=(counted const&) = default;
    ~counted() { --alive; }
    static inline std::atomic<int> alive{0};
};

struct no_default {
    explicit no_default(int v) : value(v) {}
    no_default(no_default&&) = default;
    int value;
};

task<int> answer() { co_return 42; }
task<> nothing() { co_return; }
task<std::unique_ptr<int>> owner() { co_return std::make_unique<int>(7); }
task<no_default> without_default() { co_return no_default(3); }
task<int&> reference(int& x) { co_return x; }
task<std::string> text(std::string const& of) { co_return of + "!"; }
task<int> thrower(int x) {
    if (x >= 0) throw std::runtime_error("thrown");
    co_return x;
}
task<int> sum_of(int a, int b) {
    int const x = co_await submit([=] { return a; });
    int const y = co_await submit([=] { return b; });
    co_return x + y;
}

class coroutine_on : public testing::TestWithParam<unsigned> {
  protected:
    thread_pool pool_{{.workers = GetParam()}};
    watchdog dog_{"a test of coroutines"};
};
INSTANTIATE_TEST_SUITE_P(workers, coroutine_on, testing::Values(1u, 2u, 4u));

TEST_P(coroutine_on, returns_results_of_every_kind) {
    int x = 0;
    ASSERT_EQ(sync_wait(pool_, answer()), 42);
    sync_wait(pool_, nothing());
    ASSERT_EQ(*sync_wait(pool_, owner()), 7);
    ASSERT_EQ(sync_wait(pool_, without_default()).value, 3);
    ASSERT_EQ(&sync_wait(pool_, reference(x)), &x);
    ASSERT_EQ(sync_wait(pool_, text("yes")), "yes!");
    ASSERT_THROW(sync_wait(pool_, thrower(1)), std::runtime_error);
    ASSERT_EQ(submit(pool_, answer()).get(), 42);
    ASSERT_EQ(sync_wait(answer()), 42);
}

task<int> awaits_all_kinds(int& x) {
    int sum = co_await answer();
    co_await nothing();
    sum += *co_await owner();
    sum += (co_await without_default()).value;
    co_await reference(x) = 5;
    task<int> kept = answer();
    sum += co_await std::move(kept);
    sum += static_cast<int>((co_await text("abc")).size());
    try {
        sum += co_await thrower(1);
    } catch (std::runtime_error const&) {
        sum += 1000;
    }
    co_return sum;
}

TEST_P(coroutine_on, awaits_other_tasks) {
    int x = 0;
    ASSERT_EQ(sync_wait(pool_, awaits_all_kinds(x)), 42 + 7 + 3 + 42 + 4 + 1000);
    ASSERT_EQ(x, 5);
}

task<int> awaits_futures(int& x) {
    int sum = co_await submit([] { return 1; });
    co_await submit([] { std::this_thread::sleep_for(100us); });
    sum += *co_await submit([] { return std::make_unique<int>(10); });
    future<int> lasting = submit([] { return 100; });
    int& inside = co_await lasting;
    sum += inside;
    shared_future<int> const shared = submit([] { return 1000; }).share();
    sum += co_await shared + co_await shared;
    sum += co_await make_ready_future(10'000);
    (co_await submit([&x]() -> int& { return x; })) = 6;
    auto [a, b] = co_await when_all(submit(answer()), submit(sum_of(3, 4)));
    sum += (a == 42 && b == 7) ? 0 : -1;
    try {
        co_await submit([] { throw std::runtime_error("task"); });
    } catch (std::runtime_error const&) {
        sum += 100'000;
    }
    future<int> none;
    try {
        co_await none;
    } catch (std::logic_error const&) {
        sum += 1'000'000;
    }
    co_return sum;
}

TEST_P(coroutine_on, awaits_futures) {
    int x = 0;
    for (int round = 0; round < stress_test::repetitions(100); ++round)
        ASSERT_EQ(sync_wait(pool_, awaits_futures(x)), 1'112'111);
    ASSERT_EQ(x, 6);
}

task<long> fibonacci(int n) {
    if (n < 2) co_return n;
    future<long> left = submit(fibonacci(n - 1));
    long const right = co_await fibonacci(n - 2);
    co_return co_await std::move(left) + right;
}

TEST_P(coroutine_on, fork_and_join) {
    ASSERT_EQ(sync_wait(pool_, fibonacci(stress_test::sanitized ? 12 : 18)), stress_test::sanitized ? 144 : 2584);
}

task<bool> hops(thread_pool& other, thread_pool& home) {
    bool right = detail::slot_in(home.sched()) != nullptr;
    co_await other.schedule();
    right &= detail::slot_in(other.sched()) != nullptr;
    co_await submit(other, [] { std::this_thread::sleep_for(50us); });
    right &= detail::slot_in(other.sched()) != nullptr;
    co_await sleep_for(50us);
    right &= detail::slot_in(other.sched()) != nullptr;
    co_await home.schedule();
    right &= detail::slot_in(home.sched()) != nullptr;
    co_await home.schedule();
    co_return right&& detail::slot_in(home.sched()) != nullptr;
}

TEST_P(coroutine_on, goes_to_another_pool_and_back) {
    for (int round = 0; round < stress_test::repetitions(100); ++round) {
        thread_pool other({.workers = 2});
        ASSERT_TRUE(sync_wait(pool_, hops(other, pool_)));
    }
}

struct plain_coroutine {
    struct promise_type {
        plain_coroutine get_return_object() { return {}; }
        std::suspend_never initial_suspend() { return {}; }
        std::suspend_never final_suspend() noexcept { return {}; }
        void return_void() {}
        void unhandled_exception() { std::terminate(); }
    };
};

TEST_P(coroutine_on, other_coroutines_can_await_schedule) {
    std::atomic<int> inside{0};
    auto const run = [&]() -> plain_coroutine {
        co_await pool_.schedule();
        inside = detail::slot_in(pool_.sched()) != nullptr ? 1 : 2;
    };
    run();
    while (inside == 0) std::this_thread::yield();
    ASSERT_EQ(inside, 1);
}

task<int> sleeper(std::chrono::microseconds time) {
    auto const start = std::chrono::steady_clock::now();
    co_await sleep_for(time);
    co_await sleep_until(start + 2 * time);
    co_return std::chrono::steady_clock::now() - start >= 2 * time ? 1 : 0;
}

TEST_P(coroutine_on, sleeps_without_a_thread) {
    std::vector<future<int>> sleepers;
    for (int i = 0; i < 500; ++i) sleepers.push_back(submit(pool_, sleeper(std::chrono::microseconds(i % 50))));
    int sum = 0;
    for (future<int>& f : sleepers) sum += std::move(f).get();
    ASSERT_EQ(sum, 500);
}

task<> holds(counted, std::shared_ptr<int>) {
    counted const local;
    co_await nothing();
    co_await submit([] {});
}

TEST_P(coroutine_on, frees_what_it_held_before_its_future_is_ready) {
    int const before = counted::alive;
    for (int round = 0; round < stress_test::repetitions(200); ++round) {
        auto const shared = std::make_shared<int>(1);
        sync_wait(pool_, holds(counted(), shared));
        ASSERT_EQ(shared.use_count(), 1);
        ASSERT_EQ(counted::alive, before);
    }
}

TEST_P(coroutine_on, that_never_runs_is_freed) {
    int const before = counted::alive;
    auto const shared = std::make_shared<int>(1);
    {
        task<> const never = holds(counted(), shared);
        task<> moved = holds(counted(), shared);
        moved = holds(counted(), shared);
        ASSERT_EQ(counted::alive, before + 2);
        ASSERT_TRUE(moved.valid());
    }
    ASSERT_EQ(counted::alive, before);
    ASSERT_EQ(shared.use_count(), 1);
    task<int> used = answer();
    ASSERT_EQ(sync_wait(pool_, std::move(used)), 42);
    ASSERT_THROW(sync_wait(pool_, std::move(used)), std::logic_error); // NOLINT(bugprone-use-after-move)
}

task<> sleeps_for_ever() { co_await sleep_for(std::chrono::hours::max()); }
task<> asks_until_stopped(std::atomic<bool>& begun) {
    begun = true;
    while (!this_task::stop_requested()) std::this_thread::yield();
    co_await submit([] {});
}
task<> loops_for_ever() {
    for (;;) co_await submit([] {});
}
task<> yields_for_ever() {
    for (;;) co_await default_pool().schedule();
}

task<char const*> name_after_a_turn(thread_pool& pool) {
    co_await pool.schedule();
    co_return this_task::name();
}

TEST_P(coroutine_on, tells_its_name) {
    EXPECT_STREQ(submit(pool_, name_after_a_turn(pool_), {.name = "load"}).get(), "load");
    EXPECT_EQ(submit(pool_, name_after_a_turn(pool_)).get(), nullptr);
}

TEST_P(coroutine_on, is_stopped_by_its_token) {
    for (int round = 0; round < stress_test::repetitions(100); ++round) {
        std::stop_source source;
        std::atomic<bool> begun{false};
        std::vector<future<void>> all;
        all.push_back(submit(pool_, sleeps_for_ever(), {.stop = source.get_token()}));
        all.push_back(submit(pool_, asks_until_stopped(begun), {.stop = source.get_token()}));
        all.push_back(submit(pool_, loops_for_ever(), {.stop = source.get_token()}));
        all.push_back(submit(pool_, yields_for_ever(), {.stop = source.get_token()}));
        all.push_back(submit(pool_, nothing(), {.stop = source.get_token(), .after = 1h}));
        if (round % 3 != 0) stress_test::burn(static_cast<unsigned>(round) * 1000);
        if (round % 3 == 1)
            while (!begun) std::this_thread::yield();
        source.request_stop();
        all.push_back(submit(pool_, nothing(), {.stop = source.get_token()}));
        for (future<void>& f : all) ASSERT_THROW(std::move(f).get(), operation_cancelled);
    }
}

TEST_P(coroutine_on, options_say_when_and_where) {
    auto const where = [](thread_pool& pool, std::size_t worker) -> task<bool> {
        bool right = this_worker::index() == worker;
        co_await submit(pool, [] {});
        right &= this_worker::index() == worker;
        co_await pool.schedule();
        co_return right&& this_worker::index() == worker;
    };
    for (std::size_t worker = 0; worker < pool_.size(); ++worker)
        ASSERT_TRUE(submit(pool_, where(pool_, worker), {.on = worker}).get());
    ASSERT_EQ(submit(pool_, answer(), {.priority = priority::high, .after = 1ms}).get(), 42);
    ASSERT_EQ(submit(pool_, sum_of(1, 2), {.priority = priority::low}).get(), 3);
    ASSERT_THROW((void)submit(pool_, answer(), {.on = 1000}), std::invalid_argument);
}

task<int> waits_for(future<int> f) { co_return co_await std::move(f); }

TEST_P(coroutine_on, is_woken_by_a_promise_of_any_thread) {
    for (int round = 0; round < stress_test::repetitions(300); ++round) {
        promise<int> kept;
        promise<int> broken;
        future<int> f = submit(pool_, waits_for(kept.get_future()));
        future<int> g = submit(pool_, waits_for(broken.get_future()));
        std::thread setter([&] {
            stress_test::burn(static_cast<unsigned>(round) * 50);
            kept.set_value(round);
            promise<int> const dropped = std::move(broken);
        });
        ASSERT_EQ(std::move(f).get(), round);
        ASSERT_THROW(std::move(g).get(), broken_promise);
        setter.join();
    }
}

TEST(coroutine, a_pool_waits_for_those_that_are_suspended) {
    watchdog const dog("pools end while coroutines are suspended");
    for (int round = 0; round < stress_test::repetitions(200); ++round) {
        std::atomic<int> ended{0};
        promise<int> late;
        std::thread setter;
        {
            thread_pool pool({.workers = 2});
            auto const count = [&](future<int> f) -> task<> {
                co_await std::move(f);
                co_await sleep_for(100us);
                ++ended;
            };
            (void)submit(pool, count(late.get_future()));
            for (int i = 0; i < 4; ++i) (void)submit(pool, count(submit(pool, [i] { return i; })));
            setter = std::thread([&] { late.set_value(1); });
        }
        ASSERT_EQ(ended, 5);
        setter.join();
    }
}

task<long> deep(long n) {
    if (n == 0) co_return 0;
    co_return 1 + co_await deep(n - 1);
}
task<long> deep_failure(long n) {
    if (n == 0) throw std::runtime_error("bottom");
    co_return 1 + co_await deep_failure(n - 1);
}
task<long> many_one_after_the_other(long n) {
    long sum = 0;
    for (long i = 0; i < n; ++i) sum += co_await deep(0) + 1;
    co_return sum;
}
task<long> many_ready_futures(long n) {
    long sum = 0;
    for (long i = 0; i < n; ++i) sum += co_await make_ready_future(1L);
    co_return sum;
}
task<long> wraps(task<long> inner) { co_return 1 + co_await std::move(inner); }

void* in_a_small_stack(void*) {
    long const n = stress_test::sanitized ? 20'000 : 1'000'000;
    long const throws = n / 100; // each level throws anew
    thread_pool pool({.workers = 1});
    EXPECT_EQ(sync_wait(pool, deep(n)), n);
    EXPECT_EQ(sync_wait(pool, many_one_after_the_other(n)), n);
    EXPECT_EQ(sync_wait(pool, many_ready_futures(n)), n);
    EXPECT_THROW(sync_wait(pool, deep_failure(throws)), std::runtime_error);
    task<long> chain = deep(0);
    for (long i = 0; i < n; ++i) chain = wraps(std::move(chain));
    EXPECT_EQ(sync_wait(pool, std::move(chain)), n);
    task<long> never = deep(0);
    for (long i = 0; i < n; ++i) never = wraps(std::move(never));
    return nullptr;
}

TEST(coroutine, chains_of_a_million_run_and_are_destroyed_in_a_small_stack) {
    watchdog const dog("deep chains of coroutines", std::chrono::seconds(240));
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, stress_test::sanitized ? 1024 * 1024 : 256 * 1024);
    pthread_t thread;
    ASSERT_EQ(pthread_create(&thread, &attributes, &in_a_small_stack, nullptr), 0);
    pthread_join(thread, nullptr);
    pthread_attr_destroy(&attributes);
}

// Callables that return coroutines.

TEST_P(coroutine_on, is_run_when_a_submitted_callable_returns_it) {
    thread_pool pool({.workers = GetParam()});
    auto const text = std::make_shared<std::string>("a text that is too long to lie in the string itself");
    auto const captured = [text]() -> task<std::string> {
        co_await submit([] {});
        co_return *text; // the closure has to live until here
    };
    EXPECT_EQ(submit(pool, captured).get(), *text);
    EXPECT_EQ(text.use_count(), 2);

    auto const by_reference = [](std::string const& a, std::unique_ptr<int>&& b) -> task<std::string> {
        co_await sleep_for(std::chrono::milliseconds(1));
        co_return a + std::to_string(*b);
    };
    EXPECT_EQ(submit(pool, by_reference, *text, std::make_unique<int>(7)).get(), *text + "7");
    future<std::string> const depends =
        submit(pool, by_reference, submit(pool, [text] { return *text; }), std::make_unique<int>(8));
    EXPECT_EQ(depends.get(), *text + "8");

    auto const nothing = [](int& to) -> task<void> {
        co_await submit([] {});
        to = 5;
    };
    int out = 0;
    submit(pool, nothing, std::ref(out)).get();
    EXPECT_EQ(out, 5);
    auto const refers = [](int& to) -> task<int&> { co_return to; };
    EXPECT_EQ(&submit(pool, refers, std::ref(out)).get(), &out);
    future<int> const after = make_ready_future(2).then(pool, [](int x) -> task<int> { co_return x + 1; });
    EXPECT_EQ(after.get(), 3);
    EXPECT_EQ(submit(pool, [&] { return submit(pool, refers, std::ref(out)).get() + 1; }).get(), 6);
}

TEST_P(coroutine_on, that_a_callable_returns_fails_and_stops_with_its_future) {
    thread_pool pool({.workers = GetParam()});
    auto const throws_later = []() -> task<int> {
        co_await submit([] {});
        throw std::out_of_range("later");
    };
    EXPECT_THROW((void)submit(pool, throws_later).get(), std::out_of_range);
    auto const throws_first = [](bool first) -> task<int> {
        if (first) throw std::domain_error("first");
        return []() -> task<int> { co_return 1; }();
    };
    EXPECT_THROW((void)submit(pool, throws_first, true).get(), std::domain_error);
    EXPECT_EQ(submit(pool, throws_first, false).get(), 1);
    auto const broken = submit(pool, []() -> int { throw std::out_of_range("before"); });
    (void)broken;

    std::stop_source stop;
    auto const asks = [&stop]() -> task<char const*> {
        char const* const name = this_task::name();
        EXPECT_FALSE(this_task::stop_requested());
        stop.request_stop();
        EXPECT_TRUE(this_task::stop_requested());
        EXPECT_EQ(this_worker::index(), 0u);
        co_return name;
    };
    EXPECT_STREQ(submit(pool, asks, submit_options{.stop = stop.get_token(), .name = "asks", .on = 0}).get(), "asks");
    EXPECT_THROW((void)submit(pool, asks, submit_options{.stop = stop.get_token()}).get(), operation_cancelled);
    auto const stopped_within = [&pool]() -> task<int> {
        co_await pool.schedule();
        co_return 1;
    };
    EXPECT_THROW((void)submit(pool, stopped_within, submit_options{.stop = stop.get_token()}).get(),
                 operation_cancelled);
}

TEST(coroutine, that_a_callable_returns_is_waited_for_by_its_pool) {
    std::atomic<bool> ended{false};
    {
        thread_pool pool({.workers = 1});
        (void)submit(pool, [&ended]() -> task<void> {
            co_await sleep_for(std::chrono::milliseconds(5));
            ended = true;
        });
    }
    EXPECT_TRUE(ended);
}

} // namespace
