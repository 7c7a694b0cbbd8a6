// SPDX-License-Identifier: MIT
// How this program was started, kept by the session so that its worker processes start in the same way at any time
// later: arguments, environment, directory, blocked signals. And the start of such a process. Called by the session and
// the engines.
#pragma once

#include <hocket/remote/transport/owned_fd.hpp>

#include <initializer_list>
#include <string>
#include <vector>

#include <signal.h>
#include <sys/types.h>

namespace hocket::inline HOCKET_ABI::detail {

struct program_start {
    /// **Throws** std::bad_alloc, std::runtime_error.
    program_start(int argc, char const* const* argv);

    std::vector<std::string> arguments;
    std::vector<std::string> environment; // NAME=value
    std::string executable;               // HOCKET_EXECUTABLE, else that of this process
    owned_fd directory;
    owned_fd standard_error; // a copy; not open where the program has none
    sigset_t blocked{};
};

/// Writers: the session. Readers: what starts processes. Null without a session.
inline constinit program_start const* this_program = nullptr;

/// A process that was started.
struct started_process {
    pid_t pid;
    owned_fd pidfd;
};

/// Starts this program once more. It gets the descriptors in `passed` under the same numbers, `variables` in its
/// environment in place of those of these names, those in `defaults` where its environment has none of these names,
/// /dev/null as standard input, and `errors_to` as standard error unless that is -1. SIGINT and SIGHUP are blocked in
/// it. **Threads** any. **Throws** std::runtime_error, std::bad_alloc.
started_process start_process(program_start const& how, std::initializer_list<int> passed,
                              std::vector<std::string> const& variables, std::vector<std::string> const& defaults,
                              int errors_to);

/// How a process has ended, by waitid.
struct exit_report {
    bool ended = false;
    bool known = false;
    int signal = 0;
    int status = 0;
};
/// Takes the status of a process that has ended, and of no other one. **Blocks** until then if `wait`.
exit_report reap(int pidfd, bool wait) noexcept;

/// **Threads** any. Harmless where the process has ended.
void send_signal(int pidfd, int signal) noexcept;

/// An owned descriptor of the calling process. **Throws** std::runtime_error.
owned_fd own_pidfd();

/// Raises the number of descriptors that this process may have to what it is allowed, and checks that `more` are left.
/// **Throws** std::runtime_error that says how many are needed.
void need_descriptors(std::size_t more);

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/remote/transport/program_start.ipp>
#endif
