// SPDX-License-Identifier: MIT
// Tests of submit: arguments, dependencies, options, waiting that helps.
#include <hocket/base/error.hpp>
#include <hocket/fork_join/join.hpp>
#include <hocket/future/future.hpp>
#include <hocket/future/promise.hpp>
#include <hocket/future/submit.hpp>
#include <hocket/pool/this_worker.hpp>

#include <stress/watchdog.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
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

struct failure {
    int which;
};

int twice(int x) { return 2 * x; }

struct counter {
    int value = 3;
    int plus(int x) const { return value + x; }
};

class submit_on : public testing::TestWithParam<unsigned> {
  protected:
    thread_pool pool_{{.workers = GetParam()}};
};
INSTANTIATE_TEST_SUITE_P(workers, submit_on, testing::Values(1u, 2u, 3u, 8u));

int fibonacci(int n) {
    if (n < 2) return n;
    future<int> first = submit([n] { return fibonacci(n - 1); });
    int const second = fibonacci(n - 2);
    return first.get() + second;
}

TEST(submit, calls_with_copies_of_its_arguments) {
    EXPECT_EQ(submit(twice, 4).get(), 8);
    EXPECT_EQ(submit(&counter::plus, counter{}, 4).get(), 7);
    counter there;
    EXPECT_EQ(submit(&counter::plus, &there, 4).get(), 7);
    EXPECT_EQ(submit(&counter::plus, std::cref(there), 5).get(), 8);
    EXPECT_EQ(submit(&counter::value, &there).get(), 3);
    EXPECT_EQ(submit([](std::unique_ptr<int> p) { return *p; }, std::make_unique<int>(6)).get(), 6);
    int changed = 0;
    submit([](int& x) { x = 1; }, std::ref(changed)).get();
    EXPECT_EQ(changed, 1);
    std::string text = "text";
    EXPECT_EQ(submit([](std::string s) { return s + s; }, text).get(), "texttext");
    EXPECT_EQ(text, "text");
    auto const only_moved = [p = std::make_unique<int>(9)] { return *p; };
    EXPECT_EQ(submit(std::move(const_cast<std::remove_const_t<decltype(only_moved)>&>(only_moved))).get(), 9);
}

TEST_P(submit_on, tells_its_name_and_that_of_no_other_task) {
    EXPECT_EQ(this_task::name(), nullptr);
    auto const name = [] { return this_task::name(); };
    auto const within = [&]() -> std::pair<char const*, char const*> {
        return {this_task::name(), std::get<1>(join(pool_, name, name))};
    };
    auto const names = submit(pool_, within, {.name = "load"}).get();
    EXPECT_STREQ(names.first, "load");
    EXPECT_STREQ(names.second, "load");
    EXPECT_EQ(submit(pool_, [&] { return submit(pool_, name).get(); }, {.name = "load"}).get(), nullptr);
    EXPECT_EQ(submit(pool_, [&] { return submit(pool_, name, {.after = 1ns}).get(); }, {.name = "load"}).get(),
              nullptr);
    EXPECT_EQ(this_task::name(), nullptr);
}

TEST_P(submit_on, runs_in_its_pool) {
    for (int i = 0; i < 50; ++i) {
        future<bool> here = submit(pool_, [this] { return detail::enclosing_scheduler() == &pool_.sched(); });
        if (i % 2 == 0) std::this_thread::sleep_for(10us);
        EXPECT_TRUE(here.get());
    }
    EXPECT_TRUE(
        submit(pool_, [this] { return submit([this] { return &detail::current_pool() == &pool_; }).get(); }).get());
}

