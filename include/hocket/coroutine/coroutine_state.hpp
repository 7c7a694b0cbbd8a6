// SPDX-License-Identifier: MIT
// A started coroutine with the state of its future; and a task that returns a coroutine, whose result becomes the
// task's result. Caller: coroutine/coroutine.hpp.
#pragma once

#include <hocket/coroutine/coroutine_run.hpp>
#include <hocket/future/future_forward.hpp>
#include <hocket/future/submit_job.hpp>
#include <hocket/future/task_state.hpp>
#include <hocket/future/timer.hpp>

#include <chrono>
#include <coroutine>
#include <exception>
#include <new>
#include <optional>
#include <type_traits>
#include <utility>

namespace hocket::inline HOCKET_ABI::detail {

template<class T>
class coroutine_promise;

template<class T>
struct promised<task<T>> {
    using type = T;
    static constexpr bool nested = false;
    static constexpr bool coroutine = true;
};

/// The stop and the delay of a coroutine that has not begun.
struct coroutine_start : timer_item {
    struct cancel {
        coroutine_run* run;
        void (*cancel_run)(coroutine_run*) noexcept;
        void operator()() const noexcept { cancel_run(run); }
    };

    coroutine_run* run = nullptr; // set if there is a delay
    std::optional<hocket::stop_callback<cancel>> on_request;
};

/// A submitted coroutine and the state of its future, in one block. The thread that begins it and the threads that
/// cancel it race, and the first decides its fate. A cancelled coroutine stays in its queue until its turn.
template<class T>
struct coroutine_state final : future_state<T>, coroutine_run {
    coroutine_state(scheduler& its_pool, task<T>&& from)
        : future_state<T>(type, &its_pool, false, 2),
          coroutine_run(its_pool, *this, &coroutine_state::finish),
          main(std::move(from)) {
        this->future_state<T>::scope = work_item::scope = new_scope();
        this->help = [](future_state_base& base, worker& me) noexcept { return run_one_of(me, base.scope); };
    }
    ~coroutine_state() {
        if (start_ != nullptr) destroy_in_slab(start_);
    }

    static coroutine_state* make(scheduler& pool, task<T>&& from) {
        (void)from.require_new();
        return make_in_slab<coroutine_state>(pool, std::move(from));
    }

    /// Sets the stop token before the start.
    void stop_by(hocket::stop_token its_token) noexcept {
        this->token = std::move(its_token);
        this->polled = this->token.stop_possible();
        try {
            if (this->polled) start_ = make_in_slab<coroutine_start>();
        } catch (std::bad_alloc const&) { // then a stop ends it at its turn
        }
    }

    void start() noexcept {
        prepare();
        listen();
        this->wake();
    }
    /// Starts the coroutine after `delay`. If this is impossible, the coroutine fails. The caller holds a reference.
    void start_after(std::chrono::nanoseconds delay) noexcept {
        prepare();
        try {
            if (start_ == nullptr) start_ = make_in_slab<coroutine_start>();
            start_->run = this;
            start_->due = due_after(delay);
            start_->pool = &this->home;
            start_->fire = [](timer_item* self) noexcept { static_cast<coroutine_start*>(self)->run->wake(true); };
            prepare_timer(*start_);
            listen();
            start_timer(*start_);
        } catch (...) {
            (void)cancel(std::current_exception());
            return one_is_through();
        }
        if (this->token.stop_requested() && cancel_timer(*start_)) one_is_through();
    }
    /// Starts the coroutine on this thread, up to the first suspension. The last access by the caller.
    void start_here() noexcept {
        prepare();
        work_item::run(this);
    }

    void prepare() noexcept {
        std::coroutine_handle<coroutine_promise<T>> const first = main.coroutine();
        first.promise().run = this;
        this->suspended = first;
        this->holds_home = this->holds_pool = this->home.handle().pending().add();
        work_item::run = &coroutine_state::begin;
    }

    static void begin(work_item* item) noexcept {
        auto* const self = static_cast<coroutine_state*>(static_cast<coroutine_run*>(item));
        if (!self->begun_.win()) return self->one_is_through();
        if (self->start_ != nullptr) self->start_->on_request.reset();
        if (self->stop_requested()) return self->end_with([]() -> T { throw operation_cancelled(); });
        item->run = &coroutine_run::go_on;
        coroutine_run::go_on(item);
    }

    static void finish(coroutine_run* base) noexcept {
        auto* const self = static_cast<coroutine_state*>(base);
        self->end_with([self]() -> T { return self->main.take(); });
    }

