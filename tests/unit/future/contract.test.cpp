// SPDX-License-Identifier: MIT
// Tests each entry of the public contract for pools, fork and join, futures, coroutines and graphs, as a program writes
// it.
#include <hocket/hocket.hpp>

#include <stress/watchdog.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <thread>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace {

using namespace hocket;
using namespace std::chrono_literals;
using stress_test::watchdog;

int fib(int n) {
    if (n < 2) return n;
    auto [a, b] = join([&] { return fib(n - 1); }, [&] { return fib(n - 2); });
    return a + b;
}

class contract : public testing::TestWithParam<std::size_t> {
  protected:
    watchdog const dog_{"the contract"};
    thread_pool pool_{{.workers = GetParam(), .bind = binding::none}};
};
INSTANTIATE_TEST_SUITE_P(workers, contract, testing::Values(1, 2, 3, 4, 8, 64));

// Pools.

TEST(contract_of_pools, options) {
    thread_pool pool;
    EXPECT_GE(pool.size(), 1u);
    thread_pool four(4);
    EXPECT_EQ(four.size(), 4u);
    thread_pool render({.workers = 4, .bind = binding::core, .name = "render"});
    for (binding const b : {binding::automatic, binding::core, binding::pu, binding::numa, binding::none})
        EXPECT_EQ(thread_pool({.workers = 2, .bind = b}).size(), 2u);
    std::atomic<int> started = 0, ended = 0;
    {
        thread_pool more({.workers = 2,
                          .max_threads = 16,
                          .max_concurrency = 2,
                          .stack_size = 1 << 20,
                          .on_thread_start = [&](std::size_t) { ++started; },
                          .on_thread_end = [&](std::size_t) { ++ended; }});
        more.run([] {});
    }
    EXPECT_EQ(started, ended);
    EXPECT_GE(started, 2);
    EXPECT_FALSE(pool.placement().to_string().empty());
    EXPECT_GE(default_pool().size(), 1u);
    EXPECT_FALSE(machine().packages.empty());
    EXPECT_FALSE(machine().cores.empty());
    EXPECT_FALSE(machine().pus.empty());
}

TEST_P(contract, pools) {
    EXPECT_EQ(pool_.size(), GetParam());
    EXPECT_EQ(pool_.run([] { return fib(10); }), 55);
    std::atomic<int> ran = 0;
    for (int i = 0; i < 100; ++i) spawn(pool_, [&] { ++ran; });
    pool_.wait_idle();
    EXPECT_EQ(ran, 100);
    pool_.run([&] {
        EXPECT_LT(this_worker::index(), pool_.max_index());
        static_cast<void>(this_worker::core());
        worker_local<int> b([] { return 7; });
        EXPECT_EQ(b.local(), 7);
    });
    worker_local<std::vector<int>> buffers(pool_);
    parallel_for(pool_, 0, 100, [&](int i) { buffers.local().push_back(i); });
    std::size_t found = 0;
    for (auto const& one : buffers) found += one.size();
    EXPECT_EQ(found, 100u);
    auto warm = pool_.keep_warm();
    EXPECT_EQ(submit(pool_, [] { return blocking([] { return 3; }); }).get(), 3);
}

// Fork and join.

TEST_P(contract, fork_and_join) {
    pool_.run([] {
        auto [a, b] = join([&] { return fib(8); }, [&] { return fib(7); });
        EXPECT_EQ(a + b, fib(9));
        auto [x, y, z] = join([] { return 1; }, [] { return std::make_unique<int>(2); }, [] {});
        EXPECT_EQ(x + *y, 3);
        static_assert(std::is_same_v<decltype(z), nothing>);
    });
    std::atomic<int> ran = 0;
    pool_.run([&] {
        task_group g;
        for (int i = 0; i < 10; ++i) g.run([&] { ++ran; });
        g.wait();
    });
    EXPECT_EQ(ran, 10);
}

// Futures and dependencies.

