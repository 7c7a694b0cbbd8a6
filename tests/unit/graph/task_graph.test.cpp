// SPDX-License-Identifier: MIT
// Tests of building and running graphs: order, results, failures, stops, and forbidden calls.
#include <hocket/future/submit.hpp>
#include <hocket/graph/task_graph.hpp>

#include <hocket/fork_join/join.hpp>
#include <stress/watchdog.hpp>

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <memory>
#include <ostream>
#include <sstream>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace hocket;
using stress_test::watchdog;

/// Returns the message of the E that `f` throws, or a text that says that `f` did not throw an E.
template<class E, class F>
std::string message_of(F&& f) {
    try {
        f();
    } catch (E const& error) {
        return error.what();
    } catch (...) {
        return "threw something else";
    }
    return "did not throw";
}

TEST(task_graph, runs_an_empty_graph) {
    task_graph g;
    g.run().get();
    EXPECT_TRUE(g.empty());
    EXPECT_TRUE(g.not_run().empty());
}

TEST(task_graph, runs_nodes_in_the_order_of_their_edges) {
    thread_pool pool({.workers = 3});
    task_graph g;
    std::atomic<int> clock{0};
    std::array<int, 4> ended{};
    auto const note = [&](std::size_t i) { return [&, i] { ended[i] = ++clock; }; };
    auto a = g.add(note(0));
    auto b = g.add(note(1));
    auto c = g.add(note(2));
    auto d = g.add(note(3));
    a.precede(b, c);
    d.succeed(b, c);
    for (int i = 0; i < 100; ++i) {
        clock = 0;
        g.run(pool).get();
        EXPECT_EQ(clock, 4);
        EXPECT_EQ(ended[0], 1);
        EXPECT_EQ(ended[3], 4);
    }
    EXPECT_TRUE(a.ran());
    EXPECT_TRUE(g.not_run().empty());
}

TEST(task_graph, passes_results_to_other_nodes) {
    task_graph g;
    int base = 1;
    auto left = g.add([&] { return base; });
    auto right = g.add("right", [] { return std::make_unique<int>(41); });
    auto text = g.add([] { return std::string("is"); });
    auto& reference = base;
    auto where = g.add([&reference]() -> int& { return reference; });
    auto sum = g.add([](int x, std::unique_ptr<int> const& y) { return x + *y; }, left, right);
    auto all = g.add(
        "all", [](std::string const& s, int n, int& at) { return s + std::to_string(n + at); }, text, sum, where);
    g.run().get();
    EXPECT_EQ(sum.get(), 42);
    EXPECT_EQ(all.get(), "is43");
    EXPECT_EQ(&where.get(), &base);
    base = 2;
    g.run().get();
    EXPECT_EQ(all.get(), "is45");
    EXPECT_EQ(*right.take(), 41);
    EXPECT_THROW((void)right.get(), std::logic_error);
    EXPECT_THROW((void)right.take(), std::logic_error);
}

TEST(task_graph, may_use_a_result_twice_in_one_node) {
    task_graph g;
    auto three = g.add([] { return 3; });
    auto nine = g.add([](int a, int b) { return a * b; }, three, three);
    g.run().get();
    EXPECT_EQ(nine.get(), 9);
}

TEST(task_graph, keeps_large_and_small_and_aligned_callables_and_destroys_them) {
    auto const counted = std::make_shared<int>(0);
    {
        task_graph g;
        std::array<int, 100> large{};
        large[99] = 7;
        struct alignas(64) aligned {
            int value = 5;
        } const wide{};
        int sum = 0;
        auto a = g.add([&sum, large, counted] { sum += large[99]; });
        auto b = g.add([&sum, wide] {
            EXPECT_EQ(reinterpret_cast<std::uintptr_t>(&wide) % 64, 0u);
            sum += wide.value;
        });
        auto c = g.add([&sum, p = std::make_unique<int>(3), counted] { sum += *p; });
        a.precede(b);
        b.precede(c);
        g.run().get();
        EXPECT_EQ(sum, 15);
        EXPECT_EQ(counted.use_count(), 3);
    }
    EXPECT_EQ(counted.use_count(), 1);
}

