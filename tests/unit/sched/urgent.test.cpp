// SPDX-License-Identifier: MIT
// Tests of urgent work. While all workers are busy with many steps of long tasks, tasks of high priority, tasks for one
// worker and timers begin between two steps. They never begin on a stack that has a waiting task below. No test
// measures time.
#include <hocket/algorithm/loops/parallel_for.hpp>
#include <hocket/algorithm/scan/parallel_scan.hpp>
#include <hocket/algorithm/search/parallel_find_if.hpp>
#include <hocket/algorithm/sort/parallel_sort.hpp>
#include <hocket/algorithm/stream/parallel_imap.hpp>
#include <hocket/fork_join/join.hpp>
#include <hocket/fork_join/task_group.hpp>
#include <hocket/future/periodic.hpp>
#include <hocket/future/submit.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <thread>
#include <vector>

namespace {

using namespace hocket;
using namespace std::chrono_literals;
using steady = std::chrono::steady_clock;

/// The number of waiting tasks on the stack of this thread.
thread_local int waits_below = 0;

struct wait_mark {
    wait_mark() { ++waits_below; }
    ~wait_mark() { --waits_below; }
    wait_mark(wait_mark const&) = delete;
    wait_mark& operator=(wait_mark const&) = delete;
};

/// Long work asks this object after each step: whether the urgent task has begun, or will not begin any more.
struct goal {
    std::atomic<bool> begun{false};
    std::atomic<bool> on_top_of_a_wait{false};
    std::atomic<bool> given_up{false}; // by the long work
    steady::time_point const limit = steady::now() + 20s;

    bool reached() {
        if (!begun && steady::now() > limit) given_up = true;
        return begun || given_up;
    }
    void reach() {
        if (waits_below != 0) on_top_of_a_wait = true;
        begun = true;
    }
};

void add_link(task_group& group, goal& urgent) {
    group.run([&] {
        if (!urgent.reached()) add_link(group, urgent);
    });
}
void group_of_many_tasks(goal& urgent) {
    wait_mark const mark;
    task_group group;
    add_link(group, urgent);
    group.wait();
}

int tree(int depth) {
    if (depth == 0) return 1;
    auto const [a, b] = join([=] { return tree(depth - 1); }, [=] { return tree(depth - 1); });
    return a + b;
}
void tree_of_joins(goal& urgent) {
    wait_mark const mark;
    while (!urgent.reached()) ASSERT_EQ(tree(10), 1024);
}

void waits_for_many_futures(goal& urgent) {
    wait_mark const mark;
    while (!urgent.reached()) submit([] {}).get();
}

// Algorithms over so few elements that each of them could run without a look at anything else.

std::vector<int> const few = {1, 2, 3, 4, 5, 6, 7, 8};

int slow(int i) {
    std::this_thread::sleep_for(300us);
    return i;
}
void small_loops(goal& urgent) {
    wait_mark const mark;
    while (!urgent.reached()) parallel_for(0, 4, slow);
}
void small_serial_loops(goal& urgent) {
    wait_mark const mark;
    while (!urgent.reached()) parallel_for(0, 15, slow, {.max_workers = 1});
}
void small_scans(goal& urgent) {
    wait_mark const mark;
    std::vector<int> sums(few.size());
    while (!urgent.reached()) parallel_inclusive_scan(few, sums.begin(), [](int a, int b) { return slow(a) + b; });
}
void small_sorts(goal& urgent) {
    wait_mark const mark;
    for (auto copy = few; !urgent.reached(); copy = few) parallel_sort(copy, [](int a, int b) { return slow(a) > b; });
}
void small_searches(goal& urgent) {
    wait_mark const mark;
    while (!urgent.reached()) (void)parallel_find_if(few, [](int i) { return slow(i) == 0; });
}
void small_streams(goal& urgent) {
    wait_mark const mark;
    while (!urgent.reached())
        for (int const i : parallel_imap(few, slow)) EXPECT_NE(i, 0);
}

struct work {
    char const* name;
    void (*run)(goal&);
};
void PrintTo(work const& it, std::ostream* out) { *out << it.name; }

class urgent_work : public testing::TestWithParam<std::tuple<work, unsigned>> {
  protected:
    unsigned workers() const { return std::get<1>(GetParam()); }