TEST_P(contract, futures) {
    pool_.run([] {
        future<int> f = submit([](int a, int b) { return a + b; }, submit([] { return 1; }), 2);
        EXPECT_EQ(f.get(), 3);
        EXPECT_EQ(f.get(), 3);
        EXPECT_EQ(*f.get_for(50ms), 3);
        f.wait();
        EXPECT_TRUE(f.wait_for(50ms));
        EXPECT_TRUE(f.ready());
        EXPECT_EQ(*std::move(f).get_for(1h), 3);
        promise<int> never;
        future<int> late = never.get_future();
        EXPECT_EQ(late.get_for(1ms), nullptr);
        EXPECT_FALSE(late.wait_for(1ms));
        EXPECT_FALSE(late.ready());
        EXPECT_EQ(*submit([] { return std::make_unique<int>(4); }).get(), 4);

        bool called = false;
        future<void> g = submit([&](int) { called = true; }, submit([]() -> int { throw std::runtime_error("x"); }));
        EXPECT_THROW(g.get(), std::runtime_error);
        EXPECT_FALSE(called);

        EXPECT_EQ(submit([] { return 5; }).then([](int v) { return v * 2; }).get(), 10);
        EXPECT_EQ(submit([] { return submit([] { return 6; }); }).get(), 6);
        static_assert(std::is_same_v<decltype(submit([] { return submit([] { return 6; }); })), future<int>>);
        static_assert(std::is_same_v<decltype(when_all(submit([] { return 1; }), submit([] { return 'c'; }))),
                                     future<std::tuple<int, char>>>);
        auto [i, c] = when_all(submit([] { return 1; }), submit([] { return 'c'; })).get();
        EXPECT_EQ(i, 1);
        EXPECT_EQ(c, 'c');
        shared_future<int> s = submit([] { return 8; }).share();
        EXPECT_EQ(s.get(), 8);
        EXPECT_EQ(make_ready_future(9).get(), 9);
        promise<int> p;
        future<int> kept = p.get_future();
        p.set_value(10);
        EXPECT_EQ(kept.get(), 10);
    });
}

TEST_P(contract, vectors_of_futures) {
    pool_.run([] {
        auto const make = [] {
            std::vector<future<int>> all;
            for (int i = 0; i < 10; ++i) all.push_back(submit([i] { return i; }));
            return all;
        };
        std::vector<future<int>> futures = make();
        auto [ready, pending] = wait(futures, {.count = 3, .timeout = 1s});
        EXPECT_EQ(ready.size(), 3u);
        EXPECT_EQ(pending.size(), 7u);
        wait_result<future<int>> const result = wait(futures);
        EXPECT_EQ(result.ready.size(), 10u);
        EXPECT_TRUE(result.pending.empty());
        static_assert(std::is_same_v<decltype(when_all(futures)), future<std::vector<int>>>);
        EXPECT_EQ(when_all(futures).get(), (std::vector<int>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}));
        auto [index, value] = when_any(futures).get();
        EXPECT_EQ(static_cast<int>(index), value);
        auto first = when_any(futures, cancel_losers).get();
        EXPECT_EQ(static_cast<int>(first.index), first.value);
        int sum = 0;
        for (auto& each : as_completed(make())) sum += each.get();
        EXPECT_EQ(sum, 45);
        std::vector<future<int>> named = make();
        for (auto&& each : as_completed(named)) sum += each.get();
        EXPECT_EQ(sum, 90);
        for (future<int>& each : named) sum += each.get();
        EXPECT_EQ(sum, 135);
    });
    // The timeout ends the wait where no result comes.
    std::vector<promise<int>> promises(3);
    std::vector<future<int>> late;
    for (promise<int>& p : promises) late.push_back(p.get_future());
    promises[1].set_value(1);
    auto [ready, pending] = wait(late, {.count = 2, .timeout = 1ms});
    EXPECT_EQ(ready.size(), 1u);
    EXPECT_EQ(pending.size(), 2u);
}

TEST_P(contract, options_of_submit) {
    std::stop_source source;
    std::stop_token const token = source.get_token();
    future<int> f = submit(
        pool_, [] { return 1; },
        submit_options{.priority = priority::high, .stop = token, .name = "load", .after = 1ms, .on = 0});
    EXPECT_EQ(f.get(), 1);
    EXPECT_EQ(submit(pool_, [] { return std::string(this_task::name()); }, {.name = "load"}).get(), "load");
    source.request_stop();
    EXPECT_THROW(submit(pool_, [] { return 1; }, {.stop = token}).get(), operation_cancelled);
    EXPECT_THROW(submit(pool_, [] {}, {.on = pool_.size()}).get(), std::invalid_argument);
}

// Coroutines.

task<int> coroutine(thread_pool& pool) {
    int x = co_await submit(pool, [] { return 3; });
    co_return x;
}
task<int> awaits_all(thread_pool& pool, async_mutex& mutex, async_semaphore& permits, async_event& event,
                     channel<int>& values) {
    int sum = co_await coroutine(pool);
    co_await pool.schedule();
    co_await hocket::sleep_for(1ms);
    {
        async_lock const lock = co_await mutex.lock();
        ++sum;
    }
    co_await permits.acquire();
    permits.release();
    event.set();
    co_await event;
    co_await event.wait();
    co_await values.push(5);
    sum += *co_await values.pop();
    values.close();
    bool const more = (co_await values.pop()).has_value();
    EXPECT_FALSE(more);
    shared_future<int> const shared = make_ready_future(100).share();
    sum += co_await shared;
    co_return sum;
}

