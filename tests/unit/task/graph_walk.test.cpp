// SPDX-License-Identifier: MIT
// graph_order and graph_walk: the way of a slice that is alone, and what it finds ready when it leaves it, against a look at
// each predecessor.
#include <hocket/task/graph_freeze.hpp>
#include <hocket/task/graph_slice.hpp>
#include <hocket/task/graph_walk.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <random>
#include <utility>
#include <vector>

namespace {

using namespace hocket::detail;

struct dice : std::mt19937 {
    using std::mt19937::mt19937;
    std::uint32_t below(std::uint32_t n) { return static_cast<std::uint32_t>((*this)() % n); }
};

struct nothing {
    void operator()(node_record&, graph_slice&) const noexcept {}
};

/// A graph of random edges, and the same as a list of predecessors.
struct sample {
    sample(std::uint32_t nodes, std::uint32_t most_edges, bool shuffled, dice& random) : before(nodes) {
        std::vector<std::uint32_t> names(nodes);
        for (std::uint32_t i = 0; i < nodes; ++i) {
            names[i] = i;
            records.push_back(core.add_node<nothing>(node_flags::plain).first);
        }
        if (shuffled) std::shuffle(names.begin(), names.end(), random);
        for (std::uint32_t i = 1; i < nodes; ++i)
            for (std::uint32_t e = random.below(most_edges + 1); e != 0; --e) {
                std::uint32_t const from = names[random.below(i)];
                before[names[i]].push_back(from);
                core.add_edge(*records[from], *records[names[i]]);
            }
        core.freeze();
    }
    void begin(std::uint32_t node) { // as a slice does
        records[node]->state.store(records[node]->before, std::memory_order_relaxed);
        ran.push_back(node);
    }
    bool has_run(std::uint32_t node) const { return std::find(ran.begin(), ran.end(), node) != ran.end(); }
    bool is_ready(std::uint32_t node) const {
        return std::all_of(before[node].begin(), before[node].end(), [&](std::uint32_t p) { return has_run(p); });
    }

    graph_core core;
    std::vector<node_record*> records;
    std::vector<std::vector<std::uint32_t>> before;
    std::vector<std::uint32_t> ran;
};

/// Walks over `steps` nodes, of which the last one ends only later, and leaves.
void walk_and_leave(sample& graph, std::uint32_t steps) {
    graph_core& core = graph.core;
    graph_walk walk;
    walk.begin(core);
    for (std::uint32_t step = 0; step < steps; ++step) {
        ASSERT_TRUE(walk.goes_on());
        node_record& node = walk.pop();
        std::uint32_t const index = core.index_of(node);
        ASSERT_TRUE(graph.is_ready(index));
        ASSERT_FALSE(graph.has_run(index));
        if (step + 1 == steps) {
            graph_walk::found const those = walk.leave(core);
            ASSERT_FALSE(walk.goes_on());
            std::vector<std::uint32_t> found;
            for (std::uint32_t i = 0; i < those.count; ++i) found.push_back(core.index_of(*those.begin[i]));
            std::sort(found.begin(), found.end());
            std::vector<std::uint32_t> expected;
            for (std::uint32_t i = 0; i < core.nodes.size(); ++i)
                if (i != index && !graph.has_run(i) && graph.is_ready(i)) expected.push_back(i);
            ASSERT_EQ(found, expected);
            return;
        }
        graph.begin(index);
        for (std::uint32_t e = node.first; e != node.first + node.count; ++e) graph_walk::count_down(*core.edges[e]);
    }
}

TEST(graph_walk, finds_what_is_ready_when_it_ends_anywhere) {
    dice random(1);
    for (std::uint32_t round = 0; round < 200; ++round) {
        std::uint32_t const nodes = 1 + random.below(300);
        sample graph(nodes, round % 4, round % 2 != 0, random);
        ASSERT_TRUE(graph.core.order.known());
        walk_and_leave(graph, 1 + random.below(nodes));
        if (HasFatalFailure()) return;
    }
}

TEST(graph_walk, ends_after_the_last_node) {
    dice random(2);
    sample graph(130, 2, true, random);
    walk_and_leave(graph, 130);
}

TEST(graph_order, is_that_in_which_nodes_were_added_if_all_edges_lead_forwards) {
    dice random(3);
    sample graph(200, 2, false, random);
    for (std::uint32_t i = 0; i < 200; ++i) ASSERT_EQ(graph.core.order.nodes()[i], graph.records[i]);
}

TEST(graph_order, is_not_made_of_nodes_of_different_urgency_or_kind) {
    for (std::uint32_t const flag : {node_flags::high, node_flags::low, node_flags::condition, node_flags::subgraph}) {
        graph_core core;
        node_record* const first = core.add_node<nothing>(node_flags::plain).first;
        node_record* const second = core.add_node<nothing>(flag).first;
        core.add_edge(*first, *second);
        core.freeze();
        EXPECT_FALSE(core.order.known());
    }
}

TEST(graph_order, is_made_anew_after_a_change) {
    graph_core core;
    node_record* const first = core.add_node<nothing>(node_flags::plain).first;
    node_record* const second = core.add_node<nothing>(node_flags::plain).first;
    core.freeze();
    EXPECT_EQ(core.order.nodes()[0], first);
    core.add_edge(*second, *first);
    EXPECT_FALSE(core.order.known());
    core.freeze();
    EXPECT_EQ(core.order.nodes()[0], second);
}

} // namespace
