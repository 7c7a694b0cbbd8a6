// SPDX-License-Identifier: MIT
// Tests of progress objects: their counts, the operations that count, and the moments of their callbacks.
#include <hocket/base/progress.hpp>
#include <hocket/loop/progress_callback.hpp>
#include <hocket/loop/terminal_progress.hpp>

#include <hocket/range/index_range.hpp>

#include <hocket/algorithm/loops/parallel_for.hpp>
#include <hocket/algorithm/loops/parallel_map.hpp>
#include <hocket/algorithm/reduce/parallel_reduce.hpp>

#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace hocket;

TEST(progress, counts_the_elements_of_each_operation) {
    progress bar;
    EXPECT_EQ(bar.fraction(), 0.0);
    parallel_for(0, 1'000, [](int) {}, {.progress = &bar});
    EXPECT_EQ(bar.done(), 1'000U);
    EXPECT_EQ(bar.total(), 1'000U);
    std::vector<int> const squares = parallel_map(index_range(0, 500), [](int i) { return i * i; }, {.progress = &bar});
    EXPECT_EQ(bar.done(), 1'500U);
    static_cast<void>(parallel_reduce(squares, 0, [](int a, int b) { return a ^ b; }, {.progress = &bar}));
    EXPECT_EQ(bar.done(), 2'000U);
    EXPECT_EQ(bar.total(), 2'000U);
    EXPECT_EQ(bar.fraction(), 1.0);
}

TEST(progress, keeps_a_total_that_is_known) {
    progress bar(4'000);
    parallel_for(0, 1'000, [](int) {}, {.progress = &bar});
    EXPECT_EQ(bar.total(), 4'000U);
    EXPECT_EQ(bar.fraction(), 0.25);
}

TEST(progress, can_be_asked_by_the_bodies) {
    progress bar;
    std::atomic<bool> in_order = true;
    parallel_for(0, 10'000,
                 [&](int) {
                     if (bar.done() > bar.total()) in_order = false;
                 },
                 {.schedule = schedule::dynamic, .progress = &bar});
    EXPECT_TRUE(in_order);
}

TEST(progress, does_not_count_what_was_skipped_but_what_went_on) {
    progress bar;
    auto const body = [](int i) {
        if (i == 50) throw std::runtime_error("50");
    };
    EXPECT_THROW(parallel_for(0, 100, body, {.schedule = schedule::dynamic, .progress = &bar}), std::runtime_error);
    EXPECT_LT(bar.done(), 100U);
    progress collecting;
    EXPECT_THROW(parallel_for(0, 100, body, {.progress = &collecting, .errors = error_policy::collect}),
                 parallel_error);
    EXPECT_EQ(collecting.done(), 100U);
}

TEST(progress_callback, shows_the_last_numbers_and_never_goes_back) {
    std::vector<std::pair<std::uint64_t, std::uint64_t>> shown; // written by one thread at a time
    progress_callback bar([&](std::uint64_t done, std::uint64_t total) { shown.emplace_back(done, total); },
                          std::chrono::nanoseconds(0));
    for (int round = 1; round <= 5; ++round) {
        parallel_for(0, 10'000, [](int) {}, {.grain = 10, .schedule = schedule::dynamic, .progress = &bar});
        ASSERT_FALSE(shown.empty());
        EXPECT_EQ(shown.back().first, 10'000U * static_cast<unsigned>(round));
        EXPECT_EQ(shown.back().second, 10'000U * static_cast<unsigned>(round));
    }
    for (std::size_t i = 1; i < shown.size(); ++i) ASSERT_LT(shown[i - 1].first, shown[i].first);
}

TEST(progress_callback, is_called_rarely_where_the_interval_is_long) {
    int calls = 0;
    progress_callback bar([&](std::uint64_t, std::uint64_t) { ++calls; }, std::chrono::hours(1));
    parallel_for(0, 10'000, [](int) {}, {.grain = 10, .schedule = schedule::dynamic, .progress = &bar});
    EXPECT_GE(calls, 1);
    EXPECT_LE(calls, 2); // the first numbers and the last ones
}

std::string line_of(char const* title, std::uint64_t done, std::uint64_t total, double seconds, bool ended,
                    std::size_t columns) {
    detail::progress_line const line = detail::line_of_progress(title, done, total, seconds, ended, columns);
    return {line.text, line.length};
}

TEST(terminal_progress, says_how_far_it_is_how_fast_and_how_long_it_takes) {
    EXPECT_EQ(line_of("reading", 2'500, 10'000, 5, false, 60),
              "reading   25%  [######...................]  500/s  0:15 left");
    EXPECT_EQ(line_of("reading", 10'000, 10'000, 8, true, 60),
              "reading  100%  [###########################]  1.25 k/s  0:08");
    EXPECT_EQ(line_of("reading", 0, 10'000, 0, false, 40), "reading    0%  [..........]  0/s  ? left");
    EXPECT_EQ(line_of("reading", 12'345, 0, 3'700, false, 60), "reading  12.3 k  3/s  1:01:40");
    EXPECT_EQ(line_of("r", 1, 4'000'000'000, 1, false, 80).substr(0, 10), "r    0%  [");
}

TEST(terminal_progress, fits_every_terminal) {
    std::string const title(300, 't');
    for (std::size_t columns = 1; columns < 300; ++columns)
        for (std::uint64_t const total : {0U, 7U}) {
            EXPECT_LE(line_of("reading", 3, total, 2, false, columns).size(), columns);
            EXPECT_LE(line_of(title.c_str(), 3, total, 2, true, columns).size(), columns);
        }
}

TEST(terminal_progress, writes_nothing_where_there_is_no_terminal) {
    int ends[2];
    ASSERT_EQ(pipe2(ends, O_NONBLOCK), 0);
    {
        terminal_progress bar("reading", 0, ends[1]);
        parallel_for(0, 10'000, [](int) {}, {.progress = &bar});
        EXPECT_EQ(bar.done(), 10'000U);
    }
    char text[100];
    EXPECT_EQ(read(ends[0], text, sizeof text), -1);
    close(ends[0]);
    close(ends[1]);
}

TEST(terminal_progress, draws_on_a_terminal_and_ends_the_line) {
    int const screen = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK);
    if (screen < 0 || grantpt(screen) != 0 || unlockpt(screen) != 0) GTEST_SKIP() << "the system gives no terminal";
    int const file = open(ptsname(screen), O_RDWR | O_NOCTTY);
    ASSERT_GE(file, 0);
    winsize const narrow{24, 50, 0, 0};
    ASSERT_EQ(ioctl(file, TIOCSWINSZ, &narrow), 0);
    {
        terminal_progress bar("reading", 0, file);
        parallel_for(0, 10'000, [](int) {}, {.progress = &bar});
    }
    { terminal_progress const unused("unused", 0, file); }
    std::string shown;
    char text[1000];
    for (ssize_t n = 0; (n = read(screen, text, sizeof text)) > 0;) shown.append(text, static_cast<std::size_t>(n));
    EXPECT_EQ(shown.find("\rreading  "), 0U) << shown;
    EXPECT_NE(shown.find("100%  [#"), std::string::npos) << shown;
    EXPECT_EQ(shown.back(), '\n') << shown;
    EXPECT_EQ(shown.find("unused"), std::string::npos) << shown;
    for (std::size_t at = 0, end = 0; (end = shown.find_first_of("\r\n", at)) != std::string::npos; at = end + 1)
        EXPECT_LT(end - at, 50U);
    close(file);
    close(screen);
}

} // namespace
