// SPDX-License-Identifier: MIT
// Tests of semaphore units that one node acquires and another one releases, and of stops while nodes wait for units.
#include <hocket/base/error.hpp>
#include <hocket/fork_join/join.hpp>
#include <hocket/fork_join/task_group.hpp>
#include <hocket/future/submit.hpp>
#include <hocket/graph/semaphore.hpp>
#include <hocket/graph/task_graph.hpp>

#include <stress/watchdog.hpp>

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <memory>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace hocket;
using stress_test::watchdog;

class loans_on : public testing::TestWithParam<std::size_t> {
  protected:
    thread_pool pool_{{.workers = GetParam(), .bind = binding::none}};
};
INSTANTIATE_TEST_SUITE_P(workers, loans_on, testing::Values(1, 2, 3, 4, 8));

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

// There are no more paths between the first and the last node than there are units.
TEST_P(loans_on, go_along_a_path_of_nodes) {
    watchdog const dog("loans along paths");
    for (int const units : {1, 2, 3}) {
        semaphore some(static_cast<std::size_t>(units));
        std::atomic<int> inside{0}, paths{0};
        task_graph g;
        for (int i = 0; i < 30; ++i) {
            auto const first = g.add([&] { EXPECT_LE(++inside, units); }).acquire(some);
            auto const left = g.add([&] { EXPECT_LE(inside, units); });
            auto const right = g.add([&] { EXPECT_LE(inside, units); });
            auto const last = g.add([&] {
                                   --inside;
                                   ++paths;
                               }).release(some);
            first.precede(left, right);
            last.succeed(left, right);
        }
        for (int round = 1; round <= 5; ++round) {
            g.run(pool_).get();
            EXPECT_EQ(paths, round * 30);
            EXPECT_EQ(inside, 0);
        }
        g.run_n(pool_, 5).get();
        EXPECT_EQ(paths, 10 * 30);
    }
}

// Runs Taskflow's example: the units that one stage takes are given back by the next one.
TEST_P(loans_on, may_be_released_by_any_node_of_the_graph) {
    watchdog const dog("loans that others release");
    semaphore three(3);
    std::atomic<int> open{0};
    task_graph g;
    for (int i = 0; i < 20; ++i)
        g.add([&] { EXPECT_LE(++open, 3); }).acquire(three).precede(g.add([&] { --open; }).release(three));
    g.run_n(pool_, 10).get();
    EXPECT_EQ(open, 0);
}

TEST_P(loans_on, that_are_not_released_end_with_the_pass) {
    watchdog const dog("loans that nobody releases");
    semaphore one(1), two(2);
    task_graph g, inner, other;
    bool fails = false;
    auto const takes = g.add([] {}).acquire(one, two);
    auto const picks = g.add_condition([&] {
        if (fails) throw std::runtime_error("x");
        return 1; // no unit
    });
    takes.precede(picks);
    picks.precede(g.add([] {}).release(one, two));
    inner.add([] {}).acquire(two);
    g.add_subgraph(inner);
    std::atomic<int> ran{0};
    other.add([&] { ++ran; }).limit(one);
    other.add([&] { ++ran; }).acquire(two);
    other.add([&] { ++ran; }).acquire(two);
    for (int round = 0; round < 10; ++round) {
        fails = round % 2 != 0;
        if (fails)
            EXPECT_THROW(g.run_n(pool_, 2).get(), std::runtime_error);
        else
            g.run_n(pool_, 2).get();
        other.run(pool_).get();
        EXPECT_EQ(ran, 3 * (round + 1));
    }
}

TEST_P(loans_on, have_one_use_for_each_semaphore_of_a_node) {
    semaphore one(1);
    task_graph g;
    auto const node = g.add([] {}).acquire(one).acquire(one);
    EXPECT_THROW(node.release(one), std::invalid_argument);
    EXPECT_THROW(node.limit(one), std::invalid_argument);
    g.run(pool_).get();
}

