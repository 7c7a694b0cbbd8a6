// SPDX-License-Identifier: MIT
// Tests of parallel_partition: both sides complete, one result on every pool, nothing lost when the predicate throws.
#include <hocket/algorithm/filter/parallel_partition.hpp>

#include "algorithm_support.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <numeric>
#include <vector>

namespace {

using namespace hocket;
using namespace algorithm_test;

TEST(parallel_partition, puts_each_element_on_its_side_in_the_same_order_everywhere) {
    for (int const n :
         lengths({4095, 4096, 4097, 8193, sanitized_run() ? 20'000 : 131'072, sanitized_run() ? 40'001 : 400'001}))
        for (auto const choice : choices)
            for (std::uint64_t const grain : numbers{0, 5}) {
                if (grain != 0 && n > 9000) continue;
                std::vector<int> values(static_cast<std::size_t>(n));
                std::iota(values.begin(), values.end(), 0);
                auto const trues = std::count_if(values.begin(), values.end(), choice);
                std::vector<int> first;
                for (thread_pool* pool : pools()) {
                    std::vector<int> got = values;
                    auto const rest = parallel_partition(*pool, got, choice, {.grain = grain});
                    ASSERT_EQ(rest.begin() - got.begin(), trues);
                    ASSERT_EQ(rest.end(), got.end());
                    ASSERT_TRUE(std::is_partitioned(got.begin(), got.end(), choice));
                    if (first.empty()) first = got;
                    ASSERT_EQ(got, first);
                    std::sort(got.begin(), got.end());
                    ASSERT_EQ(got, values);
                }
            }
}

TEST(parallel_partition, swaps_what_can_only_be_moved_and_tests_each_element_once) {
    for (thread_pool* pool : pools())
        for (int const n : {0, 1, 2, 10, 3000, 20'000})
            for (auto const choice : choices) {
                std::deque<std::unique_ptr<int>> owners;
                for (int i = 0; i < n; ++i) owners.push_back(std::make_unique<int>(i));
                std::atomic<int> tests = 0;
                auto const rest = parallel_partition(*pool, owners, [&](std::unique_ptr<int> const& owner) {
                    ++tests;
                    return choice(*owner);
                });
                ASSERT_EQ(tests, n);
                std::vector<int> all;
                for (auto at = owners.begin(); at != owners.end(); ++at) {
                    ASSERT_EQ(choice(**at), at < rest.begin());
                    all.push_back(**at);
                }
                std::sort(all.begin(), all.end());
                for (int i = 0; i < n; ++i) ASSERT_EQ(all[static_cast<std::size_t>(i)], i);
            }
}

TEST(parallel_partition, takes_plain_elements_that_can_only_be_moved) {
    for (thread_pool* pool : pools())
        for (int const n : {10, 1000, 20'000}) {
            std::vector<plain_but_move_only> values;
            for (int i = 0; i < n; ++i) values.emplace_back(i);
            auto const odd = [](plain_but_move_only const& element) { return element.value % 2 != 0; };
            auto const rest = parallel_partition(*pool, values, odd);
            ASSERT_EQ(rest.end() - rest.begin(), n / 2);
            ASSERT_TRUE(std::all_of(values.begin(), rest.begin(), odd));
            ASSERT_TRUE(std::none_of(rest.begin(), values.end(), odd));
            long long sum = 0;
            for (plain_but_move_only const& element : values) sum += element.value;
            ASSERT_EQ(sum, static_cast<long long>(n) * (n - 1) / 2);
        }
}

TEST(parallel_partition, loses_nothing_if_the_predicate_throws) {
    for (thread_pool* pool : pools())
        for (int const n : {1, 5, 100, 4096, 20'000})
            for (int const k : {0, 1, n / 2, n - 1}) {
                std::vector<int> values(static_cast<std::size_t>(n));
                std::iota(values.begin(), values.end(), 0);
                std::vector<std::unique_ptr<int>> owners;
                for (int const value : values) owners.push_back(std::make_unique<int>(value));
                std::vector<int> got = values;
                auto const pred = [k](int i) {
                    if (i == k) throw failure_at(i);
                    return i % 3 == 0;
                };
                if (k < n) {
                    ASSERT_THROW(parallel_partition(*pool, got, pred), failure_at);
                    ASSERT_THROW(parallel_partition(*pool, owners, [&](auto& owner) { return pred(*owner); },
                                                    {.grain = 50, .errors = error_policy::collect}),
                                 parallel_error);
                }
                std::sort(got.begin(), got.end());
                ASSERT_EQ(got, values);
                std::sort(owners.begin(), owners.end(), [](auto& a, auto& b) { return *a < *b; });
                for (int i = 0; i < n; ++i) ASSERT_EQ(*owners[static_cast<std::size_t>(i)], i);
            }
    EXPECT_EQ(failure_at::live, 0);
}

TEST(parallel_partition, stops) {
    for (thread_pool* pool : pools()) {
        std::vector<int> values(500'000);
        std::iota(values.begin(), values.end(), 0);
        std::vector<int> const before = values;
        std::stop_source source;
        auto const pred = [&](int i) {
            if (i == 100) source.request_stop();
            return i % 2 == 0;
        };
        EXPECT_THROW(parallel_partition(*pool, values, pred, {.stop = source.get_token()}), operation_cancelled);
        std::sort(values.begin(), values.end());
        ASSERT_EQ(values, before);
    }
}

} // namespace
