// SPDX-License-Identifier: MIT
// Tests of the forms of a call of an algorithm: with a range, two iterators or two integers; with or without a pool
// before them; with callables, projections and options behind them or left out. Also with ranges that have no random
// access.
#include <hocket/hocket.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <forward_list>
#include <functional>
#include <iterator>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <numeric>
#include <set>
#include <sstream>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace hocket;

struct item {
    int key = 0;
    int value = 0;
    friend bool operator==(item const&, item const&) = default;
};

std::vector<int> shuffled(int n) {
    std::vector<int> v(static_cast<std::size_t>(n));
    for (std::size_t i = 0; i != v.size(); ++i) v[i] = static_cast<int>((i * 7919) % v.size());
    return v;
}

std::vector<item> items(int n) {
    std::vector<item> v;
    for (int const key : shuffled(n)) v.push_back({key % 100, static_cast<int>(v.size())});
    return v;
}

bool is_even(int x) { return x % 2 == 0; }
constexpr int many = 5000;

std::stop_token requested() {
    std::stop_source source;
    source.request_stop();
    return source.get_token();
}

// Calls with two iterators.

TEST(two_iterators, are_a_range_for_what_orders) {
    thread_pool pool({.workers = 2});
    std::vector<int> const unsorted = shuffled(many);
    std::vector<int> sorted = unsorted;
    std::sort(sorted.begin(), sorted.end());
    std::vector<int> v = unsorted;
    parallel_sort(v.begin(), v.end());
    EXPECT_EQ(v, sorted);
    parallel_sort(pool, v.begin(), v.end(), std::greater<>{});
    EXPECT_TRUE(std::is_sorted(v.rbegin(), v.rend()));
    parallel_sort(v.rbegin(), v.rend(), std::greater<>{}, std::identity{}, {.grain = 100});
    EXPECT_EQ(v, sorted);
    v = unsorted;
    parallel_sort(v.begin() + 100, v.begin() + 200);
    EXPECT_TRUE(std::is_sorted(v.begin() + 100, v.begin() + 200));
    EXPECT_TRUE(std::equal(v.begin(), v.begin() + 100, unsorted.begin()));
    EXPECT_TRUE(std::equal(v.begin() + 200, v.end(), unsorted.begin() + 200));

    std::vector<item> by_key = items(many), expected = by_key;
    parallel_stable_sort(by_key.begin(), by_key.end(), {}, &item::key);
    std::stable_sort(expected.begin(), expected.end(), [](item const& a, item const& b) { return a.key < b.key; });
    EXPECT_EQ(by_key, expected);
    parallel_stable_sort(pool, by_key.begin(), by_key.end(), std::ranges::greater{}, &item::value, {.grain = 10});
    EXPECT_EQ(by_key[0].value, many - 1);

    v = unsorted;
    parallel_nth_element(v.begin(), v.begin() + 17, v.end());
    EXPECT_EQ(v[17], 17);
    parallel_nth_element(pool, v.begin(), v.begin() + 17, v.end(), std::greater<>{}, {.grain = 10});
    EXPECT_EQ(v[17], many - 18);
    EXPECT_THROW(parallel_nth_element(v.begin(), v.end(), v.begin() + 3), std::invalid_argument);

    std::vector<int> a{1, 3, 5}, b{2, 4}, out(5);
    parallel_merge(a.begin(), a.end(), b.begin(), b.end(), out);
    EXPECT_EQ(out, (std::vector{1, 2, 3, 4, 5}));
    auto const end =
        parallel_merge(pool, b.begin(), b.end(), a.begin(), a.end(), out.begin(), std::less<>{}, {.grain = 2});
    EXPECT_EQ(end, out.end());
    EXPECT_EQ(out, (std::vector{1, 2, 3, 4, 5}));
}