TEST_P(loans_on, that_nobody_has_acquired_cannot_be_released) {
    watchdog const dog("a release without an acquire");
    semaphore one(1);
    std::atomic<int> after{0};
    task_graph g;
    g.add("gives", [] {}).release(one).precede(g.add([&] { ++after; }));
    std::string const seen = message_of<std::logic_error>([&] { g.run(pool_).get(); });
    EXPECT_NE(seen.find("gives"), std::string::npos) << seen;
    task_graph h;
    h.add([] {}).limit(one);
    h.run(pool_).get();
}

// Nodes wait for units that only their successors release: an error says so.
TEST_P(loans_on, that_would_be_waited_for_for_ever_fail_the_run) {
    watchdog const dog("circles of loans");
    semaphore one(1), other(1), two(2);
    {
        task_graph g; // in a line
        auto const takes = g.add("takes", [] {}).acquire(one);
        auto const wants = g.add("wants", [] {}).limit(one);
        auto const gives = g.add("gives", [] {}).release(one);
        takes.precede(wants);
        wants.precede(gives);
        for (int i = 0; i < 3; ++i) {
            std::string const seen = message_of<std::logic_error>([&] { g.run(pool_).get(); });
            EXPECT_NE(seen.find("wants"), std::string::npos) << seen;
        }
    }
    {
        task_graph g; // two paths in opposite orders, each of which waits until the other has its first unit
        std::atomic<int> there{0};
        auto const meets = [&] {
            ++there;
            while (there < 2) std::this_thread::yield();
        };
        semaphore* const order[2][2] = {{&one, &other}, {&other, &one}};
        for (auto const& path : order) {
            auto const first = g.add([] {}).acquire(*path[0]);
            auto const middle = g.add(meets);
            auto const second = g.add([] {}).acquire(*path[1]);
            first.precede(middle);
            middle.precede(second);
            second.precede(g.add([] {}).release(one, other));
        }
        if (pool_.size() > 1) {
            for (int i = 0; i < 3; ++i) {
                there = 0;
                EXPECT_THROW(g.run(pool_).get(), std::logic_error);
            }
        }
    }
    {
        task_graph inner, outer; // inside a subgraph, beside nodes that go on
        inner.add([] {}).limit(two);
        auto const first = outer.add([] {}).acquire(two);
        auto const second = outer.add([] {}).acquire(two);
        auto const sub = outer.add_subgraph(inner);
        auto const last = outer.add([] {}).release(two);
        first.precede(second);
        second.precede(sub);
        sub.precede(last);
        for (int i = 0; i < 100; ++i) outer.add([] {});
        for (int i = 0; i < 3; ++i) EXPECT_THROW(outer.run(pool_).get(), std::logic_error);
    }
    task_graph after;
    after.add([] {}).acquire(one, other, two).precede(after.add([] {}).release(one, other, two));
    after.run(pool_).get();
}

// Each of two runs has the unit that the other one wants.
TEST_P(loans_on, of_two_runs_in_opposite_orders_fail_one_of_them) {
    watchdog const dog("loans of two runs");
    thread_pool second_pool({.workers = 2, .bind = binding::none});
    for (int round = 0; round < 20; ++round) {
        semaphore one(1), other(1);
        std::atomic<int> there{0};
        task_graph g[2];
        semaphore* const order[2][2] = {{&one, &other}, {&other, &one}};
        for (int i = 0; i < 2; ++i) {
            auto const first = g[i].add([] {}).acquire(*order[i][0]);
            auto const middle = g[i].add([&] {
                ++there;
                while (there < 2) std::this_thread::yield();
            });
            auto const second = g[i].add([] {}).acquire(*order[i][1]);
            first.precede(middle);
            middle.precede(second);
            second.precede(g[i].add([] {}).release(one, other));
        }
        future<void> first = g[0].run(pool_), second = g[1].run(second_pool);
        int failed = 0;
        for (future<void>* one_of_them : {&first, &second}) {
            try {
                one_of_them->get();
            } catch (std::logic_error const&) {
                ++failed;
            }
        }
        EXPECT_GE(failed, 1);
    }
}

