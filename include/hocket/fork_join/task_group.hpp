// SPDX-License-Identifier: MIT
// Groups of tasks: run as many tasks as you like, then wait for all. Public.
#pragma once

#include <hocket/base/atomic.hpp>
#include <hocket/base/unobserved_error.hpp>
#include <hocket/fork_join/group_count.hpp>
#include <hocket/memory/slab.hpp>
#include <hocket/os/os_mutex.hpp>
#include <hocket/pool/default_pool.hpp>
#include <hocket/sched/mode_carrier.hpp>
#include <hocket/sched/pool_entry.hpp>
#include <hocket/sched/spawn.hpp>
#include <hocket/sched/stop_scope.hpp>
#include <hocket/sched/wait.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <stdexcept>
#include <type_traits>
#include <utility>

namespace hocket::inline HOCKET_ABI {

/// Tasks that a program waits for together.
///
/// A task may add tasks to its own group. Any number of threads may wait for a group at once. Idle workers begin tasks
/// in the order of `run`; the waiting thread begins the newest first.
class task_group {
  public:
    /// Makes a group on the pool whose worker is calling, otherwise on the default pool.
    task_group() : task_group(detail::current_pool()) {}
    explicit task_group(thread_pool& pool) : sched_(&pool.sched()), home_(detail::slot_in(*sched_)) {
        if (home_ != nullptr) home_job_ = home_->job;
    }

    /// Waits for the tasks that still run. An exception of a task that no wait has thrown goes to the handler of
    /// `set_unobserved_error_handler`.
    ~task_group();

    task_group(task_group const&) = delete;
    task_group& operator=(task_group const&) = delete;

    /// Hands `f()` to the pool and drops its result. `f` may be move-only.
    ///
    /// **Threads** any, also inside of a task of this group. **Blocks** never. **Throws** std::bad_alloc or what moving
    /// `f` throws, and then nothing was added; std::logic_error in a child of fork(). **Cost** some nanoseconds, no
    /// lock, and nothing from the heap in steady state; a system call when a worker has to be woken.
    template<class F>
    void run(F&& f) {
        static_assert(std::invocable<std::decay_t<F>&>,
                      "hocket: task_group::run takes a callable without arguments: run([&] { f(x); })");
        sched_->require_this_process();
        using task = holder<std::decay_t<F>>;
        task* const item = detail::make_in_slab<task>(*this, std::forward<F>(f));
        detail::work_item& queued = in_mode(item);
        detail::worker* const me = detail::slot_in(*sched_);
        item->number = count(me, 1);
        detail::spawn_from(*sched_, me, queued);
    }
    /// Says that `run` passes no arguments.
    template<class F, class First, class... Rest>
    auto run(F&&, First&&, Rest&&...) {
        static_assert(detail::never<F>,
                      "hocket: task_group::run takes a callable without arguments: run([&] { f(x); })");
    }

    /// Hands the `n` tasks `f(0)` to `f(n - 1)` to the pool at once, with the effect of `n` calls of `run`. Threads
    /// call the one `f` at the same time, through a const reference.
    ///
    /// **Threads**, **Blocks**, **Throws** as `run`. **Cost** some nanoseconds for all of them and one or two for each.
    template<class F>
    void run_bulk(std::size_t n, F&& f) {
        static_assert(std::invocable<std::decay_t<F> const&, std::size_t>,
                      "hocket: task_group::run_bulk takes a number and a callable that is called with each index "
                      "below it, and is const (a lambda must not be mutable): run_bulk(n, [&](std::size_t i) { f(i); "
                      "})");
        sched_->require_this_process();
        if (n == 0) return;
        using body = bulk_body<std::decay_t<F>>;
        body* const shared = detail::make_in_slab<body>(*this, n, std::forward<F>(f));
        detail::work_item* piece = nullptr;
        try {
            piece = &in_mode(detail::make_in_slab<bulk_piece<std::decay_t<F>>>(*shared, std::size_t{0}, n));
        } catch (...) {
            detail::destroy_in_slab(shared);
            throw;
        }
        detail::worker* const me = detail::slot_in(*sched_);
        shared->number = count(me, 1, n);
        detail::spawn_from(*sched_, me, *piece);
    }

