// SPDX-License-Identifier: MIT
// The state of a future together with the task that computes it, in one block. Callers: submit and then.
#pragma once

#include <hocket/base/error.hpp>
#include <hocket/base/lasting_error.hpp>
#include <hocket/future/future_forward.hpp>
#include <hocket/future/future_state.hpp>
#include <hocket/future/future_task.hpp>
#include <hocket/future/inner_future.hpp>
#include <hocket/future/task_link.hpp>
#include <hocket/future/wait_cycle.hpp>
#include <hocket/memory/slab.hpp>
#include <hocket/sched/stop_scope.hpp>

#include <exception>
#include <stdexcept>
#include <type_traits>
#include <utility>

namespace hocket::inline HOCKET_ABI::detail {

/// The type that a task returning R promises: R, or the type that the returned future or coroutine gives.
template<class R>
struct promised {
    using type = R;
    static constexpr bool nested = false;
    static constexpr bool coroutine = false;
};
template<class T>
struct promised<future<T>> {
    using type = T;
    static constexpr bool nested = true;
    static constexpr bool coroutine = false;
};
template<class T>
struct promised<shared_future<T>> : promised<future<T>> {};

/// Moves the result of one state into another one, when it is available. The inner future is kept until then.
template<class T, class Inner>
struct forwarder : continuation {
    forwarder(Inner&& from, future_state<T>& target) noexcept : inner(std::move(from)), to(&target) {
        static constexpr continuation_kind forwards = {&forwarder::forward,
                                                       [](continuation const& self) noexcept -> future_state_base* {
                                                           return static_cast<forwarder const&>(self).to;
                                                       }};
        kind = &forwards;
    }

    static void forward(continuation* base) noexcept {
        auto* const self = static_cast<forwarder*>(base);
        call_ready(self->finish());
    }
    continuation* finish() noexcept {
        state_reference<future_state<T>> const target(to);
        bool const good = fill();
        leave_inner();
        destroy_in_slab(this);
        return target->word.set(!good);
    }
    bool fill() noexcept {
        future_state<T>& from = *inner.state();
        if (from.failed()) {
            to->emplace_error(inner.hand_on_error());
            return false;
        }
        return to->emplace_result([&]() -> T {
            if constexpr (requires { inner.take_value_now(); })
                return inner.take_value_now();
            else if constexpr (std::is_same_v<Inner, future<T>> || std::is_reference_v<T>)
                return from.take();
            else if constexpr (!std::is_void_v<T>)
                return from.value();
        });
    }

    /// Leaves the inner future before the forwarder goes: another thread may be about to give that future up.
    void leave_inner() noexcept {
        if constexpr (requires { inner.take_state(); })
            if (part != nullptr && !part->detach()) [[unlikely]]
                (void)inner.take_state().detach();
    }

    Inner inner;
    future_state<T>* to;          // owns a reference
    inner_future* part = nullptr; // of a task that may be given up
};

/// Makes the result of `inner` the result of `state`. Returns the continuations if it is available already. A thread
/// that gives up the task of `part` gives up `inner`.
template<class T, class Inner>
continuation* forward_result(Inner inner, future_state<T>& state, inner_future* part = nullptr) {
    if (!inner.valid()) throw std::logic_error("hocket: a task returned an empty future");
    using link = forwarder<T, Inner>;
    auto* const forward = make_in_slab<link>(std::move(inner), state);
    future_state<T>* const from = forward->inner.state();
    state.retain();
    if constexpr (std::is_same_v<Inner, future<T>>) { // others may hold a shared one
        if (part != nullptr) {
            forward->part = part;
            part->attach(*from);
        }
    }
    return from->add(*forward) ? nullptr : forward->finish();
}

/// The Kept of a task that has nothing to keep beyond its run.
struct nothing_kept {
    explicit nothing_kept(task_node&) noexcept {}
};

/// A state with a task. The Job is called once. Its `refusal()` says first why it cannot be called. Its `stop()` gives
/// the link that says whether it was stopped, or null. Its `waits` says whether it may have to wait before it is handed
/// to the pool, and its `node` is its node in lists and queues.
///
/// The Job is in place, is never moved, and is destroyed before the future is ready. If it returns a coroutine, which
/// may use its captures and its arguments, it is destroyed when the coroutine has ended. The Kept lives as long as the
/// state.
template<class T, class Job, class Kept = nothing_kept>
struct task_state final : future_state<T> {
    template<class... Args>
    task_state(scheduler& pool, bool offered, Args&&... args)
        : future_state<T>(type, &pool, offered, 2), node(*this), kept(node), job(std::forward<Args>(args)...) {
        this->help = &help_task;
    }
    ~task_state() {} // the job was destroyed after its run

