// SPDX-License-Identifier: MIT
// Tests of waits by many tasks at once: for work of a task behind them in the queue, for work of an external thread, in
// chains, and beyond the bound on threads. With any number of workers nothing hangs, and no wait is cancelled that can
// still finish.
#include <hocket/fork_join/task_group.hpp>
#include <hocket/future/promise.hpp>
#include <hocket/future/submit.hpp>
#include <hocket/pool/blocking.hpp>
#include <hocket/pool/this_worker.hpp>

#include <stress/watchdog.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace hocket;
using namespace std::chrono_literals;
using stress_test::watchdog;

pool_options with(std::size_t workers) { return {.workers = workers, .bind = binding::none}; }

constexpr int many = stress_test::sanitized ? 60 : 200;

/// The numbers of waits that got the value, and of waits that were cancelled.
struct outcome {
    int got = 0;
    int given_up = 0;
};
outcome count(std::vector<future<int>>& all) {
    outcome seen;
    for (future<int>& f : all) {
        try {
            seen.got += f.get();
        } catch (too_many_waits const& error) {
            ++seen.given_up;
            EXPECT_NE(std::string(error.what()).find("max_threads"), std::string::npos);
        }
    }
    return seen;
}

class many_waits : public testing::TestWithParam<std::size_t> {
  protected:
    thread_pool pool_{with(GetParam())};
};

TEST_P(many_waits, for_what_a_task_behind_them_does) {
    watchdog const dog("tasks before the one that opens their gate");
    promise<int> opens;
    shared_future<int> const gate = opens.get_future().share();
    std::vector<future<int>> all;
    for (int i = 0; i < many; ++i)
        all.push_back(
            submit(pool_, [gate, i] { return i % 2 == 0 ? gate.get() : blocking([&] { return gate.get(); }); }));
    future<void> const last = submit(pool_, [&] { opens.set_value(1); });
    EXPECT_EQ(count(all).got, many);
    last.wait();
}

// All threads come back at once, and most of them wait again before they have left the first task.
TEST_P(many_waits, at_one_gate_after_the_other) {
    watchdog const dog("tasks that wait twice");
    promise<int> opens_first, opens_second;
    shared_future<int> const first = opens_first.get_future().share(), second = opens_second.get_future().share();
    std::atomic<int> behind_first{0};
    std::vector<future<int>> all;
    constexpr int tasks = many / 2;
    for (int i = 0; i < tasks; ++i)
        all.push_back(submit(pool_, [&, first, second] {
            int const a = first.get();
            if (++behind_first == tasks) opens_second.set_value(1);
            return a * second.get();
        }));
    future<void> const last = submit(pool_, [&] { opens_first.set_value(1); });
    EXPECT_EQ(count(all).got, tasks);
    last.wait();
    // The pool is as it was: no more threads run than there are workers.
    std::atomic<int> running{0}, most{0};
    task_group group(pool_);
    for (int i = 0; i < 50; ++i)
        group.run([&] {
            int const here = ++running;
            for (int seen = most; here > seen && !most.compare_exchange_weak(seen, here);) {
            }
            std::this_thread::sleep_for(100us);
            --running;
        });
    group.wait();
    EXPECT_LE(most, static_cast<int>(pool_.size()));
}

TEST_P(many_waits, for_what_an_outside_thread_does_later) {
    watchdog const dog("tasks that wait for the outside");
    promise<int> opens;
    shared_future<int> const gate = opens.get_future().share();
    std::vector<future<int>> all;
    std::atomic<int> begun{0};
    for (int i = 0; i < 50; ++i) all.push_back(submit(pool_, [gate, &begun] { return ++begun, gate.get(); }));
    while (begun != 50) std::this_thread::yield();
    opens.set_value(1);
    EXPECT_EQ(count(all).got, 50);
}

int chain(thread_pool& pool, int left, std::size_t on) {
    if (left == 0) return 1;
    return submit(
               pool, [&pool, left, on] { return chain(pool, left - 1, on); }, submit_options{.on = on})
        .get();
}

TEST_P(many_waits, in_a_chain_of_tasks_for_one_worker) {
    watchdog const dog("a chain of .on");
    EXPECT_EQ(chain(pool_, many, pool_.size() - 1), 1);
}

TEST_P(many_waits, of_groups_and_tasks_within_each_other) {
    watchdog const dog("groups whose tasks wait for what others do");
    promise<void> opens;
    shared_future<void> const gate = opens.get_future().share();
    std::atomic<int> ended{0};
    task_group outer(pool_);
    for (int i = 0; i < 40; ++i)
        outer.run([&] {
            task_group inner(pool_);
            for (int k = 0; k < 3; ++k)
                inner.run([&] {
                    gate.get();
                    ++ended;
                });
            inner.wait();
        });
    outer.run([&] { opens.set_value(); });
    outer.wait();
    EXPECT_EQ(ended, 120);
}

TEST_P(many_waits, have_an_index_of_their_own_each) {
    watchdog const dog("indexes of waiting threads");
    promise<void> opens;
    shared_future<void> const gate = opens.get_future().share();
    constexpr int tasks = 30;
    std::vector<std::atomic<int>> at(pool_.max_index());
    std::atomic<int> shared{0}, left{tasks};
    task_group group(pool_);
    for (int i = 0; i < tasks; ++i)
        group.run([&] {
            std::size_t const index = this_worker::index();
            shared += at[index]++ != 0;
            if (--left == 0) opens.set_value();
            gate.wait();
            shared += this_worker::index() != index; // also after the wait, when all go on at once
            std::this_thread::yield();
            shared += --at[index] != 0;
        });
    group.wait();
    EXPECT_EQ(shared, 0);
}

