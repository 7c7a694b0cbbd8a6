// SPDX-License-Identifier: MIT
// Calls that run in some process of a pool: submit to a `remote_pool`, and `put`. Public.
#pragma once

#include <hocket/base/anything.hpp>
#include <hocket/future/submit.hpp>
#include <hocket/remote/call/remote_arguments.hpp>
#include <hocket/remote/call/remote_options.hpp>
#include <hocket/remote/call/remote_pool.hpp>
#include <hocket/remote/call/remote_task.hpp>
#include <hocket/remote/node/node_call.hpp>
#include <hocket/remote/object/shared_memory.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace hocket::inline HOCKET_ABI {

namespace detail {

template<class T>
struct view_of_value<shared_array<T>> {
    using type = std::span<T const>;
};

/// Calls F once, and returns a value.
template<class F>
struct by_value {
    template<class... Args>
        requires std::is_invocable_v<F, Args...>
    auto operator()(Args&&... args) && -> std::decay_t<std::invoke_result_t<F, Args...>> {
        return detail::call_once(std::move(fn), std::forward<Args>(args)...);
    }

    [[no_unique_address]] F fn;
};

/// Whether F can be called with the arguments of a remote call. If not, the program does not compile.
template<class F, class... Args>
constexpr bool check_remote_callable() {
    constexpr bool callable = !std::is_void_v<chosen_arguments<F, std::tuple<>, Args...>>;
    if constexpr (!callable) detail::say_why_not_called_remotely<F, std::tuple<>, Args...>();
    return callable;
}

/// The value of a task that calls F with its kept arguments, after unpacking a returned ref, future or coroutine.
template<class F, class... Kept>
using returned_remotely = std::remove_cv_t<std::invoke_result_t<submit_job<no_stop, F, Kept...>&>>;

template<class Options, class F, class... Kept, class... Args>
HOCKET_COLD auto submit_by_bytes(remote_pool& all, [[maybe_unused]] Options options, F&& f, type_list<Kept...>,
                                 Args&&... args) {
    using fn = std::decay_t<F>;
    using result = typename promised<returned_remotely<by_value<fn>, Kept...>>::type;
    using on_threads = call_by_bytes<result, fn, void, Kept...>;
    using in_node = send_to_node<result, fn, Kept...>;
    scheduler& pool = all.threads().sched();
    node* const to = all.node();
    constexpr bool waits = !std::is_null_pointer_v<Options> || (sent_argument<Kept>::is_dependency || ...);
    if (waits || to == nullptr) check_callable_travels<fn>(f); // otherwise it is written at once
    if constexpr (std::is_null_pointer_v<Options>) {
        if (to == nullptr)
            return ref(detail::submit_all(pool, on_threads{std::forward<F>(f)},
                                          typename sent_argument<Kept>::sent(std::forward<Args>(args))...)
                           .take_state());
        in_node send{std::forward<F>(f), 0, to, &pool, {}};
        if constexpr (!waits)
            return ref(std::move(send)(Kept(std::forward<Args>(args))...).take_state());
        else
            return ref(detail::submit_all(pool, std::move(send),
                                          typename sent_argument<Kept>::sent(std::forward<Args>(args))...)
                           .take_state());
    } else {
        std::uint32_t const repeats = options->retry_errors ? options->retries : 0;
        chosen_slot const place = choose_slot(to, options->where);
        if (to == nullptr || place.here)
            return detail::submit_with_options(
                all, *options, place,
                [&](hocket::stop_token const&) {
                    return on_threads{std::forward<F>(f), repeats};
                },
                typename sent_argument<Kept>::sent(std::forward<Args>(args))...);
        call_terms const terms{
            .slot = place.slot, .retries = options->retries, .name = options->name, .kill_after = options->kill_after};
        return detail::submit_with_options(
            all, *options, place,
            [&](hocket::stop_token const& stop) {
                return in_node{std::forward<F>(f), repeats, to, &pool, terms, stop};
            },
            typename sent_argument<Kept>::sent(std::forward<Args>(args))...);
    }
}

template<class Options, class F, class... Kept, class... Args>
auto submit_kept(remote_pool& all, [[maybe_unused]] Options options, F&& f, type_list<Kept...> kept, Args&&... args) {
    using fn = by_value<std::decay_t<F>>;
    using result = typename promised<returned_remotely<fn, Kept...>>::type;
    if constexpr (detail::explain_call_travels<std::decay_t<F>, result, Kept...>()) {
        if (all.sends_bytes()) [[unlikely]]
            return detail::submit_by_bytes(all, options, std::forward<F>(f), kept, std::forward<Args>(args)...);
        if constexpr (std::is_null_pointer_v<Options>) {
            return ref<result>(
                detail::submit_all(all.threads().sched(), fn{std::forward<F>(f)}, Kept(std::forward<Args>(args))...)
                    .take_state());
        } else {
            std::uint32_t const repeats = options->retry_errors ? options->retries : 0;
            return detail::submit_with_options(
                all, *options, detail::choose_slot(nullptr, options->where),
                [&](hocket::stop_token const&) {
                    return repeated<fn>{fn{std::forward<F>(f)}, repeats};
                },
                Kept(std::forward<Args>(args))...);
        }
    } else {
        return ref<result>();
    }
}

template<class Options, class F, class... Args>
auto submit_remotely(remote_pool& all, Options options, F&& f, Args&&... args) {
    if constexpr (detail::check_remote_callable<std::decay_t<F>, Args...>()) {
        using kept = chosen_arguments<std::decay_t<F>, std::tuple<>, Args...>;
        return detail::submit_kept(all, options, std::forward<F>(f), kept{}, std::forward<Args>(args)...);
    } else {
        return ref<void>();
    }
}

template<class...>
inline constexpr bool ends_with_remote_options = false;
template<class First, class... Rest>
inline constexpr bool
    ends_with_remote_options<First, Rest...> = sizeof...(Rest) == 0
                                                   ? std::is_same_v<std::remove_cvref_t<First>, remote_options>
                                                   : ends_with_remote_options<Rest...>;

template<std::size_t... at, class F, class Arguments>
auto submit_remotely_unpacked(remote_pool& all, std::index_sequence<at...>, F&& f, Arguments&& given) {
    remote_options const& options = std::get<sizeof...(at)>(given);
    return detail::submit_remotely(
        all, &options, std::forward<F>(f),
        std::forward<std::tuple_element_t<at, std::remove_reference_t<Arguments>>>(std::get<at>(given))...);
}

} // namespace detail

