// SPDX-License-Identifier: MIT
// Tests semaphores of graphs inside of graphs. An error names nodes that would wait for each other for ever. It comes
// before the run where the deadlock can be seen, else from the run that closes the cycle. Also tests loops that no node
// leads into.
#include <hocket/graph/semaphore.hpp>
#include <hocket/graph/task_graph.hpp>

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <stdexcept>
#include <string>
#include <thread>

namespace {

using namespace hocket;
using namespace std::chrono_literals;

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
bool names(std::string const& text, std::string const& name) { return text.find(name) != std::string::npos; }

/// Returns a node body that waits until two of its kind run.
auto meet(std::atomic<int>& there) {
    return [&there] {
        ++there;
        for (auto const end = std::chrono::steady_clock::now() + 20s;
             there < 2 && std::chrono::steady_clock::now() < end;)
            std::this_thread::sleep_for(100us);
    };
}

TEST(nested_limits, the_unit_of_the_subgraph_is_wanted_inside_of_it) {
    thread_pool pool({.workers = 2, .bind = binding::none});
    semaphore one(1);
    task_graph inner;
    auto b = inner.add("b", [] {});
    inner.add("a", [] {}).precede(b);
    b.limit(one);
    task_graph middle;
    middle.add_subgraph("middle", inner);
    task_graph outer;
    auto const node = outer.add_subgraph("sub", middle);
    outer.validate();
    outer.run(pool).get();
    node.limit(one);
    for (int i = 0; i < 2; ++i) {
        std::string const seen = message_of<std::invalid_argument>([&] { outer.validate(); });
        EXPECT_TRUE(names(seen, "b") && names(seen, "sub")) << seen;
        EXPECT_EQ(message_of<std::invalid_argument>([&] { outer.run(pool).get(); }), seen);
    }
}

TEST(nested_limits, enough_units_are_no_circle) {
    thread_pool pool({.workers = 2, .bind = binding::none});
    semaphore two(2);
    task_graph inner;
    for (int i = 0; i < 10; ++i) inner.add([] {}).limit(two);
    task_graph outer;
    outer.add_subgraph(inner).limit(two);
    outer.validate();
    for (int i = 0; i < 10; ++i) outer.run(pool).get();
}

TEST(nested_limits, subgraphs_in_opposite_orders) {
    thread_pool pool({.workers = 2, .bind = binding::none});
    semaphore one(1);
    semaphore two(1);
    task_graph first;
    task_graph second;
    first.add("b", [] {}).limit(two);
    second.add("d", [] {}).limit(one);
    task_graph outer;
    auto const p = outer.add_subgraph("p", first).limit(one);
    auto const q = outer.add_subgraph("q", second).limit(two);
    std::string const seen = message_of<std::invalid_argument>([&] { outer.validate(); });
    EXPECT_TRUE(names(seen, "p") && names(seen, "q")) << seen;
    p.precede(q);
    outer.validate();
    outer.run(pool).get();
}

/// Each subgraph has a unit before one of its nodes wants another unit. All units of the one graph are taken.
TEST(nested_limits, as_many_subgraphs_as_units) {
    for (std::size_t workers : {2U, 4U, 16U}) {
        thread_pool pool({.workers = workers, .bind = binding::none});
        semaphore two(2);
        std::array<task_graph, 2> inner;
        std::atomic<int> there{0};
        task_graph outer;
        for (task_graph& g : inner) {
            auto const b = g.add("wants", [] {}).limit(two);
            g.add(meet(there)).precede(b);
            outer.add_subgraph("holds", g).limit(two);
        }
        outer.validate();
        for (int i = 0; i < 3; ++i) {
            there = 0;
            std::string const seen = message_of<std::logic_error>([&] { outer.run(pool).get(); });
            EXPECT_TRUE(names(seen, "wants") && names(seen, "holds")) << seen;
        }
    }
}

/// The graphs know nothing of each other: one run fails, and the other one goes on.
TEST(nested_limits, runs_of_two_graphs_in_opposite_orders) {
    for (std::size_t workers : {2U, 8U}) {
        thread_pool pool({.workers = workers, .bind = binding::none});
        semaphore one(1);
        semaphore two(1);
        std::atomic<int> there{0};
        std::array<task_graph, 2> inner;
        std::array<task_graph, 2> outer;
        for (std::size_t i = 0; i < 2; ++i) {
            auto const b = inner[i].add("wants", [] {}).limit(i == 0 ? two : one);
            inner[i].add(meet(there)).precede(b);
            outer[i].add_subgraph("holds", inner[i]).limit(i == 0 ? one : two);
        }
        for (int i = 0; i < 3; ++i) {
            there = 0;
            auto first = outer[0].run(pool);
            auto second = outer[1].run(pool);
            int failures = 0;
            for (auto* run : {&first, &second}) {
                std::string const seen = message_of<std::logic_error>([&] { run->get(); });
                if (seen != "did not throw") {
                    ++failures;
                    EXPECT_TRUE(names(seen, "wants") && names(seen, "holds")) << seen;
                }
            }
            EXPECT_EQ(failures, 1);
        }
        there = 2;
        outer[0].run(pool).get(); // all units are back
        outer[1].run(pool).get();
    }
}

/// A plain node that holds a unit takes part in the cycle.
TEST(nested_limits, a_node_that_has_some_of_its_units) {
    thread_pool pool({.workers = 3, .bind = binding::none});
    std::array<semaphore, 2> units{semaphore(1), semaphore(1)};
    task_graph plain;
    plain.add("both", [] {}).limit(units[0], units[1]);
    task_graph inner;
    future<void> other;
    auto const b = inner.add("wants", [] {}).limit(units[0]);
    inner
        .add([&] {
            other = plain.run(pool);
            std::this_thread::sleep_for(5ms); // it has one unit then, as a rule
        })
        .precede(b);
    task_graph outer;
    outer.add_subgraph("holds", inner).limit(units[1]);
    for (int i = 0; i < 3; ++i) {
        std::string const seen = message_of<std::logic_error>([&] { outer.run(pool).get(); });
        std::string const also = message_of<std::logic_error>([&] { other.get(); });
        EXPECT_TRUE(seen == "did not throw" || also == "did not throw") << seen << also;
    }
    plain.run(pool).get();
}

TEST(nested_limits, many_nodes_wait_inside_while_others_hold) {
    thread_pool pool({.workers = 4, .bind = binding::none});
    semaphore outside(2);
    semaphore inside(2);
    std::array<task_graph, 6> inner;
    std::atomic<int> ran{0};
    task_graph outer;
    for (task_graph& g : inner) {
        for (int i = 0; i < 50; ++i) g.add([&] { ++ran; }).limit(inside);
        outer.add_subgraph(g).limit(outside);
    }
    for (int i = 0; i < 20; ++i) outer.run(pool).get();
    EXPECT_EQ(ran, 20 * 300);
}

TEST(graph_loops, says_that_no_node_leads_into_a_loop) {
    thread_pool pool({.workers = 2, .bind = binding::none});
    task_graph g;
    auto const again = g.add_condition("again", [] { return 1; });
    auto const a = g.add("a", [] {});
    a.precede(again);
    again.precede(a);
    for (int i = 0; i < 2; ++i) {
        std::string const seen = message_of<std::invalid_argument>([&] { g.validate(); });
        EXPECT_TRUE(names(seen, "again") && names(seen, ": again, a")) << seen;
        EXPECT_EQ(message_of<std::invalid_argument>([&] { g.run(pool).get(); }), seen);
        g.add("beside", [] {}); // a node that begins does not help the others
    }
    g.add("entry", [] {}).precede(a);
    g.validate();
}

} // namespace
