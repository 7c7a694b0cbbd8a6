// SPDX-License-Identifier: MIT
// Pools of 32 workers and more, most in random mode: a searching worker looks at a sample of the worker slots, and the
// workers are in several idle sets.
#include <hocket/future.hpp>
#include <hocket/group.hpp>
#include <hocket/join.hpp>
#include <hocket/loop.hpp>
#include <hocket/pool.hpp>

#include <algorithm>
#include <chrono>
#include <optional>
#include <vector>

#include <simulated/scenario.hpp>

using namespace scenario;

namespace {

/// Runs `body` with each seed, in a pool of 33 to 80 workers that the seed keeps warm or not.
template<class F>
void explore_large(F const& body) {
    sim::outcome const found = sim::explore((seeds() + 7) / 8,
                                            [&] {
                                                thread_pool pool({.workers = 33 + sim::choose(48)});
                                                std::optional<thread_pool::warm_scope> keep;
                                                if (sim::choose(2) == 0) keep.emplace(pool.keep_warm());
                                                rest_somehow();
                                                body(pool);
                                            },
                                            {.cores = 80, .cores_per_socket = 40});
    EXPECT_TRUE(found.passed) << found.what;
}

template<class F>
void run_leaves(std::size_t count, F const& leaf) {
    if (count == 1) return leaf();
    hocket::join([&, count] { run_leaves(count / 2, leaf); }, [&, count] { run_leaves(count - count / 2, leaf); });
}

TEST(large_pool, begins_a_leaf_on_each_worker) {
    explore_large([](thread_pool& pool) {
        meeting all(pool.size());
        pool.run(
            [&] { run_leaves(pool.size(), [&] { all.come("a leaf does not begin while a worker is idle", 20ms); }); });
    });
}

TEST(large_pool, finds_the_only_task) {
    explore_large([](thread_pool& pool) {
        for (int round = 0; round < 4; ++round) {
            rest_somehow();
            meeting both(2);
            auto const come = [&] { both.come("the only task does not begin while workers are idle", 5ms); };
            hocket::submit(pool, [&] { hocket::join(come, come); }).get();
        }
    });
}

/// Runs `body` while all workers but a few are busy: the idle ones may belong to another idle set.
template<class F>
void explore_few_idle(F const& body) {
    explore_large([&](thread_pool& pool) {
        std::size_t const idle = 2 + sim::choose(3);
        sim::atomic<std::size_t> busy_workers{0};
        sim::atomic<bool> done{false};
        for (std::size_t i = 0; i + idle < pool.size(); ++i)
            hocket::spawn(pool, [&] {
                busy_workers.fetch_add(1);
                while (!done.load()) sim::sleep(20us);
            });
        while (busy_workers.load() + idle < pool.size()) sim::sleep(20us);
        for (int round = 0; round < 4; ++round) {
            rest_somehow();
            meeting all(idle);
            auto const come = [&] { all.come("a callable does not begin while a worker is idle", 20ms); };
            hocket::submit(pool, [&] { body(idle, come); }).get();
        }
        done.store(true);
        pool.wait_idle();
    });
}

TEST(large_pool, begins_the_leaves_of_joins_on_the_idle_workers) {
    explore_few_idle([](std::size_t idle, auto const& come) { run_leaves(idle, come); });
}

TEST(large_pool, begins_the_tasks_of_a_group_on_the_idle_workers) {
    explore_few_idle([](std::size_t idle, auto const& come) {
        hocket::task_group group;
        for (std::size_t i = 0; i < idle; ++i) group.run(come);
        group.wait();
    });
}

TEST(large_pool, begins_the_bodies_of_a_loop_on_the_idle_workers) {
    explore_few_idle([](std::size_t idle, auto const& come) {
        hocket::parallel_for(std::size_t{0}, idle, [&](std::size_t) { come(); });
    });
}

/// Efficiency, in timed mode, where the thread that submits shares a core with a worker: as long as threads took single
/// tasks out of the queue, they were busy for a fifth of their time.
TEST(large_pool, keeps_32_workers_busy_with_short_tasks_of_one_thread) {
    for (bool const warm : {false, true}) {
        sim::outcome const found = sim::run(1,
                                            [warm] {
                                                constexpr std::size_t workers = 32;
                                                constexpr std::size_t tasks = workers * 500;
                                                thread_pool pool({.workers = workers});
                                                std::optional<thread_pool::warm_scope> keep;
                                                if (warm) keep.emplace(pool.keep_warm());
                                                sim::sleep(1ms);
                                                std::vector<hocket::future<std::chrono::nanoseconds>> ends;
                                                ends.reserve(tasks);
                                                auto const begin = sim::now();
                                                for (std::size_t i = 0; i < tasks; ++i)
                                                    ends.push_back(hocket::submit(pool, [] {
                                                        sim::work(2us);
                                                        return sim::now();
                                                    }));
                                                auto last = begin;
                                                for (auto& end : ends) last = std::max(last, end.get());
                                                sim::check(last - begin < 2ms, "workers are idle while tasks wait");
                                            },
                                            {.cores = 32, .mode = sim::mode::timed});
        EXPECT_TRUE(found.passed) << found.what;
    }
}

TEST(large_pool, begins_what_three_threads_submit) {
    explore_large([](thread_pool& pool) {
        meeting all(6);
        auto const come = [&] { all.come("a task does not begin while workers are idle", 5ms); };
        auto const send = [&] {
            for (int i = 0; i < 2; ++i) {
                rest_somehow();
                hocket::spawn(pool, come);
            }
        };
        {
            sim::thread const one(send);
            sim::thread const other(send);
            send();
        }
        pool.wait_idle();
    });
}

} // namespace
