// SPDX-License-Identifier: MIT
// Stress of random graphs with every kind of node, with failures and stops at random moments. Several run at once, on
// pools with more workers than the machine has cores. Each node checks when it begins that its predecessors have
// finished.
#include <hocket/algorithm/loops/parallel_for.hpp>
#include <hocket/future/future.hpp>
#include <hocket/future/promise.hpp>
#include <hocket/graph/task_graph.hpp>
#include <hocket/pool/blocking.hpp>

#include <stress/watchdog.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <stop_token>
#include <thread>
#include <vector>

namespace {

using namespace hocket;
using namespace stress_test;

struct injected_failure {};

/// Notes of one node. They are plain numbers but for the begin, so that ThreadSanitizer sees missing edges.
struct note {
    std::atomic<unsigned> begun{0};
    unsigned ended = 0;
    std::vector<unsigned> before;
};

/// A random graph whose nodes check that their predecessors have finished, in the current run.
class checked_graph {
  public:
    checked_graph(unsigned long long seed, unsigned size, unsigned depth = 0) : die_(seed), notes_(size) {
        std::vector<graph_node> nodes;
        std::vector<graph_value<unsigned>> values;
        for (unsigned i = 0; i < size; ++i) {
            unsigned const kind = die_.below(10);
            if (kind == 0 && depth < 2) {
                inner_.push_back(std::make_unique<checked_graph>(die_(), 1 + die_.below(20), depth + 1));
                nodes.push_back(graph.add([this, i] { begin(i); }));
                auto const sub = graph.add_subgraph(inner_.back()->graph);
                nodes.back().precede(sub);
                auto const after = graph.add([this, i, inner = inner_.back().get()] {
                    inner->expect_run(run_);
                    notes_[i].ended = run_;
                });
                sub.precede(after);
                connect(nodes, i);
                nodes.back() = after;
            } else if (kind == 1) {
                nodes.push_back(graph.add([this, i](subtasks& more) {
                    begin(i);
                    for (unsigned c = 0; c < 5; ++c)
                        more.run([this, i](subtasks& further) {
                            further.run([this] { children_.fetch_add(1, std::memory_order_relaxed); });
                            burn(i % 100);
                        });
                    end(i);
                }));
                connect(nodes, i);
            } else if (kind == 2) {
                auto const value = values.empty() ? graph.add([this, i] { return begin(i), end(i), i; })
                                                  : graph.add([this, i](unsigned) { return begin(i), end(i), i; },
                                                              values[die_.below(unsigned(values.size()))]);
                values.push_back(value);
                nodes.push_back(value);
                connect(nodes, i);
            } else {
                nodes.push_back(graph.add([this, i] {
                    begin(i);
                    if (i % 37 == 5) parallel_for(0, 20, [](int) { burn(100); }, {.grain = 1});
                    end(i);
                }));
                if (kind == 3) nodes.back().limit(one_);
                if (kind == 4) nodes.back().limit(three_, one_);
                if (kind == 5) nodes.back().priority(die_.below(2) == 0 ? priority::high : priority::low);
                connect(nodes, i);
            }
        }
    }

    /// Prepares a run. The node `failing` throws; the node `stopping` requests `stop`.
    void prepare(unsigned run, unsigned failing, std::stop_source* stop, unsigned stopping) {
        run_ = run;
        failing_ = failing;
        stop_ = stop;
        stopping_ = stopping;
        for (auto& inner : inner_) inner->prepare(run, ~0u, nullptr, ~0u);
    }

    void expect_run(unsigned run) const {
        for (note const& it : notes_) {
            EXPECT_EQ(it.begun, run);
            EXPECT_EQ(it.ended, run);
        }
    }
    void even_out(unsigned run) {
        for (note& it : notes_) {
            it.begun = run;
            it.ended = run;
        }
        for (auto& inner : inner_) inner->even_out(run);
    }

    unsigned size() const { return unsigned(notes_.size()); }

    task_graph graph;

