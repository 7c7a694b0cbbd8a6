// SPDX-License-Identifier: MIT
// Tests of async and map_async: algorithms as futures, the arguments that they keep and the arguments that they refer
// to.
#include <hocket/algorithm/loops/async.hpp>

#include "algorithm_support.hpp"

#include <hocket/algorithm/reduce/parallel_count_if.hpp>
#include <hocket/algorithm/reduce/parallel_reduce.hpp>
#include <hocket/algorithm/search/parallel_find_if.hpp>
#include <hocket/algorithm/write/parallel_fill.hpp>
#include <hocket/range/index_range.hpp>

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace hocket;
using namespace algorithm_test;

TEST(async, runs_algorithms_on_ranges_that_somebody_else_owns) {
    for (thread_pool* pool : pools()) {
        std::vector<int> values(10'000);
        async(*pool, parallel_iota, values, 1).get();
        EXPECT_EQ(values[9'999], 10'000);
        auto const is_even = [](int x) { return x % 2 == 0; };
        future<std::uint64_t> even = async(*pool, parallel_count_if, values, is_even);
        auto sum = async(*pool, parallel_reduce, std::as_const(values), 0L, [](long a, long b) { return a + b; });
        auto hit = async(*pool, parallel_find_if, values, [](int x) { return x == 77; });
        EXPECT_EQ(even.get(), 5'000U);
        EXPECT_EQ(sum.get(), 10'000L * 10'001 / 2);
        EXPECT_EQ(hit.get() - values.begin(), 76);
    }
}

TEST(async, keeps_temporaries_options_and_functions_that_can_only_be_moved) {
    future<std::string> joined = async(
        parallel_reduce, std::vector<std::string>{"a", "b", "c"}, std::string("x"),
        [](std::string const& a, std::string const& b) { return a + b; }, loop_options{.grain = 1});
    EXPECT_EQ(joined.get(), "xabc");
    auto owned = std::make_unique<int>(3);
    future<int> any =
        async([](thread_pool& pool, std::unique_ptr<int>& p) { return *p + static_cast<int>(pool.size() != 0); },
              std::move(owned));
    EXPECT_EQ(any.get(), 4);
}

TEST(async, failures_and_stops_come_out_of_the_future) {
    for (thread_pool* pool : pools()) {
        auto const bad = [](int i) -> int { throw failure_at(i); };
        auto failed = map_async(*pool, index_range(0, 100), bad);
        EXPECT_THROW(static_cast<void>(failed.get()), failure_at);
        auto all = map_async(*pool, index_range(0, 100), bad, {.errors = error_policy::collect});
        EXPECT_THROW(static_cast<void>(all.get()), parallel_error);
        std::stop_source source;
        source.request_stop();
        auto stopped = map_async(*pool, index_range(0, 100), [](int i) { return i; }, {.stop = source.get_token()});
        EXPECT_THROW(static_cast<void>(stopped.get()), operation_cancelled);
    }
}

TEST(map_async, gives_the_results_in_order_and_calls_back) {
    for (thread_pool* pool : pools()) {
        std::vector<int> const values = {1, 2, 3};
        future<std::size_t> size =
            map_async(*pool, values, [](int i) { return std::to_string(i); }).then([](std::vector<std::string> texts) {
                EXPECT_EQ(texts, (std::vector<std::string>{"1", "2", "3"}));
                return texts.size();
            });
        EXPECT_EQ(size.get(), 3U);
        EXPECT_EQ(map_async(index_range(0, 4), [](int i) { return i * i; }).get(), (std::vector<int>{0, 1, 4, 9}));
    }
}

int workers_of(thread_pool& pool) { return static_cast<int>(pool.size()); }

TEST(async, takes_each_form_of_a_callable) {
    thread_pool pool(2);
    EXPECT_EQ(async(pool, workers_of).get(), 2);
    EXPECT_EQ(async(pool, &workers_of).get(), 2);
    EXPECT_EQ(async(pool, &thread_pool::size).get(), 2u);
    EXPECT_EQ(async(pool, std::function<int(thread_pool&)>(workers_of)).get(), 2);
    EXPECT_EQ(async(pool, std::bind(workers_of, std::placeholders::_1)).get(), 2);
    auto const constant = [](thread_pool& p) { return workers_of(p); };
    EXPECT_EQ(async(pool, constant).get(), 2);
    EXPECT_EQ(async(pool, std::cref(constant)).get(), 2);
    EXPECT_EQ(async(pool, [n = std::make_unique<int>(3)](thread_pool&) { return *n; }).get(), 3);
    EXPECT_EQ(async(pool, [n = 3](thread_pool&) mutable { return ++n; }).get(), 4);
    EXPECT_GE(async(workers_of).get(), 1);
    std::vector<int> const v{1, 2};
    EXPECT_EQ(async(parallel_map, v, [n = std::make_unique<int>(3)](int x) { return x + *n; }).get(),
              (std::vector<int>{4, 5}));
}

} // namespace
