// SPDX-License-Identifier: MIT
// Model-checks sched/kept_work.hpp: the owner runs calls and touches its kept items between them; thieves take all of
// the items while a call runs. Each kept item is taken once, and the work may end as soon as the owner has closed it.
#include "model/checker/model_atomics.hpp"
#include "model/checker/model_gtest.hpp"
#include "model/checker/mutate.hpp"

#include <hocket/sched/kept_work.hpp>

#include <optional>
#include <vector>

namespace {

using model::bounded;
using model::execution;
using model::model_atomics;
using model::require;
using model::var;

struct work {
    var<int> items;
};
using kept_work = hocket::detail::basic_kept_work<model_atomics, work>;

struct world {
    kept_work kept;
    std::optional<work> mine;
    var<int> by_owner;
    var<int> by_thieves; // touched only with a claim
    model_atomics::atomic<int> opened{0};
    model_atomics::atomic<int> elsewhere{0}; // how many things the owner has made visible there

    /// Keeps two items and begins one after the other. During these calls thieves may take the rest.
    void own(int pieces) {
        int begun = 0;
        for (int piece = 0; piece < pieces; ++piece) {
            mine.emplace();
            mine->items.set(2);
            std::uint32_t status = kept_work::opened;
            kept.open(*mine, nullptr);
            while (mine->items.get() != 0) {
                mine->items.set(mine->items.get() - 1);
                ++begun;
                kept.begin_call();
                if (!kept.end_call(status)) status = kept.wait_for_thieves();
            }
            if (status == kept_work::opened) kept.close();
            mine.reset();
        }
        by_owner.set(begun);
    }
    /// Keeps something, makes it visible elsewhere, and keeps nothing.
    void show() {
        mine.emplace();
        mine->items.set(1);
        kept.open(*mine, nullptr);
        opened.store(1, std::memory_order_release);
        elsewhere.store(mine->items.get(), std::memory_order_relaxed);
        kept.close();
    }
    void look() {
        if (opened.load(std::memory_order_acquire) == 0 || !kept.is_closed()) return;
        require(elsewhere.load(std::memory_order_relaxed) == 1, "what is not kept is visible elsewhere");
    }
    void steal(int attempts) {
        for (int i = 0; i < attempts; ++i) {
            work* const taken = kept.claim();
            if (taken == nullptr) continue;
            by_thieves.set(by_thieves.get() + taken->items.get());
            taken->items.set(0);
            kept.give_back();
        }
    }
};

void one_owner(execution& e, int pieces, int thieves, int attempts) {
    auto& w = e.make<world>();
    w.by_owner.set(0);
    w.by_thieves.set(0);
    e.thread("owner", [&w, pieces] { w.own(pieces); });
    for (int i = 0; i < thieves; ++i) e.thread("thief", [&w, attempts] { w.steal(attempts); });
    e.finally([&w, pieces] {
        require(w.by_owner.get() + w.by_thieves.get() == 2 * pieces, "each thing was taken once");
        require(!w.kept.is_open(), "nothing is open at the end");
    });
}

void look(execution& e) {
    auto& w = e.make<world>();
    e.thread("owner", [&w] { w.show(); });
    e.thread("looks", [&w] { w.look(); });
}

std::vector<model::named_scenario> suite() {
    return {
        {"a thief", bounded(3), [](execution& e) { one_owner(e, 1, 1, 2); }},
        {"two thieves", bounded(2), [](execution& e) { one_owner(e, 1, 2, 1); }},
        {"two pieces of work", bounded(2), [](execution& e) { one_owner(e, 2, 1, 2); }},
        {"a look whether anything is kept", bounded(3), look},
    };
}

TEST(kept_work, each_thing_is_taken_once) { model::expect_all_pass(suite()); }

TEST(kept_work, every_weaker_order_is_caught) {
    EXPECT_TRUE(model::all_killed(model::mutate_all(suite(), "kept_work.hpp")));
}

} // namespace
