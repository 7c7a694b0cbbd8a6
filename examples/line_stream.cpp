// SPDX-License-Identifier: MIT
// Computes checksums of the lines of a file while reading it: in their order, and as they complete. Draws a progress
// bar.
// usage: line_stream [file]      by default a header of the system
#include <hocket/loop.hpp>
#include <hocket/progress.hpp>
#include <hocket/stream.hpp>

#include <cstdint>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

struct line : std::string {
    friend std::istream& operator>>(std::istream& in, line& to) { return std::getline(in, to); }
};

std::uint32_t checksum(std::string const& text) {
    std::uint32_t hash = 2166136261U;
    for (char const c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
    return hash;
}

int main(int argc, char** argv) {
    std::string const name = argc > 1 ? argv[1] : "/usr/include/unistd.h";
    std::ifstream file(name);
    std::istream_iterator<line> const begin(file), end;
    std::vector<std::uint32_t> sums; // at most 64 lines are in memory at a time
    for (std::uint32_t const sum : hocket::parallel_imap(begin, end, checksum, {.lookahead = 64})) sums.push_back(sum);

    std::ifstream again(name);
    std::istream_iterator<line> const first(again), last;
    std::vector<std::string> const lines(first, last);
    bool right = sums.size() == lines.size();
    hocket::terminal_progress bar("checking", lines.size());
    for (auto&& [index, sum] : hocket::parallel_imap_unordered(lines, checksum, {.progress = &bar}))
        right = right && sums[index] == sum;

    hocket::progress counted;
    hocket::loop_options const options{.schedule = hocket::schedule::dynamic, .name = "check", .progress = &counted};
    hocket::parallel_for(
        lines, [](std::string const& text) { static_cast<void>(checksum(text)); }, options);
    std::uint64_t told = 0;
    hocket::progress_callback log([&](std::uint64_t done, std::uint64_t) { told = done; });
    hocket::parallel_for(lines, [](std::string const& text) { static_cast<void>(checksum(text)); }, {.progress = &log});
    std::printf("%zu lines, the last has the checksum %08x; %ju counted, %ju told\n", lines.size(), sums.back(),
                static_cast<std::uintmax_t>(counted.done()), static_cast<std::uintmax_t>(told));
    return right && counted.done() == lines.size() && told == lines.size() ? 0 : 1;
}
