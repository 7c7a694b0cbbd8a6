// SPDX-License-Identifier: MIT
// The watcher: one thread of the process that looks after loops that their callers run alone because such loops are
// short as a rule. Every few milliseconds it checks whether such a caller is inside a body for long, and opens the rest
// of its loop to the pool. So a body may wait for another body of the same loop, and a long body delays no other. Yet a
// tiny loop never leaves its caller. The watcher starts with the first such loop, and sleeps when there were none for
// 32 ms.
#pragma once

#include <hocket/base/atomic.hpp>
#include <hocket/loop/loop_work.hpp>
#include <hocket/loop/serial_claims.hpp>
#include <hocket/machine/machine.hpp>
#include <hocket/machine/pin.hpp>
#include <hocket/machine/process_registry.hpp>
#include <hocket/os/atomics.hpp>
#include <hocket/os/fork.hpp>
#include <hocket/os/os_mutex.hpp>
#include <hocket/os/os_thread.hpp>
#include <hocket/sched/living_pools.hpp>
#include <hocket/sched/overdue.hpp>
#include <hocket/sched/pool_entry.hpp>
#include <hocket/sched/sleep.hpp>

#include <pthread.h>

#include <cstdint>
#include <new>

namespace hocket::inline HOCKET_ABI::detail {

class late_loop;

/// A loop that its caller runs alone.
struct alignas(64) watched_loop {
    serial_claims claims;

    // The description: plain data, written before the loop begins, read by the watcher while it holds the loop.
    scheduler* pool = nullptr;
    loop_body body{};
    std::uint64_t n = 0;
    loop_plan const* plan = nullptr;
    fp_mode mode{};               // of the caller
    loop_registration claimant{}; // if the loop is a claim of an open loop

    // Under the watcher's lock.
    late_loop* late = nullptr;   // the rest, if the watcher has opened it
    std::uint64_t late_from = 0; // the first iteration of the rest

    std::uint64_t seen = 0; // touched by the watcher only: the step at its last look
};

/// The loops that one thread runs alone, each within a body of the one before it. Not freed in a child of fork().
struct watched_thread {
    static constexpr std::uint32_t most_levels = 12;
    watched_loop loops[most_levels];
    /// Counts the running loops of the thread. Writer: the thread. Reader: the watcher.
    atomic<std::uint32_t> level{0};
    watched_thread* next = nullptr;
    watched_thread* previous = nullptr;
};

class call_watch {
  public:
    /// Whether the watcher looks regularly. Writers: callers that find it false, the watcher. Readers: callers.
    static inline constinit atomic<bool> armed{false};
    /// The loops of the calling thread, or null before its first one.
    static inline constinit thread_local watched_thread* mine = nullptr;

    /// Registers the calling thread before its first loop. Returns null without memory or without a watcher, and while
    /// the thread ends.
    [[gnu::cold]] static watched_thread* enlist() noexcept;

    /// Lets the watcher look at pools too, because a pool has become busy.
    [[gnu::cold]] static void look_at_busy_pool() noexcept;

    /// Makes the watcher look soon, because a loop of unknown cost has begun, or `armed` was false.
    [[gnu::cold]] static void look_soon() noexcept;

    /// Returns the rest of a loop, if the watcher has given it away, and sets `late_from` to its first iteration.
    /// Called by the thread of a loop that the watcher holds, at a claim. Leaves `late_from` unchanged if the watcher
    /// has taken nothing.
    [[gnu::cold]] static late_loop* decision(watched_loop& loop, std::uint64_t& late_from) noexcept;
    /// Returns the rest of a loop that the watcher holds, at the end of the loop, and releases the loop.
    [[gnu::cold]] static late_loop* last_decision(watched_loop& loop) noexcept;

  private:
    struct thread_end {
        bool passed = false;
        ~thread_end();
    };

    /// Returns the watcher of this process, or null if the system refuses its thread.
    static call_watch* get() noexcept;

    [[gnu::cold]] static void* run_thread(void* self) noexcept;

    void run() noexcept;

    /// Opens the loops that have not moved since the last look. Returns 0 if nothing has happened since then. Bit 1 is
    /// set if a loop runs that is to be looked at again soon.
    unsigned look() noexcept;

    /// Looks at all pools. Returns whether all threads of some pool are busy.
    static bool look_at_pools() noexcept;

    [[gnu::cold]] static void open(watched_loop& loop, std::uint64_t step) noexcept;

    /// The watcher of the process. Never destroyed. Writer: get. Readers: all callers.
    static inline constinit atomic<call_watch*> current_{nullptr};

    os_mutex mutex_; // guards the list, and what became of each loop
    watched_thread* threads_ = nullptr;
    parker parker_;
    /// Whether the watcher is to look again soon. Writers: callers. Reader: the watcher.
    atomic<bool> hurry_{false};
};

/// While it lives, its caller runs the iterations of a loop alone, and the watcher sees it.
class serial_part {
  public:
    /// Makes the iterations up to `claimed` the caller's. `rest` runs the other iterations if the watcher opens them.
    /// With a `claimant`, the loop is a claim of an open loop, and `end` returns what the caller has to hand over.
    serial_part(scheduler& pool, std::uint64_t n, loop_plan const& plan, loop_body rest, fp_mode mode,
                std::uint64_t claimed, bool unknown_cost, loop_registration const& claimant = {}) noexcept;
    serial_part(serial_part const&) = delete;
    serial_part& operator=(serial_part const&) = delete;

    /// Claims the iterations up to `last` for the caller. Returns false if the pool has them; then `end` is next.
    bool claim(std::uint64_t last) noexcept;

    /// Ends the part when the caller has run what it has claimed. Returns null if the pool was given no part of the
    /// loop. Otherwise returns the rest, which the caller has to finish.
    late_loop* end() noexcept;

  private:
    watched_thread* thread_;
    watched_loop* loop_ = nullptr;
};

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/loop/call_watch.ipp>
#endif
