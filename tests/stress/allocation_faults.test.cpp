// SPDX-License-Identifier: MIT
// Faults of memory: for every n, the n-th allocation of a scenario fails, until the scenario passes without a failure.
// Each run ends with its full result or with std::bad_alloc; no task is lost, nothing leaks, and a second try works.
#include <hocket/algorithm/loops/parallel_for.hpp>
#include <hocket/algorithm/loops/parallel_map.hpp>
#include <hocket/algorithm/reduce/parallel_reduce.hpp>
#include <hocket/fork_join/join.hpp>
#include <hocket/fork_join/task_group.hpp>
#include <hocket/future/promise.hpp>
#include <hocket/future/submit.hpp>
#include <hocket/pool/thread_pool.hpp>

#include <stress/watchdog.hpp>

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>
#include <numeric>
#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

namespace {

/// The number of allocations that succeed before one fails; below zero: none fails.
std::atomic<long> until_failure{-1};
std::atomic<long> live{0};
std::atomic<long> failed{0};
std::atomic<long> made{0};

void* allocate(std::size_t size, std::size_t alignment) noexcept {
    if (until_failure.load() >= 0 && until_failure.fetch_sub(1) == 0) {
        ++failed;
        return nullptr;
    }
    void* const memory = std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
    if (memory != nullptr) {
        ++live;
        ++made;
    }
    return memory;
}

void release(void* memory) noexcept {
    if (memory == nullptr) return;
    --live;
    std::free(memory);
}

void* allocate_or_throw(std::size_t size, std::size_t alignment) {
    void* const memory = allocate(size == 0 ? 1 : size, alignment);
    if (memory == nullptr) throw std::bad_alloc();
    return memory;
}

} // namespace

