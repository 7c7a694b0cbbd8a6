// SPDX-License-Identifier: MIT
// Tests that a failure or a stop reaches nested operations, in all pairs of a join, loop, reduction, group, graph and
// pipeline around each of them. Only a few bodies begin afterwards, and the exception that arrives is the original one.
#include <hocket/algorithm/loops/parallel_for.hpp>
#include <hocket/algorithm/reduce/parallel_reduce.hpp>
#include <hocket/fork_join/join.hpp>
#include <hocket/fork_join/task_group.hpp>
#include <hocket/future/future.hpp>
#include <hocket/future/submit.hpp>
#include <hocket/graph/task_graph.hpp>
#include <hocket/pipeline/pipeline.hpp>
#include <hocket/pool/thread_pool.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <optional>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <thread>

namespace {

using namespace hocket;
using callable = void (*)();

enum operation { a_join, a_loop, a_reduction, a_group, a_graph, a_pipeline };
constexpr operation all_operations[] = {a_join, a_loop, a_reduction, a_group, a_graph, a_pipeline};
constexpr char const* names[] = {"join", "loop", "reduction", "group", "graph", "pipeline"};
constexpr int leaves = 2048;
constexpr loop_options one_by_one{.grain = 1, .schedule = schedule::dynamic};

/// State that the bodies of one case share.
struct {
    operation inner;
    std::stop_source source;
    std::atomic<int> begun, after;
    std::atomic<bool> thrower_began, over, late;
    std::atomic<std::chrono::steady_clock::time_point> heard; // when the first body saw the stop
} state;

template<class Condition>
void wait_until(Condition const& condition) {
    auto const limit = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!condition()) {
        if (std::chrono::steady_clock::now() > limit) {
            state.late = true;
            return;
        }
        std::this_thread::yield();
    }
}

/// After the stop, each body waits until it sees the stop, so none can begin because the news takes time. From then on
/// each takes so long that few can begin within a millisecond.
void leaf() {
    auto const now = std::chrono::steady_clock::now();
    auto const heard = state.heard.load();
    if (heard != std::chrono::steady_clock::time_point() && now > heard + std::chrono::milliseconds(1)) ++state.after;
    ++state.begun;
    if (!state.over) return;
    wait_until([] { return this_task::stop_requested(); });
    std::chrono::steady_clock::time_point none;
    state.heard.compare_exchange_strong(none, std::chrono::steady_clock::now());
    std::this_thread::sleep_for(std::chrono::microseconds(20));
}
void failing_sibling() {
    state.thrower_began = true;
    wait_until([] { return state.begun >= 3; });
    state.over = true;
    throw std::runtime_error("original");
}
void stopping_leaf() {
    if (state.begun >= 5 && !state.over.exchange(true)) state.source.request_stop();
    leaf();
}

void tree_of_joins(callable body, int count) {
    if (count == 1) return body();
    join([=] { tree_of_joins(body, count / 2); }, [=] { tree_of_joins(body, count - count / 2); });
}

/// Calls `body` once for each of `leaves`, in an operation of the given kind.
void run_inner(operation kind, callable body) {
    switch (kind) {
    case a_join: tree_of_joins(body, leaves); break;
    case a_loop:
        parallel_for(
            0, leaves, [=](int) { body(); }, one_by_one);
        break;
    case a_reduction: {
        auto const one = [=](int) { return body(), 1; };
        (void)parallel_transform_reduce(0, leaves, 0, std::plus<>(), one, one_by_one);
        break;
    }
    case a_group: {
        task_group g;
        for (int i = 0; i < leaves; ++i) g.run([=] { body(); });
        g.wait();
        break;
    }
    case a_graph: {
        task_graph g;
        for (int i = 0; i < leaves; ++i) g.add([=] { body(); });
        g.run().get();
        break;
    }
    case a_pipeline: {
        auto read = [i = 0]() mutable { return i < leaves ? std::optional<int>(i++) : std::nullopt; };
        pipeline(stage<serial>(read), stage<parallel>([=](int) { body(); })).run({.tokens = 16});
        break;
    }
    }
}

