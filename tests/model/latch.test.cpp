// SPDX-License-Identifier: MIT
// Model-checks sched/latch.hpp together with the parker of sched/sleep.hpp, the way a task_group waits: the latch dies as
// soon as the waiter has seen that it is ready.
#include "model/checker/model_atomics.hpp"
#include "model/checker/model_gtest.hpp"
#include "model/checker/mutate.hpp"

#include <hocket/sched/latch.hpp>
#include <hocket/sched/sleep.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

namespace {

using model::atomic;
using model::bounded;
using model::execution;
using model::model_atomics;
using model::order;
using model::require;
using model::var;

struct group {
    hocket::detail::basic_latch<model_atomics> latch;
    std::array<var<int>, 3> results;
};

struct world {
    static constexpr std::uint32_t waiter = 1;

    std::array<hocket::detail::basic_parker<model_atomics>, 2> parkers; // of the contexts: they outlive every group
    atomic<int> second_task{0, "second task"};
    std::optional<group> stack; // the waiter's

    explicit world(std::size_t tasks) {
        stack.emplace();
        for (std::size_t i = 0; i < tasks; ++i) stack->latch.add();
    }
    void run_task(std::size_t i) {
        stack->results[i].set(1);
        if (std::uint32_t const context = stack->latch.finish(); context != 0) parkers[context - 1].wake();
    }
    void wait(std::size_t tasks) {
        while (!stack->latch.ready()) {
            parkers[waiter].reset();
            if (stack->latch.announce_wait(waiter)) parkers[waiter].sleep();
        }
        stack->latch.withdraw();
        for (std::size_t i = 0; i < tasks; ++i) require(stack->results[i].get() == 1, "the result is there");
    }
};

void waits_and_leaves(execution& e, std::size_t tasks) {
    auto& w = e.make<world>(tasks);
    for (std::size_t i = 0; i < tasks; ++i) e.thread("task", [&w, i] { w.run_task(i); });
    e.thread("waiter", [&w, tasks] {
        w.wait(tasks);
        w.stack.reset();
    });
}

/// A task adds another one to its group before it finishes.
void a_task_adds_a_task(execution& e) {
    auto& w = e.make<world>(std::size_t{1});
    e.thread("first", [&w] {
        w.stack->latch.add();
        w.second_task.store(1, order::release);
        w.run_task(0);
    });
    e.thread("second", [&w] {
        while (w.second_task.load(order::acquire) == 0) model_atomics::pause();
        w.run_task(1);
    });
    e.thread("waiter", [&w] {
        w.wait(2);
        w.stack.reset();
    });
}

/// The same latch and the same parker serve twice.
void waits_twice(execution& e) {
    auto& w = e.make<world>(std::size_t{1});
    e.thread("first", [&w] { w.run_task(0); });
    e.thread("second", [&w] {
        while (w.second_task.load(order::acquire) == 0) model_atomics::pause();
        w.run_task(1);
    });
    e.thread("waiter", [&w] {
        w.wait(1);
        w.stack->latch.add();
        w.second_task.store(1, order::release);
        w.wait(2);
        w.stack.reset();
    });
}

std::vector<model::named_scenario> suite() {
    auto unreliable = bounded(2);
    unreliable.spurious_wakes = 1;
    unreliable.weak_failures = 1;
    return {{"one task, all schedules", {}, [](execution& e) { waits_and_leaves(e, 1); }},
            {"two tasks", bounded(3), [](execution& e) { waits_and_leaves(e, 2); }},
            {"a task adds a task", bounded(2), a_task_adds_a_task},
            {"waits twice", bounded(2), waits_twice},
            {"spurious failures and returns", unreliable, [](execution& e) { waits_and_leaves(e, 2); }}};
}

TEST(latch, is_ready_when_everything_is_done_and_is_never_touched_again) { model::expect_all_pass(suite()); }

TEST(latch, every_weaker_order_is_caught) { EXPECT_TRUE(model::all_killed(model::mutate_all(suite(), "latch.hpp"))); }

} // namespace
