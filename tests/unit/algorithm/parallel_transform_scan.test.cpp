// SPDX-License-Identifier: MIT
// Tests of parallel_transform_inclusive_scan and parallel_transform_exclusive_scan against the standard algorithms.
#include <hocket/algorithm/scan/parallel_transform_scan.hpp>

#include "algorithm_support.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <numeric>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using namespace hocket;
using namespace algorithm_test;

TEST(parallel_transform_scan, writes_what_the_standard_writes) {
    auto const square = [](int x) { return std::int64_t{x} * x % 1001; };
    for (thread_pool* pool : pools())
        for (int const n : lengths({8191, 100'000}))
            for (std::uint64_t const grain : numbers{0, 9, 1000}) {
                std::vector<int> values(static_cast<std::size_t>(n));
                std::iota(values.begin(), values.end(), 3);
                std::vector<std::int64_t> expected(values.size()), out(values.size());
                std::transform_inclusive_scan(values.begin(), values.end(), expected.begin(), std::plus<>(), square);
                ASSERT_EQ(
                    parallel_transform_inclusive_scan(*pool, values, out, std::plus<>(), square, {.grain = grain}),
                    out.end());
                ASSERT_EQ(out, expected);
                std::transform_inclusive_scan(values.begin(), values.end(), expected.begin(), std::plus<>(), square,
                                              std::int64_t{7});
                parallel_transform_inclusive_scan(*pool, values.begin(), values.end(), out.begin(), std::plus<>(),
                                                  square, std::int64_t{7}, {.grain = grain});
                ASSERT_EQ(out, expected);
                std::transform_exclusive_scan(values.begin(), values.end(), expected.begin(), std::int64_t{7},
                                              std::plus<>(), square);
                parallel_transform_exclusive_scan(*pool, values, out, std::int64_t{7}, std::plus<>(), square,
                                                  {.grain = grain});
                ASSERT_EQ(out, expected);
            }
}

TEST(parallel_transform_scan, takes_every_form) {
    std::vector<std::size_t> out(3);
    parallel_transform_inclusive_scan(std::list<std::string>{"a", "bb", "ccc"}, out, {}, &std::string::size);
    EXPECT_EQ(out, (std::vector<std::size_t>{1, 3, 6}));
    parallel_transform_exclusive_scan(0, 3, out, std::size_t{5}, std::plus<>(),
                                      [](int i) { return std::size_t(i) * 2; });
    EXPECT_EQ(out, (std::vector<std::size_t>{5, 5, 7}));
    std::vector<std::string> words(3);
    parallel_transform_inclusive_scan(1, 4, words, std::plus<>(), [](int i) { return std::to_string(i); });
    EXPECT_EQ(words.back(), "123");
    EXPECT_THROW(parallel_transform_inclusive_scan(0, 4, words, std::plus<>(), [](int i) { return std::to_string(i); }),
                 std::invalid_argument);
}

TEST(parallel_transform_scan, fails_as_a_scan) {
    std::vector<int> out(10'000);
    auto const bad = [](int i) {
        if (i == 5000) throw failure_at(i);
        return i;
    };
    for (thread_pool* pool : pools())
        EXPECT_THROW(parallel_transform_inclusive_scan(*pool, 0, 10'000, out, std::plus<>(), bad, {.grain = 100}),
                     failure_at);
    EXPECT_EQ(failure_at::live, 0);
}

} // namespace
