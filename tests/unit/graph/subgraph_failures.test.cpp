// SPDX-License-Identifier: MIT
// Tests of subgraphs that fail or are stopped: nodes that have not begun do not begin, in the subgraph and around it,
// and the run fails as with any other node.
#include <hocket/base/error.hpp>
#include <hocket/graph/semaphore.hpp>
#include <hocket/graph/task_graph.hpp>
#include <hocket/sched/stop_scope.hpp>

#include "stress/watchdog.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <cstddef>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <thread>

namespace {

using namespace hocket;
using stress_test::watchdog;

class subgraph_on : public testing::TestWithParam<std::size_t> {
  protected:
    thread_pool pool_{{.workers = GetParam(), .bind = binding::none}};
};
INSTANTIATE_TEST_SUITE_P(workers, subgraph_on, testing::Values(1, 2, 3, 4, 8));

/// Returns the message of the exception of the run, or a text that says that it did not throw.
std::string message_of(future<void> run) {
    try {
        run.get();
    } catch (std::runtime_error const& error) {
        return error.what();
    } catch (operation_cancelled const&) {
        return "cancelled";
    }
    return "did not throw";
}

TEST_P(subgraph_on, fails_the_run_at_every_depth_and_runs_again) {
    watchdog const dog("a subgraph that fails");
    bool fails = true;
    std::atomic<int> before{0}, after{0};
    task_graph innermost, inner, outer;
    auto const first = innermost.add([&] { ++before; });
    auto const thrower = innermost.add([&] {
        if (fails) throw std::runtime_error("deep");
    });
    auto const last = innermost.add([&] { ++after; });
    first.precede(thrower);
    thrower.precede(last);
    auto const middle = inner.add_subgraph(innermost);
    auto const behind_middle = inner.add([&] { ++after; });
    middle.precede(behind_middle);
    auto const sub = outer.add_subgraph(inner);
    auto const behind_sub = outer.add([&] { ++after; });
    sub.precede(behind_sub);
    for (int round = 0; round < 20; ++round) {
        fails = round % 2 == 0;
        before = after = 0;
        EXPECT_EQ(message_of(round % 4 < 2 ? outer.run(pool_) : outer.run_n(pool_, 3)),
                  fails ? "deep" : "did not throw");
        EXPECT_EQ(before, fails || round % 4 < 2 ? 1 : 3);
        EXPECT_EQ(after, fails ? 0 : 3 * before);
        EXPECT_TRUE(thrower.ran());
        EXPECT_TRUE(sub.ran());
        EXPECT_EQ(last.ran(), !fails);
        EXPECT_EQ(behind_middle.ran(), !fails);
        EXPECT_EQ(behind_sub.ran(), !fails);
        EXPECT_EQ(outer.not_run().size(), fails ? 1u : 0u);
        EXPECT_EQ(innermost.not_run().size(), fails ? 1u : 0u);
        before = after = 0;
        EXPECT_EQ(message_of(innermost.run(pool_)), fails ? "deep" : "did not throw");
        EXPECT_EQ(after, fails ? 0 : 1);
    }
}

// The subgraph fails while nodes beside it run: these see that they may stop, and their successors do not begin.
TEST_P(subgraph_on, stops_what_runs_beside_it) {
    watchdog const dog("a subgraph that fails beside others");
    if (pool_.size() == 1) return;
    std::atomic<bool> beside_runs{false};
    std::atomic<int> after{0};
    task_graph inner, outer;
    inner.add([&] {
        while (!beside_runs) std::this_thread::yield();
        throw std::runtime_error("inside");
    });
    outer.add_subgraph(inner);
    auto beside = outer.add([&] {
        beside_runs = true;
        while (!this_task::stop_requested()) std::this_thread::yield();
    });
    for (int i = 0; i < 100; ++i) {
        auto const next = outer.add([&] { ++after; });
        beside.precede(next);
        beside = next;
    }
    for (int round = 0; round < 5; ++round) {
        beside_runs = false;
        EXPECT_EQ(message_of(outer.run(pool_)), "inside");
        EXPECT_EQ(after, 0);
    }
}

// A node around the subgraph fails, or the run is stopped: nothing further begins inside of it.
TEST_P(subgraph_on, is_stopped_from_around) {
    watchdog const dog("a subgraph that is stopped");
    for (bool const by_token : {false, true}) {
        std::stop_source source;
        std::atomic<bool> inside_runs{false};
        std::atomic<int> after{0};
        task_graph inner, outer;
        auto const first = inner.add([&] {
            inside_runs = true;
            if (by_token) source.request_stop();
            while (!this_task::stop_requested()) std::this_thread::yield();
        });
        for (int i = 0; i < 100; ++i) first.precede(inner.add([&] { ++after; }));
        auto const behind = outer.add([&] { ++after; });
        outer.add_subgraph(inner).precede(behind);
        if (!by_token && pool_.size() == 1) continue;
        if (!by_token)
            outer.add([&] {
                while (!inside_runs) std::this_thread::yield();
                throw std::runtime_error("around");
            });
        EXPECT_EQ(message_of(outer.run(pool_, {.stop = source.get_token()})), by_token ? "cancelled" : "around");
        EXPECT_EQ(after, 0);
        EXPECT_EQ(inner.not_run().size(), 100u);
        EXPECT_FALSE(behind.ran());
    }
}

// A node cancels itself.
TEST_P(subgraph_on, may_cancel_itself) {
    watchdog const dog("a subgraph that cancels itself");
    std::atomic<int> after{0};
    task_graph inner, outer;
    inner.add([] { throw operation_cancelled(); });
    outer.add_subgraph(inner).precede(outer.add([&] { ++after; }));
    EXPECT_EQ(message_of(outer.run(pool_)), "cancelled");
    EXPECT_EQ(after, 0);
}

TEST_P(subgraph_on, gives_its_units_back_when_it_fails) {
    watchdog const dog("units of a subgraph that fails");
    semaphore one(1), two(2);
    task_graph inner, outer, other;
    inner.add([] { throw std::runtime_error("inside"); }).limit(two);
    outer.add_subgraph(inner).limit(one);
    std::atomic<int> ran{0};
    for (int i = 0; i < 10; ++i) other.add([&] { ++ran; }).limit(i % 2 == 0 ? one : two);
    for (int round = 1; round <= 10; ++round) {
        future<void> const others = other.run(pool_);
        EXPECT_EQ(message_of(outer.run(pool_)), "inside");
        others.wait();
        EXPECT_EQ(ran, 10 * round);
    }
}

// Of several failures the run reports that of the node that was added first, in the outermost graph.
TEST_P(subgraph_on, has_its_place_among_failures) {
    watchdog const dog("several failures");
    if (pool_.size() < 3) return;
    std::atomic<int> there{0};
    auto const fails = [&](char const* text) {
        return [&there, text] {
            ++there;
            while (there < 3) std::this_thread::yield();
            throw std::runtime_error(text);
        };
    };
    task_graph inner, outer;
    inner.add([] {}).precede(inner.add(fails("first")));
    outer.add([] {});
    outer.add_subgraph(inner);
    outer.add(fails("second"));
    outer.add(fails("third"));
    EXPECT_EQ(message_of(outer.run(pool_)), "first");
}

// The graph of the subgraph runs elsewhere: the node fails, and that run goes on.
TEST_P(subgraph_on, that_runs_elsewhere_fails_the_node) {
    watchdog const dog("a subgraph that runs elsewhere");
    std::atomic<bool> goes_on{false};
    task_graph inner, outer;
    inner.add([&] {
        while (!goes_on) std::this_thread::yield();
    });
    std::atomic<int> after{0};
    outer.add_subgraph(inner).precede(outer.add([&] { ++after; }));
    thread_pool elsewhere({.workers = 1, .bind = binding::none});
    future<void> const run = inner.run(elsewhere);
    EXPECT_THROW(outer.run(pool_).get(), std::logic_error);
    EXPECT_EQ(after, 0);
    goes_on = true;
    run.wait();
    outer.run(pool_).get();
    EXPECT_EQ(after, 1);
}

} // namespace
