// SPDX-License-Identifier: MIT
// Tests of the features that call forms give to all algorithms: a step, move iterators, omitted operations and values.
#include <hocket/hocket.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iterator>
#include <limits>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <numeric>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace {

using namespace hocket;

/// Returns the integers that a loop gets, in their order.
template<class... Args>
auto counted(Args... args) {
    using index = decltype(parallel_map(args..., [](auto i) { return i; }));
    std::mutex mutex;
    index seen;
    parallel_for(args..., [&](auto i) {
        std::lock_guard const lock(mutex);
        seen.push_back(i);
    });
    std::sort(seen.begin(), seen.end());
    return seen;
}

TEST(a_step, counts_up_and_down) {
    for (std::size_t const workers : {1U, 2U, 3U, 4U, 8U}) {
        thread_pool pool(static_cast<unsigned>(workers));
        pool.run([] {
            EXPECT_EQ(counted(0, 10, 3), (std::vector{0, 3, 6, 9}));
            EXPECT_EQ(counted(0, 9, 3), (std::vector{0, 3, 6}));
            EXPECT_EQ(counted(10, 0, -3), (std::vector{1, 4, 7, 10}));
            EXPECT_EQ(counted(0, 0, 3), std::vector<int>());
            EXPECT_EQ(counted(5, 0, 3), std::vector<int>());
            EXPECT_EQ(counted(0, 5, -1), std::vector<int>());
            EXPECT_EQ(counted(0, 5, 100), std::vector{0});
            EXPECT_EQ(counted(-4, 5, 4), (std::vector{-4, 0, 4}));
            EXPECT_EQ(counted(std::uint8_t{200}, 255, 20).size(), 3U);
        });
    }
    EXPECT_THROW(parallel_for(0, 3, 0, [](int) { FAIL(); }), std::invalid_argument);
}

TEST(a_step, reaches_the_ends_of_64_bits) {
    constexpr std::int64_t least = std::numeric_limits<std::int64_t>::min();
    constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
    constexpr std::int64_t step = std::int64_t{1} << 62;
    EXPECT_EQ(counted(least, most, step), (std::vector<std::int64_t>{least, least + step, 0, step}));
    EXPECT_EQ(counted(most, least, least), (std::vector<std::int64_t>{-1, most}));
    EXPECT_EQ(counted(std::uint64_t{0}, ~std::uint64_t{0}, std::uint64_t{1} << 63).size(), 2U);
}

TEST(a_step, goes_with_every_algorithm_that_reads_integers) {
    EXPECT_EQ(parallel_map(0, 10, 4, [](int i) { return i; }), (std::vector{0, 4, 8}));
    std::vector<int> out(3);
    parallel_map(0, 10, 4, out, [](int i) { return -i; });
    EXPECT_EQ(out, (std::vector{0, -4, -8}));
    EXPECT_EQ(parallel_transform_reduce(0, 10, 4, 0, std::plus<>(), [](int i) { return i; }), 12);
    EXPECT_EQ(parallel_count_if(0, 10, 4, [](int i) { return i > 0; }), 2U);
    EXPECT_EQ(parallel_find_if(0, 10, 4, [](int i) { return i > 5; }), 8);
    EXPECT_EQ(parallel_max_element(0, 10, 4), 8);
    EXPECT_EQ(parallel_minmax_element(0, 10, 4, std::greater<>()).min, 8);
    EXPECT_EQ(parallel_copy_if(0, 10, 4, [](int i) { return i != 4; }), (std::vector{0, 8}));
    std::atomic<int> sum{0};
    parallel_for_chunks(0, 10, 4, [&](auto chunk) {
        for (int const i : chunk) sum += i;
    });
    parallel_for_each(0, 10, 4, [&](int i) { sum += i; });
    EXPECT_EQ(sum.load(), 24);
    for (auto&& r : parallel_imap(0, 10, 4, [](int i) { return i; })) sum += r;
    EXPECT_EQ(sum.load(), 36);
}

TEST(a_reduction, adds_where_nothing_else_is_said) {
    std::vector<double> const v{0.5, 1.5, 2.0};
    std::list<std::string> const words{"a", "b"};
    thread_pool pool(2);
    EXPECT_EQ(parallel_reduce(v), 4.0);
    EXPECT_EQ(parallel_reduce(pool, v), 4.0);
    EXPECT_EQ(parallel_reduce(v, 1.0), 5.0);
    EXPECT_EQ(parallel_reduce(v, {.grain = 2}), 4.0);
    EXPECT_EQ(parallel_reduce(pool, v.begin(), v.end(), 1.0, {.grain = 2}), 5.0);
    EXPECT_EQ(parallel_reduce(v.begin(), v.end()), 4.0);
    EXPECT_EQ(parallel_reduce(1, 101), 5050);
    EXPECT_EQ(parallel_reduce(words), "ab");
    EXPECT_EQ(parallel_reduce(v, {}, [](double a, double b) { return a < b ? b : a; }), 2.0);
}

