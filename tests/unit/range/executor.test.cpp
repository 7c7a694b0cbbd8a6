// SPDX-License-Identifier: MIT
// Tests of the seam between the call of an algorithm and the executor that runs it: an executor that is no pool gets
// the call, in one form for all algorithms.
#include <hocket/hocket.hpp>

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace {

using namespace hocket;

/// An executor that counts its calls, and runs them on a pool.
struct counting_place {
    using executor_concept = executor_tag;

    template<class Algorithm, class Options, class Source, class... Operands>
    decltype(auto) execute(Algorithm algorithm, Options const& options, Source&& source, Operands&&... operands) {
        ++calls;
        operands_seen = sizeof...(Operands);
        if constexpr (std::is_same_v<Options, loop_options>) grain_seen = options.grain;
        size_seen = 0;
        if constexpr (parallel_range<Source>) size_seen = static_cast<std::size_t>(std::ranges::size(source));
        return algorithm.run(pool, options, std::forward<Source>(source), std::forward<Operands>(operands)...);
    }

    thread_pool pool{thread_pool({.workers = 2})};
    int calls = 0;
    std::size_t operands_seen = 0, size_seen = 0;
    std::uint64_t grain_seen = 0;
};

static_assert(executor<thread_pool>);
static_assert(executor<counting_place&>);
static_assert(!executor<std::vector<int>>);

TEST(a_place_that_is_no_pool, gets_algorithms_with_one_source_and_the_options) {
    counting_place place;
    std::vector<int> v{3, 1, 2};
    parallel_for(place, v, [](int& x) { x *= 2; }, {.grain = 5});
    EXPECT_EQ(place.grain_seen, 5U);
    EXPECT_EQ(place.size_seen, 3U);
    EXPECT_EQ(place.operands_seen, 1U);
    parallel_for(place, 0, 7, [](int) {});
    EXPECT_EQ(place.size_seen, 7U);
    EXPECT_EQ(place.grain_seen, 0U);
    parallel_for(place, 0, 7, 2, [](int) {});
    EXPECT_EQ(place.size_seen, 4U);
    EXPECT_EQ(parallel_map(place, v.begin(), v.end(), [](int x) { return x + 1; }), (std::vector{7, 3, 5}));
    EXPECT_EQ(place.size_seen, 3U);
    EXPECT_EQ(parallel_reduce(place, v, 0, std::plus<>()), 12);
    EXPECT_EQ(place.operands_seen, 2U);
    parallel_sort(place, v, {.grain = 2});
    EXPECT_EQ(v, (std::vector{2, 4, 6}));
    EXPECT_EQ(place.operands_seen, 0U);
    EXPECT_EQ(place.grain_seen, 2U);
    parallel_sort(place, v, std::greater<>());
    EXPECT_EQ(v, (std::vector{6, 4, 2}));
    EXPECT_EQ(parallel_find_if(place, 0, 10, [](int x) { return x == 4; }), 4);
    EXPECT_EQ(parallel_find_if(place, v.begin(), v.end(), [](int x) { return x == 4; }), v.begin() + 1);
    EXPECT_EQ(place.calls, 9);
    long sum = 0;
    for (auto&& r : parallel_imap(place, std::list<int>{1, 2}, [](int x) { return x; }, {.lookahead = 2})) sum += r;
    EXPECT_EQ(sum, 3);
    EXPECT_EQ(place.calls, 10);
}

TEST(a_place_that_is_no_pool, gets_each_algorithm) {
    counting_place place;
    std::vector<int> const sorted{1, 2, 2, 3};
    std::vector<int> v = sorted, out(8);
    auto const is_even = [](int x) { return x % 2 == 0; };
    auto const key = [](int x) { return x; };
    parallel_for(place, extents{2, 2}, [](std::size_t, std::size_t) {});
    parallel_for_chunks(place, v, [](auto) {});
    parallel_for_each(place, v, [](int) {});
    parallel_map(place, v, out, key);
    parallel_starmap(place, std::vector<std::pair<int, int>>{{1, 2}}, out, std::plus<>());
    (void)parallel_transform_reduce(place, v, 0, std::plus<>(), key);
    parallel_inclusive_scan(place, v, out);
    parallel_exclusive_scan(place, v, out, 0);
    parallel_stable_sort(place, v);
    parallel_nth_element(place, v, v.begin());
    parallel_merge(place, v, v, out);
    (void)parallel_copy_if(place, v, is_even);
    parallel_partition(place, v, is_even);
    parallel_remove_if(place, v, is_even);
    parallel_unique(place, v);
    (void)parallel_any_of(place, v, is_even);
    (void)parallel_all_of(place, v, is_even);
    (void)parallel_none_of(place, v, is_even);
    (void)parallel_count_if(place, v, is_even);
    (void)parallel_min_element(place, v);
    (void)parallel_max_element(place, v);
    (void)parallel_minmax_element(place, v);
    (void)parallel_histogram(place, sorted, 4);
    (void)parallel_group_by(place, sorted, key);
    (void)parallel_reduce_by_key(place, sorted, sorted, std::plus<>());
    parallel_fill(place, v, 0);
    parallel_copy(place, sorted, v);
    parallel_generate(place, v, [] { return 1; });
    parallel_iota(place, v, 1);
    (void)map_async(place, sorted, key).get();
    EXPECT_EQ(place.calls, 30);
}

} // namespace
