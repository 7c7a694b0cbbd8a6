// SPDX-License-Identifier: MIT
// Actors: objects of plain classes. Each lives in one process, and runs one call at a time. Public.
#pragma once

#include <hocket/remote/actor/actor_call.hpp>
#include <hocket/remote/actor/actor_names.hpp>
#include <hocket/remote/actor/actors_elsewhere.hpp>
#include <hocket/remote/call/remote_pool.hpp>
#include <hocket/remote/call/remote_submit.hpp>
#include <hocket/remote/node/node_call.hpp>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <typeinfo>
#include <utility>

namespace hocket::inline HOCKET_ABI {

struct actor_options;

namespace detail {

[[noreturn]] [[gnu::cold]] void throw_no_actor();
/// Asks the driver for a handle, in a worker process. Returns null if there is no such actor, and in a driver.
actor_cell* find_elsewhere(std::string const& name, char const* type);
/// Kills the actor with that number, in a worker process, wherever the actor lives.
void kill_elsewhere(std::uint64_t number) noexcept;
/// Checks the options. **Throws** std::invalid_argument.
void check_actor_options(actor_options const& options);

/// Makes the object of an actor that reserves workers as long as it lives.
template<class Make>
struct make_with_grant {
    template<class... Args>
        requires std::is_invocable_v<Make, Args...>
    auto operator()(resource_grant&& grant, Args&&... args) && {
        if constexpr (requires { make.move_to(std::size_t()); })
            if (grant.slot() != resource_ledger::anywhere) make.move_to(grant.slot());
        auto* const object = std::move(make)(std::forward<Args>(args)...);
        cell->keep_with_object(std::make_shared<resource_grant>(std::move(grant)));
        return object;
    }

    Make make;
    actor_cell* cell;
};

/// Destroys a call that could not be sent.
template<class Call>
HOCKET_COLD void drop_unsent(Call& call) noexcept {
    call.drop_job();
    if constexpr (requires { call.emplace_error(std::exception_ptr()); }) {
        call.emplace_error(std::make_exception_ptr(std::bad_alloc()));
        (void)call.word.set(true);
        call.word.observe();
    }
    destroy_in_slab(&call);
}

} // namespace detail

/// Options of an actor, the second argument of its constructor:
/// `actor<Counter> c(all, actor_options{.name = "stats"}, 5)`.
struct actor_options {
    std::string name{}; ///< name for `find_actor`; empty: none
    /// Lives until it is killed, or the pool ends. The pool of a task in a worker process is in that process, so an
    /// actor that such a task makes ends with the process.
    bool detached = false;
    /// How often it is recreated with the arguments of its constructor when its process is lost. Its state is lost.
    std::uint32_t max_restarts = 0;
    /// How often a call is repeated whose process was lost before the answer. Other calls fail with `actor_died`.
    std::uint32_t call_retries = 0;
    std::uint32_t max_pending =
        0;                      ///< with this many calls in flight, `call` and `tell` throw `queue_full`; 0: no limit
    bool get_if_exists = false; ///< refers to the living actor of that name, if there is one
    /// Where it lives: `anywhere` (where the fewest actors live), `on(process)`, `near(ref)`, `spread`, or `here`.
    call_place where{};
    /// Workers of one process that it reserves as long as it lives. Its calls wait until it has them. More workers than
    /// there are is an error.
    std::uint32_t cpus = 0;
    std::uint32_t concurrency = 1; ///< number of calls that run at once: the class must be safe for that
    bool interleave = false;       ///< other calls may run while a coroutine method awaits
};

/// A handle of an object of class C that lives in some process of a pool. Copies refer to the same object. It lives
/// until the last handle is gone and the calls in flight have run. Calls by one task, or by one thread outside of
/// tasks, run in order.
///
/// **Threads** one at a time for each handle; several threads may use copies at once. Calls of the C run one after
/// another, and each sees the effects of the earlier calls.
template<class C>
class actor {
    static_assert(std::is_class_v<C> && !std::is_const_v<C>, "hocket: the C of actor<C> must be a class");

