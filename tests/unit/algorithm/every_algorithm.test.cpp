// SPDX-License-Identifier: MIT
// Tests of the properties that all algorithms share: an algorithm counts its progress, it can be stopped, and it
// reports failures as the options ask. The details of each algorithm are tested beside its own header.
#include <hocket/hocket.hpp>

#include "unit/algorithm/algorithm_support.hpp"
#include "unit/algorithm/visitors.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <numeric>
#include <stop_token>
#include <string>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

namespace {

using namespace hocket;
using algorithm_test::failure_at;
using algorithm_test::on_small_stack;
using algorithm_test::pools;

using algorithm_test::visitor;
using algorithm_test::visitors;

/// Returns the algorithms that call their callables any number of times, or have none.
std::vector<visitor> others() {
    return {
        {"parallel_for_chunks",
         [](auto& pool, auto& v, auto&, auto& options) {
             parallel_for_chunks(
                 pool, v, [](auto) {}, options);
         }},
        {"parallel_reduce",
         [](auto& pool, auto& v, auto&, auto& options) {
             static_cast<void>(parallel_reduce(pool, v, 0L, std::plus<>(), options));
         }},
        {"parallel_inclusive_scan",
         [](auto& pool, auto& v, auto&, auto& options) {
             parallel_inclusive_scan(
                 pool, v, v, [](int a, int b) { return a ^ b; }, options);
         }},
        {"parallel_exclusive_scan",
         [](auto& pool, auto& v, auto&, auto& options) {
             parallel_exclusive_scan(
                 pool, v, v, 0, [](int a, int b) { return a ^ b; }, options);
         }},
        {"parallel_sort", [](auto& pool, auto& v, auto&, auto& options) { parallel_sort(pool, v, options); }},
        {"parallel_stable_sort",
         [](auto& pool, auto& v, auto&, auto& options) { parallel_stable_sort(pool, v, options); }},
        {"parallel_nth_element",
         [](auto& pool, auto& v, auto&, auto& options) {
             parallel_nth_element(pool, v, v.begin() + static_cast<std::ptrdiff_t>(v.size() / 2), options);
         }},
        {"parallel_unique", [](auto& pool, auto& v, auto&, auto& options) { parallel_unique(pool, v, options); }},
        {"parallel_reduce_by_key",
         [](auto& pool, auto& v, auto&, auto& options) {
             static_cast<void>(parallel_reduce_by_key(pool, v, v, std::plus<>(), options));
         }},
        {"parallel_min_element",
         [](auto& pool, auto& v, auto&, auto& options) { static_cast<void>(parallel_min_element(pool, v, options)); }},
        {"parallel_minmax_element",
         [](auto& pool, auto& v, auto&, auto& options) {
             static_cast<void>(parallel_minmax_element(pool, v, options));
         }},
        {"parallel_fill", [](auto& pool, auto& v, auto&, auto& options) { parallel_fill(pool, v, 3, options); }},
        {"parallel_iota", [](auto& pool, auto& v, auto&, auto& options) { parallel_iota(pool, v, 3, options); }},
        {"parallel_copy",
         [](auto& pool, auto& v, auto&, auto& options) {
             std::vector<int> out(v.size());
             parallel_copy(pool, v, out.begin(), options);
         }},
        {"parallel_merge",
         [](auto& pool, auto& v, auto&, auto& options) {
             std::vector<int> const none;
             std::vector<int> out(v.size());
             parallel_merge(pool, v, none, out.begin(), options);
         }},
        {"parallel_find",
         [](auto& pool, auto& v, auto&, auto& options) { static_cast<void>(parallel_find(pool, v, -1, options)); }},
        {"parallel_count",
         [](auto& pool, auto& v, auto&, auto& options) { static_cast<void>(parallel_count(pool, v, -1, options)); }},
        {"parallel_find_first_of",
         [](auto& pool, auto& v, auto&, auto& options) {
             static_cast<void>(parallel_find_first_of(pool, v, std::vector<int>{-1, -2}, options));
         }},
        {"parallel_adjacent_find", [](auto& pool, auto& v, auto&,
                                      auto& options) { static_cast<void>(parallel_adjacent_find(pool, v, options)); }},
        {"parallel_search",
         [](auto& pool, auto& v, auto&, auto& options) {
             static_cast<void>(parallel_search(pool, v, std::vector<int>{-1, -2}, options));
         }},
        {"parallel_find_end",
         [](auto& pool, auto& v, auto&, auto& options) {
             static_cast<void>(parallel_find_end(pool, v, std::vector<int>{-1, -2}, options));
         }},
        {"parallel_search_n", [](auto& pool, auto& v, auto&,
                                 auto& options) { static_cast<void>(parallel_search_n(pool, v, 1, -1, options)); }},
        {"parallel_mismatch",
         [](auto& pool, auto& v, auto&, auto& options) { static_cast<void>(parallel_mismatch(pool, v, v, options)); }},
        {"parallel_lexicographical_compare",
         [](auto& pool, auto& v, auto&, auto& options) {
             static_cast<void>(parallel_lexicographical_compare(pool, v, v, options));
         }},
        {"parallel_is_sorted_until",
         [](auto& pool, auto& v, auto&, auto& options) {
             static_cast<void>(parallel_is_sorted_until(
                 pool, v, [](int, int) { return false; }, options));
         }},
        {"parallel_is_heap",
         [](auto& pool, auto& v, auto&, auto& options) {
             static_cast<void>(parallel_is_heap(
                 pool, v, [](int, int) { return false; }, options));
         }},
        {"parallel_includes",
         [](auto& pool, auto& v, auto&, auto& options) {
             static_cast<void>(parallel_includes(
                 pool, v, v, [](int, int) { return false; }, options));
         }},
        {"parallel_replace",
         [](auto& pool, auto& v, auto&, auto& options) { parallel_replace(pool, v, 3, 4, options); }},
        {"parallel_reverse", [](auto& pool, auto& v, auto&, auto& options) { parallel_reverse(pool, v, options); }},
        {"parallel_rotate",
         [](auto& pool, auto& v, auto&, auto& options) {
             parallel_rotate(pool, v, v.begin() + static_cast<std::ptrdiff_t>(v.size() / 2), options);
         }},
        {"parallel_shift_left",
         [](auto& pool, auto& v, auto&, auto& options) { parallel_shift_left(pool, v, 1, options); }},
        {"parallel_remove", [](auto& pool, auto& v, auto&, auto& options) { parallel_remove(pool, v, 3, options); }},
        {"parallel_partial_sort",
         [](auto& pool, auto& v, auto&, auto& options) {
             parallel_partial_sort(pool, v, v.begin() + static_cast<std::ptrdiff_t>(v.size() / 2), options);
         }},
        {"parallel_inplace_merge",
         [](auto& pool, auto& v, auto&, auto& options) {
             parallel_inplace_merge(
                 pool, v, v.begin() + static_cast<std::ptrdiff_t>(v.size() / 2), [](int, int) { return false; },
                 options);
         }},
        {"parallel_destroy", [](auto& pool, auto& v, auto&, auto& options) { parallel_destroy(pool, v, options); }},
        {"parallel_adjacent_difference",
         [](auto& pool, auto& v, auto&, auto& options) {
             std::vector<int> out(v.size());
             parallel_adjacent_difference(pool, v, out.begin(), options);
         }},
        {"parallel_reverse_copy",
         [](auto& pool, auto& v, auto&, auto& options) {
             std::vector<int> out(v.size());
             parallel_reverse_copy(pool, v, out.begin(), options);
         }},
        {"parallel_move",
         [](auto& pool, auto& v, auto&, auto& options) {
             std::vector<int> out(v.size());
             parallel_move(pool, v, out.begin(), options);
         }},
        {"parallel_unique_copy",
         [](auto& pool, auto& v, auto&, auto& options) {
             std::vector<int> out(v.size());
             parallel_unique_copy(pool, v, out.begin(), options);
         }},
        {"parallel_swap_ranges",
         [](auto& pool, auto& v, auto&, auto& options) {
             std::vector<int> out(v.size());
             parallel_swap_ranges(pool, v, out.begin(), options);
         }},
        {"parallel_partial_sort_copy",
         [](auto& pool, auto& v, auto&, auto& options) {
             std::vector<int> out(v.size() / 2);
             parallel_partial_sort_copy(pool, v, out, options);
         }},
        {"parallel_set_union",
         [](auto& pool, auto& v, auto&, auto& options) {
             std::vector<int> out(v.size());
             parallel_set_union(pool, v, std::vector<int>(), out.begin(), options);
         }},
        {"parallel_transform_inclusive_scan",
         [](auto& pool, auto& v, auto&, auto& options) {
             parallel_transform_inclusive_scan(
                 pool, v, v, [](int a, int b) { return a ^ b; }, [](int i) { return i; }, options);
         }},
    };
}

std::vector<visitor> all() {
    std::vector<visitor> every = visitors();
    for (visitor& one : others()) every.push_back(std::move(one));
    return every;
}

std::vector<int> numbers_up_to(int n) {
    std::vector<int> numbers(static_cast<std::size_t>(n));
    std::iota(numbers.begin(), numbers.end(), 0);
    return numbers;
}

/// Large lengths, smaller where each step is ten times slower.
constexpr int medium = algorithm_test::sanitized_run() ? 5'000 : 30'000;
constexpr int large = algorithm_test::sanitized_run() ? 20'000 : 70'000;
constexpr int larger = algorithm_test::sanitized_run() ? 20'000 : 100'000;
constexpr int lengths[] = {0, 1, 10, 64, 65, 1000, large};

bool are_all_one(std::vector<std::atomic<int>> const& visits) {
    return std::all_of(visits.begin(), visits.end(), [](std::atomic<int> const& count) { return count == 1; });
}

TEST(every_algorithm, counts_each_element_once) {
    for (visitor const& algorithm : all())
        for (thread_pool* pool : pools())
            for (int const n : lengths)
                for (error_policy const errors : {error_policy::first, error_policy::collect}) {
                    std::vector<int> values = numbers_up_to(n);
                    progress bar;
                    algorithm.run(*pool, values, [](int) {}, {.progress = &bar, .errors = errors});
                    ASSERT_EQ(bar.total(), static_cast<std::uint64_t>(n)) << algorithm.name;
                    ASSERT_EQ(bar.done(), static_cast<std::uint64_t>(n)) << algorithm.name;
                }
}

TEST(every_algorithm, visits_each_element_once) {
    for (visitor const& algorithm : visitors())
        for (thread_pool* pool : pools())
            for (int const n : lengths)
                for (error_policy const errors : {error_policy::first, error_policy::collect}) {
                    std::vector<int> values = numbers_up_to(n);
                    std::vector<std::atomic<int>> visits(static_cast<std::size_t>(n));
                    auto const visit = [&](int i) { ++visits[static_cast<std::size_t>(i)]; };
                    algorithm.run(*pool, values, visit, {.errors = errors});
                    ASSERT_TRUE(are_all_one(visits)) << algorithm.name << " of " << n;
                }
}

TEST(every_algorithm, shares_what_takes_long_however_few_the_elements_are) {
    thread_pool pool({.workers = 4});
    for (visitor const& algorithm : visitors())
        for (int const n : {40, 2000}) {
            std::vector<int> values = numbers_up_to(n);
            std::atomic<int> inside = 0;
            std::atomic<bool> together = false;
            auto const visit = [&](int i) {
                if (i % (n / 40) != 0 || together) return;
                if (++inside > 1) together = true;
                for (int k = 0; k < 5 && !together; ++k) std::this_thread::sleep_for(std::chrono::milliseconds(2));
                --inside;
            };
            algorithm.run(pool, values, visit, {});
            EXPECT_TRUE(together) << algorithm.name << " of " << n;
        }
}

TEST(every_algorithm, shares_comparisons_that_take_long_however_few_the_elements_are) {
    thread_pool pool({.workers = 4});
    std::atomic<int> inside = 0;
    std::atomic<bool> together = false;
    auto const work = [&] {
        if (together) return;
        if (++inside > 1) together = true;
        std::this_thread::sleep_for(std::chrono::microseconds(100));
        --inside;
    };
    auto const less = [&](int a, int b) { return work(), a < b; };
    auto const key = [&](int i) { return work(), -i; };
    std::pair<char const*, std::function<void(std::vector<int>&)>> const algorithms[] = {
        {"parallel_sort", [&](auto& v) { parallel_sort(pool, v, less); }},
        {"parallel_stable_sort", [&](auto& v) { parallel_stable_sort(pool, v, less); }},
        {"parallel_sort by keys", [&](auto& v) { parallel_sort(pool, v, std::ranges::less{}, key); }},
        {"parallel_sort of strings by keys",
         [&](auto& v) {
             std::vector<std::string> strings;
             for (int const i : v) strings.push_back(std::to_string(i));
             parallel_sort(pool, strings, std::ranges::less{},
                           [&](std::string const& s) { return work(), std::stoi(s); });
         }},
        {"parallel_merge",
         [&](auto& v) {
             std::vector<int> out(2 * v.size());
             parallel_merge(pool, v, v, out, less);
         }},
        {"parallel_nth_element",
         [&](auto& v) { parallel_nth_element(pool, v, v.begin() + static_cast<std::ptrdiff_t>(v.size() / 3), less); }},
        {"parallel_nth_element by keys",
         [&](auto& v) { parallel_nth_element(pool, v, v.begin() + 1, std::ranges::less{}, key); }},
        {"parallel_min_element", [&](auto& v) { static_cast<void>(parallel_min_element(pool, v, less)); }},
        {"parallel_minmax_element", [&](auto& v) { static_cast<void>(parallel_minmax_element(pool, v, less)); }},
    };
    for (auto const& [name, run] : algorithms)
        for (int const n : {64, 1000, 5000, 10'000}) {
            std::vector<int> values = numbers_up_to(n);
            together = false;
            run(values);
            EXPECT_TRUE(together) << name << " of " << n;
        }
}

struct wide {
    int key = 0;
    int rest[7] = {};
};
struct very_wide {
    int key = 0;
    int rest[63] = {};
};

/// Runs sorts and selections of `T`s, by keys that are numbers and by a comparator.
template<class T, class Key>
void sort_in_all_ways(thread_pool& pool, int n, Key const& key) {
    std::vector<T> mixed(static_cast<std::size_t>(n));
    for (int i = 0; i < n; ++i) key(mixed[static_cast<std::size_t>(i)]) = (i * 7919) % n;
    auto const less = [&key](T const& a, T const& b) { return key(a) < key(b); };
    auto const sorted = [&](auto const& algorithm) {
        std::vector<T> values = mixed;
        algorithm(values);
        EXPECT_TRUE(std::is_sorted(values.begin(), values.end(), less));
    };
    sorted([&](auto& v) { parallel_sort(pool, v, less); });
    sorted([&](auto& v) { parallel_sort(pool, v, std::ranges::less{}, key); });
    sorted([&](auto& v) { parallel_stable_sort(pool, v, std::ranges::less{}, key); });
    std::vector<T> values = mixed;
    parallel_nth_element(pool, values, values.begin() + n / 2, less);
    EXPECT_EQ(key(values[static_cast<std::size_t>(n / 2)]), n / 2);
}

TEST(every_algorithm, can_be_called_from_a_small_stack) {
    for (thread_pool* pool : pools()) {
        for (visitor const& algorithm : all()) {
            std::vector<int> values = numbers_up_to(larger);
            for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<int>(i * 7919 % values.size());
            on_small_stack([&] { algorithm.run(*pool, values, [](int) {}, {}); });
        }
        for (int const n : {1000, medium, larger})
            on_small_stack([&] {
                sort_in_all_ways<int>(
                    *pool, n, [](auto& x) -> auto& { return x; });
                sort_in_all_ways<double>(
                    *pool, n, [](auto& x) -> auto& { return x; });
                sort_in_all_ways<wide>(
                    *pool, n, [](auto& x) -> auto& { return x.key; });
                sort_in_all_ways<very_wide>(
                    *pool, n, [](auto& x) -> auto& { return x.key; });
            });
    }
}

TEST(every_algorithm, does_nothing_when_it_was_stopped_before) {
    std::stop_source source;
    source.request_stop();
    for (visitor const& algorithm : all())
        for (thread_pool* pool : pools())
            for (int const n : lengths) {
                std::vector<int> values = numbers_up_to(n);
                std::vector<int> const before = values;
                std::atomic<int> visits = 0;
                loop_options const options{.stop = source.get_token()};
                ASSERT_THROW(algorithm.run(
                                 *pool, values, [&](int) { ++visits; }, options),
                             operation_cancelled)
                    << algorithm.name << " of " << n;
                ASSERT_EQ(visits, 0) << algorithm.name;
                ASSERT_EQ(values, before) << algorithm.name;
            }
}

TEST(every_algorithm, ends_with_operation_cancelled_when_it_is_stopped_on_the_way) {
    for (visitor const& algorithm : visitors())
        for (thread_pool* pool : pools())
            for (int const n : {1, large}) {
                std::vector<int> values = numbers_up_to(n);
                std::stop_source source;
                auto const visit = [&](int i) {
                    if (i == n / 2) source.request_stop();
                };
                ASSERT_THROW(algorithm.run(*pool, values, visit, {.stop = source.get_token()}), operation_cancelled)
                    << algorithm.name << " of " << n;
            }
}

TEST(every_algorithm, rethrows_the_failure_of_the_lowest_index) {
    for (visitor const& algorithm : visitors())
        for (thread_pool* pool : pools())
            for (int const n : {1, 10, 1000, large}) {
                std::vector<int> values = numbers_up_to(n);
                auto const visit = [n](int i) {
                    if (i == n - 1 || i == n / 2) throw failure_at(i);
                };
                ASSERT_THROW(algorithm.run(*pool, values, visit, {}), failure_at) << algorithm.name << " of " << n;
            }
    EXPECT_EQ(failure_at::live, 0);
}

TEST(every_algorithm, lists_every_failure_that_it_is_to_collect) {
    for (visitor const& algorithm : visitors())
        for (thread_pool* pool : pools())
            for (int const n : {4, 64, 65, 1000, 20'000}) {
                std::vector<int> values = numbers_up_to(n);
                std::vector<std::atomic<int>> visits(static_cast<std::size_t>(n));
                auto const visit = [&](int i) {
                    ++visits[static_cast<std::size_t>(i)];
                    if (i % 10 == 3) throw failure_at(i);
                };
                try {
                    algorithm.run(*pool, values, visit, {.errors = error_policy::collect});
                    FAIL() << algorithm.name;
                } catch (parallel_error const& error) {
                    ASSERT_EQ(error.failures().size(), static_cast<std::size_t>((n + 6) / 10)) << algorithm.name;
                    bool const by_place = std::string(algorithm.name) != "parallel_generate"; // its calls have no index
                    for (std::size_t k = 0; by_place && k < error.failures().size(); ++k)
                        ASSERT_EQ(error.failures()[k].index, 10 * k + 3) << algorithm.name;
                }
                ASSERT_TRUE(are_all_one(visits)) << algorithm.name << " of " << n;
            }
    EXPECT_EQ(failure_at::live, 0);
}

} // namespace
