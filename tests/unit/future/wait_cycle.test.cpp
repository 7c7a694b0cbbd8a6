// SPDX-License-Identifier: MIT
// Tests of waits that could never finish: a task that waits for itself, directly or through other tasks, gets an error.
#include <hocket/algorithm/loops/parallel_for.hpp>
#include <hocket/coroutine/coroutine.hpp>
#include <hocket/fork_join/join.hpp>
#include <hocket/fork_join/task_group.hpp>
#include <hocket/future/future.hpp>
#include <hocket/future/promise.hpp>
#include <hocket/future/submit.hpp>
#include <hocket/future/when/when_all.hpp>
#include <hocket/future/when/when_any.hpp>
#include <hocket/graph/semaphore.hpp>
#include <hocket/graph/task_graph.hpp>

#include <stress/watchdog.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

namespace {

using namespace hocket;
using namespace std::chrono_literals;
using stress_test::watchdog;

class wait_cycle : public testing::TestWithParam<unsigned> {
  protected:
    /// A task that learns later which future it waits for.
    shared_future<int> waiting_for(promise<future<int>*>& about) {
        return submit(pool_, [what = about.get_future()]() mutable { return what.get()->get(); }).share();
    }

    thread_pool pool_{{.workers = GetParam()}};
};
INSTANTIATE_TEST_SUITE_P(workers, wait_cycle, testing::Values(1u, 2u, 3u, 8u));

TEST_P(wait_cycle, a_task_that_waits_for_itself_gets_an_error) {
    watchdog const dog("a task that waits for itself");
    promise<future<int>*> about;
    future<int> self = submit(pool_, [me = about.get_future()]() mutable { return me.get()->get(); });
    about.set_value(&self);
    self.wait();
    EXPECT_THROW((void)self.get(), std::logic_error);
}

TEST_P(wait_cycle, tasks_that_wait_for_each_other_get_an_error) {
    watchdog const dog("tasks that wait for each other");
    constexpr std::size_t count = 3;
    std::vector<promise<shared_future<int>>> about(count);
    std::vector<shared_future<int>> tasks;
    for (std::size_t i = 0; i < count; ++i)
        tasks.push_back(
            submit(pool_, [next = about[i].get_future()]() mutable -> int { return next.get().get() + 1; }));
    for (std::size_t i = 0; i < count; ++i) about[i].set_value(tasks[(i + 1) % count]);
    for (shared_future<int> const& f : tasks) EXPECT_THROW((void)f.get(), std::logic_error);
    about.clear(); // else the futures keep each other alive
}

TEST_P(wait_cycle, a_task_that_waits_for_what_continues_it_gets_an_error) {
    watchdog const dog("a task that waits for what continues it");
    for (int links = 1; links < 2000; links *= 10) {
        promise<future<int>*> about;
        shared_future<int> self = waiting_for(about);
        future<int> last = self.then([](int n) { return n; });
        for (int i = 1; i < links; ++i) last = last.then([](int n) { return n + 1; });
        about.set_value(&last);
        EXPECT_THROW((void)self.get(), std::logic_error);
        EXPECT_THROW((void)last.get(), std::logic_error);
    }
}

// The chain is too long to be searched before each sleep.
TEST_P(wait_cycle, a_task_that_waits_for_the_end_of_a_long_chain_gets_an_error) {
    watchdog const dog("a task that waits for the end of a long chain");
    promise<future<int>*> about;
    shared_future<int> self = waiting_for(about);
    future<int> last = self.then([](int n) { return n; });
    for (int i = 1; i < 30'000; ++i) last = last.then([](int n) { return n + 1; });
    about.set_value(&last);
    EXPECT_THROW((void)self.get(), std::logic_error);
    EXPECT_THROW((void)last.get(), std::logic_error);
}

// Each level needs both states of the level before: there are more paths than can be counted, and no cycle.
TEST_P(wait_cycle, a_task_whose_result_many_need_waits_as_long_as_it_takes) {
    watchdog const dog("a task that waits for the outside while much depends on it");
    promise<future<int>*> about;
    promise<int> kept;
    future<int> outside = kept.get_future();
    shared_future<int> self = waiting_for(about);
    shared_future<int> left = self, right = self;
    auto const sum = [](int a, int b) { return (a + b) / 2; };
    for (int level = 0; level < 40; ++level) {
        shared_future<int> const next = submit(pool_, sum, left, right).share();
        right = submit(pool_, sum, left, right).share();
        left = next;
    }
    about.set_value(&outside);
    EXPECT_FALSE(self.wait_for(600ms));
    kept.set_value(7);
    EXPECT_EQ(left.get(), 7);
}

// A part of a task runs on another thread, and waits for that task, or for a task that waits for it.
TEST_P(wait_cycle, a_part_of_a_task_that_waits_for_the_task_gets_an_error) {
    watchdog const dog("a part that waits for its task");
    if (GetParam() == 1) return; // the task itself runs all parts
    using part = std::function<void()>;
    std::function<void(part const&, part const&)> const forms[] = {
        [](part const& meets, part const& waits) { join(meets, waits); },
        [](part const& meets, part const& waits) {
            parallel_for(0, 2, [&](int i) { i == 0 ? meets() : waits(); }, {.grain = 1});
        },
        [](part const& meets, part const& waits) {
            task_group group;
            group.run(waits);
            meets();
            group.wait();
        },
        [](part const& meets, part const& waits) { join([&] { join(meets, waits); }, [] {}); },
    };
    for (auto const& form : forms)
        for (int kind = 0; kind < 3; ++kind) {
            std::atomic<bool> there{false};
            promise<shared_future<void>> about;
            shared_future<shared_future<void>> const own = about.get_future().share();
            int errors = 0;
            auto const meets = [&] {
                while (!there) std::this_thread::yield(); // so that another thread runs the other part
            };
            auto const waits = [&] {
                there = true;
                shared_future<void> const task = own.get();
                try {
                    if (kind == 2) // another task waits for it, also after the error reached this task
                        submit([task] { task.get(); }).get();
                    else
                        task.get();
                } catch (std::logic_error const&) {
                    ++errors;
                }
            };
            auto const body = [&] { form(meets, waits); };
            shared_future<void> const task =
                (kind == 1 ? submit(pool_, body, submit_options{.name = "whole"}) : submit(pool_, body)).share();
            about.set_value(task);
            task.wait();
            EXPECT_EQ(errors, 1);
        }
}

TEST_P(wait_cycle, a_node_that_waits_for_its_own_run_gets_an_error) {
    watchdog const dog("a node that waits for its own run");
    promise<shared_future<void>> about;
    shared_future<shared_future<void>> const own = about.get_future().share();
    task_graph graph;
    semaphore one(1);
    auto first = graph.add([] {}).limit(one);
    auto second = graph
                      .add([&] {
                          EXPECT_FALSE(this_task::stop_requested());
                          own.get().get();
                      })
                      .limit(one);
    first.precede(second);
    shared_future<void> const run = graph.run(pool_).share();
    about.set_value(run);
    EXPECT_THROW(run.get(), std::logic_error);
    shared_future<void> const after = graph.run(pool_).share(); // may wait for another run
    EXPECT_THROW(after.get(), std::logic_error) << "which has failed";
}

TEST_P(wait_cycle, a_task_that_waits_for_what_needs_its_result_gets_an_error) {
    watchdog const dog("a task that waits for what needs its result");
    promise<future<int>*> about;
    shared_future<int> self = waiting_for(about);
    future<int> other = submit(pool_, [] { return 1; });
    std::vector<shared_future<int>> both = {self, self};
    auto all = when_all(when_all(self, std::move(other)), when_all(std::move(both)));
    auto nested = submit(pool_, [inner = std::move(all)]() mutable { return std::move(inner); });
    future<int> sum = submit(
        pool_, [](int, auto const&) { return 1; }, self, std::move(nested));
    about.set_value(&sum);
    EXPECT_THROW((void)self.get(), std::logic_error);
    EXPECT_THROW((void)sum.get(), std::logic_error);
}

TEST_P(wait_cycle, a_coroutine_that_waits_for_what_needs_it_gets_an_error) {
    watchdog const dog("a coroutine that waits for a coroutine that awaits it");
    promise<future<int>*> about;
    auto const waits = [](future<future<int>*> me) -> task<int> { co_return (co_await std::move(me))->get(); };
    auto const awaits = [](shared_future<int> other) -> task<int> { co_return co_await other; };
    shared_future<int> self = submit(pool_, waits(about.get_future())).share();
    future<int> other = submit(pool_, awaits(self));
    about.set_value(&other);
    EXPECT_THROW((void)self.get(), std::logic_error);
    EXPECT_THROW((void)other.get(), std::logic_error);
}

TEST_P(wait_cycle, tasks_that_wait_for_what_continues_each_other_get_an_error) {
    watchdog const dog("tasks that wait for what continues each other");
    std::vector<promise<shared_future<int>>> about(3);
    std::vector<shared_future<int>> continued;
    for (std::size_t i = 0; i < 3; ++i)
        continued.push_back(submit(pool_, [next = about[i].get_future()]() mutable -> int {
                                return next.get().get();
                            }).then([](int n) {
                                  return n;
                              }).share());
    for (std::size_t i = 0; i < 3; ++i) about[i].set_value(continued[(i + 1) % 3]);
    for (shared_future<int> const& f : continued) EXPECT_THROW((void)f.get(), std::logic_error);
    about.clear(); // else the futures keep each other alive
}

TEST_P(wait_cycle, a_task_may_wait_for_any_of_what_continues_it_and_of_others) {
    watchdog const dog("a task that waits for any of two, one of which continues it");
    promise<future<int>*> about;
    promise<int> kept;
    shared_future<int> self = waiting_for(about);
    std::vector<shared_future<int>> two = {self, kept.get_future().share()};
    future<int> first = when_any(std::move(two)).then([](auto result) { return result.value; });
    about.set_value(&first);
    EXPECT_FALSE(self.wait_for(20ms));
    kept.set_value(7);
    EXPECT_EQ(self.get(), 7);
}

} // namespace