  public:
    /// Refers to no actor.
    actor() = default;
    /// Makes `C(args...)` on a thread of the pool. A ref among `args` passes its value once it is ready. If the
    /// constructor throws, all calls fail with its exception. **Blocks** never. **Throws** std::bad_alloc;
    /// std::invalid_argument for invalid options, or a name that is taken.
    template<class... Args>
    explicit actor(remote_pool& all, Args&&... args) : actor(all, actor_options{}, std::forward<Args>(args)...) {}
    template<class... Args>
    explicit actor(remote_pool& all, actor_options const& options, Args&&... args) {
        using maker = detail::object_maker<C>;
        using kept = detail::chosen_arguments<maker, std::tuple<>, Args...>;
        if constexpr (std::is_void_v<kept>)
            static_assert(detail::never<C, Args...>, "hocket: the class of this actor cannot be made from these "
                                                     "arguments: they arrive as rvalues, a ref<T> as T const&");
        else
            begin(all, options, kept{}, std::forward<Args>(args)...);
    }
    template<class... Args>
    explicit actor(remote_pool& all, actor_options&& options, Args&&... args)
        : actor(all, std::as_const(options), std::forward<Args>(args)...) {}
    template<class... Args>
    explicit actor(remote_pool& all, actor_options& options, Args&&... args)
        : actor(all, std::as_const(options), std::forward<Args>(args)...) {}
    /// Says what comes first.
    template<class Wrong, class... Args>
        requires(!std::is_base_of_v<remote_pool, std::remove_cvref_t<Wrong>> &&
                 !std::is_base_of_v<actor, std::remove_cvref_t<Wrong>>)
    explicit actor(Wrong&&, Args&&...) {
        static_assert(detail::never<Wrong>, "hocket: an actor takes the remote_pool in which it lives, then perhaps "
                                            "actor_options, and the arguments of its class: actor<C> a(cluster(), x)");
    }
    actor(actor const& other) noexcept : cell_(other.cell_) {
        if (cell_ != nullptr) cell_->retain();
    }
    actor(actor&& other) noexcept : cell_(std::exchange(other.cell_, nullptr)) {}
    actor& operator=(actor other) noexcept {
        std::swap(cell_, other.cell_);
        return *this;
    }
    ~actor() {
        if (cell_ != nullptr) cell_->release();
    }

    /// Calls `std::invoke(f, object, args...)` in the actor's turn, and returns a ref to the result:
    /// `c.call(&Counter::add, 5)`, or `c.call([](Counter& self, int x) { ... }, 5)`. A ref among `args` passes its
    /// value. Until the value is ready, later calls by the same caller wait as well. **Blocks** never. **Throws**
    /// std::bad_alloc, `queue_full`, and the exceptions of copying arguments. The ref reports all other errors.
    template<class F, class... Args>
    [[nodiscard("the ref of a call is discarded: use tell for calls whose result is not needed")]] auto
    call(F&& f, Args&&... args) const {
        using fn = std::decay_t<F>;
        using method = detail::bound_method<C, fn>;
        using kept = detail::chosen_arguments<method, std::tuple<>, Args...>;
        if constexpr (std::is_void_v<kept>) {
            explain<fn, Args...>();
            return ref<void>();
        } else {
            return send_call(std::forward<F>(f), kept{}, std::forward<Args>(args)...);
        }
    }
    /// Calls `std::invoke(f, object, args...)` like `call`, but without a result. Its exceptions are printed, once for
    /// each type.
    template<class F, class... Args>
    void tell(F&& f, Args&&... args) const {
        using fn = std::decay_t<F>;
        using method = detail::bound_method<C, fn>;
        using kept = detail::chosen_arguments<method, std::tuple<>, Args...>;
        if constexpr (std::is_void_v<kept>)
            explain<fn, Args...>();
        else
            send_tell(std::forward<F>(f), kept{}, std::forward<Args>(args)...);
    }

    /// Says how methods are called.
    template<class... Wrong>
    auto remote(Wrong&&...) const {
        static_assert(detail::never<Wrong...>, "hocket: an actor has no member remote: write a.call(&C::method, x)");
    }

    /// Kills the actor. Its name is free at return, and calls that have not begun fail with `actor_died`. The object is
    /// destroyed when the calls that have begun have finished.
    void kill() const {
        cell().kill();
        if (cell_->lives_elsewhere() && cell_->node() == nullptr) detail::kill_elsewhere(cell_->number());
    }
    /// Whether the actor was not killed, its constructor has not thrown, and its process lives or the actor is
    /// recreated.
    [[nodiscard]] bool alive() const noexcept { return cell_ != nullptr && cell_->alive(); }

