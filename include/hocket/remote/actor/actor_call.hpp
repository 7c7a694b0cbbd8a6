// SPDX-License-Identifier: MIT
// Calls of actors: a method, its arguments, and the state of its ref, in one block. Called by actor.
#pragma once

#include <hocket/future/task_state.hpp>
#include <hocket/future/wait_cycle.hpp>
#include <hocket/remote/actor/actor_cell.hpp>
#include <hocket/remote/actor/actor_coroutine.hpp>
#include <hocket/remote/call/remote_arguments.hpp>
#include <hocket/remote/call/remote_call.hpp>
#include <hocket/sched/pool_entry.hpp>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <type_traits>
#include <utility>

namespace hocket::inline HOCKET_ABI::detail {

/// Receives answers of worker processes. Returns whether there were any.
bool take_in(node& of) noexcept;
/// Polls for answers to a node, for as long as a thread spins before it sleeps. Called by a thread that waits for
/// `state`.
void poll_while_incomplete(node& of, future_state_base const& state) noexcept;

/// A method, or a callable that takes the object as its first argument.
template<class C, class F>
struct bound_method {
    template<class... Args>
        requires std::is_invocable_v<F, C&, Args...>
    auto operator()(Args&&... args) && -> std::decay_t<std::invoke_result_t<F, C&, Args...>> {
        return detail::call_once(std::move(fn), *object, std::forward<Args>(args)...);
    }

    F fn;
    C* object = nullptr; // set in the turn
};

/// The links to the arguments of a message that are not ready. The last one calls `arguments_ready` of the `Message`.
template<class Message, std::size_t count>
struct argument_links {
    struct link : continuation {
        Message* message;
    };

    /// Attaches the links. Returns true if all arguments are ready. Otherwise `arguments_ready` is called, perhaps at
    /// once. Called by the thread that has made the message.
    template<class Job>
    bool attach(Message& message, Job& job) noexcept {
        static constexpr continuation_kind tells = {[](continuation* self) noexcept {
                                                        Message& its_message = *static_cast<link*>(self)->message;
                                                        if (its_message.links.left.one_less())
                                                            its_message.arguments_ready();
                                                    },
                                                    [](continuation const& self) noexcept -> future_state_base* {
                                                        return static_cast<link const&>(self).message->result_state();
                                                    }};
        job.for_each([&](auto& dependency, std::size_t number) {
            link& one = links[number];
            one.kind = &tells;
            one.message = &message;
            if (!dependency.antecedent.state()->add(one)) (void)left.one_less(); // not the last: the caller holds that
        });
        return left.one_less();
    }

    link links[count];
    countdown left{static_cast<std::uint32_t>(count) + 1};
};
template<class Message>
struct argument_links<Message, 0> {};

/// The common part of calls and tells: a job in a message. `execute` of the `Call` runs it.
template<class Call, class Job>
struct actor_job : actor_message {
    template<class... Args>
    explicit actor_job(actor_cell& its_cell, Args&&... args)
        : cell(&its_cell), job(no_stop{}, std::forward<Args>(args)...) {
        this->run = [](actor_message& self, actor_cell&) noexcept { return static_cast<Call&>(self).execute(); };
    }
    ~actor_job() {} // the job was destroyed after its run

    static constexpr std::size_t dependencies = Job::dependencies;

    /// Pushes the message to the mailbox, in the order of the caller. Called by the holder of a handle. **Throws**
    /// std::bad_alloc; then nothing was sent.
    void send() {
        bool const in_order = cell->terms().concurrency == 1 && !cell->terms().interleave;
        if constexpr (dependencies != 0) {
            if (!all_there()) return send_later(in_order);
        }
        if (in_order && cell->holds_calls()) [[unlikely]]
            if (send_behind()) return;
        cell->push(*this);
    }
    void arguments_ready() noexcept { cell->arguments_ready(*held); }
    void drop_job() noexcept { job.~Job(); }

    actor_cell* cell;
    [[no_unique_address]] argument_links<Call, dependencies> links;
    held_call* held = nullptr;
    union {
        Job job;
    };

  private:
    /// Returns the identity of the caller, whose messages must keep their order: the running task, or the thread
    /// outside of tasks.
    static void const* caller() noexcept {
        return innermost_running != nullptr ? static_cast<void const*>(&innermost_running->state)
                                            : static_cast<void const*>(&innermost_running);
    }
    bool all_there() noexcept {
        bool there = true;
        job.for_each(
            [&](auto& dependency, std::size_t) { there = there && dependency.antecedent.state()->complete(); });
        return there;
    }
    HOCKET_COLD void send_later(bool in_order) {
        held = make_in_slab<held_call>();
        held->message = this;
        held->caller = in_order ? caller() : this;
        cell->hold(*held);
        if constexpr (dependencies != 0)
            if (links.attach(static_cast<Call&>(*this), job)) arguments_ready();
    }
    HOCKET_COLD bool send_behind() {
        held_call* const behind = make_in_slab<held_call>();
        behind->message = this;
        behind->caller = caller();
        if (cell->hold_behind(*behind)) return true;
        destroy_in_slab(behind);
        return false;
    }
};

/// A call whose result a ref refers to. T is the returned type of the method, or the value of a ref, a future or a
/// coroutine that it returns.
template<class T, class Job>
struct actor_call final : future_state<T>, actor_job<actor_call<T, Job>, Job> {
    using part = actor_job<actor_call, Job>;
    using returned = std::remove_cv_t<std::invoke_result_t<Job&>>;

