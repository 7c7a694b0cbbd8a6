// SPDX-License-Identifier: MIT
// Tests of this_task::id: one number for each task that asks.
#include <hocket/future.hpp>
#include <hocket/graph.hpp>
#include <hocket/join.hpp>
#include <hocket/loop.hpp>
#include <hocket/pipeline.hpp>
#include <hocket/pool.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <mutex>
#include <set>
#include <vector>

namespace {

using namespace hocket;

/// Collects the numbers of tasks, each of which calls `note` once.
class numbers {
  public:
    void note() {
        std::uint64_t const number = this_task::id();
        bool const stays = this_task::id() == number;
        std::lock_guard const lock(mutex_);
        wrong_ += number == 0 || !stays || !seen_.insert(number).second;
        ++tasks_;
    }
    void expect(std::size_t tasks) {
        EXPECT_EQ(wrong_, 0u);
        EXPECT_EQ(tasks_, tasks);
    }

  private:
    std::mutex mutex_;
    std::set<std::uint64_t> seen_;
    std::size_t wrong_ = 0;
    std::size_t tasks_ = 0;
};

constexpr unsigned sizes[] = {1, 2, 3, 4, 8, 16, 64};

TEST(task_number, is_zero_outside_of_tasks) {
    thread_pool pool(2);
    EXPECT_EQ(this_task::id(), 0u);
    EXPECT_EQ(pool.run([] { return this_task::id(); }), 0u);
    (void)submit(pool, [] { return this_task::id(); }).get();
    EXPECT_EQ(this_task::id(), 0u);
}

TEST(task_number, differs_among_tasks_of_each_kind) {
    for (unsigned const workers : sizes) {
        thread_pool pool({.workers = workers, .bind = binding::none});
        numbers all;
        std::vector<future<void>> futures;
        for (int i = 0; i < 20; ++i) futures.push_back(submit(pool, [&] { all.note(); }));
        for (auto& each : futures) each.get();
        auto line = submit(pool, [&] { all.note(); }); // continuations that one thread runs one after another
        for (int i = 0; i < 20; ++i) line = std::move(line).then([&] { all.note(); });
        line.get();
        for (int i = 0; i < 20; ++i) spawn(pool, [&] { all.note(); });
        pool.wait_idle();
        task_group group(pool);
        for (int i = 0; i < 20; ++i) group.run([&] { all.note(); });
        group.run_bulk(200, [&](std::size_t) { all.note(); });
        group.wait();
        task_graph graph;
        auto first = graph.add([&] { all.note(); });
        for (int i = 0; i < 10; ++i) { // a chain, and nodes beside it
            auto next = graph.add([&] { all.note(); });
            auto beside = graph.add([&](subtasks& more) {
                all.note();
                more.run([&] { all.note(); });
            });
            first.precede(next);
            first.precede(beside);
            first = next;
        }
        graph.run(pool).get();
        all.expect(4 * 20 + 200 + 1 + 31);
    }
}

TEST(task_number, stays_over_nested_work_and_waits) {
    for (unsigned const workers : sizes) {
        thread_pool pool({.workers = workers, .bind = binding::none});
        std::atomic<int> wrong{0};
        task_group group(pool);
        for (int i = 0; i < 20; ++i)
            group.run([&] {
                std::uint64_t const mine = this_task::id();
                auto const differs = [&, mine] { wrong += this_task::id() == mine || this_task::id() == 0; };
                submit(differs).get();
                parallel_for(0, 50, [&](int) { differs(); }, {.schedule = schedule::dynamic});
                task_group inner;
                inner.run(differs);
                inner.wait();
                join([] {}, [] {});
                wrong += this_task::id() != mine;
            });
        group.wait();
        EXPECT_EQ(wrong, 0);
    }
}

TEST(task_number, is_one_for_each_item) {
    for (unsigned const workers : sizes) {
        thread_pool pool({.workers = workers, .bind = binding::none});
        numbers all;
        parallel_for_each(pool, std::vector<int>(30), [&](int) { all.note(); });
        int left = 30;
        pipeline(stage<serial>([&](end_of_input& end) {
                     if (left-- == 0) end.stop();
                     return left;
                 }),
                 stage<parallel>([&](int value) {
                     all.note();
                     return value;
                 }),
                 stage<serial>([](int) {}))
            .run(pool);
        all.expect(30 + 30);
    }
}

TEST(task_number, is_that_of_the_caller_in_a_callable_of_join_unless_it_was_stolen) {
    thread_pool pool({.workers = 1, .bind = binding::none}); // no thief
    std::uint64_t inside = 1, caller = 2;
    submit(pool, [&] {
        caller = this_task::id();
        join([&] { inside = this_task::id(); }, [] {});
    }).get();
    EXPECT_EQ(inside, caller);
}

} // namespace
