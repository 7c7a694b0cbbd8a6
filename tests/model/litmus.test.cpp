// SPDX-License-Identifier: MIT
// Tests the memory model of the checker itself: classic litmus tests, each with exactly the set of outcomes that RC11
// allows. An outcome is the values read, in the order of the threads, as a string of digits.
#include "model/checker/model_atomics.hpp"
#include "model/checker/model_gtest.hpp"

#include <array>
#include <functional>
#include <set>
#include <string>
#include <vector>

namespace {

using model::atomic;
using model::execution;
using model::order;
using model::var;

constexpr order relaxed = order::relaxed, acquire = order::acquire, release = order::release, acq_rel = order::acq_rel,
                seq_cst = order::seq_cst;

struct shared {
    atomic<int> x{0, "x"}, y{0, "y"}, z{0, "z"};
    var<int> data{0};
    std::array<int, 4> r{{-1, -1, -1, -1}};
};
using body = std::function<void(shared&)>;
using outcomes = std::set<std::string>;

/// All outcomes of these threads; `observe` runs after them and may read more. With and without sleep sets the same.
outcomes outcomes_of(const std::vector<body>& threads, const body& observe = {}) {
    outcomes found[2];
    for (const bool sleep_sets : {false, true}) {
        model::options o;
        o.sleep_sets = sleep_sets;
        const auto result = model::explore(o, [&](execution& e) {
            auto& s = e.make<shared>();
            for (const auto& t : threads) e.thread("T" + std::to_string(&t - threads.data()), [&] { t(s); });
            e.finally([&] {
                if (observe) observe(s);
                std::string text;
                for (int v : s.r)
                    if (v >= 0) text += std::to_string(v);
                found[sleep_sets].insert(text);
            });
        });
        EXPECT_TRUE(model::passes(result));
    }
    EXPECT_EQ(found[0], found[1]) << "sleep sets lost or invented an outcome";
    return found[1];
}

outcomes store_buffering(order store, order load, bool fences) {
    return outcomes_of({[=](shared& s) {
                            s.x.store(1, store);
                            if (fences) model::fence(seq_cst);
                            s.r[0] = s.y.load(load);
                        },
                        [=](shared& s) {
                            s.y.store(1, store);
                            if (fences) model::fence(seq_cst);
                            s.r[1] = s.x.load(load);
                        }});
}

TEST(litmus, store_buffering_allows_both_zero) {
    EXPECT_EQ(store_buffering(relaxed, relaxed, false), (outcomes{"00", "01", "10", "11"}));
    EXPECT_EQ(store_buffering(release, acquire, false), (outcomes{"00", "01", "10", "11"}));
}

TEST(litmus, store_buffering_with_one_weak_load_allows_both_zero) {
    EXPECT_EQ(store_buffering(seq_cst, acquire, false), (outcomes{"00", "01", "10", "11"}));
    EXPECT_EQ(store_buffering(release, seq_cst, false), (outcomes{"00", "01", "10", "11"}));
}

TEST(litmus, store_buffering_seq_cst_forbids_both_zero) {
    EXPECT_EQ(store_buffering(seq_cst, seq_cst, false), (outcomes{"01", "10", "11"}));
}

TEST(litmus, store_buffering_with_fences_forbids_both_zero) {
    EXPECT_EQ(store_buffering(relaxed, relaxed, true), (outcomes{"01", "10", "11"}));
}

TEST(litmus, store_buffering_with_one_fence_allows_both_zero) {
    EXPECT_EQ(outcomes_of({[](shared& s) {
                               s.x.store(1, relaxed);
                               model::fence(seq_cst);
                               s.r[0] = s.y.load(relaxed);
                           },
                           [](shared& s) {
                               s.y.store(1, relaxed);
                               model::fence(acq_rel);
                               s.r[1] = s.x.load(relaxed);
                           }}),
              (outcomes{"00", "01", "10", "11"}));
}

TEST(litmus, store_buffering_by_a_read_modify_write_and_a_fence_forbids_both_zero) {
    // The seq_cst operation before, the fence behind: S orders them all the same.
    EXPECT_EQ(outcomes_of({[](shared& s) {
                               s.x.exchange(1, seq_cst);
                               s.r[0] = s.y.load(seq_cst);
                           },
                           [](shared& s) {
                               s.y.store(1, relaxed);
                               model::fence(seq_cst);
                               s.r[1] = s.x.load(relaxed);
                           }}),
              (outcomes{"01", "10", "11"}));
}

TEST(litmus, a_seq_cst_read_modify_write_is_no_fence) {
    // oneTBB 2136: the exchange on one word does not order a relaxed load of another.
    EXPECT_EQ(outcomes_of({[](shared& s) {
                               s.x.exchange(1, seq_cst);
                               s.r[0] = s.y.load(relaxed);
                           },
                           [](shared& s) {
                               s.y.store(1, relaxed);
                               model::fence(seq_cst);
                               s.r[1] = s.x.load(relaxed);
                           }}),
              (outcomes{"00", "01", "10", "11"}));
}

TEST(litmus, store_buffering_by_read_modify_writes_of_one_word_forbids_both_zero) {
    EXPECT_EQ(outcomes_of({[](shared& s) {
                               s.x.store(1, relaxed);
                               s.z.fetch_add(1, acq_rel);
                               s.r[0] = s.y.load(relaxed);
                           },
                           [](shared& s) {
                               s.y.store(1, relaxed);
                               s.z.fetch_add(1, acq_rel);
                               s.r[1] = s.x.load(relaxed);
                           }}),
              (outcomes{"01", "10", "11"}));
}

outcomes message_passing(order store, order load) {
    return outcomes_of({[=](shared& s) {
                            s.x.store(1, relaxed);
                            s.y.store(1, store);
                        },
                        [=](shared& s) {
                            s.r[0] = s.y.load(load);
                            s.r[1] = s.x.load(relaxed);
                        }});
}

TEST(litmus, message_passing_needs_both_release_and_acquire) {
    EXPECT_EQ(message_passing(relaxed, relaxed), (outcomes{"00", "01", "10", "11"}));
    EXPECT_EQ(message_passing(release, relaxed), (outcomes{"00", "01", "10", "11"}));
    EXPECT_EQ(message_passing(relaxed, acquire), (outcomes{"00", "01", "10", "11"}));
    EXPECT_EQ(message_passing(release, acquire), (outcomes{"00", "01", "11"}));
    EXPECT_EQ(message_passing(seq_cst, seq_cst), (outcomes{"00", "01", "11"}));
}

TEST(litmus, message_passing_by_fences_synchronises) {
    EXPECT_EQ(outcomes_of({[](shared& s) {
                               s.x.store(1, relaxed);
                               model::fence(release);
                               s.y.store(1, relaxed);
                           },
                           [](shared& s) {
                               s.r[0] = s.y.load(relaxed);
                               model::fence(acquire);
                               s.r[1] = s.x.load(relaxed);
                           }}),
              (outcomes{"00", "01", "11"}));
}

TEST(litmus, a_fence_on_one_side_synchronises_with_an_operation_on_the_other) {
    EXPECT_EQ(outcomes_of({[](shared& s) {
                               s.x.store(1, relaxed);
                               model::fence(release);
                               s.y.store(1, relaxed);
                           },
                           [](shared& s) {
                               s.r[0] = s.y.load(acquire);
                               s.r[1] = s.x.load(relaxed);
                           }}),
              (outcomes{"00", "01", "11"}));
    EXPECT_EQ(outcomes_of({[](shared& s) {
                               s.x.store(1, relaxed);
                               s.y.store(1, release);
                           },
                           [](shared& s) {
                               s.r[0] = s.y.load(relaxed);
                               model::fence(acquire);
                               s.r[1] = s.x.load(relaxed);
                           }}),
              (outcomes{"00", "01", "11"}));
}

TEST(litmus, a_release_fence_behind_the_store_does_nothing) {
    EXPECT_EQ(outcomes_of({[](shared& s) {
                               s.x.store(1, relaxed);
                               s.y.store(1, relaxed);
                               model::fence(release);
                           },
                           [](shared& s) {
                               s.r[0] = s.y.load(relaxed);
                               model::fence(acquire);
                               s.r[1] = s.x.load(relaxed);
                           }}),
              (outcomes{"00", "01", "10", "11"}));
}

outcomes independent_reads(order store, order load, bool fences) {
    return outcomes_of({[=](shared& s) { s.x.store(1, store); }, [=](shared& s) { s.y.store(1, store); },
                        [=](shared& s) {
                            s.r[0] = s.x.load(load);
                            if (fences) model::fence(seq_cst);
                            s.r[1] = s.y.load(load);
                        },
                        [=](shared& s) {
                            s.r[2] = s.y.load(load);
                            if (fences) model::fence(seq_cst);
                            s.r[3] = s.x.load(load);
                        }});
}

outcomes all_but(const std::string& forbidden) {
    outcomes all;
    for (char a : {'0', '1'})
        for (char b : {'0', '1'})
            for (char c : {'0', '1'})
                for (char d : {'0', '1'}) all.insert({a, b, c, d});
    all.erase(forbidden);
    return all;
}

TEST(litmus, independent_reads_of_independent_writes_may_disagree_on_the_order) {
    EXPECT_EQ(independent_reads(release, acquire, false), all_but(""));
    EXPECT_EQ(independent_reads(seq_cst, acquire, false), all_but(""));
}

TEST(litmus, independent_reads_agree_when_the_reads_are_seq_cst) {
    EXPECT_EQ(independent_reads(seq_cst, seq_cst, false), all_but("1010"));
    EXPECT_EQ(independent_reads(relaxed, seq_cst, false), all_but("1010"));
    EXPECT_EQ(independent_reads(relaxed, relaxed, true), all_but("1010"));
}

TEST(litmus, reads_of_one_location_never_go_back) { // CoRR
    EXPECT_EQ(outcomes_of({[](shared& s) {
                               s.x.store(1, relaxed);
                               s.x.store(2, relaxed);
                           },
                           [](shared& s) {
                               s.r[0] = s.x.load(relaxed);
                               s.r[1] = s.x.load(relaxed);
                           }}),
              (outcomes{"00", "01", "02", "11", "12", "22"}));
}

TEST(litmus, all_readers_agree_on_the_order_of_writes_to_one_location) {
    const auto found = outcomes_of({[](shared& s) { s.x.store(1, relaxed); }, [](shared& s) { s.x.store(2, relaxed); },
                                    [](shared& s) {
                                        s.r[0] = s.x.load(relaxed);
                                        s.r[1] = s.x.load(relaxed);
                                    },
                                    [](shared& s) {
                                        s.r[2] = s.x.load(relaxed);
                                        s.r[3] = s.x.load(relaxed);
                                    }});
    EXPECT_TRUE(found.count("1212"));
    EXPECT_TRUE(found.count("2121"));
    EXPECT_FALSE(found.count("1221"));
    EXPECT_FALSE(found.count("2112"));
}

TEST(litmus, a_thread_reads_its_own_write_or_a_later_one) { // CoWR
    EXPECT_EQ(outcomes_of({[](shared& s) {
                               s.x.store(1, relaxed);
                               s.r[0] = s.x.load(relaxed);
                           },
                           [](shared& s) { s.x.store(2, relaxed); }},
                          [](shared& s) { s.r[1] = s.x.load(relaxed); }),
              (outcomes{"11", "12", "22"})); // not "21": who has read 2 has put it behind his own 1
}

TEST(litmus, a_write_goes_behind_what_its_thread_has_read) { // CoRW
    EXPECT_EQ(outcomes_of({[](shared& s) {
                               s.r[0] = s.x.load(relaxed);
                               s.x.store(2, relaxed);
                           },
                           [](shared& s) { s.x.store(1, relaxed); }},
                          [](shared& s) { s.r[1] = s.x.load(relaxed); }),
              (outcomes{"01", "02", "12"}));
}

TEST(litmus, two_and_two_writes_may_end_with_both_first_ones) { // 2+2W
    const auto run = [](order store) {
        return outcomes_of({[=](shared& s) {
                                s.x.store(1, store);
                                s.y.store(2, store);
                            },
                            [=](shared& s) {
                                s.y.store(1, store);
                                s.x.store(2, store);
                            }},
                           [](shared& s) {
                               s.r[0] = s.x.load(relaxed);
                               s.r[1] = s.y.load(relaxed);
                           });
    };
    EXPECT_EQ(run(relaxed), (outcomes{"11", "12", "21", "22"}));
    EXPECT_EQ(run(release), (outcomes{"11", "12", "21", "22"}));
    EXPECT_EQ(run(seq_cst), (outcomes{"12", "21", "22"}));
}

TEST(litmus, store_and_read_in_a_ring_of_two) { // S
    const auto run = [](order store, order load) {
        return outcomes_of({[=](shared& s) {
                                s.x.store(2, relaxed);
                                s.y.store(1, store);
                            },
                            [=](shared& s) {
                                s.r[0] = s.y.load(load);
                                s.x.store(1, relaxed);
                            }},
                           [](shared& s) { s.r[1] = s.x.load(relaxed); });
    };
    EXPECT_EQ(run(relaxed, relaxed), (outcomes{"01", "02", "11", "12"}));
    EXPECT_EQ(run(release, acquire), (outcomes{"01", "02", "11"}));
}

TEST(litmus, read_and_write_ordered_by_fences) { // R
    const auto run = [](bool fences) {
        return outcomes_of({[=](shared& s) {
                                s.x.store(1, relaxed);
                                if (fences) model::fence(seq_cst);
                                s.y.store(1, relaxed);
                            },
                            [=](shared& s) {
                                s.y.store(2, relaxed);
                                if (fences) model::fence(seq_cst);
                                s.r[0] = s.x.load(relaxed);
                            }},
                           [](shared& s) { s.r[1] = s.y.load(relaxed); });
    };
    EXPECT_EQ(run(false), (outcomes{"01", "02", "11", "12"}));
    EXPECT_EQ(run(true), (outcomes{"01", "11", "12"}));
}

TEST(litmus, load_buffering_is_not_explored) {
    // C++ allows "11" for relaxed operations; RC11 and this checker do not.
    EXPECT_EQ(outcomes_of({[](shared& s) {
                               s.r[0] = s.x.load(relaxed);
                               s.y.store(1, relaxed);
                           },
                           [](shared& s) {
                               s.r[1] = s.y.load(relaxed);
                               s.x.store(1, relaxed);
                           }}),
              (outcomes{"00", "01", "10"}));
}

TEST(litmus, a_chain_of_release_and_acquire_is_transitive) { // WRC, ISA2
    const auto run = [](order store, order load) {
        return outcomes_of({[=](shared& s) { s.x.store(1, store); },
                            [=](shared& s) {
                                s.r[0] = s.x.load(load);
                                s.y.store(1, store);
                            },
                            [=](shared& s) {
                                s.r[1] = s.y.load(load);
                                s.r[2] = s.x.load(relaxed);
                            }});
    };
    EXPECT_EQ(run(relaxed, relaxed).count("110"), 1u);
    EXPECT_EQ(run(release, acquire), (outcomes{"000", "001", "010", "011", "100", "101", "111"}));
}

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
    // Even at one of the releasing thread itself (C++20).
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
