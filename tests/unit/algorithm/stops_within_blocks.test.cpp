// SPDX-License-Identifier: MIT
// Tests of a stop during long calls: hardly any more of them begin, however many elements lie in a block of the
// algorithm.
#include <hocket/base/stop_token.hpp>
#include <hocket/filter.hpp>
#include <hocket/group.hpp>
#include <hocket/pool.hpp>
#include <hocket/reduce.hpp>
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
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace hocket;

/// The body of callables. The `stop_at`-th call requests the stop or throws; calls that begin later are counted.
class slow_calls {
  public:
    slow_calls(int stop_at, bool throws) : stop_at_(stop_at), throws_(throws) {}
    void operator()() {
        if (over_.load()) ++late_;
        std::this_thread::sleep_for(length_of_call);
        if (++calls_ != stop_at_) return;
        if (!throws_) source_.request_stop();
        over_ = true; // not before: other calls may begin while this thread has no core
        if (throws_) throw std::runtime_error("as intended");
    }
    hocket::stop_token token() { return source_.get_token(); }
    int late() const { return late_; }

  private:
    /// Some calls are as long as the way of a failure to the operation, which takes milliseconds under a sanitizer.
    static constexpr std::chrono::microseconds length_of_call{hocket::detail::sanitized ? 2000 : 200};

    int const stop_at_;
    bool const throws_;
    std::atomic<int> calls_{0};
    std::atomic<int> late_{0};
    std::atomic<bool> over_{false};
    hocket::stop_source source_;
};

