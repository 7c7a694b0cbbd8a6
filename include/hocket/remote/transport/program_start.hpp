// SPDX-License-Identifier: MIT
// How this program was started: arguments, environment, directory, blocked signals. The session keeps it, so that later
// worker processes start in the same way. Also starts such processes. Called by the session and the engines.
#pragma once

#include <hocket/remote/transport/owned_fd.hpp>

#include <initializer_list>
#include <string>
#include <vector>

#include <signal.h>
#include <sys/types.h>

namespace hocket::inline HOCKET_ABI::detail {

struct program_start {
    /// Records how this process was started. **Throws** std::bad_alloc, std::runtime_error.
    program_start(int argc, char const* const* argv);

    std::vector<std::string> arguments;
    std::vector<std::string> environment; // NAME=value
    std::string executable;               // HOCKET_EXECUTABLE, else the executable of this process
    owned_fd directory;
    owned_fd standard_error; // a copy; closed if the program has none
    sigset_t blocked{};
};

/// Writer: the session. Readers: threads that start processes. Null without a session.
inline constinit program_start const* this_program = nullptr;

/// A process that was started.
struct started_process {
    pid_t pid;
    owned_fd pidfd;
};

/// Starts this program once more. The new process gets the descriptors in `passed` under the same numbers, /dev/null as
/// standard input, and `errors_to` as standard error unless that is -1. `variables` replace the variables of the same
/// names in its environment. `defaults` are set unless its environment has these names. SIGINT and SIGHUP are blocked
/// in it. **Threads** any. **Throws** std::runtime_error, std::bad_alloc.
started_process start_process(program_start const& how, std::initializer_list<int> passed,
                              std::vector<std::string> const& variables, std::vector<std::string> const& defaults,
                              int errors_to);

/// How a process has ended, as reported by waitid.
struct exit_report {
    bool ended = false;
    bool known = false;
    int signal = 0;
    int status = 0;
};
/// Takes the status of one process that has ended. With `wait`, **blocks** until the process has ended.
exit_report reap(int pidfd, bool wait) noexcept;

/// Sends a signal to a process. Harmless if the process has ended. **Threads** any.
void send_signal(int pidfd, int signal) noexcept;

/// Returns an owned pidfd of the calling process. **Throws** std::runtime_error.
owned_fd own_pidfd();

/// Raises the descriptor limit of this process to the permitted maximum, and checks that `more` are left. **Throws**
/// std::runtime_error that says how many are needed.
void need_descriptors(std::size_t more);

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/remote/transport/program_start.ipp>
#endif
