// SPDX-License-Identifier: MIT
// Tests of thread_pool: options and errors in them, size, placement, names, keep_warm, pools in pools, and the
// variables of the environment.
#include <hocket/algorithm/loops/parallel_for.hpp>
#include <hocket/fork_join/join.hpp>
#include <hocket/fork_join/task_group.hpp>
#include <hocket/future/promise.hpp>
#include <hocket/future/submit.hpp>
#include <hocket/pool/thread_pool.hpp>

#include <stress/watchdog.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <limits>
#include <mutex>
#include <optional>
#include <pthread.h>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

namespace {

using namespace hocket;
using stress_test::watchdog;

static_assert(!std::is_copy_constructible_v<thread_pool> && !std::is_move_constructible_v<thread_pool>);

/// Sets a variable of the environment, and restores its old value.
class variable {
  public:
    variable(char const* name, char const* value) : name_(name) {
        if (char const* const old = std::getenv(name)) before_ = old;
        setenv(name, value, 1);
    }
    ~variable() {
        if (before_)
            setenv(name_, before_->c_str(), 1);
        else
            unsetenv(name_);
    }
    variable(variable const&) = delete;
    variable& operator=(variable const&) = delete;

  private:
    char const* name_;
    std::optional<std::string> before_;
};

template<class Call>
std::string invalid_argument_of(Call const& call) {
    try {
        call();
    } catch (std::invalid_argument const& error) {
        return error.what();
    }
    return "nothing was thrown";
}

bool contains(std::string const& text, std::string const& part) { return text.find(part) != std::string::npos; }

int use(thread_pool& pool) {
    std::atomic<int> ran{0};
    parallel_for(pool, 0, 20, [&](int) { ++ran; }, {.schedule = schedule::dynamic});
    join(
        pool, [&] { ++ran; }, [&] { ++ran; });
    task_group group(pool);
    group.run([&] { ++ran; });
    group.wait();
    return ran;
}

/// Returns the name of the thread that runs a task which no external thread helps with.
std::string name_of_a_worker(thread_pool& pool) {
    char name[16] = "";
    std::atomic<bool> done{false};
    task_group group(pool);
    group.run([&] {
        pthread_getname_np(pthread_self(), name, sizeof name);
        done = true;
    });
    while (!done) std::this_thread::yield();
    return name;
}

TEST(thread_pool, has_one_worker_per_core_by_default) {
    thread_pool pool;
    ASSERT_GE(pool.size(), 1u);
    ASSERT_LE(pool.size(), machine().cores.size());
    ASSERT_EQ(use(pool), 23);
}

TEST(thread_pool, has_as_many_workers_as_it_is_told) {
    for (std::size_t workers : {1u, 2u, 3u, 7u, 31u, 32u, 33u, 64u, 65u, 100u}) {
        thread_pool pool({.workers = workers});
        ASSERT_EQ(pool.size(), workers);
        ASSERT_EQ(pool.placement().workers.size(), workers);
        ASSERT_EQ(use(pool), 23);
    }
}

TEST(thread_pool, refuses_numbers_of_workers_that_make_no_sense) {
    for (std::size_t workers : {std::size_t{0}, std::size_t{65'537}, std::numeric_limits<std::size_t>::max()}) {
        std::string const text = invalid_argument_of([&] { thread_pool const pool({.workers = workers}); });
        ASSERT_TRUE(contains(text, "hocket") && contains(text, std::to_string(workers))) << text;
    }
}

TEST(thread_pool, refuses_a_binding_that_does_not_exist) {
    ASSERT_THROW(thread_pool({.workers = 1, .bind = static_cast<binding>(77)}), std::invalid_argument);
}

TEST(thread_pool, binds_as_it_is_told) {
    for (binding const how : {binding::automatic, binding::core, binding::pu, binding::numa, binding::none})
        for (std::size_t workers : {1u, 2u, 5u}) {
            thread_pool pool({.workers = workers, .bind = how});
            if (how != binding::automatic) {
                ASSERT_EQ(pool.placement().effective, how);
            }
            ASSERT_EQ(use(pool), 23);
        }
}

TEST(thread_pool, the_placement_is_data_and_text) {
    thread_pool const pool({.workers = 3, .bind = binding::core});
    std::size_t number = 0;
    for (worker_place const& place : pool.placement().workers) {
        ASSERT_EQ(static_cast<std::size_t>(place.worker), number++);
        ASSERT_LT(static_cast<std::size_t>(place.core), machine().cores.size());
        ASSERT_FALSE(place.pus.empty());
    }
    std::string const text = pool.describe();
    ASSERT_TRUE(contains(text, "3 workers") && contains(text, "worker 2") && contains(text, "as requested")) << text;
    ASSERT_EQ(text.back(), '\n');
}

TEST(thread_pool, threads_have_its_name) {
    thread_pool unnamed({.workers = 1});
    thread_pool named({.workers = 1, .name = "render"});
    thread_pool long_name({.workers = 1, .name = "a name that is much too long"});
    thread_pool odd_name({.workers = 1, .name = "100 %s %n"});
    ASSERT_EQ(name_of_a_worker(unnamed), "hocket/0");
    ASSERT_EQ(name_of_a_worker(named), "render/0");
    ASSERT_EQ(name_of_a_worker(long_name), "a name th/0");
    ASSERT_EQ(name_of_a_worker(odd_name), "100 %s %n/0");
}

TEST(thread_pool, keep_warm_may_nest_and_move) {
    watchdog const dog("keep_warm");
    for (unsigned workers : {1u, 2u, 5u, 40u}) {
        thread_pool pool({.workers = workers});
        {
            auto first = pool.keep_warm();
            ASSERT_EQ(use(pool), 23);
            auto second = pool.keep_warm();
            auto moved = std::move(first);
            ASSERT_EQ(use(pool), 23);
        }
        ASSERT_EQ(use(pool), 23);
        parallel_for(pool, 0, 4,
                     [&](int) {
                         auto const inside = pool.keep_warm();
                         parallel_for(0, 4, [](int) {}, {.schedule = schedule::dynamic});
                     },
                     {.schedule = schedule::dynamic});
    }
}

TEST(thread_pool, what_keeps_a_pool_warm_may_outlive_it) {
    std::optional<thread_pool> pool(std::in_place, pool_options{.workers = 3, .bind = binding::none});
    auto warm = pool->keep_warm();
    auto const moved = std::move(warm);
    join(
        *pool, [] {}, [] {});
    pool.reset();
    pool.emplace(pool_options{.workers = 2, .bind = binding::none}); // perhaps at the same address
    join(
        *pool, [] {}, [] {});
}

TEST(thread_pool, a_warm_pool_stays_warm_when_callers_come_and_go) {
    watchdog const dog("a warm pool stays warm");
    for (std::size_t const workers : {2U, 4U, 8U, 16U}) {
        thread_pool pool({.workers = workers, .bind = binding::none});
        for (int round = 0; round < 3; ++round) {
            task_group work(pool);
            for (std::size_t i = 0; i < 8 * workers; ++i) work.run([] {});
            work.wait();
            auto const warm = pool.keep_warm();
            for (int call = 0; call < 20; ++call) {
                join(
                    pool, [] {}, [] {});
                task_group calls(pool);
                calls.run([] {});
                calls.wait();
            }
            while (pool.sched().sleeping_workers() > 1) std::this_thread::yield(); // the watchdog ends it
        }
    }
}

TEST(thread_pool, a_warm_pool_takes_work_from_many_callers) {
    watchdog const dog("warm pool, many callers");
    for (unsigned workers : {1u, 2u, 3u}) {
        thread_pool pool({.workers = workers});
        auto const warm = pool.keep_warm();
        std::vector<std::thread> callers;
        for (int c = 0; c < 4; ++c)
            callers.emplace_back([&] {
                for (int i = 0; i < 50; ++i) ASSERT_EQ(use(pool), 23);
            });
        for (std::thread& caller : callers) caller.join();
    }
}

TEST(thread_pool, pools_do_not_share_work) {
    thread_pool first({.workers = 2, .name = "first"});
    thread_pool second({.workers = 2, .name = "second"});
    ASSERT_EQ(name_of_a_worker(first).substr(0, 5), "first");
    ASSERT_EQ(name_of_a_worker(second).substr(0, 6), "second");
}

TEST(thread_pool, a_pool_inside_of_a_task_of_another) {
    thread_pool outer({.workers = 2});
    std::atomic<int> sum{0};
    parallel_for(outer, 0, 6,
                 [&](int i) {
                     thread_pool inner({.workers = 1u + static_cast<unsigned>(i) % 3});
                     sum += use(inner);
                     sum += use(outer);
                 },
                 {.schedule = schedule::dynamic});
    ASSERT_EQ(sum, 6 * 2 * 23);
}

TEST(thread_pool, the_environment_says_how_many_unless_the_options_do) {
    variable const threads("HOCKET_NUM_THREADS", "3");
    ASSERT_EQ(thread_pool().size(), 3u);
    ASSERT_EQ(thread_pool({.workers = 2}).size(), 2u);
    variable const bind("HOCKET_BIND", "none");
    ASSERT_EQ(thread_pool().placement().effective, binding::none);
    ASSERT_EQ(thread_pool({.bind = binding::core}).placement().effective, binding::core);
}

TEST(thread_pool, the_environment_is_refused_where_it_makes_no_sense) {
    for (char const* const value : {"0", "-1", "two", "3 ", "1e3", "99999999999999999999999", "65537"}) {
        variable const threads("HOCKET_NUM_THREADS", value);
        std::string const text = invalid_argument_of([] { thread_pool const pool; });
        ASSERT_TRUE(contains(text, value) || contains(text, "65536")) << value << ": " << text;
    }
    variable const bind("HOCKET_BIND", "everything");
    ASSERT_TRUE(contains(invalid_argument_of([] { thread_pool const pool; }), "HOCKET_BIND"));
}

TEST(thread_pool, prints_its_placement_when_the_environment_asks) {
    variable const display("HOCKET_DISPLAY", "1");
    testing::internal::CaptureStderr();
    { thread_pool const pool({.workers = 2}); }
    std::string const text = testing::internal::GetCapturedStderr();
    ASSERT_TRUE(contains(text, "2 workers") && contains(text, "worker 1")) << text;
}

TEST(thread_pool, static_objects_may_be_pools) {
    static thread_pool pool({.workers = 2});
    ASSERT_EQ(use(pool), 23);
}

TEST(thread_pool, takes_the_number_of_workers_alone) {
    thread_pool pool(3);
    EXPECT_EQ(pool.size(), 3U);
    thread_pool const other(std::size_t{2});
    EXPECT_EQ(other.size(), 2U);
    EXPECT_THROW(thread_pool(0), std::invalid_argument);
    EXPECT_THROW(thread_pool(-1), std::invalid_argument);
    static_assert(!std::is_convertible_v<int, thread_pool>);
}

TEST(thread_pool, max_concurrency_is_the_most_workers_that_it_has) {
    EXPECT_EQ(thread_pool({.workers = 4, .max_concurrency = 2}).size(), 2U);
    EXPECT_EQ(thread_pool({.workers = 2, .max_concurrency = 4}).size(), 2U);
    variable const threads("HOCKET_NUM_THREADS", "8");
    EXPECT_EQ(thread_pool({.max_concurrency = 3}).size(), 3U);
    EXPECT_THROW(thread_pool({.max_concurrency = 0}), std::invalid_argument);
}

TEST(thread_pool, threads_have_the_stack_that_was_asked_for) {
    watchdog const dog("stack size");
    constexpr std::size_t wanted = 24 << 20; // more than the stacks of ended threads have, which may be used again
    thread_pool pool({.workers = 1, .stack_size = wanted});
    std::atomic<std::size_t> size{0};
    task_group group(pool);
    group.run([&] {
        pthread_attr_t attributes;
        pthread_getattr_np(pthread_self(), &attributes);
        void* lowest = nullptr;
        std::size_t bytes = 0;
        pthread_attr_getstack(&attributes, &lowest, &bytes);
        pthread_attr_destroy(&attributes);
        size = bytes;
    });
    while (size == 0) std::this_thread::yield(); // so that the worker runs it
    group.wait();
    EXPECT_GE(size, wanted);
    thread_pool small({.workers = 1, .stack_size = 1}); // the smallest stack
    parallel_for(small, 0, 10, [](int) {}, {.schedule = schedule::dynamic});
}

thread_local int started_as = -1;

TEST(thread_pool, each_thread_calls_the_hooks_first_and_last) {
    watchdog const dog("hooks of threads");
    std::mutex mutex;
    std::multiset<std::size_t> started, ended;
    std::atomic<int> wrong{0};
    {
        thread_pool pool({.workers = 3,
                          .bind = binding::none,
                          .on_thread_start =
                              [&](std::size_t number) {
                                  started_as = static_cast<int>(number);
                                  std::lock_guard const lock(mutex);
                                  started.insert(number);
                              },
                          .on_thread_end =
                              [&](std::size_t number) {
                                  wrong += started_as != static_cast<int>(number);
                                  std::lock_guard const lock(mutex);
                                  ended.insert(number);
                              }});
        std::atomic<int> begun{0};
        task_group group(pool);
        for (int i = 0; i < 3; ++i)
            group.run([&] {
                wrong += started_as < 0;
                ++begun;
                while (begun != 3) std::this_thread::yield();
            });
        while (begun != 3) std::this_thread::yield();
        group.wait();
    }
    EXPECT_EQ(wrong, 0);
    EXPECT_EQ(started, ended);
    for (std::size_t const number : {0U, 1U, 2U}) EXPECT_EQ(started.count(number), 1U);
}

/// Makes a pool whose hook throws on threads from number `from` on, and lets a compensation thread begin and end.
void throw_in_hook(std::size_t workers, thread_hook pool_options::*hook, std::size_t from) {
    pool_options options{.workers = workers, .bind = binding::none};
    options.*hook = [from](std::size_t number) {
        if (number >= from) throw std::domain_error("by the hook");
    };
    thread_pool pool(options);
    promise<void> kept;
    shared_future<void> const value = kept.get_future().share();
    std::atomic<std::size_t> begun{0};
    task_group group(pool);
    for (std::size_t i = 0; i < workers; ++i)
        group.run([&] {
            ++begun;
            value.get();
        });
    while (begun != workers) std::this_thread::yield();
    spawn(pool, [&] { kept.set_value(); }); // no worker is left to run it
    while (!value.ready()) std::this_thread::yield();
    group.wait();
}

TEST(thread_pool_death, a_hook_that_throws_ends_the_program_and_says_which) {
    testing::FLAGS_gtest_death_test_style = "threadsafe";
    for (std::size_t const workers : {1U, 2U, 4U})
        for (std::size_t const from : {std::size_t{0}, workers}) { // workers, or compensation threads alone
            EXPECT_DEATH(throw_in_hook(workers, &pool_options::on_thread_start, from),
                         "pool_options::on_thread_start has thrown");
            EXPECT_DEATH(throw_in_hook(workers, &pool_options::on_thread_end, from),
                         "pool_options::on_thread_end has thrown");
        }
}

TEST(thread_pool, says_how_many_tasks_have_not_ended) {
    watchdog const dog("unfinished tasks");
    thread_pool pool({.workers = 2, .bind = binding::none});
    std::atomic<int> begun{0};
    std::atomic<bool> go{false};
    task_group group(pool);
    for (int i = 0; i < 7; ++i)
        group.run([&] {
            ++begun;
            while (!go) std::this_thread::yield();
        });
    while (begun != 2) std::this_thread::yield();
    EXPECT_EQ(pool.sched().unfinished(), 7U);
    go = true;
    group.wait();
    while (pool.sched().unfinished() != 0) std::this_thread::yield();
}

} // namespace
