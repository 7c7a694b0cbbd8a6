// SPDX-License-Identifier: MIT
// A started coroutine and all coroutines that it awaits, as one object that the pool runs from one suspension to the
// next. Control passes from coroutine to coroutine through a loop and never by a call. So a chain of any length runs in
// constant stack with any compiler. Callers: coroutine/coroutine.hpp, coroutine/awaitables.hpp.
#pragma once

#include <hocket/base/atomic.hpp>
#include <hocket/base/error.hpp>
#include <hocket/coroutine/suspension.hpp>
#include <hocket/future/future_state.hpp>
#include <hocket/future/task_link.hpp>
#include <hocket/future/wait_cycle.hpp>
#include <hocket/os/fp_mode.hpp>
#include <hocket/pool/thread_pool.hpp>
#include <hocket/sched/spawn.hpp>
#include <hocket/sched/stop_scope.hpp>
#include <hocket/sched/urgent.hpp>

#include <coroutine>
#include <cstdint>
#include <exception>
#include <optional>
#include <utility>

namespace hocket::inline HOCKET_ABI::detail {

struct coroutine_run;

/// The loop variable on the stack of a thread that runs a coroutine: what it resumes next. After a suspension the
/// thread may touch nothing else, because another thread may run the coroutine by then.
struct trampoline {
    std::coroutine_handle<> next;
    coroutine_run* ended = nullptr; // the outermost coroutine has returned
};

/// The place where a coroutine goes on, if not in its pool's queues.
struct resume_line {
    void (*push)(resume_line& self, coroutine_run& run) noexcept;
};

/// The entry of a coroutine in the list of a future. The future may be ready long after a stop. Then the coroutine is
/// gone, and only the memory of its state is left, to which the link has a reference.
struct run_link : continuation {
    explicit run_link(coroutine_run& its_run) noexcept;

    /// Resets the link before it lies in a list.
    void begin() noexcept { word.store(0, std::memory_order_relaxed); }
    /// Marks the coroutine as suspended, called by itself at the end of the suspending call. Returns true if it goes on
    /// at once.
    bool suspends_in_vain() noexcept {
        return (word.fetch_or(suspended, std::memory_order_acq_rel) & over) != 0; // run_link.over ->, <- run_link.over
    }
    /// Ends the wait, called by the future and by threads that stop the coroutine. Returns true for the first caller.
    /// Sets `wakes` if this caller resumes the coroutine.
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
    /// The state of the wait. Writers: the coroutine, the future, threads that stop the coroutine.
    atomic<std::uint32_t> word{0};
};

/// One chain of coroutines, each of which awaits the next. At most one thread runs it at a time.
struct coroutine_run : work_item, task_link {
    coroutine_run(scheduler& its_home, future_state_base& its_state, void (*its_end)(coroutine_run*) noexcept) noexcept;

    /// Suspends the run, called from within. It may go on on another thread as soon as that thread knows of it.
    void suspend(std::coroutine_handle<> here_it_goes_on) noexcept {
        suspended = here_it_goes_on;
        stop_scope::forget_listeners();
    }

    /// Hands the run to its pool, called from a thread that runs no part of it. A run that is `due` begins between the
    /// parts of longer work. The last access by the caller.
    void wake(bool due = false) noexcept;

    /// Hands the run to its pool, called from a thread whose pool cannot end before the call returns.
    void hand_over(bool due = false) noexcept;

    /// Whether the run leaves its turn to other work now, at an await that would not suspend it.
    bool leaves_its_turn() noexcept { return leaves_turn(++not_suspended); }

    /// Moves to another pool, which waits for the run from now on; called from within.
    void move_to(scheduler& other);
    /// Lets the current pool, if it is not the home of the run, stop waiting for it.
    void leave_pool() noexcept {
        if (pool != &home && holds_pool) pool->handle().pending().done();
    }

    /// Publishes a wait that cannot finish yet, called from within. From here on a thread that drops the result ends
    /// the wait.
    void wait_here(suspension& wait) noexcept {
        place.enter(wait);
        if (own_state->word.unwanted()) [[unlikely]]
            wait.end(wait);
    }
    /// Ends a wait for a future by a stop.
    [[gnu::cold]] void end_wait() noexcept;

    void throw_if_stopped() const {
        if (stop_requested()) throw operation_cancelled();
    }

    static void go_on(work_item* item) noexcept;

    suspension_place place;
    run_link link;
    scheduler& home;                            // where it was started
    future_state_base* const state;             // for the result of the outermost coroutine
    void (*const end)(coroutine_run*) noexcept; // takes the result, and destroys the run
    scheduler* pool;                            // where it goes on
    resume_line* line = nullptr;                // may be null
    std::coroutine_handle<> suspended;          // what is resumed next
    trampoline* here = nullptr;                 // while a thread runs it
    priority level = priority::normal;
    fp_mode const mode = fp_mode::now(); // of the thread that started it, for each part between two suspensions
    std::optional<std::uint32_t> rank;   // the only worker of its home that runs it
    unsigned not_suspended = 0;          // the number of awaits that did not suspend it
    bool holds_home = false;             // the home waits for it
    bool holds_pool = false;
    /// Whether the run may end before a future that it has awaited. Writers: threads that stop it, before it goes on.
    /// Reader: the coroutine.
    atomic<bool> leaves_futures{false};
};

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/coroutine/coroutine_run.ipp>
#endif
