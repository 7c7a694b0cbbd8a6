// SPDX-License-Identifier: MIT
// Tests actors whose worker process is lost: that they are dead, or are made anew, and which calls are repeated.
#include <hocket/base/error.hpp>
#include <hocket/remote.hpp>

#include "run_program.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <unistd.h>
#include <utility>
#include <vector>

namespace {

using namespace hocket;

struct counter {
    explicit counter(int from) : n(from) {}
    int add(int x) { return n += x; }
    int die() { return std::raise(SIGKILL); }
    /// Ends the process, but only from an object that was never lost.
    int die_once(int x) {
        if (this_actor::restarts() == 0) std::raise(SIGKILL);
        return n += x;
    }
    std::uint32_t restarts() { return this_actor::restarts(); }
    int n;
};

/// An object that cannot be made a second time.
struct single {
    explicit single(shared_memory<int> made) {
        if (++*made != 1) throw std::domain_error("a second one");
    }
    int die() { return std::raise(SIGKILL); }
    int one() { return 1; }
};

TEST(process_pool_actors, are_dead_when_their_process_is) {
    process_pool pool(2);
    actor<counter> const c(pool, actor_options{.name = "lost"}, 1);
    EXPECT_TRUE(c.alive());
    EXPECT_THROW((void)c.call(&counter::die).get(), actor_died);
    EXPECT_FALSE(c.alive());
    EXPECT_EQ(find_actor<counter>(pool, "lost"), std::nullopt);
    EXPECT_THROW((void)c.call(&counter::add, 1).get(), actor_died);
    actor<counter> const again(pool, actor_options{.name = "lost"}, 5);
    EXPECT_EQ(again.call(&counter::add, 1).get(), 6);
    EXPECT_TRUE(again.alive());
}

TEST(process_pool_actors, are_made_anew_by_the_arguments_of_their_constructor) {
    for (std::size_t const workers : {1u, 3u}) {
        process_pool pool(workers);
        actor<counter> const c(pool, actor_options{.name = "anew", .max_restarts = 2}, 10);
        EXPECT_EQ(c.call(&counter::add, 1).get(), 11);
        for (std::uint32_t restarts = 1; restarts <= 2; ++restarts) {
            EXPECT_THROW((void)c.call(&counter::die).get(), actor_died);
            EXPECT_TRUE(c.alive());
            EXPECT_EQ(c.call(&counter::add, 1).get(), 11);
            EXPECT_EQ(c.call(&counter::restarts).get(), restarts);
            EXPECT_TRUE(find_actor<counter>(pool, "anew").has_value());
        }
        EXPECT_THROW((void)c.call(&counter::die).get(), actor_died);
        EXPECT_FALSE(c.alive());
        EXPECT_THROW((void)c.call(&counter::add, 1).get(), actor_died);
    }
}

TEST(process_pool_actors, run_repeated_calls_before_later_ones_and_in_their_order) {
    process_pool pool(2);
    for (int round = 0; round < 10; ++round) {
        actor<counter> const c(pool, actor_options{.max_restarts = 1, .call_retries = 1}, 0);
        ref<int> const first = c.call(&counter::die_once, 1);
        std::vector<ref<int>> later;
        for (int i = 0; i < 200; ++i) {
            if (i % 3 == 0)
                c.tell(&counter::add, 1);
            else
                later.push_back(c.call(&counter::add, 1));
        }
        EXPECT_EQ(first.get(), 1);
        int expected = 1;
        for (int i = 0, at = 0; i < 200; ++i) {
            ++expected;
            if (i % 3 == 0) continue;
            ASSERT_EQ(later[static_cast<std::size_t>(at++)].get(), expected);
        }
        EXPECT_EQ(c.call(&counter::restarts).get(), 1u);
    }
}

TEST(process_pool_actors, fail_calls_under_way_that_may_not_be_repeated) {
    process_pool pool(1);
    actor<counter> const c(pool, actor_options{.max_restarts = 1}, 0);
    ref<int> const first = c.call(&counter::die);
    EXPECT_THROW((void)first.get(), actor_died);
    EXPECT_EQ(c.call(&counter::add, 3).get(), 3);
}

TEST(process_pool_actors, end_with_the_error_of_a_constructor_that_throws_at_a_restart) {
    process_pool pool(2);
    shared_memory<int> const made(0);
    actor<single> const c(pool, actor_options{.max_restarts = 3}, made);
    EXPECT_EQ(c.call(&single::one).get(), 1);
    EXPECT_THROW((void)c.call(&single::die).get(), actor_died);
    EXPECT_THROW((void)c.call(&single::one).get(), std::domain_error);
    EXPECT_FALSE(c.alive());
    EXPECT_EQ(*made, 2);
}

TEST(process_pool_actors, end_when_their_last_handle_goes_while_they_are_made_anew) {
    process_pool pool(1);
    for (int round = 0; round < 10; ++round) {
        actor<counter> c(pool, actor_options{.max_restarts = 5, .call_retries = 5}, 0);
        c.tell(&counter::die_once, 1);
        ref<int> const sum = c.call(&counter::add, 1);
        c = {};
        try {
            EXPECT_EQ(sum.get(), 2);
        } catch (actor_died const&) { // its process was lost behind its last handle
        }
    }
}

TEST(process_pool_actors, can_be_made_while_a_process_is_replaced) {
    process_pool pool(1);
    for (int round = 0; round < 20; ++round) {
        ref<int> const lost = submit(pool, [] { return std::raise(SIGKILL); });
        std::vector<actor<counter>> some;
        std::vector<ref<int>> answers;
        while (!lost.ready() || some.size() < 20) {
            if (some.size() < 2000) {
                some.emplace_back(pool, 1);
                answers.push_back(some.back().call(&counter::add, 1));
            }
        }
        EXPECT_THROW((void)lost.get(), worker_lost);
        for (ref<int> const& each : answers) {
            ASSERT_TRUE(each.wait_for(std::chrono::seconds(30)));
            try {
                EXPECT_EQ(each.get(), 2);
            } catch (actor_died const&) { // the actor lived there
            }
        }
    }
}

} // namespace
