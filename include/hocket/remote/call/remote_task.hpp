// SPDX-License-Identifier: MIT
// Tasks of a remote pool with options, on threads: the resources that they hold, their retries, and their timeouts.
// Called by submit.
#pragma once

#include <hocket/base/atomic.hpp>
#include <hocket/base/lasting_error.hpp>
#include <hocket/base/stop_token.hpp>
#include <hocket/future/submit.hpp>
#include <hocket/future/timer.hpp>
#include <hocket/future/when/when_input.hpp>
#include <hocket/remote/call/remote_arguments.hpp>
#include <hocket/remote/call/remote_options.hpp>
#include <hocket/remote/call/remote_pool.hpp>
#include <hocket/remote/node/call_place.hpp>
#include <hocket/remote/object/ref.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace hocket::inline HOCKET_ABI::detail {

class resource_request;

/// The resources that a call or an actor requests, their location, and their ledger.
struct resource_terms {
    resource_ledger* from = nullptr; ///< null: nothing is requested
    resource_ledger::request asked{};
    std::shared_ptr<void const> keeps{};
    std::size_t slot = resource_ledger::anywhere; ///< process slot of a part of a group

    explicit operator bool() const noexcept { return from != nullptr; }
};

/// The resources that a task holds until it has finished.
class resource_grant {
  public:
    explicit resource_grant(resource_request& request) noexcept : request_(&request) {}
    resource_grant(resource_grant&& other) noexcept : request_(std::exchange(other.request_, nullptr)) {}
    resource_grant& operator=(resource_grant&&) = delete;
    ~resource_grant();

    /// Returns the process slot, or `resource_ledger::anywhere` if any process will do.
    std::size_t slot() const noexcept;
    resource_numbers const& numbers() const noexcept;
    resource_ledger::holding const& holding() const noexcept;

  private:
    resource_request* request_;
};

/// Requests resources when the arguments of a task are complete, even if they have failed. Requests nothing once a stop
/// is requested.
class resource_request : resource_ledger::waiter {
  public:
    /// Starts a request. **Throws** std::bad_alloc.
    static future<resource_grant> ask(resource_terms terms, std::vector<future_state_base*> const& arguments,
                                      hocket::stop_token const& stop);

  private:
    friend class resource_grant;
    struct link : continuation {
        resource_request* request;
    };
    struct on_request {
        resource_request* request;
        void operator()() const noexcept { request->stopped(); }
    };

    resource_request(resource_terms&& terms, std::size_t arguments);
    ~resource_request() = default;
    void arguments_ready() noexcept;
    void stopped() noexcept;
    void give() noexcept;
    void let_go() noexcept {
        if (users_.fetch_sub(1, std::memory_order_acq_rel) == 1)
            delete this; // resource_request.users ->, <- resource_request.users
    }

    resource_ledger& ledger_;
    std::size_t slot_;
    std::shared_ptr<void const> keeps_;
    future_state<resource_grant>* const state_; // owns a reference until the grant is delivered
    std::vector<link> links_;
    countdown left_;
    /// Writers: the grant or the stop that abandons the request; the thread that has made the request. Number of users.
    atomic<int> users_{2};
    hocket::stop_token stop_;
    std::optional<hocket::stop_callback<on_request>> on_stop_;
};

/// Collects the states of the refs among the arguments.
template<class A>
void add_argument_state(std::vector<future_state_base*>&, A const&) noexcept {}
template<class T, class As>
void add_argument_state(std::vector<future_state_base*>& to, ref_argument<T, As> const& from) {
    if (from.state() == nullptr) throw_no_state();
    to.push_back(from.state());
}

template<class A>
inline constexpr bool can_be_repeated = std::is_lvalue_reference_v<A> || std::is_copy_constructible_v<std::decay_t<A>>;

/// Calls F again if it has thrown, as often as permitted.
template<class F>
struct repeated {
    template<class... Args>
        requires std::is_invocable_v<F, Args...>
    auto operator()(Args&&... args) && -> std::decay_t<std::invoke_result_t<F, Args...>> {
        if constexpr (std::is_copy_constructible_v<F> && (can_be_repeated<Args&&> && ...)) {
            for (; repeats != 0; --repeats) {
                try {
                    return detail::call_once(F(fn), static_cast<copy_of<Args&&>>(args)...);
                } catch (...) {
                    if (this_task::stop_requested()) throw;
                }
            }
        }
        return detail::call_once(std::move(fn), std::forward<Args>(args)...);
    }
    template<class A>
    using copy_of = std::conditional_t<std::is_lvalue_reference_v<A>, A, std::decay_t<A>>;

    F fn;
    std::uint32_t repeats = 0;
};

/// Calls F with the resources that it holds as its first argument.
template<class F>
struct with_resources {
    template<class... Args>
        requires std::is_invocable_v<F, Args...>
    decltype(auto) operator()(resource_grant&& grant, Args&&... args) && {
        if constexpr (requires { F::sends; }) { // the call that it has sent holds them
            if (grant.slot() != resource_ledger::anywhere) fn.terms.slot = grant.slot();
            fn.terms.cpus = cpus;
            fn.numbers = grant.numbers();
            auto sent = std::move(fn)(std::forward<Args>(args)...);
            return std::move(sent).then(
                [held = std::move(grant)](decltype(sent) ended) { return std::move(ended).get(); });
        } else {
            resource_scope const scope(&grant.numbers());
            return std::move(fn)(std::forward<Args>(args)...);
        }
    }

    F fn;
    std::uint32_t cpus = 1;
};

