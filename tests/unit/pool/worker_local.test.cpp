// SPDX-License-Identifier: MIT
// Tests of worker_local: no two threads have one value at a time, whichever threads work in the pool; lazily made,
// combined, cleared.
#include <hocket/algorithm/loops/parallel_for.hpp>
#include <hocket/fork_join/task_group.hpp>
#include <hocket/pool/worker_local.hpp>

#include <stress/watchdog.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <set>
#include <stdexcept>
#include <thread>
#include <vector>

namespace {

using namespace hocket;
using stress_test::watchdog;

class worker_local_on : public testing::TestWithParam<unsigned> {
  protected:
    thread_pool pool_{{.workers = GetParam()}};
};
INSTANTIATE_TEST_SUITE_P(workers, worker_local_on, testing::Values(1u, 2u, 5u, 40u));

TEST_P(worker_local_on, sums_what_all_threads_have_counted) {
    worker_local<long> sums(pool_);
    ASSERT_TRUE(sums.empty());
    parallel_for(pool_, 0, 100'000, [&](int i) { sums.local() += i; });
    ASSERT_EQ(sums.combine([](long a, long b) { return a + b; }), 100'000L * 99'999 / 2);
    ASSERT_GE(sums.size(), 1u);
    long by_hand = 0;
    for (long& sum : sums) by_hand += sum;
    ASSERT_EQ(by_hand, 100'000L * 99'999 / 2);
    sums.clear();
    ASSERT_TRUE(sums.empty());
    ASSERT_EQ(sums.combine([](long a, long b) { return a + b; }), 0);
}

TEST_P(worker_local_on, starts_from_a_value_or_what_a_factory_makes) {
    std::atomic<int> made{0};
    worker_local<std::vector<int>> copies(pool_, std::vector<int>{1, 2});
    worker_local numbered(pool_, [&] { return std::make_unique<int>(made++); });
    parallel_for(pool_, 0, 1000, [&](int) {
        ASSERT_EQ(copies.local().size(), 2u);
        ASSERT_NE(numbered.local(), nullptr);
    });
    std::set<int> numbers;
    for (std::unique_ptr<int> const& number : std::as_const(numbered)) numbers.insert(*number);
    ASSERT_EQ(numbers.size(), numbered.size());
    ASSERT_EQ(static_cast<std::size_t>(made), numbered.size());
}

TEST(worker_local, needs_no_pool_with_a_factory_or_a_value) {
    worker_local<std::vector<int>> buffers([] { return std::vector<int>(3); });
    worker_local deduced([] { return 7L; });
    worker_local<double> const copies(2.5);
    parallel_for(0, 1000, [&](int) {
        ASSERT_EQ(buffers.local().size(), 3u);
        ASSERT_EQ(deduced.local(), 7L);
    });
    EXPECT_EQ(copies.combine([](double a, double b) { return a + b; }), 2.5);
    thread_pool pool({.workers = 2, .bind = binding::none});
    worker_local<double> in_pool(pool, 3);
    parallel_for(pool, 0, 1000, [&](int) { ASSERT_EQ(in_pool.local(), 3.0); });
}

struct exclusive {
    std::atomic<std::thread::id> user{};
    long uses = 0;
};

TEST_P(worker_local_on, is_nobody_elses_while_many_outside_threads_call_and_tasks_wait) {
    watchdog const dog("worker_local with guests and spares");
    worker_local<exclusive> locals(pool_);
    std::atomic<long> uses{0};
    std::atomic<int> shared{0};
    auto const use = [&] {
        exclusive& mine = locals.local();
        std::thread::id const me = std::this_thread::get_id();
        std::thread::id const before = mine.user.exchange(me);
        if (before != std::thread::id() && before != me) ++shared;
        ++mine.uses;
        ++uses;
        stress_test::burn(50);
        mine.user.store(before);
    };
    std::vector<std::thread> callers;
    for (int c = 0; c < 4; ++c)
        callers.emplace_back([&] {
            for (int round = 0; round < stress_test::repetitions(100); ++round)
                parallel_for(pool_, 0, 8,
                             [&](int) {
                                 use();
                                 task_group group(pool_);
                                 for (int i = 0; i < 4; ++i) group.run(use);
                                 group.wait();
                                 use();
                             },
                             {.schedule = schedule::dynamic});
        });
    for (std::thread& caller : callers) caller.join();
    ASSERT_EQ(shared, 0);
    long counted = 0;
    for (exclusive const& local : locals) counted += local.uses;
    ASSERT_EQ(counted, uses);
}

TEST(worker_local, refuses_threads_outside_of_its_pool) {
    thread_pool pool({.workers = 2});
    thread_pool other({.workers = 2});
    worker_local<int> locals(pool);
    ASSERT_THROW(locals.local(), std::logic_error);
    std::atomic<int> refused{0};
    parallel_for(other, 0, 10, [&](int) {
        try {
            locals.local();
        } catch (std::logic_error const&) {
            ++refused;
        }
    });
    ASSERT_EQ(refused, 10);
}

TEST(worker_local, belongs_to_the_pool_of_the_calling_worker_by_itself) {
    thread_pool pool({.workers = 2});
    parallel_for(pool, 0, 4, [](int) {
        worker_local<int> mine;
        ASSERT_EQ(mine.local(), 0);
    });
    worker_local<int> of_default;
    parallel_for(0, 4, [&](int) { ++of_default.local(); });
    ASSERT_EQ(of_default.combine([](int a, int b) { return a + b; }), 4);
}

TEST(worker_local, tries_again_after_making_a_value_has_thrown) {
    thread_pool pool({.workers = 1});
    int calls = 0;
    worker_local<int> locals(pool, [&] {
        if (++calls == 1) throw std::runtime_error("first");
        return 7;
    });
    ASSERT_THROW(parallel_for(pool, 0, 1, [&](int) { locals.local(); }), std::runtime_error);
    ASSERT_TRUE(locals.empty());
    parallel_for(pool, 0, 1, [&](int) { ASSERT_EQ(locals.local(), 7); });
}

TEST(worker_local, values_lie_on_lines_of_their_own) {
    thread_pool pool({.workers = 4});
    worker_local<char> locals(pool);
    parallel_for(pool, 0, 100, [&](int) { locals.local() = 'x'; }, {.schedule = schedule::fixed});
    for (char const& value : locals) ASSERT_EQ(reinterpret_cast<std::uintptr_t>(&value) % detail::cache_line, 0u);
}

} // namespace