class stops_within_blocks : public testing::TestWithParam<std::size_t> {
  protected:
    /// Expects few late calls. `run(calls, options)` calls an algorithm over 50,000 elements, whose callables call
    /// `calls`.
    template<class Run>
    void expect_few_later(char const* name, Run const& run, int stop_at = 40) {
        SCOPED_TRACE(name);
        for (bool throws : {false, true}) {
            slow_calls calls(stop_at, throws);
            bool ended = false;
            try {
                run(calls, loop_options{.stop = calls.token()});
            } catch (operation_cancelled const&) {
                ended = !throws;
            } catch (std::runtime_error const&) {
                ended = throws;
            }
            EXPECT_TRUE(ended);
            EXPECT_LE(calls.late(), 4 * static_cast<int>(GetParam())) << (throws ? "failure" : "stop");
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

TEST_P(stops_within_blocks, filters) {
    expect_few_later("copy_if", [&](slow_calls& calls, loop_options const& options) {
        (void)parallel_copy_if(
            pool, numbers, [&](int x) { return calls(), x % 2 == 0; }, options);
    });
    expect_few_later("remove_if", [&](slow_calls& calls, loop_options const& options) {
        std::vector<int> v = numbers;
        (void)parallel_remove_if(
            pool, v, [&](int x) { return calls(), x % 2 == 0; }, options);
    });
    expect_few_later("partition", [&](slow_calls& calls, loop_options const& options) {
        std::vector<int> v = numbers;
        (void)parallel_partition(
            pool, v, [&](int x) { return calls(), x % 2 == 0; }, options);
    });
    expect_few_later("partition_strings", [&](slow_calls& calls, loop_options const& options) {
        std::vector<std::string> v(static_cast<std::size_t>(n), "x");
        (void)parallel_partition(
            pool, v, [&](std::string const& x) { return calls(), x.empty(); }, options);
    });
    expect_few_later("unique", [&](slow_calls& calls, loop_options const& options) {
        std::vector<int> v = numbers;
        (void)parallel_unique(
            pool, v, [&](int a, int b) { return calls(), a == b; }, options);
    });
}

TEST_P(stops_within_blocks, reductions_and_scans) {
    std::vector<double> const reals(numbers.begin(), numbers.end());
    expect_few_later("reduce", [&](slow_calls& calls, loop_options const& options) {
        (void)parallel_reduce(
            pool, numbers, 0, [&](int a, int b) { return calls(), a + b; }, options);
    });
    expect_few_later("transform_reduce", [&](slow_calls& calls, loop_options const& options) {
        (void)parallel_transform_reduce(
            pool, reals, 0.0, std::plus<>{}, [&](double x) { return calls(), x; }, options);
    });
    expect_few_later("count_if", [&](slow_calls& calls, loop_options const& options) {
        (void)parallel_count_if(
            pool, numbers, [&](int x) { return calls(), x % 2 == 0; }, options);
    });
    expect_few_later("min_element", [&](slow_calls& calls, loop_options const& options) {
        (void)parallel_min_element(
            pool, numbers, [&](int a, int b) { return calls(), a < b; }, options);
    });
    expect_few_later("histogram", [&](slow_calls& calls, loop_options const& options) {
        (void)parallel_histogram(
            pool, numbers, 100, [&](int x) { return calls(), x % 100; }, options);
    });
    expect_few_later("reduce_by_key", [&](slow_calls& calls, loop_options const& options) {
        std::vector<int> keys(static_cast<std::size_t>(n));
        for (std::size_t i = 0; i < keys.size(); ++i) keys[i] = static_cast<int>(i / 500);
        (void)parallel_reduce_by_key(
            pool, keys, numbers, [&](int a, int b) { return calls(), a + b; }, options);
    });
    std::vector<int> sums(static_cast<std::size_t>(n));
    expect_few_later("scan", [&](slow_calls& calls, loop_options const& options) {
        (void)parallel_inclusive_scan(
            pool, numbers, sums, [&](int a, int b) { return calls(), a + b; }, options);
    });
    std::vector<double> real_sums(static_cast<std::size_t>(n));
    expect_few_later(
        "scan_reals",
        [&](slow_calls& calls, loop_options const& options) {
            (void)parallel_inclusive_scan(
                pool, reals, real_sums, [&](double a, double b) { return calls(), a + b; }, options);
        },
        200);
}

TEST_P(stops_within_blocks, orders) {
    expect_few_later(
        "sort",
        [&](slow_calls& calls, loop_options const& options) {
            std::vector<int> v = numbers;
            parallel_sort(
                pool, v, [&](int a, int b) { return calls(), a < b; }, options);
        },
        200);
    expect_few_later(
        "sort_strings",
        [&](slow_calls& calls, loop_options const& options) {
            std::vector<std::string> v(static_cast<std::size_t>(n), "x");
            parallel_stable_sort(
                pool, v, [&](auto const& a, auto const& b) { return calls(), a < b; }, options);
        },
        200);
    expect_few_later(
        "sort_by_keys",
        [&](slow_calls& calls, loop_options const& options) {
            std::vector<int> v = numbers;
            parallel_sort(
                pool, v, std::less<>{}, [&](int x) { return calls(), x; }, options);
        },
        200);
    expect_few_later(
        "nth_element",
        [&](slow_calls& calls, loop_options const& options) {
            std::vector<int> v = numbers;
            parallel_nth_element(
                pool, v, v.begin() + n / 2, [&](int a, int b) { return calls(), a < b; }, options);
        },
        200);
    expect_few_later(
        "merge",
        [&](slow_calls& calls, loop_options const& options) {
            std::vector<int> a(static_cast<std::size_t>(n));
            std::iota(a.begin(), a.end(), 0);
            std::vector<int> to(2 * a.size());
            (void)parallel_merge(
                pool, a, a, to, [&](int x, int y) { return calls(), x < y; }, options);
        },
        200);
}

TEST_P(stops_within_blocks, orders_of_few) {
    for (std::size_t const count : {16u, 50u, 200u}) {
        expect_few_later(
            "sort",
            [&](slow_calls& calls, loop_options const& options) {
                std::vector<int> v(numbers.begin(), numbers.begin() + static_cast<std::ptrdiff_t>(count));
                parallel_sort(
                    pool, v, [&](int a, int b) { return calls(), a < b; }, options);
            },
            10);
        expect_few_later(
            "sort_strings",
            [&](slow_calls& calls, loop_options const& options) {
                std::vector<std::string> v(count);
                for (std::size_t i = 0; i < count; ++i) v[i] = std::to_string(i * 7919 % 1009);
                parallel_stable_sort(
                    pool, v, [&](auto const& a, auto const& b) { return calls(), a < b; }, options);
            },
            10);
        expect_few_later(
            "sort_by_keys",
            [&](slow_calls& calls, loop_options const& options) {
                std::vector<int> v(numbers.begin(), numbers.begin() + static_cast<std::ptrdiff_t>(count));
                parallel_sort(
                    pool, v, std::less<>{}, [&](int x) { return calls(), x; }, options);
            },
            10);
    }
}

/// A key whose construction, comparison and copy are slow.
struct slow_key {
    int value;
    slow_calls* hashes;
    slow_calls* equalities;
    friend bool operator==(slow_key const& a, slow_key const& b) {
        if (a.equalities != nullptr) (*a.equalities)();
        return a.value == b.value;
    }
};

} // namespace

template<>
struct std::hash<slow_key> {
    std::size_t operator()(slow_key const& key) const {
        if (key.hashes != nullptr) (*key.hashes)();
        return static_cast<std::size_t>(key.value);
    }
};

namespace {

TEST_P(stops_within_blocks, groups) {
    for (int const groups : {100, 40'000}) {
        expect_few_later("hashes", [&](slow_calls& calls, loop_options const& options) {
            (void)parallel_group_by(
                pool, numbers,
                [&](int x) {
                    return slow_key{x % groups, &calls, nullptr};
                },
                options);
        });
        expect_few_later("equalities", [&](slow_calls& calls, loop_options const& options) {
            (void)parallel_group_by(
                pool, numbers,
                [&](int x) {
                    return slow_key{x % groups, nullptr, &calls};
                },
                options);
        });
        expect_few_later("keys", [&](slow_calls& calls, loop_options const& options) {
            (void)parallel_group_by(
                pool, numbers, [&](int x) { return calls(), x % groups; }, options);
        });
    }
}

INSTANTIATE_TEST_SUITE_P(workers, stops_within_blocks, testing::Values(1, 2, 4, 8));

} // namespace
