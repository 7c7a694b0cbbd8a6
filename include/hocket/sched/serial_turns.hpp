// SPDX-License-Identifier: MIT
// Pools for which the system starts no thread at all: the threads of the program run their work while they wait. Such a
// pool is a hosted one (hosted.hpp). A wake-up of a worker puts a turn into one queue of the process. Each thread that
// is about to sleep in a wait of this library takes turns from that queue instead. Callers: the waits, and the
// constructor of a pool.
#pragma once

#include <hocket/base/atomic.hpp>
#include <hocket/base/config.hpp>
#include <hocket/machine/process_registry.hpp>
#include <hocket/os/fork.hpp>
#include <hocket/os/ticks.hpp>
#include <hocket/queue/injector.hpp>
#include <hocket/sched/costs.hpp>

#include <cstdint>

namespace hocket::inline HOCKET_ABI::detail {

class serial_turns {
  public:
    /// Begins a pool without threads: from now on waiting threads look for turns. Returns what stands for the threads
    /// of the pool. **Throws** std::bad_alloc.
    [[gnu::cold]] static process_host const* begin();

    /// Whether this process has had a pool without threads.
    static bool expected() noexcept {
        queue const* const turns = current_.load(std::memory_order_acquire); // <- serial_turns.made
        return turns != nullptr && turns->generation == fork_generation;
    }
    static bool serves(process_host const* host) noexcept { return host == &functions; }

    /// Fires one timer that is due, or runs one turn. False when there is neither. The caller holds no lock of this
    /// library.
    [[gnu::cold]] static bool run_one() noexcept;

    /// Serves timers without a thread: `fire_due` fires one that is due, and returns whether there was one. From now on
    /// waiting threads and idle workers call it. **Throws** std::bad_alloc.
    [[gnu::cold]] static void serve_timers(bool (*fire_due)() noexcept);

    static bool has_timers() noexcept { return fire_due_.load(std::memory_order_relaxed) != nullptr; }
    /// Fires one timer that is due. False when there is none.
    static bool fire_due() noexcept { return fire_due_.load(std::memory_order_relaxed)(); }

  private:
    /// The queue of turns. A child of fork() has its own: a thread of the parent may hold the lock of this one.
    struct queue {
        std::uint32_t const generation = fork_generation;
        injector items;
    };

    static void spawn(work_item& turn) noexcept;
    static bool is_wanted() noexcept { return true; } // the thread may have what it waits for
    static void* release_core() noexcept { return nullptr; }
    static void reacquire_core(void*) noexcept {}
    static constexpr process_host functions{nullptr, nullptr, &spawn, &is_wanted, &release_core, &reacquire_core};

    /// Writers: pools that begin without threads. Readers: threads that are about to sleep. Never destroyed.
    static inline constinit atomic<queue*> current_{nullptr};
    /// Writer: the timers. Readers: threads that wait.
    static inline constinit atomic<bool (*)() noexcept> fire_due_{nullptr};
};

/// Does the work of `sleep_or_serve` where there may be turns. Sleeps for at most a millisecond at a time, since a turn
/// wakes no thread.
template<class SleepFor>
HOCKET_COLD bool serve_and_sleep(long long nanoseconds, SleepFor const& sleep_for) noexcept {
    constexpr long long longest = costs::serving_sleep.nanoseconds;
    constexpr long long a_day = 86'400'000'000'000;
    long long const end = static_cast<long long>(monotonic_nanoseconds()) + (nanoseconds < a_day ? nanoseconds : a_day);
    for (long long left = nanoseconds; left > 0; left = end - static_cast<long long>(monotonic_nanoseconds()))
        if (sleep_for(serial_turns::run_one() ? 0 : left < longest ? left : longest)) return true;
    return false;
}

/// Calls `sleep_for(nanoseconds)`, which sleeps for at most that time and returns whether what is awaited has come.
/// Where pools have no threads, the caller runs their work meanwhile, and the call may take longer.
template<class SleepFor>
bool sleep_or_serve(long long nanoseconds, SleepFor const& sleep_for) noexcept {
    return serial_turns::expected() ? serve_and_sleep(nanoseconds, sleep_for) : sleep_for(nanoseconds);
}

} // namespace hocket::inline HOCKET_ABI::detail

#if HOCKET_BODIES
#include <hocket/sched/serial_turns.ipp>
#endif
