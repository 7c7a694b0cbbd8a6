// SPDX-License-Identifier: MIT
// The simulated machine itself: the same seed gives the same run, and each way to fail is reported with its reason.
#include <hocket/hocket.hpp>
#include <hocket/sim.hpp>

#include <cfenv>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace sim = hocket::sim;
using namespace std::chrono_literals;

namespace {

/// A bit of everything.
void mixture() {
    std::vector<int> v(64, 1);
    hocket::parallel_for(v, [](int& x) {
        sim::work(std::chrono::nanoseconds(sim::choose(2'000)));
        ++x;
    });
    auto sum = hocket::submit([&] { return hocket::parallel_reduce(v); });
    auto const [a, b] = hocket::join([] { return 1; }, [] { return 2; });
    sim::check(sum.get() == 128 && a + b == 3, "a result is wrong");
}

TEST(simulated_machine, repeats_a_run) {
    for (sim::mode const mode : {sim::mode::random, sim::mode::timed})
        for (std::uint64_t seed = 1; seed <= 3; ++seed) {
            sim::outcome const once = sim::run(seed, mixture, {.mode = mode});
            sim::outcome const again = sim::run(seed, mixture, {.mode = mode});
            ASSERT_TRUE(once.passed) << once.what;
            EXPECT_EQ(once.operations, again.operations);
            EXPECT_EQ(once.time, again.time);
            EXPECT_GT(once.operations, 100U);
        }
}

TEST(simulated_machine, other_seeds_give_other_runs) {
    std::set<std::uint64_t> seen;
    for (std::uint64_t seed = 1; seed <= 10; ++seed) seen.insert(sim::run(seed, mixture).operations);
    EXPECT_GT(seen.size(), 5U);
}

TEST(simulated_machine, has_a_worker_for_each_core) {
    for (unsigned cores : {1U, 2U, 3U, 4U, 8U, 64U, 256U, 1024U}) {
        sim::options how{.cores = cores, .mode = sim::mode::timed};
        sim::outcome const found = sim::run(
            1, [&] { return hocket::default_pool().size() == cores; }, how);
        EXPECT_TRUE(found.passed) << cores << " cores: " << found.what;
    }
}

/// Adds in two steps.
bool loses_no_update() {
    sim::atomic<int> sum{0};
    hocket::parallel_for(0, 4, [&](int) {
        sim::work(1us);
        sum.store(sum.load() + 1);
    });
    return sum == 4;
}

TEST(simulated_machine, lets_threads_make_the_default_pool_at_once) {
    sim::outcome const found = sim::explore(200, [] {
        std::vector<int> v(100), w(100);
        sim::thread a([&] { hocket::parallel_for(v, [](int& x) { x = 1; }); });
        sim::thread b([&] { hocket::parallel_for(w, [](int& x) { x = 1; }); });
        a.join();
        b.join();
        return v == std::vector<int>(100, 1) && w == v;
    });
    EXPECT_TRUE(found.passed) << "seed " << found.seed << ": " << found.what;
}

TEST(simulated_machine, finds_a_lost_update) {
    sim::outcome const found = sim::explore(1'000, loses_no_update);
    ASSERT_FALSE(found.passed);
    EXPECT_EQ(found.what, "returned false");
    sim::outcome const again = sim::run(found.seed, loses_no_update);
    EXPECT_FALSE(again.passed);
    EXPECT_EQ(again.operations, found.operations);
}

TEST(simulated_machine, runs_the_seed_of_the_environment_alone) {
    setenv("HOCKET_SEED", "17", 1);
    sim::outcome const found = sim::explore(1'000, [] { return false; });
    EXPECT_EQ(found.seed, 17U);
    setenv("HOCKET_SEED", "x17", 1);
    EXPECT_THROW(sim::explore(1, [] {}), std::invalid_argument);
    unsetenv("HOCKET_SEED");
}

/// Sees what others store only after a while, unless there is a full fence: both threads may read zero.
bool sees_a_store(bool fence) {
    sim::atomic<int> x{0};
    sim::atomic<int> y{0};
    int first = 0;
    int second = 0;
    {
        sim::thread const other([&] {
            x.store(1, std::memory_order_release);
            if (fence) (void)sim::atomic<int>{0}.exchange(1);
            first = y.load(std::memory_order_acquire);
        });
        y.store(1, std::memory_order_release);
        if (fence) (void)sim::atomic<int>{0}.exchange(1);
        second = x.load(std::memory_order_acquire);
    }
    return first + second != 0;
}

TEST(simulated_machine, buffers_stores) {
    EXPECT_FALSE(sim::explore(1'000, [] { return sees_a_store(false); }).passed);
    EXPECT_TRUE(sim::explore(1'000, [] { return sees_a_store(true); }).passed);
}

/// Changes what it promises in two steps: the machine looks at neither between them, however often it takes the thread
/// off its core there.
TEST(simulated_machine, looks_at_promises_while_all_threads_rest) {
    struct pair {
        sim::atomic<int> a{0};
        sim::atomic<int> b{0};
    };
    auto const run = [](int last) {
        return sim::explore(200, [last] {
            pair both;
            sim::active->promise(
                &both,
                [](void const* of) -> char const* {
                    auto const& its = *static_cast<pair const*>(of);
                    return its.a.load() == its.b.load() ? nullptr : "the two differ";
                },
                [](void* of, sim::ns) { return "a is " + std::to_string(static_cast<pair*>(of)->a.load()); });
            for (int i = 1; i <= 20; ++i) {
                both.a.store(i, std::memory_order_release);
                both.b.fetch_add(1);
                sim::sleep(1us);
            }
            both.a.store(last, std::memory_order_release); // lies in a buffer
            sim::sleep(1us);
            sim::active->withdraw_promise(&both);
            both.a = 0;
            sim::sleep(1us);
        });
    };
    sim::outcome const kept = run(20);
    EXPECT_TRUE(kept.passed) << kept.what;
    sim::outcome const broken = run(21);
    EXPECT_EQ(broken.seed, 1U);
    EXPECT_EQ(broken.what.find("the two differ, after "), 0U) << broken.what;
    EXPECT_NE(broken.what.find("a is 21"), std::string::npos) << broken.what;
}

TEST(simulated_machine, behaves_differently_for_seeds_one_after_another) {
    sim::options const usual;
    std::set<unsigned> drains;
    std::set<unsigned> stalls;
    for (std::uint64_t seed = 1; seed <= 8; ++seed) {
        drains.insert(sim::manner_of(usual, seed).drain_one_in);
        stalls.insert(sim::manner_of(usual, seed).stall_one_in);
    }
    EXPECT_GE(drains.size(), 3U);
    EXPECT_GE(stalls.size(), 3U);
    sim::random_manner const fixed = sim::manner_of({.switch_one_in = 5, .delay_one_in = 70}, 3);
    EXPECT_EQ(fixed.switch_one_in, 5U);
    EXPECT_EQ(fixed.delay_one_in, 70U);
    EXPECT_EQ(fixed.stall_one_in, 0U);
}

TEST(simulated_machine, reports_a_deadlock) {
    sim::outcome const found = sim::run(1, [] {
        sim::mutex a;
        a.lock();
        a.lock();
    });
    EXPECT_FALSE(found.passed);
    EXPECT_NE(found.what.find("no thread can go on"), std::string::npos) << found.what;
    EXPECT_NE(found.what.find("(main): asleep"), std::string::npos) << found.what;
}

TEST(simulated_machine, reports_what_threads_of_a_pool_wait_for) {
    for (sim::mode const mode : {sim::mode::random, sim::mode::timed}) {
        auto const waits_in_vain = [] {
            hocket::thread_pool pool({.workers = 3, .name = "stuck"});
            hocket::promise<void> never;
            hocket::future<void> const awaited = never.get_future();
            auto task = hocket::submit(pool, [&] { awaited.get(); }, {.name = "load"});
            sim::sleep(1ms);
            task.get();
        };
        sim::outcome const found = sim::run(1, waits_in_vain, {.cores = 4, .mode = mode, .limit = 30ms});
        EXPECT_FALSE(found.passed);
        EXPECT_NE(found.what.find(": waits for a promise for "), std::string::npos) << found.what;
        EXPECT_NE(found.what.find("hocket: pool \"stuck\" of 3 workers"), std::string::npos) << found.what;
        EXPECT_NE(found.what.find(", in \"load\"; 1 task so far"), std::string::npos) << found.what;
    }
}

TEST(simulated_machine, reports_a_livelock) {
    for (sim::mode const mode : {sim::mode::random, sim::mode::timed}) {
        auto const spin = [] {
            sim::atomic<bool> never{false};
            while (!never) {
            }
        };
        sim::outcome const found = sim::run(1, spin, {.mode = mode, .limit = 1ms});
        EXPECT_FALSE(found.passed);
        EXPECT_NE(found.what.find("simulated time runs out"), std::string::npos) << found.what;
    }
}

TEST(simulated_machine, reports_what_ends_the_program) {
    auto const what = [](auto program) {
        sim::outcome const found = sim::run(1, program, {.patience = 1s});
        EXPECT_FALSE(found.passed);
        return found.what;
    };
    EXPECT_EQ(what([] { throw std::runtime_error("no more"); }), "threw an exception: no more");
    EXPECT_EQ(what([] { throw 1; }), "threw something that is no std::exception");
    EXPECT_EQ(what([] { sim::check(false, "not so"); }), "not so");
    EXPECT_EQ(what([] { std::_Exit(3); }), "the program ended the process with status 3");
    EXPECT_NE(what([] { std::abort(); }).find("ended by a signal"), std::string::npos);
    EXPECT_EQ(what([] {
                  for (;;) asm volatile("");
              }),
              "did not end within 1 s of real time");
}

TEST(simulated_machine, refuses_machines_that_cannot_be) {
    for (sim::options const& how :
         {sim::options{.cores = 0}, sim::options{.cores = 1'025}, sim::options{.cores = 12, .cores_per_l3 = 8},
          sim::options{.cores_per_l3 = 0}, sim::options{.switch_one_in = 0}})
        EXPECT_THROW(sim::run(
                         1, [] {}, how),
                     std::invalid_argument);
}

thread_local int own = 1;

TEST(simulated_machine, threads_have_variables_of_their_own) {
    sim::outcome const found = sim::run(1, [] {
        own = 2;
        int seen = 0;
        sim::thread([&] { seen = own; }).join();
        return seen == 1 && own == 2;
    });
    EXPECT_TRUE(found.passed) << found.what;
}

sim::mutex shared_lock;

struct locks_at_its_end {
    ~locks_at_its_end() {
        shared_lock.lock();
        shared_lock.unlock();
    }
};

TEST(simulated_machine, threads_may_lock_in_destructors_of_their_variables) {
    for (sim::mode const mode : {sim::mode::random, sim::mode::timed}) {
        auto const end_beside_lock = [] {
            sim::thread holder([] {
                shared_lock.lock();
                sim::sleep(1ms);
                shared_lock.unlock();
            });
            sim::thread([] {
                static thread_local locks_at_its_end own_object;
                (void)&own_object;
            }).join();
        };
        sim::outcome const found = sim::run(1, end_beside_lock, {.mode = mode, .patience = 5s});
        EXPECT_TRUE(found.passed) << found.what;
    }
}

TEST(simulated_machine, threads_have_floating_point_modes_of_their_own) {
    for (sim::mode const mode : {sim::mode::random, sim::mode::timed}) {
        auto const rounds_alone = [] {
            std::fesetround(FE_UPWARD);
            int begun_with = -1;
            bool kept = true;
            {
                sim::thread const other([&] {
                    begun_with = std::fegetround();
                    std::fesetround(FE_DOWNWARD);
                    for (int i = 0; i < 10; ++i, sim::sleep(1us)) kept &= std::fegetround() == FE_DOWNWARD;
                });
                for (int i = 0; i < 10; ++i, sim::sleep(1us)) kept &= std::fegetround() == FE_UPWARD;
            }
            return begun_with == FE_UPWARD && kept && std::fegetround() == FE_UPWARD;
        };
        sim::outcome const found = sim::run(1, rounds_alone, {.mode = mode});
        EXPECT_TRUE(found.passed) << found.what;
    }
}

TEST(simulated_machine, sleeps_and_works_in_simulated_time) {
    for (sim::mode const mode : {sim::mode::random, sim::mode::timed}) {
        auto const rest = [] {
            auto const begin = sim::now();
            sim::sleep(10ms);
            sim::work(10ms);
            return sim::now() - begin >= 20ms && sim::now() - begin < 21ms;
        };
        sim::outcome const found = sim::run(1, rest, {.mode = mode});
        EXPECT_TRUE(found.passed) << found.what;
    }
}

TEST(simulated_machine, is_not_there_outside_of_a_run) {
    EXPECT_THROW(sim::check(false, "not so"), std::logic_error);
    EXPECT_THROW(sim::thread([] {}), std::runtime_error);
    EXPECT_EQ(sim::now(), 0ns);
    sim::atomic<int> a{1};
    EXPECT_EQ(a.fetch_add(2), 1);
    EXPECT_EQ(a, 3);
}

/// n times the work takes the same time on n cores.
TEST(simulated_machine, shows_how_a_loop_scales) {
    for (unsigned cores : {1U, 2U, 8U, 64U}) {
        auto const loop = [&] {
            auto const begin = sim::now();
            hocket::parallel_for(0, static_cast<int>(500 * cores), [](int) { sim::work(2us); });
            return sim::now() - begin < 2ms;
        };
        sim::options const how{.cores = cores, .mode = sim::mode::timed};
        EXPECT_TRUE(sim::run(1, loop, how).passed) << cores << " cores";
    }
}

} // namespace
