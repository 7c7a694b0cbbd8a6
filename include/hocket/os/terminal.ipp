// SPDX-License-Identifier: MIT
// The bodies of the functions that terminal.hpp declares.
#pragma once

#include <hocket/os/terminal.hpp>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_COLD HOCKET_INLINE bool is_terminal(int file) noexcept {
    int const kept = errno;
    bool const is = isatty(file) == 1;
    errno = kept;
    return is;
}

HOCKET_COLD HOCKET_INLINE std::size_t columns_of_terminal(int file) noexcept {
    int const kept = errno;
    winsize size{};
    bool const told = ioctl(file, TIOCGWINSZ, &size) == 0 && size.ws_col != 0;
    errno = kept;
    return told ? size.ws_col : 80;
}

HOCKET_COLD HOCKET_INLINE void write_to_terminal(int file, char const* text, std::size_t length) noexcept {
    int const kept = errno;
    while (length != 0) {
        ssize_t const done = write(file, text, length);
        if (done < 0 && errno == EINTR) continue;
        if (done <= 0) break;
        text += done;
        length -= static_cast<std::size_t>(done);
    }
    errno = kept;
}

} // namespace
