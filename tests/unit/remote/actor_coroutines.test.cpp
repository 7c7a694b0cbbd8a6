// SPDX-License-Identifier: MIT
// Tests methods of actors that are coroutines, wherever the actor lives: they run one after another, or interleaved
// where the actor interleaves.
#include <hocket/coroutine.hpp>
#include <hocket/remote.hpp>

#include "run_program.hpp"

#include <chrono>
#include <gtest/gtest.h>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace hocket;
using namespace std::chrono_literals;

/// An actor whose methods await one another's actions.
struct desk {
    std::vector<int> notes;
    bool busy = false;
    bool opened = false;
    bool met = false;

    task<int> wait_for_opening(std::string text) {
        while (!opened) co_await sleep_for(1ms);
        co_return static_cast<int>(text.size());
    }
    void open() { opened = true; }
    task<int> alone(int x) {
        met = met || busy; // another method has begun and has not finished
        busy = true;
        notes.push_back(x);
        co_await sleep_for(1ms);
        notes.push_back(x);
        busy = false;
        co_return x;
    }
    task<void> fail() {
        co_await sleep_for(1ms);
        throw std::out_of_range("desk");
    }
    task<int> at_once(int x) { co_return x + 1; }
    std::vector<int> seen() { return notes; }
    bool have_met() { return met; }
};

void run_one_after_another(remote_pool& all) {
    actor<desk> const d(all);
    std::vector<ref<int>> calls;
    for (int i = 0; i != 5; ++i) calls.push_back(d.call(&desk::alone, i));
    ref<bool> const met = d.call(&desk::have_met);
    EXPECT_EQ(d.call(&desk::seen).get(), (std::vector<int>{0, 0, 1, 1, 2, 2, 3, 3, 4, 4}));
    for (int i = 0; i != 5; ++i) EXPECT_EQ(calls[static_cast<std::size_t>(i)].get(), i);
    EXPECT_FALSE(met.get());
    EXPECT_THROW(d.call(&desk::fail).get(), std::out_of_range);
    EXPECT_EQ(d.call(&desk::at_once, 4).get(), 5);
    EXPECT_EQ(d.call([](desk& self, int x) { return self.at_once(x); }, 6).get(), 7);
    d.tell(&desk::fail);
    EXPECT_EQ(d.call(&desk::at_once, 1).get(), 2);
}

void run_between_each_other(remote_pool& all) {
    for (int round = 0; round != 10; ++round) {
        actor<desk> const d(all, actor_options{.interleave = true});
        ref<int> const first = d.call(&desk::wait_for_opening, std::string("three"));
        ref<int> const second = d.call(&desk::wait_for_opening, std::string(100, 'x'));
        EXPECT_EQ(d.call(&desk::at_once, 2).get(), 3);
        EXPECT_FALSE(first.ready());
        d.call(&desk::open).get();
        EXPECT_EQ(first.get(), 5);
        EXPECT_EQ(second.get(), 100);
        EXPECT_THROW(d.call(&desk::fail).get(), std::out_of_range);
        std::vector<ref<int>> calls;
        for (int i = 0; i != 20; ++i) calls.push_back(d.call(&desk::alone, i));
        for (int i = 0; i != 20; ++i) EXPECT_EQ(calls[static_cast<std::size_t>(i)].get(), i);
        EXPECT_TRUE(d.call(&desk::have_met).get());
    }
}

/// An object that knows whether it still lives.
struct mortal {
    std::vector<int> alive = {1, 2, 3};
    ~mortal() { alive[0] = 0; }
    task<int> sleep() {
        for (int i = 0; i != 20; ++i) co_await sleep_for(1ms);
        co_return alive[0];
    }
    int nothing() { return 1; }
};

void outlive_a_kill(remote_pool& all) {
    for (bool const interleaves : {false, true}) {
        actor<mortal> const m(all, actor_options{.interleave = interleaves});
        std::vector<ref<int>> begun;
        for (int i = 0; i != (interleaves ? 3 : 1); ++i) begun.push_back(m.call(&mortal::sleep));
        if (interleaves) {
            EXPECT_EQ(m.call(&mortal::nothing).get(), 1); // then the calls have begun
        }
        m.kill();
        for (ref<int> const& each : begun) try {
                EXPECT_EQ(each.get(), 1);
            } catch (actor_died const&) {
                EXPECT_FALSE(interleaves) << "it had begun";
            }
        EXPECT_THROW((void)m.call(&mortal::nothing).get(), actor_died);
    }
}
TEST(actor_coroutines, outlive_a_kill) { outlive_a_kill(cluster()); }
TEST(process_pool_coroutines, outlive_a_kill) {
    process_pool pool(1);
    outlive_a_kill(pool);
}

TEST(actor_coroutines, run_one_after_another) { run_one_after_another(cluster()); }
TEST(actor_coroutines, run_between_each_other) { run_between_each_other(cluster()); }
TEST(process_pool_coroutines, run_one_after_another) {
    process_pool pool(2);
    run_one_after_another(pool);
}
TEST(process_pool_coroutines, run_between_each_other) {
    process_pool pool(1);
    run_between_each_other(pool);
}
TEST(process_pool_coroutines, end_with_their_pool) {
    process_pool pool(1);
    actor<desk> const d(pool, actor_options{.interleave = true});
    actor<desk> const e(pool);
    ref<int> const never = d.call(&desk::wait_for_opening, std::string("x"));
    ref<int> const too = e.call(&desk::wait_for_opening, std::string("x"));
    EXPECT_EQ(d.call(&desk::at_once, 2).get(), 3);
}

} // namespace
