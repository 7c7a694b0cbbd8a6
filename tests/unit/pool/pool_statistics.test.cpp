// SPDX-License-Identifier: MIT
// Tests of thread_pool::statistics: what is counted, and that no count is lost.
#include <hocket/future.hpp>
#include <hocket/join.hpp>
#include <hocket/loop.hpp>
#include <hocket/pool.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

namespace {

using namespace hocket;

constexpr unsigned sizes[] = {1, 2, 3, 4, 8, 16, 64};

void expect_sums(pool_statistics const& all, std::size_t size) {
    worker_statistics sum;
    for (worker_statistics const& one : all.workers) {
        sum.tasks += one.tasks;
        sum.steals += one.steals;
        sum.chunks += one.chunks;
        sum.parks += one.parks;
        sum.wakes += one.wakes;
        EXPECT_LE(one.wakes, one.parks + 1);
    }
    EXPECT_GE(all.workers.size(), size);
    EXPECT_EQ(all.total.tasks, sum.tasks);
    EXPECT_EQ(all.total.steals, sum.steals);
    EXPECT_EQ(all.total.chunks, sum.chunks);
    EXPECT_EQ(all.total.parks, sum.parks);
    EXPECT_EQ(all.total.wakes, sum.wakes);
}

TEST(pool_statistics, of_a_new_pool_are_zero) {
    for (unsigned const workers : sizes) {
        thread_pool pool({.workers = workers, .bind = binding::none});
        pool_statistics const all = pool.statistics();
        expect_sums(all, workers);
        EXPECT_EQ(all.total.tasks + all.total.steals + all.total.chunks + all.waiting, 0u);
    }
}

TEST(pool_statistics, count_each_task_of_a_queue_once) {
    for (unsigned const workers : sizes) {
        thread_pool pool({.workers = workers, .bind = binding::none});
        for (int i = 0; i < 100; ++i) spawn(pool, [] {}, {.priority = priority(i % 3)});
        pool.wait_idle();
        EXPECT_EQ(pool.statistics().total.tasks, 100u);
        spawn(pool, [&] { // from within: through local deques, and begun by the thread that waits
            std::vector<future<void>> inner;
            for (int i = 0; i < 100; ++i) inner.push_back(submit([] {}));
            for (auto& each : inner) each.get();
            auto line = submit([] {});
            for (int i = 0; i < 99; ++i) line = std::move(line).then([] {});
            line.get();
            task_group group(pool);
            for (int i = 0; i < 100; ++i) group.run([] {});
            group.wait();
        });
        pool.wait_idle();
        spawn(pool, [] {}, {.on = workers - 1});
        pool.wait_idle();
        pool_statistics const all = pool.statistics();
        expect_sums(all, workers);
        EXPECT_EQ(all.total.tasks, 402u);
        EXPECT_EQ(all.waiting, 0u);
    }
}

TEST(pool_statistics, count_tasks_that_wait) {
    thread_pool pool({.workers = 1, .bind = binding::none});
    std::atomic<int> begun{0};
    std::atomic<bool> go_on{false};
    spawn(pool, [&] {
        begun = 1;
        while (!go_on) std::this_thread::yield();
    });
    while (begun == 0) std::this_thread::yield();
    for (int i = 0; i < 10; ++i) spawn(pool, [] {});
    EXPECT_GT(pool.statistics().waiting, 0u);
    EXPECT_EQ(pool.statistics().total.tasks, 1u);
    go_on = true;
    pool.wait_idle();
    EXPECT_EQ(pool.statistics().waiting, 0u);
    EXPECT_EQ(pool.statistics().total.tasks, 11u);
}

TEST(pool_statistics, count_a_stolen_callable_and_no_other_fork) {
    thread_pool pool({.workers = 2, .bind = binding::none});
    std::atomic<int> here{0};
    auto const meet = [&] { // returns once two threads are here
        ++here;
        while (here < 2) std::this_thread::yield();
    };
    join(pool, meet, meet);
    EXPECT_EQ(pool.statistics().total.steals, 1u);

    thread_pool alone({.workers = 1, .bind = binding::none});
    alone.run([] {
        for (int i = 0; i < 1000; ++i) join([] {}, [] {});
    });
    EXPECT_EQ(alone.statistics().total.steals, 0u);
    EXPECT_EQ(alone.statistics().total.tasks, 0u);
}

TEST(pool_statistics, count_the_chunks_of_shared_loops) {
    for (unsigned const workers : {2u, 3u, 4u, 8u}) {
        thread_pool pool({.workers = workers, .bind = binding::none});
        std::atomic<unsigned> here{0};
        parallel_for(pool, 0u, workers,
                     [&](unsigned) { // returns once all are here: one chunk for each thread
                         ++here;
                         while (here < workers) std::this_thread::yield();
                     },
                     {.schedule = schedule::dynamic});
        EXPECT_GE(pool.statistics().total.chunks, 1u);
        EXPECT_LE(pool.statistics().total.chunks, workers);
    }
}

TEST(pool_statistics, count_parks_and_wake_ups) {
    for (unsigned const workers : sizes) {
        thread_pool pool({.workers = workers, .bind = binding::none});
        for (int i = 0; i < 3; ++i) {
            spawn(pool, [] {});
            pool.wait_idle();
        }
        pool_statistics const all = pool.statistics();
        expect_sums(all, workers);
        EXPECT_GE(all.total.wakes, 1u);
        EXPECT_GE(all.total.parks, 1u);
        EXPECT_LE(all.total.wakes, all.total.parks); // all that was woken is asleep again
    }
}

TEST(pool_statistics, may_be_read_at_any_time) {
    thread_pool pool({.workers = 3, .bind = binding::none});
    std::atomic<bool> ended{false};
    std::thread reader([&] {
        std::uint64_t before = 0;
        while (!ended) {
            std::uint64_t const now = pool.statistics().total.steals; // of tasks, some are counted and taken back
            EXPECT_GE(now, before);
            before = now;
        }
    });
    for (int round = 0; round < 200; ++round) {
        task_group group(pool);
        for (int i = 0; i < 20; ++i) group.run([] { join([] {}, [] {}); });
        group.wait();
        parallel_for(pool, 0, 1000, [](int) {});
    }
    ended = true;
    reader.join();
}

} // namespace
