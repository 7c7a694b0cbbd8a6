// SPDX-License-Identifier: MIT
// Model-checks sched/steal_request.hpp: no thief writes into the words of a thread that has left the worker slot.
#include "model/checker/model_atomics.hpp"
#include "model/checker/model_gtest.hpp"
#include "model/checker/mutate.hpp"

#include <hocket/sched/steal_request.hpp>

#include <vector>

namespace {

using model::bounded;
using model::execution;
using model::model_atomics;
using model::var;

/// The words of a thread: plain data, so that a write beside another access is a race.
struct alignas(16) words {
    var<int> asked;
};

struct world {
    hocket::detail::basic_request_box<model_atomics, words> box;
    words first;  // of the thread that holds the worker slot
    words second; // of the thread that holds it afterwards
};

/// Lets `thieves` ask while a thread leaves the worker slot; `another` thread enters it then.
void leaves_while_asked(execution& e, int thieves, bool another) {
    auto& w = e.make<world>();
    e.thread("holder", [&w, another] {
        w.first.asked.set(0);
        w.box.open(w.first);
        w.box.close();
        w.first.asked.set(2); // its memory is used for something else
        if (!another) return;
        w.second.asked.set(0);
        w.box.open(w.second);
        w.box.close();
        w.second.asked.set(2);
    });
    for (int t = 0; t < thieves; ++t)
        e.thread("thief", [&w] { w.box.with_request([](words& owner) { owner.asked.set(1); }); });
}

std::vector<model::named_scenario> suite() {
    auto unreliable = bounded(2);
    unreliable.weak_failures = 1;
    return {
        {"one thief", bounded(3), [](execution& e) { leaves_while_asked(e, 1, false); }},
        {"two thieves", bounded(2), [](execution& e) { leaves_while_asked(e, 2, false); }},
        {"one thief, two holders", bounded(2), [](execution& e) { leaves_while_asked(e, 1, true); }},
        {"spurious failures", unreliable, [](execution& e) { leaves_while_asked(e, 1, false); }},
    };
}

TEST(steal_request, who_has_left_is_not_written_to) { model::expect_all_pass(suite()); }

TEST(steal_request, every_weaker_order_is_caught) {
    EXPECT_TRUE(model::all_killed(model::mutate_all(suite(), "steal_request.hpp")));
}

} // namespace
