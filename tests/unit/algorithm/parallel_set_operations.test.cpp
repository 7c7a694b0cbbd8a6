// SPDX-License-Identifier: MIT
// Tests of the operations on sorted ranges against the standard algorithms: which elements, of which range, in which
// order.
#include <hocket/algorithm/sort/parallel_set_operations.hpp>

#include "algorithm_support.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace hocket;
using namespace algorithm_test;

/// A key, and the origin of the element.
using element = std::pair<int, int>;
using elements_of = std::vector<element>;

bool by_key(element const& a, element const& b) { return a.first < b.first; }

/// Returns sorted elements; each key occurs about `repeats` times.
elements_of sorted(int n, int repeats, unsigned seed) {
    elements_of all;
    for (int i = 0; i < n; ++i) {
        unsigned const mixed = (static_cast<unsigned>(i) + seed) * 2654435761U >> 9;
        all.emplace_back(static_cast<int>(mixed % static_cast<unsigned>(n / repeats + 1)), 0);
    }
    std::sort(all.begin(), all.end());
    for (int i = 0; i < n; ++i) all[static_cast<std::size_t>(i)].second = static_cast<int>(seed) * 1'000'000 + i;
    return all;
}

void expect_the_same(thread_pool& pool, elements_of const& a, elements_of const& b, loop_options const& options) {
    elements_of expected(a.size() + b.size()), out(expected.size());
    auto const agree = [&](auto const& serial, auto const& parallel) {
        auto const end = serial(a.begin(), a.end(), b.begin(), b.end(), expected.begin(), by_key);
        std::fill(out.begin(), out.end(), element(-1, -1));
        auto const here = parallel(pool, a, b, out, by_key, options);
        ASSERT_EQ(here - out.begin(), end - expected.begin());
        ASSERT_TRUE(std::equal(out.begin(), here, expected.begin()));
        ASSERT_EQ(std::count(here, out.end(), element(-1, -1)), out.end() - here);
    };
    auto const serial = [](auto const& algorithm) { return algorithm; };
    agree(serial([](auto... args) { return std::set_union(args...); }), parallel_set_union);
    agree(serial([](auto... args) { return std::set_intersection(args...); }), parallel_set_intersection);
    agree(serial([](auto... args) { return std::set_difference(args...); }), parallel_set_difference);
    agree(serial([](auto... args) { return std::set_symmetric_difference(args...); }),
          parallel_set_symmetric_difference);
    ASSERT_EQ(parallel_includes(pool, a, b, by_key, options),
              std::includes(a.begin(), a.end(), b.begin(), b.end(), by_key));
}

TEST(parallel_set_operations, take_what_the_standard_takes) {
    for (thread_pool* pool : pools())
        for (int const n : {0, 1, 2, 3, 10, 100, 1000, sanitized_run() ? 0 : 5000})
            for (int const m : {0, 1, n / 3, n, n + 1})
                for (int const repeats : {1, 3, 40, 1 << 20})
                    for (std::uint64_t const grain : numbers{0, 1, 64})
                        expect_the_same(*pool, sorted(n, repeats, 1), sorted(m, repeats, 2),
                                        {.grain = n > 1000 && grain != 0 ? grain + 50 : grain});
}

TEST(parallel_set_operations, cut_runs_of_equal_elements_anywhere) {
    for (int a_count = 0; a_count < 7; ++a_count)
        for (int b_count = 0; b_count < 7; ++b_count)
            for (std::uint64_t const grain : numbers{1, 2, 3, 5}) {
                elements_of a{{0, 1}}, b{{0, 2}, {0, 3}};
                for (int i = 0; i < a_count; ++i) a.emplace_back(5, 10 + i);
                for (int i = 0; i < b_count; ++i) b.emplace_back(5, 20 + i);
                a.emplace_back(8, 30);
                b.emplace_back(9, 31);
                expect_the_same(*pools()[2], a, b, {.grain = grain});
            }
}

TEST(parallel_set_operations, take_every_form) {
    std::vector<std::string> const a{"a", "b", "d"};
    std::list<std::string> const b{"b", "c"};
    std::vector<std::string> out(5);
    EXPECT_EQ(parallel_set_union(a, b, out) - out.begin(), 4);
    EXPECT_EQ(out, (std::vector<std::string>{"a", "b", "c", "d", ""}));
    EXPECT_EQ(parallel_set_difference(a.begin(), a.end(), b.begin(), b.end(), out.begin()) - out.begin(), 2);
    EXPECT_EQ(out[0] + out[1], "ad");
    std::vector<std::string> const long_first{"xxx", "yy", "z"};
    std::vector<int> const sizes{3, 1};
    EXPECT_TRUE(parallel_includes(long_first, sizes, std::greater<>(), [](auto const& s) { return std::ssize(s); }));
    EXPECT_FALSE(parallel_includes(a.begin(), a.end(), b.begin(), b.end()));
    EXPECT_TRUE(parallel_includes(0, 10, std::vector<int>{3, 4, 9}));
    EXPECT_FALSE(parallel_includes(0, 10, std::vector<int>{3, 3}));
}

TEST(parallel_set_operations, refuse_an_output_that_is_too_short_and_write_nothing) {
    std::vector<int> const a{1, 2, 3}, b{2, 3, 4};
    std::vector<int> out(3, -1);
    EXPECT_THROW(parallel_set_union(a, b, out), std::invalid_argument);
    EXPECT_EQ(out, (std::vector<int>{-1, -1, -1}));
    EXPECT_EQ(parallel_set_intersection(a, b, out) - out.begin(), 2);
}

TEST(parallel_set_operations, write_no_more_than_there_is_if_nothing_is_sorted) {
    for (thread_pool* pool : pools()) {
        std::vector<int> a(3000), b(2000);
        for (std::size_t i = 0; i < a.size(); ++i) a[i] = static_cast<int>(i * 2654435761U >> 7 & 0xff);
        for (std::size_t i = 0; i < b.size(); ++i) b[i] = static_cast<int>(i * 2654435761U >> 9 & 0xff);
        std::vector<int> out(a.size() + b.size());
        auto const end = parallel_set_union(*pool, a, b, out, {.grain = 100});
        EXPECT_LE(end, out.end());
        EXPECT_FALSE(parallel_includes(*pool, a, std::vector<int>{1000}));
    }
}

TEST(parallel_set_operations, fail_and_stop_as_loops) {
    std::stop_source source;
    source.request_stop();
    std::vector<int> numbers_here(2000);
    for (int i = 0; i < 2000; ++i) numbers_here[static_cast<std::size_t>(i)] = i;
    for (thread_pool* pool : pools()) {
        std::vector<int> out(4000, -1);
        auto const bad = [](int a, int b) -> bool {
            if (a == 777 || b == 777) throw failure_at(777);
            return a < b;
        };
        EXPECT_THROW(parallel_set_union(*pool, numbers_here, numbers_here, out, bad), failure_at);
        EXPECT_THROW(parallel_set_union(*pool, numbers_here, numbers_here, out, bad, {.errors = error_policy::collect}),
                     parallel_error);
        EXPECT_THROW(parallel_set_union(*pool, numbers_here, numbers_here, out, {.stop = source.get_token()}),
                     operation_cancelled);
        EXPECT_EQ(std::count(out.begin(), out.end(), -1), 4000);
    }
    EXPECT_EQ(failure_at::live, 0);
}

} // namespace
