// SPDX-License-Identifier: MIT
// A pool of threads, one per core: the object that programs make, configure and query. Public.
#pragma once

#include <hocket/machine/binding.hpp>
#include <hocket/machine/placement.hpp>
#include <hocket/pool/members_of_other_pools.hpp>
#include <hocket/pool/pending_count.hpp>
#include <hocket/pool/pool_statistics.hpp>
#include <hocket/pool/run_inside.hpp>
#include <hocket/pool/schedule_awaitable.hpp>
#include <hocket/sched/pool_entry.hpp>
#include <hocket/sched/scheduler.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <optional>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>

namespace hocket::inline HOCKET_ABI {

namespace detail {

/// A graph or a pipeline.
template<class Object>
concept runs_in_pool = requires(Object& object, thread_pool& pool) {
    object.run(pool);
};

} // namespace detail

/// The options of a pool. Name only those that matter: `{.workers = 4, .name = "render"}`.
struct pool_options {
    std::optional<std::size_t> workers = {}; ///< by default one per allowed core, capped by the CPU quota; at least 1
    binding bind = binding::automatic;       ///< what each worker is pinned to
    std::string name = {};                   ///< the threads are called name/0, name/1, ...; "hocket" by default
    /// The largest number of threads that run, or wait inside, the pool's work at a time. They are workers,
    /// compensation threads that run while others wait, and external callers beside busy workers. At least one per
    /// worker; at most 32,768. When all of them have waited for five seconds although there is work, a further wait
    /// throws `too_many_waits`. So do the waits that follow, until one of these waits ends. A further
    /// external caller works alone. Each thread takes 8 MiB of address space for its stack, and about 60 KiB of memory.
    std::size_t max_threads = 1024;
    std::optional<std::size_t> max_concurrency =
        {};                     ///< a limit on the workers, whatever `workers` or the environment says
    std::size_t stack_size = 0; ///< of each thread, in bytes; at least what the system needs; 0: the system's default
    /// Runs on each thread of the pool before its first task; `on_thread_end` runs after its last task: for CUDA, JNI,
    /// profilers. Both receive the number of the thread. A worker has a number below `size()`. A compensation thread
    /// has a higher number and begins when it is needed. Threads end when the pool is destroyed. So `on_thread_end` is
    /// not called if the process ends first, as with `_exit`. A pool that the system gives no threads calls no hooks.
    /// An exception from a hook ends the program (std::terminate) with a message, on whichever thread it is thrown.
    thread_hook on_thread_start = {};
    thread_hook on_thread_end = {}; ///< see `on_thread_start`
};

/// A team of threads that share work: `size()` workers, each pinned to a core of its own where that is sensible.
///
/// An external thread that calls into the pool (join, parallel_for, a wait) takes part in the work, and one worker
/// rests meanwhile. So no more threads run than the pool has workers. Only when all workers are busy does an external
/// caller run beside them.
///
/// A pool of one worker is no lock: while a task waits, or runs loops and groups for long, other tasks begin. If one of
/// them lasts for more than some milliseconds, both run side by side. `async_mutex` and actors keep calls apart.
///
/// A task must not end its thread: `pthread_exit` in a task, and `pthread_cancel` that reaches a thread inside a task,
/// end the program. Waits are no cancellation points. **Threads** any may use it; one thread makes and destroys it.
/// **Cost** idle threads sleep and use no CPU time.
class thread_pool : public detail::members_of_other_pools {
  public:
    /// Makes as many workers as the environment says: HOCKET_NUM_THREADS, otherwise the machine, the affinity masks of
    /// the calling thread and the main thread as they are now, and the CPU quota of this process. HOCKET_DISPLAY=1
    /// prints where they run. HOCKET_TRACE, which is read once per process, names a file for a trace of all threads,
    /// for ui.perfetto.dev or chrome://tracing.
    ///
    /// **Throws** std::invalid_argument for zero or absurdly many workers, a binding that does not exist, and
    /// environment variables that make no sense. Where the system refuses threads, the pool is smaller, and
    /// `describe()` says so. If it refuses all threads, `size()` is 1 and the run is serial. The threads of the program
    /// then run submitted tasks, delays and repeated work while they wait in this library, including in the destructor
    /// and in `wait_idle`. Such a wait may run a task that it does not need. So do not hold a lock across a wait if
    /// tasks take that lock, nor let tasks wait for code that comes after the wait.
    thread_pool() : thread_pool(pool_options{}) {}
    /// Makes a pool with that many workers.
    template<class Integer>
        requires(!std::is_convertible_v<Integer, pool_options const&> && !std::is_base_of_v<thread_pool, Integer>)
    explicit thread_pool(Integer workers) : thread_pool(pool_options{.workers = count_of(workers)}) {}
    explicit thread_pool(pool_options const& options);

    /// For the library: makes the default pool of a copy of hocket, whose work the threads of another copy run.
    [[gnu::cold]] thread_pool(detail::process_host const& host, char const* name);

    /// Finishes submitted tasks, delayed tasks and suspended coroutines, ends repeated work, then joins the threads. It
    /// does not wait for results that no task of the pool computes, such as promises. If such a promise is kept later,
    /// its continuations (`then`, `submit` with futures as arguments) fail with `pool_ended`. **Blocks** until all of
    /// this has finished. On one of the pool's own threads this would never finish: the program is terminated with a
    /// message instead.
    ~thread_pool();

    thread_pool(thread_pool const&) = delete;
    thread_pool& operator=(thread_pool const&) = delete;

