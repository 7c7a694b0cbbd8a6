// SPDX-License-Identifier: MIT
#include <hocket/algorithm/sort/parallel_sort.hpp>

#include <hocket/algorithm/loops/parallel_for.hpp>
#include <hocket/algorithm/sort/parallel_stable_sort.hpp>
#include <hocket/base/progress.hpp>

#include "sort_support.hpp"

#include <gtest/gtest.h>

#include <pthread.h>

#include <algorithm>
#include <bit>
#include <chrono>
#include <cmath>
#include <deque>
#include <functional>
#include <limits>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <type_traits>
#include <vector>

namespace {

using namespace hocket;
using namespace sort_test;

constexpr auto opaque_double_less = [](double a, double b) { return a < b; };

template<class T, class... Order>
void expect_sorted_as_std_does(std::vector<T> const& input, Order const&... order) {
    std::vector<T> expected = input;
    std::ranges::stable_sort(expected, order...);
    for (thread_pool* pool : pools()) {
        std::vector<T> v = input;
        parallel_sort(*pool, v, order...);
        ASSERT_EQ(v, expected) << input.size() << " elements, " << pool->size() << " workers";
    }
}

TEST(parallel_sort, sorts_every_small_size) {
    for (std::size_t n = 0; n <= 1000; n += stress_test::sanitized ? 37 : 1) {
        auto const which = n % patterns.size();
        expect_sorted_as_std_does(pattern(which, n));
        expect_sorted_as_std_does(pattern(which, n), opaque_less);
        expect_sorted_as_std_does(many<item>(which, n), std::ranges::less{}, &item::key);
    }
}

TEST(parallel_sort, sorts_every_pattern) {
    for (std::size_t const n : large_sizes())
        for (std::size_t which = 0; which < patterns.size(); ++which) {
            SCOPED_TRACE(patterns[which]);
            expect_sorted_as_std_does(pattern(which, n));
            expect_sorted_as_std_does(pattern(which, n), opaque_less);
        }
}

template<class Number>
void sorts_numbers() {
    std::mt19937_64 dice(3);
    for (std::size_t const n : {100UL, 3000UL, 70'000UL}) {
        std::vector<Number> v;
        for (std::size_t i = 0; i < n; ++i) {
            if constexpr (std::is_integral_v<Number>)
                v.push_back(static_cast<Number>(dice()));
            else
                v.push_back(static_cast<Number>(dice()) - static_cast<Number>(dice()));
        }
        v[n / 2] = std::numeric_limits<Number>::max();
        v[n / 3] = std::numeric_limits<Number>::lowest();
        expect_sorted_as_std_does(v);
        expect_sorted_as_std_does(v, std::greater<>());
    }
}

TEST(parallel_sort, sorts_numbers_of_every_type) {
    sorts_numbers<std::int8_t>();
    sorts_numbers<std::uint16_t>();
    sorts_numbers<std::int32_t>();
    sorts_numbers<std::uint64_t>();
    sorts_numbers<float>();
    sorts_numbers<double>();
    sorts_numbers<long double>(); // not by its bits
    expect_sorted_as_std_does(pattern(0, 40'000), std::less<double>(), [](std::uint32_t x) { return -1.0 * x; });
}

TEST(parallel_sort, keeps_the_bits_of_every_number) {
    std::mt19937_64 dice(5);
    std::array const special = {0.0,
                                -0.0,
                                std::numeric_limits<double>::infinity(),
                                -std::numeric_limits<double>::infinity(),
                                std::numeric_limits<double>::denorm_min(),
                                -std::numeric_limits<double>::denorm_min()};
    for (std::size_t const n : {10UL, 500UL, 5000UL, 50'000UL}) {
        std::vector<double> v(n);
        for (double& x : v)
            x = dice() % 2 == 0 ? special[dice() % special.size()]
                                : std::ldexp(1, static_cast<int>(dice() % 200) - 100);
        auto const bits = [](std::vector<double> const& of) {
            std::multiset<std::uint64_t> all;
            for (double const x : of) all.insert(std::bit_cast<std::uint64_t>(x));
            return all;
        };
        auto const before = bits(v);
        parallel_sort(v);
        EXPECT_TRUE(std::is_sorted(v.begin(), v.end()));
        EXPECT_EQ(bits(v), before);
    }
}

TEST(parallel_sort, does_no_harm_to_numbers_that_are_none) {
    for (std::size_t const n : {100UL, 5000UL, 50'000UL}) {
        std::vector<double> v(n);
        for (std::size_t i = 0; i < n; ++i)
            v[i] = i % 3 == 0 ? std::numeric_limits<double>::quiet_NaN() : static_cast<double>(n - i);
        auto const nans = [&] { return std::ranges::count_if(v, [](double x) { return x != x; }); };
        auto const before = nans();
        parallel_sort(v);
        EXPECT_EQ(nans(), before);
        parallel_sort(v, opaque_double_less);
        EXPECT_EQ(nans(), before);
    }
}

TEST(parallel_sort, keeps_all_elements_under_a_comparator_that_is_no_order) {
    std::vector<std::uint32_t> const input = pattern(0, 20'000);
    std::vector<std::uint32_t> sorted = input;
    std::ranges::sort(sorted);
    std::array<bool (*)(std::uint32_t, std::uint32_t), 4> const orders = {
        [](std::uint32_t, std::uint32_t) { return true; }, [](std::uint32_t, std::uint32_t) { return false; },
        [](std::uint32_t a, std::uint32_t b) { return a != b; },
        [](std::uint32_t a, std::uint32_t b) { return ((a * 31) ^ b) % 3 == 0; }};
    for (auto const order : orders)
        for (std::size_t const n : {10UL, 31UL, 32UL, 200UL, 5000UL, 20'000UL}) {
            std::vector<std::uint32_t> v(input.begin(), input.begin() + static_cast<std::ptrdiff_t>(n));
            std::vector<std::uint32_t> expected = v;
            parallel_sort(v, order);
            std::ranges::sort(v);
            std::ranges::sort(expected);
            EXPECT_EQ(v, expected);
        }
}

TEST(parallel_sort, keeps_all_elements_of_runs_that_are_none) {
    // A run may begin anew behind a NaN, and still looks as if it went on.
    for (std::size_t const n : {2048UL, 65'536UL, 131'072UL})
        for (std::size_t const gap : {7UL, 100UL, 3000UL}) {
            std::vector<double> v(n);
            for (std::size_t i = 0; i < n; ++i) {
                bool const none = i % gap == gap - 1;
                std::size_t const start = i / gap * 7919 % n;
                v[i] = none ? std::numeric_limits<double>::quiet_NaN() : static_cast<double>(start + i % gap);
            }
            v[n / 2 - 1] = 1e9; // two runs to be merged
            v[n / 2] = 0;
            auto const bits_of = [](std::vector<double> const& of) {
                std::vector<std::uint64_t> bits;
                for (double const x : of) bits.push_back(std::bit_cast<std::uint64_t>(x));
                std::ranges::sort(bits);
                return bits;
            };
            auto const before = bits_of(v);
            parallel_sort(*pools()[1], v, opaque_double_less);
            EXPECT_TRUE(bits_of(v) == before) << n << ' ' << gap;
        }
}

TEST(parallel_sort, sorts_few_by_what_takes_long) {
    using order = any_order<item>;
    auto const wait = [] {
        auto const start = std::chrono::steady_clock::now();
        while (std::chrono::steady_clock::now() - start < std::chrono::microseconds(1)) {
        }
    };
    for (std::size_t const n : {64UL, 65UL, 100UL, 300UL, 5000UL}) {
        std::vector<item> const input = many<item>(0, n);
        std::vector<item> expected = input;
        std::ranges::stable_sort(expected, by_key);
        std::vector<item> v = input;
        parallel_stable_sort(*pools()[1], v, order([&](auto& a, auto& b) { return wait(), by_key(a, b); }));
        EXPECT_TRUE(v == expected) << n;
        v = input;
        parallel_stable_sort(*pools()[1], v, std::less<>(), any_key([&](item const& x) { return wait(), x.key; }));
        EXPECT_TRUE(v == expected) << n;
        v = input;
        parallel_sort(*pools()[1], v,
                      order([&](auto& a, auto& b) { return wait(), (a.place * 31 ^ b.place) % 3 == 0; }));
        std::ranges::sort(v, {}, &item::place);
        EXPECT_TRUE(v == input) << n;
    }
    std::vector<item> v = many<item>(0, 1000);
    std::vector<item> const input = v;
    long calls = 0;
    auto const counted = [&](auto&& f) {
        std::atomic<long> made = 0;
        f(made);
        calls = made;
    };
    counted([&](auto& made) {
        parallel_sort(*pools()[1], v, std::less<>(), any_key([&](item const& x) { return ++made, wait(), x.key; }));
    });
    EXPECT_LT(calls, 1200); // a key for each element, and the keys read between looks at the clock
    for (long fail = 1; fail < 1100; fail += fail / 4 + 1) {
        v = input;
        std::atomic<long> left = fail;
        any_key const key = [&](item const& x) {
            if (wait(), --left == 0) throw failure_at(0);
            return x.key;
        };
        EXPECT_THROW(parallel_sort(*pools()[1], v, std::less<>(), key), failure_at) << fail;
        std::ranges::sort(v, {}, &item::place);
        EXPECT_TRUE(v == input) << fail;
        left = 6 * fail;
        auto const by_failing_key = order([&](item const& a, item const& b) { return key(a) < b.key; });
        EXPECT_THROW(parallel_sort(*pools()[1], v, by_failing_key), failure_at) << fail;
        std::ranges::sort(v, {}, &item::place);
        EXPECT_TRUE(v == input) << fail;
    }
}

TEST(parallel_sort, sorts_strings_and_large_elements) {
    for (std::size_t const n : {3UL, 17UL, 100UL, 5000UL, 20'000UL}) {
        expect_sorted_as_std_does(many<std::string>(0, n));
        expect_sorted_as_std_does(many<std::string>(5, n), std::greater<>());
        expect_sorted_as_std_does(many<std::string>(0, n), std::ranges::less{}, &std::string::size);
        expect_sorted_as_std_does(many<bulky>(0, n), std::ranges::less{}, &bulky::key);
        expect_sorted_as_std_does(many<bulky>(4, n), by_key);
    }
}

TEST(parallel_sort, sorts_pairs) {
    std::vector<std::pair<int, int>> pairs;
    for (item const& x : many<item>(5, 40'000)) pairs.push_back({x.key % 100, static_cast<int>(x.place * 7919 % 1000)});
    expect_sorted_as_std_does(pairs);
    expect_sorted_as_std_does(pairs, std::ranges::less{}, &std::pair<int, int>::second);
}

TEST(parallel_sort, sorts_what_can_only_be_moved) {
    for (std::size_t const n : {5UL, 100UL, 10'000UL}) {
        std::vector<std::unique_ptr<std::uint32_t>> v;
        for (std::uint32_t const x : pattern(0, n)) v.push_back(std::make_unique<std::uint32_t>(x));
        parallel_sort(v, [](auto const& a, auto const& b) { return *a < *b; });
        EXPECT_TRUE(std::ranges::is_sorted(v, {}, [](auto const& p) { return *p; }));
        parallel_sort(v, std::ranges::greater{}, [](auto const& p) { return *p; });
        EXPECT_TRUE(std::ranges::is_sorted(v, std::ranges::greater{}, [](auto const& p) { return *p; }));
    }
}

TEST(parallel_sort, sorts_ranges_that_are_not_contiguous) {
    for (std::size_t const n : {0UL, 5UL, 100UL, 50'000UL}) {
        auto const input = pattern(0, n);
        std::vector<std::uint32_t> expected = input;
        std::ranges::sort(expected);
        std::deque<std::uint32_t> numbers(input.begin(), input.end());
        parallel_sort(numbers);
        EXPECT_TRUE(std::ranges::equal(numbers, expected));
        std::deque<std::string> words;
        for (std::uint32_t const x : input) words.push_back(std::to_string(x));
        parallel_sort(words);
        EXPECT_TRUE(std::ranges::is_sorted(words));
    }
    int numbers[] = {3, 1, 2};
    parallel_sort(numbers);
    EXPECT_TRUE(std::ranges::is_sorted(numbers));
}

TEST(parallel_sort, makes_no_element_and_loses_none) {
    using algorithm_test::counted;
    for (int const n : {10, 1000, 20'000}) {
        std::vector<counted> v;
        for (int i = 0; i < n; ++i) v.emplace_back(i * 7919 % n);
        parallel_sort(v, std::less<>(), &counted::value);
        ASSERT_EQ(counted::live, n);
        EXPECT_TRUE(std::ranges::is_sorted(v, {}, &counted::value));
        parallel_sort(v, [](counted const& a, counted const& b) { return a.value > b.value; });
        ASSERT_EQ(counted::live, n);
        EXPECT_TRUE(std::ranges::is_sorted(v, std::greater<>(), &counted::value));
    }
    EXPECT_EQ(counted::live, 0);
}

/// Fails at every stage of a sort. After any failure the elements are those from before.
template<class T>
void survives_failures(std::vector<T> const& input) {
    std::vector<T> sorted = input;
    std::ranges::sort(sorted);
    long step = 1;
    for (long first = 1;; first += step, step += step / 2 + 1) {
        bool threw = true;
        for (thread_pool* pool : pools()) {
            std::vector<T> v = input;
            std::atomic<long> calls = first;
            threw = false;
            try {
                parallel_sort(*pool, v, failing_less{&calls});
            } catch (failure_at const&) {
                threw = true;
            }
            ASSERT_TRUE(threw || std::ranges::is_sorted(v));
            std::ranges::sort(v);
            ASSERT_EQ(v, sorted) << "failed in call " << first << " with " << pool->size() << " workers";
        }
        if (!threw) break;
    }
    EXPECT_EQ(failure_at::live, 0);
}

TEST(parallel_sort, loses_nothing_when_a_comparator_throws) {
    for (std::size_t const which : {0UL, 2UL, 4UL, 6UL, 7UL, 10UL})
        for (std::size_t const n : {2UL, 9UL, 33UL, 400UL, 6000UL, stress_test::sanitized ? 8000UL : 20'000UL}) {
            SCOPED_TRACE(patterns[which]);
            survives_failures(pattern(which, n));
        }
    for (std::size_t const n : {2UL, 20UL, 6000UL}) survives_failures(many<std::string>(0, n));
    survives_failures(pattern(7, stress_test::sanitized ? 12'000 : 40'000));
}

TEST(parallel_sort, loses_nothing_when_a_projection_throws) {
    for (std::size_t const which : {0UL, 5UL, 11UL, 12UL})
        for (std::size_t const n : {12UL, 200UL, 3000UL, stress_test::sanitized ? 12'000UL : 40'000UL}) {
            auto const input = many<item>(which, n);
            auto const place = [](std::vector<item> of) {
                std::ranges::sort(of, {}, &item::place);
                return of;
            };
            long step = 1;
            for (long first = 1;; first += step, step += step / 2 + 1) {
                std::vector<item> v = input;
                std::atomic<long> calls = first;
                any_key const key = [&](item const& x) {
                    if (--calls == 0) throw failure_at(0);
                    return x.key;
                };
                bool threw = false;
                try {
                    parallel_sort(*pools()[1], v, std::less<>(), key);
                } catch (failure_at const&) {
                    threw = true;
                }
                ASSERT_EQ(place(v), input) << n << ' ' << first;
                if (!threw) break;
            }
        }
}

TEST(parallel_sort, stops) {
    std::stop_source before;
    before.request_stop();
    std::vector<int> v = {3, 2, 1};
    EXPECT_THROW(parallel_sort(v, {.stop = before.get_token()}), operation_cancelled);
    EXPECT_EQ(v, (std::vector<int>{3, 2, 1}));
    for (long const after : {1L, 1000L, 100'000L, 500'000L})
        for (bool const words : {false, true}) {
            auto const stopping = [&](auto input) {
                std::stop_source source;
                std::atomic<long> calls = after;
                using element = typename decltype(input)::value_type;
                any_order<element> const order = [&](element const& a, element const& b) {
                    if (--calls == 0) source.request_stop();
                    return a < b;
                };
                auto sorted = input;
                EXPECT_THROW(parallel_sort(*pools()[1], input, order, {.stop = source.get_token()}),
                             operation_cancelled);
                std::ranges::sort(input);
                std::ranges::sort(sorted);
                EXPECT_TRUE(input == sorted);
            };
            if (words)
                stopping(many<std::string>(0, 50'000));
            else
                stopping(pattern(0, 50'000));
        }
}

TEST(parallel_sort, lists_failures_where_they_are_collected) {
    auto v = pattern(0, 20'000);
    any_order<std::uint32_t> const fails = [](std::uint32_t a, std::uint32_t b) {
        if (a % 100 == 0) throw failure_at(0);
        return a < b;
    };
    EXPECT_THROW(parallel_sort(v, fails, {.errors = error_policy::collect}), parallel_error);
    auto expected = pattern(0, 20'000);
    std::ranges::sort(v);
    std::ranges::sort(expected);
    EXPECT_EQ(v, expected);
    EXPECT_THROW(parallel_sort(v, {.schedule = static_cast<schedule>(7)}), std::invalid_argument);
}

TEST(parallel_sort, orders_equal_elements_by_the_input_alone) {
    for (std::size_t const n : {50UL, 3000UL, 60'000UL}) {
        std::vector<item> expected;
        for (thread_pool* pool : pools())
            for (int round = 0; round < 3; ++round) {
                auto v = many<item>(5, n);
                parallel_sort(*pool, v, by_key);
                if (expected.empty()) expected = v;
                ASSERT_EQ(v, expected);
            }
    }
}

TEST(parallel_sort, tells_how_far_it_is) {
    for (std::size_t which = 0; which < patterns.size(); ++which)
        for (std::size_t const n : {0UL, 1UL, 9UL, 300UL, 5000UL, 200'000UL})
            for (bool const by_bits : {false, true}) {
                progress bar;
                auto v = pattern(which, n);
                if (by_bits)
                    parallel_sort(v, {.progress = &bar});
                else
                    parallel_sort(v, opaque_less, {.progress = &bar});
                ASSERT_EQ(bar.total(), n) << patterns[which];
                ASSERT_EQ(bar.done(), n) << patterns[which];
            }
}

TEST(parallel_sort, sorts_within_parallel_work) {
    std::vector<std::vector<std::uint32_t>> lists;
    for (unsigned i = 0; i < 20; ++i) lists.push_back(pattern(0, 9000, i));
    parallel_for(lists, [](auto& list) { parallel_sort(list, opaque_less); });
    for (auto const& list : lists) EXPECT_TRUE(std::ranges::is_sorted(list));
}

// Keys that are clustered at every scale are sorted digit by digit, deeper and deeper.
TEST(parallel_sort, needs_little_stack_for_clustered_keys) {
    std::vector<std::uint64_t> keys(100'000);
    std::mt19937_64 random(7);
    for (std::uint64_t& key : keys) {
        std::uint64_t const bits = random() % 64;
        key = random() >> bits;
    }
    std::vector<std::uint64_t> expected = keys;
    std::sort(expected.begin(), expected.end());
    thread_pool pool({.workers = 1});
    pthread_attr_t small_stack;
    pthread_attr_init(&small_stack);
    pthread_attr_setstacksize(&small_stack, (detail::sanitized ? 1024 : 192) * 1024);
    auto const sort_all = [&] { parallel_sort(pool, keys); };
    pthread_t thread{};
    ASSERT_EQ(pthread_create(
                  &thread, &small_stack,
                  [](void* all) -> void* {
                      (*static_cast<decltype(sort_all)*>(all))();
                      return nullptr;
                  },
                  const_cast<void*>(static_cast<void const*>(&sort_all))),
              0);
    pthread_join(thread, nullptr);
    pthread_attr_destroy(&small_stack);
    EXPECT_EQ(keys, expected);
}

} // namespace
