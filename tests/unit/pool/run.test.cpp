// SPDX-License-Identifier: MIT
// Tests that thread_pool::run enters the pool: the callable runs there, and its result comes back.
#include <hocket/algorithm/loops/parallel_for.hpp>
#include <hocket/fork_join/join.hpp>
#include <hocket/future/submit.hpp>
#include <hocket/pool/this_worker.hpp>
#include <hocket/pool/thread_pool.hpp>

#include "stress/watchdog.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <cstddef>
#include <memory>
#include <stdexcept>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

namespace {

using namespace hocket;
using stress_test::watchdog;

class run_in_pool : public testing::TestWithParam<std::size_t> {
  protected:
    bool inside() const { return &detail::current_pool() == &pool_ && this_worker::index() < pool_.max_index(); }

    thread_pool pool_{{.workers = GetParam(), .bind = binding::none}};
};
INSTANTIATE_TEST_SUITE_P(workers, run_in_pool, testing::Values(1, 2, 3, 4, 8));

struct only_moves {
    explicit only_moves(int v) : value(std::make_unique<int>(v)) {}
    std::unique_ptr<int> value;
};
int free_function() { return 5; }

TEST_P(run_in_pool, brings_every_kind_of_result_back) {
    watchdog const dog("results of run");
    int x = 1;
    static_assert(std::is_void_v<decltype(pool_.run([] {}))>);
    static_assert(std::is_same_v<decltype(pool_.run([&]() -> int& { return x; })), int&>);
    static_assert(std::is_same_v<decltype(pool_.run([&]() -> int const& { return x; })), int const&>);
    static_assert(std::is_same_v<decltype(pool_.run([&]() -> int&& { return std::move(x); })), int&&>);
    bool was_inside = false;
    pool_.run([&] { was_inside = inside(); });
    EXPECT_TRUE(was_inside);
    EXPECT_EQ(pool_.run([] { return 7; }), 7);
    EXPECT_EQ(&pool_.run([&]() -> int& { return x; }), &x);
    EXPECT_EQ(*pool_.run([] { return only_moves(3); }).value, 3);
    EXPECT_EQ(pool_.run(free_function), 5);
    EXPECT_EQ(*pool_.run([box = std::make_unique<int>(6)]() mutable { return std::move(box); }), 6);
    EXPECT_THROW(pool_.run([] { throw std::runtime_error("x"); }), std::runtime_error);
    EXPECT_EQ(detail::this_slot, nullptr);
    EXPECT_NE(&detail::current_pool(), &pool_);
}

TEST_P(run_in_pool, is_the_pool_of_the_calls_in_it) {
    watchdog const dog("calls within run");
    std::atomic<int> strangers{0}, ran{0};
    pool_.run([&] {
        parallel_for(0, 1000, [&](int) {
            ++ran;
            if (!inside()) ++strangers;
        });
        join([&] { strangers += !inside(); }, [&] { strangers += !inside(); });
        EXPECT_TRUE(submit([&] { return inside(); }).get());
    });
    EXPECT_EQ(ran, 1000);
    EXPECT_EQ(strangers, 0);
}

TEST_P(run_in_pool, nests_in_its_own_workers_and_in_those_of_others) {
    watchdog const dog("run within run");
    thread_pool other({.workers = 2, .bind = binding::none});
    auto const deep = [&] {
        return pool_.run([&] {
            return pool_.run([&] {
                EXPECT_TRUE(inside());
                int const there = other.run([&] {
                    EXPECT_EQ(&detail::current_pool(), &other);
                    return pool_.run([&] { return inside() ? 1 : 0; });
                });
                EXPECT_TRUE(inside());
                EXPECT_THROW(other.run([] { throw std::runtime_error("x"); }), std::runtime_error);
                EXPECT_TRUE(inside());
                return there;
            });
        });
    };
    EXPECT_EQ(deep(), 1);
    EXPECT_EQ(submit(pool_, deep).get(), 1);
    EXPECT_EQ(submit(other, deep).get(), 1);
    EXPECT_EQ(submit(other,
                     [&] {
                         int const got = deep();
                         EXPECT_EQ(&detail::current_pool(), &other);
                         return got;
                     })
                  .get(),
              1);
}

TEST_P(run_in_pool, many_threads_at_once) {
    watchdog const dog("many threads in run");
    std::atomic<int> sum{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < 8; ++t)
        threads.emplace_back([&] {
            for (int i = 0; i < 100; ++i)
                sum += pool_.run([&] {
                    EXPECT_TRUE(inside());
                    auto const [a, b] = join([] { return 1; }, [] { return 2; });
                    return a + b;
                });
        });
    for (std::thread& t : threads) t.join();
    EXPECT_EQ(sum, 8 * 100 * 3);
}

TEST(run_in_full_pool, is_run_by_a_worker) {
    watchdog const dog("run in a full pool");
    thread_pool pool({.workers = 1, .bind = binding::none, .max_threads = 1});
    std::atomic<bool> begun{false}, goes_on{false};
    future<void> const busy = submit(pool, [&] {
        begun = true;
        while (!goes_on) std::this_thread::yield();
    });
    while (!begun) std::this_thread::yield();
    std::thread opener([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
        goes_on = true;
    });
    int x = 0;
    auto const inside = [&] { return &detail::current_pool() == &pool; };
    EXPECT_EQ(*pool.run([&] { return only_moves(inside() ? 1 : 0); }).value, 1);
    opener.join();
    busy.wait();
    EXPECT_EQ(&pool.run([&]() -> int& { return x; }), &x);
    goes_on = false;
    begun = false;
    future<void> const again = submit(pool, [&] {
        begun = true;
        while (!goes_on) std::this_thread::yield();
    });
    while (!begun) std::this_thread::yield();
    std::thread second([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
        goes_on = true;
    });
    EXPECT_THROW(pool.run([&] {
        EXPECT_TRUE(inside());
        throw std::runtime_error("x");
    }),
                 std::runtime_error);
    second.join();
    again.wait();
}

} // namespace
