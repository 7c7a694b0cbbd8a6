// SPDX-License-Identifier: MIT
// Operations on several refs: their values, the refs that are ready first, and the parts of a tuple. Public: get, wait,
// split.
#pragma once

#include <hocket/base/anything.hpp>
#include <hocket/future/when/wait_for_some.hpp>
#include <hocket/remote/object/ref.hpp>

#include <cstddef>
#include <exception>
#include <stdexcept>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace hocket::inline HOCKET_ABI {

namespace detail {

/// Gives up the calls that the body of this thread has started, and whose results only these refs hold, if the
/// operation around it was stopped. With kept_by::lender the refs are copies. Returns whether it was stopped.
template<class T>
bool give_up_if_stopped(std::vector<ref<T>> const& refs, kept_by by = kept_by::refs) noexcept {
    if (!stop_scope::finds_stopped_here()) [[likely]]
        return false;
    for (ref<T> const& each : refs)
        if (each.valid() && is_ours(*each.state(), by)) give_up(*each.state());
    tell_of_stop();
    return true;
}

/// Waits until all refs are ready, or the first failed one in their order is known. **Throws** its error.
template<class T>
void wait_for_each(std::vector<ref<T>> const& refs) {
    bool stopped = false;
    for (ref<T> const& each : refs) {
        if (!stopped && !each.ready()) stopped = give_up_if_stopped(refs);
        try {
            (void)each.get();
        } catch (operation_cancelled const&) {
            if (!stopped) (void)give_up_if_stopped(refs);
            throw;
        }
    }
}

} // namespace detail

/// Returns the values of all refs, in their order. **Blocks** until all are ready, or the first failed ref in this
/// order is known. **Throws** the error of that ref; other errors stay in their refs.
template<class T>
std::conditional_t<std::is_void_v<T>, void, std::vector<detail::stored_value<T>>> get(std::vector<ref<T>> const& refs) {
    if constexpr (std::is_void_v<T>) {
        detail::wait_for_each(refs);
    } else {
        detail::wait_for_each(refs);
        std::vector<T> values;
        values.reserve(refs.size());
        for (ref<T> const& each : refs) values.push_back(each.get());
        return values;
    }
}
/// Returns the values of refs that are moved in. Values that only these refs hold are moved out.
template<class T>
auto get(std::vector<ref<T>>&& refs) {
    if constexpr (std::is_void_v<T>) {
        hocket::get(std::as_const(refs));
    } else {
        detail::wait_for_each(refs);
        std::vector<T> values;
        values.reserve(refs.size());
        for (ref<T>& each : refs) values.push_back(each.take());
        return values;
    }
}

/// Says what to call for one ref, and for futures.
template<class T>
auto get(ref<T> const&) {
    static_assert(detail::never<T>, "hocket: get takes a std::vector of refs: for one ref, write ref.get()");
}
template<class T>
auto get(std::vector<T> const&) {
    static_assert(detail::never<T>,
                  "hocket: get takes a std::vector of refs: for a vector of futures, write when_all(futures).get()");
}

namespace detail {

/// Runs work of a call that the calling thread waits for, as far as this thread may run it.
void help_ref(future_state_base& state, kept_by by);

/// Waits until `count` more of the pending refs are complete, or the time has expired.
template<class T>
HOCKET_COLD void wait_for_pending(std::vector<ref<T>> const& refs, std::size_t count, std::chrono::nanoseconds timeout,
                                  kept_by by) {
    std::vector<shared_future<T>> pending;
    std::size_t ready = 0;
    for (ref<T> const& each : refs) {
        future_state<T>& state = *each.state();
        if (state.complete()) {
            ++ready;
            continue;
        }
        state.retain();
        pending.emplace_back(&state);
    }
    if (ready >= count) return;
    (void)detail::wait_for_some(std::move(pending), {.count = count - ready, .timeout = timeout}, by);
}

/// Waits until `count` of the refs are ready, or the time has expired.
template<class T>
wait_result<ref<T>> wait_for_refs(std::vector<ref<T>>&& refs, wait_options options, kept_by by) {
    if (options.count == wait_options::all) options.count = refs.size();
    if (options.count > refs.size())
        throw std::invalid_argument("hocket: wait_options::count is greater than the number of refs");
    std::size_t found = 0;
    std::size_t looked = 0;
    bool stopped = false;
    auto const look = [&] {
        for (; looked != refs.size() && found != options.count; ++looked) found += refs[looked].ready() ? 1u : 0u;
    };
    look();
    if (found != options.count && options.timeout == options.timeout.max()) {
        for (std::size_t i = 0; i != refs.size() && found != options.count; ++i) {
            future_state_base& state = *refs[i].state();
            if (state.complete()) continue;
            if (!stopped) stopped = give_up_if_stopped(refs, by);
            if (!state.complete()) help_ref(state, by);
            found += state.complete() ? 1u : 0u;
        }
    }
    if (found != options.count && options.timeout > options.timeout.zero())
        wait_for_pending(refs, options.count, options.timeout, by);
    wait_result<ref<T>> result;
    result.ready.reserve(options.count);
    std::size_t kept = 0;
    std::size_t i = 0;
    for (; i != refs.size() && result.ready.size() != options.count; ++i) {
        if (refs[i].state()->complete())
            result.ready.push_back(std::move(refs[i]));
        else
            std::swap(refs[kept++], refs[i]);
    }
    if (kept != i)
        refs.erase(refs.begin() + static_cast<std::ptrdiff_t>(kept), refs.begin() + static_cast<std::ptrdiff_t>(i));
    result.pending = std::move(refs);
    return result;
}

} // namespace detail

