// SPDX-License-Identifier: MIT
// Tests remote/wire/frame.hpp: the head of a message is 40 bytes in a fixed order. A wrong head is refused with the
// reason.
#include <hocket/remote/wire/frame.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <gtest/gtest.h>
#include <random>
#include <span>
#include <string>
#include <vector>

namespace {

using hocket::detail::crc32c;
using hocket::detail::frame_check;
using hocket::detail::frame_head;
using hocket::detail::frame_kind;
using hocket::detail::read_head;
namespace frame_flag = hocket::detail::frame_flag;

std::vector<std::byte> message(frame_head head, std::string const& body) {
    std::vector<std::byte> bytes(sizeof head + body.size());
    std::memcpy(bytes.data(), &head, sizeof head);
    if (!body.empty()) std::memcpy(bytes.data() + sizeof head, body.data(), body.size());
    return bytes;
}

std::string complaint(std::span<std::byte const> bytes) {
    frame_head head{};
    char const* const why = read_head(bytes, head);
    return why == nullptr ? "" : why;
}

TEST(frame, has_its_fields_at_fixed_places) {
    frame_head head{.kind = frame_kind::task, .flags = frame_flag::more, .call = 0x1111, .token = 0x2222};
    head.subject = 0x3333;
    head.mode = 0x44;
    std::vector<std::byte> const bytes = message(head, "");
    auto const word = [&](std::size_t at) {
        std::uint64_t x;
        std::memcpy(&x, bytes.data() + at, 8);
        return x;
    };
    EXPECT_EQ(word(0), 0x0001'0001'0000'0002U); // version 1, flags 1, kind 2
    EXPECT_EQ(word(8), 0x1111U);
    EXPECT_EQ(word(16), 0x2222U);
    EXPECT_EQ(word(24), 0x3333U);
    EXPECT_EQ(word(32), 0x44U);
}

TEST(frame, comes_back_as_it_was) {
    std::vector<std::byte> const bytes = message({.kind = frame_kind::result, .call = 7, .subject = 9}, "body");
    frame_head head{};
    ASSERT_EQ(read_head(bytes, head), nullptr);
    EXPECT_EQ(head.kind, frame_kind::result);
    EXPECT_EQ(head.call, 7U);
    EXPECT_EQ(head.subject, 9U);
}

TEST(frame, refuses_what_is_no_frame) {
    std::vector<std::byte> good = message({.kind = frame_kind::stop}, "");
    EXPECT_EQ(complaint(good), "");
    EXPECT_EQ(complaint(std::span(good).first(39)), "a message that is shorter than its head");
    EXPECT_EQ(complaint({}), "a message that is shorter than its head");
    EXPECT_EQ(complaint(message({.kind = frame_kind{0}}, "")), "a message of an unknown kind");
    EXPECT_EQ(
        complaint(message({.kind = frame_kind{static_cast<std::uint32_t>(hocket::detail::last_frame_kind) + 1}}, "")),
        "a message of an unknown kind");
    EXPECT_EQ(complaint(message({.kind = frame_kind::task, .flags = 0x4000}, "")), "a message with an unknown flag");
    EXPECT_EQ(complaint(message({.kind = frame_kind::task, .version = 2}, "")),
              "a message of another version of the format");
    frame_head head{.kind = frame_kind::task};
    head.check = 1;
    EXPECT_EQ(complaint(message(head, "")), "a message with a checksum that its flags do not announce");
}

TEST(frame, has_the_checksum_of_castagnoli) {
    std::string const digits = "123456789";
    EXPECT_EQ(crc32c(std::as_bytes(std::span(digits))), 0xe306'9283U);
    EXPECT_EQ(crc32c(std::as_bytes(std::span(digits)).subspan(4), crc32c(std::as_bytes(std::span(digits)).first(4))),
              0xe306'9283U);
}

TEST(frame, notices_each_flipped_bit_where_it_has_a_checksum) {
    std::string const body = "some bytes of a body";
    frame_head head{.kind = frame_kind::task, .flags = frame_flag::checked, .call = 3, .token = 5};
    head.check = frame_check(head, std::as_bytes(std::span(body)));
    std::vector<std::byte> bytes = message(head, body);
    ASSERT_EQ(complaint(bytes), "");
    for (std::size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
        bytes[bit / 8] ^= std::byte{1} << (bit % 8);
        // A frame whose flag is lost has a checksum that its flags do not announce.
        EXPECT_NE(complaint(bytes), "") << "bit " << bit;
        bytes[bit / 8] ^= std::byte{1} << (bit % 8);
    }
}

TEST(frame, reads_any_bytes_without_harm) {
    std::mt19937 random(1);
    for (int round = 0; round < 10'000; ++round) {
        std::vector<std::byte> bytes(random() % 64);
        for (std::byte& b : bytes) b = static_cast<std::byte>(random());
        frame_head head{};
        (void)read_head(bytes, head);
    }
}

} // namespace
