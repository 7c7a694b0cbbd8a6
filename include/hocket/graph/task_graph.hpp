// SPDX-License-Identifier: MIT
// Tasks that depend on each other and are run again and again. Public.
#pragma once

#include <hocket/base/stop_token.hpp>
#include <hocket/base/time_limit.hpp>
#include <hocket/future/future.hpp>
#include <hocket/graph/graph_body.hpp>
#include <hocket/graph/graph_core.hpp>
#include <hocket/graph/graph_freeze.hpp>
#include <hocket/graph/graph_node.hpp>
#include <hocket/graph/graph_slice.hpp>
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

/// Options of a run of a task_graph.
struct graph_options {
    /// Once it is requested, no further node begins, and the future of the run throws `operation_cancelled`.
    detail::stop_option stop{};
    /// When it is over, the run ends in that way: `g.run({.timeout = 1s})`.
    time_limit timeout{};
};

/// Nodes, each of which begins when those before it have ended.
///
/// One thread builds it. The first run after a change freezes it into a flat form (8 bytes for an edge, up to 24 for a
/// node); from then on a run allocates nothing. Nodes that are too short to be worth a second thread run in the order
/// in which they were added, where edges, priorities and the kinds of nodes allow it: best add them as a serial program
/// would run them. A node's callable is called without arguments, or with the results of other nodes, which it gets as
/// `T const&`; or with `subtasks&` first, to add tasks that end before the node's successors begin. What it returns
/// stays in the node.
///
/// A thread keeps some of the nodes that could begin to itself while nodes are short. As soon as a node takes five
/// microseconds or waits, idle threads begin the others; so a node may block on what another node of the graph does, as
/// long as a worker is left for it.
///
/// A graph that is destroyed while it runs terminates the program with a message: a destructor that waited would hang
/// where the run needs what its caller was about to do. A moved-from graph may only be destroyed or assigned to.
class task_graph {
  public:
    explicit task_graph(std::string_view name = {}) : core_(std::make_unique<detail::graph_core>()) {
        core_->title = name;
    }
    task_graph(task_graph&&) noexcept = default;
    task_graph& operator=(task_graph&&) noexcept = default;

    // Building.

    /// A node that calls `f(results of the given nodes...)`, which precede it. **Throws** std::invalid_argument for a
    /// node of another graph, std::logic_error while the graph runs, std::bad_alloc, and what copying `f` throws.
    /// **Cost** 64 bytes; a callable above 32 bytes lies beside them.
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
    /// The same with a name, for pictures and messages.
    template<class F, class... Ts>
    auto add(std::string_view name, F&& f, graph_value<Ts> const&... arguments) {
        auto node = add(std::forward<F>(f), arguments...);
        core_->add_name(*node.node_, name);
        return node;
    }

    /// A node whose callable returns a number: after it the successor of that number begins, at once and whatever else
    /// precedes it, and no other; none if there is no such successor. So graphs branch and loop. The callable may also
    /// return several numbers, as a std::vector<int>, a std::array or the like: then all those successors begin, beside
    /// each other. What a condition may pick does not begin by itself; and it should not be able to begin twice at the
    /// same time, so each number is to be returned once. **Throws** as `add`.
    template<class F, class... Ts>
        requires(!std::convertible_to<F const&, std::string_view>)
    graph_node add_condition(F&& f, graph_value<Ts> const&... arguments) {
        using callable = std::decay_t<F>;
        static_assert(
            detail::successor_numbers<std::invoke_result_t<callable&, detail::node_argument<Ts>...>>,
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

    /// A node that runs another graph. That one must outlive this one, keep its place, and not run elsewhere meanwhile:
    /// then the node fails with std::logic_error. Its failures and stops are those of the whole run. **Throws** as
    /// `add`; std::invalid_argument if `other` is or contains this graph.
    graph_node add_subgraph(task_graph& other);
    graph_node add_subgraph(std::string_view name, task_graph& other);

    /// Say what to write: edges are made by nodes.
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

    std::size_t size() const noexcept { return core_->nodes.size(); }
    bool empty() const noexcept { return size() == 0; }

    // Running.

    /// Runs the graph: on the pool whose worker is calling, else on the default pool. The future is ready when all
    /// nodes have ended that can begin; a thread that waits for it takes part. So does one that drops the future
    /// before: `g.run_n(100);` returns when all is done, as the graph has to live until then. What was thrown is lost
    /// in this case.
    ///
    /// **Threads** any, but one run at a time. **Blocks** never, but the end of the future that is returned. **Throws**
    /// std::logic_error if the graph runs already, or in a child of fork() with a pool of the parent's;
    /// std::invalid_argument as `validate()`; std::bad_alloc. The future throws what a node has thrown: of several,
    /// that of the node that was added first, and `not_run()` lists those that were not begun; or
    /// `operation_cancelled`. **Order** what a node has done happens before its successors begin, and before the future
    /// is ready. **Cost** per node an indirect call and a store, and an atomic operation for each edge to a node with
    /// several predecessors.
    future<void> run(graph_options options = {}) {
        return start(detail::current_pool(), 1, nullptr, std::move(options));
    }
    future<void> run(thread_pool& pool, graph_options options = {}) {
        return start(pool, 1, nullptr, std::move(options));
    }

    /// Runs it `passes` times, one after the other.
    future<void> run_n(std::uint64_t passes, graph_options options = {}) {
        return start(detail::current_pool(), passes, nullptr, std::move(options));
    }
    future<void> run_n(thread_pool& pool, std::uint64_t passes, graph_options options = {}) {
        return start(pool, passes, nullptr, std::move(options));
    }

    /// Runs it until `done()` is true, which is asked after each pass, by the thread that ends it.
    template<std::predicate F>
    future<void> run_until(F done, graph_options options = {}) {
        return start(detail::current_pool(), 1, std::make_unique<until<F>>(std::move(done)), std::move(options));
    }
    template<std::predicate F>
    future<void> run_until(thread_pool& pool, F done, graph_options options = {}) {
        return start(pool, 1, std::make_unique<until<F>>(std::move(done)), std::move(options));
    }

    // Asking.

    /// The nodes that were not begun in the last pass of the last run: by a failure, a stop, or because a condition
    /// picked others. All of them as long as there was none since the last change. **Throws** std::logic_error while
    /// the graph runs.
    std::vector<graph_node> not_run() const;

    /// Throws std::invalid_argument, with the names of the nodes, if some wait for each other in a circle in which
    /// there is no condition; if there are nodes that can never begin, as they are in a loop to which no other node
    /// leads; and if a node would wait for a unit of a semaphore that a subgraph around it holds, or two subgraphs take
    /// units in opposite orders. `run` checks all of it after each change.
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
