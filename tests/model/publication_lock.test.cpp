// SPDX-License-Identifier: MIT
// Model-checks sched/publication_lock.hpp: a thief publishes tasks in place of their owner, which pushes and pops
// meanwhile. Each task is run once, and what a thief publishes is what the owner has pushed. The owner and the stack
// around the lock are small copies of fork_join/join.hpp, publication.ipp and late_publication.ipp.
#include "model/checker/model_atomics.hpp"
#include "model/checker/model_gtest.hpp"
#include "model/checker/mutate.hpp"

#include <hocket/sched/publication_lock.hpp>

#include <array>
#include <cstddef>
#include <vector>

namespace {

using model::bounded;
using model::execution;
using model::model_atomics;
using model::order;
using model::require;
using model::var;

constexpr int every_slot = 100;
constexpr int slots = 2;
constexpr auto never = [] { return false; };

struct slot {
    model_atomics::atomic<int> is_public{0};
    var<int> runs; // of the task; the thread that runs it touches it
};

struct world {
    hocket::detail::basic_publication_lock<model_atomics> lock;
    model_atomics::atomic<int> top{0};
    model_atomics::atomic<int> split_here{every_slot}; // a request is there
    model_atomics::atomic<int> split{0};
    std::array<slot, slots> stack;

    slot& at(int index) { return stack[static_cast<std::size_t>(index)]; }

    // The owner.

    void push(int index) {
        at(index).runs.set(0);
        top.store(index + 1, order::release);
        model_atomics::light_fence();
    }
    /// Looks, as after a request.
    void serve() {
        lock.enter(never);
        split_here.store(split.load(order::relaxed), order::relaxed);
        lock.leave();
    }
    void pop(int index) {
        top.store(index, order::relaxed);
        model_atomics::light_fence();
        if (index >= split_here.load(order::relaxed)) return run(index);
        lock.enter(never);
        bool const is_private = index >= split.load(order::relaxed);
        if (is_private) split_here.store(split.load(order::relaxed), order::relaxed);
        lock.leave();
        if (is_private) return run(index);
        int expected = 1;
        bool const mine = at(index).is_public.compare_exchange_strong(expected, 0, order::relaxed, order::relaxed);
        lock.enter(never);
        split.store(index, order::relaxed);
        split_here.store(index, order::relaxed);
        lock.leave();
        if (mine) run(index);
    }
    void run(int index) { at(index).runs.set(at(index).runs.get() + 1); }

    // A thief.

    void publish() {
        if (!lock.claim(split_here, every_slot)) return;
        int const end = top.load(order::acquire);
        int const begin = split.load(order::relaxed);
        for (int index = begin; index < end; ++index) at(index).is_public.store(1, order::release);
        if (begin < end) split.store(end, order::release);
        lock.let_go();
    }
    void steal() {
        for (int index = 0; index < slots; ++index) {
            int expected = 1;
            if (at(index).is_public.compare_exchange_strong(expected, 2, order::acquire, order::relaxed)) run(index);
        }
    }
};

/// Lets an owner work while a thief publishes, and perhaps steals.
void works(execution& e, void (*work)(world&), bool steals) {
    auto& w = e.make<world>();
    for (slot& one : w.stack) one.runs.set(1);
    e.thread("owner", [&w, work] { work(w); });
    e.thread("thief", [&w, steals] {
        w.publish();
        if (steals) w.steal();
    });
    e.finally([&w] {
        for (slot& one : w.stack) require(one.runs.get() == 1, "each task runs once");
    });
}

void two_tasks(world& w) {
    w.push(0);
    w.push(1);
    w.pop(1);
    w.pop(0);
}
void pops_twice(world& w) {
    w.push(0);
    w.pop(0);
    w.push(0);
    w.pop(0);
}
void serves(world& w) {
    w.push(0);
    w.serve();
    w.push(1);
    w.pop(1);
    w.pop(0);
}

std::vector<model::named_scenario> suite() {
    return {
        {"two tasks", bounded(3), [](execution& e) { works(e, two_tasks, false); }},
        {"two tasks, one is stolen", bounded(2), [](execution& e) { works(e, two_tasks, true); }},
        {"a slot is used twice", bounded(3), [](execution& e) { works(e, pops_twice, false); }},
        {"the owner looks", bounded(3), [](execution& e) { works(e, serves, false); }},
        {"the owner looks, a task is stolen", bounded(2), [](execution& e) { works(e, serves, true); }},
    };
}

TEST(publication_lock, each_task_runs_once) { model::expect_all_pass(suite()); }

TEST(publication_lock, every_weaker_order_is_caught) {
    EXPECT_TRUE(model::all_killed(model::mutate_all(suite(), "publication_lock.hpp")));
}

} // namespace
