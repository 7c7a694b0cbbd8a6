// SPDX-License-Identifier: MIT
// Tests remote/call/process_pool.hpp: submit, refs and actors over a pool's own worker processes. The death of one
// process harms no other. Also tests pools in tasks, and the end of a pool while other threads wait.
#include <hocket/remote.hpp>
#include <hocket/remote/call/process_pool.hpp>

#include "run_program.hpp"

#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdio>
#include <gtest/gtest.h>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

namespace {

using hocket::process_pool;
using hocket::ref;
using remote_test::comes_true;
using remote_test::runs;

int square(int x) { return x * x; }

struct counter {
    int n = 0;
    int add(int x) { return n += x; }
};

TEST(process_pool, runs_calls_of_a_program_whatever_its_engine) {
    process_pool pool({.workers = 2});
    EXPECT_EQ(pool.size(), 2U);
    std::vector<ref<int>> refs;
    for (int i = 0; i < 100; ++i) refs.push_back(submit(pool, square, i));
    for (int i = 0; i < 100; ++i) EXPECT_EQ(refs[static_cast<std::size_t>(i)].get(), i * i);
    ref<int> const sum = submit(
        pool, [](int x, int y) { return x + y; }, refs[3], refs[4]);
    EXPECT_EQ(sum.get(), 25);
    EXPECT_NE(submit(pool, [] { return static_cast<long>(getpid()); }).get(), getpid());
    hocket::actor<counter> c(pool);
    for (int i = 0; i < 100; ++i) c.tell(&counter::add, 1);
    EXPECT_EQ(c.call(&counter::add, 0).get(), 100);
}

TEST(process_pool, errors_name_the_process_its_host_and_its_pid) {
    process_pool pool(1);
    char host[256] = "";
    ASSERT_EQ(gethostname(host, sizeof host - 1), 0);
    std::string const pid = std::to_string(submit(pool, [] { return static_cast<long>(getpid()); }).get());
    struct own_error : std::runtime_error {
        using std::runtime_error::runtime_error;
    };
    std::string where;
    try {
        submit(pool, [] { throw own_error("text"); }).get();
    } catch (hocket::remote_error const& error) {
        where = error.where();
    }
    EXPECT_EQ(where, "process 1 on " + std::string(host) + " (pid " + pid + ")");
}

TEST(process_pool, answers_after_a_worker_was_killed) {
    process_pool pool(2);
    for (int round = 0; round < 3; ++round) {
        EXPECT_THROW(submit(pool, [] { return std::raise(SIGKILL); }).get(), hocket::worker_lost);
        std::vector<ref<int>> refs;
        for (int i = 0; i < 50; ++i) refs.push_back(submit(pool, square, i));
        for (int i = 0; i < 50; ++i) EXPECT_EQ(refs[static_cast<std::size_t>(i)].get(), i * i);
        EXPECT_EQ(pool.size(), 2U);
    }
}

TEST(process_pool, refuses_odd_sizes) {
    EXPECT_THROW(process_pool(0), std::invalid_argument);
    EXPECT_THROW(process_pool(100'000), std::invalid_argument);
}

TEST(process_pool, may_be_made_in_a_task_of_another) {
    process_pool outer(1);
    int const result = submit(outer, [] {
                           process_pool inner(1);
                           return submit(
                                      inner,
                                      [](int x) {
                                          process_pool innermost(1);
                                          return submit(innermost, square, x).get();
                                      },
                                      5)
                               .get();
                       }).get();
    EXPECT_EQ(result, 25);
}

TEST(process_pool, ends_while_threads_wait_for_its_calls) {
    for (int round = 0; round < (hocket::detail::sanitized ? 2 : 20); ++round) {
        auto pool = std::make_unique<process_pool>(2);
        std::vector<ref<int>> refs;
        for (int i = 0; i < 20; ++i)
            refs.push_back(submit(
                *pool,
                [](int x) {
                    if (x % 2 == 0) return x;
                    while (!hocket::this_task::stop_requested()) std::this_thread::yield();
                    return x;
                },
                i));
        std::vector<std::thread> waiters;
        for (ref<int> const& one : refs)
            waiters.emplace_back([&one] {
                ref<int> const mine = one;
                try {
                    EXPECT_EQ(mine.get() % 2, 0);
                } catch (hocket::operation_cancelled const&) {
                }
            });
        if (round % 2 == 0) {
            EXPECT_EQ(refs[0].get(), 0);
        }
        pool.reset();
        for (std::thread& one : waiters) one.join();
        for (ref<int> const& one : refs) EXPECT_TRUE(one.ready());
    }
}

TEST(process_pool_program, DISABLED_is_killed_in_the_middle) {
    process_pool outer(1);
    submit(outer, [] {
        process_pool inner(1);
        long const innermost = submit(inner, [] { return static_cast<long>(getpid()); }).get();
        std::printf("pids %ld %ld end\n", static_cast<long>(getpid()), innermost);
        std::fflush(stdout);
        std::this_thread::sleep_for(std::chrono::hours(1));
    }).wait();
}

TEST(process_pool, ends_with_the_process_that_has_made_it) {
    remote_test::program driver({}, "process_pool_program.DISABLED_is_killed_in_the_middle");
    ASSERT_TRUE(driver.wait_for("end\n"));
    long outer = 0;
    long inner = 0;
    ASSERT_EQ(std::sscanf(driver.out().c_str() + driver.out().find("pids"), "pids %ld %ld", &outer, &inner), 2);
    kill(driver.pid(), SIGKILL);
    EXPECT_FALSE(driver.finish().hung);
    EXPECT_TRUE(comes_true([&] { return !runs(outer) && !runs(inner); }));
}

} // namespace
