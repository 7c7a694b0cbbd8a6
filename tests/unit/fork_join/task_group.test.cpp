// SPDX-License-Identifier: MIT
// Tests of task_group: every task runs exactly once, errors, reuse, tasks that add tasks, and external threads.
#include <hocket/algorithm/loops/parallel_for.hpp>
#include <hocket/base/stop_token.hpp>
#include <hocket/fork_join/join.hpp>
#include <hocket/fork_join/task_group.hpp>
#include <hocket/future/submit.hpp>
#include <hocket/pool/this_worker.hpp>

#include <stress/watchdog.hpp>

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace {

using namespace hocket;
using stress_test::burn;
using stress_test::watchdog;

struct failure {
    int which;
};

class task_group_on : public testing::TestWithParam<unsigned> {
  protected:
    thread_pool pool_{{.workers = GetParam()}};
};
INSTANTIATE_TEST_SUITE_P(workers, task_group_on, testing::Values(1u, 2u, 3u, 8u));

TEST(task_group, runs_on_the_default_pool_by_itself) {
    std::atomic<int> wrong{0};
    std::atomic<int> ran{0};
    task_group group;
    for (int i = 0; i < 10; ++i)
        group.run([&] {
            ++ran;
            wrong += detail::this_slot == nullptr || detail::this_slot->sched != &default_pool().sched();
        });
    group.wait();
    ASSERT_EQ(ran, 10);
    ASSERT_EQ(wrong, 0);
}

TEST_P(task_group_on, runs_each_task_exactly_once) {
    std::vector<std::atomic<int>> ran(10'000);
    task_group group(pool_);
    for (std::atomic<int>& count : ran) group.run([&count] { ++count; });
    group.wait();
    for (std::atomic<int> const& count : ran) ASSERT_EQ(count, 1);
}

TEST_P(task_group_on, runs_in_the_pool_of_the_worker_that_makes_it) {
    std::atomic<int> wrong{0};
    parallel_for(pool_, 0, 8,
                 [&](int) {
                     task_group group;
                     for (int i = 0; i < 4; ++i)
                         group.run([&] { wrong += detail::this_slot->sched != &pool_.sched(); });
                     group.wait();
                 },
                 {.schedule = schedule::dynamic});
    ASSERT_EQ(wrong, 0);
}

TEST_P(task_group_on, an_empty_group_does_not_wait) {
    task_group group(pool_);
    group.wait();
    group.wait();
}

TEST_P(task_group_on, is_used_again_after_a_wait) {
    std::atomic<int> ran{0};
    task_group group(pool_);
    for (int round = 1; round <= 200; ++round) {
        for (int i = 0; i < 5; ++i) group.run([&] { ++ran; });
        group.wait();
        ASSERT_EQ(ran, 5 * round);
        group.wait();
    }
}

TEST_P(task_group_on, tasks_add_tasks_to_their_own_group) {
    std::atomic<int> ran{0};
    task_group group(pool_);
    auto const spread = [&](auto const& self, int levels) -> void {
        ++ran;
        if (levels == 0) return;
        for (int i = 0; i < 3; ++i) group.run([&self, levels] { self(self, levels - 1); });
    };
    group.run([&] { spread(spread, 6); });
    group.wait();
    ASSERT_EQ(ran, (2187 - 1) / 2);
}

TEST_P(task_group_on, takes_move_only_callables_and_frees_them_before_the_wait_ends) {
    auto const alive = std::make_shared<int>(0);
    std::atomic<int> sum{0};
    task_group group(pool_);
    for (int round = 0; round < 100; ++round) {
        for (int i = 0; i < 4; ++i)
            group.run([&sum, keeps = alive, value = std::make_unique<int>(i)]() mutable {
                sum += *std::exchange(value, nullptr);
            });
        group.wait();
        ASSERT_EQ(alive.use_count(), 1);
    }
    ASSERT_EQ(sum, 600);
}

TEST_P(task_group_on, takes_functions_and_copies_lvalues) {
    static std::atomic<int> ran;
    ran = 0;
    struct functions {
        static void plain() { ++ran; }
    };
    auto const lambda = [] { ++ran; };
    task_group group(pool_);
    group.run(functions::plain);
    group.run(&functions::plain);
    group.run(lambda);
    group.run([] { return ++ran; }); // its result is dropped
    group.wait();
    ASSERT_EQ(ran, 4);
}

TEST_P(task_group_on, the_exception_of_the_task_that_was_added_first_wins) {
    for (int round = 0; round < 100; ++round) {
        task_group group(pool_);
        std::atomic<int> thrown{0};
        std::atomic<int> lowest{100};
        for (int i = 0; i < 20; ++i)
            group.run([&, i] {
                if (i % 3 != 1) return;
                int seen = lowest;
                while (i < seen && !lowest.compare_exchange_weak(seen, i)) {
                }
                ++thrown;
                throw failure{i};
            });
        try {
            group.wait();
            FAIL() << "nothing was thrown";
        } catch (failure const& error) {
            ASSERT_EQ(error.which, lowest);
        }
        ASSERT_GE(thrown, 1);
    }
}

TEST_P(task_group_on, after_an_exception_tasks_that_have_not_begun_are_dropped_and_freed) {
    auto const alive = std::make_shared<int>(0);
    task_group group(pool_);
    std::atomic<int> ran{0};
    group.run([] { throw failure{0}; });
    try {
        group.wait();
        FAIL();
    } catch (failure const&) {
    }
    std::atomic<bool> failed{false};
    group.run([&] {
        for (int i = 0; i < 50; ++i) group.run([&ran, keeps = alive] { ++ran; });
        failed = true;
        throw failure{1};
    });
    ASSERT_THROW(group.wait(), failure);
    ASSERT_EQ(alive.use_count(), 1);
    if (pool_.size() == 1) {
        ASSERT_EQ(ran, 0); // the only thread threw before it could begin another task
    }
    group.run([&] { ran = 1000; });
    group.wait();
    ASSERT_EQ(ran, 1000);
}

TEST_P(task_group_on, the_destructor_waits_and_drops_the_exception) {
    for (int round = 0; round < 100; ++round) {
        std::atomic<int> ran{0};
        {
            task_group group(pool_);
            for (int i = 0; i < 5; ++i) group.run([&] { ++ran; });
        }
        ASSERT_EQ(ran, 5);
        {
            task_group group(pool_);
            group.run([] { throw failure{1}; });
        }
    }
}

TEST_P(task_group_on, unwinding_waits_for_the_tasks) {
    std::atomic<int> ran{0};
    try {
        task_group group(pool_);
        for (int i = 0; i < 5; ++i)
            group.run([&] {
                burn(1000);
                ++ran;
            });
        throw failure{3};
    } catch (failure const& error) {
        ASSERT_EQ(error.which, 3);
    }
    ASSERT_EQ(ran, 5);
}

TEST_P(task_group_on, groups_nest) {
    std::atomic<int> ran{0};
    auto const nest = [&](auto const& self, int levels) -> void {
        task_group group;
        for (int i = 0; i < 3; ++i)
            group.run([&self, &ran, levels] {
                ++ran;
                if (levels != 0) self(self, levels - 1);
            });
        group.wait();
    };
    task_group group(pool_);
    group.run([&] { nest(nest, 5); });
    group.wait();
    ASSERT_EQ(ran, (2187 - 3) / 2);
}

TEST_P(task_group_on, exceptions_pass_through_nested_groups) {
    for (int round = 0; round < 100; ++round) {
        task_group outer(pool_);
        outer.run([] {
            task_group inner;
            inner.run([] { throw failure{5}; });
            inner.wait();
        });
        ASSERT_THROW(outer.wait(), failure);
    }
}

TEST_P(task_group_on, many_groups_at_once) {
    std::array<std::atomic<int>, 64> ran{};
    {
        std::vector<std::unique_ptr<task_group>> groups;
        for (std::size_t i = 0; i < ran.size(); ++i) groups.push_back(std::make_unique<task_group>(pool_));
        for (int round = 0; round < 20; ++round)
            for (std::size_t i = 0; i < ran.size(); ++i) groups[i]->run([&, i] { ++ran[i]; });
        for (std::size_t i = ran.size(); i-- != 0;) {
            groups[i]->wait();
            ASSERT_EQ(ran[i], 20);
        }
    }
}

TEST_P(task_group_on, other_threads_add_tasks_while_a_task_of_the_group_runs) {
    watchdog const dog("tasks from other threads");
    std::atomic<int> ran{0};
    task_group group(pool_);
    for (int round = 0; round < 20; ++round) {
        std::atomic<bool> ready{false};
        group.run([&] {
            while (!ready) std::this_thread::yield();
        });
        std::vector<std::thread> threads;
        for (int t = 0; t < 4; ++t)
            threads.emplace_back([&] {
                for (int i = 0; i < 50; ++i) group.run([&] { ++ran; });
            });
        for (std::thread& thread : threads) thread.join();
        ready = true;
        group.wait();
        ASSERT_EQ(ran, 200 * (round + 1));
    }
}

TEST_P(task_group_on, tasks_run_without_anybody_who_waits) {
    watchdog const dog("tasks without a wait");
    for (int round = 0; round < 300; ++round) {
        std::atomic<bool> ran{false};
        task_group group(pool_);
        group.run([&] { ran = true; });
        while (!ran) std::this_thread::yield();
    }
}

// Work conservation: of n tasks that block until all of them run, each finds a worker.
TEST_P(task_group_on, as_many_tasks_run_at_once_as_there_are_workers) {
    watchdog const dog("all workers run");
    for (int round = 0; round < 100; ++round) {
        std::atomic<unsigned> arrived{0};
        task_group group(pool_);
        for (unsigned i = 0; i < GetParam(); ++i)
            group.run([&] {
                ++arrived;
                while (arrived < GetParam()) std::this_thread::yield();
            });
        if (round % 2 == 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
        group.wait();
    }
}

TEST(task_group, a_task_may_destroy_another_group_and_make_pools) {
    thread_pool pool({.workers = 2});
    std::atomic<int> ran{0};
    task_group group(pool);
    for (int i = 0; i < 4; ++i)
        group.run([&] {
            thread_pool own({.workers = 2});
            auto inner = std::make_unique<task_group>(own);
            for (int k = 0; k < 4; ++k) inner->run([&] { ++ran; });
            inner.reset();
        });
    group.wait();
    ASSERT_EQ(ran, 16);
}

TEST(task_group, a_callable_whose_move_throws_is_not_added) {
    struct throws_when_copied {
        throws_when_copied() = default;
        throws_when_copied(throws_when_copied const&) { throw failure{4}; }
        void operator()() const {}
    };
    thread_pool pool({.workers = 2});
    task_group group(pool);
    throws_when_copied const callable;
    ASSERT_THROW(group.run(callable), failure);
    group.wait();
}

TEST(task_group, a_failed_group_says_to_its_tasks_that_they_may_stop) {
    watchdog const dog("stop_requested in a group");
    thread_pool pool({.workers = 2});
    task_group group(pool);
    std::atomic<bool> running{false};
    group.run([&] {
        running = true;
        while (!this_task::stop_requested()) std::this_thread::yield();
    });
    while (!running) std::this_thread::yield();
    group.run([] { throw failure{1}; });
    ASSERT_THROW(group.wait(), failure);
    group.run([] { ASSERT_FALSE(this_task::stop_requested()); });
    group.wait();
}

TEST(task_group, run_bulk_runs_each_index_once) {
    for (std::size_t workers : {1u, 2u, 5u}) {
        thread_pool pool({.workers = workers});
        for (std::size_t n : {0u, 1u, 2u, 31u, 32u, 33u, 1000u, 100'000u}) {
            std::vector<std::atomic<int>> ran(n);
            task_group group(pool);
            std::atomic<int> others{0};
            group.run([&] { ++others; });
            group.run_bulk(n, [&](std::size_t i) { ++ran[i]; });
            group.run([&] { ++others; });
            group.wait();
            ASSERT_EQ(others, 2);
            for (std::size_t i = 0; i < n; ++i) ASSERT_EQ(ran[i], 1) << i << " of " << n;
        }
    }
}

TEST(task_group, run_bulk_throws_the_first_failure_and_drops_the_callable) {
    thread_pool pool({.workers = 2});
    auto const alive = std::make_shared<int>(0);
    for (int round = 0; round < 20; ++round) {
        task_group group(pool);
        group.run_bulk(10'000, [alive](std::size_t i) {
            if (i == 0 || i == 9'999) throw std::runtime_error(std::to_string(i));
        });
        try {
            group.wait();
            FAIL() << "nothing was thrown";
        } catch (std::runtime_error const& error) {
            // Tasks that had not begun when the other one failed were dropped.
            ASSERT_TRUE(std::string(error.what()) == "0" || std::string(error.what()) == "9999");
        }
        ASSERT_EQ(alive.use_count(), 1);
    }
}

TEST(task_group, counts_right_when_the_maker_and_others_add_and_another_job_waits) {
    thread_pool pool({.workers = 3});
    std::atomic<int> ran{0};
    task_group outer(pool);
    for (int i = 0; i < 50; ++i)
        outer.run([&] {
            task_group inner; // made by this job
            for (int k = 0; k < 5; ++k)
                inner.run([&] {
                    ++ran;
                    inner.run([&] { ++ran; }); // added by another job
                });
            join([&] { inner.wait(); }, [] {}); // waited for in a join, perhaps by a thief
            inner.run([&] { ++ran; });
            inner.wait();
        });
    outer.wait();
    ASSERT_EQ(ran, 50 * 11);
}

/// Tasks that take long. The third requests a stop; those that begin later are counted.
struct slow_tasks {
    hocket::stop_source source;
    std::atomic<int> begun{0};
    std::atomic<int> late{0};
    std::atomic<bool> over{false};

    void run(thread_pool& pool, bool in_bulk) {
        auto const one = [this] {
            int const number = ++begun;
            if (over) ++late;
            std::this_thread::sleep_for(std::chrono::milliseconds(2));
            if (number != 3) return;
            over = true;
            source.request_stop();
        };
        task_group group(pool);
        if (in_bulk)
            group.run_bulk(400, [&](std::size_t) { one(); });
        else
            for (int i = 0; i < 400; ++i) group.run(one);
        group.wait();
    }
};

/// An external thread makes the group and waits for it, in a loop or in a task that it runs itself.
TEST(task_group, of_an_external_thread_ends_with_the_operation_around_its_wait) {
    for (unsigned const workers : {1u, 2u, 3u, 4u, 8u, 16u, 64u})
        for (bool const in_bulk : {false, true})
            for (bool const in_a_loop : {false, true}) {
                thread_pool pool({.workers = workers, .bind = binding::none});
                slow_tasks tasks;
                auto const token = tasks.source.get_token();
                if (in_a_loop)
                    EXPECT_THROW(parallel_for(pool, 0, 1, [&](int) { tasks.run(pool, in_bulk); }, {.stop = token}),
                                 operation_cancelled);
                else
                    EXPECT_THROW(submit(pool, [&] { tasks.run(pool, in_bulk); }, {.stop = token}).get(),
                                 operation_cancelled);
                EXPECT_LE(tasks.late, 2 * static_cast<int>(workers)) << workers << in_bulk << in_a_loop;
            }
}

} // namespace
