// SPDX-License-Identifier: MIT
// Tests of parallel_for_chunks: the form of a chunk, that the chunks make up the range, and lengths that no loop could
// count.
#include <hocket/algorithm/loops/parallel_for_chunks.hpp>

#include "algorithm_support.hpp"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <deque>
#include <limits>
#include <span>
#include <type_traits>
#include <vector>

namespace {

using namespace hocket;
using namespace algorithm_test;

/// Checks without keeping the parts that they make up a whole. The differences of the powers of the parts' ends add up,
/// modulo 2^64, to the difference for the whole.
class partition {
  public:
    void add(std::uint64_t first, std::uint64_t last) {
        length_ += last - first;
        squares_ += last * last - first * first;
        cubes_ += last * last * last - first * first * first;
        empty_ += first == last;
    }
    bool is(std::uint64_t first, std::uint64_t last) const {
        partition whole;
        if (first != last) whole.add(first, last);
        return length_ == whole.length_ && squares_ == whole.squares_ && cubes_ == whole.cubes_ && empty_ == 0;
    }

  private:
    std::atomic<std::uint64_t> length_ = 0, squares_ = 0, cubes_ = 0, empty_ = 0;
};

template<class Index>
class parallel_for_chunks_cuts : public testing::Test {};
using index_types = testing::Types<char, signed char, std::uint8_t, std::int16_t, std::uint16_t, int, unsigned,
                                   long long, std::uint64_t>;
TYPED_TEST_SUITE(parallel_for_chunks_cuts, index_types);

TYPED_TEST(parallel_for_chunks_cuts, every_edge_range_into_parts_that_are_the_whole) {
    using index = TypeParam;
    index const min = std::numeric_limits<index>::min();
    index const max = std::numeric_limits<index>::max();
    auto const i = [](auto value) { return static_cast<index>(value); };
    std::array const edges = {min,   i(min + 1), i(min / 2), i(-1), i(0),       i(1),  i(2),
                              i(64), i(max / 2), i(max - 9), i(99), i(max - 1), i(max)};
    std::size_t runs = 0, pairs = 0;
    for (index const first : edges)
        for (index const last : edges) {
            if (sanitized_run() && ++pairs % 2 == 0) continue;
            std::uint64_t const n =
                first < last ? static_cast<std::uint64_t>(last) - static_cast<std::uint64_t>(first) : 0;
            for (schedule const how : all_schedules)
                for (std::uint64_t const grain :
                     numbers{0, n / 100 + 1, n, n + 1, std::numeric_limits<std::uint64_t>::max()}) {
                    partition parts;
                    parallel_for_chunks(*pools()[++runs % 4], first, last,
                                        [&](auto chunk) {
                                            static_assert(std::is_same_v<decltype(chunk), index_range<index>>);
                                            parts.add(static_cast<std::uint64_t>(chunk.first()),
                                                      static_cast<std::uint64_t>(chunk.last()));
                                        },
                                        {.grain = grain, .schedule = how});
                    std::uint64_t const begin = static_cast<std::uint64_t>(first);
                    ASSERT_TRUE(parts.is(begin, begin + n)) << +first << " to " << +last << " by " << grain;
                }
        }
}

TEST(parallel_for_chunks, counts_more_than_32_bits) {
    for (thread_pool* pool : pools()) {
        std::atomic<std::uint64_t> count = 0;
        std::uint64_t const n = (std::uint64_t{1} << 40) + 12'345;
        parallel_for_chunks(*pool, 7U, n + 7, [&](auto chunk) { count += chunk.size(); }, {.grain = 1 << 24});
        EXPECT_EQ(count, n);
    }
}

TEST(parallel_for_chunks, gives_spans_of_what_is_contiguous) {
    std::vector<int> values(1000, 1);
    parallel_for_chunks(values, [](auto chunk) {
        static_assert(std::is_same_v<decltype(chunk), std::span<int>>);
        for (int& value : chunk) ++value;
    });
    EXPECT_EQ(values, std::vector<int>(1000, 2));

    std::atomic<int> sum = 0;
    std::vector<int> const& constant = values;
    parallel_for_chunks(constant, [&](std::span<int const> chunk) {
        for (int const value : chunk) sum += value;
    });
    EXPECT_EQ(sum, 2000);
}

TEST(parallel_for_chunks, gives_iterators_of_what_is_not) {
    std::deque<int> values(1000, 1);
    parallel_for_chunks(values,
                        [](auto chunk) {
                            ASSERT_FALSE(chunk.empty());
                            for (std::size_t i = 0; i < chunk.size(); ++i) ++chunk[i];
                            chunk.front() += 0;
                        },
                        {.grain = 10});
    EXPECT_EQ(values, std::deque<int>(1000, 2));
}

TEST(parallel_for_chunks, respects_the_grain) {
    for (thread_pool* pool : pools())
        for (schedule const how : all_schedules) {
            std::atomic<int> small = 0;
            std::atomic<std::uint64_t> count = 0;
            parallel_for_chunks(*pool, 0, 1003,
                                [&](index_range<int> chunk) {
                                    small += chunk.size() < 100;
                                    count += chunk.size();
                                },
                                {.grain = 100, .schedule = how});
            EXPECT_LE(small, 1) << "only the last chunk may be smaller than the grain";
            EXPECT_EQ(count, 1003);
        }
}

TEST(parallel_for_chunks, reports_the_first_index_of_a_chunk_that_failed) {
    for (thread_pool* pool : pools()) {
        std::atomic<std::uint64_t> count = 0;
        std::atomic<int> failed = 0;
        try {
            parallel_for_chunks(*pool, 1000, 2000,
                                [&](index_range<int> chunk) {
                                    count += chunk.size();
                                    if (chunk.first() % 2 == 0) {
                                        ++failed;
                                        throw failure_at(chunk.first() - 1000);
                                    }
                                },
                                {.grain = 10, .schedule = schedule::dynamic, .errors = error_policy::collect});
            FAIL();
        } catch (parallel_error const& error) {
            EXPECT_EQ(static_cast<int>(error.failures().size()), failed);
            for (auto const& failure : error.failures()) try {
                    std::rethrow_exception(failure.exception);
                } catch (failure_at const& inner) {
                    EXPECT_EQ(static_cast<std::uint64_t>(inner.where), failure.index);
                }
        }
        EXPECT_EQ(count, 1000);
    }
    EXPECT_EQ(failure_at::live, 0);
}

} // namespace