TEST(two_iterators, are_a_range_for_what_reads) {
    thread_pool pool({.workers = 2});
    std::vector<int> const v = shuffled(many);
    std::vector<item> const records = items(many);
    long const sum = std::accumulate(v.begin(), v.end(), 0L);
    EXPECT_EQ(parallel_reduce(v.begin(), v.end(), 0L, std::plus<>{}), sum);
    EXPECT_EQ(parallel_reduce(pool, v.cbegin(), v.cend(), 0L, std::plus<>{}, {.grain = 64}), sum);
    EXPECT_EQ(parallel_transform_reduce(v.begin(), v.end(), 0L, std::plus<>{}, [](int x) { return 2L * x; }), 2 * sum);
    EXPECT_EQ(parallel_transform_reduce(pool, v.data(), v.data() + many, 0L, std::plus<>{}, std::negate<>{}), -sum);
    EXPECT_EQ(parallel_count_if(v.begin(), v.end(), is_even), 2500u);
    EXPECT_EQ(parallel_count_if(pool, records.begin(), records.end(), is_even, &item::value, {.grain = 10}), 2500u);
    EXPECT_EQ(parallel_find_if(v.begin(), v.end(), [](int x) { return x == 33; }), std::find(v.begin(), v.end(), 33));
    EXPECT_EQ(parallel_find_if(pool, records.begin(), records.end(), [](int x) { return x == 33; }, &item::value,
                               {.grain = 10}),
              records.begin() + 33);
    EXPECT_EQ(parallel_find_if(v.begin(), v.end(), [](int x) { return x < 0; }), v.end());
    EXPECT_TRUE(parallel_any_of(v.begin(), v.end(), is_even));
    EXPECT_FALSE(parallel_all_of(pool, v.begin(), v.end(), is_even));
    EXPECT_TRUE(parallel_all_of(
        records.begin(), records.end(), [](int x) { return x >= 0; }, &item::value));
    EXPECT_FALSE(parallel_none_of(v.begin(), v.end(), is_even, {.grain = 5}));
    EXPECT_EQ(*parallel_min_element(v.begin(), v.end()), 0);
    EXPECT_EQ(*parallel_max_element(pool, v.begin(), v.end(), std::less<>{}), many - 1);
    EXPECT_EQ(parallel_max_element(records.begin(), records.end(), {}, &item::value), records.end() - 1);
    auto const [least, greatest] = parallel_minmax_element(pool, v.begin(), v.end(), {.grain = 10});
    EXPECT_EQ(*least, 0);
    EXPECT_EQ(*greatest, many - 1);
    EXPECT_EQ(parallel_histogram(v.begin(), v.end(), many), std::vector<std::size_t>(many, 1));
    EXPECT_EQ(parallel_histogram(pool, v.begin(), v.end(), 2, [](int x) { return x % 2; }, {.grain = 10})[1], 2500u);
    EXPECT_EQ(parallel_group_by(v.begin(), v.end(), [](int x) { return x % 3; }).size(), 3u);
    std::vector<int> const keys{1, 1, 2}, values{10, 20, 30};
    std::vector<std::pair<int, int>> const sums{{1, 30}, {2, 30}};
    EXPECT_EQ(parallel_reduce_by_key(keys.begin(), keys.end(), values.begin(), std::plus<>{}), sums);
    EXPECT_EQ(parallel_reduce_by_key(pool, keys.begin(), keys.end(), values, std::plus<>{}, std::equal_to<>{}), sums);
    EXPECT_THROW((void)parallel_reduce_by_key(keys.begin(), keys.end(), v, std::plus<>{}), std::invalid_argument);
}

