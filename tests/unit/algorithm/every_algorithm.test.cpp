// SPDX-License-Identifier: MIT
// What holds for each algorithm alike: it counts its progress, it can be stopped, and its failures are those that the
// options ask for. How each behaves in detail is tested beside its own header.
#include <hocket/hocket.hpp>

#include "unit/algorithm/algorithm_support.hpp"

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

using call_of =
    std::function<void(thread_pool&, std::vector<int>&, std::function<void(int)> const&, loop_options const&)>;

/// An algorithm that calls what the program gives it once for each element: `visit` stands in for that.
struct visitor {
    char const* name;
    call_of run;
};

std::vector<visitor> visitors() {
    return {
        {"parallel_for",
         [](auto& pool, auto& v, auto& visit, auto& options) {
             parallel_for(
                 pool, v, [&](int i) { visit(i); }, options);
         }},
        {"parallel_for over integers",
         [](auto& pool, auto& v, auto& visit, auto& options) {
             parallel_for(
                 pool, std::size_t{0}, v.size(), [&](std::size_t i) { visit(static_cast<int>(i)); }, options);
         }},
        {"parallel_for_each",
         [](auto& pool, auto& v, auto& visit, auto& options) {
             parallel_for_each(
                 pool, v, [&](int i, feeder<int>&) { visit(i); }, options);
         }},
        {"parallel_map",
         [](auto& pool, auto& v, auto& visit, auto& options) {
             static_cast<void>(parallel_map(
                 pool, v, [&](int i) { return visit(i), i; }, options));
         }},
        {"parallel_map into storage",
         [](auto& pool, auto& v, auto& visit, auto& options) {
             std::vector<int> out(v.size());
             parallel_map(
                 pool, v, out.begin(), [&](int i) { return visit(i), i; }, options);
         }},
        {"parallel_starmap",
         [](auto& pool, auto& v, auto& visit, auto& options) {
             std::vector<std::tuple<int, int>> pairs;
             for (int const i : v) pairs.emplace_back(i, i);
             static_cast<void>(parallel_starmap(
                 pool, pairs, [&](int i, int) { return visit(i), i; }, options));
         }},
        {"parallel_transform_reduce",
         [](auto& pool, auto& v, auto& visit, auto& options) {
             static_cast<void>(parallel_transform_reduce(
                 pool, v, 0L, std::plus<>(), [&](int i) { return visit(i), long{i}; }, options));
         }},
        {"parallel_copy_if",
         [](auto& pool, auto& v, auto& visit, auto& options) {
             static_cast<void>(parallel_copy_if(
                 pool, v, [&](int i) { return visit(i), i % 2 == 0; }, options));
         }},
        {"parallel_copy_if of strings",
         [](auto& pool, auto& v, auto& visit, auto& options) {
             std::vector<std::string> strings;
             for (int const i : v) strings.push_back(std::to_string(i));
             auto const pred = [&](std::string const& s) { return visit(std::stoi(s)), s.size() % 2 == 0; };
             static_cast<void>(parallel_copy_if(pool, strings, pred, options));
         }},
        {"parallel_copy_if into storage",
         [](auto& pool, auto& v, auto& visit, auto& options) {
             std::vector<int> out(v.size());
             parallel_copy_if(
                 pool, v, out.begin(), [&](int i) { return visit(i), i % 2 == 0; }, options);
         }},
        {"parallel_partition",
         [](auto& pool, auto& v, auto& visit, auto& options) {
             parallel_partition(
                 pool, v, [&](int i) { return visit(i), i % 2 == 0; }, options);
         }},
        {"parallel_partition of strings",
         [](auto& pool, auto& v, auto& visit, auto& options) {
             std::vector<std::string> strings;
             for (int const i : v) strings.push_back(std::to_string(i));
             parallel_partition(
                 pool, strings, [&](std::string const& s) { return visit(std::stoi(s)), s.back() % 2 == 0; }, options);
         }},
        {"parallel_remove_if",
         [](auto& pool, auto& v, auto& visit, auto& options) {
             parallel_remove_if(
                 pool, v, [&](int i) { return visit(i), i % 2 == 0; }, options);
         }},
        {"parallel_find_if",
         [](auto& pool, auto& v, auto& visit, auto& options) {
             static_cast<void>(parallel_find_if(
                 pool, v, [&](int i) { return visit(i), false; }, options));
         }},
        {"parallel_none_of",
         [](auto& pool, auto& v, auto& visit, auto& options) {
             static_cast<void>(parallel_none_of(
                 pool, v, [&](int i) { return visit(i), false; }, options));
         }},
        {"parallel_count_if",
         [](auto& pool, auto& v, auto& visit, auto& options) {
             static_cast<void>(parallel_count_if(
                 pool, v, [&](int i) { return visit(i), true; }, options));
         }},
        {"parallel_histogram",
         [](auto& pool, auto& v, auto& visit, auto& options) {
             auto const key = [&](int i) { return visit(i), static_cast<std::size_t>(i % 7); };
             static_cast<void>(parallel_histogram(pool, v, 7, key, options));
         }},
        {"parallel_group_by",
         [](auto& pool, auto& v, auto& visit, auto& options) {
             static_cast<void>(parallel_group_by(
                 pool, v, [&](int i) { return visit(i), i % 7; }, options));
         }},
        {"parallel_generate",
         [](auto& pool, auto& v, auto& visit, auto& options) {
             std::atomic<int> next = 0;
             parallel_generate(
                 pool, v, [&] { return visit(next.fetch_add(1)), 0; }, options);
         }},
    };
}

/// The others: they call what they are given as often as they like, or nothing at all.
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

constexpr int lengths[] = {0, 1, 10, 64, 65, 1000, 70'000};

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
                    for (std::atomic<int> const& count : visits) ASSERT_EQ(count, 1) << algorithm.name;
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
                std::this_thread::sleep_for(std::chrono::milliseconds(2));
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

/// Sorts and selections of `T`s, by keys that are numbers and by a comparator.
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
            std::vector<int> values = numbers_up_to(100'000);
            for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<int>(i * 7919 % values.size());
            on_small_stack([&] { algorithm.run(*pool, values, [](int) {}, {}); });
        }
        for (int const n : {1000, 30'000, 100'000})
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
            for (int const n : {1, 70'000}) {
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
            for (int const n : {1, 10, 1000, 70'000}) {
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
            for (int const n : {4, 64, 65, 1000, 70'000}) {
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
                for (std::atomic<int> const& count : visits) ASSERT_EQ(count, 1) << algorithm.name << " of " << n;
            }
    EXPECT_EQ(failure_at::live, 0);
}

} // namespace
