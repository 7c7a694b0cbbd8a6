// SPDX-License-Identifier: MIT
// Tests of parallel_map: results in order, of any type, and no live objects after a failed call.
#include <hocket/algorithm/loops/parallel_map.hpp>

#include "algorithm_support.hpp"

#include <hocket/range/index_range.hpp>

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <numeric>
#include <span>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <vector>

namespace {

using namespace hocket;
using namespace algorithm_test;

TEST(parallel_map, keeps_the_order_for_every_length) {
    for (thread_pool* pool : pools())
        for (schedule const how : all_schedules)
            for (int n = 0; n <= 300; n = n < 70 ? n + 1 : n + 77)
                for (std::uint64_t const grain : numbers{0, 1, 7}) {
                    std::vector<std::string> const texts =
                        parallel_map(*pool, index_range(0, n), [](int i) { return std::to_string(i); },
                                     {.grain = grain, .schedule = how});
                    ASSERT_EQ(texts.size(), static_cast<std::size_t>(n));
                    for (int i = 0; i < n; ++i) ASSERT_EQ(texts[static_cast<std::size_t>(i)], std::to_string(i));
                }
}

TEST(parallel_map, gives_a_vector_that_can_grow_and_shrink) {
    auto results = parallel_map(index_range(0, 100), [](int i) { return std::to_string(i); });
    results.push_back("more");
    results.erase(results.begin(), results.begin() + 50);
    results.shrink_to_fit();
    EXPECT_EQ(results.size(), 51U);
    EXPECT_EQ(results.front(), "50");
    EXPECT_EQ(results.back(), "more");
}

TEST(parallel_map, reads_containers_const_temporary_and_not_contiguous) {
    std::vector<int> numbers = {1, 2, 3};
    auto const twice = [](int x) { return 2 * x; };
    std::vector<int> const expected = {2, 4, 6};
    EXPECT_EQ(parallel_map(numbers, twice), expected);
    EXPECT_EQ(parallel_map(std::as_const(numbers), twice), expected);
    EXPECT_EQ(parallel_map(std::vector<int>{1, 2, 3}, twice), expected);
    EXPECT_EQ(parallel_map(std::deque<int>{1, 2, 3}, twice), expected);
    EXPECT_EQ(parallel_map(std::array<int, 3>{1, 2, 3}, twice), expected);
    EXPECT_EQ(parallel_map(std::vector<bool>{true, false}, [](bool bit) { return bit ? 1 : 2; }),
              (std::vector<int>{1, 2}));
}

TEST(parallel_map, returns_results_that_cannot_be_copied_moved_or_made_by_default) {
    auto const owners = parallel_map(index_range(0, 1000), [](int i) { return std::make_unique<int>(i); });
    EXPECT_EQ(*owners[999], 999);

    struct fixed_in_place {
        int value;
        explicit fixed_in_place(int number) : value(number) {}
        fixed_in_place(fixed_in_place&&) = delete;
    };
    auto const fixed = parallel_map(index_range(0, 1000), [](int i) { return fixed_in_place(i); });
    EXPECT_EQ(fixed[999].value, 999);

    struct alignas(256) wide {
        int value;
    };
    auto const aligned = parallel_map(index_range(0, 10), [](int i) { return wide{i}; });
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(aligned.data()) % 256, 0U);
    EXPECT_EQ(aligned[9].value, 9);
}

