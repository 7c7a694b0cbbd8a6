// SPDX-License-Identifier: MIT
// What programs hold of a node of a task_graph. Public.
#pragma once

#include <hocket/future/priority.hpp>
#include <hocket/graph/graph_body.hpp>
#include <hocket/graph/graph_core.hpp>
#include <hocket/graph/semaphore.hpp>

#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>

namespace hocket::inline HOCKET_ABI {

class task_graph;

/// A node of a task_graph: two pointers, to be copied freely; worth nothing once the graph is gone.
///
/// Everything that changes the graph is for the one thread that builds it, while it does not run. **Throws**
/// std::logic_error by all that changes the graph, while it runs; and by all but comparisons where the node is empty.
class graph_node {
  public:
    graph_node() = default;

    /// The given nodes begin after this one has ended. Of a condition: the next of its successors, which it picks by
    /// their numbers, the first one being 0. **Throws** std::invalid_argument for a node of another graph, and then
    /// nothing has changed; std::bad_alloc.
    template<class... Nodes>
    graph_node const& precede(Nodes const&... others) const {
        (require_same_graph(others), ...);
        (graph().add_edge(*node_, *others.node_), ...);
        return *this;
    }
    /// This node begins after the given ones have ended. **Throws** as `precede`.
    template<class... Nodes>
    graph_node const& succeed(Nodes const&... others) const {
        (require_same_graph(others), ...);
        (graph().add_edge(*others.node_, *node_), ...);
        return *this;
    }

    /// The node takes a unit of each of these while it and its children run. Semaphores must outlive the runs.
    template<class... Semaphores>
    graph_node const& limit(Semaphores&... semaphores) const {
        (graph().add_limit(*node_, semaphores), ...);
        return *this;
    }

    /// The node takes a unit of each of these before it begins, and keeps it beyond its end: until a node of this
    /// graph, which `release`s the semaphore, has ended, or the pass is over. So a unit goes along a path of nodes.
    /// **Throws** std::invalid_argument for a semaphore that the node is limited by, or releases. **Cost** a lock that
    /// all such nodes of the process share.
    template<class... Semaphores>
    graph_node const& acquire(Semaphores&... semaphores) const {
        (graph().add_limit(*node_, semaphores, detail::unit_use::acquires), ...);
        return *this;
    }
    /// When the node has ended, it gives a unit of each of these back that another node of this graph has acquired. If
    /// no node has, the run fails with a std::logic_error. **Throws** and **Cost** as `acquire`.
    template<class... Semaphores>
    graph_node const& release(Semaphores&... semaphores) const {
        (graph().add_limit(*node_, semaphores, detail::unit_use::releases), ...);
        return *this;
    }

    /// Among the nodes that could begin, those of high priority come first and those of low priority last: exactly so
    /// on a pool of one worker, as a rule on larger ones.
    graph_node const& priority(hocket::priority level) const;

    /// The name that was given, or "node" and the number.
    std::string name() const { return graph().title_of(*node_); }

    /// Whether it has begun in the last pass of the last run. False as long as there was none since the graph was
    /// changed. **Throws** std::logic_error while the graph runs.
    bool ran() const;

    friend bool operator==(graph_node const&, graph_node const&) = default;

  protected:
    friend class task_graph;
    graph_node(detail::graph_core& graph, detail::node_record& node) noexcept : graph_(&graph), node_(&node) {}

    detail::graph_core& graph() const;
    void require_same_graph(graph_node const& other) const;

    detail::graph_core* graph_ = nullptr;
    detail::node_record* node_ = nullptr;
};

/// A node whose callable returns a T: others can take it as an argument, and it can be read after the run.
template<class T>
class graph_value : public graph_node {
  public:
    graph_value() = default;

    /// What the node returned in the last run: a `T const&`, or a `T&` if it returns a reference.
    /// **Throws** std::logic_error while the graph runs, and if the node did not run to its end.
    decltype(auto) get() const { return detail::argument_of(finished()); }

    /// The same, moved out of the node.
    T take() requires(!std::is_reference_v<T>) {
        T result = std::move(*finished().value);
        slot_->clear();
        return result;
    }

  private:
    friend class task_graph;
    graph_value(detail::graph_core& graph, detail::node_record& node, detail::value_slot<T>& slot) noexcept
        : graph_node(graph, node), slot_(&slot) {}

    detail::value_slot<T>& finished() const {
        graph().require_idle("hocket: the result of a node was asked for while its graph runs");
        if (!slot_->has() || (graph_->sealed && !graph_->ran(*node_)))
            throw std::logic_error("hocket: the result of a node was asked for that did not run");
        return *slot_;
    }

    detail::value_slot<T>* slot_ = nullptr;
};

} // namespace hocket

#if HOCKET_BODIES
#include <hocket/graph/graph_node.ipp>
#endif
