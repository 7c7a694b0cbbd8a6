// SPDX-License-Identifier: MIT
// Tests of parallel_min_element, max_element and minmax_element against the standard algorithms: also the choice
// between equal elements.
#include <hocket/algorithm/reduce/parallel_min_element.hpp>

#include "algorithm_support.hpp"

#include <hocket/range/index_range.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace hocket;
using namespace algorithm_test;

TEST(parallel_min_element, agrees_with_the_standard_for_every_length_and_number_of_distinct_values) {
    for (thread_pool* pool : pools())
        for (std::size_t n = 0; n <= (sanitized_run() ? 10'000U : 200'000U); n = n < 80 ? n + 1 : n * 3)
            for (std::uint64_t const distinct : numbers{1, 2, 5, 1'000'000}) {
                std::vector<std::uint64_t> values(n);
                for (std::size_t i = 0; i < n; ++i) values[i] = ((i + 7) * 0x9e3779b97f4a7c15U >> 20) % distinct;
                ASSERT_EQ(parallel_min_element(*pool, values), std::min_element(values.begin(), values.end()));
                ASSERT_EQ(parallel_max_element(*pool, values), std::max_element(values.begin(), values.end()));
                auto const [least, greatest] = parallel_minmax_element(*pool, values);
                auto const expected = std::minmax_element(values.begin(), values.end());
                ASSERT_EQ(least, expected.first);
                ASSERT_EQ(greatest, expected.second);
            }
}

TEST(parallel_min_element, tells_zeros_apart_by_place_only) {
    std::vector<double> const values = {1.0, 0.0, -0.0, 1.0};
    EXPECT_EQ(parallel_min_element(values) - values.begin(), 1);
    EXPECT_EQ(parallel_max_element(values) - values.begin(), 0);
    EXPECT_EQ(parallel_minmax_element(values).max - values.begin(), 3);
}

TEST(parallel_min_element, takes_comparisons_and_projections) {
    std::vector<std::string> const words = {"bb", "a", "ccc", "d"};
    auto const greater = [](auto const& a, auto const& b) { return a > b; };
    auto const less = [](auto const& a, auto const& b) { return a < b; };
    EXPECT_EQ(*parallel_min_element(words), "a");
    EXPECT_EQ(*parallel_min_element(words, greater), "d");
    EXPECT_EQ(*parallel_max_element(words, less, &std::string::size), "ccc");
    EXPECT_EQ(*parallel_min_element(words, less, &std::string::size, {.grain = 1}), "a");
    EXPECT_EQ(*parallel_minmax_element(words, less, &std::string::size).max, "ccc");
    EXPECT_EQ(*parallel_max_element(index_range(0, 100), {.grain = 7}), 99);
    loop_options const options{.grain = 2};
    EXPECT_EQ(*parallel_max_element(words, options), "d");
    std::vector<std::string> const none;
    EXPECT_EQ(parallel_min_element(none), none.end());
    EXPECT_EQ(parallel_minmax_element(none).max, none.end());
}

TEST(parallel_min_element, looks_at_its_options_also_where_there_is_no_element) {
    std::vector<int> const none;
    std::stop_source source;
    source.request_stop();
    loop_options const stopped{.stop = source.get_token()}, unknown{.errors = static_cast<error_policy>(7)};
    EXPECT_THROW(static_cast<void>(parallel_min_element(none, stopped)), operation_cancelled);
    EXPECT_THROW(static_cast<void>(parallel_max_element(none, unknown)), std::invalid_argument);
    EXPECT_THROW(static_cast<void>(parallel_minmax_element(none, stopped)), operation_cancelled);
}

TEST(parallel_min_element, passes_on_what_comparisons_throw) {
    for (thread_pool* pool : pools()) {
        auto const bad = [](int a, int b) {
            if (a == 500 || b == 500) throw failure_at(500);
            return a < b;
        };
        EXPECT_THROW(static_cast<void>(parallel_min_element(*pool, index_range(0, 1'000), bad)), failure_at);
        EXPECT_THROW(static_cast<void>(
                         parallel_minmax_element(*pool, index_range(0, 1'000), bad, {.errors = error_policy::collect})),
                     parallel_error);
    }
    EXPECT_EQ(failure_at::live, 0);
}

} // namespace