/// Waits until `count` of these refs are ready, all by default, or the time has expired. The counterpart of Ray's wait:
/// `auto [ready, pending] = wait(std::move(pending_ones), {.count =
/// 1});`. Both results keep the order, and `ready` has at most `count` refs. A ref that occurs twice counts twice.
///
/// **Blocks** as `future::wait` with all refs; with a timeout as `future::wait_for`. A timeout of 0 checks once.
/// **Throws** std::invalid_argument if `count` exceeds the number of refs, std::logic_error for an empty ref. Errors of
/// the calls stay in the refs. **Cost** one or two nanoseconds for each ref that is moved in, beside the wait.
template<class T>
wait_result<ref<T>> wait(std::vector<ref<T>>&& refs, wait_options options = {}) {
    return detail::wait_for_refs(std::move(refs), options, detail::kept_by::refs);
}
/// Waits in the same way on copies of the refs, and leaves the vector unchanged.
template<class T>
wait_result<ref<T>> wait(std::vector<ref<T>> const& refs, wait_options options = {}) {
    return detail::wait_for_refs(std::vector<ref<T>>(refs), options, detail::kept_by::lender);
}

namespace detail {

/// Passes each part of a value to its own ref.
template<class Whole, class... Parts>
struct splitter : continuation {
    template<std::size_t... at>
    static std::tuple<ref<Parts>...> split(ref<Whole> whole, std::index_sequence<at...>) {
        if (!whole.valid()) throw_no_state();
        std::tuple<ref<Parts>...> parts(ref<Parts>(make_state<Parts>(nullptr, 1))...);
        auto* const made = make_in_slab<splitter>();
        static constexpr continuation_kind tells = {
            [](continuation* self) noexcept { static_cast<splitter*>(self)->template give<at...>(); },
            [](continuation const& self) noexcept -> future_state_base* {
                return std::get<0>(static_cast<splitter const&>(self).to).get();
            }};
        made->kind = &tells;
        (std::get<at>(parts).state()->retain(), ...);
        made->to = {state_reference<ref_state<Parts>>(std::get<at>(parts).state())...};
        made->from = std::move(whole);
        if (!made->from.state()->add(*made)) made->template give<at...>();
        return parts;
    }
    template<std::size_t... at>
    void give() noexcept {
        ref_state<Whole>& state = *from.state();
        auto const give_one = [&]<std::size_t i, class Part>(std::integral_constant<std::size_t, i>,
                                                             ref_state<Part>& part) {
            bool good = false;
            if (state.failed()) {
                part.emplace_error(state.error());
            } else {
                good = part.emplace_result([&]() -> Part {
                    if (!state.word.lent()) return std::move(std::get<i>(state.value()));
                    if constexpr (value_can_be_copied<Part>)
                        return Part(std::get<i>(std::as_const(state.value())));
                    else
                        throw_value_is_shared();
                });
            }
            call_ready(part.word.set(!good));
        };
        (give_one(std::integral_constant<std::size_t, at>(), *std::get<at>(to)), ...);
        destroy_in_slab(this);
    }

    ref<Whole> from;
    std::tuple<state_reference<ref_state<Parts>>...> to;
};

} // namespace detail

/// Returns a ref for each part of a tuple that a call returns: `auto [x, y] = split(submit(all, f));`. If the call
/// fails, all of the refs fail with its error. **Threads** any. **Blocks** never. **Throws** std::logic_error for an
/// empty ref, std::bad_alloc.
template<class... Parts>
    requires(sizeof...(Parts) != 0)
[[nodiscard]] std::tuple<ref<Parts>...> split(ref<std::tuple<Parts...>> whole) {
    return detail::splitter<std::tuple<Parts...>, Parts...>::split(std::move(whole),
                                                                   std::index_sequence_for<Parts...>());
}
template<class First, class Second>
[[nodiscard]] std::tuple<ref<First>, ref<Second>> split(ref<std::pair<First, Second>> whole) {
    return detail::splitter<std::pair<First, Second>, First, Second>::split(std::move(whole),
                                                                            std::index_sequence<0, 1>());
}

namespace detail {

struct split_usage {
    template<class T>
    static constexpr auto says() {
        static_assert(never<T>, "hocket: split takes a ref to a std::tuple of at least one part or to a std::pair: "
                                "what submit to a remote_pool returns for a callable with such a result");
        return true;
    }
};

} // namespace detail

/// Says what split takes.
inline void split(detail::anything<detail::split_usage>) {}

} // namespace hocket

#if HOCKET_BODIES
#include <hocket/remote/object/ref_wait.ipp>
#endif
