// SPDX-License-Identifier: MIT
// The file that HOCKET_TRACE asks for, and the buffered lines that are not yet in it: the one file with the operating
// system's calls for it. Linux: append mode, so that the file holds whole lines even if the process ends early. Caller:
// sched/trace.hpp.
#pragma once

#include <hocket/base/atomic.hpp>
#include <hocket/base/config.hpp>
#include <hocket/os/os_mutex.hpp>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <new>

namespace hocket::inline HOCKET_ABI::detail {

struct trace_lines {
    static constexpr std::uint32_t size = 64 * 1024;
    static constexpr std::uint32_t longest = 1024;

    /// Whether a trace is written. Writers: open_trace; end_trace; a failed write; a child of fork(). Readers: all
    /// threads that could record an event. Relaxed: the mutex orders the other fields, which it guards.
    atomic<bool> on{false};
    os_mutex mutex;
    bool decided = false; // whether the first call has decided for or against a trace
    int file = 0;
    std::uint32_t filled = 0;
};
inline constinit trace_lines the_trace;
inline char text_of_trace[trace_lines::size]; // `filled` bytes of whole lines

/// Whether a trace is written.
HOCKET_ALWAYS_INLINE bool traced() noexcept { return the_trace.on.load(std::memory_order_relaxed); }

/// Writes the lines to the file; the caller holds the mutex. If the system refuses to write, the trace ends and the
/// program goes on.
[[gnu::cold]] void write_trace() noexcept;

/// Writes the lines before a thread sleeps for long, and at the end of a pool.
[[gnu::cold]] void flush_trace() noexcept;

/// Ends the trace at the end of the process. The closing bracket makes the file strict JSON. Threads that still run
/// record nothing more.
[[gnu::cold]] void end_trace() noexcept;

/// Begins a trace in an empty file, which ends with the process; a child of fork() has none. Returns 0 or the system's
/// error number. Null means that no trace is wanted. Only the first call that opens a file or passes null counts.
[[gnu::cold]] int open_trace(char const* path) noexcept;

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/os/trace_file.ipp>
#endif
