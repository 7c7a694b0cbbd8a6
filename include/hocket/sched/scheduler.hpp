// SPDX-License-Identifier: MIT
// The worker slots of a pool, its threads, and how they find each other: to announce work, to wake, to search, to park.
// search/search.hpp says what a thread does with the work that it finds, sched/wait.hpp how a thread waits, and
// sched/pool_entry.hpp how external callers enter and leave.
#pragma once

#include <hocket/base/atomic.hpp>
#include <hocket/base/fixed_array.hpp>
#include <hocket/base/priority.hpp>
#include <hocket/base/types.hpp>
#include <hocket/machine/pin.hpp>
#include <hocket/machine/placement.hpp>
#include <hocket/os/atomics.hpp>
#include <hocket/os/fork.hpp>
#include <hocket/os/os_mutex.hpp>
#include <hocket/queue/injector.hpp>
#include <hocket/sched/root_watch.hpp>
#include <hocket/sched/sleep.hpp>
#include <hocket/sched/thread_hook.hpp>
#include <hocket/sched/worker.hpp>

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <utility>

namespace hocket::inline HOCKET_ABI {

class thread_pool;

namespace detail {

/// Work that comes from outside of the process. Idle workers look for it before they park; it does not keep them awake.
class outside_work {
  public:
    /// Looks for about a microsecond. The calling worker hands to the pool what has come. Returns whether something
    /// has.
    virtual bool poll() noexcept = 0;

  protected:
    ~outside_work() = default;
};

class scheduler {
  public:
    /// Starts one thread per entry of `where`; fewer if the system refuses some. If the system refuses the first,
    /// waiting threads run the work. At most `threads.max_threads` worker slots, but at least one for each entry.
    scheduler(thread_pool* handle, placement&& where, char const* name, thread_options const& threads);

    /// Finishes what was submitted, then joins the threads. Not called on one of these threads.
    ~scheduler();

    scheduler(scheduler const&) = delete;
    scheduler& operator=(scheduler const&) = delete;

    std::uint32_t size() const noexcept { return size_; }
    thread_pool& handle() const noexcept { return *handle_; }
    /// No two pools have the same number, even if one is at the address of an earlier one.
    std::uint64_t id() const noexcept { return id_; }
    placement const& places() const noexcept { return places_; }
    /// How many tasks have not finished: those in queues and those that threads have begun. Approximate while the pool
    /// works.
    std::size_t unfinished() noexcept;
    char const* name() const noexcept { return name_; }
    std::uint32_t threads_that_never_started() const noexcept { return missing_; }
    /// Whether the system has refused all threads, so that waiting threads run the work.
    bool is_serial() const noexcept { return missing_ != 0 && threads_.host != nullptr; }
    /// How many workers could not be pinned. Waits until each has tried.
    std::uint32_t pins_refused() const noexcept;

    /// What the watchdog knows of this pool.
    struct stall_look {
        std::uint64_t begun = 0; // tasks, callables and chunks
        long long since = 0;     // when that number was first seen
        bool is_told = false;
    } stall;

    // Work and sleepers.

    /// Wakes a thread for work that the caller has made visible, unless `enough` threads search already.
    void announce(std::uint32_t domain, std::uint32_t enough = 1) noexcept;

    /// Wakes a thread if none searches, directly after the caller has made work visible by a read-modify-write.
    void announce_update(std::uint32_t domain) noexcept;

    /// Called after a push into the mailbox of `target`: wakes that worker if it is parked. If its owner sleeps in a
    /// wait, wakes a thread that runs the item in its place.
    void announce_mailbox(worker& target) noexcept;

    /// Whether an awake thread looks for work. A hint.
    bool somebody_searches() const noexcept;

    /// How many threads are idle: they are parked, search, or could use a core that a wait has released. A hint. Counts
    /// those of this domain and, if `others`, of the next ones until there are `enough`.
    std::uint32_t idle_threads(std::uint32_t domain, bool others, std::uint32_t enough) const noexcept;

