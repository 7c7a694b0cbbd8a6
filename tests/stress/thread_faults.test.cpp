// SPDX-License-Identifier: MIT
// Faults of the system: pthread_create fails at the k-th call, and pinning is refused. The pool is smaller, or its
// constructor throws a clear error; nothing hangs, leaks or is lost. Definitions below replace the system's calls at
// link time. Sanitizers replace them as well, so the tests are skipped there.
#include <hocket/algorithm/loops/parallel_for.hpp>
#include <hocket/coroutine/coroutine.hpp>
#include <hocket/fork_join/join.hpp>
#include <hocket/fork_join/task_group.hpp>
#include <hocket/future/periodic.hpp>
#include <hocket/future/promise.hpp>
#include <hocket/future/submit.hpp>
#include <hocket/future/task_stop_token.hpp>
#include <hocket/graph/task_graph.hpp>
#include <hocket/pool/blocking.hpp>
#include <hocket/pool/default_pool.hpp>

#include <stress/in_child.hpp>
#include <stress/watchdog.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <memory>
#include <pthread.h>
#include <sched.h>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace hocket;
using namespace stress_test;

/// The number of threads that may still be created; below zero: any number.
std::atomic<int> threads_allowed{-1};
/// The error of sched_setaffinity; 0: it succeeds.
std::atomic<int> affinity_error{0};

bool may_create_thread() {
    int allowed = threads_allowed.load();
    while (allowed > 0 && !threads_allowed.compare_exchange_weak(allowed, allowed - 1)) {
    }
    return allowed != 0;
}

} // namespace

#if !defined(HOCKET_TEST_TSAN) && !defined(HOCKET_TEST_ASAN)
extern "C" int pthread_create(pthread_t* thread, pthread_attr_t const* attributes, void* (*start)(void*),
                              void* argument) noexcept {
    using function = int (*)(pthread_t*, pthread_attr_t const*, void* (*)(void*), void*);
    static function const real = [] {
        function found = nullptr;
        void* const symbol = dlsym(RTLD_NEXT, "pthread_create");
        std::memcpy(&found, &symbol, sizeof found);
        return found;
    }();
    return may_create_thread() ? real(thread, attributes, start, argument) : EAGAIN;
}

extern "C" int sched_setaffinity(pid_t thread, std::size_t size, cpu_set_t const* mask) noexcept {
    using function = int (*)(pid_t, std::size_t, cpu_set_t const*);
    static function const real = [] {
        function found = nullptr;
        void* const symbol = dlsym(RTLD_NEXT, "sched_setaffinity");
        std::memcpy(&found, &symbol, sizeof found);
        return found;
    }();
    if (int const error = affinity_error; error != 0) {
        errno = error;
        return -1;
    }
    return real(thread, size, mask);
}
#endif

