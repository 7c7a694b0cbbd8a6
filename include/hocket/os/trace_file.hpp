// SPDX-License-Identifier: MIT
// The file that HOCKET_TRACE asks for, and the lines that are not in it yet: the one file with the calls of the
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

namespace hocket::inline HOCKET_ABI::detail {

struct trace_lines {
    static constexpr std::uint32_t size = 64 * 1024;
    static constexpr std::uint32_t longest = 1024;

    /// Writers: begin_trace; where the system refuses to write; a child of fork(). Readers: everyone who could record
    /// something. Relaxed: the mutex orders the rest, which it guards.
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

/// The lines are in the file from here on. The mutex is held. Where the system refuses, the trace ends and the program
/// goes on.
[[gnu::cold]] void write_trace() noexcept;

/// Before a thread sleeps for long, and at the end of a pool.
[[gnu::cold]] void flush_trace() noexcept;

/// At the end of the process: with the closing bracket the file is strict JSON. Threads that still run record nothing
/// more.
[[gnu::cold]] void end_trace() noexcept;

/// Begins a trace in an empty file, which ends with the process; a child of fork() has none. Returns zero or the error.
/// Only the first call counts that finds a file or wants none, which null means.
[[gnu::cold]] int open_trace(char const* path) noexcept;

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/os/trace_file.ipp>
#endif
