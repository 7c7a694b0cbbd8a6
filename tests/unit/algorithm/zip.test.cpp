// SPDX-License-Identifier: MIT
// Tests of zip: its properties as a range, and that the algorithms treat its proxy references as they treat elements.
#include <hocket/filter.hpp>
#include <hocket/group.hpp>
#include <hocket/loop.hpp>
#include <hocket/map.hpp>
#include <hocket/reduce.hpp>
#include <hocket/search.hpp>
#include <hocket/sort.hpp>
#include <hocket/stream.hpp>
#include <hocket/zip.hpp>

#include "sort_support.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace {

using namespace hocket;
using namespace sort_test;

auto const first_part = [](auto const& row) -> auto const& { return std::get<0>(row); };
auto const by_first = [](auto const& a, auto const& b) { return std::get<0>(a) < std::get<0>(b); };

/// An element whose moves may throw, as far as the compiler knows.
struct careful {
    careful() = default;
    explicit careful(std::uint32_t number) : value(number) {}
    careful(careful&& other) noexcept(false) : value(std::exchange(other.value, 0)) {}
    careful& operator=(careful&& other) noexcept(false) {
        value = std::exchange(other.value, 0);
        return *this;
    }
    ~careful() {} // not trivial, so the element is not plain bytes
    bool operator==(careful const&) const = default;
    std::uint32_t value = 0;
};

template<class T>
T payload(std::uint32_t number) {
    if constexpr (std::is_same_v<T, std::string>)
        return "a text that needs memory of its own: " + std::to_string(number);
    else if constexpr (std::is_same_v<T, std::unique_ptr<std::uint32_t>>)
        return std::make_unique<std::uint32_t>(number);
    else
        return T(number);
}
template<class T>
std::uint32_t number_in(T const& x) {
    if constexpr (std::is_same_v<T, std::string>)
        return static_cast<std::uint32_t>(std::stoul(x.substr(x.find(':') + 1)));
    else if constexpr (std::is_same_v<T, std::unique_ptr<std::uint32_t>>)
        return x == nullptr ? 0 : *x;
    else if constexpr (std::is_same_v<T, careful>)
        return x.value;
    else
        return static_cast<std::uint32_t>(x);
}

/// Two columns: keys, and the original row of each.
template<class T>
struct columns {
    explicit columns(std::vector<std::uint32_t> from) : keys(std::move(from)) {
        for (std::uint32_t i = 0; i < keys.size(); ++i) rows.push_back(payload<T>(i));
    }
    [[nodiscard]] std::vector<std::pair<std::uint32_t, std::uint32_t>> pairs() const {
        std::vector<std::pair<std::uint32_t, std::uint32_t>> all;
        for (std::size_t i = 0; i < keys.size(); ++i) all.emplace_back(keys[i], number_in(rows[i]));
        return all;
    }
    std::vector<std::uint32_t> keys;
    std::vector<T> rows;
};

