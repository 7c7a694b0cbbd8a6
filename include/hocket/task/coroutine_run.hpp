// SPDX-License-Identifier: MIT
// A coroutine that was started, with all that it awaits, floor 5: one thing that the pool runs from one suspension to
// the next. Control goes from coroutine to coroutine by way of a loop and never by a call, so that a chain of any
// length runs in constant stack with any compiler. Callers: task/coroutine.hpp, task/awaitables.hpp.
#pragma once

#include <hocket/base/error.hpp>
#include <hocket/base/fp_mode.hpp>
#include <hocket/pool/thread_pool.hpp>
#include <hocket/sched/spawn.hpp>
#include <hocket/sched/stop_scope.hpp>
#include <hocket/task/task_link.hpp>
#include <hocket/task/wait_cycle.hpp>

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

/// One chain of coroutines, each of which awaits the next. At most one thread runs it at a time.
struct coroutine_run : work_item, task_link {
    coroutine_run(scheduler& its_home, future_state_base& its_state, void (*its_end)(coroutine_run*) noexcept) noexcept;

    /// From within: it stops here, and may go on on another thread as soon as that one knows of it.
    void suspend(std::coroutine_handle<> here_it_goes_on) noexcept {
        suspended = here_it_goes_on;
        stop_scope::forget_listeners();
    }

    /// From a thread that runs nothing of it: hands it to its pool. What is `due` begins between the pieces of longer work. The
    /// last access by the caller.
    void wake(bool due = false) noexcept;

    /// The same from a thread whose pool cannot end before it has returned.
    void hand_over(bool due = false) noexcept;

    /// From within: goes on in another pool, which waits for it from now on.
    void move_to(scheduler& other);
    /// The pool in which it is, if that is not its home, need not wait for it any more.
    void leave_pool() noexcept {
        if (pool != &home && holds_pool) pool->handle().pending().done();
    }

    void throw_if_stopped() const {
        if (stop_requested()) throw operation_cancelled();
    }

    static void go_on(work_item* item) noexcept;

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
};

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/task/coroutine_run.ipp>
#endif