    template<class... Args>
    explicit actor_call(actor_cell& its_cell, Args&&... args)
        : future_state<T>(types[its_cell.terms().concurrency > 1 ? 0
                                : its_cell.terms().interleave    ? 1
                                                                 : 2],
                          &its_cell.pool(), false, 2),
          part(its_cell, std::forward<Args>(args)...) {
        this->scope = its_cell.scope();
        this->help = &help_call;
    }

    bool execute() noexcept {
        actor_cell& its_cell = *this->cell;
        if (std::exception_ptr refused = refusal()) [[unlikely]]
            return fail(std::move(refused));
        if constexpr (promised<returned>::coroutine) {
            return begin_actor_coroutine(*this);
        } else if constexpr (promised<returned>::nested) {
            continuation* newest = nullptr;
            try {
                newest = forward_result<T>(call_job(), *this);
            } catch (...) {
                return fail(std::current_exception());
            }
            this->job.~Job();
            its_cell.call_ended();
            return end(newest);
        } else {
            bool good = false;
            {
                running_scope const running(*this);
                stop_scope const stoppable(&running);
                this->job.fn.object = static_cast<object_type*>(its_cell.object());
                good = this->emplace_result(this->job);
            }
            this->job.~Job();
            its_cell.call_ended(); // before another thread sees the result
            return end(this->word.set(!good));
        }
    }
    /// Runs the method in the scopes of a task. **Throws** the exceptions of the method.
    returned call_job() {
        running_scope const running(*this);
        stop_scope const stoppable(&running);
        this->job.fn.object = static_cast<object_type*>(this->cell->object());
        return this->job();
    }
    bool fail(std::exception_ptr error) noexcept {
        this->job.~Job();
        this->emplace_error(std::move(error));
        this->cell->call_ended();
        return end(this->word.set(true));
    }
    bool end(continuation* newest) noexcept {
        call_ready(newest);
        this->release();
        return true;
    }
    future_state_base* result_state() noexcept { return this; }

  private:
    using object_type = std::remove_pointer_t<decltype(Job::fn.object)>;

    std::exception_ptr refusal() noexcept {
        std::exception_ptr refused = this->cell->refusal();
        if (refused == nullptr && this->word.unwanted()) [[unlikely]]
            refused = error_without_memory<operation_cancelled>();
        if constexpr (part::dependencies != 0)
            if (refused == nullptr) refused = this->job.refusal();
        return refused;
    }
    static bool help_call(future_state_base& base, worker& me) noexcept {
        job_scope const scope(me, me.base_depth + 1);
        actor_cell& its_cell = *static_cast<actor_call&>(base).cell;
        return its_cell.help(base) || run_one_of(me, base.scope) ||
               (its_cell.node() != nullptr && !base.complete() && take_in(*its_cell.node()));
    }
    static void help_outside(future_state_base& base) noexcept {
        trace_scope const traced("call", "task");
        actor_cell& its_cell = *static_cast<actor_call&>(base).cell;
        (void)its_cell.help(base);
        if (its_cell.node() != nullptr && !base.complete()) poll_while_incomplete(*its_cell.node(), base);
    }

    static constexpr future_type type_for(computing_order order) noexcept {
        return ordered_type(type_of_state<actor_call, T>(), order, &help_outside);
    }
    static constexpr future_type types[] = {type_for(computing_order::any), type_for(computing_order::one_runs),
                                            type_for(computing_order::one_by_one)};
};

/// A call without a waiter.
template<class Job>
struct actor_tell final : actor_job<actor_tell<Job>, Job> {
    using actor_job<actor_tell, Job>::actor_job;

    bool execute() noexcept {
        actor_cell& its_cell = *this->cell;
        std::exception_ptr error = its_cell.refusal();
        if (error == nullptr) error = this->job.refusal();
        if (error == nullptr) {
            try {
                stop_scope const apart(nullptr);
                this->job.fn.object = static_cast<std::remove_pointer_t<decltype(Job::fn.object)>*>(its_cell.object());
                this->job();
            } catch (...) {
                error = std::current_exception();
            }
        }
        if (error != nullptr) [[unlikely]]
            its_cell.report(error);
        this->job.~Job();
        destroy_in_slab(this);
        its_cell.call_ended();
        return true;
    }
    static future_state_base* result_state() noexcept { return nullptr; }
};

/// The first message of an actor, which makes its object.
template<class C, class Job>
struct actor_create final : actor_job<actor_create<C, Job>, Job> {
    using part = actor_job<actor_create, Job>;
    using part::part;

    bool execute() noexcept {
        if constexpr (part::dependencies != 0) {
            if (!attached_) {
                attached_ = true;
                this->cell->begin_with(*this);
                if (!this->links.attach(*this, this->job)) return false;
                this->cell->forget_begun();
            }
        }
        make();
        this->job.~Job();
        destroy_in_slab(this);
        return true;
    }
    void arguments_ready() noexcept { this->cell->go_on(); }
    static future_state_base* result_state() noexcept { return nullptr; }

  private:
    void make() noexcept {
        if (this->cell->refusal() != nullptr) return;
        if (std::exception_ptr error = this->job.refusal()) return this->cell->fail(std::move(error));
        try {
            stop_scope const apart(nullptr);
            this->cell->set_object(this->job(), [](void* object) noexcept { delete static_cast<C*>(object); });
        } catch (...) {
            this->cell->fail(std::current_exception());
        }
    }

    bool attached_ = false;
};

} // namespace hocket::detail
