// SPDX-License-Identifier: MIT
// Tests worker processes that end before their pool does: processes whose calls take too long, and processes that have
// run enough tasks.
#include <hocket/base/error.hpp>
#include <hocket/remote.hpp>

#include "run_program.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

namespace {

using namespace hocket;
using namespace std::chrono_literals;
using remote_test::comes_true;

int square(int x) { return x * x; }
long pid() { return ::getpid(); }
int run_for_ever() {
    for (;;) ::pause();
}

struct counter {
    int n = 0;
    int add(int x) { return n += x; }
    long pid() { return ::getpid(); }
};

TEST(process_pool_limits, end_the_process_of_a_call_that_takes_too_long) {
    process_pool pool(1);
    long const before = submit(pool, pid).get();
    ref<int> const late = submit(pool, run_for_ever, {.kill_after = 20ms});
    std::vector<ref<int>> others; // sent ahead to the process, without a retry
    for (int i = 0; i < 4; ++i) others.push_back(submit(pool, square, i));
    EXPECT_THROW((void)late.get(), timed_out);
    for (int i = 0; i < 4; ++i) EXPECT_EQ(others[static_cast<std::size_t>(i)].get(), i * i);
    EXPECT_NE(submit(pool, pid).get(), before);
    ref<int> const again = submit(pool, run_for_ever, {.retries = 3, .kill_after = 5ms}); // no retry helps
    EXPECT_THROW((void)again.get(), timed_out);
}

TEST(process_pool_limits, leave_calls_alone_that_end_in_time) {
    process_pool pool(2);
    long const before = submit(pool, pid, {.where = on(1)}).get();
    std::vector<ref<int>> refs;
    for (int i = 0; i < 100; ++i) refs.push_back(submit(pool, square, i, {.kill_after = 10min}));
    for (int i = 0; i < 100; ++i) EXPECT_EQ(refs[static_cast<std::size_t>(i)].get(), i * i);
    EXPECT_EQ(submit(pool, pid, {.where = on(1)}).get(), before);
}

TEST(process_pool_limits, count_from_the_beginning_of_the_call) {
    process_pool pool(1);
    shared_memory<int> const go(0);
    (void)submit(pool, square, 1).get(); // the process serves
    std::vector<ref<void>> busy;
    for (std::size_t thread = 0; thread != pool.nodes()[0].cores; ++thread)
        busy.push_back(submit(
            pool,
            [](shared_memory<int> flag) {
                while (std::atomic_ref(*flag).load() == 0) std::this_thread::yield();
            },
            go));
    ref<int> const second = submit(pool, square, 3, {.kill_after = 1s}); // waits for longer than it may run
    EXPECT_FALSE(second.wait_for(1500ms));
    std::atomic_ref(*go).store(1);
    EXPECT_EQ(second.get(), 9);
}

TEST(process_pool_limits, are_refused_where_no_process_can_be_ended) {
    thread_pool threads(1);
    remote_pool all(threads);
    EXPECT_THROW((void)submit(all, square, 1, {.kill_after = 1s}), std::invalid_argument);
    process_pool pool(1);
    EXPECT_THROW((void)submit(pool, square, 1, {.where = here, .kill_after = 1s}), std::invalid_argument);
    EXPECT_THROW((void)submit(pool, square, 1, {.kill_after = 0s}), std::invalid_argument);
}

TEST(process_pool_limits, replace_a_process_that_has_run_its_tasks) {
    process_pool pool({.workers = 2, .max_tasks_per_worker = 3});
    std::vector<ref<long>> refs;
    for (int i = 0; i < 30; ++i) refs.push_back(submit(pool, pid));
    std::multiset<long> pids;
    for (ref<long> const& each : refs) pids.insert(each.get());
    for (long const each : pids) EXPECT_LE(pids.count(each), 3u);
    for (long const each : std::set<long>(pids.begin(), pids.end())) {
        if (pids.count(each) < 3) continue;
        EXPECT_TRUE(comes_true([&] { return !remote_test::runs(each); }));
    }
}

TEST(process_pool_limits, keep_a_process_in_which_an_actor_lives) {
    process_pool pool({.workers = 1, .max_tasks_per_worker = 2});
    long home = 0;
    {
        actor<counter> const c(pool);
        home = c.call(&counter::pid).get();
        for (int i = 0; i < 10; ++i) EXPECT_EQ(submit(pool, pid).get(), home);
        EXPECT_EQ(c.call(&counter::add, 5).get(), 5);
    }
    EXPECT_TRUE(comes_true([&] { return submit(pool, pid).get() != home; }));
}

TEST(process_pool_limits, run_calls_where_they_are_wanted) {
    process_pool pool(3);
    std::vector<long> pids;
    for (std::size_t process = 1; process <= 3; ++process)
        pids.push_back(submit(pool, pid, {.where = on(process)}).get());
    EXPECT_EQ(std::set<long>(pids.begin(), pids.end()).size(), 3u);
    for (std::size_t process = 1; process <= 3; ++process) {
        EXPECT_EQ(submit(pool, pid, {.where = on(process)}).get(), pids[process - 1]);
        EXPECT_EQ(submit(pool, [] { return this_process::index(); }, {.where = on(process)}).get(), process);
        actor<counter> const c(pool, actor_options{.where = on(process)});
        EXPECT_EQ(c.call(&counter::pid).get(), pids[process - 1]);
    }
    EXPECT_EQ(submit(pool, pid, {.where = here}).get(), ::getpid());
    EXPECT_EQ(submit(pool, pid, {.where = on(0)}).get(), ::getpid());
    std::vector<ref<long>> around;
    for (int i = 0; i < 6; ++i) around.push_back(submit(pool, pid, {.where = spread}));
    std::multiset<long> seen;
    for (ref<long> const& each : around) seen.insert(each.get());
    for (long const each : pids) EXPECT_EQ(seen.count(each), 2u);
    ref<int> const value = put(pool, 3);
    EXPECT_EQ(submit(pool, square, value, {.where = near(value)}).get(), 9);
    EXPECT_THROW((void)submit(pool, pid, {.where = on(99)}), std::invalid_argument);
    actor<counter> const c(pool, actor_options{.where = here});
    EXPECT_EQ(c.call(&counter::pid).get(), ::getpid());
}

} // namespace