    /// Called by a thread that is about to sleep while no other thread searches, after the fence with which it has
    /// counted itself as idle: makes tasks public that busy threads have pushed and cannot publish, since they run long
    /// callables. Returns whether the caller is to look for work again. The next push or pop of each of them looks for
    /// idle threads. `me`: the worker slot that the caller has, or null if an external caller may have it.
    [[gnu::cold]] bool publish_for_busy(std::uint32_t domain, worker const* me = nullptr) noexcept;
    /// Whether a thread has pushed, or may push, tasks that it cannot publish.
    bool lacks_publications() const noexcept;

    /// Whether there is work that no thread has begun. Exact after a full fence that follows the publication of the
    /// work.
    bool work_visible() const noexcept { return queued_work_visible() || keeps_open(); }
    /// Whether there is work that a thread can begin at once; `keeps_open`: work that a thread keeps until a call takes
    /// long.
    bool queued_work_visible() const noexcept;
    bool keeps_open() const noexcept;

    /// Asked by `me`, which sleeps in a wait, or `begins` to. Whether there is work, but all threads of the pool wait,
    /// and the system or the bound on threads forbids one more. If so, `me` has its core back and must call `end_look`.
    bool stuck(worker& me, bool begins = false) noexcept;
    /// Called after `stuck` returned true; `helped`: `me` has run something meanwhile. Returns whether the wait is
    /// abandoned. If the result and `helped` are both false, the core of `me` is released again.
    bool end_look(worker& me, bool helped, bool may_give_up) noexcept;
    /// How long the pool is stuck before the first wait is abandoned. For tests, before there are waits.
    void set_patience(ticks microseconds) noexcept { patience_ = microseconds; }
    /// Whether the bound on threads may forbid one more. A hint.
    bool is_full() const noexcept;
    /// How long a wait sleeps before it asks again whether the pool is stuck: shorter after it once was.
    long long nanoseconds_until_stuck() const noexcept;
    /// Whether the pool was stuck lately. If so, waits look for their work in all queues without a bound.
    bool was_stuck() const noexcept { return was_stuck_.load(std::memory_order_relaxed); }

    /// Whether no thread is idle, and no core is released: a thread that comes now is one more than there are workers.
    bool is_crowded() const noexcept;
    /// Whether there is work, no thread is idle, and no core is released: the threads may be blocked. False for a while
    /// after it was true. From `add_core` to `drop_core` one more thread than there are workers may run.
    bool is_clogged() noexcept;
    /// The processor time that the threads of the pool have used; of a pool without threads of its own, that of the
    /// process. A system call for each thread.
    long long cpu_nanoseconds() noexcept;
    void add_core(std::uint32_t domain) noexcept;
    void drop_core(std::uint32_t domain) noexcept;
    long long nanoseconds_until_clogged() const noexcept;

    /// `source` lives until the pool's threads have finished, or is null.
    void set_outside_work(outside_work* source) noexcept {
        outside_work_.store(source, std::memory_order_release); // scheduler.outside_work ->
    }

    /// Makes searching threads spin instead of parking while the count is above zero.
    void add_warm() noexcept;
    /// How many workers are parked, without those whose worker slots external callers use. A hint.
    std::uint32_t sleeping_workers() const noexcept;
    void drop_warm() noexcept { warm_.fetch_sub(1, std::memory_order_relaxed); }

    root_watch& watch() noexcept { return watch_; }
    /// Called by a parked worker. While external callers have short jobs, one worker checks from time to time whether a
    /// job turns out long. `short_jobs`: the count of short jobs when this worker last looked. Returns true when the
    /// worker is awake afterwards.
    bool keep_watch(worker& me, std::uint32_t& short_jobs) noexcept;

