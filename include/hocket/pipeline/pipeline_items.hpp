// SPDX-License-Identifier: MIT
// The types of the items and gates of a pipeline with given stages. Used by pipeline_run.hpp.
#pragma once

#include <hocket/base/config.hpp>
#include <hocket/pipeline/pipeline_gate.hpp>
#include <hocket/pipeline/stage.hpp>
#include <hocket/pipeline/stage_list.hpp>
#include <hocket/pipeline/stage_types.hpp>

#include <tuple>
#include <type_traits>
#include <utility>

namespace hocket::inline HOCKET_ABI::detail {

/// The types of the items in the pipeline: item number At is the result of stage At.
template<class First, class... Rest>
struct item_types {
    template<class In, class...>
    struct after {
        using type = std::tuple<>;
    };
    template<class In, class Stage, class Next, class... More>
    struct after<In, Stage, Next, More...> {
        using output = typename stage_types<Stage, In>::output;
        static_assert(std::is_object_v<output>, "hocket: a stage of a pipeline that is not the last returns a value; "
                                                "return a pointer instead of a reference");
        using type = decltype(std::tuple_cat(std::declval<std::tuple<std::type_identity<output>>>(),
                                             std::declval<typename after<output, Next, More...>::type>()));
    };
    static_assert(!is_stage_list<First>,
                  "hocket: the first stage of a pipeline cannot be a stage_list: it is the stage that reads the input");
    static_assert(First::yield == stage_yield::one,
                  "hocket: the first stage of a pipeline neither filters nor expands");
    using source = pipeline_source<decltype(First::body)>;
    using type = decltype(std::tuple_cat(std::declval<std::tuple<std::type_identity<typename source::item>>>(),
                                         std::declval<typename after<typename source::item, Rest...>::type>()));
};

template<class Stage>
struct gate_type {
    using type = std::conditional_t<Stage::order == stage_order::in_order, ordered_gate,
                                    std::conditional_t<Stage::order == stage_order::any_order, fifo_gate, no_gate>>;
};
template<class T>
struct gate_type<stage_list<T>> {
    using type = gate_list;
};
template<class Stage>
using gate_of = typename gate_type<Stage>::type;

} // namespace hocket::detail