TEST_P(contract, coroutines) {
    EXPECT_EQ(sync_wait(pool_, coroutine(pool_)), 3);
    int x = sync_wait(coroutine(pool_));
    EXPECT_EQ(x, 3);
    async_mutex mutex;
    async_semaphore permits(1);
    async_event event;
    channel<int> values(2);
    EXPECT_EQ(sync_wait(pool_, awaits_all(pool_, mutex, permits, event, values)), 109);
    EXPECT_EQ(submit(pool_, coroutine(pool_)).get(), 3);
    spawn(pool_, [&pool = pool_]() -> task<> { co_await pool.schedule(); });
    pool_.wait_idle();
}

// Graphs.

TEST_P(contract, graphs) {
    task_graph g;
    int loaded = 0, parsed = 0;
    auto a = g.add("load", [&] { ++loaded; });
    auto b = g.add("parse", [&] { parsed = loaded; });
    a.precede(b);
    auto left = g.add([] { return 1; });
    auto right = g.add([] { return 2; });
    auto c = g.add([](int x, int y) { return x + y; }, left, right);
    int x_ran = 0, y_ran = 0;
    auto d = g.add_condition([] { return 1; });
    auto x = g.add([&] { ++x_ran; });
    auto y = g.add([&] { ++y_ran; });
    d.precede(x, y);
    std::atomic<int> inside = 0;
    task_graph other;
    other.add([&] { ++inside; });
    auto node = g.add_subgraph(other);
    semaphore semaphore(1);
    node.limit(semaphore);
    node.priority(priority::high);
    node.succeed(b);
    g.validate();
    g.run(pool_).get();
    EXPECT_EQ(c.get(), 3);
    EXPECT_EQ(parsed, 1);
    EXPECT_EQ(x_ran, 0);
    EXPECT_EQ(y_ran, 1);
    EXPECT_EQ(inside, 1);
    g.run_n(pool_, 100).get();
    EXPECT_EQ(parsed, 101);
    g.run_until(pool_, [&] { return parsed == 110; }).get();
    EXPECT_EQ(parsed, 110);
    pool_.run([&] {
        g.run().get();
        g.run_n(2);
        g.run_until([&] { return parsed == 120; }).get();
    });
    EXPECT_EQ(parsed, 120);
    std::ostringstream picture;
    g.to_dot(picture);
    EXPECT_NE(picture.str().find("parse"), std::string::npos);
}

TEST(contract_of_graphs, a_cycle_without_a_condition_names_the_nodes) {
    task_graph g;
    auto a = g.add("first", [] { FAIL(); });
    auto b = g.add("second", [] { FAIL(); });
    a.precede(b);
    b.precede(a);
    for (bool const runs : {false, true}) {
        try {
            runs ? g.run().get() : g.validate();
            FAIL();
        } catch (std::invalid_argument const& error) {
            std::string const text = error.what();
            EXPECT_NE(text.find("first"), std::string::npos) << text;
            EXPECT_NE(text.find("second"), std::string::npos) << text;
        }
    }
}

TEST_P(contract, pipelines) {
    int next = 0;
    std::vector<int> written;
    auto read = [&]() -> std::optional<int> { return next < 100 ? std::optional<int>(next++) : std::nullopt; };
    auto work = [](int i) { return 2 * i; };
    auto write = [&](int i) { written.push_back(i); };
    pool_.run([&] { pipeline(stage<serial>(read), stage<parallel>(work), stage<serial>(write)).run({.tokens = 16}); });
    EXPECT_EQ(written.size(), 100u);
    EXPECT_TRUE(std::is_sorted(written.begin(), written.end()));
}

// Rules.

TEST_P(contract, rule_1_calls_without_a_pool_run_where_the_caller_runs) {
    auto const here = [&] { return &detail::current_pool() == &pool_; };
    std::atomic<int> elsewhere = 0;
    pool_.run([&] {
        elsewhere += !submit(here).get();
        join([&] { elsewhere += !here(); }, [&] { elsewhere += !here(); });
        task_group group;
        group.run([&] { elsewhere += !here(); });
        group.wait();
        parallel_for(0, 10, [&](int) { elsewhere += !here(); });
        task_graph g;
        g.add([&] { elsewhere += !here(); });
        g.run().get();
        elsewhere += !sync_wait([](auto is_here) -> task<bool> { co_return is_here(); }(here));
        elsewhere += !make_ready_future(1).then([&](int) { return here(); }).get();
    });
    EXPECT_EQ(elsewhere, 0);
}

