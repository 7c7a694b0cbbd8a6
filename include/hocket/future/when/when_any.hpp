// SPDX-License-Identifier: MIT
// One future for several, the first of which counts: when_any. Public.
#pragma once

#include <hocket/base/anything.hpp>
#include <hocket/future/future.hpp>
#include <hocket/future/future_task.hpp>
#include <hocket/future/when/when_input.hpp>

#include <cstddef>
#include <stdexcept>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace hocket::inline HOCKET_ABI {

namespace detail {

/// The futures in the result of `when_any`. A copy has those that can be copied: shared futures, otherwise none.
template<class Future>
class other_futures : public std::vector<Future> {
    using base = std::vector<Future>;
    static constexpr bool copies = std::is_copy_constructible_v<Future>;

    static base copy_of(other_futures const& from) {
        if constexpr (copies)
            return from;
        else
            return base();
    }

  public:
    other_futures() = default;
    other_futures(base&& futures) noexcept : base(std::move(futures)) {}
    other_futures(other_futures const& from) : base(copy_of(from)) {}
    other_futures(other_futures&&) noexcept = default;
    other_futures& operator=(other_futures const& from) { return *this = other_futures(from); }
    other_futures& operator=(other_futures&&) noexcept = default;
    ~other_futures() = default;
};

} // namespace detail

/// The value that was ready first: `auto [index, value] = when_any(futures).get();`
template<class T, class Future = future<T>>
struct any_result {
    std::size_t index = 0; ///< its place among the futures
    T value;               ///< its value; `nothing` for void
    /// The other futures, each at its place, as usable as before; at `index` a future that holds nothing. They stay in
    /// this object: a copy of the result has no others, unless they are shared futures.
    detail::other_futures<Future> others;
};

template<std::size_t At, class T, class Future>
decltype(auto) get(any_result<T, Future>& result) noexcept {
    if constexpr (At == 0)
        return (result.index);
    else
        return (result.value);
}
template<std::size_t At, class T, class Future>
decltype(auto) get(any_result<T, Future> const& result) noexcept {
    if constexpr (At == 0)
        return (result.index);
    else
        return (result.value);
}
template<std::size_t At, class T, class Future>
decltype(auto) get(any_result<T, Future>&& result) noexcept {
    if constexpr (At == 0)
        return std::move(result.index);
    else
        return static_cast<T&&>(result.value);
}

namespace detail {

template<class T, class U>
inline constexpr bool value_can_be_copied<any_result<T, future<U>>> = false;

/// The state of the result, which the links of the losers keep until they are called.
template<class Future>
struct any_of_vector final : future_state<any_result<joined<value_of_future<Future>>, Future>> {
    using result = any_result<joined<value_of_future<Future>>, Future>;
    using input = when_input<any_of_vector, Future>;
    static constexpr bool hands_futures_back = true;

    explicit any_of_vector(std::vector<Future>&& futures, bool cancels = false)
        : future_state<result>(type, nullptr, false, static_cast<std::uint32_t>(futures.size() + 2)),
          cancels_losers_(cancels),
          inputs_(std::move(futures)) {
        this->sched = inputs_.pool();
        this->help = [](future_state_base& self, worker& me) noexcept {
            return static_cast<any_of_vector&>(self).inputs_.help(me);
        };
    }

    void begin() noexcept {
        inputs_.attach(*this);
        decided();
        this->release();
    }
    void input_ready(input& one) noexcept {
        if (first_.win()) {
            winner_ = &one;
            decided();
        }
        this->release();
    }
    some_needed needed() noexcept { return {this, this, inputs_.size(), this->word.newest() != nullptr}; }

  private:
    /// Notes that there is a winner, or that all inputs were asked: the last of these two events sets the result.
    void decided() noexcept {
        if (!known_.one_less()) return;
        bool good = !winner_->state->failed();
        if (good)
            good = this->emplace_result([&] { return take(); });
        else
            this->emplace_error(winner_->hand_on_error());
        if (cancels_losers_) inputs_.give_up(winner_);
        call_ready(this->word.set(!good));
        if (cancels_losers_) tell_of_stop();
    }
    result take() {
        std::size_t const index = inputs_.number_of(*winner_);
        std::vector<Future> others(inputs_.size());
        for (std::size_t i = 0; i < inputs_.size(); ++i) {
            if (i == index) continue;
            inputs_[i].state->retain();
            others[i] = Future(inputs_[i].state.get());
        }
        return {index, winner_->take(), std::move(others)};
    }

    static constexpr future_type type =
        with_parts(type_of_state<any_of_vector, result>(),
                   [](future_state_base& self) noexcept { static_cast<any_of_vector&>(self).inputs_.give_up_own(); });

    race first_;
    countdown known_{2};
    input* winner_ = nullptr;
    bool const cancels_losers_;
    when_inputs<any_of_vector, Future> inputs_;
};

} // namespace detail