namespace {

class thread_faults : public testing::Test {
  protected:
    void SetUp() override {
        if (sanitized) GTEST_SKIP() << "the sanitizer replaces pthread_create itself";
    }
    void TearDown() override {
        threads_allowed = -1;
        affinity_error = 0;
    }
};

/// Uses every feature of a pool.
void use(thread_pool& pool) {
    std::atomic<int> ran{0};
    parallel_for(pool, 0, 100, [&](int) { ++ran; }, {.schedule = schedule::dynamic});
    parallel_for(pool, 0, 100, [&](int) { ++ran; }, {.schedule = schedule::fixed});
    join(
        pool, [&] { ++ran; }, [&] { join([&] { ++ran; }, [&] { ++ran; }); });
    task_group group(pool);
    for (int i = 0; i < 10; ++i)
        group.run([&] {
            task_group inner;
            inner.run([&] { ++ran; });
            inner.wait();
        });
    group.wait();
    ASSERT_EQ(ran, 213);
}

TEST_F(thread_faults, a_pool_whose_kth_thread_is_refused_has_k_workers) {
    watchdog const dog("k-th thread refused");
    for (int wanted : {1, 2, 3, 8, 40, 70})
        for (int allowed = 1; allowed <= wanted; ++allowed) {
            threads_allowed = allowed;
            thread_pool pool({.workers = static_cast<std::size_t>(wanted)});
            threads_allowed = -1;
            ASSERT_EQ(pool.size(), static_cast<std::size_t>(allowed));
            ASSERT_EQ(pool.placement().workers.size(), pool.size());
            std::string const missing = "refused to start " + std::to_string(wanted - allowed) + " more";
            ASSERT_EQ(pool.describe().find(missing) != std::string::npos, wanted != allowed) << pool.describe();
            use(pool);
        }
}

TEST_F(thread_faults, a_pool_without_any_thread_has_one_worker_and_says_why) {
    watchdog const dog("no thread at all");
    for (std::size_t wanted : {1u, 3u, 70u}) {
        threads_allowed = 0;
        thread_pool pool({.workers = wanted});
        ASSERT_EQ(pool.size(), 1u);
        ASSERT_EQ(pool.placement().workers.size(), 1u);
        ASSERT_NE(pool.describe().find("refused to start a thread"), std::string::npos) << pool.describe();
        use(pool);
        threads_allowed = -1;
        use(pool);
    }
}

// So many callers come at once that they need additional worker slots. These slots, too, must lie within the pool that
// there is.
TEST_F(thread_faults, many_callers_of_a_pool_that_is_smaller_than_wanted) {
    watchdog const dog("many callers of a small pool");
    for (int allowed : {1, 5, 20, 31, 32, 33, 50}) {
        threads_allowed = allowed;
        thread_pool pool({.workers = 100});
        threads_allowed = -1;
        std::atomic<int> inside{0};
        std::atomic<int> ran{0};
        std::vector<std::thread> callers;
        int const count = allowed + 40;
        for (int i = 0; i < count; ++i)
            callers.emplace_back([&] {
                parallel_for(pool, 0, 2,
                             [&](int k) {
                                 if (k == 0) {
                                     ++inside;
                                     while (inside < count) std::this_thread::yield();
                                 }
                                 ++ran;
                             },
                             {.schedule = schedule::fixed});
                use(pool);
            });
        for (std::thread& caller : callers) caller.join();
        ASSERT_EQ(ran, 2 * count);
    }
}

TEST_F(thread_faults, a_waiting_worker_whose_spare_thread_is_refused) {
    watchdog const dog("no spare threads");
    for (std::size_t workers : {1u, 2u, 3u}) {
        thread_pool pool({.workers = workers});
        threads_allowed = 0;
        for (int round = 0; round < 100; ++round) {
            std::atomic<int> ran{0};
            task_group group(pool);
            for (int i = 0; i < 8; ++i)
                group.run([&] {
                    join([&] { burn(100); }, [&] { burn(60'000); });
                    parallel_for(0, 2, [&](int k) { burn(k == 0 ? 100 : 60'000); }, {.schedule = schedule::dynamic});
                    ++ran;
                });
            group.wait();
            ASSERT_EQ(ran, 8);
        }
        threads_allowed = -1;
        use(pool);
    }
}

/// Runs work that needs timers, in a process in which the thread for timers is refused.
template<class Body>
std::string without_timer_thread(std::size_t workers, Body const& body) {
    return in_child([&] {
        thread_pool pool({.workers = workers, .bind = binding::none});
        submit(pool, [] {}).get();
        threads_allowed = 0;
        body(pool);
        return 7;
    });
}

TEST_F(thread_faults, timers_without_their_thread_come_in_waits_and_on_idle_workers) {
    using namespace std::chrono_literals;
    for (std::size_t const workers : {1u, 2u, 4u}) {
        EXPECT_EQ(without_timer_thread(workers,
                                       [](thread_pool& pool) {
                                           submit(
                                               pool, [] {}, submit_options{.after = 2ms})
                                               .get();
                                       }),
                  "exit 7");
        EXPECT_EQ(without_timer_thread(workers,
                                       [](thread_pool& pool) {
                                           auto const sleeps = []() -> task<> { co_await hocket::sleep_for(2ms); };
                                           sync_wait(pool, sleeps());
                                       }),
                  "exit 7");
        EXPECT_EQ(without_timer_thread(workers,
                                       [](thread_pool& pool) { // the caller waits outside of the library
                                           std::atomic<int> ticks{0};
                                           auto ticker = run_every(pool, 1ms, [&] { ++ticks; });
                                           while (ticks < 5) std::this_thread::yield();
                                           ticker.stop();
                                       }),
                  "exit 7");
        EXPECT_EQ(without_timer_thread(workers,
                                       [](thread_pool& pool) {
                                           promise<void> late;
                                           future<void> f = late.get_future();
                                           spawn(pool, [&] { late.set_value(); }, {.after = 1ms});
                                           while (!f.wait_for(1ms)) {
                                           }
                                       }),
                  "exit 7");
        EXPECT_EQ(without_timer_thread(workers,
                                       [](thread_pool& pool) {
                                           task_graph g;
                                           g.add([] {
                                               while (!this_task::stop_requested())
                                                   blocking([] { std::this_thread::sleep_for(100us); });
                                           });
                                           try {
                                               g.run(pool, {.timeout = 2ms}).get();
                                               std::abort();
                                           } catch (operation_cancelled const&) { // expected
                                           }
                                       }),
                  "exit 7");
        EXPECT_EQ(without_timer_thread(workers,
                                       [](thread_pool& pool) { // looks once in a millisecond
                                           promise<void> never;
                                           shared_future<void> const waits = never.get_future().share();
                                           try {
                                               parallel_for(
                                                   pool, 0, 2,
                                                   [&](int) {
                                                       submit(
                                                           pool, [] {}, waits)
                                                           .get();
                                                   },
                                                   {.grain = 1, .schedule = schedule::dynamic, .timeout = 2ms});
                                               std::abort();
                                           } catch (operation_cancelled const&) { // expected
                                           }
                                       }),
                  "exit 7");
    }
}

TEST_F(thread_faults, pinning_that_is_refused_is_reported_and_harmless) {
    for (int const error : {EPERM, EINVAL, ENOSYS}) {
        affinity_error = error;
        thread_pool pool({.workers = 2, .bind = binding::core});
        ASSERT_EQ(pool.size(), 2u);
        use(pool);
        ASSERT_NE(pool.describe().find("refused to pin 2 worker"), std::string::npos) << pool.describe();
    }
}

TEST_F(thread_faults, the_printed_placement_says_that_pinning_was_refused) {
    affinity_error = EPERM;
    setenv("HOCKET_DISPLAY", "1", 1);
    for (int round = 0; round < 20; ++round) {
        testing::internal::CaptureStderr();
        thread_pool const pool({.workers = 2, .bind = binding::core});
        std::string const text = testing::internal::GetCapturedStderr();
        EXPECT_NE(text.find("refused to pin 2 worker"), std::string::npos) << text;
    }
    unsetenv("HOCKET_DISPLAY");
}

} // namespace