/// Runs `first` and `second` side by side in an operation of the given kind.
void run_outer(thread_pool& pool, operation kind, callable first, callable second, std::stop_token token) {
    loop_options options = one_by_one;
    options.stop = token;
    auto const either = [=](int i) { (i == 0 ? first : second)(); };
    switch (kind) {
    case a_join: join(pool, first, second); break;
    case a_loop: parallel_for(pool, 0, 2, either, options); break;
    case a_reduction: {
        auto const one = [=](int i) { return either(i), 1; };
        (void)parallel_transform_reduce(pool, 0, 2, 0, std::plus<>(), one, options);
        break;
    }
    case a_group: {
        task_group g(pool);
        g.run([=] { first(); });
        g.run([=] { second(); });
        g.wait();
        break;
    }
    case a_graph: {
        task_graph g;
        g.add([=] { first(); });
        g.add([=] { second(); });
        g.run(pool, {.stop = token}).get();
        break;
    }
    case a_pipeline: {
        auto read = [i = 0]() mutable { return i < 2 ? std::optional<int>(i++) : std::nullopt; };
        pipeline(stage<serial>(read), stage<parallel>(either)).run(pool, {.tokens = 2, .stop = token});
        break;
    }
    }
}

void begin_case(operation inner) {
    state.inner = inner;
    state.source = std::stop_source();
    state.begun = state.after = 0;
    state.heard = std::chrono::steady_clock::time_point();
    state.thrower_began = state.over = state.late = false;
}
void inner_with_leaves() { run_inner(state.inner, leaf); }
void inner_with_stopping_leaves() { run_inner(state.inner, stopping_leaf); }

class nested_stops : public testing::TestWithParam<unsigned> {
  protected:
    void expect_few(char const* outer) const {
        EXPECT_FALSE(state.late) << "a body waited in vain";
        EXPECT_LE(state.after, static_cast<int>(256 + 48 * GetParam()))
            << "began later than a millisecond afterwards: " << names[state.inner] << " in " << outer << ", of "
            << state.begun;
    }
    thread_pool pool_{{.workers = GetParam(), .bind = binding::none}};
};
INSTANTIATE_TEST_SUITE_P(workers, nested_stops, testing::Values(1u, 2u, 4u, 8u));

TEST_P(nested_stops, a_failure_reaches_what_is_nested) {
    if (GetParam() == 1) return; // a failure beside an inner operation needs a second worker
    for (bool const fails_first : {true, false})
        for (operation const outer : all_operations)
            for (operation const inner : all_operations) {
                begin_case(inner);
                std::string what = "nothing";
                try {
                    run_outer(pool_, outer, fails_first ? failing_sibling : inner_with_leaves,
                              fails_first ? inner_with_leaves : failing_sibling, {});
                } catch (std::exception const& error) {
                    what = error.what();
                }
                EXPECT_EQ(what, "original") << names[inner] << " in " << names[outer];
                expect_few(names[outer]);
            }
}

TEST_P(nested_stops, a_stop_reaches_what_is_nested) {
    for (operation const outer : {a_loop, a_reduction, a_graph, a_pipeline})
        for (operation const inner : all_operations) {
            begin_case(inner);
            EXPECT_THROW(run_outer(
                             pool_, outer, inner_with_stopping_leaves, [] {}, state.source.get_token()),
                         operation_cancelled)
                << names[inner] << " in " << names[outer];
            expect_few(names[outer]);
        }
}

/// The second of two threads that wait for a run belongs to an operation that was stopped before. Loops in the nodes
/// see that stop, too.
TEST(stop_of_a_second_wait, reaches_the_loops_of_a_graph) {
    thread_pool pool(4);
    std::atomic<int> bodies{0};
    std::atomic<bool> late{false};
    task_graph graph;
    graph.add([&] {
        parallel_for(0, 1'000'000'000,
                     [&](int) {
                         ++bodies;
                         std::this_thread::sleep_for(std::chrono::microseconds(10));
                         if (late) throw std::runtime_error("the loop was not stopped");
                     },
                     {.max_workers = 1});
    });
    shared_future<void> const run = graph.run(pool).share();
    auto const wait_for_run = [&run] {
        try {
            run.get();
        } catch (operation_cancelled const&) {
        }
    };
    future<void> const first = submit(pool, wait_for_run);
    auto const limit = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    auto const in_time = [&] { return std::chrono::steady_clock::now() < limit; };
    while (bodies < 1000 && in_time()) std::this_thread::yield(); // the loop has looked around
    std::thread guard([&] {
        while (!run.ready() && in_time()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
        late = !run.ready();
    });
    std::atomic<bool> second_began{false};
    EXPECT_THROW(join(
                     pool,
                     [&] {
                         while (!second_began && in_time()) std::this_thread::yield();
                         throw std::logic_error("stops the second wait");
                     },
                     [&] {
                         second_began = true;
                         while (!this_task::stop_requested() && in_time()) std::this_thread::yield();
                         int const then = bodies; // the loop looks around after the stop, and before the wait
                         while (bodies < then + 100 && in_time()) std::this_thread::yield();
                         wait_for_run();
                     }),
                 std::logic_error);
    guard.join();
    EXPECT_FALSE(late);
    first.wait();
}

} // namespace