    /// For the library: serializes a handle within a value that goes to another process, or that stays here but goes
    /// through bytes.
    template<class Archive>
    void serialize(Archive& archive) {
        if (archive.context == &detail::is_dropped) return;
        if constexpr (Archive::is_loading) {
            actor taken;
            if (archive.context == &detail::stays_here) { // the handle held by the bytes
                std::uintptr_t address = 0;
                archive(address);
                taken.cell_ = reinterpret_cast<detail::actor_cell*>(address);
            } else {
                taken.cell_ = detail::read_handle(archive);
            }
            *this = std::move(taken);
        } else if (archive.context == &detail::stays_here) {
            if (cell_ != nullptr) cell_->retain();
            archive(reinterpret_cast<std::uintptr_t>(cell_));
        } else {
            detail::write_handle(archive, cell_);
        }
    }
    /// For the library: adopts a handle.
    explicit actor(detail::actor_cell& adopted) noexcept : cell_(&adopted) {}

  private:
    detail::actor_cell& cell() const {
        if (cell_ == nullptr) [[unlikely]]
            detail::throw_no_actor();
        return *cell_;
    }

    template<class F, class... Args>
    static constexpr auto explain() {
        detail::say_why_not_called_remotely<F, std::tuple<C&>, Args...>();
    }

    template<class... Kept, class... Args>
    void begin(remote_pool& all, actor_options const& options, detail::type_list<Kept...>, Args&&... args) {
        if constexpr (detail::explain_call_travels<detail::object_maker<C>, void, Kept...>()) {
            detail::check_actor_options(options);
            detail::chosen_slot const place = detail::choose_slot(all.node(), options.where);
            detail::node* const to = place.here ? nullptr : all.node();
            detail::resource_terms reserved;
            if (options.cpus != 0)
                reserved =
                    detail::resources_asked(all, detail::resource_amounts{.cpus = options.cpus}, options.where, place);
            actor made(detail::actor_cell::make(all.threads().sched(),
                                                {options.max_pending, options.concurrency, options.interleave,
                                                 options.cpus, options.max_restarts, options.call_retries},
                                                to, all.sends_bytes()));
            detail::actor_cell& fresh = *made.cell_;
            try {
                if (!options.name.empty())
                    if (detail::actor_cell* const found =
                            all.names().take(options.name, typeid(C), fresh, options.get_if_exists))
                        made = actor(*found);
                if (made.cell_ == &fresh) {
                    using by_bytes = detail::call_by_bytes<C*, detail::object_maker<C>, void, Kept...>;
                    using in_node = detail::make_in_node<C, Kept...>;
                    using sent = detail::type_list<typename detail::sent_argument<Kept>::sent...>;
                    if (to != nullptr)
                        first_message<detail::actor_stub>(sent(), fresh, reserved,
                                                          in_node{detail::reserve_stub(fresh, *to, place.slot)},
                                                          std::forward<Args>(args)...);
                    else if (all.sends_bytes())
                        first_message<C>(sent(), fresh, reserved, by_bytes{}, std::forward<Args>(args)...);
                    else
                        first_message<C>(detail::type_list<Kept...>(), fresh, reserved, detail::object_maker<C>(),
                                         std::forward<Args>(args)...);
                    if (options.detached) all.names().detach(fresh);
                }
            } catch (...) {
                fresh.start();
                throw;
            }
            fresh.start();
            std::swap(cell_, made.cell_);
        }
    }
    template<class Object, class... Kept, class Make, class... Args>
    static void first_message(detail::type_list<Kept...>, detail::actor_cell& fresh, detail::resource_terms& reserved,
                              Make&& make, Args&&... args) {
        if (reserved) {
            using job = detail::submit_job<detail::no_stop, detail::make_with_grant<Make>,
                                           future<detail::resource_grant>, Kept...>;
            auto grant = detail::resource_request::ask(std::move(reserved), {}, hocket::stop_token());
            fresh.begin_with(*detail::make_in_slab<detail::actor_create<Object, job>>(
                fresh, detail::make_with_grant<Make>{std::move(make), &fresh}, std::move(grant),
                std::forward<Args>(args)...));
        } else {
            using job = detail::submit_job<detail::no_stop, Make, Kept...>;
            fresh.begin_with(*detail::make_in_slab<detail::actor_create<Object, job>>(fresh, std::move(make),
                                                                                      std::forward<Args>(args)...));
        }
    }

