// SPDX-License-Identifier: MIT
// Reads small text files of the operating system line by line, into fixed memory. Called by cpu_quota.hpp.
#pragma once

#include <hocket/base/config.hpp>

#include <cstddef>
#include <cstdio>
#include <cstring>

namespace hocket::inline HOCKET_ABI::detail {

/// The lines of a file; none if it cannot be opened.
class text_lines {
  public:
    explicit text_lines(char const* path) noexcept;
    ~text_lines();
    text_lines(text_lines const&) = delete;
    text_lines& operator=(text_lines const&) = delete;

    /// Returns the next line without its end, valid until the next call, or null. Lines that do not fit are left out:
    /// no line that matters is that long.
    char* next() noexcept;

  private:
    std::FILE* file_;
    bool inside_long_ = false;
    char line_[8192];
    char buffer_[4096]; // files in /proc come in parts of this size, or of what stdio asks for: a quarter
};

/// Cuts the text up to `separator`, or all of it, off the front of `rest`.
char* take_until(char*& rest, char separator) noexcept;

/// Whether one of the comma-separated words is `word`.
bool lists(char const* words, char const* word) noexcept;

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/machine/text_lines.ipp>
#endif
