// SPDX-License-Identifier: MIT
// The parts of a task_graph: its nodes and edges while it is being built, and the flat form into which the first run
// freezes them. One thread at a time builds a graph; graph_runner.hpp runs the frozen form.
#pragma once

#include <hocket/base/atomic.hpp>
#include <hocket/base/config.hpp>
#include <hocket/graph/graph_order.hpp>
#include <hocket/graph/graph_run.hpp>
#include <hocket/graph/graph_store.hpp>
#include <hocket/graph/node_record.hpp>
#include <hocket/graph/semaphore.hpp>

#include <cstdint>
#include <cstdio>
#include <cstring>
#include <exception>
#include <memory>
#include <new>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace hocket::inline HOCKET_ABI::detail {

class graph_core;

struct graph_edge {
    node_record* from;
    node_record* to;
};

struct graph_name {
    std::uint32_t node;
    std::uint32_t length;
    char const* text;
};

/// What a node does with a unit of a semaphore.
enum class unit_use : std::uint8_t { holds, acquires, releases };

/// A semaphore that a node uses. `next` is the number of the next semaphore of the node, plus 1. They are sorted by
/// address.
struct graph_limit {
    semaphore* what;
    std::uint32_t next;
    unit_use use = unit_use::holds;
    unit_holder holder{};
};

struct graph_nested {
    node_record* node;
    graph_core* graph;
};

/// A callable that has a destructor.
struct graph_destructor {
    void* body;
    void (*destroy)(void* body) noexcept;
};

class graph_core {
  public:
    graph_core() = default;
    graph_core(graph_core const&) = delete;
    graph_core& operator=(graph_core const&) = delete;
    ~graph_core() {
        if (running_in_this_process()) die();
        destructors.for_each([](graph_destructor const& it) { it.destroy(it.body); });
    }

    // Building.

    /// Prepares the graph for a change; called before each change.
    void open();

    /// Adds a node whose callable is `Body(args...)`; the node runs as `body(node, runner)`.
    template<class Body, class... Args>
    HOCKET_ALWAYS_INLINE std::pair<node_record*, Body*> add_node(std::uint32_t flags, Args&&... args) {
        open();
        node_record* const node = ::new (static_cast<void*>(nodes.place())) node_record;
        Body* body = nullptr;
        if constexpr (!std::is_base_of_v<node_parts, Body> && sizeof(Body) <= node_record::capacity &&
                      alignof(Body) <= node_record::capacity) {
            body = ::new (static_cast<void*>(node->bytes)) Body{std::forward<Args>(args)...};
            node->call = [](node_record& self, graph_runner& runner) {
                (*std::launder(reinterpret_cast<Body*>(self.bytes)))(self, runner);
            };
            if constexpr (sizeof(Body) <= node_record::capacity / 2) flags |= node_flags::small;
        } else {
            body = ::new (arena.allocate(sizeof(Body), alignof(Body))) Body{std::forward<Args>(args)...};
            std::memcpy(node->bytes, &body, sizeof body);
            flags |= node_flags::small;
            node->call = [](node_record& self, graph_runner& runner) { (*body_of<Body>(self))(self, runner); };
        }
        if constexpr (!std::is_trivially_destructible_v<Body>) {
            try {
                destructors.add({body, [](void* it) noexcept { static_cast<Body*>(it)->~Body(); }});
            } catch (...) {
                body->~Body();
                throw;
            }
        }
        node->flags = flags;
        if ((flags & node_flags::kind) == node_flags::condition) has_conditions = true;
        node->state.store(nodes.size(), std::memory_order_relaxed);
        nodes.commit();
        return {node, body};
    }

    /// Returns the body of a node whose body does not fit into it.
    template<class Body>
    static Body* body_of(node_record& node) noexcept {
        Body* body;
        std::memcpy(&body, node.bytes, sizeof body);
        return body;
    }

    void add_edge(node_record& from, node_record& to);

    void add_name(node_record& node, std::string_view name);

    [[gnu::cold]] void add_limit(node_record& node, semaphore& what, unit_use use = unit_use::holds);

    void set_rank(node_record& node, std::uint32_t rank);

    /// Whether `other` is this graph or runs inside of it.
    [[gnu::cold]] bool contains(graph_core const& other) const noexcept;

    // Asking.

