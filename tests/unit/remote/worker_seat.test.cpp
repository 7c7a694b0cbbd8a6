// SPDX-License-Identifier: MIT
// Tests remote/worker_seat.hpp: how many calls a worker process is sent ahead, by the times between its answers.
#include <hocket/remote/worker_seat.hpp>

#include <cstddef>
#include <cstdint>
#include <gtest/gtest.h>
#include <set>
#include <vector>

namespace {

using hocket::detail::worker_seat;

/// Takes all places, and answers one call after another, each `microseconds` after the one before. Returns how many places there are.
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
    EXPECT_GT(seat.free_places(), 50U); // all were given back
    std::uint32_t const place = seat.free_place();
    seat.take_place();
    ++seat.open;
    --seat.open;
    seat.give_back(place, 1e9); // after a long silence
    EXPECT_GT(seat.free_places(), 50U);
}

} // namespace
