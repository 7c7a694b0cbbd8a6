// SPDX-License-Identifier: MIT
// Tests of the injector: first in, first out, each item taken exactly once, and a wait finds its own
// items.
#include <hocket/queue/injector.hpp>

#include "queue_support.hpp"

#include <stress/watchdog.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <deque>
#include <memory>
#include <thread>
#include <vector>

namespace {

using namespace hocket::detail;
using namespace queue_test;
using stress_test::repetitions;
using stress_test::watchdog;

int take_one(injector& box) {
    work_item* item = nullptr;
    return box.take(&item, 1) == 0 ? -1 : number_of(item);
}

TEST(injector, smoke) {
    injector box;
    ASSERT_TRUE(box.empty());
    ASSERT_EQ(take_one(box), -1);
    numbered item(1);
    box.push(item);
    ASSERT_FALSE(box.empty());
    ASSERT_EQ(take_one(box), 1);
    ASSERT_TRUE(box.empty());
}

TEST(injector, gives_the_oldest_first_also_in_batches) {
    injector box;
    std::deque<numbered> items;
    for (int i = 0; i < 10; ++i) box.push(items.emplace_back(i));
    ASSERT_EQ(take_one(box), 0);
    for (int i = 10; i < 20; ++i) box.push(items.emplace_back(i));
    work_item* out[32];
    std::vector<int> order;
    while (!box.empty()) {
        std::uint32_t const count = box.take(out, 4);
        ASSERT_LE(count, 4u);
        for (std::uint32_t i = 0; i < count; ++i) order.push_back(number_of(out[i]));
    }
    ASSERT_EQ(order.size(), 19u);
    for (std::size_t i = 0; i < order.size(); ++i) ASSERT_EQ(order[i], static_cast<int>(i) + 1);
}

TEST(injector, gives_shares_of_a_long_queue_and_single_items_of_a_short_one) {
    injector box;
    std::deque<numbered> items;
    int pushed = 0;
    auto const push = [&](int count) {
        for (int i = 0; i < count; ++i) box.push(items.emplace_back(pushed++));
    };
    int taken = 0;
    work_item* out[32];
    auto const take = [&] { // for 3 threads, at least 2 and at most 10
        std::uint32_t const count = box.take_share(out, 2, 10, 3);
        for (std::uint32_t i = 0; i < count; ++i) EXPECT_EQ(number_of(out[i]), taken++);
        return count;
    };
    EXPECT_EQ(take(), 0u);
    push(1);
    EXPECT_EQ(take(), 1u);
    push(13); // shares of 4, as long as there are 12
    EXPECT_EQ(take(), 4u);
    EXPECT_EQ(take(), 2u);
    push(5);
    EXPECT_EQ(take(), 4u) << "the list is filled up with what was pushed since";
    push(100);
    EXPECT_EQ(take(), 10u) << "at most";
    while (taken != pushed) ASSERT_NE(take(), 0u);
    EXPECT_TRUE(box.empty());
}

// By this number a woken worker judges how many more to wake: 63 tasks that wait are not one.
TEST(injector, tells_how_many_items_wait) {
    injector box;
    std::deque<numbered> items;
    ASSERT_EQ(box.count_in_passing(), 0u);
    for (int i = 0; i < 64; ++i) box.push(items.emplace_back(i));
    ASSERT_EQ(box.count_in_passing(), 1u) << "no taker has looked at them yet";
    int const own = 0;
    items[10].scope = &own;
    ASSERT_EQ(take_one(box), 0);
    ASSERT_EQ(box.count_in_passing(), 63u);
    ASSERT_EQ(number_of(box.take_of(&own, 64)), 10);
    ASSERT_EQ(box.count_in_passing(), 62u);
    for (int i = 64; i < 66; ++i) box.push(items.emplace_back(i));
    ASSERT_EQ(box.count_in_passing(), 63u) << "what was pushed lately counts as one";
    ASSERT_EQ(box.take_of(&own, 100), nullptr);
    ASSERT_EQ(box.count_in_passing(), 64u);
    work_item* out[64];
    ASSERT_EQ(box.take(out, 60), 60u);
    ASSERT_EQ(box.count_in_passing(), 4u);
    for (int left = 4; left != 0; --left) ASSERT_NE(take_one(box), -1);
    ASSERT_EQ(box.count_in_passing(), 0u);
    ASSERT_TRUE(box.empty());
}

TEST(injector, takes_lists_of_any_length_in_their_order) {
    for (int length = 1; length <= 4; ++length) {
        injector box;
        numbered before(0);
        box.push(before);
        std::deque<numbered> items;
        for (int i = 1; i <= length; ++i) items.emplace_back(i);
        for (std::size_t i = 0; i + 1 < items.size(); ++i) items[i].next = &items[i + 1];
        box.push(items.front(), items.back());
        numbered after(length + 1);
        box.push(after);
        for (int i = 0; i <= length + 1; ++i) ASSERT_EQ(take_one(box), i) << "in a list of " << length;
        ASSERT_TRUE(box.empty());
    }
}

TEST(injector, finds_the_items_of_a_scope_wherever_they_lie) {
    injector box;
    int const mine = 0;
    int const others = 0;
    std::deque<numbered> items;
    for (int i = 0; i < 9; ++i) {
        numbered& item = items.emplace_back(i);
        item.scope = i % 3 == 1 ? &mine : &others;
        box.push(item);
    }
    ASSERT_EQ(number_of(box.take_of(&mine, 1)), -1) << "looks no deeper than it may";
    ASSERT_EQ(number_of(box.take_of(&mine, 64)), 1);
    ASSERT_EQ(number_of(box.take_of(&mine, 64)), 4);
    ASSERT_EQ(number_of(box.take_of(&mine, 64)), 7);
    ASSERT_EQ(number_of(box.take_of(&mine, 64)), -1);
    for (int const left : {0, 2, 3, 5, 6, 8}) ASSERT_EQ(take_one(box), left);
    ASSERT_TRUE(box.empty());
}

TEST(injector, gives_back_what_was_pushed_last) {
    injector box;
    numbered first(1);
    numbered second(2);
    box.push(first);
    box.push(second);
    ASSERT_FALSE(box.take_back(first));
    ASSERT_TRUE(box.take_back(second));
    ASSERT_TRUE(box.take_back(first));
    ASSERT_TRUE(box.empty());
    box.push(first);
    box.push(second);
    ASSERT_EQ(take_one(box), 1);
    ASSERT_FALSE(box.take_back(second)) << "it is in the list of the takers by now";
    ASSERT_EQ(take_one(box), 2);
}

TEST(injector, each_item_is_taken_once_from_many_threads) {
    watchdog const dog("injector, many threads");
    constexpr int producers = 3;
    int const each = repetitions(20'000);
    injector box;
    std::atomic<int> taken{0};
    std::atomic<int> done{0};
    std::vector<std::unique_ptr<numbered[]>> items;
    for (int p = 0; p < producers; ++p) items.push_back(std::make_unique<numbered[]>(static_cast<std::size_t>(each)));
    std::vector<std::thread> threads;
    for (int p = 0; p < producers; ++p)
        threads.emplace_back([&, p] {
            for (int i = 0; i < each; ++i) {
                numbered& item = items[static_cast<std::size_t>(p)][static_cast<std::size_t>(i)];
                item.scope = &items[static_cast<std::size_t>(p)];
                box.push(item);
                if (i % 3 == 0 && box.take_back(item)) {
                    ++item.taken;
                    ++taken;
                }
            }
            ++done;
        });
    for (int t = 0; t < 2; ++t)
        threads.emplace_back([&, t] {
            work_item* out[8];
            while (done != producers || !box.empty()) {
                if (t == 0) {
                    for (std::uint32_t i = box.take(out, 8); i-- != 0;) {
                        ++static_cast<numbered*>(out[i])->taken;
                        ++taken;
                    }
                } else if (work_item* const item = box.take_of(&items[1], 16)) {
                    ++static_cast<numbered*>(item)->taken;
                    ++taken;
                } else if (done == producers) {
                    break;
                }
            }
        });
    for (std::thread& thread : threads) thread.join();
    ASSERT_EQ(taken, producers * each);
    for (auto const& of_one : items)
        for (int i = 0; i < each; ++i) ASSERT_EQ(of_one[static_cast<std::size_t>(i)].taken, 1);
}

} // namespace