TEST_P(submit_on, runs_each_task_once) {
    std::vector<std::atomic<int>> ran(10'000);
    std::vector<future<void>> all;
    for (std::atomic<int>& r : ran) all.push_back(submit(pool_, [&r] { ++r; }));
    for (std::size_t i = 0; i < all.size(); i += 2) all[i].get();
    for (std::size_t i = all.size() - 1; i < all.size(); i -= 2) all[i].get();
    for (std::atomic<int> const& r : ran) ASSERT_EQ(r, 1);
}

TEST_P(submit_on, runs_tasks_whose_futures_are_dropped) {
    std::atomic<int> ran{0};
    for (int i = 0; i < 1000; ++i) (void)submit(pool_, [&ran] { ++ran; });
    submit(pool_, [&] {
        for (int i = 0; i < 1000; ++i) (void)submit(pool_, [&ran] { ++ran; });
    }).get();
    while (ran != 2000) std::this_thread::yield();
}

TEST(submit, finishes_before_its_pool_is_gone) {
    std::atomic<int> ran{0};
    {
        thread_pool pool({.workers = 2});
        for (int i = 0; i < 1000; ++i) (void)submit(pool, [&ran] { ++ran; }).then([&ran] { ++ran; });
    }
    EXPECT_EQ(ran, 2000);
}

TEST_P(submit_on, recursion_through_futures) {
    watchdog const dog("fibonacci with futures");
    EXPECT_EQ(submit(pool_, [] { return fibonacci(18); }).get(), 2584);
    EXPECT_EQ(fibonacci(12), 144);
}

TEST(submit, makes_references_and_unpacks_futures) {
    int number = 1;
    future<int&> r = submit([&]() -> int& { return number; });
    EXPECT_EQ(&r.get(), &number);
    future<int> f = submit([] { return submit([] { return make_ready_future(3); }); });
    EXPECT_EQ(f.get(), 3);
}

// Dependencies.

TEST_P(submit_on, begins_when_its_dependencies_are_ready) {
    promise<int> p;
    future<int> left = submit(pool_, [] { return 1; });
    future<int> sum = submit(
        pool_, [](int x, int y, std::unique_ptr<int> z, int w) { return x + 10 * y + 100 * *z + 1000 * w; },
        std::move(left), p.get_future(), submit(pool_, [] { return std::make_unique<int>(3); }), 4);
    EXPECT_FALSE(left.valid());
    EXPECT_FALSE(sum.ready());
    p.set_value(2);
    EXPECT_EQ(sum.get(), 4321);
}

TEST(submit, gives_the_value_of_a_shared_future_by_const_reference) {
    shared_future<std::unique_ptr<int>> s = submit([] { return std::make_unique<int>(4); });
    future<int> a = submit([](std::unique_ptr<int> const& x) { return *x; }, s);
    future<int> b = submit([](std::unique_ptr<int> const& x, int y) { return *x + y; }, s, make_ready_future(1));
    EXPECT_EQ(a.get() + b.get(), 9);
    EXPECT_TRUE(s.valid());
}

TEST(submit, gives_nothing_for_a_future_of_void_and_references_for_references) {
    int number = 1;
    future<int&> r = submit([&]() -> int& { return number; });
    submit([](int& x, int y) { x += y; }, submit([] {}), r, submit([] {}), 5).get();
    EXPECT_EQ(number, 6);
}

TEST(submit, is_not_run_when_a_dependency_fails_and_the_first_error_counts) {
    bool called = false;
    promise<int> late;
    future<void> f = submit([&called](int, int, int) { called = true; }, 1, late.get_future(),
                            make_exceptional_future<int>(failure{2}));
    EXPECT_FALSE(f.ready());
    late.set_exception(std::make_exception_ptr(failure{1}));
    try {
        f.get();
        FAIL();
    } catch (failure const& e) {
        EXPECT_EQ(e.which, 1);
    }
    EXPECT_FALSE(called);
}

TEST(submit, refuses_a_dependency_that_holds_nothing) {
    bool called = false;
    EXPECT_THROW((void)submit([&called](int) { called = true; }, future<int>()), std::logic_error);
    EXPECT_FALSE(called);
}

TEST(submit, destroys_what_it_captured_before_the_result_is_there) {
    for (int i = 0; i < 100; ++i) {
        auto token = std::make_shared<int>(1);
        submit([token] { return *token; }).get();
        EXPECT_EQ(token.use_count(), 1);
        make_ready_future().then([token] {}).get();
        EXPECT_EQ(token.use_count(), 1);
    }
}

TEST(submit, leaves_nothing_behind_when_copying_its_callable_throws) {
    struct fragile {
        fragile() = default;
        fragile(fragile const&) { throw failure{1}; }
        void operator()() const {}
    };
    fragile const callable;
    EXPECT_THROW((void)submit(callable), failure);
    EXPECT_THROW((void)make_ready_future().then(callable), failure);
}

// Options.

TEST(submit_options, that_make_no_sense_are_refused) {
    thread_pool pool({.workers = 2});
    bool called = false;
    EXPECT_THROW((void)submit(pool, [&] { called = true; }, {.priority = static_cast<priority>(9)}),
                 std::invalid_argument);
    EXPECT_THROW((void)submit(pool, [&] { called = true; }, {.on = 2}), std::invalid_argument);
    EXPECT_FALSE(called);
}

TEST(submit_options, stand_last) {
    submit_options const options{.priority = priority::high, .name = "sum"};
    EXPECT_EQ(submit([](int x, int y) { return x + y; }, 1, make_ready_future(2), options).get(), 3);
    EXPECT_EQ(submit(
                  default_pool(), [](int x) { return x; }, 1, submit_options{.name = "one"})
                  .get(),
              1);
    EXPECT_EQ(submit([] { return 1; }, options).get(), 1);
    EXPECT_EQ(submit(default_pool(), [] { return 1; }, {.priority = priority::low}).get(), 1);
}

TEST(submit_options, stop_keeps_a_task_from_beginning) {
    std::stop_source stop;
    promise<void> gate;
    bool called = false;
    future<void> f = submit([&] { called = true; }, gate.get_future(), submit_options{.stop = stop.get_token()});
    future<int> after = f.then([] { return 1; });
    stop.request_stop();
    gate.set_value();
    EXPECT_THROW((void)after.get(), operation_cancelled);
    EXPECT_FALSE(called);
}

TEST(submit_options, stop_can_be_asked_for_while_the_task_runs) {
    std::stop_source stop;
    future<bool> started; // by the task, which does not wait for it
    future<bool> f = submit(
        [&] {
            bool const before = this_task::stop_requested();
            stop.request_stop();
            started = submit([] { return this_task::stop_requested(); });
            return !before && this_task::stop_requested();
        },
        {.stop = stop.get_token()});
    EXPECT_TRUE(f.get());
    EXPECT_FALSE(started.get());
    EXPECT_FALSE(submit([] { return this_task::stop_requested(); }, {.stop = std::stop_source().get_token()}).get());
}

TEST(submit_options, after_delays) {
    auto const start = std::chrono::steady_clock::now();
    future<std::chrono::steady_clock::time_point> f =
        submit([] { return std::chrono::steady_clock::now(); }, {.after = 20ms});
    EXPECT_GE(f.get() - start, 20ms);
    EXPECT_EQ(submit([](int x) { return x; }, make_ready_future(1), submit_options{.after = 1ms}).get(), 1);
    EXPECT_EQ(submit([] { return 1; }, {.after = -1s}).get(), 1);
}

TEST(submit_options, stop_ends_a_delay) {
    watchdog const dog("a delayed task that is stopped");
    std::stop_source stop;
    future<void> f = submit([] {}, {.stop = stop.get_token(), .after = std::chrono::hours(1)});
    EXPECT_FALSE(f.wait_for(1ms));
    stop.request_stop();
    EXPECT_THROW(f.get(), operation_cancelled);
    future<void> g = submit([] {}, {.stop = stop.get_token(), .after = std::chrono::hours(1)});
    EXPECT_THROW(g.get(), operation_cancelled);
}

TEST(submit_options, on_names_the_worker) {
    watchdog const dog("tasks for one worker");
    thread_pool pool({.workers = 3});
    for (std::size_t w = 0; w < 3; ++w)
        for (int i = 0; i < 20; ++i) EXPECT_EQ(submit(pool, [] { return this_worker::index(); }, {.on = w}).get(), w);
    // A task waits for a task that only its own worker may run.
    for (std::size_t w = 0; w < 3; ++w)
        EXPECT_EQ(submit(pool,
                         [w] {
                             return submit([] { return detail::this_slot->rank; }, {.on = w})
                                 .then([w](std::uint32_t i) { return i == w; })
                                 .get();
                         },
                         {.on = w})
                      .get(),
                  true);
}

TEST(submit_options, urgent_tasks_come_first_and_unimportant_ones_last) {
    thread_pool pool({.workers = 1});
    promise<void> gate;
    std::mutex mutex;
    std::string order;
    auto const note = [&](char c) {
        return [&, c] {
            std::lock_guard const lock(mutex);
            order += c;
        };
    };
    std::atomic<bool> begun{false};
    future<void> blocker = submit(pool, [&, f = gate.get_future()] {
        begun = true;
        while (!f.ready()) std::this_thread::yield();
    });
    while (!begun) std::this_thread::yield();
    std::vector<future<void>> all;
    for (int i = 0; i < 3; ++i) {
        all.push_back(submit(pool, note('l'), {.priority = priority::low}));
        all.push_back(submit(pool, note('n')));
        all.push_back(submit(pool, note('h'), {.priority = priority::high}));
    }
    gate.set_value();
    for (future<void>& f : all)
        while (!f.ready()) std::this_thread::yield();
    EXPECT_EQ(order, "hhhnnnlll");
}

// Waiting.

TEST(waiting, runs_the_awaited_task_and_no_stranger) {
    thread_pool pool({.workers = 1});
    watchdog const dog("a lock held while waiting");
    std::mutex mutex;
    submit(pool, [&] {
        std::lock_guard const lock(mutex);
        std::vector<future<void>> strangers;
        future<int> wanted = submit([] { return 1; });
        for (int i = 0; i < 50; ++i) strangers.push_back(submit([&mutex] { std::lock_guard const inner(mutex); }));
        EXPECT_EQ(wanted.get(), 1);
        future<int> chain =
            submit([] { return 1; }).then([](int x) { return x + 1; }).then([](int x) { return x + 1; });
        EXPECT_EQ(chain.get(), 3);
    }).get();
}

TEST(waiting, again_and_again_in_a_long_task_leaves_nothing_behind) {
    thread_pool pool({.workers = 1});
    std::int64_t const left = submit(pool, [] {
                                  for (int round = 0; round < 200; ++round) {
                                      std::vector<future<int>> all;
                                      for (int i = 0; i < 100; ++i) all.push_back(submit([i] { return i; }));
                                      for (int i = 0; i < 100; ++i)
                                          EXPECT_EQ(all[static_cast<std::size_t>(i)].get(), i); // the oldest first
                                  }
                                  detail::worker& me = *detail::this_slot;
                                  std::int64_t count = 0;
                                  while (detail::work_item* const item = me.pop_deque()) {
                                      item->run(item);
                                      ++count;
                                  }
                                  return count;
                              }).get();
    EXPECT_LE(left, 200);
}

TEST(waiting, of_an_outside_thread_runs_the_task_while_the_pool_is_busy) {
    thread_pool pool({.workers = 1});
    watchdog const dog("a pool that is busy with something that the waiting thread must end");
    promise<void> gate;
    std::atomic<bool> begun{false};
    future<void> blocker = submit(pool, [&, f = gate.get_future()] {
        begun = true;
        while (!f.ready()) std::this_thread::yield();
    });
    while (!begun) std::this_thread::yield();
    EXPECT_EQ(submit(pool, [] { return 1; }).get(), 1);
    EXPECT_EQ(submit(pool, [] { return join([] { return 1; }, [] { return 2; }); }).get(), std::tuple(1, 2));
    gate.set_value();
    blocker.get();
}

TEST_P(submit_on, waits_for_a_promise_that_another_task_keeps) {
    watchdog const dog("tasks that keep promises to each other");
    for (int i = 0; i < 50; ++i) {
        promise<int> p;
        future<int> f = p.get_future();
        future<int> waiter = submit(pool_, [f = std::move(f)]() mutable { return f.get(); });
        future<void> keeper = submit(pool_, [&p] { p.set_value(3); });
        EXPECT_EQ(waiter.get(), 3);
        keeper.get();
    }
}

TEST(waiting, ten_thousand_tasks_for_one_promise_behind_them) {
    watchdog const dog("ten thousand tasks that wait for a promise, which a task behind them keeps");
    constexpr int count = stress_test::sanitized ? 1'000 : 10'000;
    constexpr int most = stress_test::sanitized ? 100 : 1'024;
    for (unsigned const workers : {1u, 2u}) {
        thread_pool pool({.workers = workers, .max_threads = most});
        pool.sched().set_patience(1'000'000);
        promise<int> p;
        shared_future<int> s = p.get_future();
        std::vector<future<int>> all;
        for (int i = 0; i < count; ++i) all.push_back(submit(pool, [s] { return s.get(); }));
        future<void> keeper = submit(pool, [&p] { p.set_value(1); });
        int good = 0;
        int told = 0;
        for (future<int>& f : all) {
            while (!f.wait_for(50ms)) {
            }
            try {
                good += f.get();
            } catch (std::exception const& e) {
                ++told;
                EXPECT_NE(std::string(e.what()).find("hocket"), std::string::npos);
            }
        }
        keeper.get();
        EXPECT_EQ(good + told, count);
        EXPECT_GE(good, most - 4) << "a wait was given up though there could have been a thread more";
        RecordProperty("told", told);
    }
}

} // namespace