    /// Returns how many workers there are: at least 1.
    std::size_t size() const noexcept { return sched_.size(); }

    /// Returns the bound on `this_worker::index()`, and on the number of threads that take part in the pool's work at a
    /// time: `pool_options::max_threads`, or `size()` if that is more.
    std::size_t max_index() const noexcept { return sched_.max_worker_slots(); }

    /// Returns which worker runs where, and why there are that many; `to_string()` prints it.
    hocket::placement const& placement() const noexcept { return sched_.places(); }

    /// Returns `placement()` as text, with the system's refusals: threads that did not start, pinning that was not
    /// allowed.
    std::string describe() const { return text().data(); }

    /// Returns what the threads of the pool have done so far, for a look at how a program uses the pool.
    ///
    /// **Threads** any. **Blocks** never. **Throws** std::bad_alloc. **Order** none: the figures are read one after
    /// another while the pool works, and may be a moment old. A task is counted when it begins. Where a thread forks or
    /// pushes a task, nothing is counted: a callable of `join` that no other thread takes is in no figure. Nor is a
    /// task that its waiter runs outside of the pool. **Cost** some loads for each worker.
    pool_statistics statistics() const;

    /// Calls `f()` within the pool, and returns its result: a value (it may be move-only), a reference, or nothing.
    /// Calls inside `f` that are not given a pool run on this pool: `pool.run([&] { parallel_sort(v); });`.
    ///
    /// **Threads** any, also a worker of this pool, which just calls `f`, or of another pool. The calling thread takes
    /// the slot of a worker, which rests meanwhile, and runs `f` itself. If `max_threads` threads take part already, a
    /// worker runs it. **Blocks** as `f` does. **Throws** what `f` throws; std::logic_error in a child of fork().
    /// **Order** effects before the call happen before `f`, and `f` happens before its return. **Cost** some
    /// microseconds, as a join by an external thread.
    template<class F>
        requires std::is_invocable_v<F> std::invoke_result_t<F> run(F&& f) {
            return detail::run_inside(sched_, std::forward<F>(f));
        }
    /// Says what `run` takes.
    template<class... Wrong>
        requires(sizeof...(Wrong) != 1 || !(std::is_invocable_v<Wrong> && ...))
    auto run(Wrong&&...) {
        if constexpr ((detail::runs_in_pool<Wrong> && ...))
            static_assert(
                detail::never<Wrong...>,
                "hocket: a graph or a pipeline runs in a pool by graph.run(pool), and not by pool.run(graph)");
        else
            static_assert(detail::never<Wrong...>, "hocket: thread_pool::run calls one callable without arguments: "
                                                   "pool.run([&] { return f(x); })");
    }

    /// Returns when no submitted work is left. No task runs or waits for its turn, including tasks that tasks have
    /// submitted meanwhile. No delay runs, and no coroutine of the pool is suspended. The pool can be used as before.
    ///
    /// **Threads** any outside of the pool, several at once. **Blocks** until then, and does not help. It blocks for
    /// ever while a `run_every` of the pool goes on, or while other threads submit without end. **Throws**
    /// std::logic_error in a task of the pool, which would wait for itself, and in a child of fork().
    void wait_idle();

    /// Makes idle workers spin instead of sleeping while it lives.
    class warm_scope {
      public:
        explicit warm_scope(detail::scheduler& pool) noexcept : pool_(&pool), id_(pool.id()) { pool.add_warm(); }
        warm_scope(warm_scope&& other) noexcept : pool_(other.pool_), id_(other.id_) { other.pool_ = nullptr; }
        warm_scope& operator=(warm_scope&&) = delete;
        ~warm_scope();

      private:
        detail::scheduler* pool_; // may have ended
        std::uint64_t id_;
    };

    /// Keeps workers awake for bursts of work a few milliseconds apart: the next loop starts on all cores within a
    /// microsecond instead of tens of microseconds. **Cost** the CPU time of every idle worker as long as the returned
    /// object lives.
    [[nodiscard]] warm_scope keep_warm() noexcept { return warm_scope(sched_); }

    /// `co_await pool.schedule()` continues the coroutine as a task of this pool. A `task` stays in the pool from then
    /// on.
    schedule_awaitable schedule() noexcept { return schedule_awaitable(sched_); }

    /// For the library: returns the scheduler.
    detail::scheduler& sched() noexcept { return sched_; }
    detail::pending_count& pending() noexcept { return pending_; }
    bool displays() const noexcept { return display_; }

  private:
    template<class Integer>
    static std::size_t count_of(Integer workers) {
        constexpr bool counts = std::is_integral_v<Integer> && !std::is_same_v<Integer, bool>;
        static_assert(counts, "hocket: a thread_pool takes the number of its workers, an integer, or pool_options");
        if constexpr (counts)
            return static_cast<std::size_t>(workers);
        else
            return 0;
    }

    /// Returns whether the pool is idle. When `none()` is true, pending work has been handed on. If no thread has woken
    /// since the first look, there was none.
    bool is_idle() noexcept;

    [[gnu::cold]] fixed_array<char> text() const;

    [[gnu::cold]] static hocket::placement as_many_as(detail::process_host const& host);

    [[gnu::cold]] static hocket::placement where(pool_options const& options);

    detail::pending_count pending_;
    detail::scheduler sched_;
    bool display_;
};

} // namespace hocket

#if HOCKET_BODIES
#include <hocket/pool/thread_pool.ipp>
#endif
