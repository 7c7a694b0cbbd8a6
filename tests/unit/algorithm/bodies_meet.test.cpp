// SPDX-License-Identifier: MIT
// Tests that with n workers and at most n elements all bodies of one call are in flight at once: each waits until all
// have begun. They cover every algorithm, at the first call and after short calls, from outside, from a task, and
// within keep_warm().
#include "unit/algorithm/visitors.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <numeric>
#include <thread>
#include <vector>

namespace {

using namespace hocket;
using algorithm_test::visitor;
using algorithm_test::visitors;

/// A body that returns when `wanted` bodies have begun, or after 20 seconds.
class meeting {
  public:
    explicit meeting(int wanted) : wanted_(wanted) {}
    void operator()(int) {
        ++begun_;
        auto const limit = std::chrono::steady_clock::now() + std::chrono::seconds(20);
        while (begun_ < wanted_ && !failed_) {
            std::this_thread::sleep_for(std::chrono::microseconds(200));
            if (std::chrono::steady_clock::now() > limit) failed_ = true;
        }
    }
    bool took_place() const { return !failed_ && begun_ == wanted_; }

  private:
    int const wanted_;
    std::atomic<int> begun_{0};
    std::atomic<bool> failed_{false};
};

std::unique_ptr<thread_pool> pool_of(int workers) {
    return std::make_unique<thread_pool>(
        pool_options{.workers = static_cast<std::uint32_t>(workers), .bind = binding::none});
}

bool all_meet(visitor const& algorithm, thread_pool& pool, int n, loop_options const& options = {}) {
    std::vector<int> values(static_cast<std::size_t>(n));
    std::iota(values.begin(), values.end(), 0);
    meeting bodies(n);
    algorithm.run(pool, values, std::ref(bodies), options);
    return bodies.took_place();
}

TEST(bodies_meet, in_every_algorithm_whatever_came_before) {
    for (int const workers : {2, 5}) {
        auto const pool = pool_of(workers);
        for (visitor const& algorithm : visitors()) {
            std::vector<int> values(static_cast<std::size_t>(workers));
            std::iota(values.begin(), values.end(), 0);
            for (int const n : {workers, 2}) {
                ASSERT_TRUE(all_meet(algorithm, *pool, n)) << algorithm.name << " of " << n;
                for (int i = 0; i < 100; ++i) algorithm.run(*pool, values, [](int) {}, {});
                ASSERT_TRUE(all_meet(algorithm, *pool, n)) << algorithm.name << " of " << n << " after short ones";
            }
            ASSERT_TRUE(submit(*pool, [&] { return all_meet(algorithm, *pool, workers); }).get()) << algorithm.name;
            auto const warm = pool->keep_warm();
            ASSERT_TRUE(all_meet(algorithm, *pool, workers)) << algorithm.name << " warm";
        }
    }
}

TEST(bodies_meet, in_pools_of_many_workers_and_with_every_schedule) {
    visitor const loop = visitors().front();
    for (int const workers : {2, 4, 16, 64}) {
        auto const pool = pool_of(workers);
        for (schedule const how : {schedule::adaptive, schedule::fixed, schedule::dynamic}) {
            ASSERT_TRUE(all_meet(loop, *pool, workers, {.schedule = how})) << workers;
            ASSERT_TRUE(all_meet(loop, *pool, workers, {.grain = 1, .schedule = how})) << workers;
        }
    }
}

TEST(bodies_meet, within_a_body_of_another_pool_and_of_the_same) {
    visitor const loop = visitors().front();
    auto const outer = pool_of(2);
    auto const inner = pool_of(4);
    std::atomic<int> met{0};
    parallel_for(*outer, 0, 2, [&](int) { met += all_meet(loop, *inner, 2) ? 1 : 0; });
    EXPECT_EQ(met, 2);
    met = 0;
    auto const same = pool_of(8);
    parallel_for(*same, 0, 2,
                 [&](int) { parallel_for(*same, 0, 2, [&](int) { met += all_meet(loop, *same, 2) ? 1 : 0; }); });
    EXPECT_EQ(met, 4);
}

/// Lets one body after another go one level deeper; the innermost bodies meet.
bool meet_at_depth(visitor const& algorithm, thread_pool& pool, int depth) {
    if (depth == 0) return all_meet(algorithm, pool, 3);
    bool result = false;
    parallel_for(pool, 0, 2, [&](int i) {
        if (i == 0) result = meet_at_depth(algorithm, pool, depth - 1);
    });
    return result;
}

TEST(bodies_meet, however_deep_their_loop_lies) {
    auto const pool = pool_of(4);
    for (int const depth : {1, 7, 8, 9, 11, 12, 13})
        EXPECT_TRUE(meet_at_depth(visitors().front(), *pool, depth)) << depth;
}

TEST(bodies_meet, of_many_loops_at_once) {
    auto const pool = pool_of(16);
    std::vector<std::thread> callers;
    std::atomic<int> met{0};
    for (int i = 0; i < 4; ++i)
        callers.emplace_back([&] {
            visitor const loop = visitors().front();
            for (int k = 0; k < 5; ++k) met += all_meet(loop, *pool, 4) ? 1 : 0;
        });
    for (std::thread& caller : callers) caller.join();
    EXPECT_EQ(met, 20);
}

} // namespace