    /// Returns when all tasks have finished; runs tasks of this group meanwhile. The group can be used again
    /// afterwards.
    ///
    /// **Threads** any, also several at once: each gets the exception. **Blocks** until then, and helps only with tasks
    /// of this group. **Throws** the exception of a task: of several, that of the task that was added first. Tasks that
    /// were not added by the job that made the group count as added later. After a task has thrown, the group drops the
    /// tasks that have not begun. Throws std::logic_error in a task of this group, which would wait for itself, and in
    /// a child of fork() whose parent had not finished the tasks.
    void wait();

    /// Says, in place of calls that groups of other libraries have, what to write here.
    template<class... Args>
    auto submit(Args&&...) {
        static_assert(detail::never<Args...>, "hocket: a task_group has no member submit: write group.run(f), or "
                                              "submit(f) for a future of the result");
    }
    template<class... Args>
    auto spawn(Args&&...) {
        static_assert(detail::never<Args...>, "hocket: a task_group has no member spawn: write group.run(f)");
    }
    template<class... Args>
    auto run_and_wait(Args&&...) {
        static_assert(detail::never<Args...>,
                      "hocket: a task_group has no member run_and_wait: write group.run(f), then group.wait()");
    }
    template<class... Args>
    auto join(Args&&...) {
        static_assert(detail::never<Args...>, "hocket: a task_group has no member join: write group.wait()");
    }

  private:
    template<class F>
    struct holder : detail::work_item {
        template<class From>
        holder(task_group& its_group, From&& from) : owner(&its_group), callable(std::forward<From>(from)) {
            run = &holder::run_and_free;
            scope = &its_group;
        }

        static void run_and_free(detail::work_item* base) noexcept {
            auto* const self = static_cast<holder*>(base);
            task_group& group = *self->owner;
            if (!group.stopped()) {
                detail::stop_scope const scope(&group.link_);
                try {
                    self->callable();
                } catch (...) {
                    group.keep_error(self->number);
                }
            }
            detail::destroy_in_slab(self); // before the group may end: the callable may refer to objects beside it
            group.finish_one();
        }

        task_group* owner;
        std::uint64_t number = 0;
        F callable;
    };

    /// The common data of the parts of a `run_bulk`.
    template<class F>
    struct bulk_body {
        template<class From>
        bulk_body(task_group& its_group, std::size_t n, From&& from)
            : owner(&its_group), grain(n / (32 * its_group.sched_->size()) + 1), callable(std::forward<From>(from)) {}

        task_group* owner;
        std::uint64_t number = 0; // of the first task
        std::size_t const grain;
        detail::atomic<std::size_t> pieces{1};
        F const callable;
    };

    /// Some of the tasks of a `run_bulk`: gives away halves, then runs the rest.
    template<class F>
    struct bulk_piece : detail::work_item {
        bulk_piece(bulk_body<F>& its_body, std::size_t its_begin, std::size_t its_end)
            : body(&its_body), begin(its_begin), end(its_end) {
            run = &bulk_piece::run_and_free;
            scope = its_body.owner;
        }

        static void run_and_free(detail::work_item* base) noexcept {
            auto* const self = static_cast<bulk_piece*>(base);
            bulk_body<F>& body = *self->body;
            task_group& group = *body.owner;
            while (self->end - self->begin > body.grain && self->give_half()) {
            }
            {
                detail::stop_scope const scope(&group.link_);
                detail::fp_scope const mode;
                for (std::size_t i = self->begin; i < self->end; ++i) {
                    if (group.stopped()) break;
                    try {
                        body.callable(i);
                    } catch (...) {
                        group.keep_error(body.number + i);
                    }
                    mode.reset();
                    detail::stop_scope::number_anew();
                }
            }
            if (body.pieces.fetch_sub(1, std::memory_order_acq_rel) == 1) // bulk.piece ->, <- bulk.piece
                detail::destroy_in_slab(&body);
            detail::destroy_in_slab(self);
            group.finish_one();
        }

        /// Gives half of the tasks to the pool. Returns false where there is no memory for that.
        bool give_half() noexcept {
            std::size_t const middle = begin + (end - begin) / 2;
            try {
                detail::work_item& other = in_mode(detail::make_in_slab<bulk_piece>(*body, middle, end));
                end = middle;
                body->pieces.fetch_add(1, std::memory_order_relaxed);
                body->owner->left_.add();
                detail::spawn(*body->owner->sched_, other);
                return true;
            } catch (...) {
                return false;
            }
        }

