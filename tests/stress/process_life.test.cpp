// SPDX-License-Identifier: MIT
// The life of a process: fork(), also under load, and every way to end while workers run. Each case runs in a child
// process, which an alarm ends if it hangs.
#include <hocket/algorithm/loops/parallel_for.hpp>
#include <hocket/fork_join/join.hpp>
#include <hocket/fork_join/task_group.hpp>
#include <hocket/pool/default_pool.hpp>

#include <stress/in_child.hpp>
#include <stress/watchdog.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <optional>
#include <stdexcept>
#include <string>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace {

using namespace hocket;
using namespace stress_test;

int count_by_joins(int n) {
    if (n < 2) return 1;
    auto const [a, b] = join([n] { return count_by_joins(n / 2); }, [n] { return count_by_joins(n - n / 2); });
    return a + b;
}

bool default_pool_works() {
    std::atomic<int> ran{0};
    parallel_for(0, 100, [&](int) { ++ran; }, {.schedule = schedule::dynamic});
    task_group group;
    for (int i = 0; i < 10; ++i) group.run([&] { ++ran; });
    group.wait();
    return ran == 110 && count_by_joins(1000) == 1000;
}

class process_life : public testing::Test {
  protected:
    void SetUp() override {
        if (thread_sanitizer)
            GTEST_SKIP() << "ThreadSanitizer does not support threads in the child of a threaded process";
    }
};

TEST_F(process_life, the_child_of_a_fork_gets_a_fresh_default_pool) {
    watchdog const dog("fork, default pool");
    ASSERT_TRUE(default_pool_works());
    auto const* const before = &default_pool();
    ASSERT_EQ(in_child([&] {
                  if (!default_pool_works() || &default_pool() == before) return 1;
                  // Checks the child of the child, too.
                  return in_child([] { return default_pool_works() ? 7 : 1; }) == "exit 7" ? 7 : 2;
              }),
              "exit 7");
    ASSERT_TRUE(default_pool_works());
    ASSERT_EQ(&default_pool(), before);
}

TEST_F(process_life, an_explicit_pool_says_in_the_child_that_it_is_from_before_the_fork) {
    watchdog const dog("fork, explicit pool");
    thread_pool pool({.workers = 2});
    task_group made_before(pool);
    join(
        pool, [] {}, [] {});
    auto const refuses = [](auto const& call) {
        try {
            call();
        } catch (std::logic_error const& error) {
            return std::string(error.what()).find("fork") != std::string::npos;
        }
        return false;
    };
    ASSERT_EQ(in_child([&] {
                  if (!refuses([&] {
                          join(
                              pool, [] {}, [] {});
                      }))
                      return 1;
                  if (!refuses([&] { parallel_for(pool, 0, 100, [](int) {}); })) return 2;
                  if (!refuses([&] { parallel_for(pool, 0, 100, [](int) {}, {.schedule = schedule::fixed}); }))
                      return 3;
                  if (!refuses([&] { made_before.run([] {}); })) return 4;
                  if (!refuses([&] { task_group(pool).run([] {}); })) return 5;
                  return default_pool_works() ? 7 : 6;
              }),
              "exit 7");
    ASSERT_EQ(in_child([&] {
                  thread_pool fresh({.workers = 2});
                  std::atomic<int> ran{0};
                  join(
                      fresh, [&] { ++ran; }, [&] { ++ran; });
                  return ran == 2 ? 7 : 1;
              }),
              "exit 7");
}

TEST_F(process_life, a_group_with_unfinished_tasks_does_not_look_finished_in_the_child) {
    watchdog const dog("fork, unfinished group");
    thread_pool pool({.workers = 2});
    task_group group(pool);
    std::atomic<bool> go{false};
    std::atomic<int> begun{0};
    for (int i = 0; i < 5; ++i)
        group.run([&] {
            ++begun;
            while (!go) std::this_thread::yield();
        });
    while (begun != 2) std::this_thread::yield();
    std::string const outcome = in_child([&] {
        try {
            group.wait();
        } catch (std::logic_error const&) {
            return 7;
        }
        return 1;
    });
    go = true;
    group.wait();
    ASSERT_EQ(outcome, "exit 7");
}

TEST_F(process_life, pools_and_groups_from_before_the_fork_can_be_destroyed_in_the_child) {
    watchdog const dog("fork, destructors");
    std::optional<thread_pool> pool(std::in_place, pool_options{.workers = 3});
    std::optional<task_group> group(*pool);
    std::atomic<bool> go{false};
    std::atomic<int> begun{0};
    for (int i = 0; i < 5; ++i)
        group->run([&] {
            ++begun;
            while (!go) std::this_thread::yield();
        });
    // A thread that is just starting may hold locks of a sanitizer's runtime, for which the child would then wait.
    while (begun != 3) std::this_thread::yield();
    std::string const outcome = in_child([&] {
        group.reset();
        pool.reset();
        std::vector<std::thread> threads; // their stacks may lie where those of the workers were
        for (int i = 0; i < 8; ++i) threads.emplace_back([] { burn(1000); });
        for (std::thread& thread : threads) thread.join();
        return default_pool_works() ? 7 : 1;
    });
    go = true;
    group->wait();
    ASSERT_EQ(outcome, "exit 7");
}