  private:
    void connect(std::vector<graph_node>& nodes, unsigned i) {
        for (unsigned p = i == 0 ? 0 : die_.below(4); p != 0; --p) {
            unsigned const before = die_.below(i);
            nodes[before].precede(nodes[i]);
            notes_[i].before.push_back(before);
        }
    }
    void begin(unsigned i) {
        EXPECT_EQ(notes_[i].begun.exchange(run_, std::memory_order_relaxed), run_ - 1);
        for (unsigned const before : notes_[i].before) EXPECT_EQ(notes_[before].ended, run_);
        if (i == failing_) throw injected_failure();
        if (i == stopping_) stop_->request_stop();
        burn(i % 7 == 0 ? 3000 : 30);
    }
    void end(unsigned i) { notes_[i].ended = run_; }

    dice die_;
    std::vector<note> notes_;
    std::vector<std::unique_ptr<checked_graph>> inner_;
    semaphore one_{1};
    semaphore three_{3};
    std::atomic<unsigned> children_{0};
    unsigned run_ = 0;
    unsigned failing_ = ~0u;
    unsigned stopping_ = ~0u;
    std::stop_source* stop_ = nullptr;
};

/// Runs one graph again and again; some runs fail, some are stopped.
void exercise(thread_pool& pool, unsigned long long seed, unsigned size, unsigned runs) {
    dice die(seed);
    checked_graph it(seed, size);
    for (unsigned run = 1; run <= runs; ++run) {
        unsigned const fate = die.below(6);
        unsigned const victim = die.below(size);
        std::stop_source stop;
        it.prepare(run, fate == 0 ? victim : ~0u, &stop, fate == 1 ? victim : ~0u);
        bool failed = false;
        bool stopped = false;
        try {
            it.graph.run(pool, {.stop = stop.get_token()}).get();
        } catch (injected_failure const&) {
            failed = true;
        } catch (operation_cancelled const&) {
            stopped = true;
        }
        ASSERT_EQ(failed, fate == 0) << seed;
        ASSERT_EQ(stopped, fate == 1) << seed;
        if (failed || stopped) {
            it.even_out(run);
        } else {
            it.expect_run(run);
            ASSERT_TRUE(it.graph.not_run().empty());
        }
    }
}

class stress_of_graphs : public testing::TestWithParam<unsigned> {};

TEST_P(stress_of_graphs, run_after_run_from_one_thread) {
    watchdog const dog("random graphs, one thread");
    thread_pool pool({.workers = GetParam()});
    time_budget const time(0.4);
    unsigned long long seed = 1;
    do {
        exercise(pool, seed, 1 + unsigned(seed * 37 % 300), 12);
        ++seed;
    } while (time.left() && !testing::Test::HasFatalFailure());
}

TEST_P(stress_of_graphs, several_at_once_and_inside_of_nodes) {
    watchdog const dog("random graphs, several threads");
    thread_pool pool({.workers = GetParam()});
    time_budget const time(0.4);
    std::vector<std::thread> threads;
    for (unsigned t = 0; t < 3; ++t)
        threads.emplace_back([&, t] {
            unsigned long long seed = 1000 * (t + 1);
            do {
                if (t != 0) {
                    exercise(pool, seed, 100, 6);
                } else {
                    task_graph outer;
                    for (unsigned i = 0; i < 4; ++i) outer.add([&, i] { exercise(pool, seed + i, 40, 4); });
                    outer.run(pool).get();
                }
                seed += 4;
            } while (time.left());
        });
    for (std::thread& thread : threads) thread.join();
}

TEST_P(stress_of_graphs, loops_of_conditions_with_branches) {
    watchdog const dog("loops of conditions");
    thread_pool pool({.workers = GetParam()});
    time_budget const time(0.2);
    do {
        task_graph g;
        int rounds = 0;
        std::atomic<int> ran{0};
        auto start = g.add([&] { rounds = 0; });
        auto fork = g.add([] {});
        auto meet = g.add([&] { ++rounds; });
        for (int i = 0; i < 8; ++i) {
            auto node = g.add([&] { ran.fetch_add(1, std::memory_order_relaxed); });
            fork.precede(node);
            node.precede(meet);
        }
        auto again = g.add_condition([&] { return rounds == 50; });
        auto end = g.add([&] { EXPECT_EQ(rounds, 50); });
        start.precede(fork);
        meet.precede(again);
        again.precede(fork, end);
        g.run_n(pool, 5).get();
        ASSERT_EQ(ran, 5 * 50 * 8);
    } while (time.left());
}

/// The ring of the stolen batch that runs `source` overflows while the batch still counts down. Other threads run the
/// nodes that it has handed on, and count down nodes of the batch.
TEST_P(stress_of_graphs, nodes_with_more_successors_than_a_slice_keeps) {
    watchdog const dog("many successors");
    thread_pool pool({.workers = GetParam()});
    time_budget const time(0.2);
    constexpr unsigned width = 600;
    std::vector<std::atomic<unsigned>> ran(width);
    task_graph g;
    auto source = g.add([] {});
    std::vector<graph_node> early;
    for (unsigned i = 0; i < width; ++i) {
        early.push_back(g.add([] {}));
        source.precede(early.back());
    }
    for (unsigned i = 0; i < width; ++i) {
        auto late = g.add([&ran, i] { ran[i].fetch_add(1, std::memory_order_relaxed); });
        source.precede(late);
        early[i].precede(late);
        early[width - 1 - i].precede(late);
    }
    unsigned runs = 0;
    do {
        ++runs;
        g.run(pool).get();
        for (auto const& each : ran) ASSERT_EQ(each, runs);
    } while (time.left());
}

INSTANTIATE_TEST_SUITE_P(workers, stress_of_graphs, testing::Values(1u, 2u, 3u, 8u, 16u));

TEST(task_graph_stress, a_node_may_wait_for_one_that_its_own_thread_was_to_run_next) {
    watchdog const dog("a node that waits for a node");
    for (int round = 0; round < repetitions(300); ++round) {
        thread_pool pool({.workers = 1u + static_cast<unsigned>(round) % 2});
        promise<int> kept;
        shared_future<int> const value = kept.get_future().share();
        int got = 0;
        task_graph graph;
        auto root = graph.add([] {});
        auto waits = graph.add([&] { got = value.get(); });
        auto keeps = graph.add([&] { kept.set_value(5); });
        root.precede(keeps);
        root.precede(waits);
        for (int i = 0; i < 20; ++i) {
            auto other = graph.add([] {});
            root.precede(other);
        }
        graph.run(pool).get();
        ASSERT_EQ(got, 5);
    }
}

/// One thread runs `blocks` while it keeps `gives`, for which the lock's owner waits.
TEST(task_graph_stress, a_node_that_blocks_on_a_lock_within_blocking_keeps_no_other_node_back) {
    watchdog const dog("a node that blocks on a lock");
    for (int round = 0; round < repetitions(300); ++round) {
        thread_pool pool({.workers = 1u + static_cast<unsigned>(round) % 3});
        std::mutex mutex;
        std::atomic<bool> in_earnest{false}, wants_lock{false}, is_locked{false};
        promise<int> given;
        future<int> value = given.get_future();
        task_graph graph;
        auto root = graph.add([] {});
        auto locks = graph.add([&] {
            if (!in_earnest) return;
            wants_lock = true;
            while (!is_locked) std::this_thread::yield();
            blocking([&] { std::lock_guard const lock(mutex); });
        });
        auto gives = graph.add([&] {
            if (in_earnest) given.set_value(5);
        });
        root.precede(locks, gives);
        for (int i = 0; i < 20; ++i) graph.run(pool).get(); // its nodes are known to be tiny then
        in_earnest = true;
        future<void> run = graph.run(pool);
        std::thread owner([&] {
            while (!wants_lock) std::this_thread::yield();
            std::lock_guard const lock(mutex);
            is_locked = true;
            ASSERT_EQ(value.get(), 5);
        });
        run.get();
        owner.join();
    }
}

} // namespace
