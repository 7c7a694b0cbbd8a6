// SPDX-License-Identifier: MIT
// One future for several, all of which must be ready: when_all. Public.
#pragma once

#include <hocket/base/anything.hpp>
#include <hocket/fork_join/join.hpp>
#include <hocket/future/future.hpp>
#include <hocket/future/when/when_input.hpp>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace hocket::inline HOCKET_ABI {

namespace detail {

template<class... Futures>
using tuple_of_all = std::tuple<joined<value_of_future<Futures>>...>;

/// The state of a when_all of futures that are arguments: `Given` are lvalue references for named ones.
template<class... Given>
struct all_arguments final : future_state<tuple_of_all<std::remove_cvref_t<Given>...>> {
    using result = tuple_of_all<std::remove_cvref_t<Given>...>;

    explicit all_arguments(std::remove_cvref_t<Given>&&... futures)
        : future_state<result>(type, nullptr, false, 2), left_(static_cast<std::uint32_t>(sizeof...(Given) + 1)) {
        (..., (futures.valid() ? void() : throw_no_state()));
        std::apply([&](auto&... input) { (..., static_cast<void>(input.state = futures.take_state())); }, inputs_);
        this->help = [](future_state_base& self, worker& me) noexcept {
            return std::apply([&](auto&... input) { return (false || ... || input.help(me)); },
                              static_cast<all_arguments&>(self).inputs_);
        };
        std::apply([&](auto&... input) { (..., note_pool(input.state->sched)); }, inputs_);
    }

    void begin() noexcept {
        std::apply([&](auto&... input) { (..., input.attach(*this)); }, inputs_);
        one_less();
    }
    template<class Input>
    void input_ready(Input&) noexcept {
        one_less();
    }

  private:
    void note_pool(scheduler* pool) noexcept {
        if (this->sched == nullptr) this->sched = pool;
    }
    void one_less() noexcept {
        if (!left_.one_less()) return;
        std::exception_ptr error;
        std::apply([&](auto&... input) { (..., find_error(input, error)); }, inputs_);
        bool good = error == nullptr;
        if (good)
            good = this->emplace_result(
                [&] { return std::apply([](auto&... input) { return result(input.take()...); }, inputs_); });
        else
            this->emplace_error(std::move(error));
        call_ready(this->word.set(!good));
        this->release();
    }
    template<class Input>
    static void find_error(Input& input, std::exception_ptr& error) noexcept {
        if (error == nullptr && input.state->failed()) error = input.hand_on_error();
    }

    static void note_named(future_state_base& self) noexcept {
        std::apply(
            [](auto&... input) {
                (..., input.is_ours.store(std::is_lvalue_reference_v<Given> && is_ours(*input.state, kept_by::lender),
                                          std::memory_order_relaxed));
            },
            static_cast<all_arguments&>(self).inputs_);
    }
    static constexpr future_type type =
        with_named(with_parts(type_of_state<all_arguments, result>(),
                              [](future_state_base& self) noexcept {
                                  std::apply([](auto&... input) { (..., input.give_up_own()); },
                                             static_cast<all_arguments&>(self).inputs_);
                              }),
                   (std::is_lvalue_reference_v<Given> || ...) ? &note_named : nullptr);

    countdown left_; // the inputs, and that all were asked
    std::tuple<when_input<all_arguments, std::remove_cvref_t<Given>>...> inputs_;
};

template<class T>
struct vector_of_all {
    static_assert(!std::is_reference_v<T>, "hocket: there is no vector of references; use futures of pointers");
    using type = std::vector<T>;
};
template<>
struct vector_of_all<void> {
    using type = void;
};

/// The state of a when_all of futures in a vector.
template<class Future>
struct all_of_vector final : future_state<typename vector_of_all<value_of_future<Future>>::type> {
    using result = typename vector_of_all<value_of_future<Future>>::type;
    using input = when_input<all_of_vector, Future>;

    explicit all_of_vector(std::vector<Future>&& futures, kept_by by = kept_by::wait)
        : future_state<result>(by == kept_by::wait ? type : type_of_named, nullptr, false, 2),
          left_(static_cast<std::uint32_t>(futures.size() + 1)),
          inputs_(std::move(futures)) {
        this->sched = inputs_.pool();
        this->help = [](future_state_base& self, worker& me) noexcept {
            return static_cast<all_of_vector&>(self).inputs_.help(me);
        };
    }