TEST(zip, is_a_range_of_its_kind) {
    std::vector<int> a{1, 2, 3};
    std::vector<std::string> b{"a", "b", "c", "d"};
    std::vector<int> const fixed{1, 2, 3};
    std::list<int> list{1, 2};
    auto both = zip(a, b);
    using iterator = decltype(both.begin());
    static_assert(parallel_range<decltype(both)> && parallel_range<decltype(both) const>);
    static_assert(std::sortable<iterator>);
    static_assert(std::is_same_v<std::iter_value_t<iterator>, std::tuple<int, std::string>> ||
                  std::is_same_v<std::iter_value_t<iterator>, std::pair<int, std::string>>);
    static_assert(std::ranges::enable_borrowed_range<decltype(both)>);
    static_assert(!std::permutable<decltype(zip(fixed, b).begin())>);
    static_assert(!parallel_range<decltype(zip(list, a))> && readable_range<decltype(zip(list, a))>);
    EXPECT_EQ(both.size(), 3U);
    EXPECT_EQ(both.end() - both.begin(), 3);
    for (auto&& [x, y] : both) y += std::to_string(x);
    EXPECT_EQ(b, (std::vector<std::string>{"a1", "b2", "c3", "d"}));
    *both.begin() = both.begin()[1];
    EXPECT_EQ(b[0], "b2");
    EXPECT_EQ(a[0], 2);
    std::ranges::iter_swap(both.begin(), both.begin() + 2);
    EXPECT_EQ(a[0], 3);
    EXPECT_EQ(b[2], "b2");
    std::tuple<int, std::string> taken(std::ranges::iter_move(both.begin()));
    EXPECT_EQ(std::get<1>(taken), "c3");
    int sum = 0;
    for (auto&& [x, y] : zip(list, fixed)) sum += x * y;
    EXPECT_EQ(sum, 5);
    auto kept = zip(std::vector{5, 6}, std::span(a), index_range(0, 9));
    EXPECT_EQ(kept.size(), 2U);
    EXPECT_EQ(std::get<0>(kept.begin()[1]) + std::get<2>(kept.begin()[1]), 7);
}

