// SPDX-License-Identifier: MIT
// Tasks that depend on each other and run repeatedly. Public.
#pragma once

#include <hocket/base/anything.hpp>
#include <hocket/base/stop_token.hpp>
#include <hocket/base/time_limit.hpp>
#include <hocket/future/future.hpp>
#include <hocket/graph/graph_body.hpp>
#include <hocket/graph/graph_core.hpp>
#include <hocket/graph/graph_freeze.hpp>
#include <hocket/graph/graph_node.hpp>
#include <hocket/graph/graph_runner.hpp>
#include <hocket/graph/graph_special.hpp>
#include <hocket/graph/graph_text.hpp>
#include <hocket/pool/default_pool.hpp>

#include <concepts>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace hocket::inline HOCKET_ABI {

namespace detail {

struct graph_add_usage {
    template<class T>
    static constexpr auto says() {
        static_assert(never<T>, "hocket: task_graph::add takes a callable and the nodes that give its arguments, whose "
                                "callables return values; a node without a result only precedes: a.precede(b)");
        return true;
    }
};

} // namespace detail

/// Options of a run of a task_graph.
struct graph_options {
    /// Cancels the run when a stop is requested: no further node begins, and the future of the run throws
    /// `operation_cancelled`.
    detail::stop_option stop{};
    /// Cancels the run when the time is over: `g.run({.timeout = 1s})`.
    time_limit timeout{};
};

/// A graph of nodes. Each node begins when its predecessors have finished.
///
/// One thread builds the graph. The first run after a change freezes the graph into a flat form (8 bytes for an edge,
/// up to 24 for a node). Later runs allocate nothing. If nodes are too short for a second thread, they run in the order
/// in which they were added. Edges, priorities and the kinds of nodes may require another order. So it is best to add
/// nodes as a serial program would run them.
///
/// The callable of a node takes no arguments, or the results of other nodes as `T const&`. If it takes `subtasks&`
/// first, it may add tasks that finish before the successors of the node begin. The node keeps the result of its
/// callable.
///
/// While nodes are short, a thread keeps some of the ready nodes to itself. As soon as a node takes five microseconds
/// or waits, idle threads begin the others. So a node may block until another node of the graph has done something, as
/// long as a worker is left for the other node.
///
/// A graph that is destroyed while it runs terminates the program with a message. A destructor that waited would hang
/// if the run needs what the caller of the destructor was about to do. A moved-from graph may only be destroyed or
/// assigned to.
class task_graph {
  public:
    explicit task_graph(std::string_view name = {}) : core_(std::make_unique<detail::graph_core>()) {
        core_->title = name;
    }
    task_graph(task_graph&&) noexcept = default;
    task_graph& operator=(task_graph&&) noexcept = default;

    // Building.

    /// Adds a node that calls `f(results of the given nodes...)`. The given nodes precede it. **Throws**
    /// std::invalid_argument for a node of another graph, std::logic_error while the graph runs, std::bad_alloc, and
    /// what copying `f` throws. **Cost** 64 bytes; a callable above 32 bytes needs memory of its own.
    template<class F, class... Ts>
        requires(!std::convertible_to<F const&, std::string_view>)
    auto add(F&& f, graph_value<Ts> const&... arguments) {
        using callable = std::decay_t<F>;
        static_assert(
            detail::takes_results<callable, Ts...> || detail::takes_subtasks<callable, Ts...>,
            "hocket: task_graph::add takes a callable and the nodes that give its arguments; results come as T const&");
        using result = typename detail::node_result<callable, Ts...>::type;
        using kept = std::conditional_t<std::is_lvalue_reference_v<result>, result, std::remove_cvref_t<result>>;
        using body = detail::node_body<callable, kept, Ts...>;
        (require_own(arguments), ...);
        auto const [node, made] = core_->add_node<body>(
            detail::takes_subtasks<callable, Ts...> ? detail::node_flags::spawning : detail::node_flags::plain,
            std::forward<F>(f), arguments.slot_...);
        (core_->add_edge(*arguments.node_, *node), ...);
        if constexpr (std::is_void_v<kept>)
            return graph_node(*core_, *node);
        else
            return graph_value<kept>(*core_, *node, made->result);
    }
    /// Adds a node with a name for pictures and messages.
    template<class F, class... Ts>
    auto add(std::string_view name, F&& f, graph_value<Ts> const&... arguments) {
        auto node = add(std::forward<F>(f), arguments...);
        core_->add_name(*node.node_, name);
        return node;
    }
    /// Says which nodes give arguments.
    void add(detail::anything<detail::graph_add_usage>, detail::anything_else, detail::anything_else = {},
             detail::anything_else = {}, detail::anything_else = {}) {}

