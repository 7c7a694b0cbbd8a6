// SPDX-License-Identifier: MIT
// Tests get, wait and split of refs.
#include <hocket/future/promise.hpp>
#include <hocket/remote/call/remote_submit.hpp>
#include <hocket/remote/object/ref_wait.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

namespace {

using namespace hocket;
using namespace std::chrono_literals;

struct failure {
    int number;
};

class many_refs : public testing::TestWithParam<unsigned> {
  protected:
    ref<int> failing(int number) {
        return submit(all, [number]() -> int { throw failure{number}; });
    }

    thread_pool threads{GetParam()};
    remote_pool all{threads, nullptr, false}; // values are passed as they are
};
INSTANTIATE_TEST_SUITE_P(, many_refs, testing::Values(1u, 2u, 3u, 4u, 8u));

TEST_P(many_refs, give_their_values_in_order) {
    std::vector<ref<int>> refs;
    for (int i = 0; i < 100; ++i)
        refs.push_back(submit(
            all, [](int x) { return 2 * x; }, i));
    std::vector<int> const values = get(refs);
    for (int i = 0; i < 100; ++i) EXPECT_EQ(values[static_cast<std::size_t>(i)], 2 * i);
    std::vector<ref<std::unique_ptr<int>>> alone;
    for (int i = 0; i < 3; ++i)
        alone.push_back(submit(
            all, [](int x) { return std::make_unique<int>(x); }, i));
    EXPECT_EQ(*get(std::move(alone))[2], 2);
    std::vector<ref<void>> nothing{submit(all, [] {})};
    get(nothing);
}

TEST_P(many_refs, throw_the_error_of_the_lowest_index) {
    std::vector<ref<int>> const refs{put(all, 1), failing(1), put(all, 2), failing(3)};
    try {
        (void)get(refs);
        FAIL();
    } catch (failure const& e) {
        EXPECT_EQ(e.number, 1);
    }
    EXPECT_EQ(refs[2].get(), 2);
    EXPECT_THROW((void)refs[3].get(), failure);
}

TEST_P(many_refs, are_waited_for_one_by_one) {
    std::vector<ref<int>> pending;
    for (int i = 0; i < 200; ++i)
        pending.push_back(submit(
            all, [](int x) { return x; }, i));
    pending.push_back(failing(7));
    int sum = 0;
    int failed = 0;
    while (!pending.empty()) {
        std::size_t const before = pending.size();
        auto [ready, rest] = wait(std::move(pending), {.count = 1});
        ASSERT_EQ(ready.size(), 1u);
        ASSERT_EQ(rest.size(), before - 1);
        try {
            sum += ready[0].get();
        } catch (failure const&) {
            ++failed;
        }
        pending = std::move(rest);
    }
    EXPECT_EQ(sum, 199 * 200 / 2);
    EXPECT_EQ(failed, 1);
}

TEST_P(many_refs, keep_their_order_and_count_twice_when_they_stand_twice) {
    promise<int> p;
    ref<int> const late(p.get_future().take_state());
    ref<int> const a = put(all, 1), b = put(all, 2);
    std::vector<ref<int>> const refs{late, a, late, b, a};
    auto two = wait(refs, {.count = 2});
    EXPECT_EQ(get(two.ready), (std::vector<int>{1, 2}));
    EXPECT_EQ(two.pending.size(), 3u);
    auto in_time = wait(refs, {.timeout = 0s});
    EXPECT_EQ(get(in_time.ready), (std::vector<int>{1, 2, 1}));
    EXPECT_EQ(wait(refs, {.timeout = 1ms}).pending.size(), 2u);
    EXPECT_TRUE(wait(refs, {.count = 0}).ready.empty());
    EXPECT_THROW((void)wait(refs, {.count = 6}), std::invalid_argument);
    EXPECT_THROW((void)wait(std::vector<ref<int>>(1)), std::logic_error);
    p.set_value(5);
    EXPECT_EQ(get(wait(refs).ready), (std::vector<int>{5, 1, 5, 2, 1}));
}

TEST_P(many_refs, are_waited_for_while_others_complete_them) {
    std::vector<promise<int>> promises(20);
    std::vector<ref<int>> pending;
    for (auto& p : promises) pending.emplace_back(p.get_future().take_state());
    std::thread keeper([&promises] {
        for (auto& p : promises) p.set_value(1);
    });
    int sum = 0;
    while (!pending.empty()) {
        auto [ready, rest] = wait(std::move(pending), {.count = 1});
        sum += ready[0].get();
        pending = std::move(rest);
    }
    keeper.join();
    EXPECT_EQ(sum, 20);
}

TEST_P(many_refs, are_the_parts_of_a_tuple) {
    auto [number, text] = split(submit(all, [] { return std::tuple(7, std::string("seven")); }));
    static_assert(std::is_same_v<decltype(number), ref<int>>);
    EXPECT_EQ(submit(
                  all, [](int x, std::string const& t) { return t + std::to_string(x); }, number, text)
                  .get(),
              "seven7");
    auto [first, second] = split(submit(all, [] { return std::pair(std::make_unique<int>(3), 4); }));
    EXPECT_EQ(*first.take() + second.get(), 7);
    auto [bad, worse] = split(submit(all, []() -> std::tuple<int, int> { throw failure{2}; }));
    EXPECT_THROW((void)bad.get(), failure);
    EXPECT_THROW((void)worse.get(), failure);
    ref<std::tuple<std::string, int>> const whole = put(all, std::tuple(std::string(100, 'a'), 1));
    EXPECT_EQ(std::get<0>(split(whole)).get(), std::get<0>(whole.get()));
}

} // namespace