TEST(two_iterators, are_a_range_for_what_writes) {
    thread_pool pool({.workers = 2});
    std::vector<int> const v = shuffled(many);
    auto const twice = [](int x) { return 2 * x; };
    std::vector<int> doubled(v.size());
    std::transform(v.begin(), v.end(), doubled.begin(), twice);
    EXPECT_EQ(parallel_map(v.begin(), v.end(), twice), doubled);
    std::vector<int> out(v.size());
    parallel_map(pool, v.begin(), v.end(), out, twice, {.grain = 100});
    EXPECT_EQ(out, doubled);
    parallel_map(v.begin(), v.end(), out.rbegin(), twice);
    EXPECT_TRUE(std::equal(out.rbegin(), out.rend(), doubled.begin()));
    std::vector<std::pair<int, int>> const pairs(10, {2, 3});
    EXPECT_EQ(parallel_starmap(pairs.begin(), pairs.end(), std::multiplies<>{}), std::vector<int>(10, 6));
    parallel_starmap(pool, pairs.begin(), pairs.end(), out.begin(), std::minus<>{});
    EXPECT_EQ(out[9], -1);

    std::vector<int> sums(v.size()), expected(v.size());
    std::inclusive_scan(v.begin(), v.end(), expected.begin());
    EXPECT_EQ(parallel_inclusive_scan(v.begin(), v.end(), sums.begin(), std::plus<>{}), sums.end());
    EXPECT_EQ(sums, expected);
    std::exclusive_scan(v.begin(), v.end(), expected.begin(), 5);
    parallel_exclusive_scan(pool, v.begin(), v.end(), sums, 5, std::plus<>{}, {.grain = 100});
    EXPECT_EQ(sums, expected);

    std::vector<int> evens;
    std::copy_if(v.begin(), v.end(), std::back_inserter(evens), is_even);
    EXPECT_EQ(parallel_copy_if(v.begin(), v.end(), is_even), evens);
    EXPECT_EQ(parallel_copy_if(pool, v.begin(), v.end(), is_even, std::identity{}, {.grain = 100}), evens);
    EXPECT_EQ(parallel_copy_if(v.begin(), v.end(), out.begin(), is_even), out.begin() + 2500);
    EXPECT_TRUE(std::equal(evens.begin(), evens.end(), out.begin()));

    parallel_copy(v.begin(), v.end(), out);
    EXPECT_EQ(out, v);
    std::vector<int> w = v;
    EXPECT_EQ(parallel_partition(w.begin(), w.end(), is_even).begin(), w.begin() + 2500);
    EXPECT_TRUE(std::is_partitioned(w.begin(), w.end(), is_even));
    w = v;
    w.erase(parallel_remove_if(pool, w.begin(), w.end(), is_even).begin(), w.end());
    EXPECT_EQ(w.size(), 2500u);
    w = {1, 1, 2, 2, 1};
    w.erase(parallel_unique(w.begin(), w.end()).begin(), w.end());
    EXPECT_EQ(w, (std::vector{1, 2, 1}));
    parallel_fill(w.begin(), w.begin() + 1, 9);
    EXPECT_EQ(w, (std::vector{9, 2, 1}));
    parallel_generate(pool, w.begin(), w.end(), [] { return 4; });
    EXPECT_EQ(w, (std::vector{4, 4, 4}));
    parallel_iota(w.begin(), w.end(), 7);
    EXPECT_EQ(w, (std::vector{7, 8, 9}));
}

TEST(two_iterators, are_a_range_for_loops_and_streams) {
    thread_pool pool({.workers = 2});
    std::vector<int> v(many);
    parallel_for(v.begin(), v.end(), [](int& x) { x = 1; });
    parallel_for(pool, v.begin(), v.end(), [](int& x) { ++x; }, {.grain = 100});
    parallel_for_chunks(v.begin(), v.end(), [](auto chunk) {
        for (int& x : chunk) ++x;
    });
    parallel_for_each(v.begin(), v.end(), [](int& x) { ++x; });
    EXPECT_EQ(v, std::vector<int>(many, 4));
    std::deque<int> d(many, 1);
    parallel_for(d.begin() + 10, d.end(), [](int& x) { x = 2; });
    EXPECT_EQ(std::accumulate(d.begin(), d.end(), 0), 2 * many - 10);
    long sum = 0;
    for (auto&& r : parallel_imap(v.begin(), v.end(), std::negate<>{}, {.lookahead = 8})) sum += r;
    EXPECT_EQ(sum, -4L * many);
    std::istringstream text("1 2 3 4");
    sum = 0;
    for (auto&& [index, r] :
         parallel_imap_unordered(std::istream_iterator<int>(text), std::istream_iterator<int>(), std::negate<>{}))
        sum += r;
    EXPECT_EQ(sum, -10);
    std::list<int> list{1, 2, 3};
    parallel_for_each(pool, list.begin(), list.end(), [](int x) { EXPECT_GT(x, 0); });
}

