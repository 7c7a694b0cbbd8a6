// SPDX-License-Identifier: MIT
// Tests that a timeout in options is that of the whole call, also where the call consists of several loops in a row.
#include <hocket/filter.hpp>
#include <hocket/group.hpp>
#include <hocket/loop.hpp>
#include <hocket/pool.hpp>
#include <hocket/reduce.hpp>
#include <hocket/scan.hpp>
#include <hocket/search.hpp>
#include <hocket/sort.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <numeric>
#include <thread>
#include <vector>

namespace {

using namespace hocket;
using namespace std::chrono_literals;

using clock_type = std::chrono::steady_clock;
constexpr auto limit = 300ms, begins_late = 100ms;
std::atomic<int> calls = 0;
std::atomic<int> last_calls = 0; // calls from this one on wait until the time is over
clock_type::time_point begun;

/// Stands for any callable of the program. The first call takes longer than the last ones wait beyond the limit. A loop
/// with a limit of its own that begins after the first call would still have time then.
void call() {
    int const number = ++calls;
    if (number == 1) std::this_thread::sleep_for(begins_late);
    if (number >= last_calls) std::this_thread::sleep_until(begun + limit + begins_late / 4);
}
struct less {
    bool operator()(int a, int b) const { return call(), a < b; }
};
struct plus {
    int operator()(int a, int b) const { return call(), a + b; }
};
struct equal {
    bool operator()(int a, int b) const { return call(), a == b; }
};
struct even {
    bool operator()(int a) const { return call(), a % 2 == 0; }
};
/// A key whose comparisons take time as well.
struct key {
    int value;
    friend bool operator==(key a, key b) { return call(), a.value == b.value; }
};

} // namespace

template<>
struct std::hash<key> {
    std::size_t operator()(key k) const { return call(), static_cast<std::size_t>(k.value); }
};

namespace {

class one_timeout : public testing::Test {
  protected:
    /// `run(options)` calls an algorithm.
    template<class Run>
    void expect_cancelled(char const* name, Run const& run, std::uint64_t grain = 0) {
        SCOPED_TRACE(name);
        calls = 0;
        last_calls = std::numeric_limits<int>::max();
        run(loop_options{.grain = grain, .timeout = 1h});
        last_calls = calls / 2;
        EXPECT_GT(last_calls, 20);
        calls = 0;
        begun = clock_type::now();
        EXPECT_THROW(run(loop_options{.grain = grain, .timeout = limit}), operation_cancelled);
    }

    static constexpr int n = 400;
    thread_pool pool{pool_options{.workers = 1, .bind = binding::none}};
    std::vector<int> numbers = [] {
        std::vector<int> v(n);
        for (int i = 0; i < n; ++i) v[static_cast<std::size_t>(i)] = i * 7919 % 1009;
        return v;
    }();
};

TEST_F(one_timeout, for_groups) {
    expect_cancelled("group_by", [&](loop_options const& options) {
        (void)parallel_group_by(
            pool, numbers, [](int x) { return call(), key{x % 50}; }, options);
    });
    expect_cancelled("group_by_sorted", [&](loop_options const& options) {
        (void)parallel_group_by(
            pool, numbers, [](int x) { return call(), x % 50; }, options);
    });
    expect_cancelled(
        "reduce_by_key",
        [&](loop_options const& options) {
            std::vector<int> keys(numbers.size());
            for (std::size_t i = 0; i < keys.size(); ++i) keys[i] = static_cast<int>(i / 20);
            (void)parallel_reduce_by_key(pool, keys, numbers, plus{}, equal{}, options);
        },
        16);
    expect_cancelled(
        "histogram",
        [&](loop_options const& options) {
            (void)parallel_histogram(
                pool, numbers, 100, [](int x) { return call(), x % 100; }, options);
        },
        16);
}

TEST_F(one_timeout, for_orders) {
    expect_cancelled("sort", [&](loop_options const& options) {
        std::vector<int> v = numbers;
        parallel_sort(pool, v, less{}, options);
    });
    expect_cancelled("stable_sort", [&](loop_options const& options) {
        std::vector<int> v = numbers;
        parallel_stable_sort(pool, v, less{}, options);
    });
    expect_cancelled("nth_element", [&](loop_options const& options) {
        std::vector<int> v = numbers;
        parallel_nth_element(pool, v, v.begin() + n / 2, less{}, options);
    });
    expect_cancelled("partial_sort", [&](loop_options const& options) {
        std::vector<int> v = numbers;
        parallel_partial_sort(pool, v, v.begin() + n / 2, less{}, options);
    });
    expect_cancelled("merge", [&](loop_options const& options) {
        std::vector<int> a(n), to(2 * n);
        std::iota(a.begin(), a.end(), 0);
        (void)parallel_merge(pool, a, a, to, less{}, options);
    });
    expect_cancelled("set_union", [&](loop_options const& options) {
        std::vector<int> a(n), to(2 * n);
        std::iota(a.begin(), a.end(), 0);
        (void)parallel_set_union(pool, a, a, to.begin(), less{}, options);
    });
}

TEST_F(one_timeout, for_scans_and_reductions) {
    expect_cancelled(
        "reduce", [&](loop_options const& options) { (void)parallel_reduce(pool, numbers, 0, plus{}, options); }, 16);
    std::vector<int> sums(n);
    expect_cancelled(
        "scan",
        [&](loop_options const& options) { (void)parallel_inclusive_scan(pool, numbers, sums, plus{}, options); }, 16);
    expect_cancelled(
        "transform_scan",
        [&](loop_options const& options) {
            (void)parallel_transform_inclusive_scan(
                pool, numbers, sums.begin(), plus{}, [](int x) { return call(), x; }, options);
        },
        16);
    expect_cancelled("min_element",
                     [&](loop_options const& options) { (void)parallel_min_element(pool, numbers, less{}, options); });
}

TEST_F(one_timeout, for_filters) {
    expect_cancelled("copy_if",
                     [&](loop_options const& options) { (void)parallel_copy_if(pool, numbers, even{}, options); });
    expect_cancelled("partition", [&](loop_options const& options) {
        std::vector<int> v = numbers;
        (void)parallel_partition(pool, v, even{}, options);
    });
    expect_cancelled("stable_partition", [&](loop_options const& options) {
        std::vector<int> v = numbers;
        (void)parallel_stable_partition(pool, v, even{}, options);
    });
    expect_cancelled("unique", [&](loop_options const& options) {
        std::vector<int> v = numbers;
        (void)parallel_unique(pool, v, equal{}, options);
    });
    expect_cancelled("count_if",
                     [&](loop_options const& options) { (void)parallel_count_if(pool, numbers, even{}, options); });
}

} // namespace
