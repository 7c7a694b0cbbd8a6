// SPDX-License-Identifier: MIT
// Tests that the algorithms that move elements work through a program's own proxy references, as they do in
// std::ranges.
#include <hocket/filter.hpp>
#include <hocket/map.hpp>
#include <hocket/search.hpp>
#include <hocket/sort.hpp>

#include "sort_support.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iterator>
#include <type_traits>
#include <utility>
#include <vector>

namespace {

using namespace hocket;
using namespace sort_test;

/// Two columns behind a proxy of the program: rows are plain bytes, and no iterator gives a reference to a row.
struct row {
    std::uint32_t key = 0, place = 0;
    bool operator==(row const&) const = default;
    auto operator<=>(row const&) const = default;
};
struct row_proxy {
    std::uint32_t& key;
    std::uint32_t& place;
    operator row() const { return {key, place}; }
    row_proxy const& operator=(row const& from) const {
        key = from.key;
        place = from.place;
        return *this;
    }
    row_proxy const& operator=(row_proxy const& from) const { return *this = row(from); }
    row_proxy& operator=(row_proxy const& from) { return std::as_const(*this) = row(from), *this; }
    row_proxy(std::uint32_t& k, std::uint32_t& p) : key(k), place(p) {}
    row_proxy(row_proxy const&) = default;
};
struct row_iterator {
    using iterator_concept = std::random_access_iterator_tag;
    using iterator_category = std::input_iterator_tag;
    using value_type = row;
    using difference_type = std::ptrdiff_t;
    std::uint32_t *key = nullptr, *place = nullptr;
    row_proxy operator*() const { return {*key, *place}; }
    row_proxy operator[](difference_type n) const { return *(*this + n); }
    row_iterator& operator++() { return *this += 1; }
    row_iterator& operator--() { return *this += -1; }
    row_iterator operator++(int) { return std::exchange(*this, *this + 1); }
    row_iterator operator--(int) { return std::exchange(*this, *this + -1); }
    row_iterator& operator+=(difference_type n) { return key += n, place += n, *this; }
    row_iterator& operator-=(difference_type n) { return *this += -n; }
    friend row_iterator operator+(row_iterator a, difference_type n) { return a += n; }
    friend row_iterator operator+(difference_type n, row_iterator a) { return a += n; }
    friend row_iterator operator-(row_iterator a, difference_type n) { return a -= n; }
    friend difference_type operator-(row_iterator a, row_iterator b) { return a.key - b.key; }
    friend bool operator==(row_iterator a, row_iterator b) { return a.key == b.key; }
    friend auto operator<=>(row_iterator a, row_iterator b) { return a.key <=> b.key; }
};

} // namespace

namespace std {
template<template<class> class OfA, template<class> class OfB>
struct basic_common_reference<row_proxy, row, OfA, OfB> {
    using type = row;
};
template<template<class> class OfA, template<class> class OfB>
struct basic_common_reference<row, row_proxy, OfA, OfB> {
    using type = row;
};
} // namespace std

namespace {

static_assert(std::permutable<row_iterator> && std::is_trivially_copyable_v<row>);

TEST(proxies, of_the_program_are_treated_as_elements) {
    auto const key_of = [](row const& r) { return r.key; };
    auto const by_key_of = [](row const& a, row const& b) { return a.key < b.key; };
    auto const is_odd = [](row const& r) { return r.key % 2 == 1; };
    for (std::size_t const n : {3U, 100U, 5000U, detail::sanitized ? 20'000U : 70'000U}) {
        std::vector<row> rows;
        for (std::uint32_t const key : pattern(0, n))
            rows.push_back({key % 1000, static_cast<std::uint32_t>(rows.size())});
        for (thread_pool* pool : pools()) {
            std::vector<std::uint32_t> keys(n), places(n);
            row_iterator const begin{keys.data(), places.data()}, end = begin + static_cast<std::ptrdiff_t>(n);
            auto const here = [&](std::size_t length) {
                std::vector<row> all;
                for (std::size_t i = 0; i < length; ++i) all.push_back({keys[i], places[i]});
                return all;
            };
            parallel_copy(*pool, rows, begin);
            ASSERT_EQ(here(n), rows);
            auto expected = rows;
            std::ranges::stable_sort(expected, by_key_of);
            parallel_sort(*pool, begin, end, by_key_of);
            ASSERT_EQ(here(n), expected);
            parallel_copy(*pool, rows, begin);
            parallel_stable_sort(*pool, begin, end, std::less<>(), key_of);
            ASSERT_EQ(here(n), expected);

            parallel_copy(*pool, rows, begin);
            std::ranges::sort(expected);
            parallel_nth_element(*pool, begin, begin + static_cast<std::ptrdiff_t>(n / 2), end, by_key_of);
            EXPECT_EQ(keys[n / 2], expected[n / 2].key);
            auto rest = parallel_partition(*pool, begin, end, is_odd);
            auto all = here(n);
            EXPECT_TRUE(std::all_of(all.begin(), all.end() - std::ssize(rest), is_odd));
            EXPECT_TRUE(std::none_of(all.end() - std::ssize(rest), all.end(), is_odd));
            std::ranges::sort(all);
            ASSERT_EQ(all, expected);

            parallel_copy(*pool, rows, begin);
            std::vector<row> odd;
            std::ranges::copy_if(rows, std::back_inserter(odd), is_odd);
            EXPECT_EQ(parallel_copy_if(*pool, begin, end, is_odd), odd);
            auto const removed = parallel_remove_if(*pool, begin, end, [&](row const& r) { return !is_odd(r); });
            EXPECT_EQ(here(n - removed.size()), odd);
            auto const same = [](row const& a, row const& b) { return a.key / 64 == b.key / 64; };
            odd.erase(std::unique(odd.begin(), odd.end(), same), odd.end());
            auto const gone = parallel_unique(*pool, begin, removed.begin(), same);
            EXPECT_EQ(here(odd.size()), odd);
            EXPECT_EQ(gone.begin() - begin, std::ssize(odd));

            parallel_fill(*pool, begin, end, row{1, 2});
            EXPECT_EQ(parallel_count_if(*pool, begin, end, [](row const& r) { return r == row{1, 2}; }), n);
        }
    }
}

} // namespace
