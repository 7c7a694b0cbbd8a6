// SPDX-License-Identifier: MIT
// Stages that are chosen when the program runs. Public: `stage_list<T>`, an argument of `pipeline`.
#pragma once

#include <hocket/base/call.hpp>
#include <hocket/base/config.hpp>
#include <hocket/pipeline/pipeline_gate.hpp>
#include <hocket/pipeline/stage.hpp>
#include <hocket/pipeline/stage_types.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

namespace hocket::inline HOCKET_ABI {

/// A list of stages whose number is known only at run time. Each takes a T and returns a T; a `filter_stage` returns a
/// std::optional<T>. The list stands among the other stages, but not first:
/// `pipeline(stage<serial>(read), std::move(list))`.
template<class T>
class stage_list {
    static_assert(std::movable<T>, "hocket: the items of a stage_list are moved from one of its stages to the next");

  public:
    using item = T;

    stage_list() = default;
    stage_list(stage_list&&) noexcept = default;
    stage_list& operator=(stage_list&&) noexcept = default;
    stage_list(stage_list const&) = delete; // move it instead: std::move(list)
    stage_list& operator=(stage_list const&) = delete;

    /// Appends a stage made by `stage<order>(f)` or `filter_stage<order>(f)`. **Throws** std::bad_alloc.
    template<stage_order Order, class F, stage_yield Yield>
    void add(pipeline_stage<Order, F, Yield> stage) {
        static_assert(
            Yield != stage_yield::any_number,
            "hocket: a stage_list cannot contain an expand_stage; pass it to the pipeline as a separate stage");
        steps_.push_back({Order, std::make_unique<holder<Order, F, Yield>>(std::move(stage.body))});
    }
    [[nodiscard]] std::size_t size() const noexcept { return steps_.size(); }
    [[nodiscard]] stage_order order(std::size_t at) const noexcept { return steps_[at].order; }

    /// For the pipeline: sends an item through the stage with that index. Returns false if the stage has dropped it.
    bool apply(std::size_t at, T& value) { return steps_[at].body->apply(value); }

  private:
    struct any_body {
        virtual ~any_body() = default;
        virtual bool apply(T& value) = 0;
    };
    template<stage_order Order, class F, stage_yield Yield>
    struct holder final : any_body {
        explicit holder(F&& its_body) : stage{std::move(its_body)} {}
        bool apply(T& value) override {
            using call = detail::stage_call<pipeline_stage<Order, F, Yield>, T>;
            if constexpr (Yield == stage_yield::at_most_one) {
                static_assert(std::is_same_v<typename call::result, std::optional<T>>,
                              "hocket: a filter_stage of a stage_list<T> returns a std::optional<T>");
                typename call::result made = call::call(stage.body, value);
                if (!made.has_value()) return false;
                value = *std::move(made);
            } else {
                static_assert(std::is_convertible_v<typename call::raw, T>,
                              "hocket: a stage of a stage_list<T> returns a T, which the next one takes");
                value = static_cast<T>(call::call(stage.body, value));
            }
            return true;
        }
        pipeline_stage<Order, F, Yield> stage;
    };
    struct step {
        stage_order order;
        std::unique_ptr<any_body> body;
    };
    std::vector<step> steps_;
};

namespace detail {

template<class Stage>
inline constexpr bool is_stage_list = false;
template<class T>
inline constexpr bool is_stage_list<stage_list<T>> = true;

/// The types of a list: it returns what it takes. Behind a stage that filters or expands, these are several items.
template<class T, class In>
struct stage_types<stage_list<T>, In> {
    static_assert(std::is_same_v<T, In>,
                  "hocket: a stage_list<T> must follow a stage of the pipeline that returns a T");
    using output = In;

    /// Returns false if no item is left.
    template<class GoesOn>
    static bool apply(stage_list<T>& list, std::size_t at, In& input, GoesOn const&) {
        return list.apply(at, input);
    }
};
template<class T, class E, bool many>
struct stage_types<stage_list<T>, several<E, many>> {
    static_assert(std::is_same_v<T, E>, "hocket: a stage_list<T> must follow a stage of the pipeline that produces Ts");
    using output = several<E, many>;

    template<class GoesOn>
    static bool apply(stage_list<T>& list, std::size_t at, output& input, GoesOn const& goes_on) {
        output left;
        input.for_each([&](T& element) {
            if (goes_on() && list.apply(at, element)) left.add(std::move(element));
        });
        input = std::move(left);
        return !input.empty();
    }
};

/// The gates of the stages in a list.
class gate_list {
  public:
    template<class T>
    void prepare(std::size_t tokens, stage_list<T> const& list) {
        gates_ = std::vector<either_gate>(list.size());
        for (std::size_t at = 0; at != list.size(); ++at) {
            gates_[at].order = list.order(at);
            if (list.order(at) == stage_order::in_order) gates_[at].ordered.prepare(tokens);
        }
    }
    /// Returns whether the token may enter at once. If not, another thread may run it by now.
    bool arrive(std::size_t at, pipeline_token& token) noexcept {
        either_gate& gate = gates_[at];
        if (gate.order == stage_order::in_order) return gate.ordered.arrive(token);
        return gate.fifo.arrive(token) == fifo_gate::entry::enters;
    }
    /// Returns the token that has the turn now, if one waits at the gate.
    pipeline_token* leave(std::size_t at, std::uint64_t number) noexcept {
        either_gate& gate = gates_[at];
        return gate.order == stage_order::in_order ? gate.ordered.leave(number) : gate.fifo.leave();
    }

  private:
    struct either_gate {
        stage_order order{};
        ordered_gate ordered;
        fifo_gate fifo;
    };
    std::vector<either_gate> gates_;
};

} // namespace detail
} // namespace hocket