TEST(a_scan, adds_where_nothing_else_is_said) {
    std::vector<int> const v{1, 2, 3};
    std::vector<int> out(3);
    thread_pool pool(2);
    EXPECT_EQ(parallel_inclusive_scan(v, out), out.end());
    EXPECT_EQ(out, (std::vector{1, 3, 6}));
    parallel_inclusive_scan(pool, v.begin(), v.end(), out.begin(), {.grain = 1});
    EXPECT_EQ(out, (std::vector{1, 3, 6}));
    parallel_inclusive_scan(v, out, std::plus<>(), 10);
    EXPECT_EQ(out, (std::vector{11, 13, 16}));
    parallel_exclusive_scan(v, out, 5);
    EXPECT_EQ(out, (std::vector{5, 6, 8}));
    parallel_exclusive_scan(pool, v.begin(), v.end(), out, 5, {.grain = 1});
    EXPECT_EQ(out, (std::vector{5, 6, 8}));
    int const in[3] = {1, 2, 3};
    int sums[3] = {};
    parallel_inclusive_scan(in, sums);
    EXPECT_EQ(sums[2], 6);
    parallel_inclusive_scan(in, in + 2, sums, std::multiplies<>());
    EXPECT_EQ(sums[1], 2);
    parallel_inclusive_scan(sums, sums + 0, std::plus<>());
    EXPECT_EQ(sums[1], 3);
}

struct by_less {
    int value;
    friend bool operator<(by_less const& a, by_less const& b) { return a.value < b.value; }
};

TEST(elements_with_operator_less_alone, have_an_order) {
    std::vector<by_less> v{{3}, {1}, {2}}, out(6);
    EXPECT_EQ(parallel_min_element(v)->value, 1);
    EXPECT_EQ(parallel_max_element(v)->value, 3);
    parallel_nth_element(v, v.begin() + 1);
    EXPECT_EQ(v[1].value, 2);
    parallel_stable_sort(v);
    parallel_sort(v);
    EXPECT_EQ(v[2].value, 3);
    parallel_merge(v, v, out);
    EXPECT_EQ(out[5].value, 3);
}

TEST(move_iterators, give_what_can_be_moved_from) {
    auto const strings = [] {
        std::vector<std::string> v;
        for (int i = 0; i != 1000; ++i)
            v.push_back("a string that is too long to be stored in place " + std::to_string(i));
        return v;
    };
    std::vector<std::string> from = strings(), to(from.size());
    parallel_copy(std::move_iterator(from.begin()), std::move_iterator(from.end()), to);
    EXPECT_EQ(to, strings());
    EXPECT_EQ(from, std::vector<std::string>(1000));
    from = strings();
    EXPECT_EQ(parallel_map(std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()),
                           [](std::string&& s) { return std::string(std::move(s)); }),
              strings());
    EXPECT_EQ(from, std::vector<std::string>(1000));
    from = strings();
    parallel_for(std::move_iterator(from.begin()), std::move_iterator(from.end()),
                 [](std::string&& s) { std::string const taken(std::move(s)); });
    EXPECT_EQ(from, std::vector<std::string>(1000));
}

TEST(elements_of_a_list_or_a_map, are_what_the_bodies_of_for_each_get) {
    std::list<int> list(1000, 1);
    parallel_for_each(list, [](int& x) { ++x; });
    EXPECT_EQ(list, std::list<int>(1000, 2));
    parallel_for_each(list.begin(), list.end(), [](int& x) { ++x; });
    EXPECT_EQ(list, std::list<int>(1000, 3));
    std::map<int, std::unique_ptr<int>> map;
    for (int i = 0; i != 100; ++i) map.emplace(i, std::make_unique<int>(0));
    parallel_for_each(map, [](auto& entry) { *entry.second += entry.first; });
    for (auto const& [key, value] : map) EXPECT_EQ(*value, key);
    std::list<std::unique_ptr<int>> owned;
    for (int i = 0; i != 100; ++i) owned.push_back(std::make_unique<int>(i));
    std::atomic<int> sum{0};
    parallel_for_each(std::move(owned), [&](std::unique_ptr<int> x) { sum += *x; });
    EXPECT_EQ(sum.load(), 4950);
}

TEST(a_box_with_an_origin, is_gone_through_once) {
    std::vector<std::atomic<int>> cells(20 * 30);
    parallel_for(extents{{1, 19}, {2, 30}}, [&](std::size_t y, std::size_t x) { ++cells[y * 30 + x]; });
    for (std::size_t y = 0; y != 20; ++y)
        for (std::size_t x = 0; x != 30; ++x)
            EXPECT_EQ(cells[y * 30 + x].load(), y >= 1 && y < 19 && x >= 2 ? 1 : 0) << y << ' ' << x;
    EXPECT_EQ((extents{{5, 3}, {0, 9}}.size()), 0U);
    EXPECT_THROW((extents{{-1, 3}, {0, 9}}), std::invalid_argument);
}