        bulk_body<F>* body;
        std::size_t begin;
        std::size_t end;
    };

    /// Returns the work item to queue for `item`, so that it runs in the floating-point mode of the calling thread.
    /// Without memory for that, destroys the item and throws.
    template<class Item>
    static detail::work_item& in_mode(Item* item) {
        detail::fp_mode const mode = detail::fp_mode::now();
        if (mode.is_default()) [[likely]]
            return *item;
        try {
            return detail::carry_mode(*item, mode);
        } catch (...) {
            detail::destroy_in_slab(item);
            throw;
        }
    }

    /// Counts tasks that `me`, or an external thread, adds, and that finish as `items` items. Returns the number of the
    /// first task.
    std::uint64_t count(detail::worker const* me, std::int64_t items, std::uint64_t tasks = 1) noexcept;

    /// Whether tasks that have not begun are dropped: a task has failed, or the operation around the wait was stopped.
    bool stopped() noexcept;

    [[gnu::cold]] void keep_error(std::uint64_t number) noexcept;

    /// Waits as a part of the operation around the wait. The tasks of a group are parts of the operation in which the
    /// job that made the group waits: it ends later than they do.
    void finish_around() noexcept;

    void finish() noexcept;

    /// Counts finished items off the latch; another thread may wait for that.
    void tell(std::uint64_t ended) noexcept;

    /// Counts off one finished item: the last access to the group by the thread that ran it.
    void finish_one() noexcept;

    void finish_for_others(detail::worker* me) noexcept;

    /// Throws the error of the group. Each of several waiting threads gets it; with the last of them the group begins
    /// anew.
    [[noreturn]] [[gnu::cold]] void rethrow();

    [[noreturn]] [[gnu::cold]] static void throw_waits_for_itself();
    [[noreturn]] [[gnu::cold]] static void end_in_own_task() noexcept;

    /// Waits while all workers are busy, since one more thread would be one too many. The workers may all be blocked by
    /// a lock that this thread holds. So after a while it runs its tasks nevertheless.
    void wait_for_slot(detail::worker& me) noexcept;

    /// Waits while there is no worker slot for one more external thread, and looks from time to time. The other threads
    /// may all be blocked as well. So after a while this thread runs its tasks, and what these fork, by itself.
    void wait_without_slot() noexcept;

    /// The time for which a wait leaves its tasks to other threads when there is no worker slot for it.
    static constexpr long long patience = 100'000'000; // nanoseconds

    struct group_link : detail::stop_link {
        explicit group_link(task_group const& its_group) noexcept
            : stop_link{&group_link::has_failed}, group(its_group) {}
        static bool has_failed(stop_link const& link) noexcept {
            return static_cast<group_link const&>(link).group.failed_.load(std::memory_order_relaxed);
        }
        task_group const& group;
    };

    detail::scheduler* sched_;
    group_link link_{*this};
    detail::stop_look around_;
    detail::group_count left_;

    /// Whether the thread that waits has made the group, in its current job: then the operation around the wait is
    /// around the tasks, too.
    bool is_home(detail::worker const* me) const noexcept;

    // For the job that made the group: it counts its tasks without touching shared words, until it waits.
    detail::worker* const home_;
    std::uint64_t home_job_ = 0;
    detail::worker* const* const home_thread_ = &detail::this_slot; // identifies the thread
    std::uint64_t own_added_ = 0;

    static constexpr std::uint64_t others_added = std::uint64_t{1} << 63;
    detail::atomic<std::uint64_t> added_{0}; // by other threads and tasks
    detail::atomic<bool> failed_{false};
    detail::atomic<bool> cut_{false};          // a task was dropped because of a stop around the wait
    detail::atomic<std::uint32_t> waiting_{0}; // threads in wait()
    detail::os_mutex error_mutex_;             // guards the next two while tasks run
    std::exception_ptr error_;
    std::uint64_t first_failed_ = 0;
};

} // namespace hocket

#if HOCKET_BODIES
#include <hocket/fork_join/task_group.ipp>
#endif
