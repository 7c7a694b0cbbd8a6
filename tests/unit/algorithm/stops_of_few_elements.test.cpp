// SPDX-License-Identifier: MIT
// Tests of stops of algorithms over a few elements whose callables take long. Few more calls begin after the stop, also
// if the algorithm runs within a stopped operation, and if its first element needs no call.
#include <hocket/base/stop_token.hpp>
#include <hocket/filter.hpp>
#include <hocket/future.hpp>
#include <hocket/loop.hpp>
#include <hocket/map.hpp>
#include <hocket/pool.hpp>
#include <hocket/reduce.hpp>
#include <hocket/scan.hpp>
#include <hocket/search.hpp>
#include <hocket/sort.hpp>
#include <hocket/stream.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <numeric>
#include <thread>
#include <tuple>
#include <vector>

namespace {

using namespace hocket;

/// The body of callables that take long. The third call requests the stop. Calls that begin afterwards are counted.
class slow_calls {
  public:
    int operator()(int result) {
        int const number = ++calls_;
        if (over_.load()) ++late_;
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
        if (number == 3) {
            source_.request_stop();
            over_ = true; // not before: other calls may begin while this thread has no core
        }
        return result;
    }
    hocket::stop_token token() { return source_.get_token(); }
    int late() const { return late_; }

  private:
    std::atomic<int> calls_{0};
    std::atomic<int> late_{0};
    std::atomic<bool> over_{false};
    hocket::stop_source source_;
};

struct algorithm {
    char const* name;
    void (*run)(thread_pool&, std::vector<int> const&, slow_calls&, hocket::stop_token);
};
void PrintTo(algorithm const& it, std::ostream* out) { *out << it.name; }

using ints = std::vector<int>;
using token = hocket::stop_token;

void run_for(thread_pool& pool, ints const& v, slow_calls& f, token stop) {
    parallel_for(pool, 0, static_cast<int>(v.size()), [&](int i) { f(i); }, {.stop = stop});
}
void run_serial(thread_pool& pool, ints const& v, slow_calls& f, token stop) {
    parallel_for(pool, 0, static_cast<int>(v.size()), [&](int i) { f(i); }, {.stop = stop, .max_workers = 1});
}
void run_reduce(thread_pool& pool, ints const& v, slow_calls& f, token stop) {
    (void)parallel_reduce(pool, v, 0, [&](int a, int b) { return f(a + b); }, {.stop = stop});
}
void run_scan(thread_pool& pool, ints const& v, slow_calls& f, token stop) {
    ints sums(v.size());
    parallel_inclusive_scan(pool, v, sums.begin(), [&](int a, int b) { return f(a + b); }, {.stop = stop});
}
void run_sort(thread_pool& pool, ints const& v, slow_calls& f, token stop) {
    ints copy = v;
    parallel_sort(pool, copy, [&](int a, int b) { return f(a) > b; }, {.stop = stop});
}
void run_merge(thread_pool& pool, ints const& v, slow_calls& f, token stop) {
    ints merged(2 * v.size());
    parallel_merge(pool, v, v, merged.begin(), [&](int a, int b) { return f(a) < b; }, {.stop = stop});
}
void run_set_union(thread_pool& pool, ints const& v, slow_calls& f, token stop) {
    ints merged(2 * v.size());
    parallel_set_union(pool, v, v, merged.begin(), [&](int a, int b) { return f(a) < b; }, {.stop = stop});
}
void run_unique(thread_pool& pool, ints const& v, slow_calls& f, token stop) {
    ints copy = v;
    parallel_unique(pool, copy, [&](int a, int b) { return f(a) == b; }, {.stop = stop});
}
void run_is_sorted(thread_pool& pool, ints const& v, slow_calls& f, token stop) {
    (void)parallel_is_sorted(pool, v, [&](int a, int b) { return f(a) < b; }, {.stop = stop});
}
void run_search(thread_pool& pool, ints const& v, slow_calls& f, token stop) {
    (void)parallel_find_if(pool, v, [&](int a) { return f(a) < 0; }, {.stop = stop});
}
void run_stream(thread_pool& pool, ints const& v, slow_calls& f, token stop) {
    for (int const i : parallel_imap(pool, v, std::ref(f), {.stop = stop})) EXPECT_GT(i, 0);
}
void run_partition(thread_pool& pool, ints const& v, slow_calls& f, token stop) {
    ints copy = v;
    parallel_stable_partition(pool, copy, [&](int a) { return f(a) > 20; }, {.stop = stop});
}

class stops_of_few_elements : public testing::TestWithParam<std::tuple<algorithm, std::size_t, int>> {};
INSTANTIATE_TEST_SUITE_P(
    all, stops_of_few_elements,
    testing::Combine(testing::Values(algorithm{"for", run_for}, algorithm{"serial", run_serial},
                                     algorithm{"reduce", run_reduce}, algorithm{"scan", run_scan},
                                     algorithm{"sort", run_sort}, algorithm{"merge", run_merge},
                                     algorithm{"set_union", run_set_union}, algorithm{"unique", run_unique},
                                     algorithm{"is_sorted", run_is_sorted}, algorithm{"search", run_search},
                                     algorithm{"stream", run_stream}, algorithm{"partition", run_partition}),
                     testing::Values(1u, 2u, 3u, 4u, 8u, 16u), testing::Values(14, 40, 90)));

TEST_P(stops_of_few_elements, by_a_token) {
    auto const [what, workers, n] = GetParam();
    thread_pool pool({.workers = workers, .bind = binding::none});
    ints numbers(static_cast<std::size_t>(n));
    std::iota(numbers.begin(), numbers.end(), 1);
    slow_calls calls;
    EXPECT_THROW(what.run(pool, numbers, calls, calls.token()), operation_cancelled);
    EXPECT_LE(calls.late(), 4 * static_cast<int>(workers));
}

TEST_P(stops_of_few_elements, of_the_operation_around) {
    auto const [what, workers, n] = GetParam();
    thread_pool pool({.workers = workers, .bind = binding::none});
    ints numbers(static_cast<std::size_t>(n));
    std::iota(numbers.begin(), numbers.end(), 1);
    slow_calls calls;
    auto const nested = [&, run = what.run](int) { run(pool, numbers, calls, {}); };
    EXPECT_THROW(parallel_for(pool, 0, 1, nested, {.stop = calls.token()}), operation_cancelled);
    EXPECT_LE(calls.late(), 4 * static_cast<int>(workers));
}

} // namespace
