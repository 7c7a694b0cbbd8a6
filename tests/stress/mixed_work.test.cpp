// SPDX-License-Identifier: MIT
// Stress of random trees of joins, groups and loops nested in each other, with exceptions. The pools have more workers
// than the machine has cores, and several external threads call at once. Conservation: each leaf runs exactly once.
#include <hocket/algorithm/loops/parallel_for.hpp>
#include <hocket/algorithm/reduce/parallel_reduce.hpp>
#include <hocket/fork_join/join.hpp>
#include <hocket/fork_join/task_group.hpp>

#include <stress/watchdog.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <stdexcept>
#include <thread>
#include <vector>

namespace {

using namespace hocket;
using namespace stress_test;

/// The counts of one tree of work.
struct ledger {
    std::atomic<std::uint64_t> expected{0};
    std::atomic<std::uint64_t> ran{0};
    std::atomic<std::uint64_t> thrown{0};
    std::atomic<std::uint64_t> caught{0};
    std::atomic<std::uint64_t> cut_short{
        0}; // operations that were stopped from around them, which may hide what they have thrown
};

/// Counts an exception where it is thrown: a task that a failed operation around it has stopped throws nothing.
[[noreturn]] void fail(ledger& book, char const* what) {
    book.thrown.fetch_add(1, std::memory_order_relaxed);
    throw std::runtime_error(what);
}

/// Runs a random tree with about `size` leaves. Its shape depends on `seed` alone.
void grow(ledger& book, unsigned long long seed, unsigned size) {
    dice die(seed);
    if (size <= 1) {
        book.expected.fetch_add(1, std::memory_order_relaxed);
        burn(die.below(8) == 0 ? die.below(20'000) : die.below(200));
        book.ran.fetch_add(1, std::memory_order_relaxed);
        return;
    }
    unsigned const half = 1 + die.below(size - 1);
    unsigned long long const left = die();
    unsigned long long const right = die();
    switch (die.below(10)) {
    case 0: {
        task_group group;
        unsigned const tasks = 2 + die.below(5);
        for (unsigned t = 0; t < tasks; ++t)
            group.run([&book, left, t, size, tasks] { grow(book, left + t, size / tasks); });
        grow(book, right, size / tasks);
        group.wait();
        break;
    }
    case 1: {
        unsigned const n = 2 + die.below(40);
        parallel_for(0u, n, [&](unsigned i) { grow(book, left + i, size / n); }, {.grain = die.below(3)});
        break;
    }
    case 2: {
        unsigned const n = 2 + die.below(10);
        loop_options options;
        options.schedule = die.below(2) == 0 ? schedule::dynamic : schedule::fixed;
        parallel_for(
            0u, n, [&](unsigned i) { grow(book, left + i, size / n); }, options);
        break;
    }
    case 3:
        join([&] { grow(book, left, half / 3); }, [&] { grow(book, right, half / 3); },
             [&] { grow(book, left ^ right, half / 3); }, [&] { grow(book, left + right, size - half); });
        break;
    case 4: {
        bool const second = die.below(2) == 0;
        try {
            join(
                [&] {
                    grow(book, left, half);
                    if (!second) fail(book, "first");
                },
                [&] {
                    if (second) fail(book, "second");
                });
        } catch (std::runtime_error const&) {
            book.caught.fetch_add(1, std::memory_order_relaxed);
        } catch (operation_cancelled const&) {
            book.cut_short.fetch_add(1, std::memory_order_relaxed);
            throw;
        }
        break;
    }
    case 5: {
        task_group group;
        group.run([&] {
            grow(book, left, half);
            fail(book, "task");
        });
        try {
            group.wait();
        } catch (std::runtime_error const&) {
            book.caught.fetch_add(1, std::memory_order_relaxed);
        } catch (operation_cancelled const&) {
            book.cut_short.fetch_add(1, std::memory_order_relaxed);
            throw;
        }
        break;
    }
    default:
        join([&book, left, half] { grow(book, left, half); },
             [&book, right, rest = size - half] { grow(book, right, rest); });
    }
}

void check(ledger const& book) {
    ASSERT_EQ(book.ran.load(), book.expected.load());
    ASSERT_LE(book.caught.load(), book.thrown.load());
    ASSERT_LE(book.thrown.load(), book.caught.load() + book.cut_short.load());
}

class mixed_work : public testing::TestWithParam<unsigned> {};

TEST_P(mixed_work, from_one_outside_thread_conserves_every_leaf) {
    watchdog const dog("mixed work, one thread");
    thread_pool pool({.workers = GetParam()});
    time_budget const time(0.5);
    unsigned long long seed = 1;
    do {
        ledger book;
        join(
            pool, [&] { grow(book, seed, 3000); }, [&] { grow(book, seed + 1, 3000); });
        check(book);
        seed += 2;
    } while (time.left());
}

TEST_P(mixed_work, from_many_outside_threads_conserves_every_leaf) {
    watchdog const dog("mixed work, many threads");
    thread_pool pool({.workers = GetParam()});
    time_budget const time(0.5);
    std::vector<std::thread> threads;
    for (unsigned t = 0; t < 5; ++t)
        threads.emplace_back([&, t] {
            unsigned long long seed = 1'000'000ull * (t + 1);
            do {
                ledger book;
                if (t % 2 == 0) {
                    join(
                        pool, [&] { grow(book, seed, 500); }, [&] { grow(book, seed + 1, 500); });
                } else {
                    task_group group(pool);
                    for (unsigned i = 0; i < 4; ++i) group.run([&, i] { grow(book, seed + i, 200); });
                    group.wait();
                }
                check(book);
                seed += 4;
                if (seed % 64 == 0) std::this_thread::sleep_for(std::chrono::microseconds(300)); // let them park
            } while (time.left());
        });
    for (std::thread& thread : threads) thread.join();
}

INSTANTIATE_TEST_SUITE_P(workers, mixed_work, testing::Values(1u, 2u, 3u, 8u, 16u, 64u, 100u));

} // namespace