TEST(boxes_of_any_number_of_dimensions, are_gone_through_once) {
    std::vector<std::atomic<int>> cells(3 * 4 * 5 * 6 * 7);
    parallel_for(extents{3, 4, 5, 6, 7}, [&](std::size_t a, std::size_t b, std::size_t c, std::size_t d,
                                             std::size_t e) { ++cells[(((a * 4 + b) * 5 + c) * 6 + d) * 7 + e]; });
    for (auto const& cell : cells) EXPECT_EQ(cell.load(), 1);
    std::atomic<std::size_t> sum{0};
    parallel_for(extents{100}, [&](std::size_t i) { sum += i; });
    EXPECT_EQ(sum.load(), 4950U);
    parallel_for(extents{{1, 3}, {1, 3}, {1, 3}, {1, 3}},
                 [&](std::size_t a, std::size_t b, std::size_t c, std::size_t d) { sum += a * b * c * d; });
    EXPECT_EQ(sum.load(), 4950U + 81U);
}

TEST(options, may_be_objects_of_any_kind) {
    loop_options named{.grain = 2};
    loop_options const constant{.grain = 2};
    struct mine : loop_options {};
    int const n = 10;
    std::atomic<int> ran{0};
    auto const body = [&](int) { ++ran; };
    parallel_for(0, n, body, named);
    parallel_for(0, n, body, constant);
    parallel_for(0, n, body, loop_options{.grain = 2});
    parallel_for(0, n, body, mine{});
    parallel_for(0, n, body, {});
    parallel_for(0, n, body, std::move(named));
    EXPECT_EQ(ran.load(), 60);
}

/// Counts the threads in it at once, and records the maximum.
struct at_once {
    std::atomic<int> now{0}, most{0};

    void enter() {
        int const mine = ++now;
        for (int seen = most; seen < mine && !most.compare_exchange_weak(seen, mine);) {
        }
    }
    void leave() { --now; }
};

TEST(a_limit_of_workers, holds_for_items_that_add_items) {
    for (unsigned const workers : {1U, 2U, 3U, 4U, 8U}) {
        thread_pool pool(workers);
        for (std::uint32_t const limit : {1U, 2U, 3U}) {
            at_once inside;
            std::atomic<int> leaves{0};
            auto const body = [&](int depth, feeder<int>& more) {
                inside.enter();
                for (int i = 0; depth != 0 && i != 3; ++i) more.add(depth - 1);
                if (depth == 0) ++leaves;
                inside.leave();
            };
            parallel_for_each(pool, std::vector<int>(5, 4), body, {.max_workers = limit});
            parallel_for_each(pool, std::list<int>(5, 4), body, {.max_workers = limit});
            EXPECT_EQ(leaves.load(), 2 * 5 * 81);
            EXPECT_LE(inside.most.load(), static_cast<int>(limit)) << workers;
        }
    }
}

TEST(a_limit_of_workers, lets_as_many_items_meet) {
    thread_pool pool(4);
    std::atomic<int> there{0};
    parallel_for_each(pool, std::vector{1},
                      [&](int x, feeder<int>& more) {
                          if (x == 1) more.add(0);
                          ++there;
                          while (there.load() < 2) std::this_thread::yield();
                      },
                      {.max_workers = 2});
    EXPECT_EQ(there.load(), 2);
}

TEST(a_limit_of_workers, reports_the_failures_of_items) {
    thread_pool pool(3);
    try {
        parallel_for_each(pool, std::vector{0, 1, 2}, [](int, feeder<int>&) { throw std::runtime_error("no"); },
                          {.max_workers = 2, .errors = error_policy::collect});
        FAIL();
    } catch (parallel_error const& error) {
        EXPECT_EQ(error.failures().size(), 3U);
    }
}

TEST(a_limit_of_workers, holds_for_streams) {
    for (unsigned const workers : {1U, 2U, 4U, 8U}) {
        thread_pool pool(workers);
        for (std::uint32_t const limit : {1U, 2U, 3U}) {
            at_once inside;
            long sum = 0;
            auto const twice = [&](int x) {
                inside.enter();
                std::this_thread::yield();
                inside.leave();
                return 2 * x;
            };
            for (auto&& r : parallel_imap(pool, 0, 500, twice, {.max_workers = limit, .name = "twice"})) sum += r;
            for (auto&& [index, r] : parallel_imap_unordered(pool, 0, 500, twice, {.max_workers = limit})) sum += r;
            EXPECT_EQ(sum, 2 * 499 * 500);
            EXPECT_LE(inside.most.load(), static_cast<int>(limit)) << workers;
        }
    }
}

TEST(a_timeout, ends_a_stream_without_end) {
    thread_pool pool(2);
    std::uint64_t steps = 0;
    auto const endless = [&] {
        for (auto&& r : parallel_imap(pool, 0, 2'000'000'000, [](int x) { return x; },
                                      {.timeout = std::chrono::milliseconds(20)})) {
            static_cast<void>(r);
            ++steps;
        }
    };
    EXPECT_THROW(endless(), operation_cancelled);
    auto none = parallel_imap(pool, 0, 10, [](int x) { return x; }, {.timeout = std::chrono::seconds(-1)});
    EXPECT_THROW(static_cast<void>(none.begin()), operation_cancelled);
}

} // namespace
