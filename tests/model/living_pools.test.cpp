// SPDX-License-Identifier: MIT
// Model-checks sched/living_pools.hpp: a thread that holds a pool finds it alive. No thread finds a pool that has
// ended, even when another pool lies at its address. The end of a pool comes after all that its holders did with it.
#include "model/checker/model_atomics.hpp"
#include "model/checker/model_gtest.hpp"
#include "model/checker/mutate.hpp"

#include <hocket/sched/living_pools.hpp>

#include <cstdint>
#include <optional>
#include <vector>

namespace {

using model::bounded;
using model::execution;
using model::model_atomics;
using model::require;
using model::var;

struct pool {
    explicit pool(std::uint64_t number) : number_(number) {}

    std::uint64_t id() const { return number_.get(); }
    bool in_this_process() const { return true; }

    model::link<pool> next_living_;
    model::atomic<std::uint32_t> holders_{0, "holders"};
    var<int> work; // holders hand it to the pool

  private:
    var<std::uint64_t> number_;
};

/// A pool that may end, and another pool that begins at its address. `old` is an address and a number: a thread reads
/// behind the address only if the list vouches for it.
struct world {
    hocket::detail::basic_living_pools<model_atomics, pool> living;
    std::optional<pool> here;
    std::optional<pool> other;
    pool* old;

    world() : old(&here.emplace(1)) { living.add(*here); }

    void end() {
        living.remove(*here);
        here->work.get();
        here.reset();
    }
    /// Runs a continuation that hands a job to the pool with this number. Returns whether that pool still lived.
    bool call(std::uint64_t number) {
        if (!living.hold(old, number)) return false;
        require(old->id() == number, "it is the pool that was meant");
        old->work.get();
        living.let_go(*old);
        return true;
    }
};

void ends_while_called(execution& e, int callers) {
    auto& w = e.make<world>();
    e.thread("pool", [&w] {
        w.end();
        require(!w.living.contains(w.old), "nobody finds it");
    });
    for (int i = 0; i < callers; ++i) e.thread("caller", [&w] { w.call(1); });
}

/// Checks that the writes of a holder are visible when the pool has ended.
void holder_writes(execution& e) {
    auto& w = e.make<world>();
    auto& called = e.make<int>(0);
    e.thread("pool", [&w, &called] {
        w.living.remove(*w.here);
        require(w.here->work.get() == called, "all that its holder did");
        w.here.reset();
    });
    e.thread("caller", [&w, &called] {
        if (!w.living.hold(w.old)) return;
        w.old->work.set(1);
        called = 1;
        w.living.let_go(*w.old);
    });
}

void another_begins_at_its_address(execution& e) {
    auto& w = e.make<world>();
    e.thread("maker", [&w] {
        w.end();
        w.living.add(w.here.emplace(2));
        w.living.remove(*w.here);
        w.here.reset();
    });
    e.thread("caller of the first", [&w] { w.call(1); });
    e.thread("caller of the second", [&w] { w.call(2); });
}

/// Begins and ends pools before and behind the pool that is looked for.
void others_begin_and_end(execution& e) {
    auto& w = e.make<world>();
    e.thread("other", [&w] {
        w.living.add(w.other.emplace(2));
        w.living.remove(*w.other);
        w.other.reset();
    });
    e.thread("caller", [&w] { w.call(1); });
    e.thread("pool", [&w] { w.end(); });
}
void stays_while_others_end(execution& e) {
    auto& w = e.make<world>();
    w.living.add(w.other.emplace(2)); // in front
    e.thread("other", [&w] {
        w.living.remove(*w.other);
        w.other.reset();
    });
    e.thread("caller", [&w] {
        require(w.living.contains(w.old), "it lives");
        require(w.call(1), "it can be held");
    });
}

std::vector<model::named_scenario> suite() {
    auto unreliable = bounded(2);
    unreliable.weak_failures = 2;
    return {
        {"ends while called", bounded(3), [](execution& e) { ends_while_called(e, 1); }},
        {"ends while two call", bounded(2), [](execution& e) { ends_while_called(e, 2); }},
        {"a holder writes", bounded(3), holder_writes},
        {"another at its address", bounded(1), another_begins_at_its_address},
        {"others begin and end", bounded(1), others_begin_and_end},
        {"stays while others end", bounded(3), stays_while_others_end},
        {"spurious failures", unreliable, [](execution& e) { ends_while_called(e, 1); }},
    };
}

TEST(living_pools, who_holds_a_pool_finds_it_alive) { model::expect_all_pass(suite()); }

TEST(living_pools, every_weaker_order_is_caught) {
    EXPECT_TRUE(model::all_killed(model::mutate_all(suite(), "living_pools.hpp")));
}

} // namespace
