// SPDX-License-Identifier: MIT
// A pool of threads, one per core, floor 4: what programs make, configure and ask. Public.
#pragma once

#include <hocket/machine/cpu_quota.hpp>
#include <hocket/machine/environment.hpp>
#include <hocket/machine/machine.hpp>
#include <hocket/machine/placement.hpp>
#include <hocket/pool/pending_count.hpp>
#include <hocket/pool/schedule_awaitable.hpp>
#include <hocket/sched/loop.hpp>
#include <hocket/sched/pool_life.hpp>
#include <hocket/sched/scheduler.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <optional>
#include <stdexcept>
#include <string>

namespace hocket {

/// What a pool is to be like; give what matters: `{.workers = 4, .name = "render"}`.
struct pool_options {
    std::optional<std::size_t> workers = {}; ///< by default one per allowed core, capped by the CPU quota; at least 1
    binding bind = binding::automatic;       ///< to what each worker is pinned
    std::string name = {};                   ///< the threads are called name/0, name/1, ...; "hocket" by default
};

/// Threads that share work: `size()` of them, each pinned to a core of its own where that is sensible.
///
/// A thread from outside that calls into the pool (join, parallel_for, a wait) takes part in the work, and one worker rests
/// meanwhile: no more threads run than the pool has workers. Only when all are busy does a caller run beside them.
/// **Threads** any may use it; making and destroying it is for one. **Cost** idle threads sleep and use no CPU time.
class thread_pool {
  public:
    /// As many workers as the environment says: HOCKET_NUM_THREADS, else the machine, the mask and the CPU quota of this process.
    /// HOCKET_DISPLAY=1 prints where they run. HOCKET_TRACE, which is looked at once in a process, names a file that gets what each
    /// thread did and when, for ui.perfetto.dev or chrome://tracing.
    /// **Throws** std::invalid_argument for zero or absurdly many workers, a binding that does not exist, and environment
    /// variables that make no sense; std::runtime_error when not even one thread can be started. With fewer than wanted, the
    /// pool is smaller, and `placement()` says so.
    thread_pool() : thread_pool(pool_options{}) {}
    HOCKET_SEALED explicit thread_pool(pool_options const& options)
        : sched_(this, where(options), options.name.c_str()), display_(read_environment().display) {
        if (display_) std::fputs(text().data(), stderr);
    }

    /// Finishes what was submitted, also what was submitted with a delay and coroutines that wait for something, then joins the
    /// threads; what repeats itself ends. It does not wait for results that nobody of its own computes, such as promises: what
    /// continues one that is kept later (`then`, `submit` with futures as arguments) fails with `pool_ended` then.
    /// **Blocks** until all that has ended. On one of the pool's own threads that could never end: the program is terminated
    /// with a message instead.
    HOCKET_SEALED ~thread_pool() {
        if (detail::this_context == nullptr || detail::this_context->sched != &sched_) {
            if (sched_.in_this_process()) pending_.close(sched_);
            return;
        }
        std::fputs(
            "hocket: a thread_pool is being destroyed by a task of its own, which would wait for itself; destroy it "
            "from a thread outside of the pool\n",
            stderr);
        std::terminate();
    }

    thread_pool(thread_pool const&) = delete;
    thread_pool& operator=(thread_pool const&) = delete;

    /// How many workers there are: at least 1.
    std::size_t size() const noexcept { return sched_.size(); }

    /// Which worker runs where, and why there are that many; `to_string()` prints it.
    hocket::placement const& placement() const noexcept { return sched_.places(); }

    /// `placement()` as text, with what the system refused: threads that did not start, pinning that was not allowed.
    std::string describe() const { return text().data(); }

    /// While it lives, idle workers spin instead of sleeping.
    class warm_scope {
      public:
        explicit warm_scope(detail::scheduler& pool) noexcept : pool_(&pool) { pool.add_warm(); }
        warm_scope(warm_scope&& other) noexcept : pool_(other.pool_) { other.pool_ = nullptr; }
        warm_scope& operator=(warm_scope&&) = delete;
        ~warm_scope() {
            if (pool_ != nullptr) pool_->drop_warm();
        }

      private:
        detail::scheduler* pool_;
    };

    /// For bursts of work a few milliseconds apart: the next loop starts on all cores within a microsecond instead of tens.
    /// **Cost** the CPU time of every idle worker as long as the returned object lives.
    [[nodiscard]] warm_scope keep_warm() noexcept { return warm_scope(sched_); }

    /// `co_await pool.schedule()`: the coroutine goes on as a task of this pool. A `task` stays in it from then on.
    schedule_awaitable schedule() noexcept { return schedule_awaitable(sched_); }

    /// For the library.
    detail::scheduler& sched() noexcept { return sched_; }
    detail::pending_count& pending() noexcept { return pending_; }

  private:
    HOCKET_COLD fixed_array<char> text() const {
        char missing[80] = "";
        char refused[120] = "";
        if (unsigned const n = sched_.threads_that_never_started(); n != 0)
            std::snprintf(missing, sizeof missing, "the system refused to start %u more thread(s)\n", n);
        if (unsigned const n = sched_.pins_refused(); n != 0)
            std::snprintf(refused, sizeof refused,
                          "the system refused to pin %u worker(s); they run where it puts them\n", n);
        char both[sizeof missing + sizeof refused];
        std::snprintf(both, sizeof both, "%s%s", missing, refused);
        return detail::text_of(placement(), both);
    }

    HOCKET_COLD static hocket::placement where(pool_options const& options) {
        if (options.bind > binding::none)
            throw std::invalid_argument("hocket: pool_options::bind is not one of automatic, core, pu, numa, none");
        environment const wishes = read_environment();
        placement_request request;
        request.workers = options.workers.has_value() ? options.workers : wishes.num_threads;
        request.bind = options.bind != binding::automatic ? options.bind : wishes.bind.value_or(binding::automatic);
        hocket::placement planned = plan_placement(machine(), read_cpu_quota(), request);
        detail::begin_trace(wishes); // before there is a thread
        return planned;
    }

    detail::pending_count pending_;
    detail::scheduler sched_;
    bool display_;
};

namespace detail {

/// The loop engine for those who hold a pool.
template<class Chunk>
void run_loop(thread_pool& pool, std::uint64_t n, loop_plan const& plan, Chunk& chunk) {
    run_loop(pool.sched(), n, plan, chunk);
}

} // namespace detail

} // namespace hocket
