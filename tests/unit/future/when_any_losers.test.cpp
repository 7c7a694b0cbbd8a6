// SPDX-License-Identifier: MIT
// Tests that a running loser of a when_any with cancel_losers sees the stop: a task and all that it waits for.
#include <hocket/algorithm/loops/parallel_for.hpp>
#include <hocket/coroutine/async_event.hpp>
#include <hocket/coroutine/coroutine.hpp>
#include <hocket/fork_join/join.hpp>
#include <hocket/fork_join/task_group.hpp>
#include <hocket/future/promise.hpp>
#include <hocket/future/submit.hpp>
#include <hocket/future/task_stop_token.hpp>
#include <hocket/future/when/when_all.hpp>
#include <hocket/future/when/when_any.hpp>
#include <hocket/graph/task_graph.hpp>

#include <stress/watchdog.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <stop_token>
#include <thread>
#include <utility>
#include <vector>

namespace {

using namespace hocket;
using stress_test::watchdog;

void until_stopped() {
    while (!this_task::stop_requested()) std::this_thread::yield();
}

class losers_on : public testing::TestWithParam<std::size_t> {
  protected:
    /// Lets a loser that has begun lose, and waits for its end.
    template<class T>
    void let_lose(future<T> loser, std::atomic<bool> const& begun) {
        while (!begun) std::this_thread::yield();
        promise<T> first;
        std::vector<future<T>> fs;
        fs.push_back(first.get_future());
        fs.push_back(std::move(loser));
        auto any = when_any(std::move(fs), cancel_losers);
        if constexpr (std::is_void_v<T>)
            first.set_value();
        else
            first.set_value(T{});
        auto result = std::move(any).get();
        EXPECT_EQ(result.index, 0u);
        result.others[1].wait();
    }

    thread_pool pool_{{.workers = GetParam(), .bind = binding::none}};
};
INSTANTIATE_TEST_SUITE_P(workers, losers_on, testing::Values(1, 2, 3, 4, 8));

TEST_P(losers_on, see_it_in_tasks_and_in_all_that_these_wait_for) {
    watchdog const dog("losers that run");
    task_graph g;
    g.add(until_stopped);
    std::function<void()> const bodies[] = {
        until_stopped,
        [] { parallel_for(0, 2, [](int) { until_stopped(); }); },
        [] { join(until_stopped, until_stopped); },
        [] {
            task_group group;
            group.run(until_stopped);
            group.wait();
        },
        [&g] { g.run().get(); },
        [] {
            std::atomic<bool> told{false};
            std::stop_callback const on_stop(this_task::stop_token(), [&] { told = true; });
            while (!told) std::this_thread::yield();
        },
    };
    for (auto const& body : bodies) {
        std::atomic<bool> begun{false};
        auto const says_so = [&] {
            begun = true;
            body();
        };
        let_lose(submit(pool_, says_so), begun);
        begun = false;
        let_lose(submit(pool_, says_so, {.name = "loser"}), begun);
        begun = false;
        std::stop_source source;
        let_lose(submit(pool_, says_so, {.stop = source.get_token()}), begun);
        begun = false;
        let_lose(submit(pool_, [] {}).then(says_so), begun);
        begun = false;
        let_lose(when_all(submit(pool_, says_so), submit(pool_, [] {})), begun);
        begun = false;
        std::vector<future<void>> needed;
        needed.push_back(submit(pool_, says_so));
        let_lose(when_all(std::move(needed)), begun);
    }
}

TEST_P(losers_on, are_runs_of_graphs) {
    watchdog const dog("runs that lose");
    std::atomic<bool> begun{false};
    task_graph g;
    g.add([&] {
         begun = true;
         until_stopped();
     }).precede(g.add([] { ADD_FAILURE(); }));
    for (int i = 0; i < 5; ++i) {
        begun = false;
        let_lose(g.run(pool_), begun);
    }
}

TEST_P(losers_on, are_coroutines) {
    watchdog const dog("coroutines that lose");
    async_event never;
    std::atomic<bool> begun{false};
    auto const polls = [&]() -> task<> {
        begun = true;
        until_stopped();
        co_await never.wait();
        ADD_FAILURE();
    };
    let_lose(submit(pool_, polls()), begun);
    begun = false;
    let_lose(submit(pool_, polls), begun);
}

/// Keeps all workers of a pool busy while it lives.
class busy_workers {
  public:
    explicit busy_workers(thread_pool& pool) {
        for (std::size_t i = 0; i < pool.size(); ++i)
            tasks_.push_back(submit(
                pool,
                [this] {
                    ++begun_;
                    while (!done_) std::this_thread::yield();
                },
                submit_options{.on = i}));
        while (begun_ != pool.size()) std::this_thread::yield();
    }
    ~busy_workers() {
        done_ = true;
        for (future<void> const& each : tasks_) each.wait();
    }

