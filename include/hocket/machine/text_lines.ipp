// SPDX-License-Identifier: MIT
// The bodies of the functions that text_lines.hpp declares.
#pragma once

#include <hocket/machine/text_lines.hpp>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_INLINE text_lines::text_lines(char const* path) noexcept : file_(std::fopen(path, "re")) {
    if (file_ != nullptr) {
        std::setvbuf(file_, buffer_, _IOFBF, sizeof buffer_);
    }
}

HOCKET_INLINE text_lines::~text_lines() {
    if (file_ != nullptr) {
        std::fclose(file_);
    }
}

HOCKET_INLINE char* text_lines::next() noexcept {
    while (file_ != nullptr && std::fgets(line_, sizeof line_, file_) != nullptr) {
        std::size_t const length = std::strcspn(line_, "\n");
        bool const whole = line_[length] == '\n' || length + 1 < sizeof line_;
        line_[length] = '\0';
        if (whole && !inside_long_) {
            return line_;
        }
        inside_long_ = !whole;
    }
    return nullptr;
}

HOCKET_INLINE char* take_until(char*& rest, char separator) noexcept {
    char* const taken = rest;
    while (*rest != separator && *rest != '\0') {
        ++rest;
    }
    if (*rest != '\0') {
        *rest++ = '\0';
    }
    return taken;
}

HOCKET_INLINE bool lists(char const* words, char const* word) noexcept {
    std::size_t const length = std::strlen(word);
    for (char const* at = words; at != nullptr; at = std::strchr(at, ',')) {
        at += *at == ',' ? 1 : 0;
        if (std::strncmp(at, word, length) == 0 && (at[length] == ',' || at[length] == '\0')) {
            return true;
        }
    }
    return false;
}

} // namespace
