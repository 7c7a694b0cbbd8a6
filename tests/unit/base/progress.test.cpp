// SPDX-License-Identifier: MIT
// Tests of progress objects: what they count, for which operations, and when they call back.
#include <hocket/base/progress.hpp>
#include <hocket/base/progress_callback.hpp>

#include <hocket/base/index_range.hpp>

#include <hocket/algorithm/parallel_for.hpp>
#include <hocket/algorithm/parallel_map.hpp>
#include <hocket/algorithm/parallel_reduce.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <utility>
#include <vector>

namespace {

using namespace hocket;

TEST(progress, counts_the_elements_of_each_operation) {
    progress bar;
    EXPECT_EQ(bar.fraction(), 0.0);
    parallel_for(0, 1'000, [](int) {}, {.progress = &bar});
    EXPECT_EQ(bar.done(), 1'000U);
    EXPECT_EQ(bar.total(), 1'000U);
    std::vector<int> const squares = parallel_map(index_range(0, 500), [](int i) { return i * i; }, {.progress = &bar});
    EXPECT_EQ(bar.done(), 1'500U);
    static_cast<void>(parallel_reduce(squares, 0, [](int a, int b) { return a ^ b; }, {.progress = &bar}));
    EXPECT_EQ(bar.done(), 2'000U);
    EXPECT_EQ(bar.total(), 2'000U);
    EXPECT_EQ(bar.fraction(), 1.0);
}

TEST(progress, keeps_a_total_that_is_known) {
    progress bar(4'000);
    parallel_for(0, 1'000, [](int) {}, {.progress = &bar});
    EXPECT_EQ(bar.total(), 4'000U);
    EXPECT_EQ(bar.fraction(), 0.25);
}

TEST(progress, can_be_asked_by_the_bodies) {
    progress bar;
    std::atomic<bool> in_order = true;
    parallel_for(0, 10'000,
                 [&](int) {
                     if (bar.done() > bar.total()) in_order = false;
                 },
                 {.schedule = schedule::dynamic, .progress = &bar});
    EXPECT_TRUE(in_order);
}

TEST(progress, does_not_count_what_was_skipped_but_what_went_on) {
    progress bar;
    auto const body = [](int i) {
        if (i == 50) throw std::runtime_error("50");
    };
    EXPECT_THROW(parallel_for(0, 100, body, {.schedule = schedule::dynamic, .progress = &bar}), std::runtime_error);
    EXPECT_LT(bar.done(), 100U);
    progress collecting;
    EXPECT_THROW(parallel_for(0, 100, body, {.progress = &collecting, .errors = error_policy::collect}),
                 parallel_error);
    EXPECT_EQ(collecting.done(), 100U);
}

TEST(progress_callback, shows_the_last_numbers_and_never_goes_back) {
    std::vector<std::pair<std::uint64_t, std::uint64_t>> shown; // written by one thread at a time
    progress_callback bar([&](std::uint64_t done, std::uint64_t total) { shown.emplace_back(done, total); },
                          std::chrono::nanoseconds(0));
    for (int round = 1; round <= 5; ++round) {
        parallel_for(0, 10'000, [](int) {}, {.grain = 10, .schedule = schedule::dynamic, .progress = &bar});
        ASSERT_FALSE(shown.empty());
        EXPECT_EQ(shown.back().first, 10'000U * static_cast<unsigned>(round));
        EXPECT_EQ(shown.back().second, 10'000U * static_cast<unsigned>(round));
    }
    for (std::size_t i = 1; i < shown.size(); ++i) ASSERT_LT(shown[i - 1].first, shown[i].first);
}

TEST(progress_callback, is_called_rarely_where_the_interval_is_long) {
    int calls = 0;
    progress_callback bar([&](std::uint64_t, std::uint64_t) { ++calls; }, std::chrono::hours(1));
    parallel_for(0, 10'000, [](int) {}, {.grain = 10, .schedule = schedule::dynamic, .progress = &bar});
    EXPECT_GE(calls, 1);
    EXPECT_LE(calls, 2); // the first numbers and the last ones
}

} // namespace