TEST_F(process_life, fork_under_load) {
    if (address_sanitizer) GTEST_SKIP() << "AddressSanitizer's allocator does not protect its locks over a fork()";
    watchdog const dog("fork under load");
    ASSERT_TRUE(default_pool_works());
    std::atomic<bool> stop{false};
    std::atomic<long> rounds{0};
    std::vector<std::thread> load;
    for (int t = 0; t < 3; ++t)
        load.emplace_back([&] {
            while (!stop) {
                ASSERT_TRUE(default_pool_works());
                ++rounds;
            }
        });
    for (int i = 0; i < repetitions(200); ++i) {
        ASSERT_EQ(in_child([] { return default_pool_works() ? 7 : 1; }), "exit 7");
        ASSERT_EQ(in_child([] { return 8; }), "exit 8");
    }
    long const before = rounds;
    while (rounds < before + 10) std::this_thread::yield();
    stop = true;
    for (std::thread& thread : load) thread.join();
}

TEST_F(process_life, fork_inside_of_a_task) {
    if (address_sanitizer) GTEST_SKIP() << "AddressSanitizer's allocator does not protect its locks over a fork()";
    watchdog const dog("fork in a task");
    std::atomic<int> good{0};
    parallel_for(0, 8,
                 [&](int) {
                     good += in_child([] {
                                 std::atomic<int> ran{0};
                                 parallel_for(0, 50, [&](int) { ++ran; }, {.schedule = schedule::dynamic});
                                 if (ran != 50 || count_by_joins(1000) != 1000) return 1;
                                 task_group group; // of the child's own pool: the parent's threads do not exist there
                                 for (int i = 0; i < 50; ++i) group.run([&] { ++ran; });
                                 group.wait();
                                 return ran == 100 ? 7 : 2;
                             }) == "exit 7";
                 },
                 {.schedule = schedule::dynamic});
    ASSERT_EQ(good, 8);
    ASSERT_TRUE(default_pool_works());
}

/// Keeps all workers of the default pool and of an explicit one busy, then ends the process by `end`.
template<class End>
std::string ends(End const& end) {
    return in_child([&] {
        static thread_pool static_pool({.workers = 3});
        static task_group group(default_pool());
        for (int i = 0; i < 100; ++i) {
            group.run([] {
                burn(100'000);
                count_by_joins(100);
            });
        }
        join(
            static_pool, [] { burn(10'000); }, [] { burn(10'000); });
        end();
        return 1;
    });
}

TEST_F(process_life, ends_while_workers_run) {
    watchdog const dog("exit");
    for (int i = 0; i < 10; ++i) {
        ASSERT_EQ(ends([] { std::exit(7); }), "exit 7");
        ASSERT_EQ(ends([] { std::quick_exit(7); }), "exit 7");
        ASSERT_EQ(ends([] { _exit(7); }), "exit 7");
        ASSERT_EQ(ends([] { std::abort(); }), "signal " + std::to_string(SIGABRT));
        ASSERT_EQ(ends([] { join([] { _exit(7); }, [] { _exit(7); }); }), "exit 7");
        ASSERT_EQ(ends([] { join([] { std::quick_exit(7); }, [] { burn(1000); }); }), "exit 7");
        ASSERT_EQ(ends([] {
                      parallel_for(0, 4,
                                   [](int k) {
                                       if (k == 3) _exit(7);
                                       burn(1000);
                                   },
                                   {.schedule = schedule::dynamic});
                  }),
                  "exit 7");
    }
}

TEST_F(process_life, exit_in_a_task_ends_a_program_that_has_only_the_default_pool) {
    watchdog const dog("exit in a task");
    for (int i = 0; i < 10; ++i)
        ASSERT_EQ(in_child([] {
                      task_group group;
                      for (int k = 0; k < 4; ++k) group.run([] { burn(100'000); });
                      parallel_for(0, 100,
                                   [](int k) {
                                       if (k == 50) std::exit(7);
                                       burn(1000);
                                   },
                                   {.schedule = schedule::dynamic});
                      return 1;
                  }),
                  "exit 7");
}

TEST_F(process_life, a_pool_that_is_destroyed_by_its_own_worker_says_so) {
    watchdog const dog("destroyed by itself");
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    EXPECT_DEATH(
        {
            auto* const pool = new thread_pool({.workers = 2});
            task_group group(*pool);
            group.run([pool] { delete pool; });
            std::this_thread::sleep_for(std::chrono::seconds(60));
        },
        "thread_pool is being destroyed by one of its own tasks");
    EXPECT_DEATH(
        {
            auto* const pool = new thread_pool({.workers = 2});
            join(
                *pool, [pool] { delete pool; }, [] {});
        },
        "thread_pool is being destroyed by one of its own tasks");
}

TEST_F(process_life, an_exception_that_leaves_a_task_of_nobody_is_dropped_with_its_group) {
    thread_pool pool({.workers = 2});
    {
        task_group group(pool);
        group.run([] { throw std::runtime_error("nobody waits for this"); });
    }
    join(
        pool, [] {}, [] {});
}

} // namespace
