// SPDX-License-Identifier: MIT
// Tests with names of programs and of the standard library that are also names in the library. There are three kinds:
// every other header of the standard library is included before; lower-case macros that are in use are defined; and a
// namespace of a program has functions that accept all arguments. Argument-dependent lookup must find none of these
// functions when the library calls its own. Each of them is deleted, so an unqualified call does not compile. An
// operator comma and an operator& of the program's types are deleted, too.
#include <gtest/gtest.h>

#include <algorithm>
#include <any>
#include <array>
#include <atomic>
#include <barrier>
#include <bit>
#include <bitset>
#include <charconv>
#include <chrono>
#include <codecvt>
#include <compare>
#include <complex>
#include <concepts>
#include <condition_variable>
#include <coroutine>
#include <deque>
#include <exception>
#include <filesystem>
#include <forward_list>
#include <fstream>
#include <functional>
#include <future>
#include <initializer_list>
#include <iomanip>
#include <ios>
#include <iostream>
#include <istream>
#include <iterator>
#include <latch>
#include <limits>
#include <list>
#include <locale>
#include <map>
#include <memory>
#include <memory_resource>
#include <mutex>
#include <new>
#include <numbers>
#include <numeric>
#include <optional>
#include <ostream>
#include <queue>
#include <random>
#include <ranges>
#include <ratio>
#include <regex>
#include <scoped_allocator>
#include <semaphore>
#include <set>
#include <shared_mutex>
#include <source_location>
#include <span>
#include <sstream>
#include <stack>
#include <stdexcept>
#include <stop_token>
#include <streambuf>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <tuple>
#include <type_traits>
#include <typeindex>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <valarray>
#include <variant>
#include <vector>

#define I _Complex_I // <complex.h>
#define emit         // Qt
#define foreach Q_FOREACH
#define forever for (;;)
#define signals public
#define slots
#define check(condition) not_for_you(condition)
#define verify(condition) not_for_you(condition)
#define assume(condition) not_for_you(condition)
#define likely(condition) not_for_you(condition)
#define unlikely(condition) not_for_you(condition)
#define major(device) not_for_you(device)
#define minor(device) not_for_you(device)
#define linux 1
#define unix 1
#include <hocket/hocket.hpp>

#define TAKES_ALL(name)                                                                                                \
    template<class A>                                                                                                  \
    void name(A&&) = delete;                                                                                           \
    template<class A, class B>                                                                                         \
    void name(A&&, B&&) = delete;                                                                                      \
    template<class A, class B, class C>                                                                                \
    void name(A&&, B&&, C&&) = delete;                                                                                 \
    template<class A, class B, class C, class D>                                                                       \
    void name(A&&, B&&, C&&, D&&) = delete;                                                                            \
    template<class A, class B, class C, class D, class E>                                                              \
    void name(A&&, B&&, C&&, D&&, E&&) = delete;                                                                       \
    template<class A, class B, class C, class D, class E, class F>                                                     \
    void name(A&&, B&&, C&&, D&&, E&&, F&&) = delete;                                                                  \
    template<class A, class B, class C, class D, class E, class F, class G>                                            \
    void name(A&&, B&&, C&&, D&&, E&&, F&&, G&&) = delete;

