// SPDX-License-Identifier: MIT
// The bodies of the functions that terminal_progress.hpp declares.
#pragma once

#include <hocket/loop/terminal_progress.hpp>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_INLINE void text_of_amount(char (&text)[16], double amount) noexcept {
    char const* const units[] = {"", " k", " M", " G", " T", " P"};
    std::size_t unit = 0;
    for (; amount >= 999.5 && unit + 1 < sizeof units / sizeof units[0]; ++unit) amount /= 1000;
    int const decimals = unit == 0 || amount >= 99.95 ? 0 : amount >= 9.995 ? 1 : 2;
    std::snprintf(text, sizeof text, "%.*f%s", decimals, amount, units[unit]);
}

HOCKET_INLINE void text_of_seconds(char (&text)[32], double seconds) noexcept {
    auto const all = static_cast<unsigned long>(seconds < 359'999 ? seconds + 0.5 : 359'999);
    if (all < 3600)
        std::snprintf(text, sizeof text, "%lu:%02lu", all / 60, all % 60);
    else
        std::snprintf(text, sizeof text, "%lu:%02lu:%02lu", all / 3600, all / 60 % 60, all % 60);
}

HOCKET_COLD HOCKET_INLINE progress_line line_of_progress(char const* title, std::uint64_t done, std::uint64_t total,
                                                         double seconds, bool ended, std::size_t columns) noexcept {
    progress_line line;
    std::size_t const most = columns < progress_line::longest ? columns : progress_line::longest;
    double const amount = static_cast<double>(done), all = static_cast<double>(total);
    double const rate = seconds > 0 ? amount / seconds : 0;
    char counted[16], speed[16], time[32];
    text_of_amount(counted, amount);
    text_of_amount(speed, rate);
    char before[progress_line::longest], behind[80];
    if (total == 0) {
        text_of_seconds(time, seconds);
        std::snprintf(before, sizeof before, "%s  %s", title, counted);
        std::snprintf(behind, sizeof behind, "  %s/s  %s", speed, time);
    } else {
        double const part = done >= total ? 1 : amount / all;
        bool const known = ended || rate > 0;
        text_of_seconds(time, ended ? seconds : known ? (done >= total ? 0 : (all - amount) / rate) : 0);
        std::snprintf(before, sizeof before, "%s  %3d%%  ", title, static_cast<int>(part * 100));
        std::snprintf(behind, sizeof behind, "  %s/s  %s%s", speed, known ? time : "?", ended ? "" : " left");
    }
    std::size_t const taken = std::strlen(before) + std::strlen(behind);
    char bar[64] = "";
    if (total != 0 && taken + 12 <= most) {
        std::size_t const room = most - taken - 2;
        std::size_t const width = room < 40 ? room : 40;
        std::size_t const full =
            done >= total ? width : static_cast<std::size_t>(amount / all * static_cast<double>(width));
        bar[0] = '[';
        for (std::size_t i = 0; i < width; ++i) bar[1 + i] = i < full ? '#' : '.';
        bar[1 + width] = ']';
        bar[2 + width] = '\0';
    }
    int const written = std::snprintf(line.text, sizeof line.text, "%s%s%s", before, bar, behind);
    line.length = static_cast<std::size_t>(written) < most ? static_cast<std::size_t>(written) : most;
    return line;
}

HOCKET_INLINE void progress_painter::paint(std::uint64_t done, std::uint64_t total, bool ended) noexcept {
    if (file_ < 0 || (ended && shown_ == 0)) return;
    double const seconds = static_cast<double>(monotonic_nanoseconds() - started_) * 1e-9;
    std::size_t const columns = columns_of_terminal(file_) - 1; // a full line would scroll
    progress_line const line = line_of_progress(title_, done, total, seconds, ended, columns);
    char text[2 * progress_line::longest + 4];
    std::size_t length = 0;
    text[length++] = '\r';
    std::memcpy(text + length, line.text, line.length);
    length += line.length;
    for (std::size_t i = line.length; i < shown_; ++i) text[length++] = ' '; // over a longer text from before
    if (ended) text[length++] = '\n';
    shown_ = line.length;
    write_to_terminal(file_, text, length);
}

} // namespace
