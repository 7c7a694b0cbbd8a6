// SPDX-License-Identifier: MIT
// Things that happen at a time, floor 5: delays, sleeping coroutines, periodic tasks. One thread for the process,
// started by the first timer; it sleeps until the next one is due, without limit if there is none, and only hands
// things to pools. Like the default pool it is never joined, and a child of fork() makes a new one; what the parent
// waits for never fires in the child.
#pragma once

#include <hocket/base/config.hpp>
#include <hocket/base/fork.hpp>
#include <hocket/machine/machine.hpp>
#include <hocket/machine/os_thread.hpp>
#include <hocket/machine/pin.hpp>
#include <hocket/pool/thread_pool.hpp>
#include <hocket/sched/sleep.hpp>
#include <hocket/task/timer_heap.hpp>

#include <atomic>
#include <chrono>
#include <mutex>
#include <stdexcept>

namespace hocket::detail {

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
    static timer_service& get() {
        timer_service* found = current_.load(std::memory_order_acquire); // <- timers.made
        while (found == nullptr || !found->works()) {
            watch_forks();
            auto* const fresh = new timer_service;
            hurry_timers.store(&hurry, std::memory_order_release);                         // timers.made ->
            if (current_.compare_exchange_strong(found, fresh, std::memory_order_acq_rel)) // timers.made ->
                return *fresh;
            delete fresh; // another thread was faster
        }
        return *found;
    }

    /// Not in a child of fork(), where its thread does not exist.
    bool works() const noexcept { return generation_ == fork_generation; }

    /// **Throws** std::bad_alloc; std::runtime_error when its thread cannot be started. Then nothing was added.
    void add(timer_item& item) {
        bool sooner = false;
        {
            std::lock_guard const lock(mutex_);
            if (!started_) start();
            if (item.hurries && item.pool->handle().pending().ending()) item.due = clock::time_point::min();
            heap_.push(item);
            item.service.store(this, std::memory_order_release); // timer_item.start ->
            sooner = item.due < sleeps_until_;
            if (sooner) sleeps_until_ = item.due;
        }
        if (sooner) parker_.wake();
    }

    /// False when it was not there (any more).
    bool remove(timer_item& item) noexcept {
        std::lock_guard const lock(mutex_);
        if (item.place == 0) return false;
        heap_.remove(item);
        return true;
    }

  private:
    static void hurry(scheduler& pool) noexcept {
        timer_service* const service = current_.load(std::memory_order_acquire); // <- timers.made
        if (service == nullptr || !service->works()) return;
        {
            std::lock_guard const lock(service->mutex_);
            service->heap_.hurry([&](timer_place const& place) {
                auto const& item = static_cast<timer_item const&>(place);
                return item.hurries && item.pool == &pool;
            });
            service->sleeps_until_ = clock::time_point::min();
        }
        service->parker_.wake();
    }

    HOCKET_COLD void start() {
        os_thread thread;
        if (!thread.start(&run_thread, this))
            throw std::runtime_error(
                "hocket: the system refuses to start a thread for timers; raise its limit on threads or memory");
        started_ = true;
    }

    HOCKET_COLD static void* run_thread(void* service) noexcept {
        name_this_thread("timer", 0);
        leave_core();
        static_cast<timer_service*>(service)->run();
        return nullptr;
    }

    /// The thread that has started this one may be pinned to a core, which others need.
    static void leave_core() noexcept {
        try {
            topology const& here = machine();
            fixed_array<unsigned> pus(here.pus.size());
            for (std::size_t i = 0; i < pus.size(); ++i) pus[i] = here.pus[i].os_index;
            if (here.origin != topology_origin::description) (void)pin_this_thread(pus);
        } catch (std::bad_alloc const&) { // it shares that core, then
        }
    }

    void run() noexcept {
        std::unique_lock lock(mutex_);
        for (;;) {
            clock::time_point const now = clock::now();
            timer_place* const first = heap_.first();
            if (first != nullptr && first->due <= now) {
                heap_.remove(*first);
                lock.unlock();
                fire(static_cast<timer_item&>(*first));
                lock.lock();
                continue;
            }
            sleeps_until_ = first != nullptr ? first->due : clock::time_point::max();
            long long const pause = std::chrono::nanoseconds(sleeps_until_ - now).count();
            parker_.reset(); // under the mutex: who adds something that is due sooner wakes afterwards
            lock.unlock();
            if (first == nullptr)
                parker_.sleep();
            else
                parker_.sleep_for(pause);
            lock.lock();
        }
    }

    static void fire(timer_item& item) noexcept {
        scheduler* const pool = item.pool;
        item.fire(&item);
        if (pool != nullptr) pool->handle().pending().done();
    }

    /// Writer: get. Readers: everyone. Never destroyed.
    static inline constinit std::atomic<timer_service*> current_{nullptr};

    std::mutex mutex_; // guards the next three
    timer_heap heap_;
    clock::time_point sleeps_until_ = clock::time_point::max();
    bool started_ = false;
    parker parker_;
    std::uint32_t const generation_ = fork_generation;
};

/// Before start_timer, where another thread may call cancel_timer at the same time: both then lock the service. So either that
/// one takes the item out, or what it wrote before is visible once start_timer has returned.
/// **Throws** std::bad_alloc.
inline void prepare_timer(timer_item& item) {
    item.service.store(&timer_service::get(), std::memory_order_release); // timer_item.start ->
}

/// Starts to wait for `item.due`. `item` stays where it is until it fires or is cancelled; the caller does not touch it
/// after this call, unless it knows otherwise that it has not fired. When the pool is through with waiting already, it
/// fires at once.
/// **Threads** any. **Throws** std::bad_alloc, std::runtime_error without a thread; then it is not waiting.
inline void start_timer(timer_item& item) {
    if (item.pool != nullptr) item.pool->require_this_process();
    timer_service& service = timer_service::get();
    if (item.pool != nullptr && !item.pool->handle().pending().add()) return item.fire(&item);
    scheduler* const pool = item.pool;
    try {
        service.add(item);
    } catch (...) {
        if (pool != nullptr) pool->handle().pending().done();
        throw;
    }
}

/// True: it will never fire, and belongs to the caller again. False: it fires now, has fired, or was not started yet.
/// **Threads** any, as long as `item` lives.
inline bool cancel_timer(timer_item& item) noexcept {
    timer_service* const service = item.service.load(std::memory_order_acquire); // <- timer_item.start
    if (service == nullptr) return false;
    if (!service->works()) return item.service.exchange(nullptr, std::memory_order_relaxed) != nullptr;
    if (!service->remove(item)) return false;
    if (item.pool != nullptr) item.pool->handle().pending().done();
    return true;
}

/// The point of time after `delay`; as late as can be, if that is beyond what a clock can say.
template<class Rep, class Period>
std::chrono::steady_clock::time_point due_after(std::chrono::duration<Rep, Period> delay) {
    using clock = std::chrono::steady_clock;
    constexpr std::chrono::duration<double> longest(4e9); // seconds: 127 years
    if (!(std::chrono::duration<double>(delay) < longest)) return clock::time_point::max();
    return clock::now() + (delay > delay.zero() ? std::chrono::ceil<clock::duration>(delay) : clock::duration::zero());
}

} // namespace hocket::detail
