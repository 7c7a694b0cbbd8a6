// SPDX-License-Identifier: MIT
// Pointers to functions and members as bytes: the name of the code instead of its address, with a seal. Called by the
// archive.
#pragma once

#include <hocket/base/config.hpp>
#include <hocket/remote/wire/archive_bytes.hpp>
#include <hocket/remote/wire/code_token.hpp>
#include <hocket/remote/wire/travels.hpp>

#include <array>
#include <cstdint>
#include <cstring>

namespace hocket::inline HOCKET_ABI::detail {

/// Returns the number that accompanies two words in a message. Damaged words or another build do not match the seal, so
/// no message can cause a wild call.
inline std::uint64_t seal_of(std::uint64_t first, std::uint64_t second) {
    std::uint64_t mixed = first * 0x9e3779b97f4a7c15U + (second ^ code_fingerprint());
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9U;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebU;
    return mixed ^ (mixed >> 31);
}

/// Writes a pointer to a function or a member, with the name of the code instead of its address.
template<class T>
void write_code(archive_writer& writer, T value) {
    std::array<std::uint64_t, 3> words = {};
    std::memcpy(words.data(), &value, sizeof value);
    if constexpr (way<T> == travel_way::function) {
        if (words[0] != 0) words[0] = token_of_code(words[0]);
    } else if constexpr (way<T> == travel_way::member_function) { // holds an address, unless the function is virtual
        bool const is_virtual = ((virtual_bit_is_second ? words[1] : words[0]) & 1) != 0;
        if (!is_virtual && words[0] != 0) words[0] = token_of_code(words[0]) << 1;
    }
    words[2] = detail::seal_of(words[0], words[1]);
    writer.append(words.data(), sizeof words);
}

/// Reads the output of `write_code`. **Throws** `bad_message` if it is damaged, or names no code.
template<class T>
void read_code(archive_reader& reader, T& value) {
    std::array<std::uint64_t, 3> words;
    reader.take(words.data(), sizeof words);
    if (words[2] != detail::seal_of(words[0], words[1]))
        throw_bad_message("hocket: a message holds a pointer to a function that is damaged");
    if constexpr (way<T> == travel_way::function) {
        if (words[0] != 0) words[0] = code_of_token(words[0]);
    } else if constexpr (way<T> == travel_way::member_function) {
        bool const is_virtual = ((virtual_bit_is_second ? words[1] : words[0]) & 1) != 0;
        if (!is_virtual && words[0] != 0) words[0] = code_of_token(words[0] >> 1);
    }
    std::memcpy(&value, words.data(), sizeof value);
}

} // namespace hocket::detail