TEST_P(contract, rule_3_the_lowest_index_wins_and_collect_lists_all) {
    std::atomic<int> ran = 0;
    try {
        parallel_for(pool_, 0, 10,
                     [&](int i) {
                         ++ran;
                         if (i % 3 == 1) throw std::runtime_error(std::to_string(i));
                     },
                     {.errors = error_policy::collect});
        FAIL();
    } catch (parallel_error const& all) {
        EXPECT_EQ(ran, 10);
        ASSERT_EQ(all.failures().size(), 3u);
    }
    auto const throws = [](char const* text) { return [text] { throw std::runtime_error(text); }; };
    try {
        join(pool_, throws("first"), throws("second"));
        FAIL();
    } catch (std::runtime_error const& error) {
        EXPECT_STREQ(error.what(), "first");
    }
}

TEST(rule_2, a_wait_beyond_the_bound_says_what_to_change) {
    watchdog const dog("too many waits");
    thread_pool pool({.workers = 1, .bind = binding::none, .max_threads = 2});
    promise<void> gate;
    future<void> const opened = gate.get_future();
    std::vector<future<void>> waiting;
    std::atomic<int> given_up = 0;
    for (int i = 0; i < 4; ++i)
        waiting.push_back(submit(pool, [&] {
            try {
                opened.wait();
            } catch (too_many_waits const& error) {
                EXPECT_NE(std::string(error.what()).find("max_threads"), std::string::npos) << error.what();
                ++given_up;
            }
        }));
    // Work of the pool lies behind the waits, and only that work opens the gate.
    future<void> const opener = submit(pool, [&] { gate.set_value(); });
    for (future<void>& f : waiting) f.wait();
    opener.wait();
    EXPECT_GE(given_up, 1);
}

// A body waits for the stop, and the nodes behind it never begin.
TEST_P(contract, rule_4_graphs_and_pipelines_take_a_timeout) {
    auto const until_stopped = [] {
        while (!this_task::stop_requested()) std::this_thread::yield();
    };
    std::atomic<int> after = 0;
    task_graph g;
    g.add(until_stopped).precede(g.add([&] { ++after; }));
    for (int round = 0; round < 3; ++round) {
        EXPECT_THROW(g.run(pool_, {.timeout = 2ms}).get(), operation_cancelled);
        EXPECT_THROW(g.run_n(pool_, 5, {.timeout = 2ms}).get(), operation_cancelled);
    }
    task_graph quick;
    int ran = 0;
    quick.add([&] { ++ran; });
    EXPECT_THROW(quick.run(pool_, {.timeout = -1s}).get(), operation_cancelled);
    EXPECT_EQ(ran, 0);
    for (int round = 0; round < 20; ++round) quick.run(pool_, {.timeout = 1h}).get();
    EXPECT_EQ(ran, 20);
    for (int round = 0; round < 100; ++round) {
        try {
            task_graph ends;
            for (int i = 0; i < 10; ++i) ends.add([] { std::this_thread::yield(); });
            ends.run(pool_, {.timeout = 20us}).get();
        } catch (operation_cancelled const&) {
        }
    }
    int given = 0;
    pipeline p(stage<serial>([&]() -> std::optional<int> { return given++; }), stage<parallel>([&](int i) {
                   until_stopped();
                   return i;
               }),
               stage<serial>([&](int) { ++after; }));
    EXPECT_THROW(p.run(pool_, {.tokens = 4, .timeout = 2ms}), operation_cancelled);
    pipeline ends(stage<serial>([n = 0]() mutable { return n < 10 ? std::optional<int>(n++) : std::nullopt; }),
                  stage<parallel>([](int) {}));
    ends.run(pool_, {.timeout = 1h});
    EXPECT_EQ(after, 0);
}

