// SPDX-License-Identifier: MIT
// Model-checks remote/actor/mailbox.hpp: callers push messages; the pool's item and a waiting thread take turns to run
// them. Each message runs once, in the order of its caller, one at a time, and sees the effects of the message before.
// The memory of an actor is reused when no thread can touch it any more.
#include "model/checker/model_atomics.hpp"
#include "model/checker/model_gtest.hpp"
#include "model/checker/mutate.hpp"

#include <hocket/remote/actor/mailbox.hpp>

#include <array>
#include <cstddef>
#include <vector>

namespace {

using model::atomic;
using model::bounded;
using model::execution;
using model::model_atomics;
using model::order;
using model::require;
using model::var;

struct node {
    model::link<node> next;
    var<int> content;
    bool is_last = false;
};

using turn = hocket::detail::turn_word<model_atomics>;

struct world {
    hocket::detail::mailbox<model_atomics, node> box;
    turn word;
    atomic<int> items{0}; // of this actor in the pool's queue
    atomic<int> ran{0};
    atomic<int> gone{0};
    atomic<int> callers_left;
    var<int> object; // counts the calls of the actor
    var<int> item;   // written by the queue, read by the thread that takes the item out
    std::array<node, 4> nodes;
    std::array<int, 2> newest{0, 0}; // per caller, in the turn

    explicit world(int callers) : callers_left(callers) {
        object.set(0);
        item.set(0);
    }

    /// Pushes message `number`, counted from 1, of a caller.
    void push(std::size_t place, int caller, int number) {
        nodes[place].content.set(10 * caller + number);
        if (box.push(nodes[place])) offer();
    }
    void offer() {
        if (!word.offer()) return;
        item.set(1);
        items.fetch_add(1, order::release);
    }
    void run_turn(unsigned most) {
        (void)object.get(); // before the turn looks at the list
        for (unsigned left = most;;) {
            node* const n = box.pop();
            if (n == nullptr) {
                if (box.rest()) return;
                continue;
            }
            int const content = n->content.get();
            object.set(object.get() + 1);
            require(content % 10 == ++newest[static_cast<std::size_t>(content / 10)], "in the order of its caller");
            ran.fetch_add(1, order::relaxed);
            if (n->is_last) {
                if (word.end()) recycle();
                return;
            }
            if (--left == 0) return offer();
        }
    }
    void recycle() {
        object.set(0);
        item.set(0);
        gone.fetch_add(1, order::relaxed);
    }
    /// Runs, as the pool does, the items of its queue until all callers have gone.
    void serve(unsigned burst) {
        for (;;) {
            bool const are_gone = callers_left.load(order::acquire) == 0;
            if (items.load(order::acquire) == 0) {
                if (are_gone) return;
                model_atomics::pause();
                continue;
            }
            items.fetch_sub(1, order::relaxed);
            require(item.get() == 1, "it is that of the actor");
            switch (word.dequeue()) {
            case turn::found::turn: run_turn(burst); break;
            case turn::found::end: recycle(); break;
            case turn::found::nothing: break;
            }
        }
    }
    void help() {
        if (word.try_take()) run_turn(1);
    }
};

void callers_and_helpers(execution& e, int callers, int messages, unsigned burst, bool helper) {
    auto& w = e.make<world>(callers);
    int const total = callers * messages;
    for (int caller = 0; caller < callers; ++caller)
        e.thread("caller", [&w, caller, messages, helper] {
            for (int i = 1; i <= messages; ++i) {
                w.push(static_cast<std::size_t>(caller * messages + i - 1), caller, i);
                if (helper) w.help();
            }
            w.callers_left.fetch_sub(1, order::release);
        });
    e.thread("pool", [&w, burst] { w.serve(burst); });
    e.finally([&w, total] {
        require(w.ran.load() == total && w.object.get() == total, "each message ran once");
        require(w.items.load() == 0, "nothing lies in the queue");
    });
}

/// Drops the last handle after the last call.
void ends(execution& e, bool helper) {
    auto& w = e.make<world>(1);
    w.nodes[1].is_last = true;
    e.thread("caller", [&w, helper] {
        w.push(0, 0, 1);
        if (helper) w.help();
        w.push(1, 0, 2);
        if (helper) w.help();
        w.callers_left.fetch_sub(1, order::release);
    });
    e.thread("pool", [&w] { w.serve(64); });
    e.finally([&w] { require(w.gone.load() == 1 && w.object.get() == 0, "the memory is free, once"); });
}

std::vector<model::named_scenario> suite() {
    return {
        {"two callers", bounded(2), [](execution& e) { callers_and_helpers(e, 2, 1, 64, false); }},
        {"a caller that helps", bounded(2), [](execution& e) { callers_and_helpers(e, 1, 2, 64, true); }},
        {"two callers that help", bounded(1), [](execution& e) { callers_and_helpers(e, 2, 1, 64, true); }},
        {"turns of one call", bounded(2), [](execution& e) { callers_and_helpers(e, 1, 2, 1, false); }},
        {"the end", bounded(2), [](execution& e) { ends(e, false); }},
        {"the end, and a caller that helps", bounded(2), [](execution& e) { ends(e, true); }},
    };
}

TEST(actor_mailbox, runs_each_message_once_and_in_order) { model::expect_all_pass(suite()); }

TEST(actor_mailbox, every_weaker_order_is_caught) {
    EXPECT_TRUE(model::all_killed(model::mutate_all(suite(), "mailbox.hpp")));
}

} // namespace
