// SPDX-License-Identifier: MIT
// Tests of graphs whose course is not known beforehand: conditions, loops, graphs in graphs, nodes that add tasks,
// semaphores, priorities.
#include <hocket/graph/task_graph.hpp>

#include <hocket/algorithm/loops/parallel_for.hpp>
#include <stress/watchdog.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace hocket;
using stress_test::watchdog;

TEST(graph_condition, picks_a_successor_by_its_number) {
    for (int const choice : {-1, 0, 1, 2, 3}) {
        task_graph g;
        auto pick = g.add_condition([choice] { return choice; });
        std::vector<graph_node> ways;
        for (int i = 0; i < 3; ++i) {
            ways.push_back(g.add([] {}));
            pick.precede(ways.back());
        }
        g.run().get();
        for (int i = 0; i < 3; ++i) EXPECT_EQ(ways[std::size_t(i)].ran(), i == choice);
        EXPECT_EQ(g.not_run().size(), choice >= 0 && choice < 3 ? 2u : 3u);
    }
}

TEST(graph_condition, loops_and_the_graph_runs_again) {
    watchdog const dog("loops of conditions");
    for (std::size_t const workers : {1u, 3u}) {
        thread_pool pool({.workers = workers});
        task_graph g;
        int rounds = 0;
        std::atomic<int> bodies{0};
        auto init = g.add([&] { rounds = 0; });
        auto body = g.add([&] { ++bodies; });
        auto left = g.add([&] { ++bodies; });
        auto right = g.add([&] { ++bodies; });
        auto meet = g.add([&] { ++rounds; });
        auto again = g.add_condition([&] { return rounds < 1000 ? 0 : 1; });
        auto end = g.add([] {});
        init.precede(body);
        body.precede(left, right);
        meet.succeed(left, right);
        meet.precede(again);
        again.precede(body, end);
        g.validate();
        for (int run = 1; run <= 3; ++run) {
            g.run(pool).get();
            EXPECT_EQ(rounds, 1000);
            EXPECT_EQ(bodies, 3000 * run);
            EXPECT_TRUE(end.ran());
        }
    }
}

TEST(graph_condition, takes_results_and_leaves_counts_even_after_a_branch_not_taken) {
    task_graph g;
    int wish = 0;
    auto value = g.add([&] { return wish; });
    auto pick = g.add_condition([](int v) { return v; }, value);
    auto a = g.add([] {});
    auto b = g.add([] {});
    auto both = g.add([] {});
    pick.precede(a, b);
    both.succeed(a, value); // begins only when `a` is picked
    for (int run = 0; run < 6; ++run) {
        wish = run % 2;
        g.run().get();
        EXPECT_EQ(both.ran(), wish == 0);
    }
}

TEST(graph_condition, alone_cannot_begin_a_graph) {
    task_graph g;
    auto a = g.add_condition([] { return 0; });
    auto b = g.add_condition([] { return 0; });
    a.precede(b);
    b.precede(a);
    EXPECT_THROW(g.validate(), std::invalid_argument);
    EXPECT_THROW((void)g.run(), std::invalid_argument);
}

TEST(graph_subgraph, runs_between_its_neighbours) {
    watchdog const dog("subgraphs");
    for (std::size_t const workers : {1u, 4u}) {
        thread_pool pool({.workers = workers});
        std::atomic<int> ran{0};
        task_graph innermost;
        for (int i = 0; i < 50; ++i) innermost.add([&] { ++ran; });
        task_graph inner;
        auto deep = inner.add_subgraph(innermost);
        auto check = inner.add([&] { EXPECT_EQ(ran % 51, 50); });
        deep.precede(check);
        task_graph g;
        auto a = g.add([] {});
        auto sub = g.add_subgraph("inner", inner);
        auto b = g.add([&] { ++ran; });
        a.precede(sub);
        sub.precede(b);
        g.run_n(pool, 20).get();
        EXPECT_EQ(ran, 20 * 51);
        EXPECT_TRUE(check.ran());
        inner.run(pool).get();
        EXPECT_EQ(ran, 20 * 51 + 50);
    }
}

TEST(graph_subgraph, an_empty_one_is_fine) {
    task_graph inner;
    task_graph g;
    auto sub = g.add_subgraph(inner);
    bool after = false;
    sub.precede(g.add([&] { after = true; }));
    g.run().get();
    EXPECT_TRUE(after);
}