TEST(task_graph, runs_a_number_of_times_and_until_a_condition_holds) {
    task_graph g;
    int runs = 0;
    auto a = g.add([&] { ++runs; });
    auto b = g.add([&] { ++runs; });
    a.precede(b);
    g.run_n(10).get();
    EXPECT_EQ(runs, 20);
    g.run_n(0).get();
    EXPECT_EQ(runs, 20);
    g.run_until([&] { return runs >= 30; }).get();
    EXPECT_EQ(runs, 30);
    EXPECT_THROW(g.run_until([&]() -> bool { throw std::out_of_range("asked"); }).get(), std::out_of_range);
    EXPECT_EQ(runs, 32);
}

TEST(task_graph, is_waited_for_when_the_future_of_a_run_is_dropped) {
    thread_pool pool({.workers = 2});
    for (int round = 0; round < 50; ++round) {
        int runs = 0;
        task_graph g;
        auto a = g.add([&] { std::this_thread::sleep_for(std::chrono::microseconds(100)); });
        auto b = g.add([&] { ++runs; });
        a.precede(b);
        (void)g.run(pool);
        ASSERT_EQ(runs, 1);
        (void)g.run_n(3);
        ASSERT_EQ(runs, 4);
        {
            std::vector<future<void>> kept;
            kept.push_back(g.run_until(pool, [&] { return runs == 9; }));
        }
        ASSERT_EQ(runs, 9);
        submit(pool, [&] { (void)g.run(); }).get();
        ASSERT_EQ(runs, 10);
        task_graph failing;
        failing.add([] { throw std::runtime_error("lost"); });
        (void)failing.run(pool);
    }
}

TEST(task_graph, can_be_changed_between_runs) {
    task_graph g;
    int sum = 0;
    auto a = g.add([&] { sum += 1; });
    g.run().get();
    auto b = g.add("b", [&] { sum *= 10; });
    a.precede(b);
    EXPECT_FALSE(a.ran());
    g.run().get();
    EXPECT_EQ(sum, 20);
    auto c = g.add([&] { sum += 5; });
    b.precede(c);
    g.run().get();
    EXPECT_EQ(sum, 215);
    EXPECT_EQ(b.name(), "b");
    EXPECT_EQ(c.name(), "node 2");
}

TEST(task_graph, runs_inside_of_a_task_and_waits_there) {
    watchdog const dog("graphs in tasks");
    for (std::size_t const workers : {1u, 2u, 4u}) {
        thread_pool pool({.workers = workers});
        std::atomic<int> ran{0};
        auto const nest = [&] {
            task_graph g;
            auto a = g.add([&] { ++ran; });
            for (int i = 0; i < 20; ++i) a.precede(g.add([&] { ++ran; }));
            g.run().get();
        };
        join(pool, nest, nest);
        task_graph outer;
        auto first = outer.add(nest);
        for (int i = 0; i < 10; ++i) first.precede(outer.add(nest));
        outer.run(pool).get();
        EXPECT_EQ(ran, 13 * 21);
    }
}

TEST(task_graph, goes_on_without_anybody_who_waits) {
    std::atomic<bool> ran{false};
    task_graph g;
    g.add([&] { ran = true; });
    future<void> const done = g.run();
    while (!done.ready()) std::this_thread::yield();
    EXPECT_TRUE(ran);
}

TEST(task_graph, the_future_of_a_run_can_be_continued) {
    task_graph g;
    int value = 0;
    g.add([&] { value = 20; });
    EXPECT_EQ(g.run().then([&] { return value + 1; }).get(), 21);
}

TEST(task_graph_failure, the_first_exception_stops_what_has_not_begun) {
    thread_pool pool({.workers = 1});
    task_graph g;
    auto a = g.add("a", [] {});
    auto b = g.add("b", [] { throw std::runtime_error("b fails"); });
    auto c = g.add("c", [] {});
    auto d = g.add("d", [] {});
    a.precede(b);
    b.precede(c);
    c.precede(d);
    EXPECT_EQ(message_of<std::runtime_error>([&] { g.run(pool).get(); }), "b fails");
    EXPECT_TRUE(a.ran());
    EXPECT_TRUE(b.ran());
    ASSERT_EQ(g.not_run().size(), 2u);
    EXPECT_EQ(g.not_run()[0], c);
    EXPECT_EQ(g.not_run()[1].name(), "d");
}