    /// Runs the work on every worker; `start` is called when all of them are busy.
    void while_all_are_busy(std::function<void(goal&)> const& start) {
        goal& urgent = urgent_;
        std::atomic<unsigned> busy{0};
        std::vector<future<void>> tasks;
        for (unsigned i = 0; i < workers(); ++i)
            tasks.push_back(submit(pool_,
                                   [&] {
                                       for (++busy; busy < workers() && !urgent.reached();) std::this_thread::yield();
                                       std::get<0>(GetParam()).run(urgent);
                                   },
                                   {.on = i}));
        while (busy < workers()) std::this_thread::yield();
        start(urgent);
        for (future<void>& task : tasks) task.get();
        EXPECT_FALSE(urgent.given_up) << "it began only after the others had ended";
        EXPECT_FALSE(urgent.on_top_of_a_wait);
    }

    goal urgent_; // blocking tasks ask it until the pool has ended
    thread_pool pool_{{.workers = workers(), .bind = binding::none}};
};
INSTANTIATE_TEST_SUITE_P(
    all, urgent_work,
    testing::Combine(testing::Values(work{"group", group_of_many_tasks}, work{"join", tree_of_joins},
                                     work{"future", waits_for_many_futures}, work{"small_loops", small_loops},
                                     work{"small_serial_loops", small_serial_loops}, work{"small_scans", small_scans},
                                     work{"small_sorts", small_sorts}, work{"small_searches", small_searches},
                                     work{"small_streams", small_streams}),
                     testing::Values(1u, 2u, 4u)));

TEST_P(urgent_work, of_high_priority_begins_in_between) {
    future<void> high;
    while_all_are_busy(
        [&](goal& urgent) { high = submit(pool_, [&] { urgent.reach(); }, {.priority = priority::high}); });
    high.get();
}

TEST_P(urgent_work, for_one_worker_begins_in_between) {
    unsigned const last = workers() - 1;
    future<void> mine;
    while_all_are_busy([&](goal& urgent) {
        mine = submit(pool_,
                      [&, last] {
                          EXPECT_EQ(detail::this_slot->rank, last);
                          urgent.reach();
                      },
                      {.on = last});
    });
    mine.get();
}

TEST_P(urgent_work, that_is_due_begins_in_between) {
    future<void> late;
    while_all_are_busy([&](goal& urgent) { late = submit(pool_, [&] { urgent.reach(); }, {.after = 1ms}); });
    late.get();
}

TEST_P(urgent_work, that_repeats_itself_begins_in_between) {
    periodic_task tick;
    std::atomic<int> ticks{0};
    while_all_are_busy([&](goal& urgent) {
        tick = run_every(pool_, 1ms, [&] {
            if (++ticks == 5) urgent.reach();
        });
    });
    tick.stop();
}

/// Urgent tasks that block do not keep the tasks that they have interrupted from going on, and all of them begin.
TEST_P(urgent_work, that_blocks_does_not_hold_up_what_it_interrupts) {
    std::vector<future<void>> high;
    std::atomic<unsigned> begun{0};
    unsigned const all = workers() + 2;
    while_all_are_busy([&](goal& urgent) {
        for (unsigned i = 0; i < all; ++i)
            high.push_back(submit(pool_,
                                  [&] {
                                      if (++begun == all) urgent.reach();
                                      while (!urgent.reached()) std::this_thread::sleep_for(1ms);
                                  },
                                  {.priority = priority::high}));
    });
    for (future<void>& one : high) one.get();
}

/// An external thread works in the slot of the only worker.
TEST(urgent_work_from_outside, begins_beside_a_thread_from_outside_that_has_the_only_place) {
    thread_pool pool({.workers = 1, .bind = binding::none});
    goal urgent;
    std::atomic<bool> started{false};
    std::thread other([&] {
        while (!started) std::this_thread::yield();
        submit(pool, [&] { urgent.reach(); }, {.priority = priority::high}).get();
    });
    {
        wait_mark const mark;
        task_group group(pool);
        for (int i = 0; i < 100; ++i)
            group.run([&] {
                started = true;
                if (!urgent.reached()) add_link(group, urgent);
            });
        group.wait();
    }
    other.join();
    EXPECT_FALSE(urgent.given_up);
    EXPECT_FALSE(urgent.on_top_of_a_wait);
}

} // namespace
