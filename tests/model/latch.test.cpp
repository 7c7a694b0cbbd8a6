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

// The way a task_group counts: its maker by itself until it has to sleep, other threads what they ran one after another.

struct counting : world {
    std::int64_t own_left = 0; // of the waiter: what it has added, less what it has taken into account
    std::int64_t tally = 0;    // what it has run while it waits

    counting() : world(0) {}

    /// These tasks have run, one after another on this thread; the latch hears of them once.
    void run_batch(std::size_t first, std::size_t count) {
        for (std::size_t i = first; i < first + count; ++i) stack->results[i].set(1);
        if (std::uint32_t const context = stack->latch.finish(count); context != 0) parkers[context - 1].wake();
    }
    void fold(std::int64_t ended) {
        const std::int64_t change = own_left - ended;
        own_left = 0;
        if (change != 0) stack->latch.add(change);
    }
    bool ready() const { return stack->latch.ready(tally - own_left); }

    /// `runs` of the tasks, from the one at `first` on, this thread runs itself.
    void wait_and_run(std::size_t first, std::size_t runs, std::size_t tasks) {
        bool announced = false;
        while (!ready()) {
            if (runs != 0) {
                stack->results[first++].set(1);
                ++tally;
                --runs;
                continue;
            }
            parkers[waiter].reset();
            fold(tally);
            tally = 0;
            announced = true;
            if (stack->latch.announce_wait(waiter)) parkers[waiter].sleep();
        }
        fold(tally);
        tally = 0;
        if (announced) stack->latch.withdraw();
        require(stack->latch.ready(), "the latch itself says that nothing is left");
        for (std::size_t i = 0; i < tasks; ++i) require(stack->results[i].get() == 1, "the result is there");
    }
};

/// The waiter has added all three and runs `mine` of them; others' decrements come first or last.
void counts_by_itself(execution& e, std::size_t mine, std::vector<std::size_t> batches) {
    auto& w = e.make<counting>();
    w.own_left = 3;
    std::size_t first = mine;
    for (const std::size_t count : batches) {
        e.thread("batch", [&w, first, count] { w.run_batch(first, count); });
        first += count;
    }
    e.thread("waiter", [&w, mine] {
        w.wait_and_run(0, mine, 3);
        w.stack.reset();
    });
}

/// A task that another thread runs adds one more to the latch, while the waiter still counts by itself.
void counts_by_itself_and_a_task_adds(execution& e) {
    auto& w = e.make<counting>();
    w.own_left = 1;
    e.thread("first", [&w] {
        w.stack->latch.add();
        w.second_task.store(1, order::release);
        w.run_batch(0, 1);
    });
    e.thread("second", [&w] {
        while (w.second_task.load(order::acquire) == 0) model_atomics::pause();
        w.run_batch(1, 1);
    });
    e.thread("waiter", [&w] {
        w.wait_and_run(2, 0, 2);
        w.stack.reset();
    });
}

/// A waiter that has announced itself gives up, unless it has been told to wake: then the token comes.
void gives_up(execution& e) {
    auto& w = e.make<world>(std::size_t{1});
    e.thread("task", [&w] { w.run_task(0); });
    e.thread("waiter", [&w] {
        w.parkers[w.waiter].reset();
        if (w.stack->latch.announce_wait(w.waiter) && !w.stack->latch.withdraw()) w.parkers[w.waiter].sleep();
        w.wait(1);
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
            {"counts by itself, all is run by one other", {}, [](execution& e) { counts_by_itself(e, 0, {3}); }},
            {"counts by itself, some is run by two others", bounded(3),
             [](execution& e) {
                 counts_by_itself(e, 0, {2, 1});
             }},
            {"counts by itself and runs some", bounded(3),
             [](execution& e) {
                 counts_by_itself(e, 1, {1, 1});
             }},
            {"counts by itself and a task adds", bounded(3), counts_by_itself_and_a_task_adds},
            {"gives up", {}, gives_up},
            {"spurious failures and returns", unreliable, [](execution& e) { waits_and_leaves(e, 2); }}};
}

TEST(latch, is_ready_when_everything_is_done_and_is_never_touched_again) { model::expect_all_pass(suite()); }

TEST(latch, every_weaker_order_is_caught) { EXPECT_TRUE(model::all_killed(model::mutate_all(suite(), "latch.hpp"))); }

} // namespace