    /// Cancels the coroutine if it has not begun: its future fails, and the call returns true. The caller holds a
    /// reference, or is in the list of its token.
    HOCKET_COLD bool cancel(std::exception_ptr error) noexcept {
        if (!begun_.win()) return false;
        { task<T> const ended = std::move(main); }
        this->emplace_error(std::move(error));
        call_ready(this->word.set(true));
        if (start_ != nullptr && start_->run != nullptr && cancel_timer(*start_))
            one_is_through(); // in place of its turn
        one_is_through();
        return true;
    }

    template<class Take>
    void end_with(Take const& take) noexcept {
        this->leave_pool();
        pending_count* const pending = pool_that_waits();
        bool const good = this->emplace_result(take);
        {
            task<T> const ended =
                std::move(main); // before the future is ready: its arguments may refer to objects of the waiter
        }
        bool const early = this->leaves_futures.load(std::memory_order_relaxed);
        continuation* const newest = this->word.set(!good);
        if (early) [[unlikely]]
            call_ready_early(newest);
        else
            call_ready(newest);
        this->release();
        if (pending != nullptr) pending->done();
    }

    static constexpr future_type type =
        with_parts(type_of_state<coroutine_state, T>(nullptr), [](future_state_base& self) noexcept {
            auto& state = static_cast<coroutine_state&>(self);
            if (!state.cancel(error_without_memory<operation_cancelled>())) state.place.end();
        });

    task<T> main;

  private:
    /// Lets a stop cancel the coroutine from here on.
    void listen() noexcept {
        if (start_ == nullptr || !this->polled) return;
        start_->on_request.emplace(this->token,
                                   coroutine_start::cancel{this, [](coroutine_run* self) noexcept {
                                                               (void)static_cast<coroutine_state*>(self)->cancel(
                                                                   error_without_memory<operation_cancelled>());
                                                           }});
    }
    /// Counts the two ends of a cancelled coroutine: it was cancelled, and its turn has come. After both only its
    /// future refers to it.
    HOCKET_COLD void one_is_through() noexcept {
        if (!through_.one_less()) return;
        pending_count* const pending = pool_that_waits();
        this->release();
        if (pending != nullptr) pending->done();
    }
    pending_count* pool_that_waits() const noexcept {
        return this->holds_home ? &this->home.handle().pending() : nullptr;
    }

    coroutine_start* start_ = nullptr; // null without a token and a delay
    race begun_;                       // begun or cancelled
    countdown through_{2};
};

/// Moves the result of a coroutine into the state of the task that returned it, and destroys the task's job.
template<class State, class T>
struct coroutine_forwarder : forwarder<T, future<T>> {
    explicit coroutine_forwarder(State& its_task) noexcept : forwarder<T, future<T>>({}, its_task), job_of(its_task) {
        static constexpr continuation_kind forwards = {
            [](continuation* self) noexcept { call_ready(static_cast<coroutine_forwarder*>(self)->finish()); },
            [](continuation const& self) noexcept -> future_state_base* {
                return &static_cast<coroutine_forwarder const&>(self).job_of;
            }};
        this->kind = &forwards;
    }
    continuation* finish() noexcept {
        state_reference<future_state<T>> const target(this->to);
        bool const good = this->fill();
        this->leave_inner();
        job_of.destroy_job_now();
        destroy_in_slab(this);
        return target->word.set(!good);
    }

    State& job_of;
};

/// Runs a task that returns a coroutine: the result of the coroutine is the result of the task. The coroutine goes on
/// in the pool of the task, with its options. It has the same scope, so a thread that waits for the task may run it.
template<class State>
continuation* begin_coroutine(State& self) noexcept {
    using T = typename promised<std::remove_cvref_t<decltype(self.call_job())>>::type;
    using link = coroutine_forwarder<State, T>;
    link* forward = nullptr;
    try {
        forward = make_in_slab<link>(self);
        coroutine_state<T>* const state = coroutine_state<T>::make(*self.sched, self.call_job());
        forward->inner = future<T>(state);
        if constexpr (requires { self.job.when.token; }) {
            state->stop_by(self.job.when.token);
            state->name = self.job.when.name;
            state->level = self.kept.level;
            if (self.kept.rank != task_start::anywhere) state->rank = self.kept.rank;
        }
        state->own_state = &self; // the state that others hold, and may drop
        state->future_state<T>::scope = state->work_item::scope = self.scope;
        self.retain(); // the reference of the forwarder
        state->start();
        forward->part = &self.inner;
        self.inner.attach(*state);
        return state->add(*forward) ? nullptr : forward->finish();
    } catch (...) {
        if (forward != nullptr) destroy_in_slab(forward);
        self.destroy_job_now();
        self.emplace_error(std::current_exception());
        return self.word.set(true);
    }
}

} // namespace hocket::detail
