// SPDX-License-Identifier: MIT
// The bodies of the functions that frame.hpp declares.
#pragma once

#include <hocket/remote/wire/frame.hpp>

#include <array>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_INLINE std::uint32_t crc32c(std::span<std::byte const> bytes, std::uint32_t before) noexcept {
    static constexpr std::array<std::uint32_t, 256> table = [] {
        std::array<std::uint32_t, 256> made{};
        for (std::uint32_t i = 0; i < 256; ++i) {
            std::uint32_t x = i;
            for (int bit = 0; bit < 8; ++bit) x = (x >> 1) ^ ((x & 1U) != 0 ? 0x82f6'3b78U : 0U);
            made[i] = x;
        }
        return made;
    }();
    std::uint32_t crc = ~before;
    for (std::byte const b : bytes) crc = (crc >> 8) ^ table[(crc ^ static_cast<std::uint32_t>(b)) & 0xffU];
    return ~crc;
}

HOCKET_INLINE std::uint32_t frame_check(frame_head head, std::span<std::byte const> body) noexcept {
    head.check = 0;
    return crc32c(body, crc32c(std::as_bytes(std::span(&head, 1))));
}

HOCKET_INLINE char const* read_head(std::span<std::byte const> message, frame_head& head) noexcept {
    if (message.size() < sizeof head) return "a message that is shorter than its head";
    std::memcpy(&head, message.data(), sizeof head);
    if (head.version != frame_head::current_version) return "a message of another version of the format";
    if (head.kind < frame_kind::hello || head.kind > last_frame_kind) return "a message of an unknown kind";
    if ((head.flags & ~frame_flag::all) != 0) return "a message with an unknown flag";
    if ((head.flags & frame_flag::checked) != 0) {
        if (frame_check(head, message.subspan(sizeof head)) != head.check) return "a message whose checksum is wrong";
    } else if (head.check != 0) {
        return "a message with a checksum that its flags do not announce";
    }
    return nullptr;
}

} // namespace