    template<class F, class... Kept, class... Args>
    auto send_call(F&& f, detail::type_list<Kept...>, Args&&... args) const {
        using fn = std::decay_t<F>;
        using method = detail::bound_method<C, fn>;
        using returned = detail::returned_remotely<method, Kept...>;
        using result = typename detail::promised<returned>::type;
        if constexpr (!detail::explain_call_travels<fn, result, Kept...>()) {
            return ref<result>();
        } else {
            detail::actor_cell& to = cell();
            if (!to.sends_bytes()) [[likely]]
                return push_call<result, Kept...>(to, method{std::forward<F>(f)}, std::forward<Args>(args)...);
            detail::check_callable_travels<fn>(f);
            if (to.lives_elsewhere())
                return push_call<result, typename detail::sent_argument<Kept>::sent...>(
                    to, detail::send_to_actor<result, C, fn, Kept...>{std::forward<F>(f), &to.pool()},
                    std::forward<Args>(args)...);
            if constexpr (detail::promised<returned>::coroutine) // it would hold the turn like a waiting call
                return push_call<result, Kept...>(to, method{std::forward<F>(f)}, std::forward<Args>(args)...);
            else
                return push_call<result, typename detail::sent_argument<Kept>::sent...>(
                    to, detail::call_by_bytes<result, fn, C, Kept...>{std::forward<F>(f)}, std::forward<Args>(args)...);
        }
    }
    template<class Result, class... Kept, class Method, class... Args>
    static ref<Result> push_call(detail::actor_cell& to, Method&& method, Args&&... args) {
        using job = detail::submit_job<detail::no_stop, Method, Kept...>;
        using message = detail::actor_call<Result, job>;
        message* const call = push<message>(to, std::move(method), std::forward<Args>(args)...);
        return ref<Result>(call);
    }

    template<class F, class... Kept, class... Args>
    void send_tell(F&& f, detail::type_list<Kept...> kept, Args&&... args) const {
        using fn = std::decay_t<F>;
        using method = detail::bound_method<C, fn>;
        using returned = detail::returned_remotely<method, Kept...>;
        if constexpr (detail::promised<returned>::coroutine || detail::promised<returned>::nested) {
            (void)send_call(std::forward<F>(f), kept, std::forward<Args>(args)...);
        } else if constexpr (detail::explain_call_travels<fn, returned, Kept...>()) {
            detail::actor_cell& to = cell();
            if (!to.sends_bytes()) [[likely]]
                return push_tell<Kept...>(to, method{std::forward<F>(f)}, std::forward<Args>(args)...);
            detail::check_callable_travels<fn>(f);
            if (to.lives_elsewhere())
                push_tell<typename detail::sent_argument<Kept>::sent...>(
                    to, detail::tell_actor<C, fn, Kept...>{std::forward<F>(f)}, std::forward<Args>(args)...);
            else
                push_tell<typename detail::sent_argument<Kept>::sent...>(
                    to, detail::call_by_bytes<returned, fn, C, Kept...>{std::forward<F>(f)},
                    std::forward<Args>(args)...);
        }
    }
    template<class... Kept, class Method, class... Args>
    static void push_tell(detail::actor_cell& to, Method&& method, Args&&... args) {
        using job = detail::submit_job<detail::no_stop, Method, Kept...>;
        (void)push<detail::actor_tell<job>>(to, std::move(method), std::forward<Args>(args)...);
    }

    template<class Message, class Method, class... Args>
    static Message* push(detail::actor_cell& to, Method&& method, Args&&... args) {
        to.count_call();
        Message* call = nullptr;
        try {
            call = detail::make_in_slab<Message>(to, std::move(method), std::forward<Args>(args)...);
            call->send();
        } catch (...) {
            if (call != nullptr) detail::drop_unsent(*call);
            to.call_ended();
            throw;
        }
        return call;
    }

    detail::actor_cell* cell_ = nullptr;
};

/// Returns a handle of the living actor with that name, or nothing. A worker process finds the actors of the driver, in
/// any process. **Blocks** in a worker process until the driver has answered. **Throws** std::invalid_argument if the
/// class of the actor is not C.
template<class C>
[[nodiscard]] std::optional<actor<C>> find_actor(remote_pool& all, std::string const& name) {
    detail::actor_cell* found = all.names().find(name, typeid(C));
    if (found == nullptr && all.node() == nullptr) found = detail::find_elsewhere(name, typeid(C).name());
    if (found == nullptr) return std::nullopt;
    return actor<C>(*found);
}

namespace this_actor {

/// Returns how often the running actor was recreated in another process; 0 if it was never lost.
[[nodiscard]] inline std::uint32_t restarts() noexcept {
    return detail::innermost_turn == nullptr ? 0 : detail::innermost_turn->cell->terms().restarts;
}

} // namespace this_actor
} // namespace hocket

#if HOCKET_BODIES
#include <hocket/remote/actor/actor.ipp>
#endif