TEST(two_iterators, move_elements_out_of_both_inputs_of_a_merge) {
    std::vector<std::unique_ptr<int>> a, b, out(100);
    for (int i = 0; i != 50; ++i)
        a.push_back(std::make_unique<int>(2 * i)), b.push_back(std::make_unique<int>(2 * i + 1));
    auto const less = [](auto const& x, auto const& y) { return *x < *y; };
    parallel_merge(std::make_move_iterator(a.begin()), std::make_move_iterator(a.end()),
                   std::make_move_iterator(b.begin()), std::make_move_iterator(b.end()), out.begin(), less);
    for (std::size_t i = 0; i != out.size(); ++i) EXPECT_EQ(*out[i], static_cast<int>(i));
    EXPECT_EQ(std::count(a.begin(), a.end(), nullptr) + std::count(b.begin(), b.end(), nullptr), 100);
}

TEST(two_iterators, of_which_the_end_lies_first_are_an_empty_range) {
    std::vector<int> v{3, 2, 1};
    parallel_sort(v.end(), v.begin());
    parallel_for(v.end(), v.begin(), [](int&) { FAIL(); });
    EXPECT_EQ(v, (std::vector{3, 2, 1}));
    EXPECT_EQ(parallel_reduce(v.end(), v.begin(), 5, std::plus<>{}), 5);
}

TEST(two_iterators, may_be_an_array_and_the_place_behind_its_end) {
    int v[] = {3, 1, 2};
    parallel_sort(v, v + 3);
    EXPECT_EQ(v[0], 1);
    parallel_sort(v, v + 3, std::greater<>{});
    EXPECT_EQ(v[0], 3);
    parallel_sort(v, v + 2, {}, [](int x) { return x; });
    EXPECT_EQ(v[0], 2);
    parallel_nth_element(v, v + 1, v + 3);
    EXPECT_EQ(v[1], 2);
    EXPECT_EQ(parallel_find_if(v, v + 3, [](int x) { return x == 3; }) - v, 2);
    EXPECT_EQ(parallel_min_element(v, v + 3), v);
    EXPECT_EQ(parallel_count_if(v, v + 3, is_even), 1u);
    EXPECT_EQ(parallel_reduce(v, v + 3, 0, std::plus<>{}), 6);
    parallel_for(v, v + 3, [](int& x) { x = 4; });
    parallel_fill(v, v + 1, 5);
    int const out[3] = {5, 4, 4};
    EXPECT_TRUE(std::equal(v, v + 3, out));
    EXPECT_EQ(parallel_unique(v, v + 3).begin(), v + 2);
    parallel_sort(v); // the array is a range as well
    EXPECT_EQ(v[0], 4);
}

// Calls with two integers.

