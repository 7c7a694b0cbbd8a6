// SPDX-License-Identifier: MIT
// Table of everything that a stopped task waits for. The waiting thread or another thread runs the awaited task, and
// the task polls whether it was stopped. It sees the stop on every thread, if no other task may want its result.
#include <hocket/algorithm/loops/parallel_for.hpp>
#include <hocket/algorithm/reduce/parallel_reduce.hpp>
#include <hocket/fork_join/join.hpp>
#include <hocket/fork_join/task_group.hpp>
#include <hocket/future/promise.hpp>
#include <hocket/future/submit.hpp>
#include <hocket/future/task_link.hpp>
#include <hocket/pool/thread_pool.hpp>

#include <stress/watchdog.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
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

/// Set when the innermost body has begun.
using flag = std::atomic<bool>;

void look_until_stopped(flag& began) {
    began = true;
    while (!this_task::stop_requested()) std::this_thread::sleep_for(50us);
}

struct body {
    std::string name;
    std::function<void(flag& began)> run;
};

std::vector<body> bodies() {
    return {
        {"the task", look_until_stopped},
        {"its loop", [](flag& began) { parallel_for(0, 4, [&](int) { look_until_stopped(began); }, {.grain = 1}); }},
        {"its join", [](flag& began) { join([&] { look_until_stopped(began); }, [&] { look_until_stopped(began); }); }},
        {"its group",
         [](flag& began) {
             task_group group;
             for (int i = 0; i < 3; ++i) group.run([&] { look_until_stopped(began); });
             group.wait();
         }},
        {"a task that it waits for",
         [](flag& began) {
             future<void> inner = submit([&] { look_until_stopped(began); });
             inner.get();
         }},
    };
}

struct wait {
    std::string name;
    std::function<void(thread_pool& pool, std::function<void()> run)> until;
};

std::vector<wait> waits() {
    using call = std::function<void()> const&;
    return {
        {"a temporary", [](thread_pool& pool, call run) { submit(pool, run).get(); }},
        {"a named future",
         [](thread_pool& pool, call run) {
             future<void> one = submit(pool, run);
             one.get();
         }},
        {"one with a name",
         [](thread_pool& pool, call run) { submit(pool, run, submit_options{.name = "one"}).get(); }},
        {"one with a token of its own",
         [](thread_pool& pool, call run) {
             std::stop_source own;
             submit(pool, run, submit_options{.stop = own.get_token()}).get();
         }},
        {"the last of a line", [](thread_pool& pool, call run) { submit(pool, [] {}).then(run).get(); }},
        {"the middle of a line",
         [](thread_pool& pool, call run) { submit(pool, [] {}).then(run).then([] {}).then([] {}).get(); }},
        {"a task with an argument",
         [](thread_pool& pool, call run) {
             submit(
                 pool, [run](int) { run(); }, submit(pool, [] { return 1; }))
                 .get();
         }},
        {"the argument of a task",
         [](thread_pool& pool, call run) {
             submit(
                 pool, [] {}, submit(pool, [] {}), submit(pool, run))
                 .get();
         }},
        {"the argument of a task for later",
         [](thread_pool& pool, call run) {
             submit(
                 pool, [](int) {}, submit(pool, run).then([] { return 1; }), submit_options{.after = 1us})
                 .get();
         }},
    };
}

struct stop {
    std::string name;
    /// Runs `around`, and stops it when `began`.
    std::function<void(thread_pool& pool, std::function<void()> around, flag& began)> of;
};

void wait_for(flag const& began) {
    while (!began) std::this_thread::sleep_for(50us);
}

/// Fails when `began`; `beside` is set when it has a thread of its own.
void fail_when(flag const& began, flag& beside) {
    beside = true;
    wait_for(began);
    throw std::runtime_error("fails");
}

std::vector<stop> stops() {
    using call = std::function<void()> const&;
    return {
        {"a token",
         [](thread_pool& pool, call around, flag& began) {
             std::stop_source source;
             future<void> outer = submit(pool, around, submit_options{.stop = source.get_token()});
             std::jthread const asks([&] {
                 wait_for(began);
                 source.request_stop();
             });
             outer.get();
         }},
        {"a token of a loop",
         [](thread_pool& pool, call around, flag& began) {
             std::stop_source source;
             std::jthread const asks([&] {
                 wait_for(began);
                 source.request_stop();
             });
             parallel_for(pool, 0, 2, [&](int) { around(); }, {.grain = 1, .stop = source.get_token()});
         }},
        {"a timeout", [](thread_pool& pool, call around,
                         flag&) { parallel_for(pool, 0, 2, [&](int) { around(); }, {.grain = 1, .timeout = 20ms}); }},
        {"a failure beside it",
         [](thread_pool& pool, call around, flag& began) {
             if (pool.size() < 2) return;
             flag beside = false;
             task_group group(pool);
             group.run([&] { fail_when(began, beside); });
             group.run([&] {
                 wait_for(beside);
                 around();
             });
             group.wait();
         }},
        {"a failure in a join",
         [](thread_pool& pool, call around, flag& began) {
             if (pool.size() < 2) return;
             flag beside = false;
             auto const runs_around = [&] {
                 wait_for(beside);
                 around();
             };
             pool.run([&] { join(runs_around, [&] { fail_when(began, beside); }); });
         }},
    };
}