/// Holds the unit of a semaphore until it is told to end.
struct holds_unit {
    explicit holds_unit(semaphore& what, bool by_acquire) {
        auto const node = graph.add([this] {
            begun = true;
            while (!done) std::this_thread::yield();
        });
        by_acquire ? node.acquire(what) : node.limit(what);
        run = graph.run(pool);
        while (!begun) std::this_thread::yield();
    }
    ~holds_unit() {
        done = true;
        run.wait();
    }

    thread_pool pool{{.workers = 1, .bind = binding::none}};
    std::atomic<bool> begun{false}, done{false};
    task_graph graph;
    future<void> run;
};

// A node that waits at the semaphore of another graph does not keep a run from finishing.
TEST_P(loans_on, are_not_waited_for_after_a_stop_or_a_failure) {
    watchdog const dog("nodes that wait for units after a stop");
    for (bool const by_acquire : {false, true})
        for (int kind = 0; kind < 3; ++kind) {
            semaphore one(1), free(1);
            holds_unit const holder(one, by_acquire);
            std::atomic<int> ran{0};
            std::stop_source source;
            task_graph inner, g;
            for (int i = 0; i < 10; ++i) {
                inner.add([&] { ++ran; }).limit(one, free).precede(inner.add([&] { ++ran; }));
                g.add([&] { ++ran; }).limit(one).precede(g.add([&] { ++ran; }));
                g.add([&] { ++ran; }).acquire(one, free);
            }
            if (kind != 0) g.add_subgraph(inner).precede(g.add([&] { ++ran; }));
            if (kind == 2) g.add([] { throw std::runtime_error("x"); });
            for (int round = 0; round < 3; ++round) {
                std::stop_source stop;
                future<void> run = g.run(pool_, {.stop = stop.get_token()});
                if (round == 1) std::this_thread::yield();
                if (kind != 2) stop.request_stop();
                if (kind == 2)
                    EXPECT_THROW(run.get(), std::runtime_error);
                else
                    EXPECT_THROW(run.get(), operation_cancelled);
                EXPECT_EQ(ran, 0);
            }
            task_graph other; // the other unit was given back
            other.add([] {}).limit(free);
            other.run(pool_).get();
        }
}

// It does not keep a thread waiting for the run either: a failure or a stop around that wait reaches the nodes.
TEST_P(loans_on, are_not_waited_for_after_a_stop_around_the_run) {
    watchdog const dog("nodes that wait for units after a stop around");
    semaphore one(1);
    holds_unit const holder(one, false);
    std::atomic<int> ran{0};
    task_graph g;
    for (int i = 0; i < 3; ++i) g.add([&] { ++ran; }).limit(one);
    for (int round = 0; round < 10; ++round) {
        std::stop_source source;
        std::atomic<bool> begun{false};
        auto const waits = [&] {
            begun = true;
            g.run().get();
        };
        auto const throws = [&] {
            while (!begun) std::this_thread::yield();
            throw std::runtime_error("x");
        };
        future<void> stopped = submit(pool_, waits, submit_options{.stop = source.get_token()});
        while (!begun) std::this_thread::yield();
        source.request_stop();
        EXPECT_ANY_THROW(stopped.get());
        if (pool_.size() > 1) {
            begun = false;
            EXPECT_THROW(join(pool_, waits, throws), std::runtime_error);
            begun = false;
            task_group group(pool_);
            group.run(waits);
            group.run(throws);
            EXPECT_THROW(group.wait(), std::runtime_error);
        }
    }
    EXPECT_EQ(ran, 0);
}

// The destructor of a pool waits for nodes that wait for units.
TEST(loans, are_waited_for_by_the_pool) {
    watchdog const dog("a pool that ends while a node waits");
    semaphore one(1);
    std::atomic<int> ran{0};
    task_graph g;
    g.add([&] { ++ran; }).limit(one);
    future<void> run;
    auto holder = std::make_unique<holds_unit>(one, false);
    std::thread opener;
    {
        thread_pool pool({.workers = 2, .bind = binding::none});
        run = g.run(pool);
        opener = std::thread([&] {
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
            holder = nullptr;
        });
    }
    EXPECT_TRUE(run.ready());
    EXPECT_EQ(ran, 1);
    opener.join();
}

} // namespace
