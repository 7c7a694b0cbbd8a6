// SPDX-License-Identifier: MIT
// Tests of graph_order and graph_traversal: the serial traversal of a lone stolen batch, and the nodes that it finds
// ready when it leaves, checked against each predecessor.
#include <hocket/future/future.hpp>
#include <hocket/future/promise.hpp>
#include <hocket/graph/graph_freeze.hpp>
#include <hocket/graph/graph_runner.hpp>
#include <hocket/graph/graph_traversal.hpp>
#include <hocket/graph/task_graph.hpp>
#include <hocket/pool/thread_pool.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <random>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

namespace {

using namespace hocket::detail;

struct dice : std::mt19937 {
    using std::mt19937::mt19937;
    std::uint32_t below(std::uint32_t n) { return static_cast<std::uint32_t>((*this)() % n); }
};

struct nothing {
    void operator()(node_record&, graph_runner&) const noexcept {}
};

/// A graph of random edges, and the graph as a list of predecessors.
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
    std::uint32_t waits_for(std::uint32_t node) const {
        return static_cast<std::uint32_t>(records[node]->state.load(std::memory_order_relaxed));
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

/// Traverses `steps` nodes and leaves before the last of them finishes.
void walk_and_leave(sample& graph, std::uint32_t steps) {
    graph_core& core = graph.core;
    graph_traversal walk;
    core.begin_pass(core.own_run);
    walk.begin(core);
    for (std::uint32_t step = 0; step < steps; ++step) {
        ASSERT_TRUE(walk.goes_on());
        node_record& node = walk.pop();
        std::uint32_t const index = core.index_of(node);
        ASSERT_TRUE(graph.is_ready(index));
        ASSERT_FALSE(graph.has_run(index));
        if (step + 1 == steps) {
            graph_traversal::found const those = walk.leave(core);
            ASSERT_FALSE(walk.goes_on());
            std::vector<std::uint32_t> found;
            for (std::uint32_t i = 0; i < those.count; ++i) found.push_back(core.index_of(*those.begin[i]));
            std::sort(found.begin(), found.end());
            std::vector<std::uint32_t> expected;
            for (std::uint32_t i = 0; i < core.nodes.size(); ++i)
                if (i != index && !graph.has_run(i) && graph.is_ready(i)) expected.push_back(i);
            ASSERT_EQ(found, expected);
            for (std::uint32_t i = 0; i < core.nodes.size(); ++i) {
                ASSERT_EQ(core.ran(*graph.records[i]), graph.has_run(i));
                auto const left = [&](std::uint32_t p) { return !graph.has_run(p); };
                ASSERT_EQ(graph.waits_for(i),
                          graph.has_run(i)
                              ? graph.before[i].size() // in the next pass
                              : std::size_t(std::count_if(graph.before[i].begin(), graph.before[i].end(), left)));
            }
            return;
        }
        graph.ran.push_back(index);
    }
}

TEST(graph_traversal, finds_what_is_ready_when_it_ends_anywhere) {
    dice random(1);
    for (std::uint32_t round = 0; round < 200; ++round) {
        std::uint32_t const nodes = 1 + random.below(300);
        sample graph(nodes, round % 4, round % 2 != 0, random);
        ASSERT_TRUE(graph.core.order.known());
        walk_and_leave(graph, 1 + random.below(nodes));
        if (HasFatalFailure()) return;
    }
}

TEST(graph_traversal, ends_after_the_last_node) {
    dice random(2);
    sample graph(130, 2, true, random);
    walk_and_leave(graph, 130);
}

TEST(graph_traversal, knows_that_all_ran_when_it_was_not_left) {
    dice random(4);
    sample graph(130, 2, true, random);
    for (unsigned pass = 0; pass < 3; ++pass) {
        graph_traversal walk;
        graph.core.begin_pass(graph.core.own_run);
        for (node_record const* const node : graph.records) ASSERT_FALSE(graph.core.ran(*node));
        for (walk.begin(graph.core); walk.goes_on();) walk.pop();
        ASSERT_TRUE(walk.active());
        walk.end(graph.core);
        ASSERT_FALSE(walk.active());
        for (node_record const* const node : graph.records) ASSERT_TRUE(graph.core.ran(*node));
    }
}

TEST(graph_traversal, knows_what_has_begun_when_it_is_given_up) {
    dice random(5);
    sample graph(130, 2, true, random);
    for (std::uint32_t const steps : {0u, 1u, 77u, 130u}) {
        graph_traversal walk;
        graph.core.begin_pass(graph.core.own_run);
        walk.begin(graph.core);
        std::vector<node_record const*> begun;
        while (begun.size() < steps) begun.push_back(&walk.pop());
        walk.give_up(graph.core);
        ASSERT_FALSE(walk.active());
        for (node_record const* const node : graph.records)
            ASSERT_EQ(graph.core.ran(*node), std::find(begun.begin(), begun.end(), node) != begun.end());
    }
}

TEST(graph_traversal, spares_counts_that_lie_far_from_each_other) {
    constexpr std::uint32_t size = 20'000;
    graph_core core;
    std::vector<node_record*> records;
    for (std::uint32_t i = 0; i < size; ++i) records.push_back(core.add_node<nothing>(node_flags::plain).first);
    for (std::uint32_t i = 1; i < size / 2; ++i) core.add_edge(*records[0], *records[i]); // these edges are not counted
    for (std::uint32_t i = size / 2 + 2; i < size; ++i) {
        core.add_edge(*records[i - 1], *records[i]);
        core.add_edge(*records[i - 2], *records[i]);
    }
    core.freeze();
    EXPECT_EQ(graph_traversal::spared(core), 0U);
    for (std::uint32_t i = 1; i < size / 2; ++i) core.add_edge(*records[i], *records[i + size / 2]);
    core.freeze();
    EXPECT_GT(graph_traversal::spared(core), 0U);
}

/// A chain of the nodes with even numbers. Each node but the last also precedes the odd-numbered node behind it. The
/// graph learns in its first run that its nodes are short. So the following runs traverse it serially, if there is one
/// worker.
struct ladder {
    template<class F>
    explicit ladder(F const& body) {
        for (unsigned i = 0; i < size; ++i) nodes.push_back(graph.add([body, i] { body(i); }));
        for (unsigned i = 0; i + 2 < size; i += 2) nodes[i].precede(nodes[i + 2], nodes[i + 1]);
    }
    static constexpr unsigned size = 200;
    hocket::task_graph graph;
    std::vector<hocket::graph_node> nodes;
};

TEST(graph_traversal, nodes_say_whether_they_ran_when_one_has_failed) {
    hocket::thread_pool pool({.workers = 1});
    unsigned failing = 0;
    std::vector<bool> begun;
    ladder those([&](unsigned i) {
        begun[i] = true;
        if (i == failing) throw std::runtime_error("a node that fails");
    });
    for (unsigned run = 0; run < 12; ++run) {
        begun.assign(ladder::size, false);
        failing = run % 3 == 2 ? 17 * run : ladder::size;
        if (failing == ladder::size)
            those.graph.run(pool).get();
        else
            EXPECT_THROW(those.graph.run(pool).get(), std::runtime_error);
        for (unsigned i = 0; i < ladder::size; ++i) ASSERT_EQ(those.nodes[i].ran(), begun[i]);
    }
}

TEST(graph_traversal, is_left_by_a_node_that_waits_for_a_later_one) {
    hocket::thread_pool pool({.workers = 1});
    std::optional<hocket::promise<int>> promise;
    std::optional<hocket::future<int>> future;
    std::vector<unsigned> ran(ladder::size);
    bool waits = false;
    int got = 0;
    ladder those([&](unsigned i) {
        if (waits && i == 31) got += future->get();
        if (waits && i == 80) promise->set_value(80);
        ++ran[i];
    });
    for (unsigned run = 1; run <= 20; ++run) {
        waits = run % 4 == 0;
        promise.emplace();
        future.emplace(promise->get_future());
        those.graph.run(pool).get();
        for (unsigned i = 0; i < ladder::size; ++i) {
            ASSERT_EQ(ran[i], run);
            ASSERT_TRUE(those.nodes[i].ran());
        }
        if (!waits) promise->set_value(0);
    }
    EXPECT_EQ(got, 5 * 80);
}

/// One thread traverses the graph although others ask for nodes, since most counts lie far from each other. It does not
/// know that a node waits: another worker has to see that.
TEST(graph_traversal, is_taken_from_a_node_that_holds_its_thread) {
    constexpr unsigned half = 5'000;
    hocket::thread_pool alone({.workers = 1});
    for (unsigned const workers : {2u, 3u, 4u, 8u, 16u, 64u}) {
        hocket::thread_pool pool({.workers = workers});
        std::vector<std::atomic<unsigned>> ran(2 * half);
        bool waits = false;
        hocket::task_graph graph;
        std::vector<hocket::graph_node> nodes;
        for (unsigned i = 0; i < 2 * half; ++i)
            nodes.push_back(graph.add([&ran, &waits, i] {
                if (waits && i == half + 100)
                    while (ran[2 * half - 1] == ran[half + 100]) std::this_thread::yield();
                ran[i].store(ran[i].load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
            }));
        for (unsigned i = 1; i < half; ++i) nodes[i - 1].precede(nodes[i]);
        for (unsigned i = 0; i < half; ++i)
            for (unsigned k = 0; k < 12; ++k) nodes[(i + k) % half].precede(nodes[half + i]);
        for (unsigned run = 1; run <= 12; ++run) {
            waits = run % 4 == 0;
            graph.run(waits ? pool : alone).get(); // alone, the graph learns that its nodes are short
            for (auto const& each : ran) ASSERT_EQ(each, run);
        }
    }
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
