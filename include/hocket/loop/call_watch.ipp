// SPDX-License-Identifier: MIT
// The bodies of the functions that call_watch.hpp declares.
#pragma once

#include <hocket/loop/call_watch.hpp>
#include <hocket/sched/costs.hpp>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_COLD HOCKET_INLINE watched_thread* call_watch::enlist() noexcept {
    static thread_local thread_end at_end;
    if (at_end.passed) return nullptr;
    call_watch* const watch = get();
    if (watch == nullptr) return nullptr;
    auto* const thread = new (std::nothrow) watched_thread;
    if (thread == nullptr) return nullptr;
    os_lock const lock(watch->mutex_);
    thread->next = watch->threads_;
    if (thread->next != nullptr) thread->next->previous = thread;
    watch->threads_ = thread;
    return mine = thread;
}

HOCKET_COLD HOCKET_INLINE void call_watch::look_soon() noexcept {
    call_watch* const watch = current_.load(std::memory_order_acquire); // <- call_watch.made
    if (watch == nullptr) return;
    armed.store(true, std::memory_order_relaxed);
    watch->hurry_.store(true, std::memory_order_relaxed);
    watch->parker_.wake();
}

HOCKET_COLD HOCKET_INLINE void call_watch::look_at_busy_pool() noexcept {
    call_watch* const watch = get();
    if (watch == nullptr || armed.exchange(true, std::memory_order_relaxed)) return;
    watch->parker_.wake();
}

HOCKET_INLINE bool scheduler::all_busy() const noexcept {
    for (std::uint32_t d = 0; d < domains_; ++d) {
        idle_set::view const now = idle_[d].look();
        if (now.parked_workers() != 0 || now.searching() != 0 || now.released() != 0) return false;
    }
    return true;
}

HOCKET_NOINLINE HOCKET_INLINE void scheduler::note_busy() noexcept {
    std_atomics::light_fence(); // against the fence of the watcher when it disarms
    if (call_watch::armed.load(std::memory_order_relaxed)) [[likely]]
        return;
    if (all_busy()) call_watch::look_at_busy_pool();
}

HOCKET_NOINLINE HOCKET_INLINE bool call_watch::look_at_pools() noexcept {
    bool result = false;
    pools_of_process.for_each([&result](scheduler& pool) { result |= pool.look_for_overdue(); });
    return result;
}

HOCKET_COLD HOCKET_INLINE late_loop* call_watch::decision(watched_loop& loop, std::uint64_t& late_from) noexcept {
    call_watch* const watch = current_.load(std::memory_order_acquire); // <- call_watch.made
    if (watch == nullptr) return nullptr;                               // in a child of fork()
    os_lock const lock(watch->mutex_);
    if (loop.late != nullptr) late_from = loop.late_from;
    return loop.late;
}

HOCKET_COLD HOCKET_INLINE late_loop* call_watch::last_decision(watched_loop& loop) noexcept {
    call_watch* const watch = current_.load(std::memory_order_acquire); // <- call_watch.made
    if (watch == nullptr) return nullptr;
    os_lock const lock(watch->mutex_);
    late_loop* const late = loop.late;
    loop.late = nullptr;
    loop.claims.let_go();
    return late;
}

HOCKET_INLINE call_watch::thread_end::~thread_end() {
    passed = true;
    watched_thread* const thread = mine;
    mine = nullptr;
    call_watch* const watch = current_.load(std::memory_order_acquire); // <- call_watch.made
    if (thread == nullptr || watch == nullptr) return;
    {
        os_lock const lock(watch->mutex_);
        (thread->previous != nullptr ? thread->previous->next : watch->threads_) = thread->next;
        if (thread->next != nullptr) thread->next->previous = thread->previous;
    }
    delete thread;
}

HOCKET_INLINE call_watch* call_watch::get() noexcept {
    static os_mutex making;
    os_lock const lock(making);
    call_watch* found = current_.load(std::memory_order_relaxed);
    static bool refused = false;
    if (found != nullptr || refused) return found;
    static int const registered = pthread_atfork(nullptr, nullptr, [] {
        current_.store(nullptr, std::memory_order_relaxed);
        armed.store(false, std::memory_order_relaxed);
        mine = nullptr;
    });
    (void)registered;
    found = new (std::nothrow) call_watch;
    if (found == nullptr) return nullptr;
    armed.store(true, std::memory_order_relaxed);
    current_.store(found, std::memory_order_release); // call_watch.made ->
    os_thread thread;
    process_registry::keep_loaded(&current_);
    if (thread.start(&run_thread, found)) return found;
    current_.store(nullptr, std::memory_order_relaxed);
    delete found;
    refused = true;
    return nullptr;
}