/// Starts `fn(args...)` in some process of a pool, and returns a ref to its result.
///
/// An argument that is a `ref<T>` is a dependency: the task begins when all dependencies are ready, and `fn` receives
/// the value as a `T const&`. For a vector or a string, `fn` may take a std::span or std::string_view of the value. If
/// `fn` takes a `ref<T>`, it receives the ref, and refs within containers stay refs. When a dependency fails, `fn` is
/// not called, and the result fails with the same error. Other arguments are copied or moved into the task, and passed
/// to `fn` as rvalues, so a task cannot change its caller's objects. The result of `fn` becomes a value. A returned
/// ref, future or coroutine is unpacked.
///
/// **Threads** any. **Blocks** never. **Throws** the exceptions of copying the arguments, std::bad_alloc,
/// std::logic_error for an empty ref; then nothing was started. The ref reports the exceptions of `fn`. **Order**
/// effects before the call happen before `fn`. **Cost** on threads the cost of `submit` to a pool.
///
/// The last argument may be a `remote_options`.
template<class F, class... Args>
[[nodiscard]] auto submit(remote_pool& all, F&& fn, Args&&... args) {
    if constexpr (detail::ends_with_remote_options<Args...>)
        return detail::submit_remotely_unpacked(all, std::make_index_sequence<sizeof...(Args) - 1>{},
                                                std::forward<F>(fn),
                                                std::forward_as_tuple(std::forward<Args>(args)...));
    else
        return detail::submit_remotely(all, nullptr, std::forward<F>(fn), std::forward<Args>(args)...);
}
template<class F>
[[nodiscard]] auto submit(remote_pool& all, F&& fn, remote_options const& options) {
    return detail::submit_remotely(all, &options, std::forward<F>(fn));
}
template<class F, class A>
[[nodiscard]] auto submit(remote_pool& all, F&& fn, A&& argument, remote_options const& options) {
    return detail::submit_remotely(all, &options, std::forward<F>(fn), std::forward<A>(argument));
}
template<class F, class A, class B>
[[nodiscard]] auto submit(remote_pool& all, F&& fn, A&& first, B&& second, remote_options const& options) {
    return detail::submit_remotely(all, &options, std::forward<F>(fn), std::forward<A>(first), std::forward<B>(second));
}
template<class F, class A, class B, class C>
[[nodiscard]] auto submit(remote_pool& all, F&& fn, A&& first, B&& second, C&& third, remote_options const& options) {
    return detail::submit_remotely(all, &options, std::forward<F>(fn), std::forward<A>(first), std::forward<B>(second),
                                   std::forward<C>(third));
}
template<class F, class A, class B, class C, class D>
[[nodiscard]] auto submit(remote_pool& all, F&& fn, A&& first, B&& second, C&& third, D&& fourth,
                          remote_options const& options) {
    return detail::submit_remotely(all, &options, std::forward<F>(fn), std::forward<A>(first), std::forward<B>(second),
                                   std::forward<C>(third), std::forward<D>(fourth));
}