    /// Whether something waits in a queue from which no thread has taken anything for long, since all run work without
    /// end. A thread that can take something else between two pieces takes that: see overdue.hpp.
    bool has_overdue() const noexcept { return overdue_.load(std::memory_order_relaxed) != 0; }
    [[gnu::cold]] work_item* take_overdue() noexcept;
    /// Returns the worker slot whose loops and joins have had open shares for as long; the caller is to begin one. Null
    /// when there is none.
    [[gnu::cold]] worker* take_overdue_share() noexcept;
    bool has_overdue_share() const noexcept;
    /// Called by the watcher: looks for such queues. Returns whether all threads are busy.
    [[gnu::cold]] bool look_for_overdue() noexcept;
    /// Called after a thread has become busy: if all threads are busy, the watcher looks from then on.
    void note_busy() noexcept;
    bool all_busy() const noexcept;

    injector& tasks(priority level) noexcept { return injectors_[static_cast<std::size_t>(level)]; }
    injector const& tasks(priority level) const noexcept { return injectors_[static_cast<std::size_t>(level)]; }

    /// Whether every thread of the pool is parked, there is no work, and no external thread holds the pool to run its
    /// tasks.
    bool is_quiet() noexcept;
    /// Whether a thread is about to hand work to this pool: see living_pools.
    bool is_held() const noexcept { return holders_.load(std::memory_order_acquire) != 0; } // <- living_pools.let_go
    /// How many threads were ever woken. While the number stays the same, no thread of a quiet pool has begun anything.
    std::uint32_t wakes() const noexcept { return tokens_.load(std::memory_order_relaxed); }
    /// Makes searching threads park at once while a thread waits for the pool to be quiet. `yes` begins that, false
    /// ends it.
    void hurry(bool yes) noexcept;
    /// Lets a thread that waits for the pool to be quiet wait for about that long. It runs the work of pools without
    /// threads.
    static void let_pass(long long nanoseconds) noexcept;

    // Worker slots.

    /// Throws std::logic_error in a child of fork(): the threads exist only in the parent.
    void require_this_process() const {
        if (!in_this_process()) throw_forked();
    }
    bool in_this_process() const noexcept { return generation_ == fork_generation; }

    /// Returns a worker slot for an external thread: that of the sleeping worker of the same core, or of `last_rank`,
    /// or of any sleeping worker, else a new one. Null when there are too many already.
    worker* enter_external(std::uint32_t last_rank) noexcept;
    void leave_external(worker& slot) noexcept;

    /// Releases the core and the place of a waiting worker, and reacquires them.
    void release_core(worker& me) noexcept;
    void reacquire_core(worker& me) noexcept;

    /// Wakes a thread, in this domain or else in another, unless `enough` threads of a domain search.
    void wake_searchers(std::uint32_t domain, std::uint32_t enough) noexcept;
    /// Wakes all parked threads, which then search once.
    void wake_parked() noexcept { wake_all_but(0); }

    /// Called by a thread that has ceased to search: wakes another thread if there is work.
    void wake_for_rest(std::uint32_t domain) noexcept;
    /// Called by a thread that was woken: wakes up to two threads, while fewer search than there are tasks.
    void wake_two_for_rest(std::uint32_t domain) noexcept;

    /// Reports to the latch of a group how many of its tasks `me` has run since the last report.
    void finish_batch(worker& me) noexcept;

    /// A thread that waits for a latch; in a list if it was not the first.
    struct latch_waiter {
        latch* awaited;
        worker* slot;
        bool listed = false;
        latch_waiter* next = nullptr;
    };
    /// Announces a waiter, whose parker was reset: it is woken when the latch comes to zero. False when there is
    /// nothing left to wait for.
    bool announce_wait(latch_waiter& me) noexcept;
    /// Withdraws a waiter: no thread wakes it any more, but a token may be there.
    void withdraw_wait(latch_waiter& me) noexcept;
    /// Wakes the waiters that `finish` has returned in `told`. The latch may be gone: only its address counts.
    void wake_waiters_of(latch const* finished, std::uint32_t told) noexcept;

