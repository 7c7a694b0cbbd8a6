// SPDX-License-Identifier: MIT
// Starts the program of one library (HOCKET_BENCH_START_UP) and waits for its answer. The unit is microseconds.
#include "../measure.hpp"
#include "problem.hpp"

#include <array>
#include <spawn.h>
#include <string_view>
#include <sys/wait.h>
#include <unistd.h>

namespace hocket_bench::start_up_problem {
namespace {

/// Returns the microseconds until the program wrote its answer; its end is awaited, but not measured.
double time_of_process(sampler& samples) {
    std::array<int, 2> channel{};
    samples.check(pipe(channel.data()) == 0);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, channel[1], STDOUT_FILENO);
    posix_spawn_file_actions_addclose(&actions, channel[0]);
    posix_spawn_file_actions_addclose(&actions, channel[1]);
    char program[] = HOCKET_BENCH_START_UP;
    std::array<char*, 2> const arguments{program, nullptr};

    auto const begin = clock::now();
    pid_t child = 0;
    samples.check(posix_spawn(&child, program, &actions, nullptr, arguments.data(), environ) == 0);
    std::array<char, 64> text{};
    auto const length = read(channel[0], text.data(), text.size());
    nanoseconds const took = clock::now() - begin;

    auto const expected = std::to_string(half(0) ^ half(1));
    samples.check(length > 0 && std::string_view(text.data()) == expected);
    waitpid(child, nullptr, 0);
    close(channel[0]);
    close(channel[1]);
    posix_spawn_file_actions_destroy(&actions);
    return took.count() / 1000;
}

[[maybe_unused]] bool const rows =
    add_row({"start_up", 1, 25}, {HOCKET_BENCH_LIBRARY, {HOCKET_BENCH_THREADS}},
            [](sampler& samples, int) { samples.take([&] { return time_of_process(samples); }); });

} // namespace
} // namespace hocket_bench::start_up_problem
