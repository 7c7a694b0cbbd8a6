// SPDX-License-Identifier: MIT
// Tests of os_mutex.
#include <hocket/os/os_mutex.hpp>

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace {

using hocket::detail::os_lock;
using hocket::detail::os_mutex;

TEST(os_mutex, lets_one_thread_in_at_a_time) {
    constexpr int rounds = 10'000;
    os_mutex mutex;
    int count = 0;
    std::vector<std::thread> threads;
    for (int t = 0; t < 3; ++t)
        threads.emplace_back([&] {
            for (int i = 0; i < rounds; ++i) {
                os_lock const lock(mutex);
                ++count;
            }
        });
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(count, 3 * rounds);
}

} // namespace