    std::uint32_t index_of(node_record const& node) const noexcept {
        return sealed ? nodes.index_of(&node) : static_cast<std::uint32_t>(node.state.load(std::memory_order_relaxed));
    }
    [[gnu::cold]] std::string_view name_of(node_record const& node) const noexcept;
    /// Returns the name, or "node 7".
    [[gnu::cold]] std::string title_of(node_record const& node) const;
    bool ran(node_record const& node) const noexcept;
    /// Returns the successors of the node in a frozen graph.
    std::span<node_record* const> successors_of(node_record const& node) const noexcept {
        return {(node.flags & node_flags::near) != 0 ? node.near() : edges.get() + node.first, node.count};
    }
    void require_idle(char const* what) const;

    // Freezing.

    /// Makes the flat form of this graph and of its subgraphs. Throws std::invalid_argument when nodes wait for each
    /// other in a cycle, and std::bad_alloc.
    void freeze();

    /// Resets the counts of predecessors before a pass. After a pass that did not run every node, some counts are too
    /// low.
    void rearm() noexcept;

    /// Begins one more pass of `its_run`.
    void begin_pass(graph_run& its_run) noexcept;

    /// Subtracts a runner that has finished. Returns true for the last runner.
    bool count_off() noexcept {
        return alive.fetch_sub(1, std::memory_order_acq_rel) == 1; // graph.alive ->, <- graph.alive
    }

    /// Finishes the run of the outermost graph. The graph may run, change and be destroyed again.
    graph_outcome end_run() noexcept;

    /// Returns the numbers of all nodes in a topological order. Throws std::invalid_argument if nodes wait for each
    /// other in a cycle, or if no node can begin.
    std::unique_ptr<std::uint32_t[]> sorted() const;
    [[gnu::cold]] void require_sound() const;
    /// Throws std::invalid_argument if nodes would wait for ever for units of semaphores that the subgraphs around them
    /// hold.
    void require_units() const;
    /// Calls `require_units` before a run, once after each change.
    void check_units();

    graph_store<node_record> nodes;
    graph_store<graph_edge> edges_made;
    graph_store<graph_name> names; // in the order of the nodes
    graph_store<graph_limit> limits;
    graph_store<graph_nested> nested;
    graph_store<graph_destructor> destructors;
    graph_arena arena;
    std::string title;
    bool has_conditions = false;
    bool limited = false; // a node of the graph or of a subgraph takes units of semaphores
    bool lends = false;   // a node acquires or releases units

    /// Whether the graph is frozen. Then `edges` holds the successors of all nodes, one node after the other, and after
    /// them the nodes without predecessors.
    bool sealed = false;
    bool units_checked = false; // require_units has passed
    std::unique_ptr<node_record*[]> edges;
    std::uint32_t first_root = 0;
    std::uint32_t roots = 0;
    graph_order order;

    // One run.
    std::uint32_t passes = 0; // how many passes have begun
    std::uint32_t walked = 0; // the last pass that a serial traversal finished; the words of the nodes do not record it
    std::uint32_t short_runs = 0;
    bool uneven = false;      // counts of predecessors need a reset
    graph_run* run = nullptr; // of the outermost graph
    graph_core* parent = nullptr;
    node_record* parent_node = nullptr;
    graph_run own_run;        // while this graph is the outermost one
    std::uint64_t search = 0; // the last search of held_units that has seen this graph; guarded by its mutex
    graph_core* next_in_search = nullptr;

    /// Whether a run has not finished. Writers: the threads that begin and finish a run. Readers: threads that are
    /// about to start or change the graph.
    atomic<bool> running{false};
    /// Counts the runners that run, the batches that wait in a queue or that a semaphore has put aside, and the running
    /// subgraphs. At 0 the pass has finished. Writers: runners.
    alignas(cache_line) atomic<std::uint64_t> alive{0};
    /// About how many nodes take a microsecond: a hint for later runners. Writers, readers: runners.
    atomic<std::uint32_t> stride{1};

  private:
    [[gnu::cold]] void thaw();

    void make_flat();
    void put_in_order();

    bool running_in_this_process() const noexcept {
        return running.load(std::memory_order_acquire) && run->pool->in_this_process(); // <- graph.idle
    }
    [[noreturn]] [[gnu::cold]] static void die() noexcept;
};

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/graph/graph_core.ipp>
#endif
