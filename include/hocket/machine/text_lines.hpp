// SPDX-License-Identifier: MIT
// Reads the small text files of the operating system line by line, into fixed memory.
// Floor machine; called by cpu_quota.hpp.
#pragma once

#include <cstddef>
#include <cstdio>
#include <cstring>

namespace hocket::detail {

/// The lines of a file; none if it cannot be opened.
class text_lines {
  public:
    explicit text_lines(char const* path) noexcept : file_(std::fopen(path, "re")) {
        if (file_ != nullptr) {
            std::setvbuf(file_, buffer_, _IOFBF, sizeof buffer_);
        }
    }
    ~text_lines() {
        if (file_ != nullptr) {
            std::fclose(file_);
        }
    }
    text_lines(text_lines const&) = delete;
    text_lines& operator=(text_lines const&) = delete;

    /// The next line without its end, valid until the next call, or nothing. Lines that do not fit are left out:
    /// none that matters is as long.
    char* next() noexcept {
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

  private:
    std::FILE* file_;
    bool inside_long_ = false;
    char line_[8192];
    char buffer_[4096]; // files in /proc come in pieces of this size, or of what stdio asks for: a quarter
};

/// Cuts the text up to `separator`, or all of it, off the front of `rest`.
inline char* take_until(char*& rest, char separator) noexcept {
    char* const taken = rest;
    while (*rest != separator && *rest != '\0') {
        ++rest;
    }
    if (*rest != '\0') {
        *rest++ = '\0';
    }
    return taken;
}

/// Whether one of the words between commas is `word`.
inline bool lists(char const* words, char const* word) noexcept {
    std::size_t const length = std::strlen(word);
    for (char const* at = words; at != nullptr; at = std::strchr(at, ',')) {
        at += *at == ',' ? 1 : 0;
        if (std::strncmp(at, word, length) == 0 && (at[length] == ',' || at[length] == '\0')) {
            return true;
        }
    }
    return false;
}

} // namespace hocket::detail
