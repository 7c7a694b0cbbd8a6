// SPDX-License-Identifier: MIT
// Timers: delays, sleeping coroutines, periodic tasks. The process has one timer thread, started by the first timer. It
// sleeps until the next timer is due, without limit if there is none, and only hands work to pools. Where the system
// refuses that thread, waiting threads and parked workers fire due timers. Like the default pool the thread is never
// joined, and a child of fork() makes a new one; timers of the parent never fire in the child.
#pragma once

#include <hocket/base/atomic.hpp>
#include <hocket/base/config.hpp>
#include <hocket/future/timer_heap.hpp>
#include <hocket/machine/machine.hpp>
#include <hocket/machine/pin.hpp>
#include <hocket/machine/process_registry.hpp>
#include <hocket/os/clock.hpp>
#include <hocket/os/fork.hpp>
#include <hocket/os/os_mutex.hpp>
#include <hocket/os/os_thread.hpp>
#include <hocket/pool/thread_pool.hpp>
#include <hocket/sched/serial_turns.hpp>
#include <hocket/sched/sleep.hpp>

#include <chrono>
#include <mutex>
#include <stdexcept>

namespace hocket::inline HOCKET_ABI::detail {

class timer_service;

/// An event that is to happen once. It belongs to the service from start_timer until `fire` is called or cancel_timer
/// returns true.
struct timer_item : timer_place {
    /// Called once, on the timer thread, or by start_timer itself if the pool ends. Short: it hands work to a pool.
    void (*fire)(timer_item* self) noexcept = nullptr;
    scheduler* pool = nullptr; // the pool that it needs, whose destructor waits for it; or null
    bool hurries = false;      // when its pool ends, it fires at once

    /// The service of the timer, or null before it has one. Writers: prepare_timer, start_timer. Reader: cancel_timer.
    atomic<timer_service*> service{nullptr};
};

class timer_service {
  public:
    using clock = monotonic_clock;

    /// Returns the service of this process. **Throws** std::bad_alloc, when it has to be made.
    static timer_service& get();

    /// Whether the thread of the service exists: not in a child of fork().
    bool works() const noexcept { return generation_ == fork_generation; }

    /// Adds a timer. **Throws** std::bad_alloc; then nothing was added.
    void add(timer_item& item);

    /// Takes a timer out. Returns false when it was not in the heap (any more).
    bool remove(timer_item& item) noexcept;

  private:
    static void hurry(scheduler& pool) noexcept;

    [[gnu::cold]] void start();

    [[gnu::cold]] static void* run_thread(void* service) noexcept;
    /// Fires due timers where there is no timer thread.
    [[gnu::cold]] static bool fire_due() noexcept;

    /// Leaves the core of the thread that has started the timer thread. That thread may be pinned, and others need its
    /// core.
    static void leave_core() noexcept;

    void run() noexcept;

    static void fire(timer_item& item) noexcept;

    /// Writer: get. Readers: all threads. Never destroyed.
    static inline constinit atomic<timer_service*> current_{nullptr};

    os_mutex mutex_; // guards the next three
    timer_heap heap_;
    clock::time_point sleeps_until_ = clock::time_point::max();
    bool started_ = false;
    parker parker_;
    std::uint32_t const generation_ = fork_generation;
};

/// Prepares a timer before start_timer, where another thread may call cancel_timer at the same time: both then lock the
/// service. Either cancel_timer takes the item out, or its thread's earlier writes are visible once start_timer has
/// returned. **Throws** std::bad_alloc.
inline void prepare_timer(timer_item& item) {
    item.service.store(&timer_service::get(), std::memory_order_release); // timer_item.start ->
}

/// Starts to wait for `item.due`. `item` stays in place until it fires or is cancelled. The caller does not touch it
/// after this call, unless it knows otherwise that it has not fired. When the pool has finished waiting already, the
/// timer fires at once. **Threads** any. **Throws** std::bad_alloc; then the timer is not started.
void start_timer(timer_item& item);

/// Cancels a timer. Returns true if it will never fire, and belongs to the caller again. Returns false if it fires now,
/// has fired, or was not started yet. **Threads** any, as long as `item` lives.
bool cancel_timer(timer_item& item) noexcept;

/// Returns the point of time after `delay`, or the latest point of the clock if the sum is beyond it.
template<class Rep, class Period>
std::chrono::steady_clock::time_point due_after(std::chrono::duration<Rep, Period> delay) {
    using clock = monotonic_clock;
    constexpr std::chrono::duration<double> longest(4e9); // seconds: 127 years
    if (!(std::chrono::duration<double>(delay) < longest)) return clock::time_point::max();
    return clock::now() + (delay > delay.zero() ? std::chrono::ceil<clock::duration>(delay) : clock::duration::zero());
}

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/future/timer.ipp>
#endif