HOCKET_COLD HOCKET_INLINE void* call_watch::run_thread(void* self) noexcept {
    name_this_thread("watcher", 0);
    pin_to_machine(machine());
    prepare_heavy_fence();
    static_cast<call_watch*>(self)->run();
    return nullptr;
}

HOCKET_INLINE void call_watch::run() noexcept {
    constexpr long long soon = costs::watch_again.nanoseconds, later = costs::watch_interval.nanoseconds;
    constexpr unsigned idle_looks = 8;
    for (unsigned idle = 0;;) {
        parker_.reset();
        bool const hurry = hurry_.exchange(false, std::memory_order_relaxed);
        unsigned const changed = look() | (look_at_pools() ? 1 : 0);
        idle = changed != 0 || hurry ? 0 : idle + 1;
        if (idle < idle_looks) {
            parker_.sleep_for((changed & 2) != 0 || hurry ? soon : later);
            continue;
        }
        armed.store(false, std::memory_order_relaxed);
        std_atomics::heavy_fence();
        if (look() != 0 || look_at_pools() || hurry_.load(std::memory_order_relaxed))
            armed.store(true, std::memory_order_relaxed);
        else
            parker_.sleep();
        idle = 0;
    }
}

HOCKET_NOINLINE HOCKET_INLINE unsigned call_watch::look() noexcept {
    unsigned result = 0;
    os_lock const lock(mutex_);
    for (watched_thread* thread = threads_; thread != nullptr; thread = thread->next)
        for (std::uint32_t l = 0; l <= thread->level.load(std::memory_order_relaxed) && l < watched_thread::most_levels;
             ++l) {
            watched_loop& loop = thread->loops[l];
            std::uint64_t const step = loop.claims.step();
            bool const runs = serial_claims::runs(step);
            if (step != loop.seen) {
                loop.seen = step;
                result |= runs ? 3 : 1;
            } else if (runs && loop.late == nullptr) {
                open(loop, step);
                result |= 1;
            }
        }
    return result;
}

HOCKET_INLINE serial_part::serial_part(scheduler& pool, std::uint64_t n, loop_plan const& plan, loop_body rest,
                                       fp_mode mode, std::uint64_t claimed, bool unknown_cost,
                                       loop_registration const& claimant) noexcept {
    thread_ = nullptr;
    if (pool.size() == 1) return;
    thread_ = call_watch::mine;
    if (thread_ == nullptr) [[unlikely]]
        thread_ = call_watch::enlist();
    std::uint32_t const level = thread_ != nullptr ? thread_->level.load(std::memory_order_relaxed) : 0;
    if (thread_ == nullptr || level == watched_thread::most_levels) [[unlikely]] {
        thread_ = nullptr;
        return;
    }
    thread_->level.store(level + 1, std::memory_order_relaxed);
    watched_loop& loop = thread_->loops[level];
    loop_ = &loop;
    loop.pool = &pool;
    loop.body = rest;
    loop.n = n;
    loop.plan = &plan;
    loop.mode = mode;
    loop.claimant = claimant;
    loop.claims.begin(claimed);
    std_atomics::light_fence();
    if (unknown_cost || !call_watch::armed.load(std::memory_order_relaxed)) [[unlikely]]
        call_watch::look_soon();
}

HOCKET_INLINE bool serial_part::claim(std::uint64_t last) noexcept {
    if (thread_ == nullptr || loop_->claims.claim(last)) [[likely]]
        return true;
    std::uint64_t late_from = last;
    (void)call_watch::decision(*loop_, late_from);
    return late_from >= last;
}

HOCKET_INLINE late_loop* serial_part::end() noexcept {
    if (thread_ == nullptr) return nullptr;
    thread_->level.store(thread_->level.load(std::memory_order_relaxed) - 1, std::memory_order_relaxed);
    return loop_->claims.end() ? nullptr : call_watch::last_decision(*loop_);
}

} // namespace
