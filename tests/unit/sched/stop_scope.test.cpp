// SPDX-License-Identifier: MIT
// Tests of this_task::stop_requested: it sees the operation around the caller, and the operations around that one.
#include <hocket/sched/stop_scope.hpp>

#include <gtest/gtest.h>

#include <thread>

namespace {

using namespace hocket;

struct operation : detail::stop_link {
    explicit operation(detail::stop_link const* outer)
        : stop_link{[](stop_link const& link) noexcept { return static_cast<operation const&>(link).over; }, &place},
          place{outer} {}
    bool over = false;
    detail::stop_place place;
};

TEST(stop_requested, is_false_outside_of_parallel_work) { ASSERT_FALSE(this_task::stop_requested()); }

TEST(stop_requested, sees_the_operation_and_those_around_it) {
    operation outer(nullptr);
    operation inner(&outer);
    detail::stop_scope const first(&outer);
    ASSERT_FALSE(this_task::stop_requested());
    {
        detail::stop_scope const second(&inner);
        ASSERT_FALSE(this_task::stop_requested());
        inner.over = true;
        ASSERT_TRUE(this_task::stop_requested());
        inner.over = false;
        outer.over = true;
        ASSERT_TRUE(this_task::stop_requested());
        outer.over = false;
        inner.over = true;
    }
    ASSERT_FALSE(this_task::stop_requested()) << "the inner operation is left";
    outer.over = true;
    ASSERT_TRUE(this_task::stop_requested());
    std::thread([] { ASSERT_FALSE(this_task::stop_requested()); }).join();
}

} // namespace