namespace foreign {

TAKES_ALL(call)
TAKES_ALL(put)
TAKES_ALL(spawn)
TAKES_ALL(submit)
TAKES_ALL(join)
TAKES_ALL(run)
TAKES_ALL(run_item)
TAKES_ALL(run_loop)
TAKES_ALL(run_over_chosen)
TAKES_ALL(fold_in)
TAKES_ALL(fold_front)
TAKES_ALL(guarded_loop)
TAKES_ALL(advanced)
TAKES_ALL(range_length)
TAKES_ALL(chunk_of)
TAKES_ALL(copy_plain)
TAKES_ALL(insert_rest)
TAKES_ALL(call_joined)
TAKES_ALL(attach)
TAKES_ALL(wait_for_state)
TAKES_ALL(parallel_for)
TAKES_ALL(parallel_sort)
TAKES_ALL(parallel_stable_sort)
TAKES_ALL(parallel_map)
TAKES_ALL(parallel_merge)
TAKES_ALL(parallel_nth_element)
TAKES_ALL(parallel_any_of)
TAKES_ALL(parallel_all_of)
TAKES_ALL(parallel_none_of)
TAKES_ALL(parallel_find_if)
TAKES_ALL(parallel_count_if)
TAKES_ALL(parallel_copy_if)
TAKES_ALL(parallel_partition)
TAKES_ALL(parallel_remove_if)
TAKES_ALL(parallel_unique)
TAKES_ALL(parallel_reduce)
TAKES_ALL(parallel_transform_reduce)
TAKES_ALL(parallel_reduce_by_key)
TAKES_ALL(parallel_min_element)
TAKES_ALL(parallel_max_element)
TAKES_ALL(parallel_group_by)
TAKES_ALL(parallel_fill)
TAKES_ALL(async)
TAKES_ALL(split_kernel)
TAKES_ALL(partition_stably)
TAKES_ALL(merge_split)
TAKES_ALL(merge_plain)
TAKES_ALL(merge_halves)
TAKES_ALL(merge_runs)
TAKES_ALL(merge_behind)
TAKES_ALL(merge_back)
TAKES_ALL(find_place)
TAKES_ALL(find_runs)
TAKES_ALL(find_bounds)
TAKES_ALL(distribute)
TAKES_ALL(direction_of)
TAKES_ALL(take_apart)
TAKES_ALL(sort_copies)
TAKES_ALL(slab_release)
TAKES_ALL(quick_sort)
TAKES_ALL(choose_pivot)
TAKES_ALL(prefer_large_pages)
TAKES_ALL(pack_block)
TAKES_ALL(pack)
TAKES_ALL(arrange)
TAKES_ALL(keep_few_in_place)
TAKES_ALL(first_position)
TAKES_ALL(for_positions)
TAKES_ALL(first_not)
TAKES_ALL(copy_kept)
TAKES_ALL(output_begin)
TAKES_ALL(check_room)
TAKES_ALL(as_element)
TAKES_ALL(parallel_find)
TAKES_ALL(parallel_equal)
TAKES_ALL(parallel_transform)

template<class A, class B>
void operator,(A&&, B&&) = delete;

struct number {
    int value = 0;

    number() = default;
    number(int its_value) : value(its_value) {}
    friend auto operator<=>(number const&, number const&) = default;
    friend number operator+(number a, number b) { return {a.value + b.value}; }
    number* operator&() = delete;
    number const* operator&() const = delete;
};

/// A number that is too large for the base cases of plain elements.
struct record : number {
    using number::number;
    std::array<std::vector<int>, 8> more{};
    friend record operator+(record const& a, record const& b) { return {a.value + b.value}; }
    friend bool operator==(record const& a, record const& b) { return a.value == b.value; }
    friend auto operator<=>(record const& a, record const& b) { return a.value <=> b.value; }
};

/// An iterator over elements of T.
template<class T>
class place {
  public:
    using value_type = T;
    using difference_type = std::ptrdiff_t;

    place() = default;
    explicit place(T* at) : at_(at) {}
    T& operator*() const { return *at_; }
    T& operator[](difference_type n) const { return at_[n]; }
    place& operator++() {
        ++at_;
        return *this;
    }
    place& operator--() {
        --at_;
        return *this;
    }
    place operator++(int) { return place(at_++); }
    place operator--(int) { return place(at_--); }
    place& operator+=(difference_type n) {
        at_ += n;
        return *this;
    }
    place& operator-=(difference_type n) {
        at_ -= n;
        return *this;
    }
    friend place operator+(place const& a, difference_type n) { return place(a.at_ + n); }
    friend place operator+(difference_type n, place const& a) { return place(a.at_ + n); }
    friend place operator-(place const& a, difference_type n) { return place(a.at_ - n); }
    friend difference_type operator-(place const& a, place const& b) { return a.at_ - b.at_; }
    friend auto operator<=>(place const&, place const&) = default;

  private:
    T* at_ = nullptr;
};

template<class T>
class elements {
  public:
    explicit elements(std::size_t n) : all_(n) {
        for (std::size_t i = 0; i < n; ++i) all_[i].value = static_cast<int>(i);
    }
    place<T> begin() { return place<T>(all_.data()); }
    place<T> end() { return begin() + static_cast<std::ptrdiff_t>(all_.size()); }
    std::size_t size() const { return all_.size(); }

