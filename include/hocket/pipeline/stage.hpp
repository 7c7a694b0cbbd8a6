// SPDX-License-Identifier: MIT
// The stages of a pipeline: their functions, and the order in which they take items. Public: `stage<serial>(f)`.
#pragma once

#include <hocket/base/anything.hpp>
#include <hocket/base/config.hpp>

#include <cstdint>
#include <optional>
#include <type_traits>
#include <utility>

namespace hocket::inline HOCKET_ABI {

/// The order in which a stage takes items, and how many it takes at a time.
enum class stage_order : std::uint8_t {
    in_order,  ///< one at a time, in the order of the first stage
    any_order, ///< one at a time, in any order
    parallel   ///< any number at a time, in any order
};

inline constexpr stage_order serial = stage_order::in_order;
inline constexpr stage_order serial_any_order = stage_order::any_order;
inline constexpr stage_order parallel = stage_order::parallel;

/// How many items a stage makes of one item.
enum class stage_yield : std::uint8_t { one, at_most_one, any_number };

/// A stage. Made by `stage<order>(f)`, `filter_stage<order>(f)` or `expand_stage<order>(f)`.
template<stage_order Order, class F, stage_yield Yield = stage_yield::one>
struct pipeline_stage {
    static constexpr stage_order order = Order;
    static constexpr stage_yield yield = Yield;
    F body;
};

/// Makes a stage of `f`. It takes the result of the stage before it, moved, and returns the argument of the next stage.
/// The first stage either takes nothing and returns a std::optional, which is empty at the end, or takes an
/// `end_of_input&` and returns an item. The result of the last stage is dropped. A parallel stage is called through a
/// const reference, by several threads at once.
template<stage_order Order, class F>
pipeline_stage<Order, std::decay_t<F>> stage(F&& f) {
    return {std::forward<F>(f)};
}

namespace detail {

struct stage_usage {
    template<class T>
    static constexpr auto says() {
        static_assert(
            never<T>,
            "hocket: a stage needs its order: stage<serial>(f), stage<serial_any_order>(f) or stage<parallel>(f)");
        return true;
    }
};

} // namespace detail

/// Says what a stage needs.
inline void stage(detail::anything<detail::stage_usage>) {}

/// Makes a stage that drops items: `f` returns a std::optional. If it is empty the item ends there, otherwise its value
/// goes on. It cannot be the first stage.
template<stage_order Order, class F>
pipeline_stage<Order, std::decay_t<F>, stage_yield::at_most_one> filter_stage(F&& f) {
    return {std::forward<F>(f)};
}

/// Makes a stage that multiplies items: `f` returns a container, and each of its elements goes on as an item. The
/// elements of one item stay together. They pass each of the following stages in order, one after the other, in the
/// turn of their item, and count as one of the `tokens`. It cannot be the first stage.
template<stage_order Order, class F>
pipeline_stage<Order, std::decay_t<F>, stage_yield::any_number> expand_stage(F&& f) {
    return {std::forward<F>(f)};
}

/// Lets the first stage of a pipeline signal the end of the input. The result of the call that signals it, and all
/// later results, are dropped.
class end_of_input {
  public:
    void stop() noexcept { reached_ = true; }
    [[nodiscard]] bool reached() const noexcept { return reached_; }

  private:
    bool reached_ = false;
};

namespace detail {

template<class T>
struct optional_item {};
template<class T>
struct optional_item<std::optional<T>> {
    using type = T;
};

/// A callable that returns a std::optional when it is called without arguments.
template<class F>
concept gives_optional = requires(F& f) {
    typename optional_item<std::remove_cvref_t<decltype(f())>>::type;
};

/// The item type of the first stage, and its call: `next` returns an optional.
template<class F>
struct pipeline_source {
    /// Excludes the result of std::bind, which takes any number of arguments and ignores those that it does not use.
    static constexpr bool takes_end = std::is_invocable_v<F&, end_of_input&> && !gives_optional<F>;
    static_assert(takes_end || std::is_invocable_v<F&>,
                  "hocket: the first stage of a pipeline takes no arguments, or an end_of_input&");

    static auto result_type() {
        if constexpr (takes_end) {
            return std::type_identity<std::invoke_result_t<F&, end_of_input&>>{};
        } else {
            using result = std::remove_cv_t<std::invoke_result_t<F&>>;
            static_assert(
                requires { typename optional_item<result>::type; },
                "hocket: the first stage of a pipeline returns a std::optional, which is empty at the end");
            return std::type_identity<typename optional_item<result>::type>{};
        }
    }
    using item = typename decltype(result_type())::type;
    static_assert(std::is_object_v<item>,
                  "hocket: the items of a pipeline are values; return a pointer instead of a reference");

    static std::optional<item> next(F& f) {
        if constexpr (takes_end) {
            end_of_input end;
            std::optional<item> given(f(end));
            if (end.reached()) given.reset();
            return given;
        } else {
            return f();
        }
    }
};

} // namespace detail
} // namespace hocket
