// SPDX-License-Identifier: MIT
// Tests of tasks for one worker while threads run in places of others: a worker that stands in for another one keeps
// no task from its own place.
#include <hocket/future/future.hpp>
#include <hocket/future/promise.hpp>
#include <hocket/future/submit.hpp>
#include <hocket/pool/thread_pool.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <thread>
#include <vector>

namespace {

using namespace hocket;

class places : public testing::TestWithParam<std::size_t> {
  protected:
    std::size_t const workers = GetParam();
    thread_pool pool{{.workers = workers, .bind = binding::none}};

    /// Waits until as many have begun; no longer than 20 seconds.
    static bool comes_to(std::atomic<std::size_t> const& begun, std::size_t wanted) {
        auto const limit = std::chrono::steady_clock::now() + std::chrono::seconds(20);
        while (begun < wanted) {
            if (std::chrono::steady_clock::now() > limit) return false;
            std::this_thread::sleep_for(std::chrono::microseconds(100));
        }
        return true;
    }
};

INSTANTIATE_TEST_SUITE_P(workers, places, testing::Values(2, 3, 4, 8, 16, 64));

// While worker 0 waits, a sleeping worker runs the next task for worker 0. That task waits for tasks of all others.
TEST_P(places, of_workers_that_stand_in_for_others_are_free_for_others) {
    for (int round = 0; round < 20; ++round) {
        promise<int> end;
        future<int> const awaited = end.get_future();
        std::atomic<std::size_t> waiting = 0, in_place = 0, begun = 0;
        std::vector<future<void>> tasks;
        auto const on = [&](std::size_t worker, auto const& f) {
            tasks.push_back(submit(pool, f, submit_options{.on = worker}));
        };
        on(0, [&] {
            ++waiting;
            (void)awaited.get();
        });
        EXPECT_TRUE(comes_to(waiting, 1));
        std::atomic<bool> met = false;
        on(0, [&] {
            ++in_place;
            met = comes_to(begun, workers - 1);
        });
        EXPECT_TRUE(comes_to(in_place, 1));
        for (std::size_t i = 1; i < workers; ++i) on(i, [&] { ++begun; });
        tasks[1].wait();
        end.set_value(1);
        for (future<void>& task : tasks) task.wait();
        ASSERT_TRUE(met);
    }
}

} // namespace