/// Returns the future of the first of these that is ready, with its place. A named vector and its futures stay usable,
/// and the value is copied; `std::move(futures)` hands them over. The result has all futures but the first in `others`,
/// where they go on as before.
///
/// **Threads** any. **Blocks** never. **Throws** std::invalid_argument for an empty vector, std::logic_error for a
/// future that holds nothing, std::bad_alloc. **Errors** if the first that is ready has failed, its exception; the
/// others are dropped then, and their tasks go on. **Cost** one block of the slabs, an allocation for the futures and
/// one for `others`, and some atomic operations for each.
template<class Future>
    requires detail::is_future<Future>
[[nodiscard(HOCKET_DROPPED_FUTURE)]] auto when_any(std::vector<Future>&& futures) {
    if (futures.empty()) throw std::invalid_argument("hocket: when_any is given no futures: none of them can be first");
    using state = detail::any_of_vector<Future>;
    return detail::make_when<typename state::result, state>(std::move(futures));
}
template<class Future>
    requires detail::is_future<Future>
[[nodiscard(HOCKET_DROPPED_FUTURE)]] auto when_any(std::vector<Future> const& futures) {
    static_assert(
        detail::named_can_be_copied<Future>,
        "hocket: when_any copies the value of a named vector's future, as it stays usable, and this value cannot "
        "be copied: hand the vector over by std::move");
    return when_any(detail::handles_of(futures));
}

/// Says that the losers are not needed: `when_any(futures, cancel_losers)`.
struct cancel_losers_t {
    explicit cancel_losers_t() = default;
};
inline constexpr cancel_losers_t cancel_losers{};

/// Cancels the tasks of the losers as soon as the first future is ready, for all holders of their futures. A task that
/// has not begun never runs: its future fails with `operation_cancelled` at once, whatever it waits for. A task that
/// runs sees `this_task::stop_requested()`, and so do the loops, joins and runs of graphs that it waits for. A
/// coroutine that waits is woken with `operation_cancelled`, and a coroutine that runs gets that from its next
/// `co_await`. If a loser is a `when_all`, the futures that it needs have lost as well. If a task has returned a
/// future, that future has lost as well, unless others hold it too.
template<class Future>
    requires detail::is_future<Future>
[[nodiscard(HOCKET_DROPPED_FUTURE)]] auto when_any(std::vector<Future>&& futures, cancel_losers_t) {
    if (futures.empty()) throw std::invalid_argument("hocket: when_any is given no futures: none of them can be first");
    using state = detail::any_of_vector<Future>;
    return detail::make_when<typename state::result, state>(std::move(futures), true);
}
template<class Future>
    requires detail::is_future<Future>
[[nodiscard(HOCKET_DROPPED_FUTURE)]] auto when_any(std::vector<Future> const& futures, cancel_losers_t) {
    static_assert(
        detail::named_can_be_copied<Future>,
        "hocket: when_any copies the value of a named vector's future, as it stays usable, and this value cannot "
        "be copied: hand the vector over by std::move");
    return when_any(detail::handles_of(futures), cancel_losers);
}

/// Requests a stop of `losers`, whose token the tasks got, as soon as the first future is ready. A program makes
/// `std::stop_source rest;`, starts each task by `submit(look, {.stop = rest.get_token()})`, and then calls
/// `auto [index, value] = when_any(futures, rest).get();`.
template<class Futures, class StopSource>
    requires requires(Futures&& futures, StopSource& losers) {
        when_any(std::forward<Futures>(futures));
        losers.request_stop();
    }
[[nodiscard(HOCKET_DROPPED_FUTURE)]] auto when_any(Futures&& futures, StopSource losers) {
    auto first = when_any(std::forward<Futures>(futures));
    return std::move(first).then([losers](decltype(first) decided) mutable {
        losers.request_stop();
        return decided;
    });
}

namespace detail {

struct when_any_usage {
    template<class T>
    static constexpr auto says() {
        static_assert(never<T>,
                      "hocket: when_any takes a std::vector of futures, and perhaps cancel_losers or a stop source: a "
                      "callable or a task becomes a future by submit(f), and a ref by to_future(ref)");
        return true;
    }
};

} // namespace detail

/// Says what when_any takes.
inline void when_any(detail::anything<detail::when_any_usage>, detail::anything_else = {}, detail::anything_else = {},
                     detail::anything_else = {}, detail::anything_else = {}, detail::anything_else = {},
                     detail::anything_else = {}, detail::anything_else = {}) {}

} // namespace hocket

template<class T, class Future>
struct std::tuple_size<hocket::any_result<T, Future>> : std::integral_constant<std::size_t, 2> {};
template<class T, class Future>
struct std::tuple_element<0, hocket::any_result<T, Future>> {
    using type = std::size_t;
};
template<class T, class Future>
struct std::tuple_element<1, hocket::any_result<T, Future>> {
    using type = T;
};
