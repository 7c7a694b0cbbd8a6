// SPDX-License-Identifier: MIT
// Runs the algorithms that hocket has in common with the standard library on the readings of a thermometer, and prints
// which of them agree with the serial ones.
#include <hocket/hocket.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <functional>
#include <memory>
#include <numeric>
#include <span>
#include <vector>

using readings = std::vector<int>;

/// Returns a day's temperatures in tenths of a degree, one for each tenth of a second: warm at noon, and no two days
/// alike.
readings measure(std::size_t day) {
    readings all(864'000);
    for (std::size_t i = 0; i < all.size(); ++i) {
        std::size_t const from_noon = i < all.size() / 2 ? all.size() / 2 - i : i - all.size() / 2;
        all[i] =
            250 - static_cast<int>(from_noon / 4000) + static_cast<int>((i / 7 * 2654435761U + day * 40503U) >> 11 & 7);
    }
    return all;
}

int different = 0;

void say(char const* name, bool agrees) {
    std::printf("%-34s%s\n", name, agrees ? "agrees" : "DIFFERS");
    different += agrees ? 0 : 1;
}

void searches(readings const& day, readings const& next) {
    auto const begin = day.begin(), end = day.end();
    auto const is_cold = [](int t) { return t < 200; };
    readings const three{257, 257, 257};
    say("find", hocket::parallel_find(day, 255) == std::find(begin, end, 255));
    say("find_if_not", hocket::parallel_find_if_not(day, is_cold) == std::find_if_not(begin, end, is_cold));
    say("find_first_of",
        hocket::parallel_find_first_of(day, three) == std::find_first_of(begin, end, three.begin(), three.end()));
    say("adjacent_find", hocket::parallel_adjacent_find(day) == std::adjacent_find(begin, end));
    say("search", hocket::parallel_search(day, three) == std::search(begin, end, three.begin(), three.end()));
    say("find_end", hocket::parallel_find_end(day, three) == std::find_end(begin, end, three.begin(), three.end()));
    say("search_n", hocket::parallel_search_n(day, 14, 257) == std::search_n(begin, end, 14, 257));
    say("count", hocket::parallel_count(day, 255) == static_cast<std::size_t>(std::count(begin, end, 255)));
    say("equal", hocket::parallel_equal(day, next) == std::equal(begin, end, next.begin(), next.end()));
    say("mismatch", hocket::parallel_mismatch(day, next) == std::mismatch(begin, end, next.begin(), next.end()));
    say("lexicographical_compare", hocket::parallel_lexicographical_compare(day, next) == (day < next));
}

void orders(readings const& day) {
    auto const begin = day.begin(), end = day.end();
    auto const is_cold = [](int t) { return t < 200; };
    say("is_sorted", hocket::parallel_is_sorted(day) == std::is_sorted(begin, end));
    say("is_sorted_until", hocket::parallel_is_sorted_until(day) == std::is_sorted_until(begin, end));
    say("is_heap", hocket::parallel_is_heap(day) == std::is_heap(begin, end));
    say("is_heap_until", hocket::parallel_is_heap_until(day) == std::is_heap_until(begin, end));
    say("is_partitioned", hocket::parallel_is_partitioned(day, is_cold) == std::is_partitioned(begin, end, is_cold));
}

/// Compares the day that an algorithm writes with the day that a serial one writes.
void say(char const* name, readings const& before, auto const& parallel, auto const& serial) {
    readings here = before, expected = before;
    parallel(here);
    serial(expected);
    say(name, here == expected);
}

void writes(readings const& day, readings const& next) {
    auto const begin = day.begin(), end = day.end();
    auto const is_cold = [](int t) { return t < 200; };
    auto const mean = [](int a, int b) { return (a + b) / 2; };
    auto const kelvin = [](int t) { return t + 2732; };
    auto const by_place = [](std::size_t i) { return static_cast<int>(i % 10); };
    auto const noon = [](readings& v) { return v.begin() + static_cast<std::ptrdiff_t>(v.size() / 2); };
    auto const out = [&](char const* name, auto const& parallel, auto const& serial) {
        say(name, day, parallel, serial);
    };
    out(
        "transform", [&](readings& v) { hocket::parallel_transform(day, next, v, mean); },
        [&](readings& v) { std::transform(begin, end, next.begin(), v.begin(), mean); });
    out(
        "for_each_n",
        [&](readings& v) { hocket::parallel_for_each_n(v.begin(), 1000, [&](int& t) { t = kelvin(t); }); },
        [&](readings& v) { std::for_each_n(v.begin(), 1000, [&](int& t) { t = kelvin(t); }); });
    out(
        "adjacent_difference", [&](readings& v) { hocket::parallel_adjacent_difference(day, v); },
        [&](readings& v) { std::adjacent_difference(begin, end, v.begin()); });
    out(
        "replace", [](readings& v) { hocket::parallel_replace(v, 255, 0); },
        [](readings& v) { std::replace(v.begin(), v.end(), 255, 0); });
    out(
        "replace_if", [&](readings& v) { hocket::parallel_replace_if(v, is_cold, 0); },
        [&](readings& v) { std::replace_if(v.begin(), v.end(), is_cold, 0); });
    out(
        "replace_copy", [&](readings& v) { hocket::parallel_replace_copy(day, v, 255, 0); },
        [&](readings& v) { std::replace_copy(begin, end, v.begin(), 255, 0); });
    out(
        "replace_copy_if", [&](readings& v) { hocket::parallel_replace_copy_if(day, v, is_cold, 0); },
        [&](readings& v) { std::replace_copy_if(begin, end, v.begin(), is_cold, 0); });
    out(
        "copy_n", [&](readings& v) { hocket::parallel_copy_n(next.begin(), 1000, v); },
        [&](readings& v) { std::copy_n(next.begin(), 1000, v.begin()); });
    out(
        "fill_n", [](readings& v) { hocket::parallel_fill_n(v.begin(), 1000, 7); },
        [](readings& v) { std::fill_n(v.begin(), 1000, 7); });
    out(
        "generate_n", [&](readings& v) { hocket::parallel_generate_n(v.begin(), 1000, by_place); },
        [&](readings& v) {
            std::generate_n(v.begin(), 1000, [&, i = std::size_t{0}]() mutable { return by_place(i++); });
        });
    out(
        "move", [&](readings& v) { hocket::parallel_move(readings(next), v); }, [&](readings& v) { v = next; });
    out(
        "reverse", [](readings& v) { hocket::parallel_reverse(v); },
        [](readings& v) { std::reverse(v.begin(), v.end()); });
    out(
        "reverse_copy", [&](readings& v) { hocket::parallel_reverse_copy(next, v); },
        [&](readings& v) { std::reverse_copy(next.begin(), next.end(), v.begin()); });
    out(
        "rotate", [&](readings& v) { hocket::parallel_rotate(v, noon(v)); },
        [&](readings& v) { std::rotate(v.begin(), noon(v), v.end()); });
    out(
        "rotate_copy", [&](readings& v) { hocket::parallel_rotate_copy(next, next.begin() + 9, v); },
        [&](readings& v) { std::rotate_copy(next.begin(), next.begin() + 9, next.end(), v.begin()); });
    out(
        "shift_left", [](readings& v) { v.erase(hocket::parallel_shift_left(v, 1000).end(), v.end()); },
        [](readings& v) { v.erase(std::shift_left(v.begin(), v.end(), 1000), v.end()); });
    out(
        "shift_right", [](readings& v) { v.erase(v.begin(), hocket::parallel_shift_right(v, 1000).begin()); },
        [](readings& v) { v.erase(v.begin(), std::shift_right(v.begin(), v.end(), 1000)); });
    out(
        "swap_ranges",
        [&](readings& v) {
            readings other = next;
            hocket::parallel_swap_ranges(v, other);
        },
        [&](readings& v) {
            readings other = next;
            std::swap_ranges(v.begin(), v.end(), other.begin());
        });
}

void filters(readings const& day) {
    auto const begin = day.begin(), end = day.end();
    auto const is_cold = [](int t) { return t < 200; };
    auto const out = [&](char const* name, auto const& parallel, auto const& serial) {
        say(name, day, parallel, serial);
    };
    out(
        "remove", [](readings& v) { v.erase(hocket::parallel_remove(v, 255).begin(), v.end()); },
        [](readings& v) { v.erase(std::remove(v.begin(), v.end(), 255), v.end()); });
    out(
        "remove_copy", [&](readings& v) { v = hocket::parallel_remove_copy(day, 255); },
        [&](readings& v) { v.erase(std::remove_copy(begin, end, v.begin(), 255), v.end()); });
    out(
        "remove_copy_if",
        [&](readings& v) { v.erase(hocket::parallel_remove_copy_if(day, v.begin(), is_cold), v.end()); },
        [&](readings& v) { v.erase(std::remove_copy_if(begin, end, v.begin(), is_cold), v.end()); });
    out(
        "unique_copy", [&](readings& v) { v.erase(hocket::parallel_unique_copy(day, v.begin()), v.end()); },
        [&](readings& v) { v.erase(std::unique_copy(begin, end, v.begin()), v.end()); });
    out(
        "partition_copy",
        [&](readings& v) {
            readings warm(v);
            hocket::parallel_partition_copy(day, v.begin(), warm.begin(), is_cold);
        },
        [&](readings& v) {
            readings warm(v);
            std::partition_copy(begin, end, v.begin(), warm.begin(), is_cold);
        });
    out(
        "stable_partition", [&](readings& v) { hocket::parallel_stable_partition(v, is_cold); },
        [&](readings& v) { std::stable_partition(v.begin(), v.end(), is_cold); });
}

/// Compares the algorithms on two sorted days.
void sorted(readings day, readings next) {
    auto const middle = [](readings& v) { return v.begin() + static_cast<std::ptrdiff_t>(v.size() / 2); };
    auto const front = [&](readings& v, auto const& sort) { sort(v), v.erase(middle(v), v.end()); };
    auto const out = [&](char const* name, auto const& parallel, auto const& serial) {
        say(name, day, parallel, serial);
    };
    out(
        "partial_sort",
        [&](readings& v) { front(v, [&](readings& all) { hocket::parallel_partial_sort(all, middle(all)); }); },
        [&](readings& v) { front(v, [&](readings& all) { std::partial_sort(all.begin(), middle(all), all.end()); }); });
    out(
        "partial_sort_copy", [&](readings& v) { v.resize(1000), hocket::parallel_partial_sort_copy(day, v); },
        [&](readings& v) { v.resize(1000), std::partial_sort_copy(day.begin(), day.end(), v.begin(), v.end()); });
    std::sort(next.begin(), next.end());
    std::sort(day.begin(), middle(day));
    std::sort(middle(day), day.end());
    out(
        "inplace_merge", [&](readings& v) { hocket::parallel_inplace_merge(v, middle(v)); },
        [&](readings& v) { std::inplace_merge(v.begin(), middle(v), v.end()); });
    std::sort(day.begin(), day.end());
    auto const both = [&](char const* name, auto const& parallel, auto const& serial) {
        readings one(day.size() + next.size()), other = one;
        one.erase(parallel(day, next, one), one.end());
        other.erase(serial(day.begin(), day.end(), next.begin(), next.end(), other.begin()), other.end());
        say(name, one == other);
    };
    both("set_union", hocket::parallel_set_union, [](auto... all) { return std::set_union(all...); });
    both("set_intersection", hocket::parallel_set_intersection,
         [](auto... all) { return std::set_intersection(all...); });
    both("set_difference", hocket::parallel_set_difference, [](auto... all) { return std::set_difference(all...); });
    both("set_symmetric_difference", hocket::parallel_set_symmetric_difference,
         [](auto... all) { return std::set_symmetric_difference(all...); });
    say("includes",
        hocket::parallel_includes(day, next) == std::includes(day.begin(), day.end(), next.begin(), next.end()));
}

void scans(readings const& day) {
    auto const out = [&](char const* name, auto const& parallel, auto const& serial) {
        say(name, day, parallel, serial);
    };
    auto const from_mean = [](int t) { return t - 200; };
    out(
        "transform_inclusive_scan",
        [&](readings& v) { hocket::parallel_transform_inclusive_scan(day, v, std::plus<>(), from_mean); },
        [&](readings& v) {
            std::transform_inclusive_scan(day.begin(), day.end(), v.begin(), std::plus<>(), from_mean);
        });
    out(
        "transform_exclusive_scan",
        [&](readings& v) { hocket::parallel_transform_exclusive_scan(day, v, 5, std::plus<>(), from_mean); },
        [&](readings& v) {
            std::transform_exclusive_scan(day.begin(), day.end(), v.begin(), 5, std::plus<>(), from_mean);
        });
}

/// Compares the algorithms on raw memory.
void in_memory(readings const& day) {
    std::allocator<int> memory;
    int* const here = memory.allocate(day.size());
    std::span<int> const all(here, day.size());
    auto const holds = [&](char const* name, auto const& expected) {
        say(name, hocket::parallel_equal(all, expected));
        hocket::parallel_destroy(all);
    };
    hocket::parallel_uninitialized_copy(day, all);
    holds("uninitialized_copy", day);
    hocket::parallel_uninitialized_copy_n(day.begin(), day.size(), here);
    holds("uninitialized_copy_n", day);
    hocket::parallel_uninitialized_move(readings(day), all);
    holds("uninitialized_move", day);
    hocket::parallel_uninitialized_move_n(readings(day).begin(), day.size(), here);
    holds("uninitialized_move_n", day);
    hocket::parallel_uninitialized_fill(all, 7);
    holds("uninitialized_fill", readings(day.size(), 7));
    hocket::parallel_uninitialized_fill_n(here, day.size(), 8);
    holds("uninitialized_fill_n", readings(day.size(), 8));
    hocket::parallel_uninitialized_value_construct(all);
    holds("uninitialized_value_construct", readings(day.size()));
    hocket::parallel_uninitialized_value_construct_n(here, day.size());
    holds("uninitialized_value_construct_n", readings(day.size()));
    hocket::parallel_uninitialized_default_construct(all); // without values
    hocket::parallel_fill(all, 1);
    holds("uninitialized_default_construct", readings(day.size(), 1));
    hocket::parallel_uninitialized_default_construct_n(here, day.size());
    hocket::parallel_fill(all, 2);
    say("destroy_n", hocket::parallel_destroy_n(here, day.size()) == here + day.size());
    memory.deallocate(here, day.size());
}

int main() {
    readings const day = measure(1), next = measure(2);
    searches(day, next);
    orders(day);
    writes(day, next);
    filters(day);
    sorted(day, next);
    scans(day);
    in_memory(day);
    std::printf("%d of them differ\n", different);
    return different == 0 ? 0 : 1;
}
