// SPDX-License-Identifier: MIT
// Rule 2 of the public surface: a wait never runs unrelated work. So a lock may be held across a nested join, loop or
// group wait and nothing hangs, with any number of workers and external threads.
#include <hocket/algorithm/loops/parallel_for.hpp>
#include <hocket/fork_join/join.hpp>
#include <hocket/fork_join/task_group.hpp>

#include <stress/watchdog.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <thread>
#include <vector>

namespace {

using namespace hocket;
using namespace stress_test;

int sum_by_joins(int n) {
    if (n < 2) {
        burn(30);
        return 1;
    }
    auto const [a, b] = join([n] { return sum_by_joins(n / 2); }, [n] { return sum_by_joins(n - n / 2); });
    return a + b;
}

/// Runs nested parallel work of one of several kinds; returns the amount that ran.
int nested_work(unsigned kind) {
    switch (kind % 4) {
    case 0: return sum_by_joins(64);
    case 1: {
        std::atomic<int> count{0};
        parallel_for(0, 64, [&](int) {
            burn(200);
            ++count;
        });
        return count;
    }
    case 2: {
        std::atomic<int> count{0};
        task_group group;
        for (int i = 0; i < 64; ++i) group.run([&] { ++count; });
        group.wait();
        return count;
    }
    default: {
        std::atomic<int> count{0};
        parallel_for(0, 64,
                     [&](int) {
                         burn(3000);
                         ++count;
                     },
                     {.schedule = schedule::dynamic});
        return count;
    }
    }
}

class locks_over_waits : public testing::TestWithParam<unsigned> {};

TEST_P(locks_over_waits, a_mutex_held_across_every_kind_of_nested_work) {
    watchdog const dog("mutex over waits");
    thread_pool pool({.workers = GetParam()});
    for (int round = 0; round < repetitions(40); ++round) {
        std::mutex mutex;
        std::atomic<int> total{0};
        parallel_for(pool, 0, 64,
                     [&](int i) {
                         std::lock_guard const lock(mutex);
                         total += nested_work(static_cast<unsigned>(i));
                     },
                     {.schedule = schedule::dynamic});
        ASSERT_EQ(total, 64 * 64);
    }
}

TEST_P(locks_over_waits, a_mutex_held_across_waits_in_a_tree_of_joins) {
    watchdog const dog("mutex over joins");
    thread_pool pool({.workers = GetParam()});
    std::mutex mutex;
    auto const tree = [&](auto const& self, int n) -> int {
        if (n < 2) {
            std::lock_guard const lock(mutex);
            return nested_work(static_cast<unsigned>(n)) / 64;
        }
        auto const [a, b] = join([&] { return self(self, n / 2); }, [&] { return self(self, n - n / 2); });
        return a + b;
    };
    for (int round = 0; round < repetitions(40); ++round) {
        auto const [a, b] = join(
            pool, [&] { return tree(tree, 60); }, [&] { return tree(tree, 60); });
        ASSERT_EQ(a + b, 120);
    }
}

TEST_P(locks_over_waits, a_mutex_held_across_waits_in_tasks_of_a_group) {
    watchdog const dog("mutex over waits in groups");
    thread_pool pool({.workers = GetParam()});
    for (int round = 0; round < repetitions(40); ++round) {
        std::mutex mutex;
        std::atomic<int> total{0};
        task_group group(pool);
        for (unsigned i = 0; i < 64; ++i)
            group.run([&, i] {
                std::lock_guard const lock(mutex);
                total += nested_work(i);
            });
        group.wait();
        ASSERT_EQ(total, 64 * 64);
    }
}

TEST_P(locks_over_waits, call_once_runs_a_loop_and_others_wait_for_it) {
    watchdog const dog("once over waits");
    thread_pool pool({.workers = GetParam()});
    for (unsigned round = 0; round < static_cast<unsigned>(repetitions(200)); ++round) {
        std::once_flag once;
        std::atomic<int> built{0};
        parallel_for(pool, 0, 16,
                     [&](int) {
                         std::call_once(once, [&] { built += nested_work(round); });
                         ASSERT_EQ(built, 64);
                     },
                     {.schedule = schedule::dynamic});
    }
}

TEST_P(locks_over_waits, readers_and_writers_hold_a_shared_mutex) {
    watchdog const dog("shared_mutex over waits");
    thread_pool pool({.workers = GetParam()});
    for (int round = 0; round < repetitions(40); ++round) {
        std::shared_mutex mutex;
        std::atomic<int> total{0};
        parallel_for(pool, 0, 64,
                     [&](int i) {
                         if (i % 4 == 0) {
                             std::lock_guard const lock(mutex);
                             total += nested_work(static_cast<unsigned>(i / 4));
                         } else {
                             std::shared_lock const lock(mutex);
                             total += nested_work(static_cast<unsigned>(i));
                         }
                     },
                     {.schedule = schedule::dynamic});
        ASSERT_EQ(total, 64 * 64);
    }
}

TEST_P(locks_over_waits, from_many_outside_threads) {
    watchdog const dog("mutex over waits, outside threads");
    thread_pool pool({.workers = GetParam()});
    std::mutex mutex;
    std::atomic<int> total{0};
    std::vector<std::thread> threads;
    for (unsigned t = 0; t < 24; ++t)
        threads.emplace_back([&, t] {
            for (unsigned i = 0; i < 10; ++i) {
                std::lock_guard const lock(mutex);
                switch ((i + t) % 3) {
                case 0:
                    join(
                        pool, [&] { total += nested_work(i); }, [&] { total += nested_work(t); });
                    break;
                case 1: parallel_for(pool, 0, 2, [&](int) { total += nested_work(i); }); break;
                default: {
                    task_group group(pool);
                    group.run([&] { total += nested_work(i); });
                    group.run([&] { total += nested_work(t); });
                    group.wait();
                }
                }
            }
        });
    for (std::thread& thread : threads) thread.join();
    ASSERT_EQ(total, 24 * 10 * 2 * 64);
}

// So many callers are inside of the pool that one more gets no worker slot. Their tasks want the lock that the
// additional caller holds.
TEST_P(locks_over_waits, by_one_caller_more_than_the_pool_has_places) {
    watchdog const dog("more callers than places");
    thread_pool pool({.workers = GetParam()});
    std::mutex mutex;
    std::atomic<int> blocked{0};
    std::atomic<int> total{0};
    unsigned const callers = GetParam() + 40;
    std::vector<std::thread> threads;
    {
        std::lock_guard const lock(mutex);
        for (unsigned t = 0; t < callers; ++t)
            threads.emplace_back([&] {
                join(
                    pool,
                    [&] {
                        ++blocked;
                        std::lock_guard const inner(mutex);
                        ++total;
                    },
                    [&] { ++total; });
            });
        while (blocked != static_cast<int>(callers)) std::this_thread::yield();
        task_group group(pool);
        for (int i = 0; i < 3; ++i) group.run([&] { ++total; });
        group.wait();
        ASSERT_EQ(nested_work(0), 64);
        std::atomic<int> looped{0};
        parallel_for(pool, 0, 1000, [&](int) { ++looped; }, {.schedule = schedule::dynamic});
        ASSERT_EQ(looped, 1000);
    }
    for (std::thread& thread : threads) thread.join();
    ASSERT_EQ(total, static_cast<int>(2 * callers) + 3);
}

INSTANTIATE_TEST_SUITE_P(workers, locks_over_waits, testing::Values(1u, 2u, 3u, 4u, 5u, 6u, 7u, 8u));

// The tasks that a thread runs while it waits, and the waits that they belong to.

/// A node of a tree of work, which lives in the frame that waits for its children.
struct piece {
    piece const* parent;
    bool descends_from(piece const& other) const {
        for (piece const* p = this; p != nullptr; p = p->parent)
            if (p == &other) return true;
        return false;
    }
};
thread_local piece const* innermost_here = nullptr;
std::atomic<int> strangers{0};

/// Runs a tree of work. Each node checks that the thread which runs it was waiting for it, or for nothing.
void work(piece const* parent, unsigned n) {
    piece const me{parent};
    piece const* const outer = innermost_here;
    if (outer != nullptr && !me.descends_from(*outer)) ++strangers;
    innermost_here = &me;
    burn(n % 5 == 0 ? 3000 : 100);
    if (n >= 2) {
        switch (n % 5) {
        case 0: parallel_for(0, 3, [&me, n](int) { work(&me, n / 3); }, {.schedule = schedule::dynamic}); break;
        case 1: {
            task_group group;
            group.run([&me, n] { work(&me, n / 2); });
            group.run([&me, n] { work(&me, n - n / 2); });
            group.wait();
            break;
        }
        default: join([&me, n] { work(&me, n / 2); }, [&me, n] { work(&me, n - n / 2); });
        }
    }
    innermost_here = outer;
}

TEST_P(locks_over_waits, a_thread_that_waits_meets_no_stranger) {
    watchdog const dog("strangers");
    thread_pool pool({.workers = GetParam()});
    strangers = 0;
    time_budget const time(0.1);
    do {
        task_group group(pool);
        for (unsigned job = 1; job <= 40; ++job) group.run([job] { work(nullptr, 100 + job); });
        std::thread other([&] {
            for (unsigned job = 0; job < 10; ++job)
                join(
                    pool, [job] { work(nullptr, 100 + job); }, [job] { work(nullptr, 110 + job); });
        });
        group.wait();
        other.join();
    } while (time.left());
    ASSERT_EQ(strangers, 0);
}

} // namespace