TEST(parallel_map, packs_bools_without_a_race) {
    for (thread_pool* pool : pools())
        for (int const n : {0, 1, 63, 64, 65, 10'000}) {
            std::vector<bool> const odd = parallel_map(*pool, index_range(0, n), [](int i) { return i % 2 != 0; },
                                                       {.schedule = schedule::dynamic});
            ASSERT_EQ(odd.size(), static_cast<std::size_t>(n));
            for (int i = 0; i < n; ++i) ASSERT_EQ(odd[static_cast<std::size_t>(i)], i % 2 != 0);
        }
}

TEST(parallel_map, drops_const_from_results_and_takes_pointers_to_members) {
    auto const f = [](int i) -> std::string const { return std::to_string(i); };
    static_assert(std::is_same_v<decltype(parallel_map(index_range(0, 3), f)), std::vector<std::string>>);
    std::vector<std::string> const words = {"a", "bb"};
    EXPECT_EQ(parallel_map(words, &std::string::size), (std::vector<std::size_t>{1, 2}));
}

TEST(parallel_map, destroys_what_it_built_when_any_call_throws) {
    for (thread_pool* pool : pools())
        for (error_policy const errors : {error_policy::first, error_policy::collect})
            for (int n = 1; n <= 64; n += pool->size() == 2 ? 1 : 21)
                for (int k = 0; k < n; ++k) {
                    auto const f = [&](int i) {
                        if (i == k) throw failure_at(i);
                        return counted(i);
                    };
                    schedule const how = all_schedules[static_cast<std::size_t>(n + k) % 3];
                    loop_options const options{.grain = 1, .schedule = how, .errors = errors};
                    if (errors == error_policy::first)
                        ASSERT_THROW(static_cast<void>(parallel_map(*pool, index_range(0, n), f, options)), failure_at);
                    else
                        ASSERT_THROW(static_cast<void>(parallel_map(*pool, index_range(0, n), f, options)),
                                     parallel_error);
                    ASSERT_EQ(counted::live, 0);
                }
    EXPECT_EQ(failure_at::live, 0);
}

TEST(parallel_map, destroys_what_it_built_when_it_is_stopped) {
    for (thread_pool* pool : pools()) {
        std::stop_source source;
        std::atomic<int> calls = 0;
        auto const f = [&](int i) {
            if (++calls == 100) source.request_stop();
            return counted(i);
        };
        EXPECT_THROW(
            static_cast<void>(parallel_map(*pool, index_range(0, 100'000), f,
                                           {.grain = 1, .schedule = schedule::dynamic, .stop = source.get_token()})),
            operation_cancelled);
        EXPECT_EQ(counted::live, 0);
    }
}

TEST(parallel_map, keeps_exactly_the_results_alive) {
    {
        auto const results = parallel_map(index_range(0, 1000), [](int i) { return counted(i); });
        EXPECT_EQ(counted::live, 1000);
        EXPECT_EQ(results[500].value, 500);
    }
    EXPECT_EQ(counted::live, 0);
}

TEST(parallel_map, assigns_into_vectors_deques_spans_arrays_and_iterators) {
    std::vector<int> const input = {1, 2, 3};
    auto const twice = [](int x) { return 2 * x; };
    std::vector<int> vector(4, -1);
    parallel_map(input, vector, twice);
    EXPECT_EQ(vector, (std::vector<int>{2, 4, 6, -1}));
    std::deque<long> deque(3);
    parallel_map(input, deque, twice, {.grain = 1});
    EXPECT_EQ(deque, (std::deque<long>{2, 4, 6}));
    int array[3] = {};
    parallel_map(input, array, twice);
    EXPECT_EQ(array[2], 6);
    parallel_map(input, std::span(array), [](int x) { return x; });
    EXPECT_EQ(array[2], 3);
    parallel_map(input, vector.begin() + 1, twice);
    EXPECT_EQ(vector, (std::vector<int>{2, 2, 4, 6}));
    int* const pointer = vector.data();
    parallel_map(*pools()[1], input, pointer, twice);
    EXPECT_EQ(vector, (std::vector<int>{2, 4, 6, 6}));
    parallel_map(vector, vector, twice); // in place
    EXPECT_EQ(vector, (std::vector<int>{4, 8, 12, 12}));
}

TEST(parallel_map, assigns_results_that_can_only_be_moved) {
    std::vector<std::unique_ptr<int>> owners(100);
    parallel_map(index_range(0, 100), owners, [](int i) { return std::make_unique<int>(i); });
    EXPECT_EQ(*owners[99], 99);
}

TEST(parallel_map, refuses_a_target_that_is_too_short_before_anything_runs) {
    std::vector<int> target(2);
    std::atomic<int> calls = 0;
    auto const f = [&](int i) {
        ++calls;
        return i;
    };
    EXPECT_THROW(parallel_map(index_range(0, 3), target, f), std::invalid_argument);
    EXPECT_EQ(calls, 0);
    EXPECT_EQ(target, std::vector<int>(2));
}

TEST(parallel_map, refuses_options_that_do_not_exist) {
    auto const f = [](int i) { return i; };
    EXPECT_THROW(static_cast<void>(parallel_map(index_range(0, 3), f, {.schedule = static_cast<schedule>(7)})),
                 std::invalid_argument);
}

TEST(parallel_map, runs_inside_of_itself) {
    auto const table = parallel_map(index_range(0, 30), [](int row) {
        return parallel_map(index_range(0, 30), [row](int column) { return row * column; },
                            {.schedule = schedule::dynamic});
    });
    EXPECT_EQ(table[29][29], 29 * 29);
}

} // namespace
