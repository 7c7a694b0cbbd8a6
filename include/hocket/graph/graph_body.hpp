// SPDX-License-Identifier: MIT
// Adapts callables to nodes: arguments come from the results of other nodes, results stay in the node, and a callable
// that takes `subtasks&` may add children while it runs. Public: `subtasks`.
#pragma once

#include <hocket/base/call.hpp>
#include <hocket/graph/graph_core.hpp>
#include <hocket/graph/graph_runner.hpp>
#include <hocket/memory/slab.hpp>

#include <concepts>
#include <cstdint>
#include <iterator>
#include <optional>
#include <stdexcept>
#include <tuple>
#include <type_traits>
#include <utility>

namespace hocket::inline HOCKET_ABI {

/// The object by which a node adds tasks while it runs: `[](subtasks& more) { more.run(f); }`. The tasks finish before
/// the successors of the node begin. They may add further tasks.
class subtasks {
  public:
    /// Adds `f()`, or `f(subtasks&)`, and drops its result.
    ///
    /// **Threads** any, while the callable that got this object runs. **Blocks** never. **Throws** std::bad_alloc, or
    /// what moving `f` throws; then no task was added. **Order** none among the tasks. **Cost** one block of a slab.
    template<class F>
    void run(F&& f);

    subtasks(subtasks const&) = delete;
    subtasks& operator=(subtasks const&) = delete;

    /// Used by the library only.
    subtasks(detail::node_record& owner, detail::graph_runner& runner) noexcept : owner_(owner), runner_(runner) {}

  private:
    detail::node_record& owner_;
    detail::graph_runner& runner_;
};

namespace detail {

/// Holds the result of a node until the node runs again.
template<class T>
struct value_slot {
    static_assert(std::is_move_constructible_v<T>, "hocket: a node's result has to be movable, a reference, or void");
    std::optional<T> value;

    using argument = T const&;
    bool has() const noexcept { return value.has_value(); }
    argument get() const noexcept { return *value; }
    void clear() noexcept { value.reset(); }
    template<class U>
    void set(U&& result) {
        value.emplace(std::forward<U>(result));
    }
};

template<class T>
struct value_slot<T&> {
    T* value = nullptr;

    using argument = T&;
    bool has() const noexcept { return value != nullptr; }
    argument get() const noexcept { return *value; }
    void clear() noexcept { value = nullptr; }
    void set(T& result) noexcept { value = &result; }
};

template<>
struct value_slot<void> {};

template<class T>
using node_argument = typename value_slot<T>::argument;

template<class T>
node_argument<T> argument_of(value_slot<T> const& slot) {
    if (!slot.has()) throw std::logic_error("hocket: a node takes the result of a node that has not run");
    return slot.get();
}

/// Whether a callable takes the results of nodes alone, or `subtasks&` and then the results.
template<class F, class... Ts>
inline constexpr bool takes_results = std::invocable<F&, node_argument<Ts>...>;
template<class F, class... Ts>
inline constexpr bool takes_subtasks = !takes_results<F, Ts...> && std::invocable<F&, subtasks&, node_argument<Ts>...>;

template<class F, class... Ts>
struct node_result {
    using type = std::invoke_result_t<F&, node_argument<Ts>...>;
};
template<class F, class... Ts>
    requires takes_subtasks<F, Ts...>
struct node_result<F, Ts...> {
    using type = std::invoke_result_t<F&, subtasks&, node_argument<Ts>...>;
};

struct no_parts {};

/// Holds a callable, the sources of its arguments, and its result.
template<class F, class R, class... Ts>
struct node_body : std::conditional_t<takes_subtasks<F, Ts...>, node_parts, no_parts> {
    template<class From>
    explicit node_body(From&& from, value_slot<Ts> const*... its_sources)
        : callable(std::forward<From>(from)), sources(its_sources...) {}

    void operator()(node_record& node, graph_runner& runner) {
        std::apply([&](auto const*... source) { run(node, runner, source...); }, sources);
    }

    [[no_unique_address]] value_slot<R> result;

  private:
    void run(node_record& node, graph_runner& runner, value_slot<Ts> const*... source) {
        if constexpr (takes_subtasks<F, Ts...>) {
            subtasks more(node, runner);
            keep([&]() -> decltype(auto) { return call_once(callable, more, argument_of(*source)...); });
        } else {
            (void)node;
            (void)runner;
            keep([&]() -> decltype(auto) { return call_once(callable, argument_of(*source)...); });
        }
    }

    template<class Call>
    void keep(Call const& call) {
        if constexpr (std::is_void_v<R>) {
            call();
        } else {
            result.clear();
            result.set(call());
        }
    }

    F callable;
    [[no_unique_address]] std::tuple<value_slot<Ts> const*...> sources;
};

/// A result of the callable of a condition: one number, or a range of numbers.
template<class T>
concept successor_numbers = std::is_convertible_v<T, std::int64_t> || requires(T& some) {
    { *std::begin(some) } -> std::convertible_to<std::int64_t>;
    std::end(some);
};

template<class F, class... Ts>
concept picks_successors =
    std::invocable<F&, node_argument<Ts>...> && successor_numbers<std::invoke_result_t<F&, node_argument<Ts>...>>;

/// A callable that returns the numbers of the successors that begin next.
template<class F, class... Ts>
struct choice_body {
    template<class From>
    explicit choice_body(From&& from, value_slot<Ts> const*... its_sources)
        : callable(std::forward<From>(from)), sources(its_sources...) {}

    void operator()(node_record& node, graph_runner& runner) {
        auto&& picked = std::apply(
            [&](auto const*... source) -> decltype(auto) { return call_once(callable, argument_of(*source)...); },
            sources);
        if constexpr (std::is_convertible_v<decltype(picked), std::int64_t>) {
            runner.choose(static_cast<std::int64_t>(picked));
        } else {
            for (auto const& successor : picked) runner.choose_also(node, static_cast<std::int64_t>(successor));
        }
    }

    F callable;
    [[no_unique_address]] std::tuple<value_slot<Ts> const*...> sources;
};

/// The body of a node that runs another graph. `graph_runner` runs the other graph.
struct nested_body {
    graph_core* graph;
    void operator()(node_record&, graph_runner&) const noexcept {}
};

template<class F>
struct child_of : graph_child {
    template<class From>
    child_of(node_record& its_owner, From&& from) : callable(std::forward<From>(from)) {
        flags = node_flags::child;
        owner = &its_owner;
        destroy = [](graph_child& self) noexcept { destroy_in_slab(static_cast<child_of*>(&self)); };
        call = [](node_record& self, graph_runner& runner) {
            auto& it = static_cast<child_of&>(self);
            if constexpr (std::invocable<F&>) {
                it.callable();
            } else {
                subtasks more(*it.owner, runner);
                it.callable(more);
            }
        };
    }

    F callable;
};

} // namespace detail

template<class F>
void subtasks::run(F&& f) {
    using callable = std::decay_t<F>;
    static_assert(std::invocable<callable&> || std::invocable<callable&, subtasks&>,
                  "hocket: subtasks::run takes a callable that is called as f() or as f(subtasks&)");
    runner_.add_child(*detail::make_in_slab<detail::child_of<callable>>(owner_, std::forward<F>(f)));
}

} // namespace hocket
