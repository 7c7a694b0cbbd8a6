// SPDX-License-Identifier: MIT
// Tests of nodes that hold a unit of a semaphore and wait, in their bodies, for a run of a graph whose nodes want that
// unit. A run that could never go on fails and names the nodes. Runs that can go on are left alone.
#include <hocket/algorithm/loops/parallel_for.hpp>
#include <hocket/coroutine/coroutine.hpp>
#include <hocket/fork_join/join.hpp>
#include <hocket/fork_join/task_group.hpp>
#include <hocket/future/future.hpp>
#include <hocket/future/promise.hpp>
#include <hocket/future/submit.hpp>
#include <hocket/future/when/when_all.hpp>
#include <hocket/graph/semaphore.hpp>
#include <hocket/graph/task_graph.hpp>
#include <hocket/pool/thread_pool.hpp>

#include <stress/watchdog.hpp>

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

namespace {

using namespace hocket;
using namespace std::chrono_literals;
using stress_test::watchdog;

/// Returns the message of the std::logic_error that `f` throws, or a text that says that `f` did not throw one.
template<class F>
std::string error_of(F&& f) {
    try {
        f();
    } catch (std::logic_error const& error) {
        return error.what();
    } catch (...) {
        return "threw something else";
    }
    return "did not throw";
}
void expect_names(std::string const& text) {
    EXPECT_TRUE(text.find("wants") != std::string::npos && text.find("holds") != std::string::npos) << text;
}

void nothing() {}

/// The place from which a node waits.
struct place {
    char const* name;
    void (*call)(std::function<void()> const&);
};
place const places[] = {
    {"itself", [](auto const& f) { f(); }},
    {"a join", [](auto const& f) { join(f, nothing); }},
    {"the end of a join", [](auto const& f) { join(nothing, nothing, f); }},
    {"a loop",
     [](auto const& f) {
         parallel_for(0, 3,
                      [&](int i) {
                          if (i == 1) f();
                      },
                      {.grain = 1, .schedule = schedule::dynamic});
     }},
    {"a group",
     [](auto const& f) {
         task_group g;
         g.run(nothing);
         g.run([&] { f(); });
         g.wait();
     }},
    {"a graph",
     [](auto const& f) {
         task_graph g;
         g.add([&] { f(); });
         g.run().get();
     }},
    {"a task", [](auto const& f) { submit([&] { f(); }).get(); }},
    {"what continues a task", [](auto const& f) { submit(nothing).then([&] { f(); }).get(); }},
};

class waiting_nodes : public testing::TestWithParam<std::size_t> {
  protected:
    thread_pool pool_{{.workers = GetParam(), .bind = binding::none}};
};
INSTANTIATE_TEST_SUITE_P(workers, waiting_nodes, testing::Values(1u, 2u, 3u, 4u, 8u, 16u, 64u));

TEST_P(waiting_nodes, that_hold_the_only_unit_get_an_error) {
    for (place const& from : places) {
        watchdog const dog(from.name, 60s);
        semaphore one(1);
        task_graph inner, holds, acquires, other;
        inner.add("wants", nothing).limit(one);
        std::string seen;
        auto const body = [&] { from.call([&] { seen = error_of([&] { inner.run().get(); }); }); };
        holds.add("holds", body).limit(one);
        acquires.add("holds", body).acquire(one);
        other.add(nothing).limit(one);
        for (task_graph* g : {&holds, &acquires, &holds}) {
            seen.clear();
            auto last = g->run(pool_);
            auto beside = other.run(pool_); // may wait for the unit as well, and goes on afterwards
            last.get();
            expect_names(seen);
            beside.get();
        }
        inner.run(pool_).get();
    }
}

TEST_P(waiting_nodes, fail_with_what_they_wait_for) {
    watchdog const dog("the error of a run that a node waits for", 60s);
    semaphore one(1);
    task_graph outer;
    outer
        .add("holds",
             [&] {
                 task_graph inner; // destroyed before its future
                 inner.add("wants", nothing).limit(one);
                 inner.run().get();
             })
        .limit(one);
    for (int i = 0; i < 3; ++i) expect_names(error_of([&] { outer.run(pool_).get(); }));
}

TEST_P(waiting_nodes, that_hold_all_of_several_units_get_one_error) {
    watchdog const dog("several units", 60s);
    semaphore two(2);
    std::array<task_graph, 2> inner;
    std::array<promise<void>, 2> begun;
    std::array<std::string, 2> seen;
    task_graph outer;
    for (std::size_t i = 0; i < 2; ++i) {
        inner[i].add("wants", nothing).limit(two);
        outer
            .add("holds",
                 [&, i, other = begun[1 - i].get_future().share()] {
                     begun[i].set_value();
                     other.get();
                     seen[i] = error_of([&] { inner[i].run().get(); });
                 })
            .limit(two);
    }
    outer.run(pool_).get();
    EXPECT_EQ((seen[0] == "did not throw") + (seen[1] == "did not throw"), 1) << seen[0] << seen[1];
    expect_names(seen[0] + seen[1]);
}

TEST_P(waiting_nodes, of_two_graphs_in_opposite_orders_get_one_error) {
    watchdog const dog("opposite orders", 60s);
    semaphore first(1), second(1);
    std::array<task_graph, 2> inner, outer;
    std::array<promise<void>, 2> begun;
    std::array<std::string, 2> seen;
    std::array<future<void>, 2> runs;
    for (std::size_t i = 0; i < 2; ++i) {
        inner[i].add("wants", nothing).limit(i == 0 ? second : first);
        outer[i]
            .add("holds",
                 [&, i, other = begun[1 - i].get_future().share()] {
                     begun[i].set_value();
                     other.get();
                     seen[i] = error_of([&] { inner[i].run().get(); });
                 })
            .limit(i == 0 ? first : second);
    }
    for (std::size_t i = 0; i < 2; ++i) runs[i] = outer[i].run(pool_);
    for (auto& run : runs) run.get();
    EXPECT_EQ((seen[0] == "did not throw") + (seen[1] == "did not throw"), 1) << seen[0] << seen[1];
    expect_names(seen[0] + seen[1]);
}

/// The nodes wait for a run that other threads have begun, by its continuations, by coroutines, and inside of
/// subgraphs.
TEST_P(waiting_nodes, that_wait_by_other_ways_get_an_error) {
    for (std::size_t way = 0; way < 4; ++way) {
        watchdog const dog("other ways to wait", 60s);
        semaphore one(1);
        promise<void> holds;
        future<void> const held = holds.get_future();
        promise<shared_future<void>> begun;
        task_graph inner, middle, outer;
        inner.add("wants", nothing).limit(one);
        std::string seen;
        auto const body = [&, run = begun.get_future().share()] {
            holds.set_value();
            shared_future<void> const what = run.get();
            seen = error_of([&] {
                auto const awaits = [](shared_future<void> it) -> task<> { co_await it; };
                if (way == 0) what.get();
                if (way == 1) what.then(nothing).then(nothing).get();
                if (way == 2) sync_wait(awaits(what));
                if (way == 3) when_all(submit(awaits(what)), make_ready_future(1)).get();
            });
        };
        middle.add("inside", body);
        outer.add_subgraph("holds", middle).limit(one);
        auto last = outer.run(pool_);
        held.wait();
        begun.set_value(inner.run(pool_).share());
        last.get();
        expect_names(seen);
    }
}

/// The node already sleeps when the awaited run comes to the node that wants the unit.
TEST_P(waiting_nodes, get_an_error_also_when_the_unit_is_wanted_later) {
    watchdog const dog("a unit that is wanted later", 60s);
    semaphore one(1);
    promise<void> sleeps, goes_on;
    future<void> const asleep = sleeps.get_future();
    task_graph inner, outer;
    inner.add([&, later = goes_on.get_future().share()] { later.get(); })
        .precede(inner.add("wants", nothing).limit(one));
    std::string seen;
    outer
        .add("holds",
             [&] {
                 auto run = inner.run();
                 sleeps.set_value();
                 seen = error_of([&] { run.get(); });
             })
        .limit(one);
    auto last = outer.run(pool_);
    asleep.wait();
    std::this_thread::sleep_for(20ms); // so that the node sleeps, as a rule
    goes_on.set_value();
    last.get();
    expect_names(seen);
}

/// An earlier node of the graph has acquired the unit, and a later one would release it.
TEST_P(waiting_nodes, of_a_graph_that_has_acquired_the_unit_get_an_error) {
    for (place const& from : places) {
        watchdog const dog(from.name, 60s);
        semaphore one(1);
        task_graph inner, outer;
        inner.add("wants", nothing).limit(one);
        std::string seen;
        auto const takes = outer.add("holds", nothing).acquire(one);
        auto const waits = outer.add([&] { from.call([&] { seen = error_of([&] { inner.run().get(); }); }); });
        auto const gives = outer.add(nothing).release(one);
        takes.precede(waits);
        waits.precede(gives);
        for (int i = 0; i < 2; ++i) {
            seen.clear();
            outer.run(pool_).get();
            expect_names(seen);
        }
    }
}

// Correct programs.

TEST_P(waiting_nodes, go_on_when_another_node_of_the_graph_releases_the_unit) {
    for (place const& from : places) {
        watchdog const dog(from.name, 60s);
        semaphore one(1);
        task_graph inner, outer;
        inner.add("wants", nothing).limit(one);
        promise<void> parked;
        future<void> run;
        auto const takes = outer.add("holds", nothing).acquire(one);
        auto const waits = outer.add([&] {
            from.call([&] {
                run = inner.run();
                parked.set_value();
                run.get();
            });
        });
        auto const gives = outer.add([after = parked.get_future().share()] { after.get(); });
        takes.precede(waits, gives);
        gives.precede(outer.add(nothing).release(one));
        outer.run(pool_).get();
    }
}

TEST_P(waiting_nodes, go_on_when_another_holder_gives_its_unit_back) {
    for (bool const sleeps : {false, true}) {
        watchdog const dog("another holder", 60s);
        semaphore two(2);
        task_graph inner, first, second;
        inner.add("wants", nothing).limit(two);
        std::array<promise<void>, 2> begun;
        promise<void> end;
        std::atomic<bool> over{false};
        first
            .add("holds",
                 [&, other = begun[1].get_future().share()] {
                     begun[0].set_value();
                     other.get();
                     inner.run().get();
                 })
            .limit(two);
        second
            .add("holds too",
                 [&, other = begun[0].get_future().share(), last = end.get_future().share()] {
                     begun[1].set_value();
                     other.get();
                     if (sleeps)
                         last.get();
                     else
                         while (!over) std::this_thread::sleep_for(1ms);
                 })
            .limit(two);
        auto const a = first.run(pool_);
        auto b = second.run(pool_);
        std::this_thread::sleep_for(300ms); // long enough that the first one looks again
        over = true;
        end.set_value();
        a.wait();
        b.get();
        EXPECT_EQ(error_of([&] { a.get(); }), "did not throw");
    }
}

TEST_P(waiting_nodes, go_on_when_the_units_suffice) {
    watchdog const dog("enough units", 60s);
    semaphore three(3);
    std::array<task_graph, 2> inner;
    task_graph outer;
    for (std::size_t i = 0; i < 2; ++i) {
        for (int n = 0; n < 10; ++n) inner[i].add("wants", nothing).limit(three);
        outer.add("holds", [&, i] { inner[i].run().get(); }).limit(three);
    }
    for (int i = 0; i < 100; ++i) outer.run(pool_).get();
}

/// Many graphs want units that other graphs hold while these wait for graphs that want none.
TEST_P(waiting_nodes, go_on_beside_each_other) {
    watchdog const dog("many graphs", 60s);
    semaphore two(2), one(1);
    constexpr std::size_t count = 8;
    std::array<task_graph, count> inner, outer;
    std::atomic<int> ran{0};
    for (std::size_t i = 0; i < count; ++i) {
        auto last = inner[i].add("wants", [&] { ++ran; }).limit(one);
        inner[i].add([&] { submit(nothing).get(); }).precede(last);
        outer[i].add("holds", [&, i] { inner[i].run().get(); }).limit(two);
    }
    for (int round = 1; round <= 20; ++round) {
        std::array<future<void>, count> runs;
        for (std::size_t i = 0; i < count; ++i) runs[i] = outer[i].run(pool_);
        for (auto& run : runs) run.get();
        EXPECT_EQ(ran, round * int{count});
    }
}

/// Stops runs that want units which waiting nodes hold.
TEST_P(waiting_nodes, go_on_when_what_they_wait_for_is_stopped) {
    watchdog const dog("stops", 60s);
    semaphore one(1);
    for (int round = 0; round < 50; ++round) {
        task_graph inner, outer;
        inner.add("wants", nothing).limit(one);
        outer
            .add("holds",
                 [&] {
                     try {
                         inner.run({.timeout = std::chrono::microseconds(20 * round)}).get();
                     } catch (std::logic_error const&) {
                     } catch (operation_cancelled const&) {
                     }
                 })
            .limit(one);
        outer.run(pool_).get();
    }
}

} // namespace
