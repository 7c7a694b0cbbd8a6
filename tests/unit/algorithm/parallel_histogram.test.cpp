// SPDX-License-Identifier: MIT
// Tests of parallel_histogram: the counts of a serial loop, for few and for many buckets; keys outside all buckets.
#include <hocket/algorithm/group/parallel_histogram.hpp>

#include "algorithm_support.hpp"

#include <hocket/base/progress.hpp>
#include <hocket/range/index_range.hpp>

#include <gtest/gtest.h>

#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using namespace hocket;
using namespace algorithm_test;

TEST(parallel_histogram, counts_what_a_loop_counts) {
    for (thread_pool* pool : pools())
        for (std::size_t const n : {0U, 1U, 3U, 1000U, 65'535U, 65'536U, 65'537U, 300'001U})
            for (std::size_t const buckets : {1U, 2U, 256U, 1024U, 1025U, 70'000U, 200'000U}) {
                std::vector<std::uint32_t> keys(n);
                std::vector<std::size_t> expected(buckets);
                for (std::size_t i = 0; i < n; ++i) {
                    keys[i] = static_cast<std::uint32_t>(i * 2654435761U >> 8) % static_cast<std::uint32_t>(buckets);
                    ++expected[keys[i]];
                }
                ASSERT_EQ(parallel_histogram(*pool, keys, buckets), expected) << n << ' ' << buckets;
            }
}

TEST(parallel_histogram, counts_more_in_one_of_many_buckets_than_a_byte_holds) {
    constexpr std::size_t buckets = 70'000;
    for (std::size_t const n : {300'000U, 512U * 1200U, 700'001U}) {
        std::vector<std::uint32_t> keys(n, 69'999); // all in one bucket
        std::vector<std::size_t> expected(buckets);
        expected[69'999] = n;
        for (thread_pool* pool : pools()) ASSERT_EQ(parallel_histogram(*pool, keys, buckets), expected) << n;
        for (std::size_t i = 0; i < n; ++i) { // 255, 256 and 257 in some, and 512 at a time
            std::size_t const run = i / 512;
            keys[i] = static_cast<std::uint32_t>(run % 2 == 0 ? run : i % 512 < 255 + run % 3 ? run + 1000 : 65'536);
        }
        expected.assign(buckets, 0);
        for (std::uint32_t const key : keys) ++expected[key];
        for (thread_pool* pool : pools()) ASSERT_EQ(parallel_histogram(*pool, keys, buckets), expected) << n;
    }
}

TEST(parallel_histogram, takes_a_key_with_every_schedule) {
    for (thread_pool* pool : pools())
        for (schedule const how : all_schedules)
            for (int const n : {10, 100'000}) {
                auto const digit = [](int i) { return i % 10; };
                ASSERT_EQ(parallel_histogram(*pool, index_range(0, n), 10, digit, {.schedule = how}),
                          std::vector<std::size_t>(10, static_cast<std::size_t>(n / 10)));
            }
    std::vector<std::string> const words = {"a", "bb", "cc", ""};
    EXPECT_EQ(parallel_histogram(words, 4, &std::string::size), (std::vector<std::size_t>{1, 1, 2, 0}));
    EXPECT_EQ(parallel_histogram(std::vector<bool>(1000, true), 2), (std::vector<std::size_t>{0, 1000}));
}

TEST(parallel_histogram, refuses_keys_that_are_no_buckets) {
    for (thread_pool* pool : pools())
        for (int const n : {1, 100, 100'000}) {
            std::vector<int> keys(static_cast<std::size_t>(n), 5);
            ASSERT_THROW(static_cast<void>(parallel_histogram(*pool, keys, 5)), std::out_of_range);
            keys.assign(keys.size(), 4);
            keys.back() = -1;
            ASSERT_THROW(static_cast<void>(parallel_histogram(*pool, keys, 5)), std::out_of_range);
            ASSERT_THROW(static_cast<void>(parallel_histogram(*pool, keys, 0)), std::out_of_range);
        }
    EXPECT_TRUE(parallel_histogram(std::vector<int>(), 0).empty());
}

TEST(parallel_histogram, looks_at_bytes_only_where_one_may_be_no_bucket) {
    std::vector<unsigned char> bytes(100'003);
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<unsigned char>(i);
    for (thread_pool* pool : pools()) {
        std::vector<std::size_t> const counts = parallel_histogram(*pool, bytes, 256);
        for (std::size_t k = 0; k < 256; ++k) ASSERT_EQ(counts[k], bytes.size() / 256 + (k < bytes.size() % 256));
        EXPECT_EQ(parallel_histogram(*pool, bytes, 300)[255], counts[255]);
        EXPECT_THROW(static_cast<void>(parallel_histogram(*pool, bytes, 255)), std::out_of_range);
        std::vector<signed char> const negative(100'003, -1);
        EXPECT_THROW(static_cast<void>(parallel_histogram(*pool, negative, 256)), std::out_of_range);
    }
}

TEST(parallel_histogram, lists_every_key_that_failed) {
    for (thread_pool* pool : pools())
        for (int const n : {100, 100'000}) {
            auto const key = [](int i) {
                if (i % 10 == 3) throw failure_at(i);
                return 0;
            };
            try {
                static_cast<void>(
                    parallel_histogram(*pool, index_range(0, n), 3, key, {.errors = error_policy::collect}));
                FAIL();
            } catch (parallel_error const& error) {
                ASSERT_EQ(error.failures().size(), static_cast<std::size_t>(n / 10));
                for (std::size_t i = 0; i < error.failures().size(); ++i)
                    ASSERT_EQ(error.failures()[i].index, 10 * i + 3);
            }
        }
    EXPECT_EQ(failure_at::live, 0);
}

TEST(parallel_histogram, counts_its_progress_whatever_the_size) {
    for (thread_pool* pool : pools())
        for (std::size_t const n : {0U, 100U, 100'000U})
            for (std::size_t const buckets : {4U, 30'000U, 70'000U}) {
                progress bar;
                static_cast<void>(parallel_histogram(*pool, std::vector<int>(n, 3), buckets, {.progress = &bar}));
                ASSERT_EQ(bar.total(), n);
                ASSERT_EQ(bar.done(), n);
            }
}

TEST(parallel_histogram, stops) {
    for (thread_pool* pool : pools()) {
        std::stop_source source;
        source.request_stop();
        EXPECT_THROW(
            static_cast<void>(parallel_histogram(*pool, std::vector<int>(100'000), 4, {.stop = source.get_token()})),
            operation_cancelled);
    }
}

} // namespace
