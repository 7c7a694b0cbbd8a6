// SPDX-License-Identifier: MIT
// The beginning and the end of a pool, floor 3: contexts and threads are made, and joined when all is done.
#pragma once

#include <hocket/base/atomics.hpp>
#include <hocket/machine/machine.hpp>
#include <hocket/machine/pin.hpp>
#include <hocket/sched/living_pools.hpp>
#include <hocket/sched/scheduler.hpp>
#include <hocket/sched/search.hpp>
#include <hocket/sched/trace.hpp>

#include <cstdint>
#include <cstdio>
#include <new>
#include <stdexcept>

namespace hocket::detail {

HOCKET_COLD inline void scheduler::fill_rank_of_pu() {
    std::uint32_t end = 0;
    for (worker_place const& place : places_.workers)
        for (unsigned const pu : place.pus) end = pu < end ? end : pu + 1;
    rank_of_pu_ = fixed_array<std::uint32_t>(end);
    for (std::uint32_t& rank : rank_of_pu_) rank = ~std::uint32_t{0};
    for (std::size_t rank = places_.workers.size(); rank-- != 0;)
        for (unsigned const pu : places_.workers[rank].pus) rank_of_pu_[pu] = static_cast<std::uint32_t>(rank);
}

HOCKET_COLD inline scheduler::scheduler(thread_pool* handle, placement&& where, char const* name)
    : handle_(handle), places_(static_cast<placement&&>(where)) {
    std::snprintf(name_, sizeof name_, "%s", name);
    std::uint32_t const wanted = static_cast<std::uint32_t>(places_.workers.size());
    domains_ = (wanted + idle_set::workers - 1) / idle_set::workers;
    idle_ = fixed_array<idle_set>(domains_);
    contexts_ = fixed_array<std::atomic<worker*>>(domains_ * idle_set::capacity);
    by_bit_ = fixed_array<std::atomic<worker*>>(domains_ * idle_set::capacity);
    (void)ticks_per_microsecond(); // 20 us, before there are threads that could take the core from it
    fill_rank_of_pu();
    std::uint32_t started = 0;
    try {
        for (; started < wanted; ++started) {
            os_lock const lock(contexts_mutex_);
            add_context(started, started / idle_set::workers, started % idle_set::workers);
        }
    } catch (std::bad_alloc const&) {
        if (started == 0) throw;
    }
    std::uint32_t const contexts = started;
    for (started = 0; started < contexts && start_thread(*context(started)); ++started) {
    }
    if (started == 0)
        throw std::runtime_error(
            "hocket: the system refuses to start even one thread for the pool; raise its limit on threads or memory");
    size_ = started;
    missing_ = wanted - started;
    domains_ = (started + idle_set::workers - 1) / idle_set::workers;
    context_count_.store(started, std::memory_order_release);
    places_.workers.shrink(started);
    for (std::uint32_t d = 0; d < domains_; ++d) {
        std::uint32_t const below = d * idle_set::workers;
        std::uint32_t const here = started <= below                      ? 0
                                   : started - below < idle_set::workers ? started - below
                                                                         : idle_set::workers;
        idle_[d].start_parked((std::uint64_t{1} << here) - 1);
    }
    pools_of_process.add(*this);
}

HOCKET_COLD inline void scheduler::become_quiet() noexcept {
    for (long long pause = 5'000; !is_quiet(); pause = pause < 500'000 ? 2 * pause : pause) sleep_for(pause);
}

HOCKET_COLD inline scheduler::~scheduler() {
    if (!in_this_process()) { // a child of fork(): there is nobody to be joined
        pools_of_process.remove(*this);
        return;
    }
    // Until the last task has ended any thread may be needed: by what that task spawns, or to run what it waits for.
    ending_.store(true, std::memory_order_relaxed);
    become_quiet();
    pools_of_process.remove(*this);
    become_quiet(); // who held it may have handed it something
    stopping_.store(true, std::memory_order_relaxed);
    std_atomics::full_fence(); // a thread that parks either sees the flag after its own fence, or gets the token below
    for (std::uint32_t i = 0; i < contexts(); ++i) context(i)->idle_parker.wake();
    for (os_thread next = take_running_thread(); next.running(); next = take_running_thread()) next.join();
    for (std::uint32_t i = 0; i < size_; ++i) {
        if (context(i)->mail.empty() && !work_visible()) continue;
        search(*context(i)).run_rest();
        i = ~std::uint32_t{0}; // it may have sent mail to any worker
    }
    flush_trace();
}

/// "render/3 core 5"; the core only if the thread is to be pinned to it.
HOCKET_COLD inline void name_in_trace(char const* pool, worker_place const& place) noexcept {
    char text[64];
    std::snprintf(text, sizeof text, place.pus.empty() ? "%s/%u" : "%s/%u core %u", *pool == '\0' ? "hocket" : pool,
                  static_cast<unsigned>(place.worker), static_cast<unsigned>(place.core));
    add_to_trace(text, nullptr, 0, -1);
}

HOCKET_COLD inline void* scheduler::run_thread(void* context) noexcept {
    worker& me = *static_cast<worker*>(context);
    scheduler& pool = *me.sched;
    bool const refused = pin_this_thread(machine(), pool.places_.workers[me.rank]) == pin_outcome::refused;
    if (me.bit < idle_set::workers) {
        if (refused) pool.pins_refused_.fetch_add(1, std::memory_order_relaxed);
        pool.pins_tried_.fetch_add(1, std::memory_order_release); // scheduler.pinned ->
    }
    name_this_thread(pool.name_, me.rank);
    if (traced()) name_in_trace(pool.name_, pool.places_.workers[me.rank]);
    this_context = &me;
    task_top = task_split = me.stack.data();
    search(me).run();
    return nullptr;
}

} // namespace hocket::detail
