// SPDX-License-Identifier: MIT
// The bodies of the functions that pool_life.hpp declares.
#pragma once

#include <hocket/search/pool_life.hpp>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_COLD HOCKET_INLINE void scheduler::fill_rank_of_pu() {
    std::uint32_t end = 0;
    for (worker_place const& place : places_.workers)
        for (unsigned const pu : place.pus) end = pu < end ? end : pu + 1;
    rank_of_pu_ = fixed_array<std::uint32_t>(end);
    for (std::uint32_t& rank : rank_of_pu_) rank = ~std::uint32_t{0};
    for (std::size_t rank = places_.workers.size(); rank-- != 0;)
        for (unsigned const pu : places_.workers[rank].pus) rank_of_pu_[pu] = static_cast<std::uint32_t>(rank);
}

HOCKET_COLD HOCKET_INLINE scheduler::scheduler(thread_pool* handle, placement&& where, char const* name,
                                               thread_options const& threads)
    : handle_(handle), places_(static_cast<placement&&>(where)), threads_(threads) {
    std::snprintf(name_, sizeof name_, "%s", name);
    std::uint32_t const wanted = static_cast<std::uint32_t>(places_.workers.size());
    domains_ = (wanted + idle_set::workers - 1) / idle_set::workers;
    idle_ = fixed_array<idle_set>(domains_);
    worker_slots_ = fixed_array<atomic<worker*>>(threads_.max_threads < wanted ? wanted : threads_.max_threads);
    (void)ticks_per_microsecond(); // takes 20 us: before there are threads that could take the core
    expect_heavy_fences();
    (void)lasting_error<pool_ended>(); // made now, so that tasks report it later without memory
    (void)lasting_error<operation_cancelled>();
    (void)lasting_error<stopped_around>();
    fill_rank_of_pu();
    std::uint32_t started = 0;
    try {
        for (; started < wanted; ++started) {
            os_lock const lock(slots_mutex_);
            add_slot(started, started / idle_set::workers, started % idle_set::workers);
        }
    } catch (std::bad_alloc const&) {
        if (started == 0) throw;
    }
    std::uint32_t const worker_slots = started;
    size_ = worker_slots; // the first threads may read it
    for (started = 0; started < worker_slots && start_thread(*worker_slot(started)); ++started) {
    }
    missing_ = wanted - started;
    if (started == 0) {
        threads_.host = serial_turns::begin();
        started = 1;
        hurry(true); // a turn does not spin before it parks: its thread has other work to wait for
    }
    if (started != worker_slots) size_ = started;
    domains_ = (started + idle_set::workers - 1) / idle_set::workers;
    slots_made_ = lowest_free_ = started;
    slot_count_.store(started, std::memory_order_release); // worker_slots.count ->
    places_.workers.shrink(started);
    for (std::uint32_t d = 0; d < domains_; ++d) {
        std::uint32_t const below = d * idle_set::workers;
        std::uint32_t const here = started <= below                      ? 0
                                   : started - below < idle_set::workers ? started - below
                                                                         : idle_set::workers;
        idle_[d].start_parked((std::uint64_t{1} << here) - 1, domains_ == 1 ? nullptr : &offering_sets_);
    }
    rest_check::begin(*this);
    pools_of_process.add(*this);
    the_slab_decay.find_keeper.store(
        []() noexcept { return pools_of_process.with_one([](scheduler& pool) { return search::stir(pool); }); },
        std::memory_order_relaxed);
}

/// Whether every thread of the pool is parked, and there is no work. Only a thread that is awake wakes another one, and
/// it has counted the token before it is seen to be parked itself. The count is a release after the claim of the
/// sleeper, so a look that knows of the token does not miss the claim. So if no token was handed out meanwhile, all
/// threads were parked at once.
HOCKET_COLD HOCKET_INLINE bool scheduler::is_quiet() noexcept {
    std::uint32_t const before = tokens_.load(std::memory_order_acquire); // <- scheduler.token
    {
        os_lock const lock(slots_mutex_);
        for (std::uint32_t id = 0; id != slots_made_; ++id) {
            worker const& one = *worker_slot(id);
            if ((!one.thread.running() && threads_.host == nullptr) || one.free) continue;
            idle_set::view const now = idle_[one.domain].look_at_parked();
            if (one.bit == idle_set::no_bit || (now.parked_workers() >> one.bit & 1) == 0) return false;
        }
    }
    std_atomics::full_fence();
    if (tokens_.load(std::memory_order_relaxed) != before) return false;
    if (!work_visible()) return true;
    wake_searchers(0, 1);
    return false;
}

/// Returns a thread of this pool that has not been joined yet, or one that is not running when there is none.
HOCKET_COLD HOCKET_INLINE os_thread scheduler::take_running_thread() noexcept {
    os_lock const lock(slots_mutex_);
    for (worker* slot = owned_.first; slot != nullptr; slot = slot->next_owned)
        if (slot->thread.running()) return slot->thread.release();
    return {};
}

HOCKET_COLD HOCKET_INLINE bool search::stir(scheduler& pool) noexcept {
    bool compensation_wanted = false;
    auto const bit = pool.idle_[0].claim_sleeper(1, idle_set::no_worker, compensation_wanted);
    if (bit) pool.hand_token(*pool.at_bit(0, *bit));
    return bit.has_value();
}