    void begin() noexcept {
        inputs_.attach(*this);
        one_less();
    }
    void input_ready(input&) noexcept { one_less(); }

  private:
    void one_less() noexcept {
        if (!left_.one_less()) return;
        bool good = true;
        for (std::size_t i = 0; i < inputs_.size() && good; ++i) {
            if (!inputs_[i].state->failed()) continue;
            good = false;
            this->emplace_error(inputs_[i].hand_on_error());
        }
        if (good) good = this->emplace_result([&]() -> result { return take_all(); });
        call_ready(this->word.set(!good));
        this->release();
    }
    result take_all() {
        if constexpr (!std::is_void_v<result>) {
            result values;
            values.reserve(inputs_.size());
            for (std::size_t i = 0; i < inputs_.size(); ++i) values.push_back(inputs_[i].take());
            return values;
        }
    }

    static constexpr future_type type =
        with_parts(type_of_state<all_of_vector, result>(),
                   [](future_state_base& self) noexcept { static_cast<all_of_vector&>(self).inputs_.give_up_own(); });
    static constexpr future_type type_of_named = with_named(type, [](future_state_base& self) noexcept {
        static_cast<all_of_vector&>(self).inputs_.note_ours(kept_by::lender);
    });

    countdown left_; // the inputs, and that all were asked
    when_inputs<all_of_vector, Future> inputs_;
};

} // namespace detail

/// Returns the future of a tuple of all values: ready when all futures are. `nothing` stands for void. Named futures
/// stay usable, and their values are copied, as are the values of shared futures. The values of temporaries
/// (`std::move(f)`, `submit(g)`) are moved.
///
/// **Threads** any. **Blocks** never. **Throws** std::logic_error for a future that holds nothing; std::bad_alloc.
/// **Errors** the first in the order of the arguments, when all are ready. **Cost** one block of the slabs, and two
/// atomic operations for each.
template<class... Futures>
    requires(detail::is_future<std::remove_cvref_t<Futures>>&&...)
[[nodiscard(HOCKET_DROPPED_FUTURE)]] auto when_all(Futures&&... futures) {
    static_assert(
        ((!std::is_lvalue_reference_v<Futures> || detail::named_can_be_copied<std::remove_cvref_t<Futures>>)&&...),
        "hocket: when_all copies the values of named futures, as they stay usable, and this value cannot be "
        "copied: hand the future over by std::move");
    using state = detail::all_arguments<Futures...>;
    return detail::make_when<typename state::result, state>(detail::handle_of(std::forward<Futures>(futures))...);
}

/// Returns the future of a vector of values in the order of the futures, or with futures of void a future of void. A
/// named vector and its futures stay usable; of `std::move(futures)` all are used up. For an empty vector the result is
/// available at once. **Threads**, **Blocks**, **Throws** and **Errors** as with arguments. **Cost** an allocation for
/// the futures and one for the values in addition.
template<class Future>
    requires detail::is_future<Future>
[[nodiscard(HOCKET_DROPPED_FUTURE)]] auto when_all(std::vector<Future>&& futures) {
    using state = detail::all_of_vector<Future>;
    return detail::make_when<typename state::result, state>(std::move(futures));
}
template<class Future>
    requires detail::is_future<Future>
[[nodiscard(HOCKET_DROPPED_FUTURE)]] auto when_all(std::vector<Future> const& futures) {
    static_assert(detail::named_can_be_copied<Future>,
                  "hocket: when_all copies the values of a named vector's futures, as they stay usable, and this value "
                  "cannot be copied: hand the vector over by std::move");
    using state = detail::all_of_vector<Future>;
    return detail::make_when<typename state::result, state>(detail::handles_of(futures), detail::kept_by::lender);
}

namespace detail {

struct when_all_usage {
    template<class T>
    static constexpr auto says() {
        static_assert(never<T>,
                      "hocket: when_all takes futures, or one std::vector of futures, without a pool or options: a "
                      "callable or a task becomes a future by submit(f), and a ref by to_future(ref)");
        return true;
    }
};

} // namespace detail

/// Says what when_all takes.
inline void when_all(detail::anything<detail::when_all_usage>, detail::anything_else = {}, detail::anything_else = {},
                     detail::anything_else = {}, detail::anything_else = {}, detail::anything_else = {},
                     detail::anything_else = {}, detail::anything_else = {}) {}

} // namespace hocket
