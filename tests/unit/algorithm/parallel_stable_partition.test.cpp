// SPDX-License-Identifier: MIT
// Tests of parallel_stable_partition: the standard's result, nothing changed when the predicate throws, nothing lost.
#include <hocket/algorithm/filter/parallel_stable_partition.hpp>
#include <hocket/zip.hpp>

#include "algorithm_support.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <numeric>
#include <stop_token>
#include <string>
#include <tuple>
#include <vector>

namespace {

using namespace hocket;
using namespace algorithm_test;

TEST(parallel_stable_partition, orders_as_the_standard_does) {
    for (thread_pool* pool : pools())
        for (int const n : lengths({8191, 8192, sanitized_run() ? 0 : 100'000}))
            for (auto const choice : choices)
                for (std::uint64_t const grain : numbers{0, 64}) {
                    std::vector<int> values(static_cast<std::size_t>(n));
                    std::iota(values.begin(), values.end(), 0);
                    std::vector<int> expected = values;
                    auto const middle = std::stable_partition(expected.begin(), expected.end(), choice);
                    auto const rest = parallel_stable_partition(*pool, values, choice, {.grain = grain});
                    ASSERT_EQ(values, expected);
                    ASSERT_EQ(rest.begin() - values.begin(), middle - expected.begin());
                    ASSERT_EQ(rest.end(), values.end());
                }
}

TEST(parallel_stable_partition, moves_what_can_only_be_moved_and_columns) {
    for (thread_pool* pool : pools())
        for (int const n : {0, 1, 2, 100, 1024, 1025, sanitized_run() ? 2000 : 20'000})
            for (auto const choice : choices) {
                std::deque<std::unique_ptr<int>> owners;
                std::vector<int> numbers_here;
                std::vector<std::string> names;
                for (int i = 0; i < n; ++i) {
                    owners.push_back(std::make_unique<int>(i));
                    numbers_here.push_back(i);
                    names.push_back(std::to_string(i));
                }
                std::vector<int> expected = numbers_here;
                std::stable_partition(expected.begin(), expected.end(), choice);
                parallel_stable_partition(*pool, owners, [&](std::unique_ptr<int> const& p) { return choice(*p); });
                parallel_stable_partition(*pool, zip(numbers_here, names),
                                          [&](auto const& row) { return choice(std::get<0>(row)); });
                for (std::size_t i = 0; i < expected.size(); ++i) {
                    ASSERT_EQ(*owners[i], expected[i]);
                    ASSERT_EQ(names[i], std::to_string(expected[i]));
                }
                ASSERT_EQ(numbers_here, expected);
            }
}

TEST(parallel_stable_partition, changes_nothing_if_the_predicate_throws_or_it_is_stopped) {
    for (thread_pool* pool : pools())
        for (int const n : {1, 64, 1000, 20'000})
            for (error_policy const errors : {error_policy::first, error_policy::collect}) {
                std::vector<int> values(static_cast<std::size_t>(n));
                std::iota(values.begin(), values.end(), 0);
                std::vector<int> const before = values;
                std::stop_source source;
                auto const bad = [n](int i) {
                    if (i == n - 1) throw failure_at(i);
                    return i % 2 == 0;
                };
                auto const stop = [&](int i) {
                    if (i == n / 2) source.request_stop();
                    return i % 2 == 0;
                };
                if (errors == error_policy::first)
                    ASSERT_THROW(parallel_stable_partition(*pool, values, bad), failure_at);
                else
                    ASSERT_THROW(parallel_stable_partition(*pool, values, bad, {.errors = errors}), parallel_error);
                ASSERT_THROW(parallel_stable_partition(*pool, values, stop, {.stop = source.get_token()}),
                             operation_cancelled);
                ASSERT_EQ(values, before);
            }
    EXPECT_EQ(failure_at::live, 0);
}

} // namespace