    /// Adds a node whose callable returns the number of a successor. This successor begins at once, whatever else
    /// precedes it, and no other successor begins. If the number belongs to no successor, none begins. So graphs branch
    /// and loop. The callable may also return several numbers, as a std::vector<int>, a std::array or a similar range.
    /// Then all these successors begin, concurrently. A node that a condition may pick does not begin by itself. It
    /// must not begin twice at the same time, so the callable must return each number once. **Throws** as `add`.
    template<class F, class... Ts>
        requires(!std::convertible_to<F const&, std::string_view>)
    graph_node add_condition(F&& f, graph_value<Ts> const&... arguments) {
        using callable = std::decay_t<F>;
        static_assert(
            detail::picks_successors<callable, Ts...>,
            "hocket: task_graph::add_condition takes a callable that returns the number of a successor, or several");
        (require_own(arguments), ...);
        graph_node const node(*core_, *core_
                                           ->add_node<detail::choice_body<callable, Ts...>>(
                                               detail::node_flags::condition, std::forward<F>(f), arguments.slot_...)
                                           .first);
        (core_->add_edge(*arguments.node_, *node.node_), ...);
        return node;
    }
    template<class F, class... Ts>
    graph_node add_condition(std::string_view name, F&& f, graph_value<Ts> const&... arguments) {
        graph_node const node = add_condition(std::forward<F>(f), arguments...);
        core_->add_name(*node.node_, name);
        return node;
    }

    /// Adds a node that runs `other`. The other graph must outlive this graph and must not be moved. If it already runs
    /// elsewhere, the node fails with std::logic_error. Its failures and stops are failures and stops of the whole run.
    /// **Throws** as `add`; std::invalid_argument if `other` is or contains this graph.
    graph_node add_subgraph(task_graph& other);
    graph_node add_subgraph(std::string_view name, task_graph& other);

    /// Reports what to write instead: nodes make edges.
    template<class... Nodes>
    void precede(Nodes const&...) {
        static_assert(detail::never<Nodes...>, "hocket: a task_graph has no member precede: write a.precede(b), or "
                                               "b.succeed(a), with nodes that add() has returned");
    }
    template<class... Nodes>
    void succeed(Nodes const&...) {
        static_assert(detail::never<Nodes...>, "hocket: a task_graph has no member succeed: write b.succeed(a), or "
                                               "a.precede(b), with nodes that add() has returned");
    }

    template<class... Args>
    auto add_edge(Args&&...) {
        static_assert(detail::never<Args...>, "hocket: a task_graph has no member add_edge: write a.precede(b), with "
                                              "nodes that add() has returned");
    }
    template<class... Args>
    auto emplace(Args&&...) {
        static_assert(detail::never<Args...>,
                      "hocket: a task_graph has no member emplace: write add(f), which adds one node and returns it");
    }
    template<class... Args>
    auto linearize(Args&&...) {
        static_assert(detail::never<Args...>,
                      "hocket: a task_graph has no member linearize: write a.precede(b), then b.precede(c)");
    }
    template<class... Args>
    auto wait(Args&&...) {
        static_assert(detail::never<Args...>,
                      "hocket: a task_graph has no member wait: wait for a run by its future, graph.run().get()");
    }

