// SPDX-License-Identifier: MIT
// Tests that ready work of a graph, a pipeline, a future or a coroutine begins on any idle thread. That holds also
// while the thread that made it ready is inside a long or blocking call. On n workers, n bodies that wait until all of
// them have begun must finish.
#include <hocket/coroutine/coroutine.hpp>
#include <hocket/fork_join/join.hpp>
#include <hocket/future/promise.hpp>
#include <hocket/future/submit.hpp>
#include <hocket/graph/task_graph.hpp>
#include <hocket/pipeline/pipeline.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace {

using namespace hocket;

constexpr std::uint64_t tiny_passes = detail::sanitized ? 50 : 1000;

/// Bodies that wait until all of them have begun.
class meeting {
  public:
    explicit meeting(std::size_t expected) : expected_(expected) {}

    /// Waits until all have arrived; no longer than 20 seconds.
    void arrive() {
        std::unique_lock lock(mutex_);
        if (++there_ >= expected_) all_.notify_all();
        if (!all_.wait_for(lock, std::chrono::seconds(20), [&] { return there_ >= expected_; })) failed_ = true;
    }
    bool all_met() const { return !failed_ && there_ == expected_; }
    void again() { there_ = 0; }

  private:
    std::size_t const expected_;
    std::size_t there_ = 0;
    bool failed_ = false;
    std::mutex mutex_;
    std::condition_variable all_;
};

/// Runs each test on as many workers as its parameter says, whatever cores there are; from outside of the pool, and
/// from a task in it.
class ready : public testing::TestWithParam<std::size_t> {
  protected:
    std::size_t const n = GetParam();
    thread_pool pool{{.workers = n, .bind = binding::none}};

    template<class F>
    void from_outside_and_inside(F const& f) {
        f();
        submit(pool, f).get();
    }
};

/// Under sanitizers a pool of 64 workers takes a second.
constexpr std::size_t most_workers = detail::sanitized ? 8 : 64;

INSTANTIATE_TEST_SUITE_P(
    on_workers, ready, testing::Values(std::size_t{2}, std::size_t{3}, std::size_t{4}, most_workers / 4, most_workers),
    [](auto const& test) { return std::to_string(test.index) + "_" + std::to_string(test.param); });

TEST_P(ready, successors_of_one_node) {
    meeting all(n);
    task_graph g;
    auto const a = g.add([] {});
    for (std::size_t i = 0; i < n; ++i) a.precede(g.add([&] { all.arrive(); }));
    from_outside_and_inside([&] {
        g.run(pool).get();
        ASSERT_TRUE(all.all_met());
        all.again();
    });
}

TEST_P(ready, layers_and_chains_beside_each_other) {
    meeting first(n);
    meeting second(n);
    task_graph g;
    auto const middle = g.add([] {});
    for (std::size_t i = 0; i < n; ++i) {
        auto const a = g.add([] {});
        auto const b = g.add([&] { first.arrive(); });
        auto const c = g.add([&] { second.arrive(); });
        a.precede(b);
        b.precede(middle);
        middle.precede(c);
    }
    from_outside_and_inside([&] {
        g.run(pool).get();
        ASSERT_TRUE(first.all_met());
        ASSERT_TRUE(second.all_met());
        first.again();
        second.again();
    });
}

/// A body that was short in a thousand passes may be long in the next.
TEST_P(ready, bodies_that_were_short_until_now) {
    meeting all(n);
    bool is_long = false;
    task_graph g;
    auto const a = g.add([] {});
    for (std::size_t i = 0; i < n; ++i)
        a.precede(g.add([&] {
            if (is_long) all.arrive();
        }));
    from_outside_and_inside([&] {
        is_long = false;
        for (int i = 0; i < 30; ++i) g.run(pool).get();
        g.run_n(pool, tiny_passes).get();
        is_long = true;
        g.run(pool).get();
        ASSERT_TRUE(all.all_met());
        all.again();
    });
}

