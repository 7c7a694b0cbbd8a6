// SPDX-License-Identifier: MIT
// Tests a thread that is about to sleep. It searches through everything that waits for the task that it runs. Meanwhile
// coroutines among the waiting items are stopped, and finish before the task. The search must read no destroyed
// coroutine; ThreadSanitizer and AddressSanitizer would report such a read.
#include <hocket/coroutine/coroutine.hpp>
#include <hocket/future/promise.hpp>
#include <hocket/future/submit.hpp>
#include <hocket/pool/thread_pool.hpp>

#include <stress/watchdog.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <stdexcept>
#include <stop_token>
#include <thread>
#include <utility>
#include <vector>

namespace {

using namespace hocket;
using namespace std::chrono_literals;
using stress_test::watchdog;

task<int> value_of(shared_future<int> from) { co_return co_await from; }

TEST(searches_beside_stops, look_at_no_coroutine_that_has_ended) {
    watchdog const limit("searches beside stops", 300s);
    constexpr std::size_t many = 16;
    for (std::size_t const workers : {1U, 2U, 3U, 4U, 8U, 16U, 64U}) {
        int const rounds = workers > 4 ? 40 : 200;
        thread_pool pool(pool_options{.workers = workers});
        int cancelled = 0;
        for (int round = 0; round < rounds; ++round) {
            promise<int> kept;
            shared_future<int> const given = kept.get_future().share();
            std::atomic<bool> may_wait{false};
            shared_future<int> const waits = submit(pool, [&] {
                                                 while (!may_wait) std::this_thread::yield();
                                                 return given.get(); // the search
                                             }).share();
            std::stop_source stop;
            std::vector<future<int>> ends;
            for (std::size_t i = 0; i < many; ++i)
                ends.push_back(
                    submit(pool, value_of(waits), {.stop = stop.get_token()}).then([](int x) { return x + 1; }));
            may_wait = true;
            stop.request_stop();
            for (future<int>& each : ends) {
                try {
                    (void)std::move(each).get();
                } catch (operation_cancelled const&) {
                    ++cancelled;
                }
            }
            kept.set_value(7);
            EXPECT_EQ(waits.get(), 7);
        }
        EXPECT_EQ(cancelled, rounds * static_cast<int>(many)) << workers << " workers";
    }
}

} // namespace