    template<class... Args>
    static task_state* make(scheduler& pool, bool offered, Args&&... args) {
        return make_in_slab<task_state>(pool, offered, std::forward<Args>(args)...);
    }

    static continuation* execute(future_state_base* base) noexcept {
        auto& self = *static_cast<task_state*>(base);
        if constexpr (promised<std::invoke_result_t<Job&>>::coroutine)
            return begin_coroutine(self); // in coroutine.hpp, as the type that is returned
        else if constexpr (promised<std::invoke_result_t<Job&>>::nested)
            return self.execute_nested();
        else
            return self.word.set(!self.execute_plain());
    }

    /// Fails the task before a thread could begin it, or on the thread that has claimed it in place of a run.
    static continuation* refuse(future_state_base* base, std::exception_ptr error) noexcept {
        auto& self = *static_cast<task_state*>(base);
        self.job.~Job();
        self.emplace_error(std::move(error));
        return self.word.set(true);
    }

    static constexpr bool has_inner =
        promised<std::invoke_result_t<Job&>>::coroutine || promised<std::invoke_result_t<Job&>>::nested;
    static constexpr bool continues = std::is_same_v<typename Job::node, then_node>;
    static constexpr bool has_parts = has_inner || continues || requires(task_state & self) { Kept::give_up(self); };

    static void give_up_parts(future_state_base& base) noexcept {
        auto& self = static_cast<task_state&>(base);
        if constexpr (requires { Kept::give_up(self); }) Kept::give_up(self);
        if constexpr (continues)
            if (self.node.ends_in_list()) end_in_list(self);
        if constexpr (has_inner) self.inner.give_up(self);
    }

    /// Fails the task, and gives up the result that it would have continued, if nothing else needs that.
    HOCKET_COLD static void end_in_list(task_state& self) noexcept {
        future_state_base* const needed = self.job.used_up();
        if (needed != nullptr) needed->retain();
        call_ready_early(refuse(&self, error_without_memory<operation_cancelled>()));
        if (needed != nullptr) give_up_next(*needed);
    }

    static constexpr future_type type =
        with_parts(type_of_state<task_state, T>(&execute, &refuse), has_parts ? &give_up_parts : nullptr);

    void destroy_job_now() noexcept { job.~Job(); }

    /// Returns what the job returns, called in the scopes of a task. **Throws** the refusal of the job, and what it
    /// throws.
    decltype(auto) call_job() {
        running_scope running(*this);
        if (std::exception_ptr refused = refusal()) std::rethrow_exception(std::move(refused));
        stop_scope const stoppable(link_in(running));
        running.begins(stoppable);
        return job();
    }

    struct nothing_inside {};

    typename Job::node node;
    [[no_unique_address]] Kept kept;
    [[no_unique_address]] std::conditional_t<has_inner, inner_future, nothing_inside> inner;
    union {
        Job job;
    };

  private:
    struct destroy_job {
        Job& job;
        ~destroy_job() { job.~Job(); }
    };

    /// Returns an error if the task may not begin: one that waited for other things may not when its result was given
    /// up.
    std::exception_ptr refusal() noexcept {
        if constexpr (Job::waits)
            if (this->word.unwanted()) [[unlikely]]
                return error_without_memory<operation_cancelled>();
        return job.refusal();
    }
    stop_link const* link_in(running_scope const& running) noexcept {
        task_link* const its_own = job.stop();
        if (its_own == nullptr) return &running;
        its_own->runs_in(running);
        return its_own;
    }

    bool execute_plain() noexcept {
        running_scope running(*this);
        destroy_job const guard{job};
        if (std::exception_ptr refused = refusal()) {
            this->emplace_error(std::move(refused));
            return false;
        }
        stop_scope const stoppable(link_in(running));
        running.begins(stoppable);
        return this->emplace_result(job);
    }

    continuation* execute_nested() noexcept {
        try {
            return forward_result(call_nested(), *this, &inner);
        } catch (...) {
            this->emplace_error(std::current_exception());
            return this->word.set(true);
        }
    }
    auto call_nested() {
        destroy_job const guard{job};
        return call_job();
    }
};

} // namespace hocket::detail
