// SPDX-License-Identifier: MIT
// Tests of the options of a loop: the number of threads that take part, the early end, and any grain.
#include <hocket/algorithm/filter/parallel_copy_if.hpp>
#include <hocket/algorithm/loops/parallel_for.hpp>
#include <hocket/algorithm/loops/parallel_for_each.hpp>
#include <hocket/algorithm/scan/parallel_scan.hpp>
#include <hocket/algorithm/sort/parallel_merge.hpp>
#include <hocket/algorithm/sort/parallel_nth_element.hpp>
#include <hocket/algorithm/sort/parallel_sort.hpp>
#include <hocket/algorithm/sort/parallel_stable_sort.hpp>
#include <hocket/algorithm/stream/parallel_imap.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <numeric>
#include <stop_token>
#include <thread>
#include <vector>

namespace {

using namespace hocket;
using namespace std::chrono_literals;

constexpr schedule schedules[] = {schedule::adaptive, schedule::fixed, schedule::dynamic};

TEST(loop_options, no_more_than_max_workers_take_part) {
    thread_pool pool({.workers = 8, .bind = binding::none});
    for (std::uint32_t const most : {1u, 2u, 3u, 7u, 8u, 100u})
        for (schedule const how : schedules) {
            std::atomic<std::uint32_t> inside{0}, together{0}, runs{0};
            parallel_for(pool, 0, 40,
                         [&](int) {
                             std::uint32_t const now = ++inside;
                             for (std::uint32_t seen = together;
                                  seen < now && !together.compare_exchange_weak(seen, now);) {
                             }
                             std::this_thread::sleep_for(200us);
                             --inside;
                             ++runs;
                         },
                         {.schedule = how, .max_workers = most});
            EXPECT_EQ(runs, 40u);
            EXPECT_LE(together, most);
        }
}

/// Uses as many threads as the pool has workers, where the caller has no worker slot at first.
TEST(loop_options, no_more_than_max_workers_take_part_beside_a_caller_from_outside) {
    for (std::uint32_t const workers : {2u, 3u, 4u}) {
        thread_pool pool({.workers = workers, .bind = binding::none});
        for (schedule const how : schedules)
            for (int round = 0; round != 5; ++round) {
                std::atomic<std::uint32_t> inside{0}, together{0};
                parallel_for(pool, 0, 12,
                             [&](int) {
                                 std::uint32_t const now = ++inside;
                                 for (std::uint32_t seen = together;
                                      seen < now && !together.compare_exchange_weak(seen, now);) {
                                 }
                                 std::this_thread::sleep_for(3ms);
                                 --inside;
                             },
                             {.schedule = how, .max_workers = workers});
                EXPECT_LE(together, workers);
            }
    }
}

TEST(loop_options, as_many_as_max_workers_take_part_if_bodies_last) {
    thread_pool pool({.workers = 8, .bind = binding::none});
    for (int const most : {2, 3, 7}) {
        std::atomic<int> begun{0};
        auto const limit = std::chrono::steady_clock::now() + 20s;
        parallel_for(pool, 0, most,
                     [&](int) {
                         ++begun;
                         while (begun < most && std::chrono::steady_clock::now() < limit)
                             std::this_thread::sleep_for(100us);
                     },
                     {.max_workers = static_cast<std::uint32_t>(most)});
        EXPECT_LT(std::chrono::steady_clock::now(), limit) << most;
    }
}

TEST(loop_options, a_loop_whose_time_is_over_is_cancelled) {
    for (std::uint32_t const workers : {1u, 2u, 4u}) {
        thread_pool pool({.workers = workers, .bind = binding::none});
        for (schedule const how : schedules) {
            std::atomic<long> runs{0};
            auto const body = [&](int) {
                ++runs;
                std::this_thread::sleep_for(1ms);
            };
            EXPECT_THROW(parallel_for(pool, 0, 1'000'000, body, {.schedule = how, .timeout = 5ms}),
                         operation_cancelled);
            EXPECT_LT(runs, 1'000'000);
            EXPECT_THROW(parallel_for(pool, 0, 10, body, {.schedule = how, .timeout = -1s}), operation_cancelled);
            EXPECT_NO_THROW(parallel_for(pool, 0, 2, body, {.schedule = how, .timeout = 1h, .name = "two"}));
            EXPECT_NO_THROW(parallel_for(pool, 0, 2, body, {.schedule = how, .timeout = std::chrono::hours::max()}));
        }
    }
}

TEST(loop_options, with_any_schedule_few_bodies_begin_after_a_stop) {
    for (std::uint32_t const workers : {1u, 2u, 4u}) {
        thread_pool pool({.workers = workers, .bind = binding::none});
        for (schedule const how : schedules)
            for (std::uint64_t const grain : {0u, 2000u}) {
                std::stop_source stop;
                std::atomic<int> begun{0};
                auto const body = [&](int) {
                    if (++begun == 20) stop.request_stop();
                    std::this_thread::sleep_for(100us);
                };
                loop_options const options{.grain = grain, .schedule = how, .stop = stop.get_token()};
                EXPECT_THROW(parallel_for(pool, 0, 8000, body, options), operation_cancelled);
                EXPECT_LT(begun, 200) << workers;
            }
    }
}

TEST(loop_options, few_operations_of_a_scan_begin_after_a_stop) {
    for (std::uint32_t const workers : {1u, 2u, 4u}) {
        thread_pool pool({.workers = workers, .bind = binding::none});
        for (std::size_t const n : {400u, 3000u, 20'000u}) {
            std::stop_source stop;
            std::atomic<int> begun{0};
            auto const op = [&](long a, long b) {
                if (++begun == 20) stop.request_stop();
                std::this_thread::sleep_for(100us);
                return a + b;
            };
            std::vector<long> in(n, 1);
            EXPECT_THROW(parallel_inclusive_scan(pool, in, in, op, {.stop = stop.get_token()}), operation_cancelled);
            EXPECT_LT(begun, 100) << workers << ' ' << n;
        }
    }
}

TEST(loop_options, any_grain_is_fine) {
    thread_pool pool({.workers = 2, .bind = binding::none});
    for (std::size_t const n : {1u, 70u, 5000u})
        for (std::uint64_t const grain : {std::uint64_t{1} << 40, std::uint64_t{1} << 63, ~std::uint64_t{0}}) {
            std::vector<int> v(n), out(n);
            std::iota(v.begin(), v.end(), 0);
            EXPECT_EQ(parallel_copy_if(pool, v, [](int i) { return i % 2 == 1; }, {.grain = grain}).size(), n / 2);
            parallel_inclusive_scan(pool, v, out, std::plus<>(), {.grain = grain});
            EXPECT_EQ(out.back(), std::accumulate(v.begin(), v.end(), 0));
        }
}

TEST(loop_options, a_scan_of_few_numbers_calls_its_operation_once_for_each) {
    thread_pool pool({.workers = 2, .bind = binding::none});
    std::vector<double> const in(40, 1.0);
    std::vector<double> out(40);
    std::atomic<int> calls{0};
    parallel_inclusive_scan(pool, in, out, [&](double a, double b) { return ++calls, a + b; });
    EXPECT_EQ(calls, 39);
    EXPECT_EQ(out.back(), 40.0);
    calls = 0;
    parallel_exclusive_scan(pool, in, out, 0.0, [&](double a, double b) { return ++calls, a + b; });
    EXPECT_LE(calls, 40);
    EXPECT_EQ(out.back(), 39.0);
}

struct ordered {
    int value = 0;
    friend bool operator<(ordered const& a, ordered const& b) { return a.value < b.value; }
};

int visits_of(int depth, feeder<int>& more) { return depth > 0 ? (more.add(depth - 1), 1) : 0; }
int twice(int x) { return 2 * x; }

TEST(plain_functions, are_called_by_name) {
    parallel_for_each(std::vector<int>{3, 1}, visits_of);
    std::vector<int> const in{1, 2, 3};
    int sum = 0;
    for (int const result : parallel_imap(in, twice)) sum += result;
    EXPECT_EQ(sum, 12);
}

TEST(loop_options, sorts_without_them_take_elements_with_less_than_alone) {
    std::vector<ordered> const odd{{1}, {3}}, even{{0}, {2}, {4}};
    std::vector<ordered> out(5);
    std::vector<ordered> mixed{{2}, {0}, {1}}, again = mixed;
    parallel_sort(mixed);
    parallel_stable_sort(again);
    parallel_nth_element(mixed, mixed.begin() + 1);
    EXPECT_EQ(mixed[1].value, 1);
    EXPECT_EQ(again[2].value, 2);
    parallel_merge(odd, even, out);
    for (int i = 0; i < 5; ++i) EXPECT_EQ(out[static_cast<std::size_t>(i)].value, i);
}

} // namespace
