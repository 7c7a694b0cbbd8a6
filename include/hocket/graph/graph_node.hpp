// SPDX-License-Identifier: MIT
// The handles by which programs refer to nodes of a task_graph. Public.
#pragma once

#include <hocket/base/priority.hpp>
#include <hocket/graph/graph_body.hpp>
#include <hocket/graph/graph_core.hpp>
#include <hocket/graph/semaphore.hpp>

#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>

namespace hocket::inline HOCKET_ABI {

class task_graph;

/// A node of a task_graph: two pointers, cheap to copy. It must not be used after its graph is destroyed.
///
/// Only the thread that builds the graph may call a function that changes the graph, while the graph does not run.
/// **Throws** std::logic_error from each function that changes the graph, if the graph runs; and from all functions but
/// comparisons, if the node is empty.
class graph_node {
  public:
    graph_node() = default;

    /// Lets the given nodes begin after this node has finished. If this node is a condition, the given nodes become its
    /// next successors, which it picks by their numbers, from 0 on. **Throws** std::invalid_argument for a node of
    /// another graph, and then nothing has changed; std::bad_alloc.
    template<class... Nodes>
    graph_node const& precede(Nodes const&... others) const {
        static_assert((std::is_base_of_v<graph_node, Nodes> && ...),
                      "hocket: graph_node::precede takes nodes, which task_graph::add has returned");
        (require_same_graph(others), ...);
        (graph().add_edge(*node_, *others.node_), ...);
        return *this;
    }
    /// Lets this node begin after the given nodes have finished. **Throws** as `precede`.
    template<class... Nodes>
    graph_node const& succeed(Nodes const&... others) const {
        static_assert((std::is_base_of_v<graph_node, Nodes> && ...),
                      "hocket: graph_node::succeed takes nodes, which task_graph::add has returned");
        (require_same_graph(others), ...);
        (graph().add_edge(*others.node_, *node_), ...);
        return *this;
    }

    /// Makes the node take a unit of each semaphore while the node and its children run. Semaphores must outlive the
    /// runs.
    template<class... Semaphores>
    graph_node const& limit(Semaphores&... semaphores) const {
        (graph().add_limit(*node_, semaphores), ...);
        return *this;
    }

    /// Makes the node take a unit of each semaphore before it begins, and keep the unit after it has finished. The unit
    /// goes back when a later node of this graph that `release`s the semaphore finishes, or else at the end of the
    /// pass. So a unit travels along a path of nodes. **Throws** std::invalid_argument for a semaphore that limits the
    /// node or that the node releases. **Cost** a lock that all such nodes of the process share.
    template<class... Semaphores>
    graph_node const& acquire(Semaphores&... semaphores) const {
        (graph().add_limit(*node_, semaphores, detail::unit_use::acquires), ...);
        return *this;
    }
    /// Makes the node give back a unit of each semaphore when the node has finished. Another node of this graph must
    /// have acquired the unit; otherwise the run fails with a std::logic_error. **Throws** and **Cost** as `acquire`.
    template<class... Semaphores>
    graph_node const& release(Semaphores&... semaphores) const {
        (graph().add_limit(*node_, semaphores, detail::unit_use::releases), ...);
        return *this;
    }

    /// Sets the priority. Among the ready nodes, nodes of high priority begin first and nodes of low priority last:
    /// always on a pool with one worker, and as a rule on larger pools.
    graph_node const& priority(hocket::priority level) const;

    /// Returns the given name, or "node" and the number.
    std::string name() const { return graph().title_of(*node_); }

    /// Whether the node began in the last pass of the last run. Returns false if the graph has not run since its last
    /// change. **Throws** std::logic_error while the graph runs.
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

/// A node whose callable returns a T. Other nodes can take the result as an argument, and it can be read after the run.
template<class T>
class graph_value : public graph_node {
  public:
    graph_value() = default;

    /// Returns the result of the node in the last run: a `T const&`, or a `T&` if the callable returns a reference.
    /// **Throws** std::logic_error while the graph runs, and if the node did not finish without an error.
    decltype(auto) get() const { return detail::argument_of(finished()); }

    /// Moves the result out of the node and returns it. **Throws** as `get`.
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
        graph().require_idle("hocket: the result of a node was requested while its graph runs");
        if (!slot_->has() || (graph_->sealed && !graph_->ran(*node_)))
            throw std::logic_error("hocket: the result of a node was requested, but the node did not run");
        return *slot_;
    }

    detail::value_slot<T>* slot_ = nullptr;
};

} // namespace hocket

#if HOCKET_BODIES
#include <hocket/graph/graph_node.ipp>
#endif