TEST(stops_of_awaited_tasks, reach_them_on_whichever_thread_they_run) {
    watchdog const dog("a stopped task that waits for one that looks whether it was stopped");
    for (unsigned workers : {1u, 2u, 3u, 4u, 8u, 16u, 64u}) {
        thread_pool pool(workers);
        for (stop const& stopped : stops())
            for (wait const& waiting : waits())
                for (body const& inner : bodies()) {
                    // A named future that was made before the join would be wanted after the join.
                    if (stopped.name == "a failure in a join" && waiting.name == "a named future") continue;
                    SCOPED_TRACE(std::to_string(workers) + " workers, " + stopped.name + ", " + waiting.name + ", " +
                                 inner.name);
                    // A cancelled task may run on for a moment after its wait has finished.
                    auto const began = std::make_shared<flag>(false);
                    auto const run = [inner, began] { inner.run(*began); };
                    try {
                        stopped.of(
                            pool, [&] { waiting.until(pool, run); }, *began);
                    } catch (operation_cancelled const&) {
                    } catch (std::runtime_error const& error) {
                        EXPECT_STREQ(error.what(), "fails");
                    }
                }
    }
}

TEST(stops_of_awaited_tasks, do_not_reach_what_others_may_want) {
    for (unsigned workers : {1u, 2u}) {
        thread_pool pool(workers);
        std::stop_source source;
        future<bool> made_before = submit(pool, [&source] {
            while (!source.stop_requested()) std::this_thread::sleep_for(50us);
            std::this_thread::sleep_for(1ms);
            return this_task::stop_requested();
        });
        future<void> outer = submit(
            pool,
            [&] {
                source.request_stop();
                (void)made_before.wait_for(0s);
                EXPECT_FALSE(made_before.get());
            },
            submit_options{.stop = source.get_token()});
        outer.get();

        pool.run([&] { // lent to a continuation
            std::stop_source other;
            future<void> inner = submit(
                pool,
                [&] {
                    future<bool> first = submit(pool, [] { return this_task::stop_requested(); });
                    future<bool> next = first.then([](bool stopped) { return stopped; });
                    other.request_stop();
                    EXPECT_FALSE(std::move(first).get());
                    try {
                        EXPECT_FALSE(next.get());
                    } catch (operation_cancelled const&) { // only this body wants it, so the stop may end it
                    }
                },
                submit_options{.stop = other.get_token()});
            inner.get();
        });
    }
}

// A join that fails gives up what its callables have started, and nothing that was there before it began.
TEST(stops_of_awaited_tasks, do_not_reach_what_was_started_before_a_failing_join) {
    for (unsigned workers : {2u, 3u, 4u, 8u}) {
        for (bool within_task : {false, true}) {
            thread_pool pool(workers);
            auto const body = [&] {
                std::atomic<bool> began = false;
                std::atomic<bool> fails = false;
                future<int> before = submit(pool, [] { return 7; }, {.after = 50ms});
                auto const waits = [&] {
                    while (!began) std::this_thread::sleep_for(50us);
                    future<int> within = submit(pool, [] { return 8; }, {.after = 1h});
                    fails = true;
                    before.wait();
                    within.wait();
                    EXPECT_THROW((void)within.get(), operation_cancelled);
                };
                auto const thrower = [&] {
                    began = true;
                    while (!fails) std::this_thread::sleep_for(50us);
                    throw std::runtime_error("one callable fails");
                };
                EXPECT_THROW(join(pool, waits, thrower), std::runtime_error);
                EXPECT_EQ(before.get(), 7);
            };
            if (within_task)
                submit(pool, body).get();
            else
                pool.run(body);
        }
    }
}

TEST(stops_of_awaited_tasks, reach_the_arguments_of_a_task_with_a_token) {
    watchdog const dog("the argument of a task that was stopped");
    thread_pool pool(2);
    std::vector<body> const all = bodies();
    for (std::size_t round = 0; round != 100; ++round) {
        std::stop_source source;
        flag began = false;
        flag over = false;
        future<void> needed = submit(pool, [&] {
            try {
                all[round % all.size()].run(began);
            } catch (operation_cancelled const&) {
            }
            over = true;
        });
        for (int i = 0; i != 10; ++i)
            needed = submit(
                pool, [] {}, std::move(needed), submit_options{.stop = source.get_token()});
        wait_for(began);
        source.request_stop();
        EXPECT_THROW(needed.get(), operation_cancelled);
        wait_for(over);
    }
}

TEST(stops_of_awaited_tasks, go_through_long_chains_in_a_small_stack) {
    thread_pool pool(1);
    promise<int> never;
    future<int> end = never.get_future();
    for (int i = 0; i != 100'000; ++i)
        end = submit(
            pool, [](int x, int y) { return x + y; }, std::move(end), 1);
    for (int i = 0; i != 100'000; ++i) end = std::move(end).then([](int x) { return x; });
    std::stop_source source;
    future<int> last = submit(
        pool, [](int x) { return x; }, std::move(end), submit_options{.stop = source.get_token()});
    source.request_stop();
    EXPECT_THROW(last.get(), operation_cancelled);
    never.set_value(1);
    pool.wait_idle();
}

TEST(stops_of_awaited_tasks, do_not_hand_on_names) {
    thread_pool pool(1);
    submit(
        pool, [&] { EXPECT_EQ(submit(pool, [] { return this_task::name(); }).get(), nullptr); },
        submit_options{.name = "outer"})
        .get();
}

} // namespace
