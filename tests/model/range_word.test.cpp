// SPDX-License-Identifier: MIT
// Model-checks queue/range_word.hpp the way loop/loop.hpp uses it. The caller describes a loop, opens the stripe, takes
// part, waits until no thread is registered, and describes the next loop in the same place.
#include "model/checker/model_atomics.hpp"
#include "model/checker/model_gtest.hpp"
#include "model/checker/mutate.hpp"

#include <hocket/queue/range_word.hpp>
#include <hocket/sched/sleep.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace {

using hocket::detail::unit_range;
using model::bounded;
using model::execution;
using model::model_atomics;
using model::require;
using model::var;

struct world {
    static constexpr std::size_t most_units = 3;

    hocket::detail::basic_range_word<model_atomics> word;
    hocket::detail::basic_range_word<model_atomics> rest; // of a claim, taken from its thread
    var<std::size_t> loop{0};                             // the description: which loop runs. Plain data
    hocket::detail::basic_parker<model_atomics> caller;
    std::array<std::array<var<int>, most_units>, 2> written; // by the body, per loop and unit
    std::array<std::array<int, most_units>, 2> runs{};
    bool stops = false; // the body stops the loop at its first unit

    void open(std::size_t which, std::uint64_t units) {
        loop.set(which);
        word.open({0, units});
    }

    /// Runs the units that it can claim, `count` at a time.
    void participate(std::uint64_t count) {
        unit_range units = word.claim(count, false);
        if (units.empty()) return;
        do {
            for (std::uint64_t u = units.first; u < units.last; ++u) run_unit(u);
            if (stops) word.drop_rest();
            units = word.claim(count, true);
        } while (!units.empty());
        if (word.leave()) caller.wake();
    }

    void run_unit(std::uint64_t u) {
        const std::size_t which = loop.get();
        written[which][u].set(1);
        ++runs[which][u];
    }
    /// Leaves the rest of a claim, and the stripe in place of the claimant if the rest has finished by that.
    void leave_rest() {
        if (rest.leave_and_finish() && word.leave()) caller.wake();
    }
    void help_with_rest() {
        unit_range units = rest.claim(1, false);
        if (units.empty()) return;
        do {
            run_unit(units.first);
            units = rest.claim(1, true);
        } while (!units.empty());
        leave_rest();
    }

    /// Waits, as the caller, until all participants have left.
    void wait() {
        while (!word.finished()) {
            caller.reset();
            if (word.announce_wait()) caller.sleep();
        }
    }

    void run(std::size_t which, std::uint64_t units, std::uint64_t count) {
        open(which, units);
        participate(count);
        finish(which, units);
    }
    void finish(std::size_t which, std::uint64_t units) {
        wait();
        for (std::uint64_t u = 0; u < units; ++u) {
            require(runs[which][u] == 1 || (stops && runs[which][u] == 0), "every unit runs once");
            if (runs[which][u] != 0) require(written[which][u].get() == 1, "what the body wrote is there");
        }
        require(runs[which][0] == 1, "the first unit runs");
    }
};

/// Runs one caller with `loops` loops of `units` units in a row, and helpers that come once each.
void loops_in_a_row(execution& e, std::size_t loops, std::uint64_t units, std::size_t helpers, bool stops = false) {
    auto& w = e.make<world>();
    w.stops = stops;
    e.thread("caller", [&w, loops, units] {
        for (std::size_t i = 0; i < loops; ++i) w.run(i, units, 1);
        w.loop.set(0); // the description dies
    });
    for (std::size_t h = 0; h < helpers; ++h) e.thread("helper", [&w] { w.participate(1); });
}

/// Claims more units than are left, and a part of them.
void wide_claims(execution& e) {
    auto& w = e.make<world>();
    e.thread("caller", [&w] { w.run(0, 3, 2); });
    e.thread("helper", [&w] {
        w.participate(2);
        w.participate(5);
    });
}

/// Takes the rest of a claim from its thread: that thread hands its registration over, and waits for nothing. With
/// `ends`, the thread drops what has not begun.
void rest_of_a_claim(execution& e, std::size_t helpers, bool ends) {
    auto& w = e.make<world>();
    w.stops = ends;
    e.thread("caller", [&w, ends] {
        w.open(0, 3);
        unit_range const claim = w.word.claim(3, false);
        w.rest.open({claim.first + 1, claim.last}, true);
        w.run_unit(claim.first);
        if (ends) w.rest.drop_rest();
        w.leave_rest();
        w.help_with_rest();
        w.finish(0, 3);
        w.loop.set(0); // the description dies
    });
    for (std::size_t h = 0; h < helpers; ++h) e.thread("helper", [&w] { w.help_with_rest(); });
}

std::vector<model::named_scenario> suite() {
    auto unreliable = bounded(2);
    unreliable.spurious_wakes = 1;
    unreliable.weak_failures = 1;
    return {{"one loop, one helper", bounded(4), [](execution& e) { loops_in_a_row(e, 1, 2, 1); }},
            {"two loops, one helper", bounded(3), [](execution& e) { loops_in_a_row(e, 2, 2, 1); }},
            {"two loops, two helpers", bounded(2), [](execution& e) { loops_in_a_row(e, 2, 2, 2); }},
            {"one loop, two helpers", bounded(2), [](execution& e) { loops_in_a_row(e, 1, 3, 2); }},
            {"a loop that stops", bounded(3), [](execution& e) { loops_in_a_row(e, 2, 3, 1, true); }},
            {"wide claims", bounded(3), wide_claims},
            {"the rest of a claim", bounded(3), [](execution& e) { rest_of_a_claim(e, 1, false); }},
            {"the rest of a claim, two helpers", bounded(2), [](execution& e) { rest_of_a_claim(e, 2, false); }},
            {"the rest of a claim that stops", bounded(3), [](execution& e) { rest_of_a_claim(e, 1, true); }},
            {"spurious failures and returns", unreliable, [](execution& e) { loops_in_a_row(e, 1, 2, 1); }}};
}

TEST(range_word, every_unit_runs_once_and_the_description_outlives_its_readers) { model::expect_all_pass(suite()); }

TEST(range_word, every_weaker_order_is_caught) {
    EXPECT_TRUE(model::all_killed(model::mutate_all(suite(), "range_word.hpp")));
}

} // namespace
