// SPDX-License-Identifier: MIT
// A coroutine that was started, with all that it awaits, floor 5: one thing that the pool runs from one suspension to
// the next. Control goes from coroutine to coroutine by way of a loop and never by a call, so that a chain of any
// length runs in constant stack with any compiler. Callers: task/coroutine.hpp, task/awaitables.hpp.
#pragma once

#include <hocket/base/error.hpp>
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

namespace hocket::detail {

struct coroutine_run;

/// On the stack of the thread that runs a coroutine: what it resumes next. After a suspension nothing else may be
/// touched, since another thread may run the coroutine by then.
struct trampoline {
    std::coroutine_handle<> next;
    coroutine_run* ended = nullptr; // the outermost coroutine has returned
};

/// One chain of coroutines, each of which awaits the next. At most one thread runs it at a time.
struct coroutine_run : work_item, task_link {
    coroutine_run(scheduler& its_home, future_state_base& its_state, void (*its_end)(coroutine_run*) noexcept) noexcept
        : home(its_home), state(&its_state), end(its_end), pool(&its_home) {
        work_item::run = &coroutine_run::go_on;
    }

    /// From a thread that runs nothing of it: hands it to its pool. The last access by the caller.
    void wake() noexcept {
        if (context_in(*pool) != nullptr || !holds_pool) return hand_over();
        pending_count& pending = pool->handle().pending(); // the run may be over, and its pool, before spawn returns
        (void)pending.add();
        hand_over();
        pending.done();
    }

    /// The same from a thread whose pool cannot end before it has returned.
    void hand_over() noexcept {
        if (rank.has_value() && pool == &home)
            spawn_on(*pool, *rank, *this);
        else
            spawn(*pool, *this, level);
    }

    /// From within: goes on in another pool, which waits for it from now on.
    void move_to(scheduler& other) {
        other.require_this_process();
        if (&other == pool) return;
        bool const held = &other == &home ? holds_home : other.handle().pending().add();
        leave_pool();
        pool = &other;
        holds_pool = held;
    }
    /// The pool in which it is, if that is not its home, need not wait for it any more.
    void leave_pool() noexcept {
        if (pool != &home && holds_pool) pool->handle().pending().done();
    }

    void throw_if_stopped() const {
        if (token.stop_requested()) throw operation_cancelled();
    }

    static void go_on(work_item* item) noexcept {
        auto& self = *static_cast<coroutine_run*>(item);
        trampoline bounce{self.suspended};
        self.here = &bounce;
        trace_scope::rename(self.name != nullptr ? self.name : "coroutine", "coroutine");
        {
            stop_scope const stop(&self);
            running_scope const running(*self.state);
            while (bounce.next) std::exchange(bounce.next, nullptr).resume();
        }
        if (bounce.ended != nullptr) bounce.ended->end(bounce.ended);
    }

    scheduler& home;                            // where it was started
    future_state_base* const state;             // of what the outermost coroutine returns
    void (*const end)(coroutine_run*) noexcept; // takes the result, and destroys it all
    scheduler* pool;                            // where it goes on
    std::coroutine_handle<> suspended;          // what is resumed then
    trampoline* here = nullptr;                 // while a thread runs it
    urgency level = urgency::normal;
    std::optional<std::uint32_t> rank; // the only worker of its home that runs it
    bool holds_home = false;           // that pool waits for it
    bool holds_pool = false;
};

} // namespace hocket::detail
