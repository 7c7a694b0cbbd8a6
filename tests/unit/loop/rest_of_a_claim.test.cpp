// SPDX-License-Identifier: MIT
// Tests that a thread inside a long call keeps nothing of a loop from idle workers but what it runs. Bodies that wait
// until others have begun meet, also where one thread had claimed their iterations together, whatever the body cost
// before.
#include <hocket/future/submit.hpp>
#include <hocket/loop.hpp>
#include <hocket/pool/thread_pool.hpp>

#include <stress/watchdog.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <thread>

namespace {

using namespace hocket;

/// The body of a loop. In it, `count` iterations from `first` on wait until all of these have begun, for at most a
/// minute.
class meeting {
  public:
    meeting(int first, int count) : first_(first), count_(count) {}
    void operator()(int i) {
        if (i < first_ || i >= first_ + count_) return;
        ++begun_;
        auto const limit = std::chrono::steady_clock::now() + std::chrono::seconds(60);
        while (begun_ < count_ && !failed_) {
            std::this_thread::sleep_for(std::chrono::microseconds(100));
            if (std::chrono::steady_clock::now() > limit) failed_ = true;
        }
    }
    bool took_place() const { return !failed_ && begun_ == count_; }

  private:
    int const first_;
    int const count_;
    std::atomic<int> begun_{0};
    std::atomic<bool> failed_{false};
};

bool meet(thread_pool& pool, int n, int first, int count, loop_options const& options) {
    meeting bodies(first, count);
    parallel_for(
        pool, 0, n, [&](int i) { bodies(i); }, options);
    return bodies.took_place();
}

class rest_of_a_claim : public testing::TestWithParam<int> {
  protected:
    thread_pool pool_{{.workers = static_cast<std::size_t>(GetParam()), .bind = binding::none}};
};
INSTANTIATE_TEST_SUITE_P(workers, rest_of_a_claim, testing::Values(2, 3, 4, 8, 16, 64));

TEST_P(rest_of_a_claim, is_for_idle_workers_while_its_first_iteration_lasts) {
    int const workers = GetParam();
    for (int const n : {workers, 2 * workers, 10 * workers, 100 * workers, 10'000}) {
        for (int const count : {2, workers}) {
            for (int round = 0; round < (stress_test::sanitized ? 2 : 4); ++round) {
                ASSERT_TRUE(meet(pool_, n, 0, count, {})) << n << ", " << count;
                ASSERT_TRUE(submit(pool_, [&] { return meet(pool_, n, 0, count, {}); }).get()) << n << ", " << count;
                for (int i = 0; round == 0 && i < 50; ++i) { // short calls
                    ASSERT_TRUE(meet(pool_, n, 0, 0, {}));
                }
            }
        }
    }
}

/// Lets two neighbours of a long loop meet. Each `first` is a body of its own, whose cost is not known yet.
template<int first>
bool neighbours_meet(thread_pool& pool) {
    meeting pair(first, 2);
    parallel_for(pool, 0, 6'000, [&](int i) {
        if (i == 0) std::this_thread::sleep_for(std::chrono::milliseconds(20));
        auto const end = std::chrono::steady_clock::now() + std::chrono::microseconds(40);
        while (std::chrono::steady_clock::now() < end) {
        }
        pair(i);
    });
    return pair.took_place();
}

/// Helpers of a long loop that the watcher has opened claim three iterations at a time there, each a piece of its own.
TEST_P(rest_of_a_claim, is_for_idle_workers_where_helpers_claim_several) {
    EXPECT_TRUE(neighbours_meet<3'000>(pool_));
    EXPECT_TRUE(neighbours_meet<3'001>(pool_));
    EXPECT_TRUE(neighbours_meet<3'002>(pool_));
}

/// A thread that has lost the rest of its claim goes on with other iterations, for which those wait that run the rest.
TEST_P(rest_of_a_claim, is_not_waited_for_before_all_has_begun) {
    int const workers = GetParam();
    for (int const n : {10 * workers, 100 * workers, 1000 * workers}) {
        for (int round = 0; round < 4; ++round) {
            int const far = n / workers - 1; // the last one of the first stripe, if there are stripes
            std::atomic<int> begun{0};
            std::atomic<bool> failed{false};
            auto const limit = std::chrono::steady_clock::now() + std::chrono::seconds(60);
            parallel_for(pool_, 0, n, [&](int i) {
                if (i == 0) std::this_thread::sleep_for(std::chrono::milliseconds(20)); // its rest is taken meanwhile
                if (i != 1 && i != far) return;
                ++begun;
                while (begun != 2 && !failed) {
                    std::this_thread::sleep_for(std::chrono::microseconds(100));
                    if (std::chrono::steady_clock::now() > limit) failed = true;
                }
            });
            ASSERT_FALSE(failed) << n;
        }
    }
}

TEST_P(rest_of_a_claim, is_nothing_where_iterations_are_claimed_one_by_one) {
    int const workers = GetParam();
    for (int const n : {2 * workers, 100 * workers, 10'000})
        for (int const count : {2, workers})
            for (int const first : {1, n / 2 - count / 2, n - count})
                for (int round = 0; round < 2; ++round)
                    ASSERT_TRUE(meet(pool_, n, first, count, {.grain = 1, .schedule = schedule::dynamic}))
                        << n << ", " << first << ", " << count;
}

} // namespace
