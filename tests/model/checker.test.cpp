// SPDX-License-Identifier: MIT
// Tests the checker around its memory model: the failures that it detects, the replay of a failure, and that every kind
// of search finds bugs and mutants are told apart.
#include "model/checker/model_atomics.hpp"
#include "model/checker/model_gtest.hpp"
#include "model/checker/mutate.hpp"

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>

namespace {

using model::atomic;
using model::bounded;
using model::execution;
using model::explore;
using model::fails_with;
using model::model_atomics;
using model::options;
using model::order;
using model::passes;
using model::require;
using model::var;

/// Passes a message through a flag: wrong unless the orders are release and acquire.
void pass_message(execution& e, order store, order load) {
    struct state {
        var<int> data;
        atomic<int> flag{0, "flag"};
    };
    auto& s = e.make<state>();
    e.thread("writer", [&s, store] {
        s.data.set(1);
        s.flag.store(1, store);
    });
    e.thread("reader", [&s, load] {
        if (s.flag.load(load) == 1) require(s.data.get() == 1, "the data is there");
    });
}

/// Lets two threads both read before they write.
void lost_update(execution& e) {
    auto& n = e.make<atomic<int>>(0, "n");
    for (int t = 0; t < 2; ++t) e.thread("adder", [&n] { n.store(n.load() + 1); });
    e.finally([&n] { require(n.load() == 2, "no update is lost"); });
}

TEST(checker, failure_has_a_readable_trace) {
    const auto r = explore({}, lost_update);
    ASSERT_TRUE(fails_with(r, "no update is lost"));
    for (const char* part :
         {"replay:", "adder", "load seq_cst", "store seq_cst", "checker.test.cpp:", "n.store(n.load() + 1)"})
        EXPECT_NE(r.report.find(part), std::string::npos) << "no " << part << " in\n" << r.report;
}

TEST(checker, failure_replays_exactly) {
    for (const auto& o : {options{}, bounded(2), model::random_walks(10'000, 7), model::pct(10'000, 3, 7)}) {
        const auto first = explore(o, lost_update);
        ASSERT_TRUE(first.failed);
        options again = o;
        again.replay = first.choices;
        for (int i = 0; i < 10; ++i) {
            const auto r = explore(again, lost_update);
            EXPECT_EQ(r.failure, first.failure);
            EXPECT_EQ(r.report.substr(r.report.find("\n   1")), first.report.substr(first.report.find("\n   1")));
        }
    }
}

TEST(checker, same_seed_explores_the_same) {
    const auto run = [](std::uint64_t seed) { return explore(model::random_walks(10'000, seed), lost_update); };
    EXPECT_EQ(run(3).executions, run(3).executions);
    EXPECT_EQ(run(3).choices, run(3).choices);
}

TEST(checker, every_search_finds_a_race) {
    const auto wrong = [](execution& e) { pass_message(e, order::relaxed, order::acquire); };
    const auto right = [](execution& e) { pass_message(e, order::release, order::acquire); };
    for (const auto& o : {options{}, bounded(1), model::random_walks(1000), model::pct(1000)}) {
        EXPECT_TRUE(fails_with(explore(o, wrong), "data race"));
        EXPECT_TRUE(passes(explore(o, right), o.how == model::search::depth_first));
    }
}

TEST(checker, more_preemptions_find_more) {
    EXPECT_TRUE(passes(explore(bounded(0), lost_update)));
    EXPECT_TRUE(explore(bounded(1), lost_update).failed);
}

TEST(checker, deadlock_is_found) {
    const auto r = explore({}, [](execution& e) {
        auto& word = e.make<atomic<std::uint32_t>>(0u, "word");
        e.thread("sleeper", [&word] { model_atomics::futex_wait(word, 0); });
        e.thread("waker", [&word] { model_atomics::futex_wake_one(word); });
    });
    EXPECT_TRUE(fails_with(r, "deadlock"));
}

TEST(checker, sleeping_threads_can_be_allowed) {
    auto o = bounded(2);
    o.allow_parked = true;
    bool parked = false;
    EXPECT_TRUE(passes(explore(o, [&](execution& e) {
        auto& word = e.make<atomic<std::uint32_t>>(0u, "word");
        e.thread("sleeper", [&word] { model_atomics::futex_wait(word, 0); });
        e.finally([&] { parked = e.parked(0); });
    })));
    EXPECT_TRUE(parked);
}

TEST(checker, a_loop_without_progress_is_a_livelock) {
    const auto r = explore({}, [](execution& e) {
        auto& flag = e.make<atomic<int>>(0, "flag");
        e.thread("spinner", [&flag] {
            while (flag.load(order::acquire) == 0) model_atomics::pause();
        });
    });
    EXPECT_TRUE(fails_with(r, "livelock"));
}

TEST(checker, a_spin_loop_that_pauses_ends) {
    for (const auto& o : {options{}, bounded(2)})
        EXPECT_TRUE(passes(explore(o, [](execution& e) {
            auto& flag = e.make<atomic<int>>(0, "flag");
            e.thread("setter", [&flag] { flag.store(1, order::relaxed); });
            e.thread("spinner", [&flag] {
                while (flag.load(order::relaxed) == 0) model_atomics::pause();
            });
        })));
}

TEST(checker, a_spurious_return_of_a_futex_is_explored) {
    auto o = bounded(1);
    const auto body = [](execution& e) {
        auto& word = e.make<atomic<std::uint32_t>>(0u, "word");
        e.thread("sleeper", [&word] {
            model_atomics::futex_wait(word, 0);
            require(word.load(order::acquire) == 1, "woken means set");
        });
        e.thread("waker", [&word] {
            word.store(1, order::release);
            model_atomics::futex_wake_one(word);
        });
    };
    o.spurious_wakes = 1;
    EXPECT_TRUE(fails_with(explore(o, body), "woken means set"));
}

TEST(checker, use_of_a_destroyed_atomic_is_found) {
    for (const bool waits : {true, false}) {
        const auto r = explore({}, [waits](execution& e) {
            struct state {
                std::optional<atomic<int>> object;
                atomic<int> finished{0, "finished"};
                state() { object.emplace(0, "object"); }
            };
            auto& s = e.make<state>();
            e.thread("user", [&s] {
                s.object->store(1, order::relaxed);
                s.finished.store(1, order::release);
            });
            e.thread("owner", [&s, waits] {
                while (waits && s.finished.load(order::acquire) == 0) model_atomics::pause();
                s.object.reset();
            });
        });
        if (waits)
            EXPECT_TRUE(passes(r));
        else
            EXPECT_TRUE(fails_with(r, "destr"));
    }
}

TEST(checker, an_access_that_races_with_construction_is_found) {
    for (const order publication : {order::release, order::relaxed}) {
        const auto r = explore({}, [publication](execution& e) {
            struct state {
                std::optional<atomic<int>> object;
                atomic<atomic<int>*> pointer{nullptr, "pointer"};
            };
            auto& s = e.make<state>();
            e.thread("maker", [&s, publication] {
                s.object.emplace(1, "object");
                s.pointer.store(&*s.object, publication);
            });
            e.thread("user", [&s] {
                if (atomic<int>* const p = s.pointer.load(order::acquire)) p->fetch_add(1);
            });
        });
        if (publication == order::release)
            EXPECT_TRUE(passes(r));
        else
            EXPECT_TRUE(fails_with(r, "construction races"));
    }
}

TEST(checker, raw_memory_is_checked_where_it_is_told_of) {
    const auto r = explore({}, [](execution& e) {
        auto& bytes = e.make<long>(0);
        auto& flag = e.make<atomic<int>>(0, "flag");
        e.thread("writer", [&] {
            model::plain_write_of(&bytes);
            flag.store(1, order::relaxed);
        });
        e.thread("reader", [&] {
            if (flag.load(order::acquire) == 1) model::plain_read_of(&bytes);
        });
    });
    EXPECT_TRUE(fails_with(r, "data race"));
}

TEST(checker, an_exception_that_leaves_a_thread_is_a_failure) {
    EXPECT_TRUE(fails_with(
        explore({}, [](execution& e) { e.thread("thrower", [] { throw std::runtime_error("boom"); }); }), "boom"));
}

TEST(checker, sleep_sets_save_executions) {
    const auto body = [](execution& e) {
        for (int t = 0; t < 3; ++t) {
            auto& own = e.make<atomic<int>>(0);
            e.thread("alone", [&own] {
                own.store(1, order::relaxed);
                own.load(order::relaxed);
            });
        }
    };
    options o;
    o.sleep_sets = false;
    const auto all = explore(o, body);
    o.sleep_sets = true;
    const auto few = explore(o, body);
    EXPECT_TRUE(passes(all) && passes(few));
    EXPECT_LT(few.executions * 2, all.executions);
}

TEST(checker, mutants_that_matter_are_killed_and_others_survive) {
    const auto run = [](order store, order load) {
        return model::mutate_all({{"message", bounded(2), [=](execution& e) { pass_message(e, store, load); }}},
                                 "checker.test.cpp");
    };
    const auto exact = run(order::release, order::acquire);
    EXPECT_EQ(exact.mutants.size(), 2u);
    EXPECT_EQ(exact.survivors(), 0u) << exact.text();

    const auto strict = run(order::seq_cst, order::seq_cst);
    EXPECT_EQ(strict.survivors(), 2u) << strict.text();
    EXPECT_FALSE(model::all_killed(strict));
    EXPECT_TRUE(model::all_killed(strict, {{"operator()", "store seq_cst -> release", "flag.store", "is enough"},
                                           {"operator()", "load seq_cst -> acquire", "flag.load", "is enough"}}));
    EXPECT_FALSE(model::all_killed(exact, {{"operator()", "load acquire -> relaxed", "flag.load", "not so"}}));
}

TEST(checker, a_scenario_that_fails_without_a_mutation_makes_no_report) {
    const auto report = model::mutate_all({{"broken", {}, lost_update}}, "checker.test.cpp");
    EXPECT_FALSE(report.broken.empty());
    EXPECT_FALSE(model::all_killed(report));
}

} // namespace