TEST(task_graph_failure, of_several_the_node_that_was_added_first_wins) {
    watchdog const dog("two failures");
    thread_pool pool({.workers = 2});
    for (int i = 0; i < 50; ++i) {
        task_graph g;
        std::atomic<int> here{0};
        for (char const* const name : {"first", "second"})
            g.add([&here, name] {
                ++here;
                while (here != 2) std::this_thread::yield();
                throw std::runtime_error(name);
            });
        EXPECT_EQ(message_of<std::runtime_error>([&] { g.run(pool).get(); }), "first");
    }
}

TEST(task_graph_failure, a_graph_runs_again_after_one) {
    thread_pool pool({.workers = 2});
    task_graph g;
    bool fails = true;
    std::atomic<int> ran{0};
    auto a = g.add([&] { ++ran; });
    auto b = g.add([&] {
        if (fails) throw std::runtime_error("once");
        ++ran;
    });
    auto join_node = g.add([&] { ++ran; });
    join_node.succeed(a, b);
    EXPECT_THROW(g.run(pool).get(), std::runtime_error);
    EXPECT_FALSE(join_node.ran());
    fails = false;
    ran = 0;
    g.run(pool).get();
    EXPECT_EQ(ran, 3);
    EXPECT_TRUE(join_node.ran());
}

TEST(task_graph_failure, the_result_of_a_node_that_failed_or_was_not_begun_is_an_error) {
    task_graph g;
    bool fails = false;
    auto a = g.add([&] {
        if (fails) throw std::runtime_error("a");
        return 1;
    });
    auto b = g.add([](int x) { return x + 1; }, a);
    EXPECT_THROW((void)b.get(), std::logic_error);
    g.run().get();
    EXPECT_EQ(b.get(), 2);
    fails = true;
    EXPECT_THROW(g.run().get(), std::runtime_error);
    EXPECT_THROW((void)a.get(), std::logic_error);
    EXPECT_THROW((void)b.get(), std::logic_error);
}

TEST(task_graph_stop, a_token_that_was_requested_before_lets_nothing_begin) {
    task_graph g;
    std::stop_source stop;
    stop.request_stop();
    bool ran = false;
    g.add([&] { ran = true; });
    EXPECT_THROW(g.run({.stop = stop.get_token()}).get(), operation_cancelled);
    EXPECT_FALSE(ran);
    EXPECT_EQ(g.not_run().size(), 1u);
    g.run().get();
    EXPECT_TRUE(ran);
}

TEST(task_graph_stop, a_request_during_a_run_stops_what_has_not_begun_and_can_be_asked_for) {
    task_graph g;
    std::stop_source stop;
    bool asked = false;
    auto a = g.add([&] {
        EXPECT_FALSE(this_task::stop_requested());
        stop.request_stop();
        asked = this_task::stop_requested();
    });
    auto b = g.add([] {});
    a.precede(b);
    EXPECT_THROW(g.run_n(1000, {.stop = stop.get_token()}).get(), operation_cancelled);
    EXPECT_TRUE(asked);
    EXPECT_TRUE(a.ran());
    EXPECT_FALSE(b.ran());
}

TEST(task_graph_misuse, of_graphs_that_run_is_an_error) {
    watchdog const dog("misuse of a graph that runs");
    task_graph g;
    std::atomic<bool> begun{false};
    std::atomic<bool> released{false};
    auto a = g.add([&] {
        begun = true;
        while (!released) std::this_thread::yield();
    });
    auto b = g.add([] { return 1; });
    task_graph outer;
    outer.add_subgraph(g);
    future<void> done = g.run();
    while (!begun) std::this_thread::yield();
    EXPECT_THROW((void)g.run(), std::logic_error);
    EXPECT_THROW(g.add([] {}), std::logic_error);
    EXPECT_THROW(a.precede(b), std::logic_error);
    EXPECT_THROW(a.priority(priority::high), std::logic_error);
    EXPECT_THROW((void)a.ran(), std::logic_error);
    EXPECT_THROW((void)b.get(), std::logic_error);
    EXPECT_THROW((void)g.not_run(), std::logic_error);
    EXPECT_THROW(g.validate(), std::logic_error);
    EXPECT_THROW(outer.run().get(), std::logic_error);
    released = true;
    done.get();
    EXPECT_EQ(b.get(), 1);
    outer.run().get();
}