  private:
    std::vector<T> all_;
};

template<class T>
class foreign_names : public testing::Test {};
using element_types = testing::Types<number, record>;
TYPED_TEST_SUITE(foreign_names, element_types);

TYPED_TEST(foreign_names, are_not_called_by_algorithms) {
    using T = TypeParam;
    std::size_t const n = 20'000;
    elements<T> v(n);
    elements<T> out(n);
    auto const is_even = [](T const& x) { return x.value % 2 == 0; };
    auto const itself = [](T const& x) { return x; };
    auto const bucket = [](T const& x) { return static_cast<std::size_t>(x.value) % 8; };
    auto const less = [](T const& a, T const& b) { return a.value < b.value; };
    auto const same = [](T const& a, T const& b) { return a.value == b.value; };
    auto const plus = [](T const& a, T const& b) { return a + b; };

    hocket::parallel_for(v, [](T& x) { x.value += 1; });
    hocket::parallel_for_chunks(v, [](auto chunk) {
        for (T& x : chunk) x.value -= 1;
    });
    hocket::parallel_for(hocket::extents{3, 4, 5}, [](auto, auto, auto) {});
    hocket::parallel_for_each(v, [](T x, hocket::feeder<T>& more) {
        if (x.value == 5) more.add(T(-1));
    });
    EXPECT_EQ(hocket::parallel_map(v, itself)[7].value, 7);
    hocket::parallel_map(v, out, itself);
    EXPECT_EQ(hocket::parallel_starmap(std::vector<std::tuple<T, T>>(10), plus).size(), 10U);
    int streamed = 0;
    for (auto&& x : hocket::parallel_imap(v, itself)) streamed += x.value < 100;
    for (auto&& [index, x] : hocket::parallel_imap_unordered(v, itself)) streamed += x.value < 100 && index < 100;
    EXPECT_EQ(streamed, 200);
    EXPECT_EQ(hocket::parallel_reduce(v, T(0), plus).value, 199'990'000);
    EXPECT_EQ(hocket::parallel_transform_reduce(v, T(0), plus, itself).value, 199'990'000);
    hocket::parallel_inclusive_scan(v, out, plus);
    hocket::parallel_exclusive_scan(v, out, T(0), plus);

    hocket::parallel_sort(v, std::greater<>());
    hocket::parallel_sort(v);
    hocket::parallel_sort(v, less, itself);
    hocket::parallel_sort(v, std::less<>(), &T::value);
    hocket::parallel_stable_sort(v, less);
    hocket::parallel_nth_element(v, v.begin() + 5);
    hocket::parallel_nth_element(v, v.begin() + 5, less, itself);
    hocket::parallel_stable_sort(v);
    std::vector<T> both(2 * n);
    hocket::parallel_merge(v, v, both, less, itself, itself);
    hocket::parallel_merge(v, v, both);
    EXPECT_EQ(both[9].value, 4);

    EXPECT_EQ(hocket::parallel_copy_if(v, is_even).size(), n / 2);
    EXPECT_EQ(hocket::parallel_copy_if(v, is_even, itself).size(), n / 2);
    hocket::parallel_copy_if(v, out.begin(), is_even);
    EXPECT_EQ(hocket::parallel_partition(v, is_even).size(), n / 2);
    EXPECT_EQ(hocket::parallel_remove_if(both, is_even).size(), n);
    EXPECT_EQ(hocket::parallel_unique(v).size(), 0U);
    EXPECT_EQ(hocket::parallel_unique(v, same).size(), 0U);
    EXPECT_EQ((*hocket::parallel_find_if(v, is_even)).value, 0);
    EXPECT_TRUE(hocket::parallel_any_of(v, is_even, itself));
    EXPECT_FALSE(hocket::parallel_all_of(v, is_even));
    EXPECT_FALSE(hocket::parallel_none_of(v, is_even));
    EXPECT_EQ(hocket::parallel_count_if(v, is_even, itself), n / 2);
    EXPECT_EQ((*hocket::parallel_min_element(v)).value, 0);
    EXPECT_EQ((*hocket::parallel_max_element(v, less)).value, static_cast<int>(n - 1));
    EXPECT_EQ((*hocket::parallel_minmax_element(v, less, itself).min).value, 0);
    EXPECT_EQ(hocket::parallel_histogram(v, 8, bucket)[0], n / 8);
    EXPECT_EQ(hocket::parallel_group_by(v, bucket).size(), 8U);
    EXPECT_EQ(hocket::parallel_reduce_by_key(v, v, plus, same).size(), n);
    EXPECT_EQ(hocket::parallel_reduce_by_key(v, v, plus).size(), n);

    hocket::parallel_fill(out, T(3));
    hocket::parallel_copy(v, out);
    hocket::parallel_generate(out, [] { return T(4); });
    hocket::parallel_iota(v, 0);
    EXPECT_EQ(hocket::map_async(v, itself).get().size(), n);
}

TYPED_TEST(foreign_names, are_not_called_by_algorithms_of_the_standard) {
    using T = TypeParam;
    std::size_t const n = 20'000;
    elements<T> v(n);
    elements<T> out(n);
    auto const is_even = [](T const& x) { return x.value % 2 == 0; };
    auto const itself = [](T const& x) { return x; };
    auto const less = [](T const& a, T const& b) { return a.value < b.value; };
    auto const same = [](T const& a, T const& b) { return a.value == b.value; };
    auto const plus = [](T const& a, T const& b) { return a + b; };

    EXPECT_EQ((*hocket::parallel_find(v, T(7))).value, 7);
    EXPECT_EQ((*hocket::parallel_find_if_not(v, is_even, itself)).value, 1);
    EXPECT_EQ((*hocket::parallel_find_first_of(v, out, same)).value, 0);
    EXPECT_EQ(hocket::parallel_adjacent_find(v), v.end());
    EXPECT_EQ(hocket::parallel_search(v, out), v.begin());
    EXPECT_EQ(hocket::parallel_find_end(v, out, same, itself, itself), v.begin());
    EXPECT_EQ(hocket::parallel_search_n(v, 2, T(7)), v.end());
    EXPECT_EQ(hocket::parallel_count(v, T(7)), 1U);
    EXPECT_TRUE(hocket::parallel_equal(v, out));
    EXPECT_EQ(hocket::parallel_mismatch(v, out.begin(), same).first, v.end());
    EXPECT_FALSE(hocket::parallel_lexicographical_compare(v, out));
    EXPECT_TRUE(hocket::parallel_is_sorted(v, less, itself));
    EXPECT_FALSE(hocket::parallel_is_heap(v));
    EXPECT_FALSE(hocket::parallel_is_partitioned(v, is_even));
    hocket::parallel_transform(v, out, itself);
    hocket::parallel_transform(v, v, out.begin(), plus);
    hocket::parallel_adjacent_difference(v, out, plus);
    hocket::parallel_replace(out, T(7), T(8));
    hocket::parallel_replace_if(out, is_even, T(8));
    hocket::parallel_replace_copy(v, out, T(7), T(8));
    hocket::parallel_replace_copy_if(v, out.begin(), is_even, T(8));
    hocket::parallel_copy_n(v.begin(), n, out);
    hocket::parallel_fill_n(out.begin(), n, T(3));
    hocket::parallel_generate_n(out.begin(), n, [] { return T(4); });
    hocket::parallel_for_each_n(out.begin(), n, [](T& x) { x.value += 1; });
    hocket::parallel_move(v, out);
    hocket::parallel_copy(out, v);
    hocket::parallel_iota(v, 0);
    hocket::parallel_reverse(v);
    hocket::parallel_reverse_copy(v, out);
    hocket::parallel_rotate(v, v.begin() + 3);
    hocket::parallel_rotate_copy(v, v.begin() + 3, out.begin());
    hocket::parallel_shift_left(v, 3);
    hocket::parallel_shift_right(v, 3);
    hocket::parallel_swap_ranges(v, out);
    hocket::parallel_iota(v, 0);
    EXPECT_EQ(hocket::parallel_remove_copy_if(v, is_even).size(), n / 2);
    hocket::parallel_remove_copy(v, out.begin(), T(7));
    hocket::parallel_unique_copy(v, out.begin(), same, itself);
    std::vector<T> other(n);
    hocket::parallel_partition_copy(v, out.begin(), other.begin(), is_even);
    EXPECT_EQ(hocket::parallel_stable_partition(v, is_even).size(), n / 2);
    hocket::parallel_inplace_merge(v, v.begin() + n / 2);
    hocket::parallel_partial_sort(v, v.begin() + 10, less, itself);
    hocket::parallel_partial_sort_copy(v, out);
    hocket::parallel_stable_sort(v);
    std::vector<T> all(2 * n);
    EXPECT_EQ(hocket::parallel_set_union(v, v, all, less, itself, itself) - all.begin(), 20'000);
    hocket::parallel_set_intersection(v, v, all);
    hocket::parallel_set_difference(v, v, all);
    hocket::parallel_set_symmetric_difference(v, v, all);
    EXPECT_TRUE(hocket::parallel_includes(v, v));
    hocket::parallel_transform_inclusive_scan(v, out, plus, itself);
    hocket::parallel_transform_exclusive_scan(v, out, T(0), plus, itself);
    EXPECT_EQ(hocket::parallel_remove(v, T(7)).size(), 1U);
    hocket::parallel_destroy(other);
    hocket::parallel_uninitialized_copy(v, other);
    hocket::parallel_destroy_n(other.begin(), n);
    hocket::parallel_uninitialized_value_construct(other);
}

template<class T>
hocket::task<T> inner(int value) {
    T const result = co_await hocket::submit([value] { return T(value); });
    co_return result;
}
template<class T>
hocket::task<T> outer(int value) {
    T const result = co_await inner<T>(value);
    co_return result;
}

TYPED_TEST(foreign_names, are_not_called_by_tasks) {
    using T = TypeParam;
    hocket::thread_pool pool({.workers = 2});
    auto const one = [] { return T(1); };
    auto const plus = [](T const& a, T const& b) { return a + b; };
    auto const futures = [&] {
        std::vector<hocket::future<T>> all;
        for (int i = 0; i < 3; ++i) all.push_back(hocket::submit(one));
        return all;
    };

    auto const [a, b] = hocket::join(one, one);
    auto const three = hocket::join(pool, one, one, one);
    EXPECT_EQ((a + b + std::get<2>(three)).value, 3);
    hocket::task_group group;
    group.run([value = T(1)] { static_cast<void>(value); });
    group.wait();
    auto sum = hocket::submit(plus, hocket::submit(one), T(2));
    EXPECT_EQ(sum.then([](T value) { return value; }).share().then([](T const& value) { return value; }).get().value,
              3);
    EXPECT_EQ(hocket::submit(pool, one, hocket::submit_options{.name = "one"}).get().value, 1);
    EXPECT_EQ(std::get<1>(hocket::when_all(hocket::submit(one), hocket::submit(one)).get()).value, 1);
    EXPECT_EQ(hocket::when_all(futures()).get().size(), 3U);
    EXPECT_EQ(hocket::when_any(futures()).get().value.value, 1);
    for (auto&& done : hocket::as_completed(futures())) EXPECT_EQ(done.get().value, 1);
    hocket::promise<T> promised;
    auto kept = promised.get_future();
    promised.set_value(T(1));
    EXPECT_EQ((kept.get() + hocket::make_ready_future(T(1)).get()).value, 2);
    EXPECT_EQ(hocket::submit(outer<T>(1)).get().value, 1);

    hocket::task_graph graph;
    auto left = graph.add(one);
    auto right = graph.add("right", one);
    auto both = graph.add(plus, left, right);
    graph.run().get();
    EXPECT_EQ(both.get().value, 2);
    int given = 0;
    int taken = 0;
    hocket::pipeline(
        hocket::stage<hocket::serial>([&] { return given < 5 ? std::optional<T>(given++) : std::nullopt; }),
        hocket::stage<hocket::parallel>([](T x) { return x; }), hocket::stage<hocket::serial>([&](T) { ++taken; }))
        .run();
    EXPECT_EQ(taken, 5);
    EXPECT_EQ(hocket::blocking(one).value, 1);
}

} // namespace foreign
