// SPDX-License-Identifier: MIT
// Model-checks os/use_counts.hpp, as remote/node/node_use.hpp uses it. A thread that counts itself and then finds a
// call incomplete may use the node of that call. The end of the node comes after all that the thread did there.
#include "model/checker/model_atomics.hpp"
#include "model/checker/model_gtest.hpp"
#include "model/checker/mutate.hpp"

#include <hocket/os/use_counts.hpp>

#include <cstddef>
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

using use_counts = hocket::detail::basic_use_counts<model_atomics>;

struct node {
    var<int> state;
};

/// The node has one call, which outlives it.
struct world {
    static constexpr std::size_t at = 7;

    use_counts counts;
    atomic<int> complete{0, "complete"};
    std::optional<node> here;
    atomic<int> taken_over{0, "taken over"};

    world() { here.emplace(); }

    void use(bool writes) {
        if (complete.load(order::relaxed) != 0) return;
        if (writes)
            here->state.set(1);
        else
            here->state.get();
    }
    /// Runs a thread that waits for the call.
    void help(bool writes) {
        counts.begin(at);
        use(writes);
        counts.end(at);
    }
    void end_node(std::uint32_t own = 0) {
        complete.store(1, order::relaxed);
        use_counts::prepare_to_end();
        while (counts.used_by_others(at, own)) model_atomics::pause();
        here->state.set(2);
        here.reset();
    }
};

void ends_while_used(execution& e, int users, bool writes) {
    auto& w = e.make<world>();
    e.thread("node", [&w] { w.end_node(); });
    for (int i = 0; i < users; ++i) e.thread("user", [&w, writes] { w.help(writes); });
}

/// Lets a completion end the node in a use of its own thread, for which the end does not wait.
void ends_within_a_use(execution& e) {
    auto& w = e.make<world>();
    e.thread("completion", [&w] {
        w.counts.begin(world::at);
        w.end_node(1);
        w.counts.end(world::at);
    });
    e.thread("user", [&w] { w.help(true); });
}

/// Hands a use over to another thread, which ends it.
void is_handed_over(execution& e) {
    auto& w = e.make<world>();
    e.thread("node", [&w] { w.end_node(); });
    e.thread("giver", [&w] {
        w.counts.begin(world::at);
        bool const goes = w.complete.load(order::relaxed) == 0;
        w.taken_over.store(goes ? 1 : 2, order::release);
    });
    e.thread("taker", [&w] {
        int given = 0;
        while ((given = w.taken_over.load(order::acquire)) == 0) model_atomics::pause();
        if (given == 1) w.here->state.set(1); // without a look: the use has begun
        w.counts.end(world::at);
    });
}

/// Runs another node with the same count.
void shares_its_count(execution& e) {
    auto& w = e.make<world>();
    e.thread("node", [&w] { w.end_node(); });
    e.thread("user of another", [&w] {
        w.counts.begin(world::at);
        w.counts.end(world::at);
    });
    e.thread("user", [&w] { w.help(true); });
}

std::vector<model::named_scenario> suite() {
    return {
        {"ends while used", bounded(3), [](execution& e) { ends_while_used(e, 1, true); }},
        {"ends while two use it", bounded(2), [](execution& e) { ends_while_used(e, 2, false); }},
        {"ends within a use", bounded(3), ends_within_a_use},
        {"is handed over", bounded(2), is_handed_over},
        {"shares its count", bounded(2), shares_its_count},
    };
}

TEST(node_use, who_finds_a_call_incomplete_uses_a_node_that_lives) { model::expect_all_pass(suite()); }

TEST(node_use, every_weaker_order_is_caught) {
    EXPECT_TRUE(model::all_killed(model::mutate_all(suite(), "use_counts.hpp")));
}

} // namespace
