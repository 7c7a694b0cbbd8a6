// SPDX-License-Identifier: MIT
// Tests of the local deque: newest first for its owner, oldest first for thieves, any number of items, each
// taken exactly once.
#include <hocket/queue/local_deque.hpp>

#include "queue_support.hpp"

#include <stress/watchdog.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <cstddef>
#include <deque>
#include <memory>
#include <thread>
#include <vector>

namespace {

using namespace hocket::detail;
using namespace queue_test;
using stress_test::repetitions;
using stress_test::watchdog;

using small_deque = basic_local_deque<std_atomics, work_item, 4>;

template<class Deque>
std::vector<int> steal_from(Deque& from, std::uint32_t most) {
    std::vector<work_item*> out(most);
    std::uint32_t const count = from.steal(out.data(), most);
    std::vector<int> numbers;
    for (std::uint32_t i = 0; i < count; ++i) numbers.push_back(number_of(out[i]));
    return numbers;
}

TEST(deque, smoke) {
    deque mine;
    ASSERT_TRUE(mine.empty());
    ASSERT_EQ(mine.pop(1), nullptr);
    ASSERT_TRUE(steal_from(mine, 4).empty());
    numbered item(1);
    ASSERT_TRUE(mine.push(item));
    ASSERT_FALSE(mine.empty());
    ASSERT_EQ(number_of(mine.pop(1)), 1);
    ASSERT_TRUE(mine.empty());
}

TEST(deque, gives_its_holder_the_newest_and_thieves_the_older_half) {
    deque mine;
    std::deque<numbered> items;
    for (int i = 0; i < 7; ++i) mine.push(items.emplace_back(i));
    EXPECT_EQ(steal_from(mine, 32), (std::vector<int>{0, 1, 2, 3}));
    EXPECT_EQ(number_of(mine.pop(1)), 6);
    EXPECT_EQ(steal_from(mine, 32), (std::vector<int>{4}));
    EXPECT_EQ(steal_from(mine, 32), (std::vector<int>{5}));
    EXPECT_EQ(mine.pop(1), nullptr);
    for (int i = 0; i < 7; ++i) mine.push(items[static_cast<std::size_t>(i)]);
    EXPECT_EQ(steal_from(mine, 2), (std::vector<int>{0, 1})) << "no more than asked for";
}

TEST(deque, takes_as_many_at_once_as_there_is_room_for_and_gives_the_oldest_one_by_one) {
    small_deque mine;
    std::deque<numbered> items;
    std::vector<work_item*> batch;
    for (int i = 0; i < 6; ++i) batch.push_back(&items.emplace_back(i));
    EXPECT_EQ(mine.push_some(batch.data(), 6), 4u);
    EXPECT_EQ(number_of(mine.steal_one()), 0);
    EXPECT_EQ(number_of(mine.steal_one()), 1);
    EXPECT_EQ(mine.push_some(batch.data() + 4, 2), 2u);
    for (int i = 2; i < 6; ++i) EXPECT_EQ(number_of(mine.steal_one()), i);
    EXPECT_EQ(mine.steal_one(), nullptr);
    EXPECT_EQ(mine.push_some(batch.data(), 0), 0u);
    EXPECT_TRUE(mine.empty());
}

TEST(deque, hides_what_was_taken_back_until_the_next_push_or_publish) {
    deque mine;
    std::deque<numbered> items;
    for (int i = 0; i < 6; ++i) mine.push(items.emplace_back(i));
    EXPECT_EQ(number_of(mine.pop(4)), 5);
    EXPECT_EQ(mine.kept(), 3u);
    EXPECT_EQ(steal_from(mine, 32), (std::vector<int>{0}));
    EXPECT_EQ(steal_from(mine, 32), (std::vector<int>{1}));
    EXPECT_TRUE(mine.empty());
    mine.publish();
    EXPECT_EQ(mine.kept(), 0u);
    EXPECT_EQ(steal_from(mine, 1), (std::vector<int>{2}));
    EXPECT_EQ(number_of(mine.pop(2)), 4);
    EXPECT_TRUE(mine.empty());
    mine.push(items[4]);
    EXPECT_EQ(mine.kept(), 0u);
    EXPECT_EQ(steal_from(mine, 32), (std::vector<int>{3}));
}

TEST(deque, finds_the_newest_of_a_scope_and_keeps_the_order_of_the_others) {
    deque mine;
    int const scope = 0;
    std::deque<numbered> items;
    for (int i = 0; i < 8; ++i) {
        numbered& item = items.emplace_back(i);
        if (i == 2 || i == 5) item.scope = &scope;
        mine.push(item);
    }
    EXPECT_EQ(mine.pop_of(&scope, 2), nullptr) << "looks no deeper than it may";
    EXPECT_EQ(number_of(mine.pop_of(&scope, 3)), 5);
    EXPECT_EQ(number_of(mine.pop_of(&scope, 64)), 2);
    EXPECT_EQ(mine.pop_of(&scope, 64), nullptr);
    EXPECT_EQ(mine.kept(), 0u);
    for (int const left : {7, 6, 4, 3, 1, 0}) EXPECT_EQ(number_of(mine.pop(1)), left);
    EXPECT_TRUE(mine.empty());
}

TEST(deque, has_room_for_any_number_in_their_order) {
    for (std::uint32_t const first : {0u, ~0u - 2, (1u << 28) - 3}) {
        small_deque mine(first);
        std::deque<numbered> items;
        for (int i = 0; i < 100; ++i) {
            ASSERT_TRUE(mine.push(items.emplace_back(i)));
            if (i % 10 == 9) { // some slots become free while the deque grows
                ASSERT_EQ(number_of(mine.pop(3)), i);
                ASSERT_TRUE(mine.push(items.back()));
            }
        }
        EXPECT_EQ(steal_from(mine, 3), (std::vector<int>{0, 1, 2}));
        for (int i = 100; i-- != 3;) ASSERT_EQ(number_of(mine.pop(7)), i);
        EXPECT_TRUE(mine.empty());
    }
}

TEST(deque, goes_round_with_the_same_places) {
    small_deque mine(~0u - 50);
    std::deque<numbered> items;
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(mine.push(items.emplace_back(i)));
    for (int i = 0; i < 200; ++i) {
        ASSERT_EQ(steal_from(mine, 1), (std::vector<int>{i}));
        ASSERT_TRUE(mine.push(items.emplace_back(i + 3)));
    }
    for (int i = 3; i-- != 0;) ASSERT_EQ(number_of(mine.pop(1)), 200 + i);
}

// Lets one thread push and pop, and three steal. The deque is small enough to grow, and slots that a slow thief has
// claimed are in the way. Returns the number of items that found no room.
int push_pop_and_steal(int count, std::uint32_t batch) {
    small_deque mine(~0u - 1000);
    std::unique_ptr<numbered[]> const items(new numbered[static_cast<std::size_t>(count)]);
    std::atomic<bool> done{false};
    int turned_away = 0;
    std::vector<std::thread> thieves;
    for (std::uint32_t t = 1; t <= 3; ++t)
        thieves.emplace_back([&, t] {
            std::vector<work_item*> out(t);
            while (!done || !mine.empty())
                for (std::uint32_t i = mine.steal(out.data(), t); i-- != 0;) ++static_cast<numbered*>(out[i])->taken;
        });
    stress_test::dice roll(1);
    for (int next = 0; next < count;) {
        for (unsigned n = roll.below(12); n != 0 && next < count; --n) {
            numbered& item = items[static_cast<std::size_t>(next++)];
            if (mine.push(item)) continue;
            ++item.taken;
            ++turned_away;
        }
        for (unsigned n = roll.below(10); n != 0; --n)
            if (work_item* const item = mine.pop(batch)) ++static_cast<numbered*>(item)->taken;
        if (roll.below(50) == 0) mine.publish();
    }
    while (work_item* const item = mine.pop(batch)) ++static_cast<numbered*>(item)->taken;
    done = true;
    for (std::thread& thief : thieves) thief.join();
    for (int i = 0; i < count; ++i) EXPECT_EQ(items[static_cast<std::size_t>(i)].taken, 1) << i;
    return turned_away;
}

TEST(deque, each_item_is_taken_once_from_many_threads) {
    watchdog const dog("deque, many threads");
    int const count = repetitions(300'000);
    for (std::uint32_t const batch : {1u, 8u}) {
        int attempts = 0; // a thief that loses its core while it takes something leaves no room for long
        while (push_pop_and_steal(count, batch) >= count / 2) ASSERT_LT(++attempts, 10);
    }
}

} // namespace