    worker* worker_slot(std::uint32_t id) const noexcept {
        return worker_slots_[id].load(std::memory_order_acquire); // <- worker_slots.made
    }
    /// All worker slots from this number on are free and have no work: no thread looks into them.
    std::uint32_t worker_slots() const noexcept {
        return slot_count_.load(std::memory_order_acquire); // <- worker_slots.count
    }
    /// The bound on the number of worker slots.
    std::uint32_t max_worker_slots() const noexcept { return static_cast<std::uint32_t>(worker_slots_.size()); }

  private:
    friend class search;
    friend class urgent_look;
    friend struct rest_check;
    template<class, class>
    friend class basic_living_pools;

    /// The rank of the worker that is pinned to the core on which the caller runs.
    std::optional<std::uint32_t> rank_here() const noexcept;
    std::uint32_t workers_in(std::uint32_t domain) const noexcept;
    idle_bit bit_here(std::uint32_t domain) const noexcept;

    worker* at_bit(std::uint32_t domain, idle_bit bit) const noexcept {
        return worker_slot(domain * idle_set::workers + bit);
    }
    [[noreturn]] [[gnu::cold]] static void throw_forked();
    worker* occupy_sleeper(std::uint32_t home) noexcept;
    worker* enter_crowded(std::uint32_t home) noexcept;
    bool start_compensation(std::uint32_t domain) noexcept;
    worker* add_slot(std::uint32_t rank, std::uint32_t domain, idle_bit bit); // slots_mutex_ is held
    void raise_slots(std::uint32_t count) noexcept;
    worker* find_free(std::uint32_t domain, bool any_domain, bool with_thread) const noexcept;
    worker* take_extra(std::uint32_t domain, bool for_external) noexcept;
    void put_away(worker& extra) noexcept;
    bool gave_up_lately() const noexcept;
    bool take_core_request() noexcept;
    bool start_thread(worker& slot) noexcept;
    static void* run_thread(void* slot) noexcept;
    void give_turn(worker& slot) noexcept;
    bool gives_way(ticks since) const noexcept;
    os_thread take_running_thread() noexcept;
    void become_quiet() noexcept;

    /// Hands a token to a thread whose idle bit the caller has claimed.
    void hand_token(worker& sleeper) noexcept;
    void fill_rank_of_pu();

    static std::uint64_t new_id() noexcept;

    thread_pool* handle_;
    std::uint64_t const id_ = new_id(); // in a cache line that no thread writes: continuations read it
    placement places_;
    thread_options threads_; // constant after the constructor
    char name_[os_thread::longest_name + 1] = {};
    fixed_array<std::uint32_t> rank_of_pu_; // empty when the workers are not pinned
    std::uint32_t size_ = 0;
    std::uint32_t missing_ = 0;
    std::uint32_t domains_ = 0;
    std::uint32_t const generation_ = (watch_forks(), fork_generation);
    fixed_array<idle_set> idle_;

    /// Writers: add_slot, under slots_mutex_. Readers: all threads. Filled from the front, never shrinks.
    fixed_array<atomic<worker*>> worker_slots_;
    /// Writers: threads that take or put away a worker slot, under slots_mutex_. Readers: threads that look for
    /// work.
    atomic<std::uint32_t> slot_count_{0};

    os_mutex slots_mutex_; // guards the rest of this group
    worker_list owned_;
    std::uint32_t slots_made_ = 0;
    std::uint32_t lowest_free_ = 0; // no worker slot below this number is free

    os_mutex waiters_mutex_; // guards the next one
    latch_waiter* latch_waiters_ = nullptr;

