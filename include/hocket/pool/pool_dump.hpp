// SPDX-License-Identifier: MIT
// What each thread of a pool does at the moment, as text, for a program that hangs. Public: `dump`. With
// HOCKET_WATCHDOG=seconds a pool that makes no progress for that long prints the text by itself. Public:
// `dump_on_signal`, which lets a signal print it.
#pragma once

#include <hocket/base/config.hpp>
#include <hocket/os/ticks.hpp>

#include <csignal>
#include <cstdio>
#include <string>

namespace hocket::inline HOCKET_ABI {

class thread_pool;

namespace detail {

class scheduler;

/// Returns the text of `dump` at a time. **Throws** std::bad_alloc.
[[gnu::cold]] std::string text_of(scheduler& pool, ticks now, ticks per_microsecond);

/// Begins to watch the pools of this process, unless it has begun before: prints the text of a pool to stderr when no
/// thread of it has begun anything for that long, although it has something to do.
[[gnu::cold]] void begin_watchdog(unsigned seconds) noexcept;

} // namespace detail

/// Prints what each thread of the pool does and for how long, and how many tasks wait where: for a program that seems
/// to hang, from a debugger or from a thread of its own.
///
///     hocket: pool of 2 workers: 0 sleep, none searches; 1 task waits in the queue of the pool
///       worker 0, core 0: waits for a future for 12.0 s, in "load"; 3 tasks so far
///       worker 1, core 1: runs work for 12.0 s; 1 task so far; 2 tasks wait in its queue
///
/// With HOCKET_WATCHDOG=10 in the environment, the text goes to stderr when no thread of a pool has begun anything for
/// ten seconds, although work is left or a thread waits. The name is that of the task or loop that the thread runs: the
/// first 31 bytes of `submit_options::name` or `loop_options::name`.
///
/// **Threads** any. **Blocks** for no thread of the pool; as long as `to` does. **Throws** std::bad_alloc. **Order**
/// none: the text may be a moment old. **Cost** a line of text for each worker.
void dump(thread_pool& pool, std::FILE* to);

/// From now on the signal prints to stderr what `dump` prints, for each pool of the process: `kill -USR1 4711`. It
/// replaces a handler that the program has for this signal. A thread that sleeps meanwhile prints the text. A child of
/// fork() calls this again. **Threads** any. **Blocks** never. **Throws** std::system_error if the system refuses the
/// handler, as for a number that is no signal, or the thread.
void dump_on_signal(int signal = SIGUSR1);

} // namespace hocket

#if HOCKET_BODIES
#include <hocket/pool/pool_dump.ipp>
#endif
