// SPDX-License-Identifier: MIT
// Shared support of tests of fork(): a body in a child process, which an alarm ends if it hangs. Test code only.
#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <exception>
#include <string>

namespace stress_test {

/// Runs `body` in a child made by fork(); the child calls `_exit` with its result. Returns the way in which the child
/// ended, as text.
template<class Body>
std::string in_child(Body const& body) {
    pid_t const child = fork();
    if (child == -1) return "no child";
    if (child == 0) {
        alarm(60);
        int code = 99;
        try {
            code = body();
        } catch (std::exception const& error) {
            std::fprintf(stderr, "child: %s\n", error.what());
        }
        _exit(code);
    }
    int status = 0;
    waitpid(child, &status, 0);
    if (WIFEXITED(status)) return "exit " + std::to_string(WEXITSTATUS(status));
    return "signal " + std::to_string(WTERMSIG(status));
}

} // namespace stress_test
