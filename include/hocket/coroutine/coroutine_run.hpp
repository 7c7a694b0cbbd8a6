// SPDX-License-Identifier: MIT
// A coroutine that was started, with all that it awaits: one thing that the pool runs from one suspension to
// the next. Control goes from coroutine to coroutine by way of a loop and never by a call, so that a chain of any
// length runs in constant stack with any compiler. Callers: coroutine/coroutine.hpp, coroutine/awaitables.hpp.
#pragma once

#include <hocket/base/error.hpp>
#include <hocket/coroutine/suspension.hpp>
#include <hocket/future/future_state.hpp>
#include <hocket/future/task_link.hpp>
#include <hocket/future/wait_cycle.hpp>
#include <hocket/os/fp_mode.hpp>
#include <hocket/pool/thread_pool.hpp>
#include <hocket/sched/spawn.hpp>
#include <hocket/sched/stop_scope.hpp>

#include <atomic>
#include <coroutine>
#include <cstdint>
#include <exception>
#include <optional>
#include <utility>

namespace hocket::inline HOCKET_ABI::detail {

struct coroutine_run;

/// On the stack of the thread that runs a coroutine: what it resumes next. After a suspension nothing else may be
/// touched, since another thread may run the coroutine by then.
struct trampoline {
    std::coroutine_handle<> next;
    coroutine_run* ended = nullptr; // the outermost coroutine has returned
};

/// Where a coroutine goes on, if not in its pool's queues.
struct resume_line {
    void (*push)(resume_line& self, coroutine_run& run) noexcept;
};

/// What lies in the list of a future for a coroutine. The future may be ready long after a stop: then the coroutine is
/// gone, and only the memory of its state is left, to which the link has a reference.
struct run_link : continuation {
    explicit run_link(coroutine_run& its_run) noexcept;

    /// Before it lies in a list.
    void begin() noexcept { word.store(0, std::memory_order_relaxed); }
    /// By the coroutine, at the end of the call that suspends it. True: it goes on at once.
    bool suspends_in_vain() noexcept {
        return (word.fetch_or(suspended, std::memory_order_acq_rel) & over) != 0; // run_link.over ->, <- run_link.over
    }
    /// By the future, and by those that stop the coroutine. True for the first of them; `wakes`: it resumes the
    /// coroutine.
    bool ends(bool& wakes) noexcept {
        std::uint32_t const before =
            word.fetch_or(over, std::memory_order_acq_rel); // run_link.over ->, <- run_link.over
        wakes = (before & suspended) != 0;
        return (before & over) == 0;
    }
    [[nodiscard]] bool is_over() const noexcept { return (word.load(std::memory_order_relaxed) & over) != 0; }

    static constexpr std::uint32_t suspended = 1;
    static constexpr std::uint32_t over = 2;

    coroutine_run& run;
    /// Writers: the coroutine, the future, those that stop it.
    std::atomic<std::uint32_t> word{0};
};

/// One chain of coroutines, each of which awaits the next. At most one thread runs it at a time.
struct coroutine_run : work_item, task_link {
    coroutine_run(scheduler& its_home, future_state_base& its_state, void (*its_end)(coroutine_run*) noexcept) noexcept;

    /// From within: it stops here, and may go on on another thread as soon as that one knows of it.
    void suspend(std::coroutine_handle<> here_it_goes_on) noexcept {
        suspended = here_it_goes_on;
        stop_scope::forget_listeners();
    }

    /// From a thread that runs nothing of it: hands it to its pool. What is `due` begins between the pieces of longer
    /// work. The last access by the caller.
    void wake(bool due = false) noexcept;

    /// The same from a thread whose pool cannot end before it has returned.
    void hand_over(bool due = false) noexcept;

    /// From within: goes on in another pool, which waits for it from now on.
    void move_to(scheduler& other);
    /// The pool in which it is, if that is not its home, need not wait for it any more.
    void leave_pool() noexcept {
        if (pool != &home && holds_pool) pool->handle().pending().done();
    }

    /// From within, while it waits and cannot go on yet: from here on a thread that gives up its result ends the wait.
    void wait_here(suspension& wait) noexcept {
        place.enter(wait);
        if (own_state->word.unwanted()) [[unlikely]]
            wait.end(wait);
    }
    /// The end of a wait for a future by a stop.
    [[gnu::cold]] void end_wait() noexcept;

    void throw_if_stopped() const {
        if (stop_requested()) throw operation_cancelled();
    }

    static void go_on(work_item* item) noexcept;

    suspension_place place;
    run_link link;
    scheduler& home;                            // where it was started
    future_state_base* const state;             // of what the outermost coroutine returns
    void (*const end)(coroutine_run*) noexcept; // takes the result, and destroys it all
    scheduler* pool;                            // where it goes on
    resume_line* line = nullptr;                // may be null
    std::coroutine_handle<> suspended;          // what is resumed then
    trampoline* here = nullptr;                 // while a thread runs it
    urgency level = urgency::normal;
    fp_mode const mode = fp_mode::now(); // of the thread that has started it: that of each part between two suspensions
    std::optional<std::uint32_t> rank;   // the only worker of its home that runs it
    bool holds_home = false;             // that pool waits for it
    bool holds_pool = false;
    /// Writers: those that stop it, before it goes on. Reader: the coroutine. Whether it may end before a future that
    /// it has awaited.
    std::atomic<bool> leaves_futures{false};
};

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/coroutine/coroutine_run.ipp>
#endif