TEST(graph_subgraph, its_failure_fails_the_run) {
    task_graph inner;
    auto bad = inner.add([] { throw std::runtime_error("inside"); });
    auto never = inner.add([] {});
    bad.precede(never);
    task_graph g;
    auto sub = g.add_subgraph(inner);
    auto after = g.add([] {});
    sub.precede(after);
    EXPECT_THROW(g.run().get(), std::runtime_error);
    EXPECT_FALSE(never.ran());
    EXPECT_FALSE(after.ran());
    EXPECT_TRUE(sub.ran());
    EXPECT_THROW(inner.run().get(), std::runtime_error);
}

TEST(graph_subgraph, cannot_contain_the_graph_it_is_in) {
    task_graph g;
    task_graph h;
    EXPECT_THROW(g.add_subgraph(g), std::invalid_argument);
    g.add_subgraph(h);
    EXPECT_THROW(h.add_subgraph(g), std::invalid_argument);
}

TEST(graph_subtasks, end_before_the_successors_begin) {
    watchdog const dog("subtasks");
    for (std::size_t const workers : {1u, 2u, 5u}) {
        thread_pool pool({.workers = workers});
        task_graph g;
        std::atomic<int> ran{0};
        auto spawning = g.add("spawning", [&](subtasks& more) {
            for (int i = 0; i < 300; ++i)
                more.run([&](subtasks& further) {
                    ++ran;
                    for (int k = 0; k < 3; ++k) further.run([&] { ++ran; });
                });
        });
        int seen = 0;
        spawning.precede(g.add([&] { seen = ran; }));
        for (int run = 1; run <= 10; ++run) {
            g.run(pool).get();
            EXPECT_EQ(seen, run * 1200);
        }
    }
}

TEST(graph_subtasks, come_with_arguments_and_results) {
    task_graph g;
    auto count = g.add([] { return 10; });
    std::atomic<int> sum{0};
    auto result = g.add(
        [&](subtasks& more, int n) {
            for (int i = 0; i < n; ++i) more.run([&sum, i] { sum += i; });
            return n * 2;
        },
        count);
    auto after = g.add([&](int n) { return n + sum; }, result);
    g.run().get();
    EXPECT_EQ(after.get(), 65);
}

TEST(graph_subtasks, may_be_added_by_threads_that_help_the_body) {
    watchdog const dog("subtasks from helpers");
    thread_pool pool({.workers = 4});
    task_graph g;
    std::atomic<int> ran{0};
    auto a =
        g.add([&](subtasks& more) { parallel_for(0, 2000, [&](int) { more.run([&] { ++ran; }); }, {.grain = 1}); });
    a.precede(g.add([&] { EXPECT_EQ(ran % 2000, 0); }));
    for (int run = 1; run <= 5; ++run) {
        g.run(pool).get();
        EXPECT_EQ(ran, 2000 * run);
    }
}

TEST(graph_subtasks, a_failure_destroys_those_that_have_not_begun) {
    watchdog const dog("failing subtasks");
    for (std::size_t const workers : {1u, 3u}) {
        thread_pool pool({.workers = workers});
        auto const counted = std::make_shared<int>(0);
        task_graph g;
        auto a = g.add([&counted](subtasks& more) {
            for (int i = 0; i < 500; ++i)
                more.run([counted, i] {
                    if (i == 400) throw std::runtime_error("child");
                });
            throw std::logic_error("parent");
        });
        auto after = g.add([] {});
        a.precede(after);
        EXPECT_ANY_THROW(g.run(pool).get());
        EXPECT_FALSE(after.ran());
        EXPECT_EQ(counted.use_count(), 1);
    }
}

TEST(graph_semaphore, limits_how_many_run_at_once) {
    watchdog const dog("semaphores");
    for (std::size_t const workers : {1u, 4u, 8u}) {
        thread_pool pool({.workers = workers});
        semaphore two(2);
        semaphore three(3);
        std::atomic<int> in_two{0};
        std::atomic<int> in_three{0};
        std::atomic<int> ran{0};
        task_graph g;
        auto const enter = [](std::atomic<int>& inside, int most) {
            EXPECT_LE(++inside, most);
            std::this_thread::yield();
            --inside;
        };
        for (int i = 0; i < 300; ++i) {
            auto node = g.add([&, i] {
                if (i % 3 != 0) enter(in_two, 2);
                if (i % 3 != 1) enter(in_three, 3);
                ++ran;
            });
            if (i % 3 == 0) node.limit(three);
            if (i % 3 == 1) node.limit(two);
            if (i % 6 == 2) node.limit(two, three);
            if (i % 6 == 5) node.limit(three, two, three);
        }
        g.run_n(pool, 3).get();
        EXPECT_EQ(ran, 900);
    }
}

