// SPDX-License-Identifier: MIT
// Tests of a stop during long calls that come after many instant ones. Few more calls begin, though the sizes of the
// blocks were measured by the instant calls. Also tests stops of selections and merges of few elements.
#include <hocket/base/stop_token.hpp>
#include <hocket/filter.hpp>
#include <hocket/pool.hpp>
#include <hocket/scan.hpp>
#include <hocket/search.hpp>
#include <hocket/sort.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <numeric>
#include <stdexcept>
#include <thread>
#include <vector>

namespace {

using namespace hocket;

/// The body of callables. The first `fast` calls return at once, later calls take long. The `stop_at`-th of the long
/// calls requests the stop or throws. Calls that begin afterwards are counted.
class calls_that_slow_down {
  public:
    calls_that_slow_down(int fast, int stop_at, bool throws) : slow_from_(fast), stop_at_(stop_at), throws_(throws) {}
    void operator()(std::chrono::milliseconds first = {}) {
        int const number = calls_.fetch_add(1, std::memory_order_relaxed);
        if (number == 0) std::this_thread::sleep_for(first);
        if (number < slow_from_) return;
        if (over_.load()) ++late_;
        std::this_thread::sleep_for(length_of_call);
        if (number - slow_from_ != stop_at_) return;
        if (!throws_) source_.request_stop();
        over_ = true; // not before: other calls may begin while this thread has no core
        if (throws_) throw std::runtime_error("as intended");
    }
    hocket::stop_token token() { return source_.get_token(); }
    int late() const { return late_; }

  private:
    /// Some calls are as long as the way of a failure to the operation, which takes milliseconds under a sanitizer.
    static constexpr std::chrono::microseconds length_of_call{hocket::detail::sanitized ? 2000 : 200};

    int const slow_from_;
    int const stop_at_;
    bool const throws_;
    std::atomic<int> calls_{0};
    std::atomic<int> late_{0};
    std::atomic<bool> over_{false};
    hocket::stop_source source_;
};

class stops_after_fast_calls : public testing::TestWithParam<std::size_t> {
  protected:
    /// Expects few late calls. `run(calls, options)` calls an algorithm whose callables call `calls`; `most` is the
    /// number that may begin late on each worker.
    template<class Run>
    void expect_few_later(char const* name, Run const& run, int fast, int stop_at, int most) {
        SCOPED_TRACE(name);
        for (bool throws : {false, true}) {
            calls_that_slow_down calls(fast, stop_at, throws);
            bool ended = false;
            try {
                run(calls, loop_options{.stop = calls.token()});
            } catch (operation_cancelled const&) {
                ended = !throws;
            } catch (std::runtime_error const&) {
                ended = throws;
            }
            EXPECT_TRUE(ended);
            EXPECT_LE(calls.late(), most * static_cast<int>(GetParam())) << (throws ? "failure" : "stop");
        }
    }

