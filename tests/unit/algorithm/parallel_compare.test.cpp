// SPDX-License-Identifier: MIT
// Tests of parallel_equal, parallel_mismatch and parallel_lexicographical_compare against the standard algorithms.
#include <hocket/algorithm/search/parallel_compare.hpp>

#include "algorithm_support.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iterator>
#include <list>
#include <numeric>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace hocket;
using namespace algorithm_test;

TEST(parallel_compare, agrees_with_the_standard_wherever_two_ranges_differ) {
    for (thread_pool* pool : pools())
        for (int const n : lengths({8191, 50'000}))
            for (int const m : {n - 1, n, n + 1})
                for (int const at : {-1, 0, n / 2, n - 1})
                    for (int const change : {-1, 1}) {
                        if (m < 0) continue;
                        std::vector<int> a(static_cast<std::size_t>(n)), b(static_cast<std::size_t>(m));
                        std::iota(a.begin(), a.end(), 0);
                        std::iota(b.begin(), b.end(), 0);
                        if (at >= 0 && at < m) b[static_cast<std::size_t>(at)] += change;
                        loop_options const options{.grain = 9};
                        ASSERT_EQ(parallel_equal(*pool, a, b, options), a == b);
                        ASSERT_EQ(parallel_mismatch(*pool, a, b, options),
                                  std::mismatch(a.begin(), a.end(), b.begin(), b.end()));
                        ASSERT_EQ(parallel_lexicographical_compare(*pool, a, b, options), a < b);
                        ASSERT_EQ(
                            parallel_lexicographical_compare(*pool, a, b, std::greater<>(), options),
                            std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(), std::greater<>()));
                    }
}

TEST(parallel_compare, takes_iterators_and_integers) {
    std::vector<int> const a{0, 1, 2, 3}, b{0, 1, 5, 3, 4};
    EXPECT_FALSE(parallel_equal(a.begin(), a.end(), b.begin(), b.end()));
    EXPECT_FALSE(parallel_equal(a.begin(), a.end(), b.begin()));
    EXPECT_TRUE(parallel_equal(a.begin() + 3, a.end(), b.begin() + 3));
    EXPECT_TRUE(parallel_equal(0, 4, a));
    EXPECT_TRUE(parallel_equal(a, 0, 4));
    EXPECT_TRUE(parallel_equal(a, std::list<int>{0, 1, 2, 3}));
    auto const [x, y] = parallel_mismatch(a.begin(), a.end(), b.begin());
    EXPECT_EQ(x - a.begin(), 2);
    EXPECT_EQ(y - b.begin(), 2);
    EXPECT_EQ(parallel_mismatch(0, 5, b).first, 2);
    EXPECT_TRUE(parallel_lexicographical_compare(a.begin(), a.end(), b.begin(), b.end()));
    std::string const one = "abc", two = "ABD";
    auto const lower = [](char c) { return c | 32; };
    EXPECT_TRUE(parallel_lexicographical_compare(one, two, {}, lower, lower));
    EXPECT_TRUE(parallel_equal(
        one, two, [](int p, int q) { return p <= q; }, lower, lower));
    EXPECT_TRUE(parallel_equal(std::vector<unsigned>{1, 2}, std::vector<long>{1, 2}));
}

TEST(parallel_compare, compares_nothing_where_the_sizes_differ) {
    std::atomic<int> calls = 0;
    auto const same = [&](int, int) { return ++calls, true; };
    EXPECT_FALSE(parallel_equal(std::vector<int>(10), std::vector<int>(11), same));
    EXPECT_EQ(calls, 0);
}

TEST(parallel_compare, fails_and_stops_as_a_search) {
    std::vector<int> values(1000);
    std::iota(values.begin(), values.end(), 0);
    auto const bad = [](int a, int) -> bool {
        if (a == 500) throw failure_at(a);
        return true;
    };
    std::stop_source source;
    source.request_stop();
    for (thread_pool* pool : pools()) {
        EXPECT_THROW(static_cast<void>(parallel_equal(*pool, values, values, bad)), failure_at);
        EXPECT_THROW(static_cast<void>(parallel_mismatch(*pool, values, values, bad)), failure_at);
        EXPECT_THROW(static_cast<void>(parallel_equal(*pool, values, values, {.stop = source.get_token()})),
                     operation_cancelled);
    }
    EXPECT_EQ(failure_at::live, 0);
}

} // namespace
