// SPDX-License-Identifier: MIT
// The file that HOCKET_TRACE asks for, and the lines that are not in it yet, floor 0: the one file with the calls of the
// operating system for it. Linux: append mode, so that what is written is whole lines also when the process ends early.
// Caller: sched/trace.hpp.
#pragma once

#include <hocket/base/config.hpp>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

namespace hocket::detail {

struct trace_lines {
    static constexpr std::uint32_t size = 64 * 1024;
    static constexpr std::uint32_t longest = 1024;

    /// Writers: begin_trace; where the system refuses to write; a child of fork(). Readers: everyone who could record something.
    /// Relaxed: the mutex orders the rest, which it guards.
    std::atomic<bool> on{false};
    pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    bool decided = false; // whether there is to be a trace
    int file = 0;
    std::uint32_t filled = 0;
};
inline constinit trace_lines the_trace;
inline char text_of_trace[trace_lines::size]; // `filled` bytes of whole lines

/// Whether a trace is written.
HOCKET_ALWAYS_INLINE bool traced() noexcept { return the_trace.on.load(std::memory_order_relaxed); }

/// The lines are in the file from here on. The mutex is held. Where the system refuses, the trace ends and the program goes on.
HOCKET_COLD inline void write_trace() noexcept {
    for (char const* from = text_of_trace; the_trace.filled != 0;) {
        ssize_t const done = write(the_trace.file, from, the_trace.filled);
        if (done < 0 && errno == EINTR) continue;
        if (done < 0) {
            std::perror("hocket: the trace ends here, since its file cannot be written");
            the_trace.on.store(false, std::memory_order_relaxed);
            the_trace.filled = 0;
            return;
        }
        from += done;
        the_trace.filled -= static_cast<std::uint32_t>(done);
    }
}

/// Before a thread sleeps for long, and at the end of a pool and of the process.
HOCKET_COLD inline void flush_trace() noexcept {
    if (!traced()) return;
    pthread_mutex_lock(&the_trace.mutex);
    write_trace();
    pthread_mutex_unlock(&the_trace.mutex);
}

/// Begins a trace in an empty file, which ends with the process; a child of fork() has none. Returns zero or the error. Only the
/// first call counts that finds a file or wants none, which null means.
HOCKET_COLD inline int open_trace(char const* path) noexcept {
    int error = 0;
    pthread_mutex_lock(&the_trace.mutex);
    if (!the_trace.decided && path != nullptr) {
        the_trace.file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0644);
        if (the_trace.file >= 0) {
            the_trace.filled = static_cast<std::uint32_t>(std::sprintf(
                text_of_trace, "[{\"ph\":\"M\",\"name\":\"process_name\",\"pid\":%d,\"args\":{\"name\":\"hocket\"}}\n",
                getpid()));
            pthread_atfork(nullptr, nullptr, [] {
                the_trace.on.store(false, std::memory_order_relaxed);
                the_trace.mutex = PTHREAD_MUTEX_INITIALIZER; // a thread that stayed behind may have it
            });
            (void)std::atexit(&flush_trace);
            the_trace.on.store(true, std::memory_order_relaxed);
        } else {
            error = errno;
        }
    }
    the_trace.decided |= error == 0;
    pthread_mutex_unlock(&the_trace.mutex);
    return error;
}

} // namespace hocket::detail