TEST(two_integers, are_a_range_for_what_reads) {
    thread_pool pool({.workers = 2});
    EXPECT_EQ(parallel_map(0, 5, [](int i) { return i * i; }), (std::vector{0, 1, 4, 9, 16}));
    std::vector<int> out(5);
    parallel_map(pool, 0, 5, out, [](int i) { return -i; });
    EXPECT_EQ(out, (std::vector{0, -1, -2, -3, -4}));
    EXPECT_EQ(parallel_reduce(1, 101, 0, std::plus<>{}), 5050);
    std::size_t const n = 100;
    EXPECT_EQ(parallel_transform_reduce(pool, 0, n, 0.0, std::plus<>{}, [](std::size_t i) { return 0.5 * double(i); }),
              2475.0);
    EXPECT_EQ(parallel_count_if(0, 1000, is_even), 500u);
    EXPECT_EQ(parallel_find_if(0, 1000, [](int i) { return i * i > 50; }), 8);
    EXPECT_EQ(parallel_find_if(pool, 0, 1000, [](int) { return false; }), 1000);
    EXPECT_TRUE(parallel_any_of(0, 1000, [](int i) { return i == 999; }));
    EXPECT_TRUE(parallel_all_of(0u, n, [](std::size_t i) { return i < 100; }));
    EXPECT_TRUE(parallel_none_of(0, 1000, [](int i) { return i < 0; }));
    auto const cost = [](int i) { return (i - 40) * (i - 40); };
    EXPECT_EQ(parallel_min_element(0, 100, {}, cost), 40);
    EXPECT_EQ(parallel_max_element(0, 100, {}, cost), 99);
    auto const [least, greatest] = parallel_minmax_element(0, 100, {}, cost);
    EXPECT_EQ(least, 40);
    EXPECT_EQ(greatest, 99);
    EXPECT_EQ(parallel_copy_if(0, 10, is_even), (std::vector{0, 2, 4, 6, 8}));
    EXPECT_EQ(parallel_histogram(0, 10, 2, [](int i) { return i % 2; }), (std::vector<std::size_t>{5, 5}));
    EXPECT_EQ(parallel_group_by(0, 10, is_even).size(), 2u);
    std::vector<long> sums(4);
    parallel_inclusive_scan(1, 5, sums, [](long a, long b) { return a + b; });
    EXPECT_EQ(sums.back(), 10);
    int next = 0;
    for (auto&& r : parallel_imap(0, 20, [](int i) { return i; })) EXPECT_EQ(r, next++);
    EXPECT_EQ(next, 20);
    EXPECT_TRUE(parallel_map(5, 2, [](int i) { return i; }).empty());
    EXPECT_THROW((void)parallel_map(-1, n, [](auto i) { return i; }), std::invalid_argument);
}

// Calls with projections.

TEST(a_projection, stands_behind_each_predicate_and_comparator) {
    thread_pool pool({.workers = 2});
    std::vector<item> const records = items(many);
    std::vector<item> v = records, expected = records, out(records.size());
    auto const is_small = [](int key) { return key < 10; };

    auto const has_small_key = [&](item const& each) { return is_small(each.key); };
    expected.erase(std::remove_if(expected.begin(), expected.end(), has_small_key), expected.end());
    v.erase(parallel_remove_if(v, is_small, &item::key).begin(), v.end());
    EXPECT_EQ(v, expected);

    v = expected = records;
    std::sort(v.begin(), v.end(), [](item const& a, item const& b) { return a.key < b.key; });
    expected = v;
    auto const same_key = [](item const& a, item const& b) { return a.key == b.key; };
    expected.erase(std::unique(expected.begin(), expected.end(), same_key), expected.end());
    v.erase(parallel_unique(pool, v, {}, &item::key, {.grain = 64}).begin(), v.end());
    EXPECT_EQ(v, expected);

    v = records;
    EXPECT_EQ(parallel_partition(v, is_small, &item::key).size(),
              static_cast<std::size_t>(many) - parallel_count_if(records, is_small, &item::key));
    EXPECT_TRUE(std::is_partitioned(v.begin(), v.end(), has_small_key));

    std::vector<item> small;
    std::copy_if(records.begin(), records.end(), std::back_inserter(small), has_small_key);
    EXPECT_EQ(parallel_copy_if(records, is_small, &item::key), small);
    out.erase(parallel_copy_if(pool, records, out.begin(), is_small, &item::key, {.grain = 64}), out.end());
    EXPECT_EQ(out, small);
}

