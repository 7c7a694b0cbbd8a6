// SPDX-License-Identifier: MIT
// A pool of threads, one per core: what programs make, configure and ask. Public.
#pragma once

#include <hocket/machine/binding.hpp>
#include <hocket/machine/placement.hpp>
#include <hocket/pool/pending_count.hpp>
#include <hocket/pool/run_inside.hpp>
#include <hocket/pool/schedule_awaitable.hpp>
#include <hocket/sched/guest.hpp>
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

/// What a pool is to be like; give what matters: `{.workers = 4, .name = "render"}`.
struct pool_options {
    std::optional<std::size_t> workers = {}; ///< by default one per allowed core, capped by the CPU quota; at least 1
    binding bind = binding::automatic;       ///< to what each worker is pinned
    std::string name = {};                   ///< the threads are called name/0, name/1, ...; "hocket" by default
    /// The most threads that run, or wait inside of, the pool's work at a time: workers, compensation threads that run
    /// while others wait, and callers beside busy workers. At least one per worker; at most 32,768. When all of them
    /// have waited for five seconds while work lies there, a further wait throws `too_many_waits`, and so do those that
    /// follow, until one of them ends. A further caller works alone. Each takes 8 MiB of address space for its stack,
    /// and about 60 KiB of memory.
    std::size_t max_threads = 1024;
    std::optional<std::size_t> max_concurrency =
        {};                     ///< no more workers than that, whatever `workers` or the environment says
    std::size_t stack_size = 0; ///< of each thread, in bytes; 0: what the system gives, and no less than it allows
    /// What each thread of the pool calls before its first task, and after its last one: for CUDA, JNI, profilers. It
    /// gets the number of the thread: below `size()` that of a worker, above that of a thread which runs while others
    /// wait, and which may begin and end at any time. Exceptions from it end the program. Those of the default pool are
    /// never joined.
    thread_hook on_thread_start = {};
    thread_hook on_thread_end = {}; ///< see `on_thread_start`
};

/// Threads that share work: `size()` of them, each pinned to a core of its own where that is sensible.
///
/// A thread from outside that calls into the pool (join, parallel_for, a wait) takes part in the work, and one worker
/// rests meanwhile: no more threads run than the pool has workers. Only when all are busy does a caller run beside
/// them. A pool of one worker is no lock: while a task waits, or runs loops and groups for long, others begin, and
/// where one of them lasts for more than some milliseconds, both run side by side. `async_mutex` and actors keep calls
/// apart. A task must not end its thread: `pthread_exit` in a task, and `pthread_cancel` that reaches a thread inside
/// of a task, end the program. Waits are no cancellation points. **Threads** any may use it; making and destroying it
/// is for one. **Cost** idle threads sleep and use no CPU time.
class thread_pool {
  public:
    /// As many workers as the environment says: HOCKET_NUM_THREADS, else the machine, the mask and the CPU quota of
    /// this process. HOCKET_DISPLAY=1 prints where they run. HOCKET_TRACE, which is looked at once in a process, names
    /// a file that gets what each thread did and when, for ui.perfetto.dev or chrome://tracing. **Throws**
    /// std::invalid_argument for zero or absurdly many workers, a binding that does not exist, and environment
    /// variables that make no sense. Where the system refuses threads, the pool is smaller, and `describe()` says so.
    /// If it refuses all of them, `size()` is 1 and the run is serial: the threads of the program run what was
    /// submitted, also delays and what repeats itself, while they wait for something of this library, the destructor
    /// and `wait_idle` included. Such a wait may run a task that it does not need, so do not hold a lock across it that
    /// tasks take, nor let tasks wait for what comes after it.
    thread_pool() : thread_pool(pool_options{}) {}
    /// With so many workers.
    template<class Integer>
        requires(!std::is_convertible_v<Integer, pool_options const&> && !std::is_base_of_v<thread_pool, Integer>)
    explicit thread_pool(Integer workers) : thread_pool(pool_options{.workers = count_of(workers)}) {}
    explicit thread_pool(pool_options const& options);

