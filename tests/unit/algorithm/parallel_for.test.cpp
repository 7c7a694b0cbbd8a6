// SPDX-License-Identifier: MIT
// Tests of parallel_for: each index exactly once for every kind of range, errors, stopping, nesting.
#include <hocket/algorithm/loops/parallel_for.hpp>

#include "algorithm_support.hpp"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <deque>
#include <limits>
#include <memory>
#include <span>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <type_traits>
#include <vector>

namespace {

using namespace hocket;
using namespace algorithm_test;

template<class Index>
class parallel_for_counts : public testing::Test {};
using index_types = testing::Types<char, signed char, std::uint8_t, std::int16_t, std::uint16_t, int, unsigned,
                                   long long, std::uint64_t>;
TYPED_TEST_SUITE(parallel_for_counts, index_types);

// Uses all pairs of the numbers at which loops break, as far as their lengths can be counted one by one.
TYPED_TEST(parallel_for_counts, each_index_of_every_edge_range_exactly_once) {
    using index = TypeParam;
    index const min = std::numeric_limits<index>::min();
    index const max = std::numeric_limits<index>::max();
    auto const i = [](auto value) { return static_cast<index>(value); };
    std::array const edges = {min,   i(min + 1), i(min + 9), i(-1), i(0),       i(1),       i(2),  i(3),
                              i(63), i(64),      i(65),      i(99), i(max - 9), i(max - 1), i(max)};
    int combinations = 0;
    for (index const first : edges)
        for (index const last : edges) {
            std::uint64_t const n =
                first < last ? static_cast<std::uint64_t>(last) - static_cast<std::uint64_t>(first) : 0;
            if (n > 300) continue;
            std::vector<std::atomic<int>> hits(static_cast<std::size_t>(n));
            std::atomic<int> outside = 0;
            int runs = 0;
            for (schedule const how : all_schedules)
                for (std::uint64_t const grain : numbers{0, 1, n, n + 1, std::numeric_limits<std::uint64_t>::max()}) {
                    ++runs;
                    thread_pool& pool = *pools()[static_cast<std::size_t>(runs) % 4];
                    parallel_for(pool, first, last,
                                 [&](auto at) {
                                     static_assert(std::is_same_v<decltype(at), index>);
                                     std::uint64_t const place =
                                         static_cast<std::uint64_t>(at) - static_cast<std::uint64_t>(first);
                                     if (place < n)
                                         ++hits[static_cast<std::size_t>(place)];
                                     else
                                         ++outside;
                                 },
                                 {.grain = grain, .schedule = how});
                }
            combinations += runs;
            ASSERT_EQ(outside, 0) << +first << " to " << +last;
            for (auto const& hit : hits) ASSERT_EQ(hit, runs) << +first << " to " << +last;
        }
    EXPECT_GE(combinations, 40 * 15);
}

TEST(parallel_for, counts_mixed_types_in_their_common_type) {
    std::atomic<int> sum = 0;
    parallel_for(0, std::size_t{5}, [&](auto i) {
        static_assert(std::is_same_v<decltype(i), std::size_t>);
        sum += static_cast<int>(i);
    });
    EXPECT_EQ(sum, 10);
    parallel_for(std::int8_t{-2}, 3LL, [&](auto i) {
        static_assert(std::is_same_v<decltype(i), long long>);
        sum += static_cast<int>(i);
    });
    EXPECT_EQ(sum, 10);
    parallel_for(5U, -1, [&](auto) { ++sum; }); // ends before its start, whatever the types
    parallel_for(std::uint64_t{0}, -1LL, [&](auto) { ++sum; });
    EXPECT_EQ(sum, 10);
}

TEST(parallel_for, refuses_to_count_from_below_zero_in_an_unsigned_type) {
    std::atomic<int> ran = 0;
    EXPECT_THROW(parallel_for(-1, 5U, [&](auto) { ++ran; }), std::invalid_argument);
    EXPECT_EQ(ran, 0);
}

TEST(parallel_for, gives_the_body_a_copy_of_the_index) {
    std::atomic<int> calls = 0;
    parallel_for(0, 10, [&](int i) {
        i += 100;
        if (i >= 100) ++calls;
    });
    EXPECT_EQ(calls, 10);
}

TEST(parallel_for, runs_over_containers_arrays_spans_and_temporaries) {
    std::vector<int> vector(1000, 1);
    parallel_for(vector, [](int& x) { x += 2; });
    EXPECT_EQ(vector, std::vector<int>(1000, 3));

    std::deque<int> deque(1000, 1);
    parallel_for(deque, [](int& x) { x += 2; }, {.grain = 7});
    EXPECT_EQ(deque, std::deque<int>(1000, 3));

    int array[5] = {1, 2, 3, 4, 5};
    parallel_for(array, [](int& x) { x *= 2; });
    parallel_for(std::span(array), [](int& x) { ++x; });
    EXPECT_EQ(array[4], 11);

    std::atomic<int> sum = 0;
    std::vector<int> const& constant = vector;
    parallel_for(constant, [&](int const& x) { sum += x; });
    EXPECT_EQ(sum, 3000);
    parallel_for(std::string("abc"), [&](char& c) { sum += c - 'a'; });
    EXPECT_EQ(sum, 3003);
    std::vector<bool> const bits(70, true);
    parallel_for(bits, [&](bool bit) { sum += bit; });
    EXPECT_EQ(sum, 3073);
    parallel_for(std::vector<int>(), [&](int) { ++sum; });
    EXPECT_EQ(sum, 3073);
}

struct job {
    int done = 0;
    void run() { ++done; }
};

void count_calls(job& j) { ++j.done; }

TEST(parallel_for, takes_functions_and_pointers_to_members_as_bodies) {
    std::vector<job> jobs(100);
    parallel_for(jobs, &job::run);
    parallel_for(jobs, count_calls);
    std::vector<std::unique_ptr<job>> owned;
    owned.push_back(std::make_unique<job>());
    parallel_for(owned, &job::run);
    EXPECT_EQ(owned[0]->done, 1);
    for (job const& j : jobs) EXPECT_EQ(j.done, 2);
}

TEST(parallel_for, never_copies_a_body_that_is_more_than_bytes) {
    struct body {
        std::shared_ptr<std::atomic<int>> calls = std::make_shared<std::atomic<int>>(0);
        body() = default;
        body(body const&) = delete;
        void operator()(int) const { ++*calls; }
    };
    body const b;
    parallel_for(0, 100, b);
    EXPECT_EQ(*b.calls, 100);
}

TEST(parallel_for, rethrows_the_exception_of_any_index) {
    for (thread_pool* pool : pools())
        for (int n = 1; n <= 64; n += pool->size() == 2 ? 1 : 21)
            for (int k = 0; k < n; ++k)
                for (schedule const how : all_schedules) {
                    std::vector<std::atomic<int>> hits(static_cast<std::size_t>(n));
                    int caught = -1;
                    try {
                        parallel_for(*pool, 0, n,
                                     [&](int i) {
                                         ++hits[static_cast<std::size_t>(i)];
                                         if (i == k) throw failure_at(i);
                                     },
                                     {.grain = 1, .schedule = how});
                    } catch (failure_at const& failure) {
                        caught = failure.where;
                    }
                    ASSERT_EQ(caught, k);
                    for (auto const& hit : hits) ASSERT_LE(hit, 1);
                }
    EXPECT_EQ(failure_at::live, 0);
}

TEST(parallel_for, rethrows_the_lowest_of_several_exceptions) {
    for (thread_pool* pool : pools())
        for (int n = 1; n <= 64; ++n) {
            std::atomic<int> lowest = n;
            try {
                parallel_for(*pool, 0, n,
                             [&](int i) {
                                 for (int seen = lowest; i < seen && !lowest.compare_exchange_weak(seen, i);) {
                                 }
                                 throw failure_at(i);
                             },
                             {.grain = 1, .schedule = schedule::dynamic});
                FAIL();
            } catch (failure_at const& failure) {
                ASSERT_EQ(failure.where, lowest);
            }
        }
    EXPECT_EQ(failure_at::live, 0);
}

TEST(parallel_for, passes_on_what_is_not_a_std_exception) {
    EXPECT_THROW(parallel_for(0, 10, [](int) { throw 42; }), int);
}

TEST(parallel_for, collects_all_failures_and_runs_everything) {
    for (thread_pool* pool : pools())
        for (int n = 1; n <= 130; n += 43)
            for (schedule const how : all_schedules) {
                std::vector<std::atomic<int>> hits(static_cast<std::size_t>(n));
                try {
                    parallel_for(*pool, hits,
                                 [&](std::atomic<int>& hit) {
                                     ++hit;
                                     int const i = static_cast<int>(&hit - hits.data());
                                     if (i % 3 == 0) throw failure_at(i);
                                 },
                                 {.schedule = how, .errors = error_policy::collect});
                    FAIL();
                } catch (parallel_error const& error) {
                    ASSERT_EQ(error.failures().size(), static_cast<std::size_t>((n + 2) / 3));
                    ASSERT_EQ(error.total(), static_cast<std::uint64_t>(n));
                    std::uint64_t expected = 0;
                    for (auto const& failure : error.failures()) {
                        ASSERT_EQ(failure.index, expected);
                        try {
                            std::rethrow_exception(failure.exception);
                        } catch (failure_at const& inner) {
                            ASSERT_EQ(inner.where, static_cast<int>(expected));
                        }
                        expected += 3;
                    }
                }
                for (auto const& hit : hits) ASSERT_EQ(hit, 1);
            }
    EXPECT_EQ(failure_at::live, 0);
}

TEST(parallel_for, collects_nothing_when_nothing_fails) {
    std::atomic<int> calls = 0;
    parallel_for(0, 100, [&](int) { ++calls; }, {.errors = error_policy::collect});
    EXPECT_EQ(calls, 100);
}

TEST(parallel_for, does_not_begin_when_its_token_was_requested_before) {
    std::stop_source source;
    source.request_stop();
    std::atomic<int> calls = 0;
    for (int const n : {0, 1, 1000})
        EXPECT_THROW(parallel_for(0, n, [&](int) { ++calls; }, {.stop = source.get_token()}), operation_cancelled);
    EXPECT_EQ(calls, 0);
}

TEST(parallel_for, begins_no_chunk_after_the_request) {
    for (thread_pool* pool : pools()) {
        std::stop_source source;
        std::atomic<int> calls = 0;
        EXPECT_THROW(parallel_for(*pool, 0, 1'000'000,
                                  [&](int) {
                                      if (++calls == 10) source.request_stop();
                                  },
                                  {.grain = 1, .schedule = schedule::dynamic, .stop = source.get_token()}),
                     operation_cancelled);
        EXPECT_GE(calls, 10);
        EXPECT_LT(calls, 1'000'000);
    }
}

TEST(parallel_for, throws_when_the_last_body_requests_the_stop) {
    std::stop_source source; // the body may have left early because of it
    EXPECT_THROW(parallel_for(0, 1, [&](int) { source.request_stop(); }, {.stop = source.get_token()}),
                 operation_cancelled);
}

TEST(parallel_for, completes_when_nobody_requests_the_stop) {
    std::stop_source source;
    std::atomic<int> calls = 0;
    parallel_for(0, 1000, [&](int) { ++calls; }, {.stop = source.get_token()});
    source.request_stop();
    EXPECT_EQ(calls, 1000);
}

TEST(parallel_for, prefers_the_exception_to_the_cancellation) {
    std::stop_source source;
    auto const stop_and_throw = [&](int i) {
        source.request_stop();
        throw failure_at(i);
    };
    EXPECT_THROW(parallel_for(0, 10, stop_and_throw, {.stop = source.get_token()}), failure_at);
}

TEST(parallel_for, tells_its_bodies_and_the_loops_within_that_it_was_stopped) {
    EXPECT_FALSE(this_task::stop_requested());
    std::stop_source source;
    std::atomic<int> early = 0;
    std::atomic<int> missed = 0;
    auto const outer = [&](int) {
        if (this_task::stop_requested()) ++early;
        source.request_stop();
        parallel_for(0, 100, [&](int) { missed += !this_task::stop_requested(); }, {.grain = 1});
    };
    EXPECT_THROW(parallel_for(0, 1, outer, {.stop = source.get_token()}), operation_cancelled);
    EXPECT_EQ(early, 0);
    EXPECT_EQ(missed, 0);
    EXPECT_FALSE(this_task::stop_requested());
}

TEST(parallel_for, refuses_options_that_do_not_exist_before_anything_runs) {
    std::atomic<int> calls = 0;
    for (int const n : {0, 100}) {
        EXPECT_THROW(parallel_for(0, n, [&](int) { ++calls; }, {.schedule = static_cast<schedule>(7)}),
                     std::invalid_argument);
        EXPECT_THROW(parallel_for(0, n, [&](int) { ++calls; }, {.errors = static_cast<error_policy>(7)}),
                     std::invalid_argument);
    }
    EXPECT_EQ(calls, 0);
}

TEST(parallel_for, nests_four_deep) {
    for (thread_pool* pool : pools())
        for (schedule const how : all_schedules) {
            std::atomic<int> calls = 0;
            loop_options const options{.schedule = how};
            auto const innermost = [&](int) { ++calls; };
            auto const third = [&](int) { parallel_for(0, 7, innermost, options); };
            auto const second = [&](int) { parallel_for(0, 7, third, options); };
            parallel_for(
                *pool, 0, 7, [&](int) { parallel_for(0, 7, second, options); }, options);
            EXPECT_EQ(calls, 7 * 7 * 7 * 7);
        }
}

TEST(parallel_for, passes_an_exception_through_nested_loops) {
    for (thread_pool* pool : pools())
        for (schedule const how : all_schedules) {
            auto const outer = [&](int i) {
                auto const inner = [&](int j) {
                    if (i == 3 && j == 4) throw failure_at(34);
                };
                parallel_for(0, 10, inner, {.schedule = how});
            };
            EXPECT_THROW(parallel_for(*pool, 0, 10, outer, {.schedule = how}), failure_at);
        }
    EXPECT_EQ(failure_at::live, 0);
}

TEST(parallel_for, makes_what_the_bodies_wrote_visible_to_the_caller) {
    std::vector<int> values(10'000);
    for (int round = 1; round <= 20; ++round) {
        parallel_for(values, [&](int& value) { value += round; });
        parallel_for(0, 10'000, [&](int i) { values[static_cast<std::size_t>(i)] -= round - 1; }, {.grain = 64});
    }
    EXPECT_EQ(values, std::vector<int>(10'000, 20));
}

} // namespace