TEST(task_graph_misuse, an_edge_to_another_graph_is_an_error) {
    task_graph g;
    task_graph h;
    auto a = g.add([] { return 1; });
    auto b = h.add([] {});
    EXPECT_THROW(a.precede(b), std::invalid_argument);
    EXPECT_THROW(b.succeed(a), std::invalid_argument);
    EXPECT_THROW(h.add([](int) {}, a), std::invalid_argument);
    EXPECT_EQ(h.size(), 1u);
    graph_node const nothing;
    EXPECT_THROW(a.precede(nothing), std::invalid_argument);
    EXPECT_THROW((void)nothing.name(), std::logic_error);
    g.run().get();
}

TEST(task_graph_misuse, a_circle_is_named) {
    task_graph g;
    auto before = g.add("before", [] {});
    auto a = g.add("a", [] {});
    auto b = g.add("b", [] {});
    auto c = g.add([] {});
    auto after = g.add("after", [] {});
    before.precede(a);
    a.precede(b);
    b.precede(c);
    c.precede(a, after);
    std::string const text = message_of<std::invalid_argument>([&] { g.validate(); });
    EXPECT_NE(text.find("a -> b"), std::string::npos) << text;
    EXPECT_NE(text.find("node 3"), std::string::npos) << text;
    EXPECT_EQ(text.find("before"), std::string::npos) << text;
    EXPECT_EQ(text.find("after"), std::string::npos) << text;
    EXPECT_EQ(message_of<std::invalid_argument>([&] { (void)g.run(); }), text);
    EXPECT_EQ(message_of<std::invalid_argument>([&] { (void)g.run(); }), text); // the graph does not count as running
}

TEST(task_graph_misuse, a_node_that_precedes_itself_is_a_circle) {
    task_graph g;
    auto a = g.add("a", [] {});
    a.precede(a);
    EXPECT_THROW(g.validate(), std::invalid_argument);
    EXPECT_THROW((void)g.run(), std::invalid_argument);
}

TEST(task_graph_misuse_death, destroying_a_graph_that_runs_says_so) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    EXPECT_DEATH(
        {
            std::atomic<bool> go{false};
            task_graph g;
            g.add([&] {
                while (!go) std::this_thread::yield();
            });
            auto const done = g.run();
            task_graph().run().get();
            g = task_graph();
        },
        "destroyed while it runs");
}

TEST(task_graph, draws_itself) {
    task_graph inner;
    inner.add("deep", [] {});
    task_graph g("a \"graph\"");
    auto a = g.add("load", [] {});
    auto b = g.add_condition([] { return 0; });
    auto c = g.add_subgraph("sub", inner);
    a.precede(b);
    b.precede(a, c);
    std::ostringstream out;
    g.to_dot(out);
    EXPECT_EQ(out.str(), "digraph \"a \\\"graph\\\"\" {\n"
                         "  n0 [label=\"load\"];\n"
                         "  n1 [label=\"node 1\" shape=diamond];\n"
                         "  n2 [label=\"sub\" shape=box3d];\n"
                         "  n0 -> n1;\n"
                         "  n1 -> n0 [style=dashed label=\"0\"];\n"
                         "  n1 -> n2 [style=dashed label=\"1\"];\n"
                         "  subgraph cluster_n2 {\n"
                         "  label=\"sub\";\n"
                         "  n2_n0 [label=\"deep\"];\n"
                         "  }\n"
                         "}\n");
}

TEST(task_graph, moves_with_its_nodes) {
    task_graph g;
    auto a = g.add([] { return 8; });
    task_graph h = std::move(g);
    h.run().get();
    EXPECT_EQ(a.get(), 8);
}

} // namespace