    /// For the library: the default pool of a copy of hocket, whose work the threads of another copy run.
    [[gnu::cold]] thread_pool(detail::process_host const& host, char const* name);

    /// Finishes what was submitted, also what was submitted with a delay and coroutines that wait for something, then
    /// joins the threads; what repeats itself ends. It does not wait for results that nobody of its own computes, such
    /// as promises: what continues one that is kept later (`then`, `submit` with futures as arguments) fails with
    /// `pool_ended` then. **Blocks** until all that has ended. On one of the pool's own threads that could never end:
    /// the program is terminated with a message instead.
    ~thread_pool();

    thread_pool(thread_pool const&) = delete;
    thread_pool& operator=(thread_pool const&) = delete;

    /// How many workers there are: at least 1.
    std::size_t size() const noexcept { return sched_.size(); }

    /// The bound on `this_worker::index()`, and on the number of threads that take part in the pool's work at a time:
    /// `pool_options::max_threads`, or `size()` if that is more.
    std::size_t max_index() const noexcept { return sched_.max_contexts(); }

    /// Which worker runs where, and why there are that many; `to_string()` prints it.
    hocket::placement const& placement() const noexcept { return sched_.places(); }

    /// `placement()` as text, with what the system refused: threads that did not start, pinning that was not allowed.
    std::string describe() const { return text().data(); }

    /// Calls `f()` within the pool, and returns what that returns: a value, also one that can only be moved, a
    /// reference, or nothing. Calls in it that are not given a pool run on this one:
    /// `pool.run([&] { parallel_sort(v); });`.
    ///
    /// **Threads** any, also a worker of this pool, where it just calls, or of another one. The calling thread takes
    /// the place of a worker that rests meanwhile, and runs `f` itself; where `max_threads` threads take part already,
    /// a worker runs it. **Blocks** as `f` does. **Throws** what `f` throws; std::logic_error in a child of fork().
    /// **Order** what was done before the call happens before `f`, and `f` before its return. **Cost** as that of a
    /// join from outside, some microseconds.
    template<class F>
        requires std::is_invocable_v<F> std::invoke_result_t<F> run(F&& f) {
            return detail::run_inside(sched_, std::forward<F>(f));
        }

    /// Returns when nothing that was submitted is left: no task runs or waits for its turn, also of those that tasks
    /// have submitted meanwhile, no delay runs, and no coroutine of the pool is suspended. The pool can be used as
    /// before.
    ///
    /// **Threads** any outside of the pool, several at once. **Blocks** until then, and does not help; for ever while a
    /// `run_every` of the pool goes on, or others submit without end. **Throws** std::logic_error in a task of the
    /// pool, which would wait for itself, and in a child of fork().
    void wait_idle();

    /// While it lives, idle workers spin instead of sleeping.
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

    /// For bursts of work a few milliseconds apart: the next loop starts on all cores within a microsecond instead of
    /// tens. **Cost** the CPU time of every idle worker as long as the returned object lives.
    [[nodiscard]] warm_scope keep_warm() noexcept { return warm_scope(sched_); }

    /// `co_await pool.schedule()`: the coroutine goes on as a task of this pool. A `task` stays in it from then on.
    schedule_awaitable schedule() noexcept { return schedule_awaitable(sched_); }

    /// Say what to write in place of calls that other libraries' pools have.
    template<class... Args>
    void submit(Args&&...) {
        static_assert(detail::never<Args...>, "hocket: a thread_pool has no member submit: write submit(pool, f)");
    }
    template<class... Args>
    void enqueue(Args&&...) {
        static_assert(detail::never<Args...>,
                      "hocket: a thread_pool has no member enqueue: write submit(pool, f), or spawn(pool, f)");
    }

    /// For the library.
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

    /// What was pending has been handed on when `none()` says so; if no thread has woken since the first look, it was
    /// nothing.
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
