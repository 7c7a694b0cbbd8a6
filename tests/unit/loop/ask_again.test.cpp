// SPDX-License-Identifier: MIT
// Tests how often thieves send a busy thread steal requests.
#include <hocket/pool/thread_pool.hpp>
#include <hocket/sched/worker.hpp>

#include <gtest/gtest.h>

#include <atomic>

namespace {

using namespace hocket;

/// All thieves together ask every two microseconds, though one of them has looked at the clock before another one.
TEST(request_steal_again, is_not_more_frequent_for_a_thief_whose_time_is_older) {
    thread_pool pool({.workers = 1, .bind = binding::none});
    detail::worker& owner = *pool.sched().worker_slot(0);
    detail::ticks const now = detail::now_ticks() + 1'000'000 * detail::ticks_per_microsecond();
    owner.request_steal_again(now);
    owner.request_steal_again(now - detail::ticks_per_microsecond());
    owner.request_steal_again(now + detail::ticks_per_microsecond());
    EXPECT_EQ(owner.asked_at.load(), now);
    owner.request_steal_again(now + 3 * detail::ticks_per_microsecond());
    EXPECT_NE(owner.asked_at.load(), now);
}

} // namespace
