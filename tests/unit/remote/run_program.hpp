// SPDX-License-Identifier: MIT
// Runs the test program once more, with variables of its own, and reports its status and output. A program that hangs
// is killed.
#pragma once

#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace remote_test {

struct program_result {
    int status = -1; ///< of exit
    int signal = 0;
    bool hung = false;
    std::string out; ///< standard output
    std::string err; ///< standard error
};

/// A program that was started; its output is collected by `finish`.
class program {
  public:
    /// Runs the tests that `filter` names, disabled ones too, in a process group of its own. `before` is a command that
    /// runs them: its words stand before those of the program.
    program(std::vector<std::string> const& variables, std::string const& filter,
            std::vector<std::string> const& before = {}) {
        int out[2];
        int err[2];
        if (pipe2(out, O_CLOEXEC) != 0 || pipe2(err, O_CLOEXEC) != 0) std::abort();
        posix_spawn_file_actions_t actions;
        posix_spawn_file_actions_init(&actions);
        posix_spawn_file_actions_adddup2(&actions, out[1], 1);
        posix_spawn_file_actions_adddup2(&actions, err[1], 2);
        posix_spawnattr_t attributes;
        posix_spawnattr_init(&attributes);
        posix_spawnattr_setpgroup(&attributes, 0);
        posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
        std::string const name = "--gtest_filter=" + filter;
        std::string const self = before.empty() ? "program" : own_path();
        std::vector<char const*> arguments;
        for (std::string const& word : before) arguments.push_back(word.c_str());
        for (char const* word : {self.c_str(), "--gtest_also_run_disabled_tests", name.c_str()})
            arguments.push_back(word);
        arguments.push_back(nullptr);
        std::vector<char const*> environment;
        for (std::string const& variable : variables) environment.push_back(variable.c_str());
        for (char** at = environ; *at != nullptr; ++at)
            if (std::strncmp(*at, "HOCKET_", 7) != 0 && std::strncmp(*at, "GTEST_", 6) != 0) environment.push_back(*at);
        environment.push_back(nullptr);
        char const* const file = before.empty() ? "/proc/self/exe" : before.front().c_str();
        if (posix_spawnp(&pid_, file, &actions, &attributes, const_cast<char**>(arguments.data()),
                         const_cast<char**>(environment.data())) != 0)
            std::abort();
        posix_spawnattr_destroy(&attributes);
        posix_spawn_file_actions_destroy(&actions);
        close(out[1]);
        close(err[1]);
        out_ = out[0];
        err_ = err[0];
    }
    program(program const&) = delete;
    program& operator=(program const&) = delete;
    ~program() {
        if (pid_ > 0) finish();
    }

    pid_t pid() const { return pid_; }

    /// Reads until `text` is in the standard output, or the program has ended.
    bool wait_for(std::string const& text) {
        while (result_.out.find(text) == std::string::npos)
            if (!read_some(std::chrono::seconds(60))) return false;
        return true;
    }
    std::string const& out() const { return result_.out; }

    program_result finish() {
        while (read_some(std::chrono::seconds(60))) {
        }
        if (result_.hung) kill(-pid_, SIGKILL);
        int status = 0;
        waitpid(pid_, &status, 0);
        if (WIFEXITED(status)) result_.status = WEXITSTATUS(status);
        if (WIFSIGNALED(status)) result_.signal = WTERMSIG(status);
        pid_ = -1;
        if (out_ >= 0) close(out_);
        if (err_ >= 0) close(err_);
        return result_;
    }

  private:
    static std::string own_path() {
        char path[4096];
        ssize_t const size = readlink("/proc/self/exe", path, sizeof path);
        if (size <= 0) std::abort();
        return {path, static_cast<std::size_t>(size)};
    }

    /// Reads once. Returns false when both ends are closed, or when nothing came within `limit`.
    bool read_some(std::chrono::milliseconds limit) {
        pollfd watched[2] = {{out_, POLLIN, 0}, {err_, POLLIN, 0}};
        if (out_ < 0 && err_ < 0) return false;
        int const ready = poll(watched, 2, static_cast<int>(limit.count()));
        if (ready <= 0) {
            result_.hung = true;
            return false;
        }
        char text[4096];
        for (int i = 0; i < 2; ++i) {
            if (watched[i].revents == 0) continue;
            int& fd = i == 0 ? out_ : err_;
            ssize_t const got = read(fd, text, sizeof text);
            if (got <= 0) {
                close(fd);
                fd = -1;
            } else {
                (i == 0 ? result_.out : result_.err).append(text, static_cast<std::size_t>(got));
            }
        }
        return true;
    }

    pid_t pid_ = -1;
    int out_ = -1;
    int err_ = -1;
    program_result result_;
};

inline program_result run_program(std::vector<std::string> const& variables, std::string const& filter,
                                  std::vector<std::string> const& before = {}) {
    return program(variables, filter, before).finish();
}

/// Whether a command is there, and works here.
inline bool works(std::string const& command) {
    return std::system((command + " >/dev/null 2>&1 </dev/null").c_str()) == 0;
}

/// Whether a process with that number exists and is not a zombie.
inline bool runs(long pid) {
    char path[64];
    std::snprintf(path, sizeof path, "/proc/%ld/stat", pid);
    std::FILE* const file = std::fopen(path, "re");
    if (file == nullptr) return false;
    char state = 'X';
    if (std::fscanf(file, "%*d (%*[^)]) %c", &state) != 1) state = 'X';
    std::fclose(file);
    return state != 'X' && state != 'Z';
}

/// Returns how many pieces of shared memory this process has open.
inline int regions_here() {
    int count = 0;
    DIR* const all = opendir("/proc/self/fd");
    if (all == nullptr) return -1;
    while (dirent const* const one = readdir(all)) {
        char target[256] = "";
        std::string const path = std::string("/proc/self/fd/") + one->d_name;
        if (readlink(path.c_str(), target, sizeof target - 1) > 0 && std::strstr(target, "hocket:shared") != nullptr)
            ++count;
    }
    closedir(all);
    return count;
}

/// Waits until `condition()` holds. Returns false after a long time.
template<class Condition>
bool comes_true(Condition condition) {
    for (int i = 0; i < 6'000; ++i) {
        if (condition()) return true;
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return false;
}

} // namespace remote_test
