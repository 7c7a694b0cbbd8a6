// SPDX-License-Identifier: MIT
// The bodies of the functions that timer.hpp declares.
#pragma once

#include <hocket/future/timer.hpp>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_INLINE timer_service& timer_service::get() {
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

HOCKET_INLINE void timer_service::add(timer_item& item) {
    bool sooner = false;
    {
        os_lock const lock(mutex_);
        if (!started_) start();
        if (item.hurries && item.pool->handle().pending().ending()) item.due = clock::time_point::min();
        heap_.push(item);
        item.service.store(this, std::memory_order_release); // timer_item.start ->
        sooner = item.due < sleeps_until_;
        if (sooner) sleeps_until_ = item.due;
    }
    if (sooner) parker_.wake();
}

HOCKET_INLINE bool timer_service::remove(timer_item& item) noexcept {
    os_lock const lock(mutex_);
    if (item.place == 0) return false;
    heap_.remove(item);
    return true;
}

HOCKET_INLINE void timer_service::hurry(scheduler& pool) noexcept {
    timer_service* const service = current_.load(std::memory_order_acquire); // <- timers.made
    if (service == nullptr || !service->works()) return;
    {
        os_lock const lock(service->mutex_);
        service->heap_.hurry([&](timer_place const& place) {
            auto const& item = static_cast<timer_item const&>(place);
            return item.hurries && item.pool == &pool;
        });
        service->sleeps_until_ = clock::time_point::min();
    }
    service->parker_.wake();
}

HOCKET_COLD HOCKET_INLINE void timer_service::start() {
    os_thread thread;
    process_registry::keep_loaded(&current_);
    if (!thread.start(&run_thread, this)) {
        serial_turns::serve_timers(&fire_due);
        pools_of_process.for_each(
            [](scheduler& pool) noexcept { pool.wake_parked(); }); // they look at timers from now on
    }
    started_ = true;
}

HOCKET_COLD HOCKET_INLINE bool timer_service::fire_due() noexcept {
    timer_service* const service = current_.load(std::memory_order_acquire); // <- timers.made
    if (service == nullptr || !service->works()) return false;
    timer_place* first = nullptr;
    {
        os_lock const lock(service->mutex_);
        first = service->heap_.first();
        if (first == nullptr || first->due > clock::now()) return false;
        service->heap_.remove(*first);
    }
    fire(static_cast<timer_item&>(*first));
    return true;
}

HOCKET_COLD HOCKET_INLINE void* timer_service::run_thread(void* service) noexcept {
    name_this_thread("timer", 0);
    leave_core();
    fp_mode{}.set();
    static_cast<timer_service*>(service)->run();
    return nullptr;
}

HOCKET_INLINE void timer_service::leave_core() noexcept {
    try {
        topology const& here = machine();
        fixed_array<unsigned> pus(here.pus.size());
        for (std::size_t i = 0; i < pus.size(); ++i) pus[i] = here.pus[i].os_index;
        if (here.origin != topology_origin::description) (void)pin_this_thread(pus);
    } catch (std::bad_alloc const&) { // then it shares that core
    }
}

HOCKET_INLINE void timer_service::run() noexcept {
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
        parker_.reset(); // under the mutex: a thread that adds a timer that is due sooner wakes this thread afterwards
        lock.unlock();
        if (first == nullptr)
            parker_.sleep();
        else
            parker_.sleep_for(pause);
        lock.lock();
    }
}

HOCKET_INLINE void timer_service::fire(timer_item& item) noexcept {
    scheduler* const pool = item.pool;
    item.fire(&item);
    if (pool != nullptr) pool->handle().pending().done();
}

HOCKET_INLINE void start_timer(timer_item& item) {
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

HOCKET_INLINE bool cancel_timer(timer_item& item) noexcept {
    timer_service* const service = item.service.load(std::memory_order_acquire); // <- timer_item.start
    if (service == nullptr) return false;
    if (!service->works()) return item.service.exchange(nullptr, std::memory_order_relaxed) != nullptr;
    if (!service->remove(item)) return false;
    if (item.pool != nullptr) item.pool->handle().pending().done();
    return true;
}

} // namespace