// Calls with options.

TEST(options, count_wherever_the_callables_before_them_are_left_out) {
    std::vector<int> v = shuffled(many);
    std::vector<int> const before = v;
    loop_options const stopped{.stop = requested()};
    EXPECT_THROW(parallel_sort(v, stopped), operation_cancelled);
    EXPECT_THROW(parallel_sort(v, {.stop = requested()}), operation_cancelled);
    EXPECT_THROW(parallel_sort(v, {}, {.stop = requested()}), operation_cancelled);
    EXPECT_THROW(parallel_sort(v, {}, {}, {.stop = requested()}), operation_cancelled);
    EXPECT_THROW(parallel_sort(v, std::less<>{}, stopped), operation_cancelled);
    EXPECT_THROW(parallel_sort(v, std::less<>{}, std::identity{}, stopped), operation_cancelled);
    EXPECT_THROW(parallel_sort(v, {}, std::identity{}, stopped), operation_cancelled);
    EXPECT_THROW(parallel_sort(v, stopped, std::identity{}), operation_cancelled);
    EXPECT_THROW(parallel_sort(v.begin(), v.end(), {.stop = requested()}), operation_cancelled);
    EXPECT_THROW(parallel_unique(v, {.stop = requested()}), operation_cancelled);
    EXPECT_THROW(parallel_unique(v, std::equal_to<>{}, {.stop = requested()}), operation_cancelled);
    EXPECT_THROW(parallel_nth_element(v, v.begin() + 5, {.stop = requested()}), operation_cancelled);
    EXPECT_THROW((void)parallel_find_if(v, is_even, {.stop = requested()}), operation_cancelled);
    EXPECT_THROW((void)parallel_count_if(v, is_even, {.stop = requested()}), operation_cancelled);
    EXPECT_THROW((void)parallel_copy_if(v, is_even, {.stop = requested()}), operation_cancelled);
    EXPECT_THROW((void)parallel_min_element(v, {.stop = requested()}), operation_cancelled);
    EXPECT_THROW((void)parallel_histogram(v, many, {.stop = requested()}), operation_cancelled);
    std::vector<int> out(2 * v.size());
    EXPECT_THROW(parallel_merge(v, v, out, {.stop = requested()}), operation_cancelled);
    EXPECT_THROW(parallel_merge(v, v, out, {}, std::identity{}, {.stop = requested()}), operation_cancelled);
    EXPECT_THROW((void)parallel_reduce_by_key(v, v, std::plus<>{}, {.stop = requested()}), operation_cancelled);
    EXPECT_EQ(v, before);
}

// Calls with ranges that have no random access.

/// The first even numbers: a forward range without a size, whose elements are values.
struct even_numbers {
    class iterator {
      public:
        using iterator_concept = std::forward_iterator_tag;
        using iterator_category = std::input_iterator_tag;
        using value_type = int;
        using difference_type = std::ptrdiff_t;

        iterator() = default;
        explicit iterator(int position) : position_(position) {}
        int operator*() const { return 2 * position_; }
        iterator& operator++() { return ++position_, *this; }
        iterator operator++(int) { return iterator(position_++); }
        friend bool operator==(iterator, iterator) = default;

      private:
        int position_ = 0;
    };

    int count;
    [[nodiscard]] static iterator begin() { return {}; }
    [[nodiscard]] iterator end() const { return iterator(count); }
};