    os_mutex stuck_mutex_;            // guards the next two
    ticks stuck_since_ = 0;           // 0: the pool is not stuck
    std::uint32_t stuck_lookers_ = 0; // threads that have reacquired their cores only to see whether they can help
    ticks patience_ = 5'000'000;      // in microseconds
    /// Writers: waits that are abandoned. Readers: waits. A hint.
    atomic<ticks> gave_up_at_{0};
    /// Writers: waits that add a core. Readers: waits. A hint.
    atomic<ticks> clogged_at_{0};

    injector injectors_[3]; // by priority
    overdue_look normal_look_, low_look_;
    root_watch watch_;

    std::uint32_t count_work(std::uint32_t most) const noexcept;
    bool stays_warm() const noexcept {
        return warm_.load(std::memory_order_relaxed) != 0 && hurries_.load(std::memory_order_relaxed) == 0;
    }
    void wake_all_but(std::uint32_t sleepers) noexcept;
    /// Whether no thread can be woken, in an idle set that looks like `now` and in all others. Called after a fence
    /// behind the publication of work.
    bool offers_no_core(idle_set::view now) const noexcept {
        return now.parked_workers() == 0 && now.released() == 0 &&
               (domains_ == 1 || offering_sets_.load(std::memory_order_relaxed) == 0);
    }
    /// Called by a searcher of a warm pool: whether it is the one that looks now for what busy threads cannot publish.
    bool warm_look_is_due(ticks now) noexcept;
    /// Whether an external caller wants a worker slot, and this worker is the one that gives its own away.
    bool take_slot_request() noexcept;

    /// Writers: threads that park, release a core or wake another thread. Readers: publishers. How many idle sets offer
    /// a core; only in pools with several.
    alignas(cache_line) idle_set::offer_count offering_sets_{0};

    /// Writers: external callers that found all workers awake; searching workers, each of which takes one request and
    /// parks at once.
    alignas(cache_line) atomic<std::uint32_t> slots_wanted_{0};
    /// Writers: waiting workers that came back while a compensation thread runs on their core; compensation threads.
    /// Readers: compensation threads, which then park.
    atomic<std::uint32_t> cores_wanted_{0};
    /// Writers: a thread that leaves its core to an item of high priority (true), the taker of such an item (false). A
    /// hint.
    atomic<bool> giving_way_{false};
    /// Writers: the watcher (adds kinds of queues), threads that take from these queues. Readers: threads that run
    /// work. See overdue.hpp.
    atomic<std::uint32_t> overdue_{0};
    /// Writers: keep_warm scopes. Readers: searchers.
    atomic<std::uint32_t> warm_{0};
    /// Writers: searchers of a warm pool. The time of the last such look. A hint.
    atomic<ticks> warm_look_{0};
    /// Writer: the service of a worker process. Readers: idle workers.
    atomic<outside_work*> outside_work_{nullptr};
    /// Writers: waits that ask whether the pool is stuck. A hint.
    atomic<bool> was_stuck_{false};
    /// Writers: threads that wait until the pool is idle, the destructor. Readers: searchers, which then park at once.
    atomic<std::uint32_t> hurries_{0};
    /// Writer: the destructor, when all threads are parked. Readers: searchers. Relaxed suffices, as the destructor
    /// joins the threads. The exception is a compensation thread that wakes itself: an external caller may have used
    /// its worker slot while it was free.
    atomic<bool> stopping_{false};
    /// Writers: threads that wake another one, which they have claimed before. Readers: is_quiet, wakes. Searchers read
    /// the line before this one all the time.
    alignas(cache_line) atomic<std::uint32_t> tokens_{0};
    /// Writers: threads that hold the pool. Reader: the destructor.
    atomic<std::uint32_t> holders_{0};
    scheduler* next_living_ = nullptr; // the next pool in the list of living_pools
    /// Writers: workers when they start. Reader: pins_refused.
    atomic<std::uint32_t> pins_refused_{0};
    atomic<std::uint32_t> pins_tried_{0};
};

} // namespace detail
} // namespace hocket

#if HOCKET_BODIES
#include <hocket/sched/scheduler.ipp>
#endif
