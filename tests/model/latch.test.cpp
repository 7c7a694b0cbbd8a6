// SPDX-License-Identifier: MIT
// Model-checks sched/latch.hpp together with the parker of sched/sleep.hpp, the way a task_group waits. The latch dies
// as soon as the waiter has seen that it is ready.
#include "model/checker/model_atomics.hpp"
#include "model/checker/model_gtest.hpp"
#include "model/checker/mutate.hpp"

#include <hocket/fork_join/group_count.hpp>
#include <hocket/sched/latch.hpp>
#include <hocket/sched/sleep.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace {

using model::atomic;
using model::bounded;
using model::execution;
using model::model_atomics;
using model::order;
using model::require;
using model::var;

using announcement = hocket::detail::basic_latch<model_atomics>::announcement;

struct group {
    hocket::detail::basic_latch<model_atomics> latch;
    std::array<var<int>, 3> results;
};

struct world {
    static constexpr std::uint32_t waiter = 1;

    std::array<hocket::detail::basic_parker<model_atomics>, 2> parkers; // of the worker slots: they outlive every group
    atomic<int> second_task{0, "second task"};
    std::optional<group> stack; // the waiter's

    explicit world(std::size_t tasks) {
        stack.emplace();
        for (std::size_t i = 0; i < tasks; ++i) stack->latch.add();
    }
    void run_task(std::size_t i) {
        stack->results[i].set(1);
        if (std::uint32_t const slot = stack->latch.finish(); slot != 0) parkers[slot - 1].wake();
    }
    void wait(std::size_t tasks) {
        while (!stack->latch.ready()) {
            parkers[waiter].reset();
            if (stack->latch.announce_wait(waiter) == announcement::made) parkers[waiter].sleep();
        }
        stack->latch.withdraw(waiter);
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

/// Lets a task add another task to its group before it finishes.
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

/// Uses one latch and one parker twice.
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

// The way a task_group counts: its maker counts by itself until it has to sleep; other threads count after each batch
// that they ran.

struct counting {
    using group_count = hocket::detail::basic_group_count<model_atomics>;
    using latch = hocket::detail::basic_latch<model_atomics>;

    std::array<hocket::detail::basic_parker<model_atomics>, 2> parkers; // of the worker slots: they outlive every group
    std::optional<group_count> left{std::in_place};                     // the waiter's
    std::array<var<int>, 3> results;
    atomic<int> second_task{0, "second task"};
    atomic<std::uint32_t> listed{0, "listed"}; // the list of further waiters and its mutex: a worker slot plus one

    /// Finishes tasks that have run one after another on this thread; the latch hears of them once.
    void run_batch(std::size_t first, std::size_t count) {
        for (std::size_t i = first; i < first + count; ++i) results[i].set(1);
        tell(count);
    }
    void tell(std::uint64_t count) {
        if (count == 0) return;
        const std::uint32_t told = left->latch().finish(count);
        if (const std::uint32_t first = latch::slot_of(told); first != 0) parkers[first - 1].wake();
        if ((told & latch::more_flag) == 0) return;
        if (const std::uint32_t other = listed.load(order::acquire); other != 0) parkers[other - 1].wake();
    }
    bool announce(std::uint32_t me) {
        if (listed.load(order::relaxed) != me + 1) {
            const announcement what = left->latch().announce_wait(me);
            if (what != announcement::taken) return what == announcement::made;
            listed.store(me + 1, order::release);
        }
        return left->latch().announce_more();
    }

    /// Waits, and lets the waiter itself run `runs` of the tasks, from the one at `first` on.
    void wait_and_run(std::uint32_t me, std::size_t first, std::size_t runs, std::size_t tasks) {
        std::int64_t tally = 0;
        while (!left->ended(tally)) {
            if (runs != 0) {
                results[first++].set(1);
                ++tally;
                --runs;
                continue;
            }
            parkers[me].reset();
            left->fold();
            tell(static_cast<std::uint64_t>(std::exchange(tally, 0)));
            if (announce(me))
                parkers[me].sleep();
            else
                model_atomics::pause(); // another waiter is about to fold, or the wait is over
        }
        if (listed.load(order::relaxed) == me + 1) {
            listed.store(0, order::release);
            left->latch().withdraw_more();
        } else {
            left->latch().withdraw(me);
        }
        tell(static_cast<std::uint64_t>(tally));
        for (std::size_t i = 0; i < tasks; ++i) require(results[i].get() == 1, "the result is there");
    }
};

/// Lets the waiter add all three tasks and run `mine` of them. Decrements of other threads come first or last.
void counts_by_itself(execution& e, std::size_t mine, std::vector<std::size_t> batches) {
    auto& w = e.make<counting>();
    w.left->add_own(3);
    std::size_t first = mine;
    for (const std::size_t count : batches) {
        e.thread("batch", [&w, first, count] { w.run_batch(first, count); });
        first += count;
    }
    e.thread("waiter", [&w, mine] {
        w.wait_and_run(1, 0, mine, 3);
        w.left.reset();
    });
}

/// Lets a task on another thread add one more to the latch, while the waiter still counts by itself.
void counts_by_itself_and_a_task_adds(execution& e) {
    auto& w = e.make<counting>();
    w.left->add_own(1);
    e.thread("first", [&w] {
        w.left->add();
        w.second_task.store(1, order::release);
        w.run_batch(0, 1);
    });
    e.thread("second", [&w] {
        while (w.second_task.load(order::acquire) == 0) model_atomics::pause();
        w.run_batch(1, 1);
    });
    e.thread("waiter", [&w] {
        w.wait_and_run(1, 2, 0, 2);
        w.left.reset();
    });
}

/// Lets two threads wait for tasks that one of them has added. The maker runs `first_runs` of them itself, a third
/// thread `others_run`.
void two_wait(execution& e, std::size_t others_run, std::size_t first_runs) {
    auto& w = e.make<counting>();
    const std::size_t all = others_run + first_runs;
    w.left->add_own(static_cast<std::int64_t>(all));
    if (others_run != 0) e.thread("batch", [&w, others_run] { w.run_batch(0, others_run); });
    e.thread("maker", [&w, others_run, first_runs, all] { w.wait_and_run(0, others_run, first_runs, all); });
    e.thread("other", [&w, all] { w.wait_and_run(1, 0, 0, all); });
}

/// Lets another thread wait for a task of the maker. The maker adds one more meanwhile and does not wait itself.
void the_maker_adds_one_more(execution& e) {
    auto& w = e.make<counting>();
    w.left->add_own(1);
    e.thread("maker", [&w] {
        w.left->add_own(1);
        w.second_task.store(1, order::release);
    });
    e.thread("batch", [&w] {
        while (w.second_task.load(order::acquire) == 0) model_atomics::pause();
        w.run_batch(1, 1);
        w.run_batch(0, 1);
    });
    e.thread("other", [&w] {
        w.wait_and_run(1, 0, 0, 1);
        w.left.reset();
    });
}

/// Cancels a wait that has announced itself. A token may come nevertheless, while the thread waits again.
void gives_up(execution& e) {
    auto& w = e.make<world>(std::size_t{1});
    e.thread("task", [&w] { w.run_task(0); });
    e.thread("waiter", [&w] {
        w.parkers[w.waiter].reset();
        if (w.stack->latch.announce_wait(w.waiter) == announcement::made) w.stack->latch.withdraw(w.waiter);
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
            {"two wait, another thread runs", bounded(1), [](execution& e) { two_wait(e, 1, 0); }},
            {"two wait, one of them runs", bounded(2), [](execution& e) { two_wait(e, 0, 1); }},
            {"two wait, both kinds run", bounded(1), [](execution& e) { two_wait(e, 1, 1); }},
            {"the maker adds one more", bounded(2), the_maker_adds_one_more},
            {"gives up", {}, gives_up},
            {"spurious failures and returns", unreliable, [](execution& e) { waits_and_leaves(e, 2); }}};
}

TEST(latch, is_ready_when_everything_is_done_and_is_never_touched_again) { model::expect_all_pass(suite()); }

TEST(group_count, every_weaker_order_is_caught) {
    EXPECT_TRUE(model::all_killed(model::mutate_all(suite(), "group_count.hpp")));
}

TEST(latch, every_weaker_order_is_caught) { EXPECT_TRUE(model::all_killed(model::mutate_all(suite(), "latch.hpp"))); }

} // namespace