void* operator new(std::size_t size) { return allocate_or_throw(size, 16); }
void* operator new[](std::size_t size) { return allocate_or_throw(size, 16); }
void* operator new(std::size_t size, std::align_val_t a) {
    return allocate_or_throw(size, static_cast<std::size_t>(a));
}
void* operator new[](std::size_t size, std::align_val_t a) {
    return allocate_or_throw(size, static_cast<std::size_t>(a));
}
void* operator new(std::size_t size, std::nothrow_t const&) noexcept { return allocate(size == 0 ? 1 : size, 16); }
void* operator new[](std::size_t size, std::nothrow_t const&) noexcept { return allocate(size == 0 ? 1 : size, 16); }
void* operator new(std::size_t size, std::align_val_t a, std::nothrow_t const&) noexcept {
    return allocate(size == 0 ? 1 : size, static_cast<std::size_t>(a));
}
void* operator new[](std::size_t size, std::align_val_t a, std::nothrow_t const&) noexcept {
    return allocate(size == 0 ? 1 : size, static_cast<std::size_t>(a));
}
void operator delete(void* memory) noexcept { release(memory); }
void operator delete[](void* memory) noexcept { release(memory); }
void operator delete(void* memory, std::size_t) noexcept { release(memory); }
void operator delete[](void* memory, std::size_t) noexcept { release(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { release(memory); }
void operator delete[](void* memory, std::align_val_t) noexcept { release(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { release(memory); }
void operator delete[](void* memory, std::size_t, std::align_val_t) noexcept { release(memory); }

namespace {

using namespace hocket;
using namespace stress_test;

/// Runs `scenario()` with each of its allocations failing in turn. The scenario returns whether it was complete. It may
/// throw std::bad_alloc, and std::system_error where threads are made.
template<class Scenario>
void sweep(char const* name, Scenario const& scenario) {
    SCOPED_TRACE(name);
    watchdog const dog(name);
    ASSERT_TRUE(scenario());
    long const live_at_first = live;
    int passes = 0;
    for (long n = 0; passes < 5; ++n) { // some allocations happen in some runs only
        ASSERT_LT(n, 5000) << "there is no end of failures";
        long const live_before = live;
        long const failed_before = failed;
        bool complete = false;
        bool threw = false;
        until_failure = n;
        try {
            complete = scenario();
        } catch (std::bad_alloc const&) {
            threw = true;
        } catch (std::system_error const&) {
            threw = true;
        }
        until_failure = -1;
        ASSERT_TRUE(complete || threw) << "allocation " << n;
        ASSERT_TRUE(!threw || failed != failed_before) << "an error without a failure, allocation " << n;
        passes = failed == failed_before ? passes + 1 : 0;
        ASSERT_TRUE(scenario()) << "the next try, after allocation " << n;
        ASSERT_LE(live, live_before + 64) << "leaks: allocation " << n; // slots and stripes that a pool keeps
    }
    ASSERT_LE(live, live_at_first + 500) << "leaks, a little each time";
}

/// Destructors report errors without memory, also while the next allocation fails.
TEST(allocation_faults, a_promise_that_was_not_kept) {
    watchdog const dog("a broken promise");
    auto unkept = std::make_unique<promise<int>>();
    future<int> result = unkept->get_future();
    until_failure = 0;
    unkept.reset();
    until_failure = -1;
    EXPECT_THROW(result.get(), broken_promise);
}

TEST(allocation_faults, a_task_whose_pool_has_ended) {
    watchdog const dog("a task whose pool has ended");
    promise<int> late;
    future<int> result;
    {
        thread_pool pool({.workers = 2});
        result = submit(
            pool, [](int i) { return i; }, late.get_future());
    }
    until_failure = 0;
    late.set_value(1);
    until_failure = -1;
    EXPECT_THROW(result.get(), pool_ended);
}

TEST(allocation_faults, a_pool) {
    for (std::size_t workers : {1u, 2u, 5u})
        sweep("a pool", [workers] {
            thread_pool pool({.workers = workers, .name = "a name that is too long for the small string optimisation"});
            std::atomic<int> ran{0};
            join(
                pool, [&] { ++ran; }, [&] { ++ran; });
            return ran == 2 && pool.size() >= 1 && pool.size() <= workers;
        });
}

TEST(allocation_faults, a_pool_does_not_leak) {
    for (std::size_t workers : {1u, 2u, 5u, sanitized ? 6u : 34u}) {
        { thread_pool const once({.workers = workers}); }
        for (long n = 0;; ++n) {
            long const before = live;
            long const failed_before = failed;
            until_failure = n;
            try {
                thread_pool const pool({.workers = workers});
            } catch (std::bad_alloc const&) {
            } catch (std::system_error const&) {
            }
            until_failure = -1;
            ASSERT_EQ(live, before) << "allocation " << n << " of a pool of " << workers;
            if (failed == failed_before) break;
        }
    }
}

TEST(allocation_faults, a_pool_that_prints_its_placement) {
    setenv("HOCKET_DISPLAY", "1", 1);
    testing::internal::CaptureStderr();
    sweep("a pool that prints", [] {
        thread_pool const pool({.workers = 2});
        return pool.size() <= 2;
    });
    testing::internal::GetCapturedStderr();
    unsetenv("HOCKET_DISPLAY");
}

class allocation_faults_on : public testing::TestWithParam<unsigned> {
  protected:
    thread_pool pool_{{.workers = GetParam()}};
};

TEST_P(allocation_faults_on, joins) {
    auto const tree = [](auto const& self, int n) -> int {
        if (n < 2) {
            burn(100);
            return 1;
        }
        auto const [a, b] = join([&] { return self(self, n / 2); }, [&] { return self(self, n - n / 2); });
        return a + b;
    };
    sweep("joins", [&] {
        auto const [a, b] = join(
            pool_, [&] { return tree(tree, 300); }, [&] { return tree(tree, 300); });
        return a + b == 600;
    });
}

TEST_P(allocation_faults_on, loops_within_loops) {
    sweep("loops", [&] {
        std::atomic<int> ran{0};
        parallel_for(pool_, 0, 8,
                     [&](int) {
                         parallel_for(
                             0, 8,
                             [&](int) { parallel_for(0, 8, [&](int) { ++ran; }, {.schedule = schedule::dynamic}); },
                             {.schedule = schedule::fixed});
                     },
                     {.schedule = schedule::dynamic});
        return ran == 512;
    });
}

TEST_P(allocation_faults_on, a_fresh_pool_and_a_loop) {
    sweep("a fresh pool and a loop", [this] {
        thread_pool pool({.workers = GetParam()});
        std::atomic<int> ran{0};
        parallel_for(pool, 0, 8, [&](int) { parallel_for(0, 8, [&](int) { ++ran; }, {.schedule = schedule::dynamic}); },
                     {.schedule = schedule::dynamic});
        return ran == 64;
    });
}

TEST_P(allocation_faults_on, groups_lose_no_task_that_was_accepted) {
    sweep("groups", [&] {
        std::atomic<int> accepted{0};
        std::atomic<int> ran{0};
        std::atomic<bool> refused{false};
        {
            task_group group(pool_);
            for (int i = 0; i < 20; ++i) {
                try {
                    group.run([&, big = std::array<char, 100>()] {
                        (void)big;
                        burn(1000);
                        ++ran;
                        try {
                            group.run([&] { ++ran; });
                            ++accepted;
                        } catch (std::bad_alloc const&) {
                            refused = true;
                        }
                    });
                    ++accepted;
                } catch (std::bad_alloc const&) {
                    refused = true;
                }
            }
            group.wait();
        }
        return ran == accepted && (refused || ran == 40);
    });
}

TEST_P(allocation_faults_on, waits_that_lend_their_core) {
    sweep("waits", [&] {
        std::atomic<int> ran{0};
        std::atomic<int> accepted{0};
        task_group group(pool_);
        for (int i = 0; i < 6; ++i) {
            try {
                group.run([&] {
                    join([&] { burn(100); }, [&] { burn(60'000); });
                    ++ran;
                });
                ++accepted;
            } catch (std::bad_alloc const&) {
            }
        }
        group.wait();
        return ran == accepted;
    });
}

TEST_P(allocation_faults_on, maps_and_reductions) {
    std::vector<int> numbers(sanitized ? 60 : 400);
    std::iota(numbers.begin(), numbers.end(), 0);
    sweep("maps", [&] {
        auto const words =
            parallel_map(pool_, numbers, [](int i) { return std::string(30, static_cast<char>('a' + i % 26)); });
        bool right = words.size() == numbers.size();
        for (std::size_t i = 0; right && i < words.size(); i += 97)
            right = words[i] == std::string(30, static_cast<char>('a' + i % 26));
        return right && parallel_reduce(pool_, numbers, 0, [](int a, int b) { return a + b; }) ==
                            std::reduce(numbers.begin(), numbers.end());
    });
}

TEST_P(allocation_faults_on, errors_that_are_collected) {
    sweep("collected errors", [&] {
        std::atomic<int> ran{0};
        try {
            parallel_for(pool_, 0, 50,
                         [&](int i) {
                             ++ran;
                             if (i % 5 == 0) throw i;
                         },
                         {.schedule = schedule::dynamic, .errors = error_policy::collect});
        } catch (parallel_error const& error) {
            return error.failures().size() == 10 && ran == 50;
        }
        return false;
    });
}

/// Expects ten calls in a row without an allocation, soon. A pool makes its stripes, and the slots of external and
/// compensation threads, when it first needs them, and keeps them.
template<class Work>
void expect_no_allocations(Work const& work) {
    watchdog const dog("no allocations");
    int quiet = 0;
    for (int round = 0; round < 2000 && quiet < 10; ++round) {
        long const before = made;
        work();
        quiet = made == before ? quiet + 1 : 0;
    }
    ASSERT_EQ(quiet, 10);
}

TEST_P(allocation_faults_on, joins_allocate_nothing) {
    auto const tree = [](auto const& self, int n) -> int {
        if (n < 2) return 1;
        auto const [a, b] = join([&] { return self(self, n / 2); }, [&] { return self(self, n - n / 2); });
        return a + b;
    };
    expect_no_allocations([&] {
        auto const [a, b] = join(
            pool_, [&] { return tree(tree, 2000); }, [&] { return tree(tree, 2000); });
        ASSERT_EQ(a + b, 4000);
    });
}

TEST_P(allocation_faults_on, loops_allocate_nothing) {
    for (schedule const how : {schedule::adaptive, schedule::fixed, schedule::dynamic})
        expect_no_allocations([&] {
            std::atomic<long> sum{0};
            parallel_for(pool_, 0, 1000, [&](int i) { sum += i; }, {.schedule = how});
            parallel_for(pool_, 0, 4, [&](int) { parallel_for(0, 9, [&](int i) { sum += i; }, {.schedule = how}); },
                         {.schedule = how});
            ASSERT_EQ(sum, 999 * 500 + 4 * 36);
        });
}

INSTANTIATE_TEST_SUITE_P(workers, allocation_faults_on, testing::Values(1u, 2u, 3u, 8u));

} // namespace
