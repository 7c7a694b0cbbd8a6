// SPDX-License-Identifier: MIT
// Tests of stages that are chosen at run time: each item passes each stage once, serial stages in order and alone, with
// any number of stages, tokens and workers. Also the items that stages drop, and failures.
#include <hocket/pipeline/pipeline.hpp>
#include <hocket/pipeline/stage_list.hpp>

#include <stress/watchdog.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <cstddef>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using namespace hocket;
using stress_test::repetitions;
using stress_test::watchdog;

/// Returns a source of 0 to n - 1.
auto numbers_to(int n) {
    return [n, i = 0]() mutable -> std::optional<int> { return i < n ? std::optional(i++) : std::nullopt; };
}

class stage_list_on : public testing::TestWithParam<unsigned> {
  protected:
    thread_pool pool_{{.workers = GetParam()}};
    watchdog dog_{"a test of lists of stages"};
};
INSTANTIATE_TEST_SUITE_P(workers, stage_list_on, testing::Values(1u, 2u, 3u, 4u, 8u, 16u, 64u));

TEST_P(stage_list_on, takes_every_item_through_every_stage) {
    int const n = repetitions(600);
    for (unsigned count = 0; count != 7; ++count) {
        std::atomic<int> inside[7] = {};
        std::atomic<int> calls{0};
        stage_list<long> steps;
        for (unsigned k = 0; k != count; ++k) {
            if (k % 3 == 0)
                steps.add(stage<parallel>([&](long x) { return ++calls, 3 * x + 1; }));
            else if (k % 3 == 1)
                steps.add(stage<serial>([&, k, next = 0](long x) mutable {
                    EXPECT_EQ(inside[k].fetch_add(1), 0);
                    long expected = next++;
                    for (unsigned before = 0; before != k; ++before) expected = 3 * expected + 1;
                    EXPECT_EQ(x, expected);
                    inside[k].fetch_sub(1);
                    return ++calls, 3 * x + 1;
                }));
            else
                steps.add(stage<serial_any_order>([&, k](long x) {
                    EXPECT_EQ(inside[k].fetch_add(1), 0);
                    inside[k].fetch_sub(1);
                    return ++calls, 3 * x + 1;
                }));
        }
        EXPECT_EQ(steps.size(), count);
        int written = 0;
        pipeline(stage<serial>(numbers_to(n)), stage<parallel>([](int i) { return long{i}; }), std::move(steps),
                 stage<serial>([&](long x) {
                     long expected = written++;
                     for (unsigned k = 0; k != count; ++k) expected = 3 * expected + 1;
                     ASSERT_EQ(x, expected);
                 }))
            .run(pool_, {.tokens = 1 + count * 3});
        EXPECT_EQ(written, n);
        EXPECT_EQ(calls, n * static_cast<int>(count));
    }
}

TEST_P(stage_list_on, may_be_last_and_may_drop_items) {
    std::atomic<int> seen{0};
    stage_list<int> steps;
    steps.add(filter_stage<parallel>([](int x) { return x % 3 == 0 ? std::optional(x) : std::nullopt; }));
    steps.add(filter_stage<serial>([](int x) { return x % 2 == 0 ? std::optional(x) : std::nullopt; }));
    steps.add(stage<parallel>([&](int x) {
        EXPECT_EQ(x % 6, 0);
        ++seen;
        return x;
    }));
    pipeline(stage<serial>(numbers_to(600)), std::move(steps)).run(pool_);
    EXPECT_EQ(seen, 100);
}

TEST_P(stage_list_on, takes_each_of_the_items_that_were_made_of_one) {
    stage_list<int> steps;
    steps.add(filter_stage<parallel>([](int x) { return x % 2 == 0 ? std::optional(x) : std::nullopt; }));
    steps.add(stage<serial>([](int x) { return x + 1; }));
    std::vector<int> written;
    pipeline(stage<serial>(numbers_to(40)),
             expand_stage<parallel>([](int x) { return std::vector<int>(static_cast<std::size_t>(x % 4), x); }),
             std::move(steps), stage<serial>([&](int x) { written.push_back(x); }))
        .run(pool_);
    std::vector<int> expected;
    for (int x = 0; x != 40; ++x)
        for (int copy = 0; copy != x % 4; ++copy)
            if (x % 2 == 0) expected.push_back(x + 1);
    EXPECT_EQ(written, expected);
}

TEST_P(stage_list_on, fails_with_the_error_of_the_first_item) {
    stage_list<std::unique_ptr<int>> steps;
    std::atomic<int> after{0};
    steps.add(stage<parallel>([](std::unique_ptr<int> x) {
        if (*x >= 7) throw std::runtime_error(std::to_string(*x));
        return x;
    }));
    steps.add(stage<serial>([&](std::unique_ptr<int> x) {
        ++after;
        return x;
    }));
    try {
        pipeline(stage<serial>(numbers_to(1000)), stage<parallel>([](int i) { return std::make_unique<int>(i); }),
                 std::move(steps))
            .run(pool_);
        ADD_FAILURE() << "no error";
    } catch (std::runtime_error const& error) {
        EXPECT_EQ(std::string(error.what()), "7");
    }
    EXPECT_LE(after, 7); // after a failure no item enters a stage
}

TEST_P(stage_list_on, runs_again) {
    int read = 0, sum = 0;
    stage_list<int> steps;
    for (int k = 0; k != 3; ++k) steps.add(stage<serial>([](int x) { return x + 1; }));
    pipeline both(stage<serial>([&](end_of_input& end) {
                      if (read % 51 == 50) end.stop();
                      return read++;
                  }),
                  std::move(steps), stage<serial>([&](int x) { sum += x; }));
    both.run(pool_);
    EXPECT_EQ(sum, 49 * 50 / 2 + 150);
    both.run(pool_);
    EXPECT_EQ(sum, 100 * 101 / 2 - 50 + 300);
}

} // namespace
