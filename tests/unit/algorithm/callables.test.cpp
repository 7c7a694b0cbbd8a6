// SPDX-License-Identifier: MIT
// Tests of every form of a callable in every algorithm: the name of a function, a pointer to a function, pointers to
// members, std::function, std::bind, a reference wrapper, a const object, an object of a final class, and a move-only
// object.
#include <hocket/hocket.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

namespace {

using namespace hocket;
using namespace std::placeholders;

struct number {
    int value = 0;
    bool even = false;

    [[nodiscard]] int twice() const { return 2 * value; }
    [[nodiscard]] bool is_even() const { return value % 2 == 0; }
    [[nodiscard]] bool is_less(number const& other) const { return value < other.value; }
    [[nodiscard]] bool is_same(number const& other) const { return value == other.value; }
    [[nodiscard]] number plus(number const& other) const { return {value + other.value}; }
};

int twice(number const& x) { return x.twice(); }
bool is_even(number const& x) { return x.is_even(); }
bool is_less(number const& a, number const& b) { return a.is_less(b); }
bool is_same(number const& a, number const& b) { return a.is_same(b); }
number plus(number const& a, number const& b) { return a.plus(b); }

/// Calls a function pointer; `final`, so nothing can derive from it.
template<class Signature>
struct last_of_its_kind;
template<class R, class... Args>
struct last_of_its_kind<R(Args...)> final {
    R (*f)(Args...);
    R operator()(Args... args) const { return f(args...); }
};
/// Calls a function pointer, and cannot be copied.
template<class Signature>
struct only_moved;
template<class R, class... Args>
struct only_moved<R(Args...)> {
    std::unique_ptr<R (*)(Args...)> f;
    R operator()(Args... args) const { return (*f)(args...); }
};

template<class R, class... Args>
only_moved<R(Args...)> moved(R (&f)(Args...)) {
    return {std::make_unique<R (*)(Args...)>(&f)};
}

/// Calls `use` with each form of a function that is also the member function `member`.
template<class R, class... Args, class Member, class Use>
void with_each_form(R (&f)(Args...), Member member, Use const& use) {
    use(f);
    use(&f);
    use(member);
    use(std::function<R(Args...)>(f));
    std::function<R(Args...)> const constant(f);
    use(constant);
    if constexpr (sizeof...(Args) == 1)
        use(std::bind(f, _1));
    else
        use(std::bind(f, _1, _2));
    auto const lambda = [&f](Args... args) { return f(args...); };
    use(lambda);
    use(std::ref(lambda));
    use(std::cref(constant));
    use(last_of_its_kind<R(Args...)>{f});
    use(moved(f));
    auto const kept = moved(f);
    use(kept);
}

std::vector<number> numbers() {
    std::vector<number> v;
    for (int i = 0; i != 500; ++i) v.push_back({i * 7 % 500});
    return v;
}

TEST(each_form_of_a_callable, is_a_function_of_elements) {
    std::vector<number> const v = numbers();
    std::vector<int> expected;
    for (number const& x : v) expected.push_back(2 * x.value);
    with_each_form(twice, &number::twice, [&](auto&& f) {
        EXPECT_EQ(parallel_map(v, f), expected);
        std::vector<int> out(v.size());
        parallel_map(v, out, f);
        EXPECT_EQ(out, expected);
        EXPECT_EQ(parallel_transform_reduce(v, 0, std::plus<>(), f), 499 * 500);
        EXPECT_EQ(parallel_histogram(v, 1000, f)[2], 1U);
        EXPECT_EQ(parallel_group_by(v, f).size(), 500U);
        parallel_for(v, f);
        parallel_for_each(v, f);
        EXPECT_EQ(parallel_min_element(v, {}, f)->value, 0);
        EXPECT_EQ(parallel_find_if(
                      v, [](int x) { return x == 8; }, f)
                      ->value,
                  4);
        std::vector<number> w = v;
        parallel_sort(w, {}, f);
        EXPECT_EQ(w[3].value, 3);
        w = v;
        parallel_stable_sort(w, std::greater<>(), f);
        EXPECT_EQ(w[3].value, 496);
        parallel_nth_element(w, w.begin() + 2, {}, f);
        EXPECT_EQ(w[2].value, 2);
        std::vector<number> merged(2);
        parallel_merge(std::vector<number>{{1}}, std::vector<number>{{0}}, merged, {}, f, f);
        EXPECT_EQ(merged[0].value, 0);
    });
}

TEST(each_form_of_a_callable, makes_streams_and_futures) {
    std::vector<number> const v = numbers();
    with_each_form(twice, &number::twice, [&]<class F>(F&& f) {
        if constexpr (std::copy_constructible<std::decay_t<F>>) {
            long sum = 0;
            for (auto&& r : parallel_imap(v, f)) sum += r;
            for (auto&& [index, r] : parallel_imap_unordered(v, f)) sum += r;
            EXPECT_EQ(sum, 2 * 499 * 500);
            EXPECT_EQ(map_async(v, f).get()[1], 14);
        }
    });
    long sum = 0;
    for (auto&& r : parallel_imap(v, moved(twice))) sum += r;
    for (auto&& [index, r] : parallel_imap_unordered(v, moved(twice))) sum += r;
    EXPECT_EQ(sum, 2 * 499 * 500);
    EXPECT_EQ(map_async(v, moved(twice)).get()[1], 14);
}

TEST(each_form_of_a_callable, is_a_predicate) {
    std::vector<number> const v = numbers();
    with_each_form(is_even, &number::is_even, [&](auto&& f) {
        EXPECT_EQ(parallel_count_if(v, f), 250U);
        EXPECT_EQ(parallel_find_if(v, f), v.begin());
        EXPECT_TRUE(parallel_any_of(v, f));
        EXPECT_FALSE(parallel_all_of(v, f));
        EXPECT_FALSE(parallel_none_of(v, f));
        EXPECT_EQ(parallel_copy_if(v, f).size(), 250U);
        std::vector<number> w = v;
        EXPECT_EQ(parallel_partition(w, f).size(), 250U);
        EXPECT_EQ(parallel_remove_if(w, f).size(), 250U);
        EXPECT_EQ(parallel_copy_if(v, w.begin(), f), w.begin() + 250);
    });
}

TEST(each_form_of_a_callable, compares) {
    std::vector<number> const v = numbers();
    with_each_form(is_less, &number::is_less, [&](auto&& f) {
        std::vector<number> w = v;
        parallel_sort(w, f);
        EXPECT_EQ(w[5].value, 5);
        w = v;
        parallel_stable_sort(w, f);
        EXPECT_EQ(w[5].value, 5);
        w = v;
        parallel_nth_element(w, w.begin() + 9, f);
        EXPECT_EQ(w[9].value, 9);
        EXPECT_EQ(parallel_min_element(v, f)->value, 0);
        EXPECT_EQ(parallel_max_element(v, f)->value, 499);
        EXPECT_EQ(parallel_minmax_element(v, f).max->value, 499);
        parallel_sort(w, f);
        std::vector<number> out(2 * w.size());
        parallel_merge(w, w, out, f);
        EXPECT_EQ(out[999].value, 499);
    });
    with_each_form(is_same, &number::is_same, [&](auto&& f) {
        std::vector<number> w(10);
        EXPECT_EQ(parallel_unique(w, f).size(), 9U);
        EXPECT_EQ(parallel_reduce_by_key(w, std::vector<int>(10, 1), std::plus<>(), f).size(), 1U);
    });
}

TEST(each_form_of_a_callable, combines) {
    std::vector<number> const v = numbers();
    with_each_form(plus, &number::plus, [&](auto&& f) {
        EXPECT_EQ(parallel_reduce(v, number(), f).value, 499 * 250);
        EXPECT_EQ(parallel_transform_reduce(v, number(), f, std::identity()).value, 499 * 250);
        std::vector<number> out(v.size());
        parallel_inclusive_scan(v, out, f);
        EXPECT_EQ(out[499].value, 499 * 250);
        parallel_exclusive_scan(v, out, number{1}, f);
        EXPECT_EQ(out[0].value, 1);
        EXPECT_EQ(parallel_reduce_by_key(std::vector<int>(500), v, f)[0].second.value, 499 * 250);
    });
}

// Forms that only some calls accept.

std::atomic<int> calls{0};
void count_one(int) { ++calls; }
void count_chunk(index_range<int> chunk) { calls += static_cast<int>(chunk.size()); }
void count_down(int n, feeder<int>& more) {
    ++calls;
    if (n != 0) more.add(n - 1);
}
int seven() { return 7; }
int of_place(std::uint64_t i) { return static_cast<int>(i); }
int minus(int a, int b) { return a - b; }

TEST(the_name_of_a_function, is_a_body) {
    calls = 0;
    parallel_for(0, 10, count_one);
    parallel_for_chunks(0, 10, count_chunk);
    parallel_for_each(std::vector<int>{4}, count_down);
    parallel_for_each(0, 10, &count_one);
    EXPECT_EQ(calls.load(), 35);
    std::vector<int> v(3);
    parallel_generate(v, seven);
    EXPECT_EQ(v, (std::vector{7, 7, 7}));
    parallel_generate(v, of_place);
    EXPECT_EQ(v, (std::vector{0, 1, 2}));
    EXPECT_EQ(parallel_starmap(std::vector<std::pair<int, int>>{{5, 3}}, minus), std::vector{2});
}

TEST(a_body_that_can_only_be_moved, is_a_body) {
    auto const made = std::make_unique<std::atomic<int>>(0);
    auto const body = [count = std::make_unique<std::atomic<int>*>(made.get())](auto&&...) { ++**count; };
    parallel_for(0, 10, body);
    parallel_for_chunks(0, 1, body);
    parallel_for_each(std::vector<int>(10), [count = std::make_unique<int>(0), &body](int x) { body(x + *count); });
    EXPECT_EQ(*made, 21);
}

TEST(a_pointer_to_a_data_member, is_a_function_and_a_predicate) {
    std::vector<number> v{{1, true}, {2, false}, {3, true}};
    EXPECT_EQ(parallel_map(v, &number::value), (std::vector{1, 2, 3}));
    EXPECT_EQ(parallel_count_if(v, &number::even), 2U);
    EXPECT_EQ(parallel_partition(v, &number::even).size(), 1U);
    EXPECT_EQ(parallel_transform_reduce(v, 0, std::plus<>(), &number::value), 6);
    EXPECT_EQ(parallel_histogram(v, 4, &number::value)[3], 1U);
    std::vector<std::unique_ptr<number>> owned;
    owned.push_back(std::make_unique<number>(number{5}));
    EXPECT_EQ(parallel_map(owned, &number::value), std::vector{5});
}

} // namespace