// The task that could go on holds the lock on which all others block, and the task that it waits for lies behind the
// others.
void wait_with_a_lock(thread_pool& pool, std::size_t blocked) {
    promise<int> opens;
    std::mutex lock;
    std::atomic<bool> held{false};
    std::vector<future<int>> all;
    all.push_back(submit(pool, [&, gate = opens.get_future()]() mutable {
        std::lock_guard const guard(lock);
        held = true;
        return gate.get();
    }));
    while (!held) std::this_thread::yield();
    for (std::size_t i = 0; i < blocked; ++i)
        all.push_back(submit(pool, [&] {
            std::lock_guard const guard(lock);
            return 1;
        }));
    future<void> const last = submit(pool, [&] { opens.set_value(1); });
    while (!last.ready()) std::this_thread::sleep_for(10ms); // without help
    EXPECT_EQ(count(all).got, static_cast<int>(blocked + 1));
}

TEST_P(many_waits, with_a_lock_that_others_want) {
    watchdog const dog("a task that waits while it holds a lock");
    pool_.sched().set_patience(20'000);
    wait_with_a_lock(pool_, pool_.size() + 3);
}

// The thread that computes has nothing to do with the pool, as one of another pool would.
TEST_P(many_waits, with_a_lock_beside_a_thread_that_computes) {
    watchdog const dog("a task that waits while it holds a lock, beside a thread that computes");
    pool_.sched().set_patience(10'000);
    std::atomic<bool> computes{true};
    std::thread foreign([&] {
        while (computes) std::this_thread::yield();
    });
    wait_with_a_lock(pool_, pool_.size());
    computes = false;
    foreign.join();
}

INSTANTIATE_TEST_SUITE_P(workers, many_waits, testing::Values(1u, 2u, 3u, 4u, 8u, 16u, 64u));

TEST(a_thousand_waits, end) {
    if (stress_test::sanitized) GTEST_SKIP() << "a sanitizer makes threads dear";
    watchdog const dog("a thousand tasks before the one that opens their gate");
    thread_pool pool(with(2));
    promise<int> opens;
    shared_future<int> const gate = opens.get_future().share();
    std::vector<future<int>> all;
    for (int i = 0; i < 1000; ++i) all.push_back(submit(pool, [gate] { return gate.get(); }));
    future<void> const last = submit(pool, [&] { opens.set_value(1); });
    EXPECT_EQ(count(all).got, 1000);
    last.wait();
}

TEST(too_many_waits, are_given_up_one_after_the_other) {
    watchdog const dog("more waits than threads");
    for (std::size_t const workers : {1u, 2u, 4u}) {
        pool_options options = with(workers);
        options.max_threads = 6;
        thread_pool pool(options);
        pool.sched().set_patience(200'000);
        promise<int> opens;
        shared_future<int> const gate = opens.get_future().share();
        std::vector<future<int>> all;
        for (int i = 0; i < 40; ++i) all.push_back(submit(pool, [gate] { return gate.get(); }));
        future<void> const last = submit(pool, [&] { opens.set_value(1); });
        outcome const seen = count(all);
        EXPECT_GE(seen.got, 5) << "a wait was given up that another one would have sufficed for";
        EXPECT_GE(seen.given_up, 1);
        EXPECT_EQ(seen.got + seen.given_up, 40);
        last.wait();
    }
}

// No waiting work could begin behind these waits, or the external set_value would change nothing.
TEST(too_many_waits, are_no_waits_for_the_outside) {
    watchdog const dog("as many waits as threads");
    pool_options options = with(2);
    options.max_threads = 6;
    thread_pool pool(options);
    thread_pool other(with(1));
    pool.sched().set_patience(1'000);
    promise<int> opens, opens_other;
    shared_future<int> const gate = opens.get_future().share();
    std::vector<future<int>> all;
    for (int i = 0; i < 6; ++i) all.push_back(submit(pool, [gate] { return gate.get(); }));
    std::this_thread::sleep_for(250ms);
    opens.set_value(1);
    EXPECT_EQ(count(all).got, 6);

    shared_future<int> const elsewhere =
        submit(other, [gate = opens_other.get_future()]() mutable { return gate.get(); }).share();
    all.clear();
    for (int i = 0; i < 12; ++i) all.push_back(submit(pool, [elsewhere] { return elsewhere.get(); }));
    std::this_thread::sleep_for(250ms);
    opens_other.set_value(1);
    EXPECT_EQ(count(all).got, 12);
}

TEST(max_threads, bounds_the_index_and_has_to_make_sense) {
    thread_pool pool({.workers = 2, .bind = binding::none, .max_threads = 7});
    EXPECT_EQ(pool.max_index(), 7u);
    thread_pool small({.workers = 4, .bind = binding::none, .max_threads = 1});
    EXPECT_EQ(small.max_index(), 4u);
    EXPECT_EQ(thread_pool(with(1)).max_index(), 1024u);
    EXPECT_THROW(thread_pool({.workers = 2, .max_threads = 0}), std::invalid_argument);
    EXPECT_THROW(thread_pool({.workers = 2, .max_threads = 100'000}), std::invalid_argument);
}

} // namespace