HOCKET_COLD HOCKET_INLINE void scheduler::let_pass(long long nanoseconds) noexcept {
    (void)sleep_or_serve(nanoseconds, [](long long pause) noexcept {
        sleep_for(pause);
        return false;
    });
}

HOCKET_COLD HOCKET_INLINE void scheduler::become_quiet() noexcept {
    for (long long pause = 5'000; !is_quiet(); pause = pause < 500'000 ? 2 * pause : pause) let_pass(pause);
}

HOCKET_COLD HOCKET_INLINE void search::run_rest() noexcept {
    worker* const outer = this_slot;
    task_slot* const outer_top = task_top.load(std::memory_order_relaxed);
    if (outer != nullptr) leave_stack(*outer);
    this_slot = &me_;
    me_.open_stack();
    idle().begin_search();
    fp_scope const mode(fp_mode{});
    while (run_something()) {
    }
    me_.requests.close();
    this_slot = outer;
    task_top.store(outer_top, std::memory_order_relaxed);
    if (outer != nullptr) outer->open_requests(steal_request::again);
}

HOCKET_COLD HOCKET_INLINE scheduler::~scheduler() {
    if (!in_this_process()) { // a child of fork() has none of the threads
        pools_of_process.remove(*this);
        return;
    }
    // Until the last task has finished, the pool may need any thread: for what that task spawns, or to run what it
    // waits for.
    hurry(true);
    become_quiet();
    pools_of_process.remove(*this);
    become_quiet(); // a thread that held the pool may have handed it work
    drop_stop_listeners_of(*this);
    rest_check::end(*this);
    stopping_.store(true, std::memory_order_release); // scheduler.stopping ->
    std_atomics::full_fence(); // a thread that parks either sees the flag after its own fence, or gets the token below
    for (worker* one = owned_.first; one != nullptr; one = one->next_owned) one->idle_parker.wake();
    for (os_thread next = take_running_thread(); next.running(); next = take_running_thread()) next.join();
    for (std::uint32_t i = 0; i < size_; ++i) {
        if (worker_slot(i)->mailbox.empty() && !work_visible()) continue;
        search(*worker_slot(i)).run_rest();
        i = ~std::uint32_t{0}; // the work may have put items into the mailbox of any worker
    }
    flush_trace();
}

HOCKET_COLD HOCKET_INLINE std::size_t scheduler::unfinished() noexcept {
    std::size_t count = 0;
    for (injector& tasks : injectors_) count += tasks.count();
    for (std::uint32_t i = 0; i < worker_slots(); ++i)
        count += worker_slot(i)->deque.count() + worker_slot(i)->taken.count() + worker_slot(i)->mailbox.count();
    for (std::uint32_t d = 0; d < domains_; ++d) {
        idle_set::view const now = idle_[d].look();
        std::size_t idle = static_cast<std::size_t>(now.searching());
        for (std::uint64_t parked = now.parked_workers(); parked != 0; parked &= parked - 1) ++idle;
        if (workers_in(d) > idle) count += workers_in(d) - idle;
    }
    return count;
}

HOCKET_COLD HOCKET_INLINE void name_in_trace(char const* pool, worker_place const& place) noexcept {
    char text[64];
    std::snprintf(text, sizeof text, place.pus.empty() ? "%s/%u" : "%s/%u core %u", *pool == '\0' ? "hocket" : pool,
                  static_cast<unsigned>(place.worker), static_cast<unsigned>(place.core));
    add_to_trace(text, nullptr, 0, -1);
}

HOCKET_COLD HOCKET_INLINE void call_hook(thread_hook const& hook, std::uint32_t thread, char const* option) noexcept {
    try {
        hook(thread);
    } catch (...) {
        std::fprintf(
            stderr,
            "hocket: the callable in pool_options::%s has thrown on thread %u, where no caller could catch the "
            "exception; catch it within the callable\n",
            option, static_cast<unsigned>(thread));
        std::terminate();
    }
}

HOCKET_COLD HOCKET_INLINE void* scheduler::run_thread(void* slot) noexcept {
    worker& me = *static_cast<worker*>(slot);
    scheduler& pool = *me.sched;
    bool const refused = pin_this_thread(machine(), pool.places_.workers[me.rank]) == pin_outcome::refused;
    if (me.bit < idle_set::workers) {
        if (refused) pool.pins_refused_.fetch_add(1, std::memory_order_relaxed);
        pool.pins_tried_.fetch_add(1, std::memory_order_release); // scheduler.pinned ->
    }
    name_this_thread(pool.name_, me.rank);
    if (traced()) name_in_trace(pool.name_, pool.places_.workers[me.rank]);
    fp_mode{}.set(); // not the mode of the thread that has started this thread
    pool_of_thread = &pool;
    this_slot = &me;
    task_top.store(me.stack.data(), std::memory_order_relaxed);
    call_hook(pool.threads_.on_start, me.id, "on_thread_start");
    search(me).run();
    call_hook(pool.threads_.on_end, me.id, "on_thread_end");
    return nullptr;
}

} // namespace
