// SPDX-License-Identifier: MIT
// Tests the memory model of the checker itself by the classic litmus tests: loads, stores and fences. Each has exactly
// the outcomes that RC11 allows.
#include "model/litmus_outcomes.hpp"

namespace {

using namespace model;

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
    // The seq_cst operation comes before, the fence behind: S orders them all the same.
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
              (outcomes{"11", "12", "22"})); // not "21": a thread that has read 2 has put it behind its own 1
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

} // namespace
