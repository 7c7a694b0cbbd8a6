// SPDX-License-Identifier: MIT
// Tests the first steps of each process: calls of on_each_process, also in replacement processes, and libraries that
// the program loads after the session has begun.
#include <hocket/remote.hpp>

#include "run_program.hpp"

#include <atomic>
#include <csignal>
#include <cstddef>
#include <cstdlib>
#include <gtest/gtest.h>
#include <stdexcept>
#include <string>
#include <thread>
#include <unistd.h>
#include <vector>

namespace {

using namespace hocket;
using remote_test::comes_true;

std::atomic<int> warmed{0}; // each process has its own

int seen() { return warmed; }
long die() {
    std::raise(SIGKILL);
    return 0;
}

struct warm_actor {
    int at_birth = warmed;
    int born_with() { return at_birth; }
};

TEST(process_pool_starts, on_each_process_is_repeated_where_a_process_is_replaced) {
    process_pool pool(2);
    pool.on_each_process([] { ++warmed; });
    shared_memory<int> const second(0);
    pool.on_each_process(hocket::bind_front(
        [](shared_memory<int> const& count) {
            EXPECT_EQ(warmed, 1); // in the order of the calls
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
            ++warmed;
            std::atomic_ref(*count).fetch_add(1);
        },
        second));
    EXPECT_EQ(*second, 2);
    actor<warm_actor> const lives(pool, actor_options{.max_restarts = 100});
    EXPECT_EQ(lives.call(&warm_actor::born_with).get(), 2);
    for (int round = 0; round != 5; ++round) {
        EXPECT_THROW((void)submit(pool, die).get(), worker_lost);
        std::vector<ref<int>> found;
        for (int i = 0; i != 50; ++i) found.push_back(submit(pool, seen));
        for (ref<int> const& each : found) EXPECT_EQ(each.get(), 2);
        EXPECT_EQ(lives.call(&warm_actor::born_with).get(), 2); // made anew after the calls
    }
    EXPECT_TRUE(comes_true([&] { return std::atomic_ref(*second).load() == 7; }));
}

TEST(process_pool_starts, on_each_process_is_called_where_a_process_is_retired) {
    process_pool pool({.workers = 2, .max_tasks_per_worker = 3});
    pool.on_each_process([] { warmed = 5; });
    std::vector<ref<int>> found;
    for (int i = 0; i != 100; ++i) found.push_back(submit(pool, seen));
    for (ref<int> const& each : found) EXPECT_EQ(each.get(), 5);
}

TEST(process_pool_starts, that_end_their_process_end_the_pool) {
    process_pool pool(1);
    shared_memory<int> const flag(0);
    pool.on_each_process(hocket::bind_front(
        [](shared_memory<int> const& ends) {
            if (std::atomic_ref(*ends).exchange(1) != 0) std::_Exit(4);
        },
        flag));
    EXPECT_THROW((void)submit(pool, die).get(), worker_lost);
    try {
        (void)submit(pool, seen).get();
        FAIL() << "the pool goes on";
    } catch (std::runtime_error const& error) {
        EXPECT_NE(std::string(error.what()).find("before they are ready to run calls"), std::string::npos)
            << error.what();
    }
}

TEST(process_pool_starts, that_throw_leave_a_line_and_the_process) {
    process_pool pool(1);
    shared_memory<int> const flag(0);
    pool.on_each_process(hocket::bind_front(
        [](shared_memory<int> const& throws) {
            if (std::atomic_ref(*throws).exchange(1) != 0) throw std::out_of_range("no seeds");
        },
        flag));
    testing::internal::CaptureStderr();
    EXPECT_THROW((void)submit(pool, die).get(), worker_lost);
    EXPECT_EQ(submit(pool, seen).get(), 0);
    EXPECT_NE(testing::internal::GetCapturedStderr().find("no seeds"), std::string::npos);
    EXPECT_THROW(pool.on_each_process([] { throw std::out_of_range("now"); }), std::out_of_range);
}

TEST(on_each_process, is_called_once_in_each_process) {
    remote_pool& all = cluster();
    shared_memory<int> const count(0);
    all.on_each_process(
        hocket::bind_front([](shared_memory<int> const& counts) { std::atomic_ref(*counts).fetch_add(1); }, count));
    EXPECT_EQ(*count, static_cast<int>(all.size()));
}

} // namespace
