// SPDX-License-Identifier: MIT
// Tasks that depend on each other and are run again and again, floor 5. Public.
#pragma once

#include <hocket/pool/default_pool.hpp>
#include <hocket/task/future.hpp>
#include <hocket/task/graph_body.hpp>
#include <hocket/task/graph_core.hpp>
#include <hocket/task/graph_freeze.hpp>
#include <hocket/task/graph_node.hpp>
#include <hocket/task/graph_slice.hpp>
#include <hocket/task/graph_special.hpp>
#include <hocket/task/graph_text.hpp>

#include <concepts>
#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace hocket {

/// Options of a run of a task_graph.
struct graph_options {
    /// Once it is requested, no further node begins, and the future of the run throws `operation_cancelled`.
    std::stop_token stop{};
};

/// Nodes, each of which begins when those before it have ended.
///
/// One thread builds it. The first run after a change freezes it into a flat form (8 bytes for an edge, up to 24 for a node);
/// from then on a run allocates nothing. Nodes that are too short to be worth a second thread run in the order in which they were
/// added, where edges, priorities and the kinds of nodes allow it: best add them as a serial program would run them.
/// A node's callable is called without arguments, or with the results of other nodes, which it gets as `T const&`; or with
/// `subtasks&` first, to add tasks that end before the node's successors begin. What it returns stays in the node.
///
/// A thread keeps some of the nodes that could begin at hand, until it has run those before them; others get them sooner only
/// while nodes take a microsecond and more, and when one of its nodes waits for something of this library or calls `blocking`. So a
/// node that locks a plain mutex, whose owner may wait for another node, should do so within `blocking`: else that one may be
/// among those at hand, and both wait for ever.
///
/// A graph that is destroyed while it runs terminates the program with a message: a destructor that waited would hang where
/// the run needs what its caller was about to do. A moved-from graph may only be destroyed or assigned to.
class task_graph {
  public:
    explicit task_graph(std::string_view name = {}) : core_(std::make_unique<detail::graph_core>()) {
        core_->title = name;
    }
    task_graph(task_graph&&) noexcept = default;
    task_graph& operator=(task_graph&&) noexcept = default;

    // Building.

    /// A node that calls `f(results of the given nodes...)`, which precede it.
    /// **Throws** std::invalid_argument for a node of another graph, std::logic_error while the graph runs, std::bad_alloc, and what
    /// copying `f` throws. **Cost** 64 bytes; a callable above 32 bytes lies beside them.
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
    /// precedes it, and no other; none if there is no such successor. So graphs branch and loop. What a condition may pick
    /// does not begin by itself; and it should not be able to begin twice at the same time.
    /// **Throws** as `add`.
    template<class F, class... Ts>
        requires(!std::convertible_to<F const&, std::string_view>)
    graph_node add_condition(F&& f, graph_value<Ts> const&... arguments) {
        using callable = std::decay_t<F>;
        static_assert(std::is_invocable_r_v<std::int64_t, callable&, detail::node_argument<Ts>...>,
                      "hocket: task_graph::add_condition takes a callable that returns the number of a successor");
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

    /// A node that runs another graph. That one must outlive this one, keep its place, and not run elsewhere meanwhile: then the
    /// node fails with std::logic_error. Its failures and stops are those of the whole run.
    /// **Throws** as `add`; std::invalid_argument if `other` is or contains this graph.
    graph_node add_subgraph(task_graph& other) {
        if (other.core_->contains(*core_))
            throw std::invalid_argument("hocket: a task_graph was to become a subgraph of itself");
        core_->open();
        detail::node_record* const node =
            core_->add_node<detail::nested_body>(detail::node_flags::subgraph, other.core_.get()).first;
        core_->nested.add({node, other.core_.get()});
        return graph_node(*core_, *node);
    }
    graph_node add_subgraph(std::string_view name, task_graph& other) {
        graph_node const node = add_subgraph(other);
        core_->add_name(*node.node_, name);
        return node;
    }

    std::size_t size() const noexcept { return core_->nodes.size(); }
    bool empty() const noexcept { return size() == 0; }

    // Running.

    /// Runs the graph: on the pool whose worker is calling, else on the default pool. The future is ready when all nodes have
    /// ended that can begin; a thread that waits for it takes part. So does one that drops the future before: `g.run_n(100);`
    /// returns when all is done, as the graph has to live until then. What was thrown is lost in this case.
    ///
    /// **Threads** any, but one run at a time. **Blocks** never, but the end of the future that is returned.
    /// **Throws** std::logic_error if the graph runs already, or in a child of fork() with a pool of the parent's;
    /// std::invalid_argument as `validate()`; std::bad_alloc. The future throws what a node has thrown: of several, that of
    /// the node that was added first, and `not_run()` lists those that were not begun; or `operation_cancelled`.
    /// **Order** what a node has done happens before its successors begin, and before the future is ready.
    /// **Cost** per node an indirect call and a store, and an atomic operation for each edge to a node with several predecessors.
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

    /// The nodes that were not begun in the last pass of the last run: by a failure, a stop, or because a condition picked others.
    /// All of them as long as there was none since the last change. **Throws** std::logic_error while the graph runs.
    std::vector<graph_node> not_run() const {
        core_->require_idle("hocket: a task_graph was asked which nodes did not run while it runs");
        std::vector<graph_node> result;
        core_->nodes.for_each([&](detail::node_record& node) {
            if (!core_->ran(node)) result.push_back(graph_node(*core_, node));
        });
        return result;
    }

    /// Throws std::invalid_argument, with the names of the nodes, if some wait for each other in a circle in which there is no
    /// condition; and if there are nodes, but none that can begin. `run` checks the same after each change.
    void validate() const {
        core_->require_idle("hocket: a task_graph was to be validated while it runs");
        core_->require_sound();
    }

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

    void require_own(graph_node const& node) const {
        if (node.graph_ != core_.get())
            throw std::invalid_argument("hocket: a node takes the result of a node of another task_graph");
    }

    HOCKET_NOINLINE future<void> start(thread_pool& pool, std::uint64_t passes,
                                       std::unique_ptr<detail::graph_until> done, graph_options options) {
        detail::scheduler& sched = pool.sched();
        sched.require_this_process();
        detail::graph_core& core = *core_;
        if (passes == 0) return make_ready_future();
        if (core.running.exchange(true, std::memory_order_acquire)) // <- graph.idle
            throw std::logic_error(
                "hocket: a task_graph is run that runs already; wait for the future of the first run");
        try {
            core.freeze();
            using state = detail::future_state<void>;
            detail::state_reference<state> promise(
                detail::make_in_slab<state>(detail::awaited_future, &sched, false, std::uint32_t{2}));
            future<void> result(promise.get());
            promise->scope = detail::new_scope();
            promise->help = [](detail::future_state_base& self, detail::worker& me) noexcept {
                return detail::run_one_of(me, self.scope);
            };
            core.own_run.scope = promise->scope;
            core.begin_pass(core.own_run);
            detail::graph_share* const share = detail::graph_share::make_of_all(core);
            core.own_run.passes_left = passes - 1;
            core.own_run.until = std::move(done);
            core.own_run.begin(sched, std::move(promise), std::move(options.stop), core.short_runs);
            core.alive.store(1, std::memory_order_relaxed);
            detail::spawn(sched, *share);
            return result;
        } catch (...) {
            core.running.store(false, std::memory_order_release); // graph.idle ->
            throw;
        }
    }

    std::unique_ptr<detail::graph_core> core_;
};

} // namespace hocket
