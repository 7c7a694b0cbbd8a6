// SPDX-License-Identifier: MIT
// The bodies of the functions that thread_pool.hpp declares.
#pragma once

#include <hocket/loop/loop.hpp>
#include <hocket/machine/cpu_quota.hpp>
#include <hocket/machine/environment.hpp>
#include <hocket/machine/machine.hpp>
#include <hocket/machine/machine_part.hpp>
#include <hocket/os/enough_stack.hpp>
#include <hocket/pool/pool_dump.hpp>
#include <hocket/pool/thread_pool.hpp>
#include <hocket/sched/wake.hpp>
#include <hocket/search/pool_life.hpp>

namespace hocket::inline HOCKET_ABI {

namespace detail {

/// Whether the mask of the calling thread is that of its place in a pool, and says nothing of what the program wants.
HOCKET_COLD HOCKET_INLINE bool pinned_by_a_pool() noexcept {
    return pool_of_thread != nullptr && pool_of_thread->places().effective != binding::none;
}

} // namespace detail

HOCKET_SEALED HOCKET_INLINE thread_pool::thread_pool(pool_options const& options)
    : sched_(this, where(options), options.name.c_str(),
             {options.max_threads, options.stack_size, options.on_thread_start, options.on_thread_end}),
      display_(read_environment().display) {
    if (display_) std::fputs(text().data(), stderr);
}

HOCKET_COLD HOCKET_INLINE thread_pool::thread_pool(detail::process_host const& host, char const* name)
    : sched_(this, as_many_as(host), name, detail::thread_options(host)), display_(read_environment().display) {}

HOCKET_SEALED HOCKET_INLINE thread_pool::~thread_pool() {
    if (!detail::pool_entry::runs_inside(sched_)) {
        if (sched_.in_this_process()) pending_.close(sched_);
        return;
    }
    std::fputs("hocket: a thread_pool is being destroyed by one of its own tasks, which would wait for itself; destroy "
               "it from a thread outside of the pool\n",
               stderr);
    std::terminate();
}

HOCKET_SEALED HOCKET_INLINE void thread_pool::wait_idle() {
    sched_.require_this_process();
    if (detail::pool_entry::runs_inside(sched_))
        throw std::logic_error(
            "hocket: a task of a thread_pool calls its wait_idle(), which would wait for that task; call it "
            "from outside of the pool, or wait for the futures or the task_group in question");
    sched_.hurry(true);
    for (long long pause = 5'000; !is_idle(); pause = pause < 500'000 ? 2 * pause : pause) sched_.let_pass(pause);
    sched_.hurry(false);
}

HOCKET_INLINE thread_pool::warm_scope::~warm_scope() {
    if (pool_ == nullptr || !detail::pools_of_process.hold(pool_, id_)) return;
    pool_->drop_warm();
    detail::pools_of_process.let_go(*pool_);
}

HOCKET_INLINE bool thread_pool::is_idle() noexcept {
    std::uint32_t const wakes = sched_.wakes();
    auto const quiet = [this] { return sched_.is_quiet() && !sched_.is_held(); };
    return quiet() && pending_.none() && quiet() && sched_.wakes() == wakes;
}

HOCKET_COLD HOCKET_INLINE pool_statistics thread_pool::statistics() const {
    pool_statistics all;
    for (priority const level : {priority::high, priority::normal, priority::low})
        all.waiting += sched_.tasks(level).count_in_passing();
    for (std::uint32_t i = 0; i != sched_.max_worker_slots(); ++i) {
        detail::worker const* const slot = sched_.worker_slot(i);
        if (slot == nullptr) break;
        all.waiting += slot->deque.count() + slot->taken.count() + slot->mailbox.count_in_passing();
        detail::worker_counts const& counts = slot->counts;
        worker_statistics const one{.tasks = counts.tasks.read(),
                                    .steals = counts.steals.read(),
                                    .chunks = counts.chunks.read(),
                                    .parks = counts.parks.read(),
                                    .wakes = counts.wakes.read()};
        all.total.tasks += one.tasks;
        all.total.steals += one.steals;
        all.total.chunks += one.chunks;
        all.total.parks += one.parks;
        all.total.wakes += one.wakes;
        all.workers.push_back(one);
    }
    return all;
}

HOCKET_COLD HOCKET_INLINE fixed_array<char> thread_pool::text() const {
    char missing[80] = "";
    char refused[120] = "";
    if (sched_.is_serial())
        std::snprintf(missing, sizeof missing,
                      "the system refused to start a thread: the waiting threads run the tasks\n");
    else if (unsigned const n = sched_.threads_that_never_started(); n != 0)
        std::snprintf(missing, sizeof missing, "the system refused to start %u more thread(s)\n", n);
    if (unsigned const n = sched_.pins_refused(); n != 0)
        std::snprintf(refused, sizeof refused, "the system refused to pin %u worker(s); they run unpinned\n", n);
    char both[sizeof missing + sizeof refused];
    std::snprintf(both, sizeof both, "%s%s", missing, refused);
    return detail::text_of(placement(), both);
}

HOCKET_COLD HOCKET_INLINE hocket::placement thread_pool::as_many_as(detail::process_host const& host) {
    return detail::with_enough_stack([&host] {
        placement_request request;
        request.workers = host.workers();
        request.bind = binding::none;
        hocket::placement planned = plan_placement(machine(), std::nullopt, request);
        planned.reason = "as many as in the default pool of another shared object";
        return planned;
    });
}

HOCKET_COLD HOCKET_INLINE hocket::placement thread_pool::where(pool_options const& options) {
    if (options.bind > binding::none)
        throw std::invalid_argument("hocket: pool_options::bind is not one of automatic, core, pu, numa, none");
    if (options.max_threads == 0 || options.max_threads > 32'768)
        throw std::invalid_argument("hocket: pool_options::max_threads must be from 1 to 32768");
    return detail::with_enough_stack([&options] {
        environment const wishes = read_environment();
        placement_request request;
        request.workers = options.workers.has_value() ? options.workers : wishes.num_threads;
        request.bind = options.bind != binding::automatic ? options.bind : wishes.bind.value_or(binding::automatic);
        std::optional<cpu_quota> const quota = read_cpu_quota();
        std::optional<topology> made;
        topology const& on = detail::pinned_by_a_pool() ? machine() : detail::machine_for_pool(made);
        hocket::placement planned = plan_placement(on, quota, request);
        if (options.max_concurrency && planned.workers.size() > *options.max_concurrency) {
            request.workers = options.max_concurrency;
            planned = plan_placement(on, quota, request);
        }
        detail::begin_trace(wishes); // before there is a thread
        detail::begin_watchdog(wishes.watchdog);
        return planned;
    });
}

} // namespace
