// SPDX-License-Identifier: MIT
// Tests of the failures that one operation records, and of the calls by which bodies ask whether they were stopped.
#include <hocket/loop/loop_errors.hpp>

#include <gtest/gtest.h>

#include <cstdint>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace hocket;
using detail::loop_errors;
using detail::stop_scope;

bool record(loop_errors& errors, std::uint64_t index) {
    try {
        throw std::runtime_error(std::to_string(index));
    } catch (...) {
        return errors.record(index);
    }
}

std::string finish(loop_errors& errors) {
    try {
        errors.finish(100);
        return "finished";
    } catch (std::exception const& error) {
        return error.what();
    }
}

TEST(loop_errors, rethrows_the_failure_with_the_lowest_index) {
    for (std::vector<std::uint64_t> const& order :
         std::vector<std::vector<std::uint64_t>>{{3, 1, 2}, {1, 2, 3}, {2, 3, 1}}) {
        loop_errors errors(loop_options{});
        for (std::uint64_t const index : order) EXPECT_FALSE(record(errors, index));
        EXPECT_TRUE(errors.stopped());
        EXPECT_EQ(finish(errors), "1");
    }
}

TEST(loop_errors, sorts_what_it_collects) {
    loop_options const options{.errors = error_policy::collect};
    loop_errors errors(options);
    for (std::uint64_t k = 0; k < 1000; ++k) EXPECT_TRUE(record(errors, k * 7 % 1000));
    EXPECT_FALSE(errors.stopped());
    try {
        errors.finish(2000);
        FAIL();
    } catch (parallel_error const& error) {
        ASSERT_EQ(error.failures().size(), 1000U);
        for (std::uint64_t k = 0; k < 1000; ++k) ASSERT_EQ(error.failures()[static_cast<std::size_t>(k)].index, k);
        EXPECT_STREQ(error.what(), "hocket: 1000 of 2000 failed, the first at index 0: 0");
    }
}

TEST(loop_errors, takes_failures_from_many_threads) {
    loop_options const options{.errors = error_policy::collect};
    loop_errors errors(options);
    std::vector<std::thread> threads;
    for (std::uint64_t t = 0; t < 4; ++t)
        threads.emplace_back([&errors, t] {
            for (std::uint64_t k = 0; k < 100; ++k) record(errors, k * 4 + t);
        });
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(finish(errors), "hocket: 400 of 100 failed, the first at index 0: 0");
}

TEST(loop_errors, says_cancelled_only_when_the_token_was_requested) {
    std::stop_source source;
    loop_options const options{.stop = source.get_token()};
    loop_errors errors(options);
    EXPECT_EQ(finish(errors), "finished");
    source.request_stop();
    EXPECT_TRUE(errors.stopped());
    EXPECT_THROW(errors.finish(1), operation_cancelled);
}

TEST(stop_requested, is_false_outside_of_parallel_work) { EXPECT_FALSE(this_task::stop_requested()); }

TEST(stop_requested, asks_all_enclosing_operations) {
    std::stop_source source;
    loop_options const options{.stop = source.get_token()};
    loop_errors outer(options);
    stop_scope const in_outer(outer.link());
    loop_errors inner(loop_options{});
    {
        stop_scope const in_inner(inner.link());
        EXPECT_FALSE(this_task::stop_requested());
        source.request_stop();
        EXPECT_TRUE(this_task::stop_requested());
        EXPECT_TRUE(inner.stopped());
        EXPECT_THROW(inner.finish(1), operation_cancelled);
    }
    EXPECT_TRUE(this_task::stop_requested());
}

TEST(stop_requested, is_true_once_a_part_of_the_operation_failed) {
    loop_errors outer(loop_options{});
    stop_scope const in_outer(outer.link());
    {
        loop_errors inner(loop_options{});
        stop_scope const in_inner(inner.link());
        EXPECT_FALSE(this_task::stop_requested());
        record(inner, 3);
        EXPECT_TRUE(this_task::stop_requested());
    }
    EXPECT_FALSE(this_task::stop_requested()); // the failure of the inner one is not yet that of the outer one
}

TEST(stop_requested, follows_the_operation_to_other_threads) {
    std::stop_source source;
    loop_options const options{.stop = source.get_token()};
    loop_errors outer(options);
    stop_scope const in_outer(outer.link());
    loop_errors inner(loop_options{});
    source.request_stop();
    std::thread([&inner] {
        EXPECT_FALSE(this_task::stop_requested());
        stop_scope const in_inner(inner.link());
        EXPECT_TRUE(this_task::stop_requested());
    }).join();
}

/// An operation around loops. A test stops it.
struct operation : detail::stop_link {
    explicit operation(bool in_silence)
        : stop_link{[](stop_link const& link) noexcept { return static_cast<operation const&>(link).over; },
                    &detail::nowhere, in_silence} {}
    bool over = false;
};

// A body that runs loop after loop follows the chain of operations only when something was stopped meanwhile.
TEST(loop_errors, sees_stops_that_come_between_the_loops_of_a_body) {
    for (bool const in_silence : {false, true}) {
        operation outer(in_silence);
        detail::stop_scope const body(&outer);
        loop_options const options;
        for (int round = 0; round < 3; ++round) {
            detail::loop_errors errors(options);
            ASSERT_FALSE(errors.stopped());
            errors.finish(1);
        }
        outer.over = true;
        if (!in_silence) detail::tell_of_stop();
        detail::loop_errors errors(options);
        EXPECT_TRUE(errors.stopped());
        EXPECT_THROW(errors.finish(1), operation_cancelled);
    }
}

// An inner body knows nothing of an operation that only its outer body has looked at.
TEST(loop_errors, asks_each_body_anew) {
    operation outer(false);
    detail::stop_scope const body(&outer);
    loop_options const options;
    ASSERT_FALSE(detail::loop_errors(options).stopped());
    operation inner(false);
    inner.over = true;
    detail::stop_scope const inner_body(&inner);
    EXPECT_TRUE(detail::loop_errors(options).stopped());
}

} // namespace