TEST(zip, goes_through_maps_and_loops) {
    std::vector<int> a(10'000);
    std::vector<long> b(10'000);
    for (int i = 0; i < 10'000; ++i) a[static_cast<std::size_t>(i)] = i, b[static_cast<std::size_t>(i)] = 3 * i;
    for (thread_pool* pool : pools()) {
        auto const sums = parallel_starmap(*pool, zip(a, b), [](int x, long y) { return x + y; });
        for (std::size_t i = 0; i < sums.size(); ++i) ASSERT_EQ(sums[i], static_cast<long>(4 * i));
        std::vector<long> out(10'000);
        parallel_for(*pool, zip(out, a, b),
                     [](auto const& row) { std::get<0>(row) = std::get<1>(row) - std::get<2>(row); });
        for (std::size_t i = 0; i < out.size(); ++i) ASSERT_EQ(out[i], -static_cast<long>(2 * i));
        parallel_for_chunks(*pool, zip(out, a), [](auto chunk) {
            for (auto&& [x, y] : chunk) x = y;
        });
        for (std::size_t i = 0; i < out.size(); ++i) ASSERT_EQ(out[i], static_cast<long>(i));
        long next = 0;
        auto const product = [](auto const& row) { return std::get<0>(row) * std::get<1>(row); };
        for (auto&& each : parallel_imap(*pool, zip(a, b), product)) {
            ASSERT_EQ(each, 3 * next * next);
            ++next;
        }
        std::list<int> const list(a.begin(), a.end());
        EXPECT_EQ(parallel_starmap(*pool, zip(list, b), [](int x, long y) { return x + y; }), sums);
    }
}

template<class T, class... Order>
void expect_sorted_columns(std::size_t which, std::size_t n, Order const&... order) {
    columns<T> const input(pattern(which, n));
    auto expected = input.pairs();
    std::ranges::stable_sort(expected, order...);
    for (thread_pool* pool : pools()) {
        columns<T> sorted(pattern(which, n));
        parallel_sort(*pool, zip(sorted.keys, sorted.rows), order...);
        ASSERT_TRUE(sorted.pairs() == expected)
            << n << " rows, " << patterns[which] << ", " << pool->size() << " workers";
        columns<T> stable(pattern(which, n));
        parallel_stable_sort(*pool, zip(stable.keys, stable.rows), order...);
        ASSERT_TRUE(stable.pairs() == expected)
            << n << " rows, " << patterns[which] << ", " << pool->size() << " workers";
    }
}

TEST(zip, sorts_columns_together) {
    std::vector<std::size_t> sizes{0, 1, 2, 3, 15, 16, 17, 33, 100, 1000, 5000};
    if (!stress_test::sanitized) sizes.push_back(70'000);
    for (std::size_t const n : sizes)
        for (std::size_t const which : {0U, 1U, 2U, 5U, 7U}) {
            expect_sorted_columns<std::uint32_t>(which, n);
            expect_sorted_columns<std::uint32_t>(which, n, by_first);
            expect_sorted_columns<std::uint32_t>(which, n, std::greater<>(), first_part);
            expect_sorted_columns<std::string>(which, n, by_first);
            expect_sorted_columns<std::string>(which, n, std::less<>(), first_part);
            expect_sorted_columns<std::unique_ptr<std::uint32_t>>(which, n, by_first);
            expect_sorted_columns<careful>(which, n, by_first);
            expect_sorted_columns<careful>(which, n, std::less<>(), first_part);
        }
}

TEST(zip, keeps_rows_whole_when_a_comparison_throws) {
    for (std::size_t const n : {20U, 2000U, 20'000U}) {
        for (thread_pool* pool : pools()) {
            columns<std::string> input(pattern(0, n));
            auto before = input.pairs();
            std::atomic<int> left{static_cast<int>(n)};
            auto const bad = [&](auto const& a, auto const& b) {
                if (--left == 0) throw std::runtime_error("no order");
                return std::get<0>(a) < std::get<0>(b);
            };
            EXPECT_THROW(parallel_sort(*pool, zip(input.keys, input.rows), bad), std::runtime_error);
            auto after = input.pairs();
            std::ranges::sort(before);
            std::ranges::sort(after);
            EXPECT_TRUE(before == after) << n << " rows, " << pool->size() << " workers";
        }
    }
}

TEST(zip, selects_partitions_and_filters_rows) {
    auto const is_odd = [](auto const& row) { return std::get<0>(row) % 2 == 1; };
    for (std::size_t const n : {1U, 50U, 3000U, 40'000U}) {
        for (thread_pool* pool : pools()) {
            columns<std::string> const input(pattern(0, n));
            auto expected = input.pairs();
            auto const sorted_pairs = [](columns<std::string> const& of) {
                auto all = of.pairs();
                std::ranges::sort(all);
                return all;
            };
            std::ranges::sort(expected);

            columns<std::string> selected(pattern(0, n));
            auto rows = zip(selected.keys, selected.rows);
            auto const middle = static_cast<std::ptrdiff_t>(n / 2);
            parallel_nth_element(*pool, rows, rows.begin() + middle, by_first);
            EXPECT_EQ(selected.keys[n / 2], expected[n / 2].first);
            EXPECT_TRUE(sorted_pairs(selected) == expected);

            columns<std::string> parted(pattern(0, n));
            auto const rest = parallel_partition(*pool, zip(parted.keys, parted.rows), is_odd);
            std::size_t const odd = n - rest.size();
            for (std::size_t i = 0; i < n; ++i) ASSERT_EQ(parted.keys[i] % 2 == 1, i < odd);
            EXPECT_TRUE(sorted_pairs(parted) == expected);

            columns<std::uint32_t> plain(pattern(0, n));
            EXPECT_EQ(parallel_partition(*pool, zip(plain.keys, plain.rows), is_odd).size(), n - odd);
            for (std::size_t i = 0; i < n; ++i) ASSERT_EQ(plain.keys[i], input.keys[plain.rows[i]]);

            auto const copied = parallel_copy_if(*pool, zip(input.keys, input.rows), is_odd);
            ASSERT_EQ(copied.size(), odd);
            EXPECT_TRUE(std::ranges::all_of(copied, is_odd));

            columns<std::string> cut(pattern(0, n));
            EXPECT_EQ(parallel_remove_if(*pool, zip(cut.keys, cut.rows), is_odd).size(), odd);
            for (std::size_t i = 0, at = 0; i < n; ++i)
                if (input.keys[i] % 2 == 0) {
                    ASSERT_EQ(cut.keys[at], input.keys[i]);
                    ASSERT_EQ(number_in(cut.rows[at++]), i);
                }

            columns<std::string> few(pattern(9, n));
            auto const same = [](auto const& a, auto const& b) { return std::get<0>(a) / 2 == std::get<0>(b) / 2; };
            auto serial = few.pairs();
            serial.erase(std::unique(serial.begin(), serial.end(), same), serial.end());
            auto const gone = parallel_unique(*pool, zip(few.keys, few.rows), same);
            ASSERT_EQ(n - gone.size(), serial.size());
            for (std::size_t i = 0; i < serial.size(); ++i) ASSERT_EQ(number_in(few.rows[i]), serial[i].second);
        }
    }
}

TEST(zip, merges_columns) {
    for (std::size_t const n : {0U, 10U, 3000U, 30'000U}) {
        columns<std::string> a(pattern(5, n)), b(pattern(0, n / 2 + 3));
        for (std::uint32_t& key : b.keys) key %= 16;
        parallel_sort(zip(a.keys, a.rows), by_first);
        parallel_sort(zip(b.keys, b.rows), by_first);
        auto const left = a.pairs(), right = b.pairs();
        std::vector<std::pair<std::uint32_t, std::uint32_t>> expected(left.size() + right.size());
        std::ranges::merge(left, right, expected.begin(), by_first);
        for (thread_pool* pool : pools()) {
            columns<std::string> out{std::vector<std::uint32_t>(expected.size())};
            auto const& [keys, rows] = std::as_const(a);
            auto const end =
                parallel_merge(*pool, zip(keys, rows), zip(b.keys, b.rows), zip(out.keys, out.rows), by_first);
            EXPECT_EQ(end - zip(out.keys, out.rows).begin(), static_cast<std::ptrdiff_t>(expected.size()));
            EXPECT_TRUE(out.pairs() == expected) << n << " rows, " << pool->size() << " workers";
            EXPECT_TRUE(a.pairs() == left && b.pairs() == right);
        }
    }
}

TEST(zip, is_searched_counted_and_reduced) {
    std::vector<int> keys;
    std::vector<std::string> names;
    for (int i = 0; i < 5000; ++i) keys.push_back(i * 7919 % 5000), names.push_back(std::to_string(i));
    for (thread_pool* pool : pools()) {
        auto const is_last = [](auto const& row) { return std::get<0>(row) == 4999; };
        auto const found = parallel_find_if(*pool, zip(keys, names), is_last);
        ASSERT_EQ(std::get<0>(*found), 4999);
        EXPECT_EQ(found - zip(keys, names).begin(), std::ranges::find(keys, 4999) - keys.begin());
        EXPECT_EQ(parallel_count_if(*pool, zip(keys, names), is_last), 1);
        EXPECT_TRUE(parallel_any_of(*pool, zip(keys, names), is_last));
        EXPECT_EQ(std::get<0>(*parallel_max_element(*pool, zip(keys, names), by_first)), 4999);
        EXPECT_EQ(std::get<0>(*parallel_min_element(*pool, zip(keys, names))), 0);
        auto const length = [](auto const& row) { return std::get<1>(row).size(); };
        EXPECT_EQ(parallel_transform_reduce(*pool, zip(keys, names), std::size_t{0}, std::plus<>(), length),
                  10U + 180U + 2700U + 16'000U);
        EXPECT_EQ(parallel_histogram(*pool, zip(keys, names), 5, length)[4], 4000U);
        auto const groups = parallel_group_by(*pool, zip(keys, names), length);
        ASSERT_EQ(groups.size(), 4U);
        EXPECT_EQ(groups[3].second.size(), 4000U);
        std::vector<int> other(5000);
        std::vector<std::string> others(5000);
        parallel_copy(*pool, zip(keys, names), zip(other, others).begin());
        EXPECT_TRUE(other == keys && others == names);
        parallel_fill(*pool, zip(other, others), std::tuple(1, std::string("x")));
        EXPECT_EQ(others[4999], "x");
    }
}

} // namespace
