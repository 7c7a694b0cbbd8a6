// SPDX-License-Identifier: MIT
// The types of the items behind each stage: one item, or, behind a stage that filters or expands, any number. Then a
// token carries a `several`, and each further stage is called for one element after the other. Used by
// pipeline_run.hpp.
#pragma once

#include <hocket/base/call.hpp>
#include <hocket/pipeline/stage.hpp>

#include <cstddef>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

namespace hocket::inline HOCKET_ABI::detail {

/// The items that one input has become.
template<class T, bool many>
class several {
  public:
    using element = T;
    static constexpr bool is_many = many;

    bool empty() const noexcept {
        if constexpr (many)
            return elements_.empty();
        else
            return !elements_.has_value();
    }
    void add(T&& value) {
        if constexpr (many)
            elements_.push_back({std::move(value)});
        else
            elements_.emplace(std::move(value));
    }
    template<class F>
    void for_each(F const& f) {
        if constexpr (many)
            for (box& it : elements_) f(it.value);
        else if (elements_.has_value())
            f(*elements_);
    }

  private:
    struct box { // a std::vector<bool> has no elements to refer to
        T value;
    };
    std::conditional_t<many, std::vector<box>, std::optional<T>> elements_;
};

template<class T>
inline constexpr bool is_several = false;
template<class T, bool many>
inline constexpr bool is_several<several<T, many>> = true;

/// Calls a stage with an In.
template<class Stage, class In>
struct stage_call {
    using body =
        std::conditional_t<Stage::order == stage_order::parallel, decltype(Stage::body) const&, decltype(Stage::body)&>;
    static constexpr bool moves = std::is_invocable_v<body, In&&>;
    static_assert(
        moves || std::is_invocable_v<body, In&>,
        "hocket: a stage of a pipeline cannot be called with what the stage before it returns; a parallel one is "
        "called through a const reference");
    using argument = std::conditional_t<moves, In&&, In&>;
    using raw = typename task_result<std::remove_cvref_t<body>, argument, std::invoke_result_t<body, argument>>::type;
    using result = std::remove_cv_t<raw>;

    static raw call(body f, In& input) { return call_once(f, static_cast<argument>(input)); }
};

/// The elements that a filtering or expanding stage has made of one input.
template<stage_yield Yield, class R>
struct yielded {
    using element = R;
    template<class F>
    static void for_each(R&& result, F const& f) {
        f(std::move(result));
    }
};
template<class R>
struct yielded<stage_yield::at_most_one, R> {
    static_assert(
        requires { typename optional_item<R>::type; },
        "hocket: a filter_stage of a pipeline returns a std::optional, which is empty if the item is dropped");
    using element = typename optional_item<R>::type;
    template<class F>
    static void for_each(R&& result, F const& f) {
        if (result.has_value()) f(*std::move(result));
    }
};
template<class R>
struct yielded<stage_yield::any_number, R> {
    static_assert(
        requires(R & some) {
            typename R::value_type;
            some.begin() != some.end();
        },
        "hocket: an expand_stage of a pipeline returns a container, each element of which becomes an item");
    using element = typename R::value_type;
    template<class F>
    static void for_each(R&& result, F const& f) {
        for (auto&& it : result) {
            if constexpr (requires { typename R::allocator_type; })
                f(element(std::move(it)));
            else
                f(element(it));
        }
    }
};

/// The result of a stage for an In. `make` and `end` begin no further call once `goes_on()` is false.
template<class Stage, class In>
struct stage_types {
    using call = stage_call<Stage, In>;
    static constexpr bool fans = Stage::yield != stage_yield::one;

    static auto output_type() {
        if constexpr (fans)
            return std::type_identity<several<typename yielded<Stage::yield, typename call::result>::element,
                                              Stage::yield == stage_yield::any_number>>{};
        else
            return std::type_identity<typename call::result>{};
    }
    using output = typename decltype(output_type())::type;

    template<class GoesOn>
    static output make(typename call::body f, In& input, GoesOn const&) {
        if constexpr (fans) {
            output made;
            yielded<Stage::yield, typename call::result>::for_each(
                call::call(f, input), [&](auto&& element) { made.add(std::forward<decltype(element)>(element)); });
            return made;
        } else {
            return call::call(f, input);
        }
    }
    template<class GoesOn>
    static void end(typename call::body f, In& input, GoesOn const&) {
        static_cast<void>(call::call(f, input));
    }
};

template<class Stage, class T, bool many>
struct stage_types<Stage, several<T, many>> {
    using call = stage_call<Stage, T>;

    static auto output_type() {
        if constexpr (std::is_object_v<typename call::result>)
            return std::type_identity<several<typename yielded<Stage::yield, typename call::result>::element,
                                              many || Stage::yield == stage_yield::any_number>>{};
        else
            return std::type_identity<typename call::result>{};
    }
    using output = typename decltype(output_type())::type;

    template<class GoesOn>
    static output make(typename call::body f, several<T, many>& input, GoesOn const& goes_on) {
        output made;
        input.for_each([&](T& element) {
            if (!goes_on()) return;
            yielded<Stage::yield, typename call::result>::for_each(
                call::call(f, element), [&](auto&& it) { made.add(std::forward<decltype(it)>(it)); });
        });
        return made;
    }
    template<class GoesOn>
    static void end(typename call::body f, several<T, many>& input, GoesOn const& goes_on) {
        input.for_each([&](T& element) {
            if (goes_on()) static_cast<void>(call::call(f, element));
        });
    }
};

} // namespace hocket::detail