  private:
    std::atomic<std::size_t> begun_{0};
    std::atomic<bool> done_{false};
    std::vector<future<void>> tasks_;
};

TEST_P(losers_on, end_at_once_where_they_have_not_begun) {
    watchdog const dog("losers that have not begun");
    auto const alive = std::make_shared<int>(0);
    std::atomic<int> ran{0};
    auto const counts = [&](std::shared_ptr<int>) -> task<int> { co_return ++ran; };
    promise<int> first;
    std::vector<future<int>> fs;
    fs.push_back(first.get_future());
    {
        busy_workers const busy(pool_);
        fs.push_back(submit(pool_, counts(alive)));
        fs.push_back(submit(pool_, counts(alive), {.priority = priority::low}));
        fs.push_back(submit(pool_, counts(alive), {.on = 0}));
        fs.push_back(submit(pool_, counts(alive), {.after = std::chrono::hours(1)}));
        fs.push_back(submit(pool_, [&, alive] { return ++ran; }));
        auto any = when_any(fs, cancel_losers);
        first.set_value(1);
        EXPECT_TRUE(any.ready());
        EXPECT_EQ(alive.use_count(), 1);
        for (std::size_t i = 1; i < fs.size(); ++i) {
            EXPECT_TRUE(fs[i].ready()) << i;
            if (!fs[i].ready()) continue; // its workers are busy
            EXPECT_THROW(fs[i].get(), operation_cancelled);
        }
    }
    pool_.wait_idle();
    EXPECT_EQ(ran, 0);
}

TEST_P(losers_on, may_begin_at_the_same_time) {
    watchdog const dog("losers that begin");
    for (int round = 0; round < 300; ++round) {
        auto const alive = std::make_shared<int>(0);
        std::atomic<int> ran{0};
        auto const counts = [&](std::shared_ptr<int>) -> task<int> { co_return ++ran; };
        promise<int> first;
        std::vector<future<int>> fs;
        fs.push_back(first.get_future());
        fs.push_back(submit(pool_, counts(alive)));
        fs.push_back(submit(pool_, counts(alive), {.after = std::chrono::microseconds(round % 50)}));
        auto any = when_any(fs, cancel_losers);
        first.set_value(1);
        any.wait();
        int cancelled = 0;
        for (std::size_t i = 1; i < fs.size(); ++i) {
            try {
                (void)fs[i].get();
            } catch (operation_cancelled const&) {
                ++cancelled;
            }
        }
        pool_.wait_idle();
        EXPECT_EQ(ran + cancelled, 2);
        EXPECT_EQ(alive.use_count(), 1);
    }
}

TEST_P(losers_on, end_at_once_where_their_options_let_them_wait) {
    watchdog const dog("losers that wait");
    auto const alive = std::make_shared<int>(0);
    std::atomic<int> ran{0};
    promise<int> first, never;
    std::vector<future<int>> fs;
    fs.push_back(first.get_future());
    {
        busy_workers const busy(pool_);
        auto const counts = [&, alive] { return ++ran; };
        fs.push_back(submit(pool_, counts, {.after = std::chrono::hours(1)}));
        fs.push_back(submit(pool_, counts, {.on = 0}));
        fs.push_back(submit(pool_, counts, {.priority = priority::low}));
        fs.push_back(submit(
            pool_, [&, alive](int) { return ++ran; }, never.get_future(), submit_options{.name = "waits"}));
        auto any = when_any(fs, cancel_losers);
        first.set_value(1);
        EXPECT_TRUE(any.ready());
        for (std::size_t i = 1; i < fs.size(); ++i) {
            EXPECT_TRUE(fs[i].ready()) << i;
            if (!fs[i].ready()) continue; // its workers are busy
            EXPECT_THROW(fs[i].get(), operation_cancelled);
        }
        never.set_value(1);
    }
    pool_.wait_idle();
    EXPECT_EQ(ran, 0);
    EXPECT_EQ(alive.use_count(), 1);
}

// The tasks have run, and the futures that they returned wait.
TEST_P(losers_on, end_what_their_tasks_have_returned) {
    watchdog const dog("losers that returned futures");
    thread_pool other({.workers = 1, .bind = binding::none});
    auto const alive = std::make_shared<int>(0);
    std::atomic<int> ran{0};
    auto const counts = [&](std::shared_ptr<int>) -> task<int> { co_return ++ran; };
    promise<int> first;
    std::vector<future<int>> fs;
    std::vector<std::function<future<int>()>> const inner = {
        [&] { return submit(other, [&, alive] { return ++ran; }); },
        [&] { return submit(other, [&, alive] { return ++ran; }, {.after = std::chrono::hours(1)}); },
        [&] { return submit(other, counts(alive)); },
        [&] { return submit(other, counts(alive), {.after = std::chrono::hours(1)}); },
        [&] { return submit(pool_, [&] { return submit(other, [&, alive] { return ++ran; }); }); },
    };
    shared_future<int> wanted;
    {
        busy_workers const busy(other);
        wanted = submit(other, [] { return 7; }).share();
        fs.push_back(first.get_future());
        for (auto const& f : inner) {
            fs.push_back(submit(pool_, f));
            fs.push_back(submit(pool_, f, {.name = "loser"}));
            fs.push_back(submit(pool_, [] {}).then(f));
        }
        std::size_t const ends = fs.size();
        fs.push_back(submit(pool_, [wanted] { return wanted; }));
        pool_.wait_idle();
        auto any = when_any(fs, cancel_losers);
        first.set_value(1);
        EXPECT_TRUE(any.ready());
        for (std::size_t i = 1; i < ends; ++i) {
            EXPECT_TRUE(fs[i].ready()) << i;
            if (!fs[i].ready()) continue; // that worker is busy
            EXPECT_THROW(fs[i].get(), operation_cancelled);
        }
        EXPECT_FALSE(wanted.ready());
    }
    EXPECT_EQ(wanted.get(), 7); // another future needs it
    other.wait_idle();
    EXPECT_EQ(ran, 0);
}

TEST_P(losers_on, end_what_their_tasks_return_later) {
    watchdog const dog("losers that return futures");
    thread_pool other({.workers = 1, .bind = binding::none});
    busy_workers const busy(other);
    for (bool const coroutine : {false, true}) {
        std::atomic<bool> begun{false};
        auto const waits = [&] {
            begun = true;
            until_stopped();
        };
        if (coroutine)
            let_lose(submit(pool_,
                            [&] {
                                waits();
                                return [](thread_pool& there) -> task<int> {
                                    co_return co_await submit(there, [] { return 1; });
                                }(other);
                            }),
                     begun);
        else
            let_lose(submit(pool_,
                            [&] {
                                waits();
                                return submit(other, [] { return 1; });
                            }),
                     begun);
    }
}

TEST_P(losers_on, may_get_their_results_at_the_same_time) {
    watchdog const dog("losers whose results come");
    for (int round = 0; round < 200; ++round) {
        promise<int> first;
        std::vector<future<int>> fs;
        fs.push_back(first.get_future());
        for (int i = 0; i < 3; ++i)
            fs.push_back(
                submit(pool_, [this] { return submit(pool_, [this] { return submit(pool_, [] { return 5; }); }); }));
        auto any = when_any(fs, cancel_losers);
        first.set_value(1);
        any.wait();
        for (std::size_t i = 1; i < fs.size(); ++i) {
            try {
                EXPECT_EQ(fs[i].get(), 5);
            } catch (operation_cancelled const&) {
            }
        }
    }
}

// Each task returns the next one: no stack is deep enough for that.
TEST_P(losers_on, may_lie_deep_in_each_other) {
    watchdog const dog("losers in losers");
    promise<int> first, never;
    std::atomic<bool> innermost{false};
    std::function<future<int>(int)> deeper = [&](int left) -> future<int> {
        return submit(pool_, [&, left]() -> future<int> {
            if (left != 0) return deeper(left - 1);
            innermost = true;
            return submit(
                pool_, [](int i) { return i; }, never.get_future(), submit_options{.name = "innermost"});
        });
    };
    std::vector<future<int>> fs;
    fs.push_back(first.get_future());
    fs.push_back(deeper(20'000));
    while (!innermost) std::this_thread::yield();
    pool_.wait_idle();
    auto any = when_any(fs, cancel_losers);
    first.set_value(1);
    any.wait();
    ASSERT_TRUE(fs[1].ready());
    EXPECT_THROW(fs[1].get(), operation_cancelled);
    never.set_value(1);
}

// A continuation of the loser, and a thread that waits for it, get the result of the loser.
TEST_P(losers_on, may_have_a_result_all_the_same) {
    watchdog const dog("a loser with a result");
    std::atomic<bool> begun{false};
    promise<int> first;
    std::vector<future<int>> fs;
    fs.push_back(first.get_future());
    fs.push_back(submit(pool_, [&] {
        begun = true;
        until_stopped();
        return 5;
    }));
    future<int> next = fs[1].then([](int i) { return i + 1; });
    while (!begun) std::this_thread::yield();
    auto any = when_any(fs, cancel_losers);
    first.set_value(1);
    EXPECT_EQ(any.get().value, 1);
    EXPECT_EQ(fs[1].get(), 5);
    EXPECT_EQ(next.get(), 6);
}

} // namespace
