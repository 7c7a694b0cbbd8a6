// SPDX-License-Identifier: MIT
// The bodies of the functions that program_start.hpp declares.
#pragma once

#include <hocket/remote/transport/program_start.hpp>

#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <stdexcept>

#include <fcntl.h>
#include <pthread.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_COLD HOCKET_INLINE program_start::program_start(int argc, char const* const* argv) {
    for (int i = 0; i < argc; ++i) arguments.emplace_back(argv[i]);
    for (char** at = ::environ; at != nullptr && *at != nullptr; ++at) environment.emplace_back(*at);
    char const* const named = ::secure_getenv("HOCKET_EXECUTABLE");
    executable = named != nullptr && *named != '\0' ? named : "/proc/self/exe";
    int const here = ::open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (here >= 0) directory = checked_fd(here, "cannot keep the working directory"); // else the directory was removed
    int const copy = ::fcntl(2, F_DUPFD_CLOEXEC, 3);
    if (copy >= 0) standard_error = owned_fd(copy);
    ::pthread_sigmask(SIG_SETMASK, nullptr, &blocked);
}

/// Whether `entry` sets the variable that `other` sets.
inline bool same_variable(std::string const& entry, std::string const& other) noexcept {
    std::size_t const name = other.find('=');
    return name != std::string::npos && entry.size() > name && entry.compare(0, name + 1, other, 0, name + 1) == 0;
}

/// The arguments of posix_spawn, freed with this object.
struct spawn_plan {
    spawn_plan() {
        ::posix_spawn_file_actions_init(&actions);
        ::posix_spawnattr_init(&attributes);
    }
    spawn_plan(spawn_plan const&) = delete;
    spawn_plan& operator=(spawn_plan const&) = delete;
    ~spawn_plan() {
        ::posix_spawn_file_actions_destroy(&actions);
        ::posix_spawnattr_destroy(&attributes);
    }

    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
};

HOCKET_COLD HOCKET_INLINE started_process start_process(program_start const& how, std::initializer_list<int> passed,
                                                        std::vector<std::string> const& variables,
                                                        std::vector<std::string> const& defaults, int errors_to) {
    spawn_plan plan;
    ::posix_spawn_file_actions_addopen(&plan.actions, 0, "/dev/null", O_RDONLY, 0);
    if (errors_to >= 0) ::posix_spawn_file_actions_adddup2(&plan.actions, errors_to, 2);
    // Duplicates each descriptor to itself, which keeps it open across exec only in the new process.
    for (int const fd : passed)
        if (fd >= 0) ::posix_spawn_file_actions_adddup2(&plan.actions, fd, fd);
    if (how.directory.is_open()) ::posix_spawn_file_actions_addfchdir_np(&plan.actions, how.directory.get());
    sigset_t blocked = how.blocked;
    sigaddset(&blocked, SIGINT);
    sigaddset(&blocked, SIGHUP);
    ::posix_spawnattr_setsigmask(&plan.attributes, &blocked);
    ::posix_spawnattr_setflags(&plan.attributes, POSIX_SPAWN_SETSIGMASK);

    std::vector<char const*> arguments;
    for (std::string const& argument : how.arguments) arguments.push_back(argument.c_str());
    if (arguments.empty()) arguments.push_back("");
    arguments.push_back(nullptr);
    std::vector<char const*> environment;
    for (std::string const& entry : how.environment) {
        bool replaced = false;
        for (std::string const& variable : variables) replaced |= same_variable(entry, variable);
        if (!replaced) environment.push_back(entry.c_str());
    }
    for (std::string const& variable : variables) environment.push_back(variable.c_str());
    for (std::string const& fallback : defaults) {
        bool set = false;
        for (std::string const& entry : how.environment) set |= same_variable(entry, fallback);
        if (!set) environment.push_back(fallback.c_str());
    }
    environment.push_back(nullptr);

    pid_t pid = 0;
    int const refused =
        ::posix_spawn(&pid, how.executable.c_str(), &plan.actions, &plan.attributes,
                      const_cast<char* const*>(arguments.data()), const_cast<char* const*>(environment.data()));
    if (refused != 0) {
        errno = refused;
        throw_system_error(("cannot start a worker process from " + how.executable).c_str());
    }
    int const pidfd = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
    if (pidfd < 0) {
        int const why = errno;
        ::kill(pid, SIGKILL);
        ::waitpid(pid, nullptr, 0);
        errno = why;
    }
    return {pid, checked_fd(pidfd, "cannot watch a worker process (it needs Linux 5.4)")};
}

HOCKET_INLINE exit_report reap(int pidfd, bool wait) noexcept {
    siginfo_t info{};
    int result;
    do {
        result = ::waitid(static_cast<idtype_t>(3) /* P_PIDFD */, static_cast<id_t>(pidfd), &info,
                          WEXITED | (wait ? 0 : WNOHANG));
    } while (result != 0 && errno == EINTR);
    exit_report report;
    if (result != 0) { // the program ignores SIGCHLD, or has waited for all children
        report.ended = true;
        return report;
    }
    if (info.si_pid == 0) return report;
    report.ended = report.known = true;
    if (info.si_code == CLD_EXITED)
        report.status = info.si_status;
    else
        report.signal = info.si_status;
    return report;
}

HOCKET_INLINE void send_signal(int pidfd, int signal) noexcept {
    ::syscall(SYS_pidfd_send_signal, pidfd, signal, nullptr, 0);
}

HOCKET_INLINE owned_fd own_pidfd() {
    return checked_fd(static_cast<int>(::syscall(SYS_pidfd_open, ::getpid(), 0)),
                      "cannot watch processes (it needs Linux 5.4)");
}

HOCKET_COLD HOCKET_INLINE void need_descriptors(std::size_t more) {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    std::size_t const needed = more + 32; // plus the open descriptors of the program
    if (limit.rlim_cur < limit.rlim_max && limit.rlim_cur < needed + 224) {
        rlimit raised = limit;
        raised.rlim_cur = limit.rlim_max;
        if (::setrlimit(RLIMIT_NOFILE, &raised) == 0) limit = raised;
    }
    if (limit.rlim_cur >= needed) return;
    throw std::runtime_error("hocket: worker processes need " + std::to_string(needed) +
                             " descriptors, and this process may have " + std::to_string(limit.rlim_cur) +
                             ": raise the limit (ulimit -n), or set HOCKET_PROCESSES to fewer");
}

} // namespace