TEST_P(contract, rule_7_bad_arguments_run_nothing) {
    std::atomic<int> ran = 0;
    auto const body = [&](int) { ++ran; };
    auto const task = [&] { ++ran; };
    EXPECT_THROW(parallel_for(pool_, 0, 10, 0, body), std::invalid_argument);
    EXPECT_THROW(thread_pool(0), std::invalid_argument);
    EXPECT_THROW(thread_pool({.workers = 0}), std::invalid_argument);
    EXPECT_THROW(thread_pool({.bind = static_cast<binding>(99)}), std::invalid_argument);
    EXPECT_THROW(thread_pool({.workers = 1, .max_threads = 0}), std::invalid_argument);
    EXPECT_THROW(static_cast<void>(submit(pool_, task, {.priority = static_cast<priority>(9)})), std::invalid_argument);
    EXPECT_THROW(static_cast<void>(submit(pool_, task, {.on = 1000})), std::invalid_argument);
    EXPECT_THROW(spawn(pool_, task, {.on = 1000}), std::invalid_argument);
    EXPECT_THROW(static_cast<void>(when_any(std::vector<future<int>>{})), std::invalid_argument);
    EXPECT_THROW(wait(std::vector<future<int>>{}, {.count = 1}), std::invalid_argument);
    EXPECT_THROW(semaphore(0), std::invalid_argument);
    EXPECT_THROW(make_exceptional_future<int>(std::exception_ptr()), std::invalid_argument);
    EXPECT_THROW(pipeline(stage<serial>([&]() -> std::optional<int> {
                     ++ran;
                     return std::nullopt;
                 })).run(pool_, {.tokens = std::size_t(1) << 40}),
                 std::invalid_argument);
    task_graph g, h;
    auto a = g.add(task);
    auto b = h.add(task);
    EXPECT_THROW(a.precede(b), std::invalid_argument);
    EXPECT_THROW(a.priority(static_cast<priority>(9)), std::invalid_argument);
    EXPECT_THROW(g.add_subgraph(g), std::invalid_argument);
    parallel_for(pool_, 10, 0, body); // empty
    EXPECT_TRUE(when_all(std::vector<future<int>>{}).get().empty());
    EXPECT_TRUE(wait(std::vector<future<int>>{}).ready.empty());
    pool_.wait_idle();
    EXPECT_EQ(ran, 0);
}

struct only_moves {
    explicit only_moves(int v) : value(std::make_unique<int>(v)) {}
    std::unique_ptr<int> value;
};

TEST_P(contract, rule_8_results_of_every_kind) {
    pool_.run([] {
        int target = 0;
        static_assert(std::is_same_v<decltype(submit([&]() -> int& { return target; })), future<int&>>);
        EXPECT_EQ(&submit([&]() -> int& { return target; }).get(), &target);
        EXPECT_EQ(*submit([box = std::make_unique<int>(1)]() mutable { return only_moves(*box); }).get().value, 1);
        auto [r, m, v] = join([&]() -> int& { return target; }, [] { return only_moves(2); }, [] {});
        static_assert(std::is_same_v<decltype(v), nothing>);
        EXPECT_EQ(&r, &target);
        EXPECT_EQ(*m.value, 2);
        task_graph g;
        auto made = g.add([] { return only_moves(3); });
        auto seen = g.add([](only_moves const& it) { return *it.value; }, made);
        auto refers = g.add([&]() -> int& { return target; });
        g.run().get();
        EXPECT_EQ(seen.get(), 3);
        EXPECT_EQ(&refers.get(), &target);
        EXPECT_EQ(*made.take().value, 3);
        auto of_reference = [](int& it) -> task<int&> { co_return it; };
        EXPECT_EQ(&sync_wait(of_reference(target)), &target);
        auto of_moved = []() -> task<only_moves> { co_return only_moves(4); };
        EXPECT_EQ(*sync_wait(of_moved()).value, 4);
        promise<only_moves> p;
        future<only_moves> f = p.get_future();
        p.set_value(only_moves(5));
        EXPECT_EQ(*std::move(f).get().value, 5);
    });
}

TEST_P(contract, rule_9_named_futures_keep_working) {
    pool_.run([] {
        future<std::string> f = submit([] { return std::string("text"); });
        for (int i = 0; i < 2; ++i) {
            EXPECT_EQ(submit([](std::string const& s) { return s.size(); }, f).get(), 4u);
            EXPECT_EQ(submit([](std::string s) { return s.size(); }, f).get(), 4u);
            EXPECT_EQ(f.then([](std::string const& s) { return s.size(); }).get(), 4u);
            EXPECT_EQ(std::get<0>(when_all(f, f).get()), "text");
        }
        std::vector<future<std::string>> all;
        for (int i = 0; i < 3; ++i) all.push_back(submit([] { return std::string("text"); }));
        for (int i = 0; i < 2; ++i) {
            EXPECT_EQ(when_all(all).get().size(), 3u);
            EXPECT_EQ(when_any(all).get().value, "text");
            EXPECT_EQ(wait(all).ready.size(), 3u);
            int seen = 0;
            for (auto& each : as_completed(all)) seen += each.get() == "text";
            EXPECT_EQ(seen, 3);
        }
        for (future<std::string>& each : all) EXPECT_EQ(each.get(), "text");
        EXPECT_EQ(std::move(f).get(), "text");
        EXPECT_FALSE(f.valid());
    });
}

} // namespace
