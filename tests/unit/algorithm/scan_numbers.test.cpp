// SPDX-License-Identifier: MIT
// Tests of scans of numbers by std::plus: every width, in place, to unaligned destinations, and beyond the caches. For
// floating-point numbers they compare the bits with those of any other op that adds.
#include <hocket/algorithm/scan/scan_numbers.hpp>

#include "algorithm_support.hpp"

#include <hocket/algorithm/group/parallel_reduce_by_key.hpp>
#include <hocket/algorithm/scan/parallel_scan.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <string>
#include <type_traits>
#include <vector>

namespace {

using namespace hocket;
using namespace algorithm_test;

template<class T>
std::vector<T> some_numbers(std::size_t n) {
    std::vector<T> made(n);
    std::uint64_t state = 99;
    for (T& number : made) {
        state = state * 6364136223846793005U + 1442695040888963407U;
        if constexpr (std::is_integral_v<T>)
            number = static_cast<T>(state >> 20);
        else
            number = state >> 61 == 0 ? T(-0.0)
                                      : static_cast<T>(std::ldexp(static_cast<double>(state >> 40) - 8e6,
                                                                  static_cast<int>(state >> 20 & 15) - 8));
    }
    if (std::is_floating_point_v<T> && n != 0) made[0] = static_cast<T>(-0.0); // which 0.0 + x would not keep
    return made;
}

/// Sums integers one after another; the sums wrap around. `out[i]` is the sum before (exclusive) or behind (inclusive)
/// `in[i]`.
template<class T>
void scan_serially(std::vector<T> const& in, T init, bool exclusive, std::vector<T>& out) {
    std::uint64_t sum = static_cast<std::uint64_t>(init);
    for (std::size_t i = 0; i != in.size(); ++i) {
        std::uint64_t const next = sum + static_cast<std::uint64_t>(in[i]);
        out[i] = static_cast<T>(exclusive ? sum : next);
        sum = next;
    }
}

/// Gives the bits that the general code gives for an op that the library knows nothing about.
template<class T>
    requires std::is_floating_point_v<T>
void scan_serially(std::vector<T> const& in, T init, bool exclusive, std::vector<T>& out) {
    auto const add = [](T a, T b) { return a + b; };
    if (exclusive)
        parallel_exclusive_scan(*pools()[0], in, out, init, add);
    else
        parallel_inclusive_scan(*pools()[0], in, out, add);
}

template<class T>
bool same_bits(T const* a, T const* b, std::size_t n) {
    return n == 0 || std::memcmp(a, b, n * sizeof(T)) == 0;
}

template<class T>
class scan_numbers : public testing::Test {};
using number_types = testing::Types<signed char, unsigned char, char, char16_t, wchar_t, short, unsigned short, int,
                                    unsigned, long, unsigned long, long long, float, double>;

struct name_of_number {
    template<class T>
    static std::string GetName(int index) {
        return std::string(std::is_integral_v<T> ? std::is_signed_v<T> ? "signed_" : "unsigned_" : "floating_") +
               std::to_string(8 * sizeof(T)) + "_no_" + std::to_string(index);
    }
};
TYPED_TEST_SUITE(scan_numbers, number_types, name_of_number);

// Tests lengths up to beyond a thousand: every tail behind whole tiles. Then lengths around blocks of 32 KiB and around
// passes over the tiles.
template<class T>
std::vector<std::size_t> lengths() {
    std::vector<std::size_t> all;
    for (std::size_t n = 0; n <= 1000; n += n < 150 ? 1 : 23) all.push_back(n);
    constexpr std::size_t block = 32 * 1024 / sizeof(T);
    for (std::size_t const n : {block - 1, block, block + 1, 3 * block + 5, 16 * block, 40 * block + 13})
        all.push_back(n);
    return all;
}

TYPED_TEST(scan_numbers, gives_what_single_additions_give_on_every_pool) {
    using T = TypeParam;
    for (std::size_t const n : lengths<T>()) {
        std::vector<T> const in = some_numbers<T>(n);
        std::vector<T> inclusive(n), exclusive(n), got(n);
        scan_serially(in, T(0), false, inclusive);
        scan_serially(in, T(77), true, exclusive);
        for (thread_pool* pool : pools()) {
            parallel_inclusive_scan(*pool, in, got, std::plus<>());
            ASSERT_TRUE(same_bits(got.data(), inclusive.data(), n)) << n << ' ' << pool->size();
            parallel_exclusive_scan(*pool, in, got.begin(), T(77), std::plus<T>());
            ASSERT_TRUE(same_bits(got.data(), exclusive.data(), n)) << n << ' ' << pool->size();
        }
    }
}

TYPED_TEST(scan_numbers, works_in_place_with_every_grain) {
    using T = TypeParam;
    for (std::size_t const n : {1UL, 7UL, 64UL, 100UL, 5000UL, sanitized_run() ? 9001UL : 70'001UL})
        for (std::uint64_t const grain : numbers{0, 1, 7, 100}) {
            std::vector<T> const in = some_numbers<T>(n);
            std::vector<T> expected(n);
            using added = typename detail::lane_type<T>::type; // no sum of these is undefined
            auto const add = [](T a, T b) { return static_cast<T>(static_cast<added>(a) + static_cast<added>(b)); };
            for (thread_pool* pool : pools()) {
                std::vector<T> values = in;
                parallel_inclusive_scan(*pool, in, expected, add, {.grain = grain});
                parallel_inclusive_scan(*pool, values, values, std::plus<>(), {.grain = grain});
                ASSERT_TRUE(same_bits(values.data(), expected.data(), n)) << n << ' ' << grain;
                values = in;
                parallel_exclusive_scan(*pool, in, expected, T(5), add, {.grain = grain});
                parallel_exclusive_scan(*pool, values, values, T(5), std::plus<>(), {.grain = grain});
                ASSERT_TRUE(same_bits(values.data(), expected.data(), n)) << n << ' ' << grain;
            }
        }
}

TYPED_TEST(scan_numbers, reads_and_writes_where_nothing_is_aligned) {
    using T = TypeParam;
    constexpr std::size_t n = 3000;
    std::vector<T> const source = some_numbers<T>(n + 16);
    for (std::size_t from = 0; from != 5; ++from)
        for (std::size_t to = 0; to < 16; to += 3)
            for (bool const past_caches : {false, true}) {
                std::vector<T> const in(source.begin() + static_cast<std::ptrdiff_t>(from),
                                        source.begin() + static_cast<std::ptrdiff_t>(from + n));
                std::vector<T> expected(n), got(n + 16, T(42));
                scan_serially(in, T(3), true, expected);
                T const prefix = T(3);
                T const* const begin = source.data() + from;
                static_cast<void>(detail::number_lanes<T>::template scan<true>(&prefix, {begin, got.data() + to, begin},
                                                                               n, past_caches));
                ASSERT_TRUE(same_bits(got.data() + to, expected.data(), n)) << from << ' ' << to;
                for (std::size_t i = 0; i != got.size(); ++i)
                    if (i < to || i >= to + n) {
                        ASSERT_EQ(got[i], T(42)) << i;
                    }
            }
}

TYPED_TEST(scan_numbers, sums_as_the_last_of_an_inclusive_scan) {
    using T = TypeParam;
    for (std::size_t n = 1; n != 300; ++n) {
        std::vector<T> const in = some_numbers<T>(n);
        std::vector<T> scanned(n);
        T const last =
            detail::number_lanes<T>::template scan<false>(nullptr, {in.data(), scanned.data(), in.data()}, n, false);
        T const sum = detail::number_lanes<T>::sum(in.data(), n);
        ASSERT_TRUE(same_bits(&last, &scanned.back(), 1));
        ASSERT_TRUE(same_bits(&sum, &last, 1)) << n;
    }
}

TEST(scan_numbers_of_a_large_range, goes_past_the_caches_to_the_same_bits) {
    std::uint64_t held = std::uint64_t{32} << 20;
    for (topology::group const& cache : machine().l3_groups) held += cache.bytes;
    if (held > std::uint64_t{256} << 20) GTEST_SKIP() << "the caches of this machine hold more than a test should use";
    std::size_t const n = static_cast<std::size_t>(held) / 8 + 1001;
    std::vector<std::uint64_t> in = some_numbers<std::uint64_t>(n);
    std::vector<std::uint64_t> expected(n), got(n);
    scan_serially(in, std::uint64_t{0}, false, expected);
    parallel_inclusive_scan(*pools()[1], in, got, std::plus<>());
    ASSERT_EQ(got, expected);
    parallel_inclusive_scan(*pools()[1], in, in, std::plus<>());
    ASSERT_EQ(in, expected);
}

TEST(scan_numbers_of_other_types, are_left_to_the_general_code) {
    static_assert(!detail::adds_numbers<std::plus<>, bool>);
    static_assert(!detail::adds_numbers<std::plus<>, long double>);
    static_assert(!detail::adds_numbers<std::plus<double>, float>);
    static_assert(!detail::adds_numbers<std::multiplies<>, int>);
    static_assert(!detail::side_by_side<std::vector<int>::iterator, long>);
    std::vector<bool> const bits = {true, true, false, true};
    std::vector<int> ranks(4);
    parallel_inclusive_scan(std::vector<short>{1, 2, 3, 4}, ranks, std::plus<>());
    EXPECT_EQ(ranks, (std::vector<int>{1, 3, 6, 10}));
    parallel_exclusive_scan(bits, ranks, 0, std::plus<>());
    EXPECT_EQ(ranks, (std::vector<int>{0, 1, 2, 2}));
}

TEST(scan_numbers_of_runs, gives_the_bits_of_any_other_op_that_adds) {
    std::size_t const n = 20'000;
    std::vector<double> const values = some_numbers<double>(n);
    std::vector<int> keys(n);
    for (std::size_t i = 0; i != n; ++i) keys[i] = static_cast<int>(i * i / 700'000);
    EXPECT_EQ(parallel_reduce_by_key(keys, values, std::plus<>()),
              parallel_reduce_by_key(keys, values, [](double a, double b) { return a + b; }));
}

} // namespace