    static constexpr int n = 50'000;
    thread_pool pool{pool_options{.workers = GetParam(), .bind = binding::none}};
    std::vector<int> numbers = [] {
        std::vector<int> v(n);
        for (int i = 0; i < n; ++i) v[static_cast<std::size_t>(i)] = i * 7919 % 10'007;
        return v;
    }();
};

// As many calls as were fast may follow, in a block that began when the first of them was slow.
TEST_P(stops_after_fast_calls, filters) {
    for (int const fast : {20, 85, 150}) {
        int const most = fast + 8;
        expect_few_later(
            "copy_if",
            [&](calls_that_slow_down& calls, loop_options const& options) {
                (void)parallel_copy_if(
                    pool, numbers, [&](int x) { return calls(), x % 2 == 0; }, options);
            },
            fast, 4, most);
        expect_few_later(
            "partition",
            [&](calls_that_slow_down& calls, loop_options const& options) {
                std::vector<int> v = numbers;
                (void)parallel_partition(
                    pool, v, [&](int x) { return calls(), x % 2 == 0; }, options);
            },
            fast, 4, most);
    }
}

// One test of a position may take many calls.
TEST_P(stops_after_fast_calls, searches_with_long_tests) {
    std::vector<int> const zeros(3000), ones(1000, 1);
    std::vector<int> wanted(1000);
    wanted.back() = 1;
    for (int const fast : {0, 20}) {
        auto const expect_few = [&](char const* name, auto const& search, std::vector<int> const& for_what) {
            expect_few_later(
                name,
                [&](calls_that_slow_down& calls, loop_options const& options) {
                    (void)search(
                        pool, zeros, for_what, [&](int a, int b) { return calls(), a == b; }, options);
                },
                fast, 4, fast + 8);
        };
        expect_few("search", parallel_search, wanted);
        expect_few("find_end", parallel_find_end, wanted);
        expect_few("find_first_of", parallel_find_first_of, ones);
        expect_few_later(
            "search_n",
            [&](calls_that_slow_down& calls, loop_options const& options) {
                (void)parallel_search_n(
                    pool, zeros, 2000, 0, [&](int, int) { return calls(), true; }, options);
            },
            fast, 4, fast + 8);
    }
}

TEST_P(stops_after_fast_calls, searches_and_scans) {
    std::vector<int> const few(numbers.begin(), numbers.begin() + 3000);
    expect_few_later(
        "scan",
        [&](calls_that_slow_down& calls, loop_options const& options) {
            std::vector<int> sums(few.size());
            parallel_inclusive_scan(
                pool, few, sums, [&](int a, int b) { return calls(), a ^ b; }, options);
        },
        20, 4, 40);
    expect_few_later(
        "find_if",
        [&](calls_that_slow_down& calls, loop_options const& options) {
            (void)parallel_find_if(
                pool, few, [&](int) { return calls(), false; }, options);
        },
        20, 4, 72);
}

// After a slow first call the size of the next block comes from few instant ones.
TEST_P(stops_after_fast_calls, searches_with_a_slow_first_call) {
    std::vector<int> const few(numbers.begin(), numbers.begin() + 3000);
    expect_few_later(
        "find_if",
        [&](calls_that_slow_down& calls, loop_options const& options) {
            (void)parallel_find_if(
                pool, few, [&](int) { return calls(std::chrono::milliseconds(30)), false; }, options);
        },
        100, 4, 72);
}

TEST_P(stops_after_fast_calls, selections_of_few) {
    for (std::size_t const count : {16u, 50u, 200u, 1000u}) {
        expect_few_later(
            "nth_element",
            [&](calls_that_slow_down& calls, loop_options const& options) {
                std::vector<int> v(numbers.begin(), numbers.begin() + static_cast<std::ptrdiff_t>(count));
                parallel_nth_element(
                    pool, v, v.begin() + static_cast<std::ptrdiff_t>(count / 2),
                    [&](int a, int b) { return calls(), a < b; }, options);
            },
            0, 6, 4);
        expect_few_later(
            "partial_sort",
            [&](calls_that_slow_down& calls, loop_options const& options) {
                std::vector<int> v(numbers.begin(), numbers.begin() + static_cast<std::ptrdiff_t>(count));
                parallel_partial_sort(
                    pool, v, v.begin() + static_cast<std::ptrdiff_t>(count / 2),
                    [&](int a, int b) { return calls(), a < b; }, options);
            },
            0, 6, 4);
    }
}

// Before a merge a few comparisons of the first elements are timed.
TEST_P(stops_after_fast_calls, merges_of_few) {
    for (std::size_t const count : {8u, 40u, 200u, 1000u}) {
        std::vector<int> a(count);
        std::iota(a.begin(), a.end(), 0);
        std::vector<int> to(2 * count);
        expect_few_later(
            "merge",
            [&](calls_that_slow_down& calls, loop_options const& options) {
                (void)parallel_merge(
                    pool, a, a, to, [&](int x, int y) { return calls(), x < y; }, options);
            },
            0, 4, 12);
        expect_few_later(
            "inplace_merge",
            [&](calls_that_slow_down& calls, loop_options const& options) {
                std::vector<int> v(a);
                v.insert(v.end(), a.begin(), a.end());
                parallel_inplace_merge(
                    pool, v, v.begin() + static_cast<std::ptrdiff_t>(count),
                    [&](int x, int y) { return calls(), x < y; }, options);
            },
            0, 4, 12);
    }
}

INSTANTIATE_TEST_SUITE_P(workers, stops_after_fast_calls, testing::Values(1, 2, 4));

} // namespace
