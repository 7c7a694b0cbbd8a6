// SPDX-License-Identifier: MIT
// Output to a terminal: the one file with the operating system's calls for it. Linux: isatty, ioctl(TIOCGWINSZ), write.
// Caller: loop/terminal_progress.hpp.
#pragma once

#include <hocket/base/config.hpp>

#include <errno.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstddef>

namespace hocket::inline HOCKET_ABI::detail {

inline constexpr int standard_error = STDERR_FILENO;

[[gnu::cold]] bool is_terminal(int file) noexcept;

/// Returns how many columns the terminal has; 80 if it does not say.
[[gnu::cold]] std::size_t columns_of_terminal(int file) noexcept;

/// Writes a text. Bytes that the system does not take are lost.
[[gnu::cold]] void write_to_terminal(int file, char const* text, std::size_t length) noexcept;

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/os/terminal.ipp>
#endif