TEST(a_range_without_random_access, is_read_by_algorithms) {
    thread_pool pool({.workers = 2});
    std::vector<int> const v = shuffled(many);
    std::list<int> const list(v.begin(), v.end());
    std::forward_list<int> const forward(v.begin(), v.end());
    long const sum = std::accumulate(v.begin(), v.end(), 0L);

    EXPECT_EQ(parallel_reduce(list, 0L, std::plus<>{}), sum);
    EXPECT_EQ(parallel_transform_reduce(pool, forward, 0L, std::plus<>{}, std::negate<>{}, {.grain = 64}), -sum);
    EXPECT_EQ(parallel_reduce(list.begin(), list.end(), 0L, std::plus<>{}), sum);
    EXPECT_EQ(parallel_map(list, std::negate<>{}), parallel_map(v, std::negate<>{}));
    EXPECT_EQ(parallel_map(even_numbers{500}, [](int x) { return x / 2; }),
              parallel_map(0, 500, [](int x) { return x; }));
    std::vector<int> out(v.size());
    parallel_map(pool, forward.begin(), forward.end(), out, [](int x) { return x; });
    EXPECT_EQ(out, v);
    EXPECT_EQ(parallel_count_if(list, is_even), 2500u);
    EXPECT_EQ(parallel_find_if(list, [](int x) { return x == 33; }), std::find(list.begin(), list.end(), 33));
    EXPECT_EQ(parallel_find_if(forward, [](int x) { return x < 0; }), forward.end());
    EXPECT_TRUE(parallel_all_of(list, [](int x) { return x >= 0; }));
    EXPECT_EQ(*parallel_min_element(list), 0);
    EXPECT_EQ(*parallel_max_element(forward.begin(), forward.end()), many - 1);
    EXPECT_EQ(parallel_copy_if(list, is_even), parallel_copy_if(v, is_even));
    EXPECT_EQ(parallel_histogram(list, many), std::vector<std::size_t>(many, 1));
    EXPECT_EQ(parallel_group_by(list, is_even).size(), 2u);
    std::vector<int> sums(v.size()), expected(v.size());
    std::inclusive_scan(v.begin(), v.end(), expected.begin());
    parallel_inclusive_scan(list, sums, std::plus<>{});
    EXPECT_EQ(sums, expected);
    parallel_copy(list, out);
    EXPECT_EQ(out, v);
    EXPECT_EQ(parallel_reduce(even_numbers{500}, 0L, std::plus<>{}), 499L * 500);

    std::map<std::string, int> const ages{{"ada", 36}, {"bob", 7}};
    EXPECT_EQ(parallel_starmap(ages, [](std::string const& name, int age) { return name + std::to_string(age); }),
              (std::vector<std::string>{"ada36", "bob7"}));
    EXPECT_EQ(parallel_max_element(ages, {}, [](auto const& entry) { return entry.second; })->first, "ada");
    std::set<int> const none;
    EXPECT_EQ(parallel_reduce(none, 3, std::plus<>{}), 3);
    EXPECT_EQ(parallel_find_if(none, is_even), none.end());
}

TEST(a_range_without_random_access, gives_references_to_its_elements) {
    std::list<std::unique_ptr<int>> list;
    for (int i = 0; i != 100; ++i) list.push_back(std::make_unique<int>(i));
    std::vector<int*> const addresses = parallel_map(list, [](std::unique_ptr<int>& x) { return x.get(); });
    std::size_t i = 0;
    for (auto const& x : list) EXPECT_EQ(addresses[i++], x.get());
}

TEST(an_algorithm_as_a_future, takes_iterators_as_well) {
    std::vector<int> v = shuffled(many);
    async(parallel_sort, v.begin(), v.end()).get();
    EXPECT_TRUE(std::is_sorted(v.begin(), v.end()));
    EXPECT_EQ(async(parallel_map, 0, 3, [](int i) { return i; }).get(), (std::vector{0, 1, 2}));
    EXPECT_EQ(map_async(0, 3, [](int i) { return -i; }).get(), (std::vector{0, -1, -2}));
    thread_pool pool({.workers = 2});
    EXPECT_EQ(map_async(pool, v.begin(), v.begin() + 2, std::negate<>{}, {.grain = 1}).get(), (std::vector{0, -1}));
    std::list<int> const list{1, 2};
    EXPECT_EQ(map_async(list, std::negate<>{}).get(), (std::vector{-1, -2}));
}

} // namespace
