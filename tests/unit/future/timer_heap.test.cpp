// SPDX-License-Identifier: MIT
// Tests of timer_heap: order, equal times, removal from anywhere, earlier deadlines; no clock is read.
#include <hocket/future/timer_heap.hpp>

#include <stress/watchdog.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <vector>

namespace {

using hocket::detail::timer_heap;
using hocket::detail::timer_place;
using time_point = std::chrono::steady_clock::time_point;

time_point at(long long ns) { return time_point(std::chrono::nanoseconds(ns)); }

TEST(timer_heap, gives_the_earliest_first_and_equals_in_order) {
    std::vector<timer_place> items(1000);
    timer_heap heap;
    ASSERT_EQ(heap.first(), nullptr);
    stress_test::dice dice(1);
    for (timer_place& item : items) {
        item.due = at(dice.below(100));
        heap.push(item);
    }
    timer_place const* before = nullptr;
    for (std::size_t i = 0; i < items.size(); ++i) {
        timer_place* const first = heap.first();
        ASSERT_NE(first, nullptr);
        if (before != nullptr) {
            ASSERT_LE(before->due, first->due);
            if (before->due == first->due) {
                ASSERT_LT(before, first);
            }
        }
        heap.remove(*first);
        ASSERT_EQ(first->place, 0u);
        before = first;
    }
    ASSERT_TRUE(heap.empty());
}

TEST(timer_heap, gives_out_from_anywhere) {
    stress_test::dice dice(2);
    for (std::size_t n : {1u, 2u, 3u, 10u, 200u}) {
        std::vector<timer_place> items(n);
        std::vector<timer_place*> left;
        timer_heap heap;
        for (timer_place& item : items) {
            item.due = at(dice.below(50));
            heap.push(item);
            left.push_back(&item);
        }
        while (!left.empty()) {
            auto const earliest = *std::min_element(left.begin(), left.end(),
                                                    [](timer_place* a, timer_place* b) { return a->before(*b); });
            ASSERT_EQ(heap.first(), earliest);
            auto const gone = left.begin() + dice.below(static_cast<unsigned>(left.size()));
            heap.remove(**gone);
            left.erase(gone);
        }
        ASSERT_TRUE(heap.empty());
    }
}

TEST(timer_heap, hurries_those_that_are_asked_to) {
    std::vector<timer_place> items(100);
    timer_heap heap;
    stress_test::dice dice(3);
    for (timer_place& item : items) {
        item.due = at(1 + dice.below(50));
        heap.push(item);
    }
    heap.hurry([&](timer_place const& item) { return (&item - items.data()) % 3 == 0; });
    for (std::size_t i = 0; i < items.size(); i += 3) {
        timer_place* const first = heap.first();
        ASSERT_EQ(first->due, time_point::min());
        ASSERT_EQ((first - items.data()) % 3, 0);
        heap.remove(*first);
    }
    ASSERT_GT(heap.first()->due, time_point::min());
    for (time_point last{}; !heap.empty(); heap.remove(*heap.first())) {
        ASSERT_LE(last, heap.first()->due);
        last = heap.first()->due;
    }
}

} // namespace
