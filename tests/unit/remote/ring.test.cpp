// SPDX-License-Identifier: MIT
// Tests remote/transport/ring.hpp: messages of all lengths arrive whole and in order, and a full ring rejects them. The
// reader touches nothing beyond the shared memory, whatever its bytes are.
#include <hocket/remote/transport/ring.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <gtest/gtest.h>
#include <memory>
#include <random>
#include <span>
#include <thread>
#include <vector>

namespace {

using hocket::detail::ring_read;
using hocket::detail::ring_reader;
using hocket::detail::ring_words;
using hocket::detail::ring_writer;
namespace ring_format = hocket::detail::ring_format;

struct ring {
    explicit ring(std::size_t capacity) : data(capacity), in(words, data), out(words, data) {}
    ring_words words;
    std::vector<std::byte> data;
    ring_writer in;
    ring_reader out;
};

std::vector<std::byte> pattern(std::size_t length, unsigned seed) {
    std::vector<std::byte> bytes(length);
    for (std::size_t i = 0; i < length; ++i) bytes[i] = static_cast<std::byte>(i * 31 + seed);
    return bytes;
}

std::vector<std::byte> read_one(ring& r) {
    std::vector<std::byte> got;
    EXPECT_EQ(r.out.read([&](std::span<std::byte const> bytes) { got.assign(bytes.begin(), bytes.end()); }),
              ring_read::message);
    return got;
}

TEST(ring, is_empty_at_first) {
    ring r(64);
    EXPECT_FALSE(r.out.is_waiting());
    EXPECT_EQ(r.out.read([](auto) { FAIL(); }), ring_read::nothing);
}

TEST(ring, carries_messages_of_each_length_over_its_end) {
    ring r(256);
    for (unsigned round = 0; round < 20; ++round)
        for (std::size_t length = 0; length <= r.in.longest(); ++length) {
            std::vector<std::byte> const message = pattern(length, round);
            std::size_t const cut = length / 3;
            ASSERT_TRUE(r.in.try_write(std::span(message).first(cut), std::span(message).subspan(cut)));
            EXPECT_TRUE(r.out.is_waiting());
            ASSERT_EQ(read_one(r), message);
            EXPECT_FALSE(r.out.is_waiting());
        }
}

TEST(ring, takes_its_longest_message_at_each_place) {
    for (std::size_t first = 0; first < 56; first += 8) {
        ring r(64);
        ASSERT_TRUE(r.in.try_write(pattern(first % 24, 1), {}));
        read_one(r);
        std::vector<std::byte> const message = pattern(r.in.longest(), 2);
        ASSERT_TRUE(r.in.try_write(message, {}));
        EXPECT_EQ(read_one(r), message);
    }
}

TEST(ring, turns_a_message_away_when_it_is_full_and_takes_it_when_there_is_room) {
    ring r(64);
    std::vector<std::byte> const message = pattern(8, 3);
    int taken = 0;
    while (r.in.try_write(message, {})) ++taken;
    EXPECT_EQ(taken, 4);
    EXPECT_FALSE(r.in.has_room(8));
    r.in.ask_for_room();
    read_one(r);
    EXPECT_TRUE(r.out.must_tell_of_room());
    EXPECT_FALSE(r.out.must_tell_of_room()); // only once
    EXPECT_TRUE(r.in.has_room(8));
    EXPECT_TRUE(r.in.try_write(message, {}));
    for (int i = 0; i < 4; ++i) EXPECT_EQ(read_one(r), message);
}

TEST(ring, carries_messages_between_two_threads_in_order) {
    constexpr std::uint64_t count = hocket::detail::sanitized ? 2'000 : 50'000;
    ring r(1024);
    std::thread writer([&] {
        std::mt19937 random(7);
        for (std::uint64_t i = 0; i < count; ++i) {
            std::vector<std::byte> message(8 + random() % 400, static_cast<std::byte>(i));
            std::memcpy(message.data(), &i, 8);
            while (!r.in.try_write(message, {})) std::this_thread::yield();
        }
    });
    std::uint64_t expected = 0;
    while (expected < count)
        if (r.out.read([&](std::span<std::byte const> bytes) {
                std::uint64_t number;
                std::memcpy(&number, bytes.data(), 8);
                EXPECT_EQ(number, expected);
                if (bytes.size() > 8) {
                    EXPECT_EQ(bytes.back(), static_cast<std::byte>(expected));
                }
                ++expected;
            }) == ring_read::nothing)
            std::this_thread::yield();
    writer.join();
    EXPECT_FALSE(r.out.is_waiting());
}

TEST(ring, refuses_what_no_writer_has_written) {
    std::mt19937_64 random(11);
    auto const nasty = [&]() -> std::uint64_t {
        switch (random() % 6) {
        case 0: return random();
        case 1: return ~std::uint64_t{0};
        case 2: return ~std::uint64_t{0} - random() % 16;
        case 3: return std::uint64_t{1} << 63;
        default: return random() % 300;
        }
    };
    int broken = 0;
    for (int round = 0; round < 20'000; ++round) {
        auto const data = std::make_unique<std::byte[]>(256); // so that AddressSanitizer knows the end of the memory
        ring_words words;
        ring_reader out(words, std::span(data.get(), 256));
        for (std::size_t at = 0; at < 256; at += 8) {
            std::uint64_t const value = nasty();
            std::memcpy(data.get() + at, &value, 8);
        }
        words.written.store(nasty());
        unsigned sum = 0;
        ring_read last = ring_read::message;
        for (int reads = 0; reads < 64 && last == ring_read::message; ++reads)
            last = out.read([&](std::span<std::byte const> bytes) {
                EXPECT_LE(bytes.size(), ring_format::longest_message(256));
                for (std::byte const b : bytes) sum += static_cast<unsigned>(b);
            });
        broken += last == ring_read::broken;
    }
    EXPECT_GT(broken, 10'000);
}

TEST(ring, has_no_room_for_a_reader_that_has_taken_what_was_not_written) {
    ring r(64);
    r.words.taken.store(~std::uint64_t{0} - 7);
    while (r.in.try_write(pattern(8, 1), {})) {
    }
    EXPECT_FALSE(r.in.has_room(8));
    r.words.taken.store(1'000);
    EXPECT_FALSE(r.in.has_room(8));
}

} // namespace