/// Makes an array in shared memory available to calls, without a copy. A call receives a `std::span` of it, or the
/// array. **Threads** any. **Blocks** never. **Throws** std::bad_alloc.
template<class T>
ref<shared_array<T>> put(shared_array<T> array) {
    auto* const state = detail::make_state<shared_array<T>>(nullptr, 1);
    ref<shared_array<T>> result(state);
    state->set_value(std::move(array));
    return result;
}

/// Makes a value available to calls. An rvalue is moved. **Threads** any. **Blocks** never. **Throws** the exceptions
/// of the copy, std::bad_alloc.
template<class T>
ref<std::decay_t<T>> put(remote_pool&, T&& value) {
    (void)detail::explain_travels<std::decay_t<T>>();
    auto* const state = detail::make_state<std::decay_t<T>>(nullptr, 1);
    ref<std::decay_t<T>> result(state);
    state->set_value(std::forward<T>(value));
    return result;
}

namespace detail {

struct put_usage {
    template<class T>
    static constexpr auto says() {
        static_assert(never<T>, "hocket: put takes a remote_pool and a value: put(cluster(), x)");
        return true;
    }
};

} // namespace detail

/// Says what put takes.
inline void put(detail::anything<detail::put_usage>, detail::anything_else = {}) {}

namespace detail {

/// A call of `on_each_process`.
template<class F>
struct each_call {
    F f;
    void operator()() { (void)f(); }
};

} // namespace detail

template<class F>
void remote_pool::on_each_process(F f) {
    static_assert(std::is_invocable_v<F&>, "hocket: on_each_process takes a callable without arguments");
    if constexpr (detail::explain_travels<F>()) {
        detail::node* const to = node();
        if (to == nullptr) return threads_->run([&f] { (void)f(); });
        using call = detail::each_call<F>;
        detail::archive_writer bytes;
        detail::write_remote_call<call>(bytes, call{f}, 0);
        std::size_t const start = to->add_start_call({detail::remote_thunk<call, void>::token(), std::move(bytes.bytes),
                                                      std::move(bytes.memory)}); // for processes that join later
        std::vector<future<void>> calls;
        for (std::size_t slot = 0; slot != to->size(); ++slot)
            calls.push_back(
                detail::send_to_node<void, call>{call{f}, 0, to, &threads_->sched(), {.slot = slot, .start = start}}());
        for (future<void>& each : calls) each.get();
    }
}

} // namespace hocket
