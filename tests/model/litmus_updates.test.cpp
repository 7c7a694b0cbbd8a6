// SPDX-License-Identifier: MIT
// Tests the memory model of the checker itself: read-modify-writes, release sequences, and the definition of a data
// race.
#include "model/litmus_outcomes.hpp"

namespace {

using namespace model;

TEST(litmus, read_modify_writes_are_atomic) {
    EXPECT_EQ(outcomes_of({[](shared& s) { s.r[0] = s.x.fetch_add(1, relaxed); },
                           [](shared& s) { s.r[1] = s.x.fetch_add(1, relaxed); }},
                          [](shared& s) { s.r[2] = s.x.load(relaxed); }),
              (outcomes{"012", "102"}));
}

TEST(litmus, a_store_never_comes_between_the_halves_of_a_read_modify_write) {
    EXPECT_EQ(
        outcomes_of({[](shared& s) { s.r[0] = s.x.fetch_add(1, relaxed); }, [](shared& s) { s.x.store(5, relaxed); }},
                    [](shared& s) { s.r[1] = s.x.load(relaxed); }),
        (outcomes{"05", "56"}));
}

TEST(litmus, one_of_two_compare_exchanges_wins) {
    const auto claim = [](shared& s, std::size_t i) {
        int expected = 0;
        s.r[i] = s.x.compare_exchange_strong(expected, 1, relaxed, relaxed) ? 1 : 0;
    };
    EXPECT_EQ(outcomes_of({[&](shared& s) { claim(s, 0); }, [&](shared& s) { claim(s, 1); }}), (outcomes{"01", "10"}));
}

TEST(litmus, a_failed_compare_exchange_may_have_read_an_old_value) {
    EXPECT_EQ(outcomes_of({[](shared& s) {
                               s.x.store(1, relaxed);
                               s.y.store(1, relaxed);
                           },
                           [](shared& s) {
                               s.r[0] = s.y.load(relaxed);
                               int expected = 7;
                               s.x.compare_exchange_strong(expected, 9, relaxed, relaxed);
                               s.r[1] = expected;
                           }}),
              (outcomes{"00", "01", "10", "11"}));
}

TEST(litmus, a_weak_compare_exchange_may_fail_without_a_reason) {
    for (const unsigned failures : {0u, 1u}) {
        bool seen = false;
        model::options o;
        o.weak_failures = failures;
        model::explore(o, [&](execution& e) {
            auto& s = e.make<shared>();
            e.thread("T0", [&] {
                int expected = 0;
                seen |= !s.x.compare_exchange_weak(expected, 1);
            });
        });
        EXPECT_EQ(seen, failures != 0);
    }
}

/// Whether a thread that reads the flag as `ready` may read the data without a race.
model::result publish(const body& writer, const body& middle, order load, std::set<int> ready) {
    return model::explore({}, [=](execution& e) {
        auto& s = e.make<shared>();
        e.thread("writer", [=, &s] {
            s.data.set(1);
            writer(s);
        });
        if (middle) e.thread("middle", [=, &s] { middle(s); });
        e.thread("reader", [=, &s] {
            if (ready.count(s.x.load(load))) s.data.get();
        });
    });
}

TEST(litmus, release_sequence_goes_on_through_read_modify_writes) {
    const auto add = [](shared& s) { s.x.fetch_add(2, relaxed); };
    EXPECT_TRUE(model::passes(publish([](shared& s) { s.x.store(1, release); }, add, acquire, {1, 3})));
    EXPECT_TRUE(
        model::fails_with(publish([](shared& s) { s.x.store(1, relaxed); }, add, acquire, {1, 3}), "data race"));
    EXPECT_TRUE(
        model::fails_with(publish([](shared& s) { s.x.store(1, release); }, add, acquire, {1, 2, 3}), "data race"));
}

TEST(litmus, release_sequence_ends_at_a_plain_store) {
    // A plain store of the releasing thread itself ends the sequence, too (C++20).
    const auto twice = [](shared& s) {
        s.x.store(1, release);
        s.x.store(2, relaxed);
    };
    EXPECT_TRUE(model::passes(publish(twice, {}, acquire, {1})));
    EXPECT_TRUE(model::fails_with(publish(twice, {}, acquire, {2}), "data race"));
}

TEST(litmus, a_relaxed_flag_is_a_data_race) {
    EXPECT_TRUE(model::fails_with(publish([](shared& s) { s.x.store(1, release); }, {}, relaxed, {1}), "data race"));
    EXPECT_TRUE(model::fails_with(publish([](shared& s) { s.x.store(1, relaxed); }, {}, acquire, {1}), "data race"));
}

TEST(litmus, seq_cst_fences_order_values_but_do_not_excuse_races) {
    // Dekker by fences: at most one of the two sees the other's flag unset, but both may see it set.
    const auto run = [](int entry) {
        return model::explore({}, [=](execution& e) {
            auto& s = e.make<shared>();
            e.thread("T0", [=, &s] {
                s.x.store(1, relaxed);
                model::fence(seq_cst);
                if (s.y.load(relaxed) == entry) s.data.set(1);
            });
            e.thread("T1", [=, &s] {
                s.y.store(1, relaxed);
                model::fence(seq_cst);
                if (s.x.load(relaxed) == entry) s.data.set(2);
            });
        });
    };
    EXPECT_TRUE(model::passes(run(0)));
    EXPECT_TRUE(model::fails_with(run(1), "data race"));
}

TEST(litmus, a_seq_cst_fence_is_also_an_acquire_and_release_fence) {
    const auto result = model::explore({}, [](execution& e) {
        auto& s = e.make<shared>();
        e.thread("T0", [&] {
            s.data.set(1);
            model::fence(seq_cst);
            s.x.store(1, relaxed);
        });
        e.thread("T1", [&] {
            if (s.x.load(relaxed) == 0) return;
            model::fence(seq_cst);
            s.data.get();
        });
    });
    EXPECT_TRUE(model::passes(result));
}

} // namespace
