// SPDX-License-Identifier: MIT
// Tests remote/worker/process_slot.hpp and remote/node/recall_watch.hpp. The times between the answers of a worker
// process decide how many calls it is sent ahead. When other processes idle, some of these calls are recalled.
#include <hocket/remote/node/recall_watch.hpp>
#include <hocket/remote/worker/process_slot.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <gtest/gtest.h>
#include <set>
#include <vector>

namespace {

using hocket::detail::microseconds_now;
using hocket::detail::process_slot;
using hocket::detail::recall_watch;

/// Takes all places, and answers one call after another, each `microseconds` after the one before. Returns the number
/// of places.
std::size_t places_after(process_slot& slot, double microseconds, int answers) {
    std::vector<std::uint32_t> taken;
    double now = 1'000'000;
    auto const fill = [&] {
        while (slot.free_places() != 0) {
            taken.push_back(slot.free_place());
            slot.take_place();
            ++slot.open;
        }
    };
    for (int i = 0; i < answers; ++i) {
        fill();
        --slot.open;
        slot.give_back(taken.front(), now += microseconds);
        taken.erase(taken.begin());
    }
    fill();
    EXPECT_EQ(std::set(taken.begin(), taken.end()).size(), taken.size()) << "no place is taken twice";
    std::size_t const places = taken.size();
    for (std::uint32_t const place : taken) {
        --slot.open;
        slot.give_back(place, now += microseconds);
    }
    return places;
}

TEST(process_slot, begins_with_two_places_for_each_thread_and_two_more) {
    process_slot slot;
    slot.begin(3);
    EXPECT_EQ(slot.free_places(), 8U);
    EXPECT_EQ(places_after(slot, 100'000, 20), 8U);
}

TEST(process_slot, has_more_places_where_calls_are_short_and_fewer_again_where_they_are_long) {
    process_slot slot;
    slot.begin(1);
    EXPECT_EQ(places_after(slot, 1'000, 50), 4U);
    std::size_t const many = places_after(slot, 2, 2'000);
    EXPECT_GT(many, 50U);
    EXPECT_LE(many, 512U);
    EXPECT_EQ(places_after(slot, 0, 2'000), 512U);
    EXPECT_EQ(places_after(slot, 1'000, 2'000), 4U);
}

TEST(process_slot, takes_no_silence_for_a_long_call) {
    process_slot slot;
    slot.begin(1);
    (void)places_after(slot, 1, 2'000);
    EXPECT_GT(slot.free_places(), 50U); // all places were given back
    std::uint32_t const place = slot.free_place();
    slot.take_place();
    ++slot.open;
    --slot.open;
    slot.give_back(place, 1e9); // after a long silence
    EXPECT_GT(slot.free_places(), 50U);
}

/// Sends calls of tasks for any process.
void send(process_slot& slot, std::size_t calls) {
    for (std::size_t i = 0; i < calls; ++i) {
        slot.take_place();
        ++slot.open;
        slot.may_come_back();
    }
}

/// Returns the number of calls that each process is asked for, `microseconds` from now on.
std::vector<std::size_t> asked(recall_watch& watch, std::vector<process_slot>& slots, double microseconds) {
    std::vector<std::size_t> counts(slots.size());
    watch.look(slots, microseconds_now() + microseconds, [&](process_slot& slot, std::size_t count) {
        counts[static_cast<std::size_t>(&slot - slots.data())] = count;
        slot.recalls(count);
    });
    return counts;
}

using counts = std::vector<std::size_t>;

TEST(recall_watch, asks_for_so_many_that_each_has_its_share) {
    std::vector<process_slot> slots(3);
    recall_watch watch;
    for (process_slot& slot : slots) slot.begin(1);
    EXPECT_FALSE(watch.must_wake(slots)) << "all idle";
    EXPECT_EQ(watch.pause(0), -1);
    (void)places_after(slots[0], 0, 2'000);
    send(slots[0], 300);
    EXPECT_TRUE(watch.must_wake(slots));
    EXPECT_FALSE(watch.must_wake(slots)) << "it is known already";
    EXPECT_EQ(asked(watch, slots, -1e9), counts({0, 0, 0})) << "too soon";
    EXPECT_GT(watch.pause(microseconds_now()), 0);
    EXPECT_EQ(asked(watch, slots, 5'000), counts({200, 0, 0}));
    EXPECT_FALSE(watch.must_wake(slots)) << "until it has answered";
    slots[0].has_returned(200);
    EXPECT_FALSE(watch.must_wake(slots)) << "there may be more, and the thread that sleeps looks once more";
    send(slots[1], 1);
    send(slots[2], 1);
    EXPECT_EQ(asked(watch, slots, 10'000), counts({0, 0, 0})) << "no process idles any more";
    EXPECT_EQ(asked(watch, slots, 20'000), counts({0, 0, 0}));
    EXPECT_EQ(watch.pause(0), -1) << "nothing was noted since";
    --slots[1].open;
    EXPECT_TRUE(watch.must_wake(slots));
    EXPECT_NE(asked(watch, slots, 30'000)[0], 0U);
}

TEST(recall_watch, does_not_ask_in_vain_twice) {
    std::vector<process_slot> slots(2);
    recall_watch watch;
    for (process_slot& slot : slots) slot.begin(2);
    send(slots[0], 3);
    EXPECT_TRUE(watch.must_wake(slots));
    EXPECT_EQ(asked(watch, slots, 5'000), counts({1, 0}));
    slots[0].has_returned(0); // all calls have begun
    EXPECT_FALSE(watch.must_wake(slots));
    EXPECT_EQ(asked(watch, slots, 20'000), counts({0, 0}));
    EXPECT_EQ(watch.pause(0), -1);
    send(slots[0], 1);
    EXPECT_TRUE(watch.must_wake(slots));
    EXPECT_EQ(asked(watch, slots, 40'000), counts({2, 0}));
    send(slots[0], 1); // the process answers before it has seen this call
    slots[0].has_returned(0);
    (void)watch.must_wake(slots);
    EXPECT_NE(asked(watch, slots, 60'000)[0], 0U);
}

TEST(recall_watch, asks_again_where_there_was_no_memory) {
    std::vector<process_slot> slots(2);
    recall_watch watch;
    for (process_slot& slot : slots) slot.begin(2);
    send(slots[0], 3);
    EXPECT_TRUE(watch.must_wake(slots));
    EXPECT_EQ(asked(watch, slots, 5'000), counts({1, 0}));
    slots[0].cannot_return();
    EXPECT_FALSE(slots[0].is_recalling());
    (void)watch.must_wake(slots);
    EXPECT_EQ(asked(watch, slots, 20'000), counts({1, 0}));
}

TEST(recall_watch, looks_less_often_at_what_answers_quickly) {
    std::vector<process_slot> slots(2);
    recall_watch watch;
    for (process_slot& slot : slots) slot.begin(1);
    send(slots[0], 4);
    EXPECT_TRUE(watch.must_wake(slots));
    std::uint32_t place = 0;
    double const start = microseconds_now();
    int longest = 0;
    for (double now = 2'000; now < 50'000; now += 100) {
        slots[0].give_back(place, start + now);
        place = slots[0].free_place();
        slots[0].take_place();
        watch.look(slots, start + now, [](process_slot&, std::size_t) { ADD_FAILURE() << "it answers quickly"; });
        longest = std::max(longest, watch.pause(start + now));
    }
    EXPECT_GT(longest, 7);
    EXPECT_LE(longest, 9);
    EXPECT_EQ(asked(watch, slots, 80'000), counts({2, 0}));
}

} // namespace
