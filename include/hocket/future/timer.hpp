// SPDX-License-Identifier: MIT
// Things that happen at a time: delays, sleeping coroutines, periodic tasks. One thread for the process, started by the
// first timer; it sleeps until the next one is due, without limit if there is none, and only hands things to pools.
// Where the system refuses that thread, those that wait and workers that are parked fire what is due. Like the default
// pool it is never joined, and a child of fork() makes a new one; what the parent waits for never fires in the child.
#pragma once

#include <hocket/base/config.hpp>
#include <hocket/future/timer_heap.hpp>
#include <hocket/machine/machine.hpp>
#include <hocket/machine/pin.hpp>
#include <hocket/machine/process_registry.hpp>
#include <hocket/os/fork.hpp>
#include <hocket/os/os_thread.hpp>
#include <hocket/pool/thread_pool.hpp>
#include <hocket/sched/serial_turns.hpp>
#include <hocket/sched/sleep.hpp>

#include <atomic>
#include <chrono>
#include <mutex>
#include <stdexcept>

namespace hocket::inline HOCKET_ABI::detail {

class timer_service;

/// Something that is to happen once. It belongs to the service from start_timer until `fire` is called or cancel_timer
/// returns true.
struct timer_item : timer_place {
    /// Called once, on the timer's thread (or by start_timer itself, if the pool ends). Short: it hands something to a
    /// pool.
    void (*fire)(timer_item* self) noexcept = nullptr;
    scheduler* pool = nullptr; // the pool that it needs, whose destructor waits for it; or null
    bool hurries = false;      // when its pool ends, it fires at once

    /// Writers: prepare_timer, start_timer. Reader: cancel_timer. Null before.
    std::atomic<timer_service*> service{nullptr};
};

class timer_service {
  public:
    using clock = std::chrono::steady_clock;

    /// That of this process. **Throws** std::bad_alloc, when it has to be made.
    static timer_service& get();

    /// Not in a child of fork(), where its thread does not exist.
    bool works() const noexcept { return generation_ == fork_generation; }

    /// **Throws** std::bad_alloc; then nothing was added.
    void add(timer_item& item);

    /// False when it was not there (any more).
    bool remove(timer_item& item) noexcept;

  private:
    static void hurry(scheduler& pool) noexcept;

    [[gnu::cold]] void start();

    [[gnu::cold]] static void* run_thread(void* service) noexcept;
    /// Where there is no thread for it.
    [[gnu::cold]] static bool fire_due() noexcept;

    /// The thread that has started this one may be pinned to a core, which others need.
    static void leave_core() noexcept;

    void run() noexcept;

    static void fire(timer_item& item) noexcept;

    /// Writer: get. Readers: everyone. Never destroyed.
    static inline constinit std::atomic<timer_service*> current_{nullptr};

    std::mutex mutex_; // guards the next three
    timer_heap heap_;
    clock::time_point sleeps_until_ = clock::time_point::max();
    bool started_ = false;
    parker parker_;
    std::uint32_t const generation_ = fork_generation;
};

/// Before start_timer, where another thread may call cancel_timer at the same time: both then lock the service. So
/// either that one takes the item out, or what it wrote before is visible once start_timer has returned. **Throws**
/// std::bad_alloc.
inline void prepare_timer(timer_item& item) {
    item.service.store(&timer_service::get(), std::memory_order_release); // timer_item.start ->
}

/// Starts to wait for `item.due`. `item` stays where it is until it fires or is cancelled; the caller does not touch it
/// after this call, unless it knows otherwise that it has not fired. When the pool is through with waiting already, it
/// fires at once.
/// **Threads** any. **Throws** std::bad_alloc; then it is not waiting.
void start_timer(timer_item& item);

/// True: it will never fire, and belongs to the caller again. False: it fires now, has fired, or was not started yet.
/// **Threads** any, as long as `item` lives.
bool cancel_timer(timer_item& item) noexcept;

/// The point of time after `delay`; as late as can be, if that is beyond what a clock can say.
template<class Rep, class Period>
std::chrono::steady_clock::time_point due_after(std::chrono::duration<Rep, Period> delay) {
    using clock = std::chrono::steady_clock;
    constexpr std::chrono::duration<double> longest(4e9); // seconds: 127 years
    if (!(std::chrono::duration<double>(delay) < longest)) return clock::time_point::max();
    return clock::now() + (delay > delay.zero() ? std::chrono::ceil<clock::duration>(delay) : clock::duration::zero());
}

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/future/timer.ipp>
#endif
