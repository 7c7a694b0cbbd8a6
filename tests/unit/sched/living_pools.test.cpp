// SPDX-License-Identifier: MIT
// Tests of the list of pools: a living pool is found, by its number only once, and a thread that holds a pool keeps it
// from ending.
#include <hocket/os/atomics.hpp>
#include <hocket/os/fork.hpp>
#include <hocket/pool/thread_pool.hpp>
#include <hocket/sched/living_pools.hpp>

#include <stress/in_child.hpp>
#include <stress/watchdog.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <utility>

namespace {

using namespace hocket;
using detail::pools_of_process;
using detail::scheduler;
using stress_test::watchdog;

TEST(living_pools, finds_a_pool_as_long_as_it_lives) {
    watchdog const dog("living pools");
    std::optional<thread_pool> pool(pool_options{.workers = 1});
    thread_pool other({.workers = 1});
    scheduler* const at = &pool->sched();
    EXPECT_TRUE(pools_of_process.contains(at));
    pool.reset();
    EXPECT_FALSE(pools_of_process.contains(at));
    EXPECT_FALSE(pools_of_process.hold(at));
    EXPECT_TRUE(pools_of_process.contains(&other.sched()));
}

TEST(living_pools, tells_pools_at_the_same_address_apart) {
    watchdog const dog("living pools, again");
    std::optional<thread_pool> pool(pool_options{.workers = 1});
    scheduler* const at = &pool->sched();
    std::uint64_t const id = at->id();
    pool.emplace(pool_options{.workers = 1});
    ASSERT_EQ(at, &pool->sched());
    EXPECT_FALSE(pools_of_process.hold(at, id));
    ASSERT_TRUE(pools_of_process.hold(at, at->id()));
    pools_of_process.let_go(*at);
}

TEST(living_pools, who_holds_a_pool_keeps_it_from_ending) {
    watchdog const dog("living pools, held");
    std::optional<thread_pool> pool(pool_options{.workers = 1});
    scheduler& held = pool->sched();
    ASSERT_TRUE(pools_of_process.hold(&held));
    std::atomic<bool> ended{false};
    std::thread ends([&] {
        pool.reset();
        ended = true;
    });
    while (pools_of_process.contains(&held)) std::this_thread::yield();
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    EXPECT_FALSE(ended);
    pools_of_process.let_go(held);
    ends.join();
}

TEST(living_pools, works_in_a_child_of_fork_while_others_look) {
    if (stress_test::sanitized) GTEST_SKIP() << "a sanitizer's own locks do not survive a fork of many threads";
    watchdog const dog("living pools and fork");
    thread_pool pool({.workers = 1});
    std::atomic<bool> done{false};
    std::thread busy([&] {
        while (!done) (void)pools_of_process.contains(&pool.sched());
    });
    for (int round = 0; round < 50; ++round)
        ASSERT_EQ(stress_test::in_child([&] { return pools_of_process.contains(&pool.sched()) ? 0 : 1; }), "exit 0");
    done = true;
    busy.join();
}

/// A pool whose number is asked for while the list is locked.
struct pool_that_forks {
    template<class Body>
    explicit pool_that_forks(Body body) : in_child(std::move(body)) {}
    std::uint64_t id() {
        became = stress_test::in_child(in_child);
        return 1;
    }
    bool in_this_process() const { return true; }

    std::function<int()> in_child;
    std::string became;
    pool_that_forks* next_living_ = nullptr;
    std::atomic<std::uint32_t> holders_{0};
};

TEST(living_pools, a_lock_that_was_held_at_a_fork_does_not_matter_in_the_child) {
    watchdog const dog("living pools, locked at a fork");
    static detail::basic_living_pools<detail::std_atomics, pool_that_forks> pools;
    detail::watch_forks();
    static pool_that_forks pool([] { // where the lock is still that of the parent's thread
        if (!pools.hold(&pool)) return 1;
        pools.let_go(pool);
        pools.remove(pool);
        return pools.contains(&pool) ? 2 : 0;
    });
    pools.add(pool);
    EXPECT_TRUE(pools.hold(&pool, 1));
    EXPECT_EQ(pool.became, "exit 0");
    EXPECT_TRUE(pools.contains(&pool));
    pools.let_go(pool);
    pools.remove(pool);
}

} // namespace
