// SPDX-License-Identifier: MIT
// A progress object that draws a bar on the terminal.
// Public.
#pragma once

#include <hocket/loop/progress_callback.hpp>
#include <hocket/os/terminal.hpp>
#include <hocket/os/ticks.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>

namespace hocket::inline HOCKET_ABI {
namespace detail {

/// Writes an amount with three digits: "12.3 k" for 12,345.
void text_of_amount(char (&text)[16], double amount) noexcept;

/// Writes a duration: "1:02:03", or "2:03" below an hour.
void text_of_seconds(char (&text)[32], double seconds) noexcept;

struct progress_line {
    static constexpr std::size_t longest = 240;
    char text[longest + 1];
    std::size_t length = 0;
};

/// Returns the text of a bar in at most `columns` characters. `total` is 0 if it is unknown.
[[gnu::cold]] progress_line line_of_progress(char const* title, std::uint64_t done, std::uint64_t total, double seconds,
                                             bool ended, std::size_t columns) noexcept;

/// A line of a terminal that is rewritten in place. Writes nothing if the file is no terminal.
class progress_painter {
  public:
    progress_painter(char const* title, int file) noexcept
        : file_(is_terminal(file) ? file : -1), started_(monotonic_nanoseconds()) {
        std::snprintf(title_, sizeof title_, "%s", title);
    }
    [[nodiscard]] bool visible() const noexcept { return file_ >= 0; }

    void paint(std::uint64_t done, std::uint64_t total, bool ended) noexcept;

  private:
    int const file_;
    std::uint64_t const started_;
    std::size_t shown_ = 0;
    char title_[64];
};

struct paint_progress {
    progress_painter* painter;
    void operator()(std::uint64_t done, std::uint64_t total) const noexcept { painter->paint(done, total, false); }
};

} // namespace detail

/// Draws a bar on the terminal, with the rate and the time that is left:
/// `terminal_progress bar("reading"); parallel_for(files, read, {.progress = &bar});`
/// If `total` is given, it is fixed. For operations of unknown length the bar shows how many elements are done. The
/// rate is the mean since the object was made. Nothing is written if stderr (or `file`) is no terminal. The destructor
/// ends the line. **Threads** as `progress`. **Blocks** while it writes, ten times a second. **Cost** a clock read for
/// each chunk of a loop; none without a terminal.
class terminal_progress : detail::progress_painter, public progress_callback<detail::paint_progress> {
  public:
    explicit terminal_progress(char const* title, std::uint64_t total = 0, int file = detail::standard_error)
        : progress_painter(title, file),
          progress_callback<detail::paint_progress>(detail::paint_progress{this}, visible(), total) {}
    ~terminal_progress() { paint(done(), total(), true); }
};

} // namespace hocket

#if HOCKET_BODIES
#include <hocket/loop/terminal_progress.ipp>
#endif
