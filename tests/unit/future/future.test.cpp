// SPDX-License-Identifier: MIT
// Tests of future and shared_future: the results of get, waiting, continuations, unpacking, chains that need no stack.
#include <hocket/future/future.hpp>
#include <hocket/future/promise.hpp>
#include <hocket/future/submit.hpp>
#include <hocket/pool/this_worker.hpp>

#include <stress/watchdog.hpp>

#include <gtest/gtest.h>
#include <pthread.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

namespace {

using namespace hocket;
using namespace std::chrono_literals;
using stress_test::watchdog;

struct failure {
    int which;
};

/// A type that cannot be copied or made without an argument.
struct awkward {
    explicit awkward(int number) : value(std::make_unique<int>(number)) {}
    std::unique_ptr<int> value;
};

template<class Body>
void on_small_stack(std::size_t bytes, Body body) {
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    ASSERT_EQ(pthread_attr_setstacksize(&attributes, bytes), 0);
    pthread_t thread{};
    std::function<void()> work = body;
    ASSERT_EQ(pthread_create(
                  &thread, &attributes,
                  [](void* w) -> void* {
                      (*static_cast<std::function<void()>*>(w))();
                      return nullptr;
                  },
                  &work),
              0);
    pthread_join(thread, nullptr);
    pthread_attr_destroy(&attributes);
}

constexpr std::size_t small_stack = stress_test::sanitized ? 1 << 20 : 256 << 10;
constexpr int long_chain = stress_test::sanitized ? 50'000 : 1'000'000;

static_assert(!std::is_copy_constructible_v<future<int>> && std::is_nothrow_move_constructible_v<future<int>>);
static_assert(std::is_copy_constructible_v<shared_future<std::unique_ptr<int>>>);
static_assert(std::is_same_v<decltype(std::declval<future<int>&>().get()), int&>);
static_assert(std::is_same_v<decltype(std::declval<future<int>>().get()), int>);
static_assert(std::is_same_v<decltype(std::declval<future<int&>>().get()), int&>);
static_assert(std::is_same_v<decltype(std::declval<future<void>>().get()), void>);
static_assert(std::is_same_v<decltype(std::declval<shared_future<std::string>>().get()), std::string const&>);

TEST(future, is_invalid_when_default_constructed_and_says_so) {
    future<int> empty;
    shared_future<int> none;
    EXPECT_FALSE(empty.valid());
    EXPECT_FALSE(none.valid());
    EXPECT_THROW((void)empty.get(), std::logic_error);
    EXPECT_THROW((void)std::move(empty).get(), std::logic_error);
    EXPECT_THROW(empty.wait(), std::logic_error);
    EXPECT_THROW((void)empty.ready(), std::logic_error);
    EXPECT_THROW((void)empty.wait_for(1ms), std::logic_error);
    EXPECT_THROW((void)empty.then([](int) {}), std::logic_error);
    EXPECT_THROW((void)empty.share(), std::logic_error);
    EXPECT_THROW((void)none.get(), std::logic_error);
}

TEST(future, is_used_up_by_get_on_a_temporary_then_share_and_moves) {
    future<int> f = make_ready_future(1);
    EXPECT_EQ(std::move(f).get(), 1);
    EXPECT_FALSE(f.valid());
    EXPECT_THROW((void)f.get(), std::logic_error);
    f = make_ready_future(2);
    future<int> g = std::move(f);
    EXPECT_FALSE(f.valid());
    future<int> h = std::move(g).then([](int x) { return x + 1; });
    EXPECT_FALSE(g.valid());
    shared_future<int> s = std::move(h).share();
    EXPECT_FALSE(h.valid());
    EXPECT_EQ(s.get(), 3);
    EXPECT_EQ(s.get(), 3);
}

TEST(future, lasting_one_gives_a_reference_to_its_value_again_and_again) {
    future<std::string> f = make_ready_future(std::string("a"));
    f.get() += "b";
    future<std::string> const& same = f;
    EXPECT_EQ(same.get(), "ab");
    EXPECT_EQ(&f.get(), &f.get());
}

TEST(future, holds_what_cannot_be_copied_or_made_from_nothing) {
    future<awkward> f = submit([] { return awkward(7); });
    EXPECT_EQ(*f.get().value, 7);
    awkward const mine = std::move(f).get();
    EXPECT_EQ(*mine.value, 7);
}

TEST(future, holds_references) {
    int number = 5;
    future<int&> f = submit([&number]() -> int& { return number; });
    EXPECT_EQ(&f.get(), &number);
    future<int&> g = f.then([](int& x) -> int& { return ++x, x; });
    EXPECT_EQ(&g.get(), &number);
    EXPECT_EQ(number, 6);
    shared_future<int&> s = g.share();
    s.then([](int& x) { ++x; }).get();
    EXPECT_EQ(number, 7);
}

TEST(future, destroys_its_value_once) {
    auto counter = std::make_shared<int>(1);
    {
        future<std::shared_ptr<int>> f = make_ready_future(counter);
        EXPECT_EQ(counter.use_count(), 2);
        future<std::shared_ptr<int>> dropped = submit([counter] { return counter; });
        dropped.wait();
        shared_future<std::shared_ptr<int>> s = make_ready_future(counter).share();
        s.then([](std::shared_ptr<int> const& p) { return p; }).get();
    }
    while (counter.use_count() != 1) std::this_thread::yield();
}

TEST(future, rethrows_the_error_each_time) {
    future<int> f = submit([]() -> int { throw failure{3}; });
    for (int i = 0; i < 2; ++i) {
        try {
            (void)f.get();
            FAIL();
        } catch (failure const& e) {
            EXPECT_EQ(e.which, 3);
        }
    }
    EXPECT_THROW((void)std::move(f).get(), failure);
    EXPECT_FALSE(f.valid());
    EXPECT_THROW(make_exceptional_future<int>(failure{1}).get(), failure);
    EXPECT_THROW(make_exceptional_future<void>(std::make_exception_ptr(failure{1})).get(), failure);
    EXPECT_THROW((void)make_exceptional_future<void>(std::exception_ptr()), std::invalid_argument);
}

TEST(future, wait_does_not_throw_what_the_task_threw) {
    future<void> f = submit([] { throw failure{3}; });
    EXPECT_NO_THROW(f.wait());
    EXPECT_TRUE(f.ready());
}

TEST(future, waits_for_a_while) {
    promise<int> p;
    future<int> f = p.get_future();
    EXPECT_FALSE(f.ready());
    EXPECT_FALSE(f.wait_for(0ms));
    EXPECT_FALSE(f.wait_for(-5ms));
    EXPECT_FALSE(f.wait_for(2ms));
    EXPECT_FALSE(f.wait_until(std::chrono::steady_clock::now() + 2ms));
    EXPECT_FALSE(f.wait_until(std::chrono::system_clock::now() + 2ms));
    std::thread keeper([&p] {
        std::this_thread::sleep_for(5ms);
        p.set_value(1);
    });
    EXPECT_TRUE(f.wait_for(std::chrono::hours::max()));
    keeper.join();
    EXPECT_TRUE(f.wait_for(0ms));
    EXPECT_TRUE(f.wait_until(std::chrono::steady_clock::time_point::min()));
}

TEST(future, many_threads_wait_for_one) {
    watchdog const dog("many threads wait for one future");
    promise<int> p;
    shared_future<int> s = p.get_future();
    std::vector<std::thread> threads;
    std::atomic<int> sum{0};
    for (int i = 0; i < 8; ++i)
        threads.emplace_back([s, &sum, i] {
            if (i % 2 == 0) (void)s.wait_for(std::chrono::milliseconds(i));
            sum += s.get();
        });
    std::this_thread::sleep_for(5ms);
    p.set_value(2);
    for (std::thread& t : threads) t.join();
    EXPECT_EQ(sum, 16);
}

// Continuations.

TEST(then, gets_the_value) {
    EXPECT_EQ(make_ready_future(1).then([](int x) { return x + 1; }).then([](int x) { return x * 10; }).get(), 20);
    EXPECT_EQ(*make_ready_future(awkward(4)).then([](awkward a) { return a; }).get().value, 4);
    int calls = 0;
    make_ready_future().then([&calls] { ++calls; }).then([&calls] { ++calls; }).get();
    EXPECT_EQ(calls, 2);
}

TEST(then, works_before_the_value_is_there) {
    promise<int> p;
    future<int> f = p.get_future().then([](int x) { return x + 1; }).then([](int x) { return x + 1; });
    EXPECT_FALSE(f.ready());
    p.set_value(1);
    EXPECT_EQ(f.get(), 3);
}

TEST(then, is_skipped_by_an_error_which_is_passed_on) {
    bool called = false;
    future<int> f = submit([]() -> int { throw failure{5}; }).then([&](int) { called = true; }).then([&] {
        called = true;
        return 1;
    });
    EXPECT_THROW((void)f.get(), failure);
    EXPECT_FALSE(called);
}

TEST(then, passes_its_own_error_on) {
    EXPECT_THROW(make_ready_future(1).then([](int) { throw failure{1}; }).get(), failure);
}

TEST(then, takes_a_generic_callable_that_fits_the_value_alone) {
    thread_pool pool({.workers = 1});
    future<std::string> f = submit(pool, [] { return std::string("four"); });
    EXPECT_EQ(f.then([](auto text) { return text.size(); }).get(), 4U);
}

TEST(then, may_take_the_future_itself) {
    future<int> recovered = submit([]() -> int { throw failure{5}; }).then([](future<int> f) {
        EXPECT_TRUE(f.ready());
        try {
            return f.get();
        } catch (failure const& e) {
            return e.which;
        }
    });
    EXPECT_EQ(recovered.get(), 5);
    EXPECT_EQ(make_ready_future().then([](future<void> f) { return f.ready(); }).get(), true);
}

TEST(then, unpacks_futures) {
    future<int> f = make_ready_future(1).then([](int x) { return submit([x] { return x + 1; }); });
    EXPECT_EQ(f.get(), 2);
    future<int> g = make_ready_future(1).then([](int x) { return make_ready_future(x).share(); });
    EXPECT_EQ(g.get(), 1);
    future<void> failed = make_ready_future().then([] { return submit([] { throw failure{1}; }); });
    EXPECT_THROW(failed.get(), failure);
    future<void> throws = make_ready_future().then([]() -> future<void> { throw failure{2}; });
    EXPECT_THROW(throws.get(), failure);
    future<int> invalid = make_ready_future().then([] { return future<int>(); });
    EXPECT_THROW((void)invalid.get(), std::logic_error);
}

TEST(then, takes_callables_that_can_only_be_moved_and_called_once) {
    struct once {
        std::unique_ptr<int> part;
        int operator()(int x) && { return x + *part; }
    };
    EXPECT_EQ(make_ready_future(1).then(once{std::make_unique<int>(2)}).get(), 3);
}

TEST(then, never_runs_before_it_returns) {
    std::mutex mutex;
    watchdog const dog("then under a lock that the continuation wants");
    for (int i = 0; i < 100; ++i) {
        future<void> f;
        {
            std::lock_guard const lock(mutex);
            f = make_ready_future().then([&mutex] { std::lock_guard const inner(mutex); });
        }
        f.get();
    }
}

TEST(then, runs_in_the_pool_of_its_antecedent) {
    thread_pool pool({.workers = 2});
    auto const is_here = [&pool] { return detail::enclosing_scheduler() == &pool.sched(); };
    EXPECT_TRUE(submit(pool, is_here).get());
    EXPECT_TRUE(submit(pool, [] {}).then(is_here).get());
    EXPECT_TRUE(make_ready_future().then(pool, is_here).get());
    EXPECT_TRUE(make_ready_future().share().then(pool, is_here).get());
}

TEST(then, many_continue_a_shared_future) {
    promise<std::unique_ptr<int>> p;
    shared_future<std::unique_ptr<int>> s = p.get_future().share();
    std::vector<future<int>> all;
    for (int i = 0; i < 100; ++i) all.push_back(s.then([i](std::unique_ptr<int> const& x) { return *x + i; }));
    future<int> with_future = s.then([](shared_future<std::unique_ptr<int>> f) { return *f.get(); });
    p.set_value(std::make_unique<int>(5));
    for (int i = 0; i < 100; ++i) EXPECT_EQ(all[static_cast<std::size_t>(i)].get(), 5 + i);
    EXPECT_EQ(with_future.get(), 5);
    EXPECT_EQ(*s.get(), 5);
}

// Chains run without recursion.

class chain_on : public testing::TestWithParam<unsigned> {};
INSTANTIATE_TEST_SUITE_P(workers, chain_on, testing::Values(1u, 2u));

TEST_P(chain_on, of_a_million_needs_no_stack) {
    watchdog const dog("a chain of a million continuations");
    thread_pool pool({.workers = GetParam()});
    on_small_stack(small_stack, [&pool] {
        for (bool const ready : {true, false}) {
            promise<int> start;
            future<int> f = start.get_future();
            if (ready) start.set_value(0);
            f = f.then(pool, [](int x) { return x; });
            for (int i = 0; i < long_chain; ++i) f = f.then([](int x) { return x + 1; });
            if (!ready) start.set_value(0);
            EXPECT_EQ(f.get(), long_chain);
        }
    });
}

TEST_P(chain_on, of_a_million_may_fail) {
    watchdog const dog("a chain of a million continuations that fails");
    thread_pool pool({.workers = GetParam()});
    on_small_stack(small_stack, [&pool] {
        promise<int> start;
        future<int> f = start.get_future().then(pool, [](int x) { return x; });
        for (int i = 0; i < long_chain; ++i) f = f.then([](int x) { return x + 1; });
        start.set_exception(std::make_exception_ptr(failure{1}));
        EXPECT_THROW((void)f.get(), failure);
    });
}

TEST_P(chain_on, of_a_million_that_never_runs_is_destroyed) {
    watchdog const dog("a chain of a million continuations that never runs");
    thread_pool pool({.workers = GetParam()});
    std::atomic<int> calls{0};
    on_small_stack(small_stack, [&] {
        auto start = std::make_optional<promise<int>>();
        future<int> f = start->get_future().then(pool, [](int x) { return x; });
        for (int i = 0; i < long_chain; ++i)
            f = f.then([&calls](int x) {
                ++calls;
                return x;
            });
        future<void> end = f.then([](future<int>) {});
        start.reset();
        end.wait();
    });
    EXPECT_EQ(calls, 0);
}

TEST_P(chain_on, of_unpacked_futures_needs_no_stack) {
    watchdog const dog("a chain of futures of futures");
    thread_pool pool({.workers = GetParam()});
    on_small_stack(small_stack, [&pool] {
        promise<int> start;
        future<int> inner = start.get_future();
        for (int i = 0; i < long_chain / 10; ++i)
            inner = submit(pool, [f = std::move(inner)]() mutable { return std::move(f); });
        std::this_thread::sleep_for(1ms);
        start.set_value(4);
        EXPECT_EQ(inner.get(), 4);
    });
}

TEST_P(chain_on, of_values_that_hold_futures_is_destroyed_without_recursion) {
    struct link {
        future<link> next;
        int number = 0;
    };
    thread_pool pool({.workers = GetParam()});
    on_small_stack(small_stack, [] {
        future<link> first = make_ready_future(link{});
        for (int i = 0; i < long_chain; ++i) {
            promise<link> p;
            future<link> f = p.get_future();
            p.set_value(link{std::move(first), i});
            first = std::move(f);
        }
        EXPECT_EQ(first.get().number, long_chain - 1);
    });
}

TEST_P(chain_on, side_of_a_shared_future_runs_as_well) {
    watchdog const dog("a chain with branches");
    thread_pool pool({.workers = GetParam()});
    std::atomic<int> side{0};
    shared_future<int> s = submit(pool, [] { return 0; }).share();
    std::vector<future<void>> sides;
    for (int i = 0; i < 1000; ++i) {
        sides.push_back(s.then([&side](int const&) { ++side; }));
        s = s.then([](int const& x) { return x + 1; }).share();
    }
    EXPECT_EQ(s.get(), 1000);
    for (future<void>& f : sides) f.get();
    EXPECT_EQ(side, 1000);
}

// Destroys a pool before the future is ready that it has to continue.

template<class Future>
bool fails_because_the_pool_ended(Future&& f) {
    try {
        (void)std::forward<Future>(f).get();
    } catch (pool_ended const&) {
        return true;
    }
    return false;
}

TEST(continuation_of_a_pool_that_has_ended, fails_when_the_promise_is_kept_and_is_destroyed_unrun) {
    watchdog const dog("then, pool ended");
    promise<int> start;
    std::atomic<int> ran{0};
    auto const kept = std::make_shared<int>(1);
    std::optional<thread_pool> pool(pool_options{.workers = 2});
    future<int> first = start.get_future().then(*pool, [&ran, kept](int x) { return ran++, x; });
    future<void> last = first.then(*pool, [&ran](int) { ++ran; }).then(*pool, [&ran] { ++ran; });
    pool.reset();
    EXPECT_EQ(kept.use_count(), 2);
    EXPECT_FALSE(last.ready());
    start.set_value(1);
    EXPECT_EQ(kept.use_count(), 1);
    EXPECT_TRUE(last.ready());
    EXPECT_TRUE(fails_because_the_pool_ended(std::move(last)));
    EXPECT_EQ(ran, 0);
}

TEST(continuation_of_a_pool_that_has_ended, does_not_run_in_another_pool_at_the_same_address) {
    watchdog const dog("then, pool replaced");
    promise<int> start;
    promise<int> inside;
    std::atomic<int> ran{0};
    std::optional<thread_pool> pool(pool_options{.workers = 1});
    future<int> f = start.get_future().then(*pool, [&ran](int x) { return ran++, x; });
    future<int> g = inside.get_future().then(*pool, [&ran](int x) { return ran++, x; });
    pool.emplace(pool_options{.workers = 1});
    start.set_value(1);
    submit(*pool, [&inside] { inside.set_value(1); }).get();
    EXPECT_TRUE(fails_because_the_pool_ended(std::move(f)));
    EXPECT_TRUE(fails_because_the_pool_ended(std::move(g)));
    EXPECT_EQ(ran, 0);
}

TEST(continuation_of_a_pool_that_has_ended, fails_also_for_tasks_with_dependencies) {
    watchdog const dog("submit, pool ended");
    promise<int> start;
    promise<int> other;
    std::optional<thread_pool> pool(pool_options{.workers = 2});
    future<int> f = submit(
        *pool, [](int x, int y) { return x + y; }, start.get_future(), other.get_future());
    promise<int> third;
    future<int> placed = submit(
        *pool, [](int x) { return x; }, third.get_future(), submit_options{.on = 1});
    pool.reset();
    start.set_value(1);
    EXPECT_FALSE(f.ready());
    other.set_value(1);
    third.set_value(1);
    EXPECT_TRUE(fails_because_the_pool_ended(std::move(f)));
    EXPECT_TRUE(fails_because_the_pool_ended(std::move(placed)));
}

TEST(continuation_of_a_pool_that_has_ended, can_be_waited_for_while_another_thread_keeps_the_promise) {
    watchdog const dog("wait, pool ended");
    promise<int> start;
    std::optional<thread_pool> pool(pool_options{.workers = 1});
    future<int> f = start.get_future().then(*pool, [](int x) { return x; });
    pool.reset();
    EXPECT_FALSE(f.wait_for(1ms));
    std::thread keeper([&start] {
        std::this_thread::sleep_for(5ms);
        start.set_value(1);
    });
    EXPECT_TRUE(fails_because_the_pool_ended(std::move(f)));
    keeper.join();
}

TEST(continuation_of_a_pool_that_has_ended, does_not_concern_results_that_are_there) {
    watchdog const dog("then after the pool");
    std::optional<thread_pool> pool(pool_options{.workers = 1});
    future<int> f = submit(*pool, [] { return 20; });
    pool.reset();
    thread_pool other({.workers = 1});
    future<int> g = f.then(other, [](int x) { return x + 1; });
    EXPECT_EQ(g.get(), 21);
    shared_future<int> s = g.share();
    EXPECT_EQ(submit(other, [s] { return s.then([](int x) { return x + 1; }).get(); }).get(), 22);
    std::optional<thread_pool> third(pool_options{.workers = 1});
    future<int> h = submit(*third, [] { return 1; });
    h.wait();
    third.reset();
    EXPECT_EQ(submit(other, [&h] { return h.then([](int x) { return x + 1; }).get(); }).get(), 2);
}

TEST(continuation_of_a_pool_that_has_ended, runs_as_long_as_a_task_of_the_pool_waits_for_it) {
    watchdog const dog("then, pool ending");
    for (int round = 0; round < stress_test::repetitions(200); ++round) {
        promise<int> start;
        std::atomic<int> got{0};
        std::optional<thread_pool> pool(pool_options{.workers = 2});
        future<int> f = start.get_future().then(*pool, [](int x) { return x; });
        future<void> waits = submit(*pool, [&] { got = f.get(); });
        std::thread keeper([&start] { start.set_value(7); });
        pool.reset(); // finishes the submitted tasks, and so the tasks that they need
        keeper.join();
        ASSERT_EQ(got, 7);
    }
}

TEST(continuation_of_a_pool_that_has_ended, fails_along_a_long_chain_in_a_small_stack) {
    watchdog const dog("then, long chain of a pool that has ended");
    on_small_stack(small_stack, [] {
        promise<int> start;
        future<int> last = start.get_future();
        {
            thread_pool pool({.workers = 1});
            for (int i = 0; i < long_chain; ++i) last = last.then(pool, [](int x) { return x + 1; });
        }
        start.set_value(0);
        EXPECT_THROW((void)last.get(), pool_ended);
    });
}

TEST(continuation_of_a_pool_that_has_ended, runs_or_fails_if_the_pool_ends_at_that_moment) {
    watchdog const dog("then, pool ends now");
    for (int round = 0; round < stress_test::repetitions(500); ++round) {
        promise<int> start;
        std::atomic<int> ran{0};
        std::optional<thread_pool> pool(pool_options{.workers = 1});
        future<int> f = start.get_future().then(*pool, [&ran](int x) { return ran++, x; });
        std::thread keeper([&start] { start.set_value(7); });
        pool.reset();
        int const before = ran;
        keeper.join();
        ASSERT_EQ(ran, before) << "nothing runs after the destructor";
        ASSERT_NE(fails_because_the_pool_ended(std::move(f)), ran == 1);
    }
}

TEST(future, then_in_another_pool_runs_there) {
    watchdog const dog("then, two pools");
    thread_pool one({.workers = 1});
    thread_pool other({.workers = 1});
    promise<void> go;
    shared_future<void> const gate = go.get_future();
    future<int> f = submit(one, [gate] { return gate.get(), 1; });
    future<bool> there = f.then(other, [&other](int) { return detail::enclosing_scheduler() == &other.sched(); });
    go.set_value();
    while (!there.ready()) std::this_thread::yield(); // not `get`: a waiting thread might run the task
    EXPECT_TRUE(there.get());
}

} // namespace
