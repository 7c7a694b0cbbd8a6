// SPDX-License-Identifier: MIT
// Tests that urgent work begins between two steps of graphs, pipelines, coroutines and loops that run long on all
// workers. No test measures time.
#include <hocket/algorithm/loops/parallel_for.hpp>
#include <hocket/coroutine/awaitables.hpp>
#include <hocket/coroutine/coroutine.hpp>
#include <hocket/future/submit.hpp>
#include <hocket/graph/task_graph.hpp>
#include <hocket/pipeline/pipeline.hpp>
#include <hocket/pipeline/stage_list.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <optional>
#include <ostream>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

namespace {

using namespace hocket;
using namespace std::chrono_literals;
using steady = std::chrono::steady_clock;

/// Long work asks this object after each step: whether the urgent task has begun, or will not begin any more.
struct goal {
    std::atomic<bool> begun{false};
    steady::time_point const limit = steady::now() + 20s;
    bool reached() const { return begun || steady::now() > limit; }
};

void chain_in_a_graph(goal& urgent) {
    task_graph graph;
    auto first = graph.add([] {});
    auto second = graph.add([] {});
    first.precede(second);
    graph.run_until([&] { return urgent.reached(); }).get();
}

void items_of_a_pipeline(goal& urgent) {
    pipeline(stage<serial>([&]() -> std::optional<int> {
                 if (urgent.reached()) return std::nullopt;
                 return 1;
             }),
             stage<parallel>([](int x) { return x + 1; }), stage<serial>([](int) {}))
        .run({.tokens = 1});
}

constexpr std::size_t elements = 1 << 20; // of one item

void take_time(goal const& urgent) {
    auto const until = steady::now() + 20us;
    while (!urgent.reached() && steady::now() < until) {
    }
}

std::optional<int> only_one(bool& given) {
    if (std::exchange(given, true)) return std::nullopt;
    return 1;
}

void elements_of_an_item(goal& urgent) {
    bool given = false;
    pipeline(stage<serial>([&] { return only_one(given); }),
             expand_stage<parallel>([](int x) { return std::vector<int>(elements, x); }),
             stage<parallel>([&](int) { take_time(urgent); }))
        .run();
}

void elements_in_a_list_of_stages(goal& urgent) {
    bool given = false;
    stage_list<int> stages;
    stages.add(stage<parallel>([&](int x) {
        take_time(urgent);
        return x;
    }));
    pipeline(stage<serial>([&] { return only_one(given); }),
             expand_stage<parallel>([](int x) { return std::vector<int>(elements, x); }), std::move(stages))
        .run();
}

task<int> child() { co_return 1; }
task<void> parent(goal& urgent) {
    while (!urgent.reached()) (void)co_await child();
}
void steps_of_a_coroutine(goal& urgent) {
    submit([&] { return parent(urgent); }).get();
}

void chunks_of_a_loop(goal& urgent) {
    parallel_for(0, 1 << 20, [&](int) { take_time(urgent); });
}

struct work {
    char const* name;
    void (*run)(goal&);
};
void PrintTo(work const& it, std::ostream* out) { *out << it.name; }

class urgent_flow : public testing::TestWithParam<std::tuple<work, unsigned>> {
  protected:
    /// Runs the work on every worker; `start` is called when all of them are busy.
    template<class Start>
    void while_all_are_busy(Start const& start) {
        unsigned const workers = std::get<1>(GetParam());
        thread_pool pool({.workers = workers, .bind = binding::none});
        goal urgent;
        std::atomic<unsigned> busy{0};
        std::vector<future<void>> tasks;
        for (unsigned i = 0; i < workers; ++i)
            tasks.push_back(submit(pool,
                                   [&] {
                                       for (++busy; busy < workers && !urgent.reached();) std::this_thread::yield();
                                       std::get<0>(GetParam()).run(urgent);
                                   },
                                   {.on = i}));
        while (busy < workers) std::this_thread::yield();
        future<void> begun = start(pool, urgent);
        for (future<void>& one : tasks) // the caller does not help
            while (!one.ready()) std::this_thread::sleep_for(100us);
        EXPECT_TRUE(urgent.begun) << "only after the others had ended";
        begun.get();
    }
};
INSTANTIATE_TEST_SUITE_P(
    all, urgent_flow,
    testing::Combine(testing::Values(work{"graph", chain_in_a_graph}, work{"pipeline", items_of_a_pipeline},
                                     work{"elements", elements_of_an_item},
                                     work{"elements_in_list", elements_in_a_list_of_stages},
                                     work{"coroutine", steps_of_a_coroutine}, work{"loop", chunks_of_a_loop}),
                     testing::Values(1u, 2u, 4u)));

TEST_P(urgent_flow, leaves_room_for_high_priority) {
    while_all_are_busy([](thread_pool& pool, goal& urgent) {
        return submit(pool, [&] { urgent.begun = true; }, {.priority = priority::high});
    });
}

TEST_P(urgent_flow, leaves_room_for_a_task_for_one_worker) {
    while_all_are_busy(
        [](thread_pool& pool, goal& urgent) { return submit(pool, [&] { urgent.begun = true; }, {.on = 0}); });
}

} // namespace
