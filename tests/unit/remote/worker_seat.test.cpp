// SPDX-License-Identifier: MIT
// Tests remote/worker/worker_seat.hpp and remote/node/recall_watch.hpp. The times between the answers of a worker
// process decide how many calls it is sent ahead. When other processes idle, some of these calls are recalled.
#include <hocket/remote/node/recall_watch.hpp>
#include <hocket/remote/worker/worker_seat.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <gtest/gtest.h>
#include <set>
#include <vector>

namespace {

using hocket::detail::microseconds_now;
using hocket::detail::recall_watch;
using hocket::detail::worker_seat;

/// Takes all places, and answers one call after another, each `microseconds` after the one before. Returns the number
/// of places.
std::size_t places_after(worker_seat& seat, double microseconds, int answers) {
    std::vector<std::uint32_t> taken;
    double now = 1'000'000;
    auto const fill = [&] {
        while (seat.free_places() != 0) {
            taken.push_back(seat.free_place());
            seat.take_place();
            ++seat.open;
        }
    };
    for (int i = 0; i < answers; ++i) {
        fill();
        --seat.open;
        seat.give_back(taken.front(), now += microseconds);
        taken.erase(taken.begin());
    }
    fill();
    EXPECT_EQ(std::set(taken.begin(), taken.end()).size(), taken.size()) << "no place is taken twice";
    std::size_t const places = taken.size();
    for (std::uint32_t const place : taken) {
        --seat.open;
        seat.give_back(place, now += microseconds);
    }
    return places;
}

TEST(worker_seat, begins_with_two_places_for_each_thread_and_two_more) {
    worker_seat seat;
    seat.begin(3);
    EXPECT_EQ(seat.free_places(), 8U);
    EXPECT_EQ(places_after(seat, 100'000, 20), 8U);
}

TEST(worker_seat, has_more_places_where_calls_are_short_and_fewer_again_where_they_are_long) {
    worker_seat seat;
    seat.begin(1);
    EXPECT_EQ(places_after(seat, 1'000, 50), 4U);
    std::size_t const many = places_after(seat, 2, 2'000);
    EXPECT_GT(many, 50U);
    EXPECT_LE(many, 512U);
    EXPECT_EQ(places_after(seat, 0, 2'000), 512U);
    EXPECT_EQ(places_after(seat, 1'000, 2'000), 4U);
}

TEST(worker_seat, takes_no_silence_for_a_long_call) {
    worker_seat seat;
    seat.begin(1);
    (void)places_after(seat, 1, 2'000);
    EXPECT_GT(seat.free_places(), 50U); // all places were given back
    std::uint32_t const place = seat.free_place();
    seat.take_place();
    ++seat.open;
    --seat.open;
    seat.give_back(place, 1e9); // after a long silence
    EXPECT_GT(seat.free_places(), 50U);
}

/// Sends calls of tasks for any process.
void send(worker_seat& seat, std::size_t calls) {
    for (std::size_t i = 0; i < calls; ++i) {
        seat.take_place();
        ++seat.open;
        seat.may_come_back();
    }
}

/// Returns the number of calls that each process is asked for, `microseconds` from now on.
std::vector<std::size_t> asked(recall_watch& watch, std::vector<worker_seat>& seats, double microseconds) {
    std::vector<std::size_t> counts(seats.size());
    watch.look(seats, microseconds_now() + microseconds, [&](worker_seat& seat, std::size_t count) {
        counts[static_cast<std::size_t>(&seat - seats.data())] = count;
        seat.recalls(count);
    });
    return counts;
}

using counts = std::vector<std::size_t>;

TEST(recall_watch, asks_for_so_many_that_each_has_its_share) {
    std::vector<worker_seat> seats(3);
    recall_watch watch;
    for (worker_seat& seat : seats) seat.begin(1);
    EXPECT_FALSE(watch.must_wake(seats)) << "all idle";
    EXPECT_EQ(watch.pause(0), -1);
    (void)places_after(seats[0], 0, 2'000);
    send(seats[0], 300);
    EXPECT_TRUE(watch.must_wake(seats));
    EXPECT_FALSE(watch.must_wake(seats)) << "it is known already";
    EXPECT_EQ(asked(watch, seats, -1e9), counts({0, 0, 0})) << "too soon";
    EXPECT_GT(watch.pause(microseconds_now()), 0);
    EXPECT_EQ(asked(watch, seats, 5'000), counts({200, 0, 0}));
    EXPECT_FALSE(watch.must_wake(seats)) << "until it has answered";
    seats[0].has_returned(200);
    EXPECT_FALSE(watch.must_wake(seats)) << "there may be more, and the thread that sleeps looks once more";
    send(seats[1], 1);
    send(seats[2], 1);
    EXPECT_EQ(asked(watch, seats, 10'000), counts({0, 0, 0})) << "no process idles any more";
    EXPECT_EQ(asked(watch, seats, 20'000), counts({0, 0, 0}));
    EXPECT_EQ(watch.pause(0), -1) << "nothing was noted since";
    --seats[1].open;
    EXPECT_TRUE(watch.must_wake(seats));
    EXPECT_NE(asked(watch, seats, 30'000)[0], 0U);
}

TEST(recall_watch, does_not_ask_in_vain_twice) {
    std::vector<worker_seat> seats(2);
    recall_watch watch;
    for (worker_seat& seat : seats) seat.begin(2);
    send(seats[0], 3);
    EXPECT_TRUE(watch.must_wake(seats));
    EXPECT_EQ(asked(watch, seats, 5'000), counts({1, 0}));
    seats[0].has_returned(0); // all calls have begun
    EXPECT_FALSE(watch.must_wake(seats));
    EXPECT_EQ(asked(watch, seats, 20'000), counts({0, 0}));
    EXPECT_EQ(watch.pause(0), -1);
    send(seats[0], 1);
    EXPECT_TRUE(watch.must_wake(seats));
    EXPECT_EQ(asked(watch, seats, 40'000), counts({2, 0}));
    send(seats[0], 1); // the process answers before it has seen this call
    seats[0].has_returned(0);
    (void)watch.must_wake(seats);
    EXPECT_NE(asked(watch, seats, 60'000)[0], 0U);
}

TEST(recall_watch, asks_again_where_there_was_no_memory) {
    std::vector<worker_seat> seats(2);
    recall_watch watch;
    for (worker_seat& seat : seats) seat.begin(2);
    send(seats[0], 3);
    EXPECT_TRUE(watch.must_wake(seats));
    EXPECT_EQ(asked(watch, seats, 5'000), counts({1, 0}));
    seats[0].cannot_return();
    EXPECT_FALSE(seats[0].is_recalling());
    (void)watch.must_wake(seats);
    EXPECT_EQ(asked(watch, seats, 20'000), counts({1, 0}));
}

TEST(recall_watch, looks_less_often_at_what_answers_quickly) {
    std::vector<worker_seat> seats(2);
    recall_watch watch;
    for (worker_seat& seat : seats) seat.begin(1);
    send(seats[0], 4);
    EXPECT_TRUE(watch.must_wake(seats));
    std::uint32_t place = 0;
    double const start = microseconds_now();
    int longest = 0;
    for (double now = 2'000; now < 50'000; now += 100) {
        seats[0].give_back(place, start + now);
        place = seats[0].free_place();
        seats[0].take_place();
        watch.look(seats, start + now, [](worker_seat&, std::size_t) { ADD_FAILURE() << "it answers quickly"; });
        longest = std::max(longest, watch.pause(start + now));
    }
    EXPECT_GT(longest, 7);
    EXPECT_LE(longest, 9);
    EXPECT_EQ(asked(watch, seats, 80'000), counts({2, 0}));
}

} // namespace
