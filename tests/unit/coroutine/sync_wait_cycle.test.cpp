// SPDX-License-Identifier: MIT
// A task that waits for a coroutine which awaits the task's own future: an error and not a hang, whichever of them
// comes first. The coroutine has ended when the error comes out, since it may refer to what the task owns.
#include <hocket/coroutine.hpp>
#include <hocket/future.hpp>

#include <stress/watchdog.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <stdexcept>
#include <thread>

namespace {

using namespace hocket;
using namespace std::chrono_literals;

/// Tells the owner of a counter when a coroutine has ended.
struct end_teller {
    explicit end_teller(std::atomic<int>& its_count) : count(its_count) {}
    end_teller(end_teller const&) = delete;
    end_teller& operator=(end_teller const&) = delete;
    ~end_teller() { ++count; }
    std::atomic<int>& count;
};

task<int> awaits(future<int>& needed, std::atomic<int>& ended, std::chrono::milliseconds first) {
    end_teller const teller(ended);
    if (first > 0ms) co_await sleep_for(first);
    int const number = co_await needed;
    co_return number;
}

class sync_wait_cycle : public testing::TestWithParam<unsigned> {};

void ends_with_an_error(unsigned workers, std::chrono::milliseconds first, bool from_a_worker) {
    stress_test::watchdog const dog("a coroutine that awaits the task that waits for it");
    thread_pool pool({.workers = workers});
    std::atomic<bool> is_made{false};
    std::atomic<int> ended_before{0};
    future<int> mine;
    mine = submit(pool, [&] {
        while (!is_made) std::this_thread::yield();
        std::atomic<int> ended{0};
        try {
            return sync_wait(pool, awaits(mine, ended, first));
        } catch (...) {
            ended_before += ended;
            throw;
        }
    });
    if (from_a_worker) std::this_thread::sleep_for(20ms);
    is_made = true;
    EXPECT_THROW(mine.get(), std::logic_error);
    EXPECT_EQ(ended_before, 1);
}

TEST_P(sync_wait_cycle, is_an_error_when_the_coroutine_waits_first) {
    for (bool const from_a_worker : {false, true}) ends_with_an_error(GetParam(), 0ms, from_a_worker);
}

TEST_P(sync_wait_cycle, is_an_error_when_the_coroutine_waits_last) {
    for (bool const from_a_worker : {false, true}) ends_with_an_error(GetParam(), 50ms, from_a_worker);
}

INSTANTIATE_TEST_SUITE_P(workers, sync_wait_cycle, testing::Values(1u, 2u, 3u, 4u, 8u, 16u, 64u));

} // namespace
