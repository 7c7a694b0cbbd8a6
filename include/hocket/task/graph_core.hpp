// SPDX-License-Identifier: MIT
// What a task_graph consists of, floor 5: its nodes and edges while it is being built, and the flat form into which the first
// run freezes them. One thread at a time builds; graph_slice.hpp runs the frozen form.
#pragma once

#include <hocket/base/config.hpp>
#include <hocket/task/graph_order.hpp>
#include <hocket/task/graph_run.hpp>
#include <hocket/task/graph_store.hpp>
#include <hocket/task/node_record.hpp>
#include <hocket/task/semaphore.hpp>

#include <atomic>
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

namespace hocket::detail {

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

/// One of the semaphores of a node; `next` is the number of a further one, plus 1. Sorted by address.
struct graph_limit {
    semaphore* what;
    std::uint32_t next;
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

    /// Before each change.
    void open() {
        if (sealed) [[unlikely]]
            thaw();
    }

    /// A node whose callable is `Body(args...)`; the body runs as `body(node, slice)`.
    template<class Body, class... Args>
    HOCKET_ALWAYS_INLINE std::pair<node_record*, Body*> add_node(std::uint32_t flags, Args&&... args) {
        open();
        node_record* const node = ::new (static_cast<void*>(nodes.place())) node_record;
        Body* body = nullptr;
        if constexpr (!std::is_base_of_v<node_parts, Body> && sizeof(Body) <= node_record::capacity &&
                      alignof(Body) <= node_record::capacity) {
            body = ::new (static_cast<void*>(node->bytes)) Body{std::forward<Args>(args)...};
            node->call = [](node_record& self, graph_slice& slice) {
                (*std::launder(reinterpret_cast<Body*>(self.bytes)))(self, slice);
            };
            if constexpr (sizeof(Body) <= node_record::capacity / 2) flags |= node_flags::small;
        } else {
            body = ::new (arena.allocate(sizeof(Body), alignof(Body))) Body{std::forward<Args>(args)...};
            std::memcpy(node->bytes, &body, sizeof body);
            flags |= node_flags::small;
            node->call = [](node_record& self, graph_slice& slice) { (*body_of<Body>(self))(self, slice); };
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

    /// The body of a node that does not fit into it.
    template<class Body>
    static Body* body_of(node_record& node) noexcept {
        Body* body;
        std::memcpy(&body, node.bytes, sizeof body);
        return body;
    }

    void add_edge(node_record& from, node_record& to) {
        open();
        edges_made.add({&from, &to});
        if (!has_conditions || from.kind() != node_flags::condition) { // `from` is left in memory if possible
            ++to.before;
        } else {
            to.flags |= node_flags::chosen;
        }
    }

    void add_name(node_record& node, std::string_view name) {
        open();
        char* const text = static_cast<char*>(arena.allocate(name.size() + 1, 1));
        std::memcpy(text, name.data(), name.size());
        text[name.size()] = 0;
        names.add({index_of(node), static_cast<std::uint32_t>(name.size()), text});
    }

    HOCKET_COLD void add_limit(node_record& node, semaphore& what) {
        open();
        std::uint32_t const at = limits.size();
        if (at >> (32 - node_flags::limit_shift) != 0)
            throw std::length_error("hocket: a task_graph has no room for more than 2^24 limits of nodes");
        std::uint32_t before = 0;
        std::uint32_t after = (node.flags & node_flags::limited) != 0 ? node.limits() + 1 : 0;
        while (after != 0 && std::uintptr_t(limits[after - 1].what) < std::uintptr_t(&what)) {
            before = after;
            after = limits[after - 1].next;
        }
        if (after != 0 && limits[after - 1].what == &what) return;
        limits.add({&what, after});
        if (before != 0)
            limits[before - 1].next = at + 1;
        else
            node.flags = (node.flags & ((1u << node_flags::limit_shift) - 1)) | node_flags::limited |
                         (at << node_flags::limit_shift);
    }

    void set_rank(node_record& node, std::uint32_t rank) {
        open();
        node.flags = (node.flags & ~node_flags::ranked) | rank;
    }

    /// Whether `other` is this graph or runs inside of it.
    HOCKET_COLD bool contains(graph_core const& other) const noexcept {
        if (this == &other) return true;
        bool found = false;
        nested.for_each([&](graph_nested const& it) { found = found || it.graph->contains(other); });
        return found;
    }

    // Asking.

    std::uint32_t index_of(node_record const& node) const noexcept {
        return sealed ? nodes.index_of(&node) : static_cast<std::uint32_t>(node.state.load(std::memory_order_relaxed));
    }
    HOCKET_COLD std::string_view name_of(node_record const& node) const noexcept {
        std::uint32_t const index = index_of(node);
        std::uint32_t low = 0;
        std::uint32_t high = names.size();
        while (low < high) {
            std::uint32_t const middle = low + (high - low) / 2;
            if (names[middle].node < index)
                low = middle + 1;
            else
                high = middle;
        }
        if (low == names.size() || names[low].node != index) return {};
        return {names[low].text, names[low].length};
    }
    /// The name, or "node 7".
    HOCKET_COLD std::string title_of(node_record const& node) const {
        std::string_view const name = name_of(node);
        return name.empty() ? "node " + std::to_string(index_of(node)) : std::string(name);
    }
    bool ran(node_record const& node) const noexcept {
        return sealed && passes != 0 &&
               (walked == passes || (node.state.load(std::memory_order_relaxed) >> 32) == passes);
    }
    /// Frozen: those that the node precedes.
    std::span<node_record* const> successors_of(node_record const& node) const noexcept {
        return {(node.flags & node_flags::near) != 0 ? node.near() : edges.get() + node.first, node.count};
    }
    void require_idle(char const* what) const {
        if (running.load(std::memory_order_acquire)) // <- graph.idle
            throw std::logic_error(what);
    }

    // Freezing.

    /// Makes the flat form, of this graph and of those inside of it. Throws std::invalid_argument when nodes wait for each
    /// other in a circle, and std::bad_alloc.
    void freeze() {
        nested.for_each([](graph_nested const& it) {
            if (!it.graph->sealed) it.graph->freeze();
        });
        if (!sealed) make_flat();
    }

    /// Before a run: after one that did not run every node, some wait for less than they should.
    void rearm() noexcept {
        if (!uneven) return;
        nodes.for_each([](node_record& node) {
            std::uint64_t const state = node.state.load(std::memory_order_relaxed);
            node.state.store((state & ~std::uint64_t{0xffff'ffff}) | node.before, std::memory_order_relaxed);
        });
        uneven = false;
    }

    /// All that is known of the graph belongs to one more pass of `its_run`.
    void begin_pass(graph_run& its_run) noexcept {
        rearm();
        run = &its_run;
        if (++passes == 0) passes = 1;
    }

    /// The outermost graph's run is over: it may be run, changed and destroyed again.
    graph_outcome end_run() noexcept {
        short_runs = now_ticks() - own_run.started >= graph_run::worth_waking() ? 0 : short_runs + 1;
        graph_outcome outcome = own_run.end();
        running.store(false, std::memory_order_release); // graph.idle ->
        return outcome;
    }

    /// The numbers of all nodes, so that each comes behind those that it waits for. Throws std::invalid_argument if nodes wait for
    /// each other in a circle, or none can begin.
    std::unique_ptr<std::uint32_t[]> sorted() const;
    HOCKET_COLD void require_sound() const {
        static_cast<void>(sorted());
        nested.for_each([](graph_nested const& it) { it.graph->require_sound(); });
    }

    graph_store<node_record> nodes;
    graph_store<graph_edge> edges_made;
    graph_store<graph_name> names; // in the order of the nodes
    graph_store<graph_limit> limits;
    graph_store<graph_nested> nested;
    graph_store<graph_destructor> destructors;
    graph_arena arena;
    std::string title;
    bool has_conditions = false;

    /// Frozen: the successors of all nodes, one node after the other, then the nodes that nobody precedes.
    bool sealed = false;
    std::unique_ptr<node_record*[]> edges;
    std::uint32_t first_root = 0;
    std::uint32_t roots = 0;
    graph_order order;

    // One run.
    std::uint32_t passes = 0; // how often it began, ever
    std::uint32_t walked = 0; // the last pass that was a walk to its end: the nodes' words know nothing of it
    std::uint32_t short_runs = 0;
    bool uneven = false;      // counts of predecessors need a reset
    graph_run* run = nullptr; // of the outermost graph
    graph_core* parent = nullptr;
    node_record* parent_node = nullptr;
    graph_run own_run; // while this is the outermost one

    /// Writers: whoever starts a run, whoever ends it. Readers: those who are about to start or change the graph.
    std::atomic<bool> running{false};
    /// Writers: slices. The slices that run, wait in a queue, or have been put aside by a semaphore: at 0 the pass is over.
    alignas(cache_line) std::atomic<std::uint64_t> alive{0};
    /// Writers, readers: slices. About how many nodes take a microsecond: a hint for the next slices.
    std::atomic<std::uint32_t> stride{1};

  private:
    HOCKET_COLD void thaw() {
        require_idle("hocket: a task_graph was changed while it runs; wait for the future that run() returned");
        std::uint32_t index = 0;
        nodes.for_each([&](node_record& node) { node.state.store(index++, std::memory_order_relaxed); });
        sealed = false;
        uneven = false;
        edges.reset();
        order.forget();
    }

    void make_flat();
    void put_in_order();

    bool running_in_this_process() const noexcept {
        return running.load(std::memory_order_acquire) && run->pool->in_this_process(); // <- graph.idle
    }
    [[noreturn]] HOCKET_COLD static void die() noexcept {
        std::fputs("hocket: a task_graph is being destroyed while it runs; keep the future that run() returned, and "
                   "wait for it "
                   "before the graph ends\n",
                   stderr);
        std::terminate();
    }
};

} // namespace hocket::detail
