// SPDX-License-Identifier: MIT
// Tests of wait for several futures, get_for, when_any that stops the losers, and spawn.
#include <hocket/coroutine/coroutine.hpp>
#include <hocket/future/promise.hpp>
#include <hocket/future/submit.hpp>
#include <hocket/future/when/wait_for_some.hpp>
#include <hocket/future/when/when_any.hpp>

#include <stress/watchdog.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <stdexcept>
#include <stop_token>
#include <type_traits>
#include <utility>
#include <vector>

namespace {

using namespace hocket;
using namespace std::chrono_literals;
using stress_test::watchdog;

struct failure {};

struct promises {
    explicit promises(std::size_t count) : all(count) {
        for (promise<int>& p : all) futures.push_back(p.get_future());
    }
    void keep(std::size_t i) { all[i].set_value(static_cast<int>(i)); }

    std::vector<promise<int>> all;
    std::vector<future<int>> futures;
};

TEST(wait_for_some, returns_when_enough_are_ready) {
    promises p(5);
    p.keep(3);
    p.keep(1);
    p.keep(4);
    auto [ready, pending] = wait(p.futures, {.count = 2});
    ASSERT_EQ(ready.size(), 2u);
    EXPECT_EQ(ready[0].get() + ready[1].get(), 4); // by index: 1 and 3
    EXPECT_EQ(pending.size(), 3u);
    EXPECT_EQ(p.futures[3].get(), 3);
    EXPECT_TRUE(wait(p.futures, {.count = 0}).ready.empty());
    EXPECT_THROW((void)wait(p.futures, {.count = 6}), std::invalid_argument);
    EXPECT_THROW((void)wait(std::vector<future<int>>(2)), std::logic_error);
    EXPECT_TRUE(wait(std::vector<future<int>>()).ready.empty());
}

TEST(wait_for_some, returns_when_the_time_is_over) {
    promises p(3);
    p.keep(2);
    auto [ready, pending] = wait(p.futures, {.timeout = 1ms});
    ASSERT_EQ(ready.size(), 1u);
    EXPECT_EQ(ready[0].get(), 2);
    EXPECT_EQ(pending.size(), 2u);
    EXPECT_EQ(wait(p.futures, {.count = 1, .timeout = 0ns}).ready.size(), 1u);
}

TEST(wait_for_some, keeps_errors_for_get) {
    std::vector<future<int>> fs;
    fs.push_back(make_exceptional_future<int>(failure()));
    auto result = wait(fs);
    EXPECT_THROW((void)result.ready[0].get(), failure);
}

class wait_on : public testing::TestWithParam<unsigned> {
  protected:
    thread_pool pool_{{.workers = GetParam(), .bind = binding::none}};
};
INSTANTIATE_TEST_SUITE_P(workers, wait_on, testing::Values(1u, 2u, 8u));

TEST_P(wait_on, takes_results_as_they_come) {
    watchdog const dog("wait until none is pending");
    auto const sum = [this](std::vector<future<std::unique_ptr<int>>> pending) {
        int total = 0;
        while (!pending.empty()) {
            auto result = wait(std::move(pending), {.count = 1});
            total += *std::move(result.ready.at(0)).get();
            pending = std::move(result.pending);
        }
        return total;
    };
    auto const make = [this] {
        std::vector<future<std::unique_ptr<int>>> fs;
        for (int i = 0; i < 50; ++i) fs.push_back(submit(pool_, [i] { return std::make_unique<int>(i); }));
        return fs;
    };
    EXPECT_EQ(sum(make()), 1225);
    EXPECT_EQ(submit(pool_, [&] { return sum(make()); }).get(), 1225);
}

TEST(wait_for_some, says_when_a_task_would_wait_for_itself) {
    promise<future<void>> given;
    future<future<void>> self_later = given.get_future();
    future<void> task = submit([&] {
        std::vector<future<void>> mine;
        mine.push_back(std::move(self_later.get()));
        EXPECT_THROW((void)wait(std::move(mine)), std::logic_error);
    });
    future<void> const held = task.then([] {});
    given.set_value(std::move(task));
    held.wait();
}

TEST(get_for, gives_what_is_there_in_time) {
    promise<std::unique_ptr<int>> p;
    future<std::unique_ptr<int>> f = p.get_future();
    EXPECT_EQ(f.get_for(1ms), nullptr);
    EXPECT_FALSE(std::move(f).get_for(1ms).has_value());
    EXPECT_TRUE(f.valid());
    p.set_value(std::make_unique<int>(5));
    ASSERT_NE(f.get_for(0s), nullptr);
    EXPECT_EQ(**f.get_for(1h), 5);
    std::optional<std::unique_ptr<int>> const taken = std::move(f).get_for(1h);
    EXPECT_EQ(**taken, 5);
    EXPECT_FALSE(f.valid());
}

TEST(get_for, works_for_void_references_shared_futures_and_errors) {
    int number = 1;
    future<int&> r = submit([&]() -> int& { return number; });
    EXPECT_EQ(r.get_for(1h), &number);
    EXPECT_TRUE(submit([] {}).get_for(1h));
    shared_future<int> const s = make_ready_future(7).share();
    static_assert(std::is_same_v<decltype(s.get_for(1ms)), int const*>);
    EXPECT_EQ(*s.get_for(1ms), 7);
    EXPECT_THROW((void)make_exceptional_future<int>(failure()).get_for(1ms), failure);
}

TEST_P(wait_on, when_any_cancels_the_losers_that_have_not_begun) {
    watchdog const dog("when_any that cancels the losers");
    std::atomic<bool> gate{false};
    std::atomic<unsigned> blocked{0};
    std::atomic<int> ran{0};
    for (int round = 0; round < 2; ++round) { // the vector is moved in, or kept
        std::vector<future<int>> fs;
        promise<int> first;
        fs.push_back(first.get_future());
        for (std::size_t i = blocked; i < pool_.size(); ++i)
            fs.push_back(submit(pool_, [&] {
                ++blocked;
                while (!gate) std::this_thread::sleep_for(1ms); // not a wait in which other tasks run
                return 1;
            }));
        std::size_t const begun = fs.size();
        while (blocked != pool_.size()) std::this_thread::yield();
        promise<int> needed;
        fs.push_back(needed.get_future().then([](int i) { return i; })); // not a task in a queue
        auto const counts = [&ran] { return ++ran; };
        std::size_t const queued = fs.size();
        for (int i = 0; i < 10; ++i) fs.push_back(submit(pool_, counts));
        auto any = [&] {
            if (round == 0) return when_any(std::move(fs), cancel_losers);
            return when_any(fs, cancel_losers);
        }();
        first.set_value(7);
        auto result = std::move(any).get();
        EXPECT_EQ(result.index, 0u);
        EXPECT_EQ(result.value, 7);
        for (std::size_t i = queued; i < result.others.size(); ++i)
            EXPECT_THROW(result.others[i].get(), operation_cancelled);
        if (round != 0) {
            EXPECT_THROW(fs.back().get(), operation_cancelled);
        }
        needed.set_value(3);
        if (round == 0) continue;
        gate = true;
        EXPECT_THROW(result.others[begun].get(), operation_cancelled); // cancelled when it would begin
    }
    pool_.wait_idle();
    EXPECT_EQ(ran, 0);
}

TEST_P(wait_on, when_any_stops_the_losers) {
    watchdog const dog("when_any that stops the losers");
    std::stop_source losers;
    std::atomic<int> stopped{0};
    std::vector<future<int>> fs;
    fs.push_back(submit(pool_, [] { return 7; }));
    for (int i = 0; i < 3; ++i)
        fs.push_back(submit(pool_,
                            [&] {
                                while (!this_task::stop_requested()) std::this_thread::yield();
                                ++stopped;
                                return 0;
                            },
                            {.stop = losers.get_token()}));
    auto first = when_any(fs, losers);
    EXPECT_EQ(first.get().index, 0u);
    for (future<int>& f : fs) f.wait();
    EXPECT_EQ(fs[0].get(), 7);
    EXPECT_TRUE(losers.stop_requested());
}

TEST_P(wait_on, spawn_runs_whatever_submit_runs) {
    std::atomic<int> ran{0};
    struct counter {
        std::atomic<int>& count;
        void add() { ++count; }
    } object{ran};
    {
        thread_pool pool{{.workers = GetParam(), .bind = binding::none}};
        spawn(pool, [&ran] { ++ran; });
        spawn(
            pool, [&ran](int x) { ran += x; }, submit(pool, [] { return 10; }));
        spawn(pool, &counter::add, &object);
        spawn(pool, [&ran, box = std::make_unique<int>(100)] { ran += *box; }, {.priority = priority::high});
        spawn(pool, [](std::atomic<int>& count) -> task<> {
            count += 1000;
            co_return;
        }(ran));
        spawn(pool, [&ran] { spawn([&ran] { ran += 10000; }); });
    }
    EXPECT_EQ(ran, 11112);
}

} // namespace