/// The long nodes are the last of many short ones, of which one thread runs all that it can.
TEST_P(ready, nodes_at_the_end_of_a_walk) {
    meeting all(n);
    task_graph g;
    for (int chain = 0; chain < 4; ++chain) {
        graph_node last = g.add([] {});
        for (int i = 0; i < 500; ++i) {
            auto const next = g.add([] {});
            last.precede(next);
            last = next;
        }
    }
    for (std::size_t i = 0; i < n; ++i) g.add([&] { all.arrive(); });
    from_outside_and_inside([&] {
        g.run(pool).get();
        ASSERT_TRUE(all.all_met());
        all.again();
    });
}

TEST_P(ready, nodes_behind_nodes_that_other_kinds_of_nodes_make_ready) {
    meeting all(n);
    task_graph inner;
    auto const first = inner.add([] {});
    for (std::size_t i = 0; i < n; ++i) first.precede(inner.add([&] { all.arrive(); }));
    task_graph g;
    auto const choice = g.add_condition([] { return 0; });
    choice.precede(g.add_subgraph(inner));
    from_outside_and_inside([&] {
        g.run(pool).get();
        ASSERT_TRUE(all.all_met());
        all.again();
    });
}

TEST_P(ready, several_successors_that_a_condition_picks) {
    meeting all(n);
    task_graph g;
    auto const choice = g.add_condition([&] {
        std::vector<std::size_t> picked;
        for (std::size_t i = 0; i < n; ++i) picked.push_back(2 * i);
        picked.push_back(1000); // there is no such successor
        return picked;
    });
    std::atomic<int> others{0};
    for (std::size_t i = 0; i < n; ++i) {
        choice.precede(g.add([&] { all.arrive(); }));
        choice.precede(g.add([&] { ++others; }));
    }
    from_outside_and_inside([&] {
        g.run(pool).get();
        ASSERT_TRUE(all.all_met());
        all.again();
    });
    ASSERT_EQ(others, 0);
}

TEST_P(ready, children_of_a_node) {
    meeting all(n);
    bool is_long = false;
    task_graph g;
    g.add([&](subtasks& more) {
        for (std::size_t i = 0; i + 1 < n; ++i)
            more.run([&] {
                if (is_long) all.arrive();
            });
        if (is_long) all.arrive(); // the children begin while their parent runs
    });
    from_outside_and_inside([&] {
        is_long = false;
        g.run_n(pool, tiny_passes).get();
        is_long = true;
        g.run(pool).get();
        ASSERT_TRUE(all.all_met());
        all.again();
    });
}

/// A holds a lock and waits for B; C waits for the lock. B lies behind C or A, and a thread is idle.
TEST_P(ready, nodes_beside_those_that_block_on_a_lock) {
    if (n < 3) return;
    std::mutex lock;
    meeting a_and_b(2);
    bool is_long = false;
    task_graph g;
    auto const first = g.add([] {});
    auto const c = [&] {
        if (is_long) std::lock_guard const held(lock);
    };
    first.precede(g.add([&] {
        if (!is_long) return;
        std::lock_guard const held(lock);
        a_and_b.arrive();
    }));
    first.precede(g.add(c));
    first.precede(g.add([&] {
        if (is_long) a_and_b.arrive();
    }));
    from_outside_and_inside([&] {
        is_long = false;
        g.run_n(pool, tiny_passes).get();
        is_long = true;
        g.run(pool).get();
        ASSERT_TRUE(a_and_b.all_met());
        a_and_b.again();
    });
}

/// Runs a stolen batch within a call of another stolen batch of its thread.
TEST_P(ready, nodes_around_a_node_that_runs_another_graph) {
    if (n < 3) return;
    meeting all(n);
    task_graph inner;
    auto const first = inner.add([] {});
    first.precede(inner.add([&] { all.arrive(); }));
    task_graph g;
    auto const a = g.add([] {});
    a.precede(g.add([&] { inner.run(pool).get(); }));
    for (std::size_t i = 1; i < n; ++i) a.precede(g.add([&] { all.arrive(); }));
    from_outside_and_inside([&] {
        g.run(pool).get();
        ASSERT_TRUE(all.all_met());
        all.again();
    });
}

