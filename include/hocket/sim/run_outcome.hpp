// SPDX-License-Identifier: MIT
// How a simulated run ended, and how its process tells the one that waits for it. Caller: simulated_run.hpp.
#pragma once

#include <hocket/sim/machine_options.hpp>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>

#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace hocket::sim {

struct outcome {
    bool passed = false;
    std::uint64_t seed = 0;
    std::string what; ///< why it failed: what was thrown, which check failed, or which thread waits for what in a hang
    std::uint64_t operations = 0;     ///< that were simulated
    std::chrono::nanoseconds time{0}; ///< on the simulated machine

    explicit operator bool() const noexcept { return passed; }
};

/// What the process of a run sends, and the text of the failure behind it.
struct run_report {
    std::uint64_t passed = 0;
    std::uint64_t operations = 0;
    std::uint64_t time = 0;
    std::uint64_t length = 0;
};

/// The pipe to the process that waits for this one. -1: this process is no run.
inline int report_to = -1;

inline bool write_all(int to, void const* bytes, std::size_t count) noexcept {
    auto const* at = static_cast<char const*>(bytes);
    while (count != 0) {
        ssize_t const written = ::write(to, at, count);
        if (written <= 0) return false;
        at += written;
        count -= static_cast<std::size_t>(written);
    }
    return true;
}
inline bool read_all(int from, void* bytes, std::size_t count) noexcept {
    auto* at = static_cast<char*>(bytes);
    while (count != 0) {
        ssize_t const got = ::read(from, at, count);
        if (got <= 0) return false;
        at += got;
        count -= static_cast<std::size_t>(got);
    }
    return true;
}

/// Tells how the run ended, and ends its process without destructors: threads of the machine still exist. The system is
/// called directly, since ThreadSanitizer's _exit lets other threads go on for a second.
[[noreturn]] inline void end_run(run_report told, std::string const& what) noexcept {
    told.length = what.size();
    (void)(write_all(report_to, &told, sizeof told) && write_all(report_to, what.data(), what.size()));
    for (;;) ::syscall(SYS_exit_group, 0);
}

/// Reads what the process of a run tells, and waits for its end.
inline outcome end_of_run(int from, pid_t process, std::uint64_t seed, std::chrono::seconds patience) {
    outcome found;
    found.seed = seed;
    run_report told;
    bool complete = read_all(from, &told, sizeof told);
    if (complete) {
        found.what.resize(told.length);
        complete = read_all(from, found.what.data(), told.length);
    }
    int status = 0;
    while (::waitpid(process, &status, 0) < 0 && errno == EINTR) {
    }
    if (complete) {
        found.passed = told.passed != 0;
        found.operations = told.operations;
        found.time = std::chrono::nanoseconds(told.time);
    } else if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM)
        found.what = "did not end within " + std::to_string(patience.count()) + " s of real time";
    else if (WIFSIGNALED(status))
        found.what = std::string("the program was ended by a signal: ") + ::strsignal(WTERMSIG(status));
    else
        found.what = "the program ended the process with status " + std::to_string(WEXITSTATUS(status));
    return found;
}

} // namespace hocket::sim