    std::size_t size() const noexcept { return core_->nodes.size(); }
    bool empty() const noexcept { return size() == 0; }

    // Running.

    /// Runs the graph on the pool of the calling worker, or else on the default pool. The future is ready when all
    /// nodes that can begin have finished. A thread that waits for the future takes part in the run. A thread that
    /// drops the future waits as well, because the graph must live until the run has finished: `g.run_n(100);` returns
    /// when all is done. Then the exception of the run is lost.
    ///
    /// **Threads** any, but one run at a time. **Blocks** never, but the destructor of the future does. **Throws**
    /// std::logic_error if the graph already runs, or in a child of fork() with a pool of the parent;
    /// std::invalid_argument as `validate()`; std::bad_alloc. The future throws the exception of a node. If several
    /// nodes fail, it throws that of the node that was added first, and `not_run()` lists the nodes that did not begin.
    /// If the run is cancelled, it throws `operation_cancelled`. **Order** a node happens before its successors, and
    /// before the future is ready. **Cost** per node an indirect call and a store; an atomic operation for each edge to
    /// a node with several predecessors.
    future<void> run(graph_options options = {}) {
        return start(detail::current_pool(), 1, nullptr, std::move(options));
    }
    future<void> run(thread_pool& pool, graph_options options = {}) {
        return start(pool, 1, nullptr, std::move(options));
    }

    /// Runs the graph `passes` times, one pass after the other.
    future<void> run_n(std::uint64_t passes, graph_options options = {}) {
        return start(detail::current_pool(), passes, nullptr, std::move(options));
    }
    future<void> run_n(thread_pool& pool, std::uint64_t passes, graph_options options = {}) {
        return start(pool, passes, nullptr, std::move(options));
    }

    /// Runs the graph until `done()` returns true. The thread that finishes a pass calls `done`.
    template<std::predicate F>
    future<void> run_until(F done, graph_options options = {}) {
        return start(detail::current_pool(), 1, std::make_unique<until<F>>(std::move(done)), std::move(options));
    }
    template<std::predicate F>
    future<void> run_until(thread_pool& pool, F done, graph_options options = {}) {
        return start(pool, 1, std::make_unique<until<F>>(std::move(done)), std::move(options));
    }

    // Asking.

    /// Returns the nodes that did not begin in the last pass of the last run. Causes are a failure, a stop, or a
    /// condition that picked other nodes. Returns all nodes if the graph has not run since its last change. **Throws**
    /// std::logic_error while the graph runs.
    std::vector<graph_node> not_run() const;

    /// Throws std::invalid_argument, with the names of the nodes, in these cases. Nodes wait for each other in a cycle
    /// without a condition. Nodes can never begin, because no other node leads to their loop. A node would wait for a
    /// unit of a semaphore that a subgraph around it holds. Two subgraphs take units in opposite orders. `run` checks
    /// all of it after each change.
    void validate() const;

    /// Writes a picture of the graph in the DOT language of Graphviz to a std::ostream.
    template<class Stream>
        requires requires(Stream& stream, std::string const& text) { stream << text; }
    void to_dot(Stream& stream) const { stream << detail::dot_of(*core_); }

  private:
    template<class F>
    struct until final : detail::graph_until {
        explicit until(F f) : callable(std::move(f)) {}
        bool done() override { return callable(); }
        F callable;
    };

    void require_own(graph_node const& node) const;

    future<void> start(thread_pool& pool, std::uint64_t passes, std::unique_ptr<detail::graph_until> done,
                       graph_options options);

    std::unique_ptr<detail::graph_core> core_;
};

} // namespace hocket

#if HOCKET_BODIES
#include <hocket/graph/task_graph.ipp>
#endif