TEST_P(ready, callables_that_a_node_joins) {
    meeting all(n);
    auto const fork = [&](auto const& self, std::size_t callables) -> void {
        if (callables == 1) return all.arrive();
        join([&] { self(self, callables / 2); }, [&] { self(self, callables - callables / 2); });
    };
    task_graph one, two;
    one.add([&] { fork(fork, n); });
    two.add([] {}).precede(two.add([&] { fork(fork, n); }));
    from_outside_and_inside([&] {
        for (task_graph* const g : {&one, &two}) {
            g->run(pool).get();
            ASSERT_TRUE(all.all_met());
            all.again();
        }
    });
}

TEST_P(ready, items_in_the_stages_of_a_pipeline) {
    from_outside_and_inside([&] {
        meeting all(n);
        std::size_t given = 0;
        pipeline(stage<serial>([&]() -> std::optional<std::size_t> {
                     if (given == 100 + n) return std::nullopt;
                     return given++;
                 }),
                 stage<parallel>([&](std::size_t i) {
                     if (i >= 100) all.arrive();
                     return i;
                 }),
                 stage<serial>([](std::size_t) { return 0; }))
            .run(pool, {.tokens = 2 * n});
        ASSERT_TRUE(all.all_met());
    });
    from_outside_and_inside([&] {
        if (n < 3) return;
        meeting all(3); // one in each of three serial stages
        std::size_t given = 0;
        auto const meet = [&](std::size_t i, std::size_t who) {
            if (i == who) all.arrive();
            return i;
        };
        pipeline(stage<serial>([&]() -> std::optional<std::size_t> {
                     if (given == 10) return std::nullopt;
                     return given++;
                 }),
                 stage<serial>([&](std::size_t i) { return meet(i, 7); }),
                 stage<serial>([&](std::size_t i) { return meet(i, 6); }),
                 stage<serial_any_order>([&](std::size_t i) { return meet(i, 5); }))
            .run(pool, {.tokens = 8});
        ASSERT_TRUE(all.all_met());
    });
}

TEST_P(ready, what_continues_one_future) {
    from_outside_and_inside([&] {
        meeting all(n);
        promise<int> kept;
        shared_future<int> const value = kept.get_future().share();
        std::vector<future<void>> ends;
        for (std::size_t i = 0; i < n; ++i) ends.push_back(value.then(pool, [&](int) { all.arrive(); }));
        kept.set_value(1);
        for (auto& end : ends) end.get();
        ASSERT_TRUE(all.all_met());
    });
    from_outside_and_inside([&] { // by a task
        meeting all(n);
        promise<void> gate;
        shared_future<int> const value = gate.get_future().then(pool, [] { return 1; }).share();
        std::vector<future<void>> ends;
        for (std::size_t i = 0; i < n; ++i) ends.push_back(value.then(pool, [&](int) { all.arrive(); }));
        gate.set_value();
        for (auto& end : ends) end.get();
        ASSERT_TRUE(all.all_met());
    });
}

task<void> comes_to(meeting& all, shared_future<int> value) {
    co_await value;
    all.arrive();
}

TEST_P(ready, coroutines_that_await_one_future) {
    from_outside_and_inside([&] {
        meeting all(n);
        promise<int> kept;
        shared_future<int> const value = kept.get_future().share();
        std::vector<future<void>> ends;
        for (std::size_t i = 0; i < n; ++i) ends.push_back(submit(pool, comes_to(all, value)));
        submit(pool, [&] { kept.set_value(1); }).get();
        for (auto& end : ends) end.get();
        ASSERT_TRUE(all.all_met());
    });
}

} // namespace