TEST(graph_semaphore, is_held_until_the_children_and_the_subgraph_end) {
    watchdog const dog("semaphores and children");
    thread_pool pool({.workers = 4});
    semaphore one(1);
    std::atomic<int> inside{0};
    task_graph inner;
    inner.add([&] { EXPECT_EQ(++inside, 1); }).precede(inner.add([&] { --inside; }));
    task_graph g;
    for (int i = 0; i < 20; ++i) {
        auto node = g.add([&](subtasks& more) {
            EXPECT_EQ(++inside, 1);
            more.run([&] {
                std::this_thread::yield();
                --inside;
            });
        });
        node.limit(one);
    }
    auto sub = g.add_subgraph(inner);
    sub.limit(one);
    g.run_n(pool, 5).get();
    EXPECT_EQ(inside, 0);
}

TEST(graph_semaphore, is_given_back_by_nodes_that_fail_or_are_stopped) {
    watchdog const dog("semaphores and failures");
    thread_pool pool({.workers = 3});
    semaphore one(1);
    for (int round = 0; round < 20; ++round) {
        task_graph g;
        for (int i = 0; i < 50; ++i)
            g.add([i, round] {
                 if (i == round * 2) throw std::runtime_error("node");
             }).limit(one);
        EXPECT_THROW(g.run(pool).get(), std::runtime_error);
    }
    task_graph g;
    bool ran = false;
    g.add([&] { ran = true; }).limit(one);
    g.run(pool).get();
    EXPECT_TRUE(ran);
    EXPECT_THROW(semaphore(0), std::invalid_argument);
}

TEST(graph_semaphore, is_shared_by_graphs) {
    watchdog const dog("a semaphore of two graphs");
    thread_pool pool({.workers = 3});
    semaphore one(1);
    std::atomic<int> inside{0};
    std::vector<std::unique_ptr<task_graph>> graphs;
    std::vector<future<void>> runs;
    for (int i = 0; i < 4; ++i) {
        graphs.push_back(std::make_unique<task_graph>());
        for (int k = 0; k < 100; ++k)
            graphs.back()
                ->add([&] {
                    EXPECT_EQ(++inside, 1);
                    --inside;
                })
                .limit(one);
    }
    for (auto& graph : graphs) runs.push_back(graph->run_n(pool, 5));
    for (auto& run : runs) run.get();
}

TEST(graph_priority, decides_which_node_comes_first) {
    thread_pool pool({.workers = 1});
    task_graph g;
    std::string order;
    auto start = g.add([&] { order.clear(); });
    for (char const c : {'l', 'n', 'h', 'm', 'i', 'k'}) {
        auto node = g.add([&order, c] { order += c; });
        if (c == 'h' || c == 'i') node.priority(priority::high);
        if (c == 'l' || c == 'k') node.priority(priority::low);
        start.precede(node);
    }
    auto const sorted = [&] {
        std::string classes;
        for (char const c : order) classes += c == 'h' || c == 'i' ? 'H' : c == 'l' || c == 'k' ? 'L' : 'N';
        return classes;
    };
    for (int i = 0; i < 5; ++i) {
        g.run(pool).get();
        EXPECT_EQ(sorted(), "HHNNLL") << order;
    }
    task_graph roots;
    order.clear();
    for (char const c : {'l', 'n', 'h'})
        roots.add([&order, c] { order += c; })
            .priority(c == 'h'   ? priority::high
                      : c == 'l' ? priority::low
                                 : priority::normal);
    roots.run(pool).get();
    EXPECT_EQ(order, "hnl");
}

TEST(graph_depth, a_chain_of_a_million_runs_in_a_small_stack) {
    watchdog const dog("a long chain");
    int const length = stress_test::repetitions(1'000'000);
    task_graph g;
    int ran = 0;
    graph_node before = g.add([&] { ++ran; });
    for (int i = 1; i < length; ++i) {
        graph_node const next = g.add([&] { ++ran; });
        before.precede(next);
        before = next;
    }
    thread_pool pool({.workers = 1});
    g.run(pool).get();
    EXPECT_EQ(ran, length);
}

TEST(graph_width, a_hundred_thousand_successors_and_roots) {
    watchdog const dog("a wide graph");
    int const width = stress_test::repetitions(100'000);
    for (std::size_t const workers : {1u, 3u}) {
        thread_pool pool({.workers = workers});
        task_graph g;
        std::atomic<int> ran{0};
        graph_node root = g.add([&] { ++ran; });
        for (int i = 0; i < width; ++i) {
            root.precede(g.add([&] { ++ran; }));
            g.add([&] { ++ran; });
        }
        g.run(pool).get();
        EXPECT_EQ(ran, 2 * width + 1);
    }
}

} // namespace
