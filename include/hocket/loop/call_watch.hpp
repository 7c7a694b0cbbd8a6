// SPDX-License-Identifier: MIT
// Loops that their callers run by themselves, because they are short as a rule: one thread of the process, the watcher,
// looks every few milliseconds whether such a caller is inside a body for long, and opens the rest of its loop to the
// pool. So a body may wait for another one of the same loop, and a long one delays no other, although a tiny loop never
// leaves its caller. The watcher starts with the first such loop, and sleeps when there were none for a second.
#pragma once

#include <hocket/loop/late_loop.hpp>
#include <hocket/loop/loop_work.hpp>
#include <hocket/loop/serial_claims.hpp>
#include <hocket/machine/machine.hpp>
#include <hocket/machine/pin.hpp>
#include <hocket/machine/process_registry.hpp>
#include <hocket/os/atomics.hpp>
#include <hocket/os/fork.hpp>
#include <hocket/os/os_mutex.hpp>
#include <hocket/os/os_thread.hpp>
#include <hocket/sched/guest.hpp>
#include <hocket/sched/living_pools.hpp>
#include <hocket/sched/overdue.hpp>
#include <hocket/sched/sleep.hpp>

#include <pthread.h>

#include <atomic>
#include <cstdint>
#include <new>

namespace hocket::inline HOCKET_ABI::detail {

/// A loop that its caller runs by itself.
struct alignas(64) watched_loop {
    serial_claims claims;

    // The description: plain data, written before the loop begins, read by the watcher while it holds the loop.
    scheduler* pool = nullptr;
    loop_body body{};
    std::uint64_t n = 0;
    loop_plan const* plan = nullptr;
    fp_mode mode{}; // of the caller

    // Under the watcher's lock.
    late_loop* late = nullptr;   // the rest, when the watcher has opened it
    std::uint64_t late_from = 0; // its first iteration

    std::uint64_t seen = 0; // only the watcher: the step at its last look
};

/// The loops that one thread runs by itself, each within a body of the one before it. Not freed in the child of a
/// fork().
struct watched_thread {
    static constexpr std::uint32_t most_levels = 12;
    watched_loop loops[most_levels];
    /// Writer: the thread itself. Reader: the watcher. How many run.
    std::atomic<std::uint32_t> level{0};
    watched_thread* next = nullptr;
    watched_thread* previous = nullptr;
};

class call_watch {
  public:
    /// Writers: callers that find it false; the watcher. Readers: callers. Whether the watcher looks regularly.
    static inline constinit std::atomic<bool> armed{false};
    /// The calling thread's loops, or null before its first one.
    static inline constinit thread_local watched_thread* mine = nullptr;

    /// For a thread's first loop. Null when there is no memory or no thread to watch, and while the thread ends.
    [[gnu::cold]] static watched_thread* enlist() noexcept;

    /// A pool has become busy: the watcher looks at pools too.
    [[gnu::cold]] static void look_at_busy_pool() noexcept;

    /// The watcher looks soon: a loop of unknown cost has begun, or `armed` was false.
    [[gnu::cold]] static void look_soon() noexcept;

    /// The calling thread of a loop that the watcher holds, at a claim or at the end: what became of it. `late_from` is
    /// unchanged when the watcher has taken nothing.
    [[gnu::cold]] static late_loop* decision(watched_loop& loop, std::uint64_t& late_from) noexcept;
    /// The same at the end, and the watcher lets go.
    [[gnu::cold]] static late_loop* last_decision(watched_loop& loop) noexcept;

  private:
    struct thread_end {
        bool passed = false;
        ~thread_end();
    };

    /// That of this process, or null when the system refuses its thread.
    static call_watch* get() noexcept;

    [[gnu::cold]] static void* run_thread(void* self) noexcept;

    void run() noexcept;

    /// Opens the loops that are where they were at the last look. Returns 0 when nothing has happened since; bit 1 is
    /// set when a loop runs that is to be looked at again soon.
    unsigned look() noexcept;

    /// Whether all threads of a pool are busy.
    static bool look_at_pools() noexcept;

    [[gnu::cold]] static void open(watched_loop& loop, std::uint64_t step) noexcept;

    /// Writer: get. Readers: everyone. Never destroyed.
    static inline constinit std::atomic<call_watch*> current_{nullptr};

    os_mutex mutex_; // guards the list, and what became of each loop
    watched_thread* threads_ = nullptr;
    parker parker_;
    /// Writers: callers. Reader: the watcher.
    std::atomic<bool> hurry_{false};
};

/// While it lives, the caller of a loop runs its iterations by itself; the watcher sees it.
class serial_part {
  public:
    /// The iterations up to `claimed` are the caller's. `rest` runs the others if it comes to that.
    serial_part(scheduler& pool, std::uint64_t n, loop_plan const& plan, loop_body rest, fp_mode mode,
                std::uint64_t claimed, bool unknown_cost) noexcept;
    serial_part(serial_part const&) = delete;
    serial_part& operator=(serial_part const&) = delete;

    /// Claims the iterations up to `last` for the caller. False when they are the pool's: `finish` is next.
    bool claim(std::uint64_t last) noexcept;

    /// The caller has run what it claimed. Null when nothing of the loop was given to the pool; otherwise that has to
    /// be finished.
    late_loop* end() noexcept;

  private:
    watched_thread* thread_;
    watched_loop* loop_ = nullptr;
};

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/loop/call_watch.ipp>
#endif