/// The result of a task that is abandoned when its time has expired.
template<class T>
struct timed_result final : future_state<T>, timer_item, continuation {
    timed_result(scheduler& its_pool, hocket::stop_source&& its_source, future<T>&& its_task)
        : future_state<T>(type, &its_pool, false, 3), source(std::move(its_source)), inner(std::move(its_task)) {
        static constexpr continuation_kind tells = {
            [](continuation* self) noexcept { static_cast<timed_result*>(self)->task_ended(); },
            [](continuation const& self) noexcept -> future_state_base* {
                return const_cast<timed_result*>(&static_cast<timed_result const&>(self));
            }};
        this->continuation::kind = &tells;
        this->fire = [](timer_item* self) noexcept { static_cast<timed_result*>(self)->time_over(); };
        this->help = [](future_state_base& self, worker& me) noexcept {
            future_state_base& task = *static_cast<timed_result&>(self).inner.state();
            awaited_part const part(task.scope, true);
            return task.help != nullptr && task.help(task, me);
        };
    }

    /// Makes the result. **Throws** std::bad_alloc; then nothing was made, and the task continues.
    static ref<T> make(scheduler& its_pool, std::chrono::nanoseconds time, hocket::stop_source&& source,
                       hocket::stop_token const& outer, future<T>&& task) {
        auto* const made = make_in_slab<timed_result>(its_pool, std::move(source), std::move(task));
        made->scope = new_scope();
        ref<T> handle(made);
        made->due = due_after(time);
        if (outer.stop_possible()) made->on_stop.emplace(outer, request{made->source});
        try {
            start_timer(*made);
        } catch (...) {
            made->release(); // reference of the timer
            if (!made->inner.state()->add(*made)) made->task_ended();
            throw;
        }
        if (!made->inner.state()->add(*made)) made->task_ended();
        return handle;
    }
    void task_ended() noexcept {
        if (cancel_timer(*this)) this->release();
        on_stop.reset();
        future_state<T>& task = *inner.state();
        if (decided.win()) {
            bool good = true;
            if (task.failed()) {
                this->emplace_error(inner.hand_on_error());
                good = false;
            } else {
                good = this->emplace_result([&task]() -> T { return task.take(); });
            }
            call_ready(this->word.set(!good));
        } else if (task.failed()) {
            task.word.observe();
        }
        this->release();
    }
    void time_over() noexcept {
        if (decided.win()) {
            this->emplace_error(std::make_exception_ptr(timed_out()));
            call_ready_early(this->word.set(true));
            (void)source.request_stop();
        }
        this->release();
    }

    struct request {
        hocket::stop_source source;
        void operator()() const noexcept {
            hocket::stop_source kept = source; // this object may be destroyed meanwhile
            (void)kept.request_stop();
        }
    };
    static void help_outside(future_state_base& self) noexcept {
        future_state_base& task = *static_cast<timed_result&>(self).inner.state();
        awaited_part const part(task.scope, true);
        if (task.try_begin()) run_begun(&task, false);
    }
    static void give_up_task(future_state_base& self) noexcept {
        (void)static_cast<timed_result&>(self).source.request_stop();
    }
    static constexpr future_type with_help(future_type its_type) noexcept {
        its_type.help_outside = &help_outside;
        return its_type;
    }
    static constexpr future_type type = with_parts(with_help(type_of_state<timed_result, T>()), &give_up_task);

    race decided;
    hocket::stop_source source;
    future<T> inner;
    std::optional<hocket::stop_callback<request>> on_stop;
};

/// Returns the requested resources, beyond one worker or from a part of a group. `here` is the calling process.
/// **Throws** std::invalid_argument for a request that even an idle pool could not meet, and for a group that is gone.
resource_terms resources_asked(remote_pool& all, remote_options const& options, chosen_slot const& place);
resource_terms resources_asked(remote_pool& all, resource_amounts amounts, call_place const& where,
                               chosen_slot const& place);

/// Checks `kill_after`. **Throws** std::invalid_argument if it is not above 0, or the process of the call cannot be
/// killed.
void check_kill_after(remote_pool const& all, remote_options const& options, chosen_slot const& place);

/// Submits the callable returned by `make_call(token)`, which is called with the kept arguments.
template<class MakeCall, class... Kept>
auto submit_with_options(remote_pool& all, remote_options const& options, chosen_slot const& place,
                         MakeCall const& make_call, Kept... kept) {
    detail::check_kill_after(all, options, place);
    scheduler& pool = all.threads().sched();
    submit_options how{.stop = options.stop, .name = options.name};
    bool const timed = options.timeout != options.timeout.max();
    std::optional<hocket::stop_source> source;
    if (timed) {
        source.emplace();
        if (options.stop.stop_requested()) (void)source->request_stop();
        how.stop = source->get_token();
    }
    resource_terms terms = resources_asked(all, options, place);
    auto call = make_call(how.stop);
    auto const start = [&] {
        if (!terms) return detail::submit_all_with(pool, how, std::move(call), std::move(kept)...);
        std::vector<future_state_base*> arguments;
        (add_argument_state(arguments, kept), ...);
        future<resource_grant> grant = resource_request::ask(std::move(terms), arguments, how.stop);
        return detail::submit_all_with(pool, how, with_resources<decltype(call)>{std::move(call), options.cpus},
                                       std::move(grant), std::move(kept)...);
    };
    auto task = start();
    using result = typename future_value<decltype(task)>::type;
    if (timed)
        return timed_result<result>::make(pool, options.timeout, std::move(*source), options.stop, std::move(task));
    return ref<result>(task.take_state());
}

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/remote/call/remote_task.ipp>
#endif
