// SPDX-License-Identifier: MIT
// Tests what an idle thread publishes in place of a busy one: after some tiny joins have used up what a job may
// publish, a callable that another thread waits for begins, in the right operation, and its result or exception
// arrives.
#include <hocket/algorithm/loops/parallel_for.hpp>
#include <hocket/fork_join/join.hpp>
#include <hocket/fork_join/task_group.hpp>
#include <hocket/future/future.hpp>
#include <hocket/future/promise.hpp>
#include <hocket/future/submit.hpp>
#include <hocket/os/light_fence.hpp>
#include <hocket/pool/thread_pool.hpp>
#include <hocket/sched/stop_scope.hpp>

#include <stress/watchdog.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <thread>
#include <tuple>

namespace {

using namespace hocket;

void join_tiny_ones() {
    for (int i = 0; i < 200; ++i) join([] {}, [] {});
}

/// Something that happens once, and is waited for. A wait that takes too long fails the test.
class event {
  public:
    void happen() { has_happened_ = true; }
    void wait(char const* what) const {
        auto const limit = std::chrono::steady_clock::now() + std::chrono::seconds(20);
        while (!has_happened_ && std::chrono::steady_clock::now() < limit)
            std::this_thread::sleep_for(std::chrono::microseconds(50));
        EXPECT_TRUE(has_happened_) << what;
    }

  private:
    std::atomic<bool> has_happened_{false};
};

class late_publication : public testing::TestWithParam<int> {
  protected:
    void SetUp() override {
        if (!detail::fences_are_asymmetric.load()) GTEST_SKIP() << "the system has no membarrier(2)";
    }

    stress_test::watchdog const watch_{"late publication"};
    thread_pool pool_{{.workers = static_cast<std::size_t>(GetParam()), .bind = binding::none}};
};
INSTANTIATE_TEST_SUITE_P(workers, late_publication, testing::Values(2, 3, 4, 8, 16, 64),
                         [](auto const& workers) { return std::to_string(workers.param); });

TEST_P(late_publication, brings_results) {
    for (int round = 0; round < 20; ++round) {
        std::tuple<int, std::string> const both = submit(pool_, [&] {
                                                      join_tiny_ones();
                                                      event begun;
                                                      return join(
                                                          [&] {
                                                              begun.wait("the second callable does not begin");
                                                              return round;
                                                          },
                                                          [&] {
                                                              begun.happen();
                                                              return std::to_string(round);
                                                          });
                                                  }).get();
        EXPECT_EQ(both, std::tuple(round, std::to_string(round)));
    }
}

TEST_P(late_publication, brings_exceptions) {
    for (int round = 0; round < 20; ++round) {
        auto one = submit(pool_, [&] {
            join_tiny_ones();
            event begun;
            join([&] { begun.wait("the second callable does not begin"); },
                 [&] {
                     begun.happen();
                     throw std::out_of_range("second");
                 });
        });
        EXPECT_THROW(one.get(), std::out_of_range);
    }
}

TEST_P(late_publication, takes_callables_back_that_nobody_began) {
    for (int round = 0; round < 20; ++round) {
        std::thread::id const here =
            submit(pool_, [&] {
                join_tiny_ones();
                std::this_thread::sleep_for(std::chrono::microseconds(30 * round)); // until the others park
                auto const [first, second] = join([] { return std::this_thread::get_id(); }, [] { return 1; });
                EXPECT_EQ(second, 1);
                return first;
            }).get();
        EXPECT_NE(here, std::thread::id());
    }
}

/// Runs `body` in a body of an operation that `source` stops, at different depths of operations.
using place = void (*)(thread_pool& pool, std::stop_source& source, std::function<void()> const& body);

void in_a_loop(thread_pool& pool, std::stop_source& source, std::function<void()> const& body) {
    parallel_for(pool, 0, 1, [&](int) { body(); }, {.stop = source.get_token()});
}
void in_nested_loops(thread_pool& pool, std::stop_source& source, std::function<void()> const& body) {
    in_a_loop(pool, source, [&] {
        parallel_for(0, 1, [&](int) { parallel_for(0, 1, [&](int) { parallel_for(0, 1, [&](int) { body(); }); }); });
    });
}
void in_a_callable_of_a_join(thread_pool& pool, std::stop_source& source, std::function<void()> const& body) {
    in_a_loop(pool, source, [&] { join([] {}, [&] { join([&] { body(); }, [] {}); }); });
}
void after_a_loop(thread_pool& pool, std::stop_source& source, std::function<void()> const& body) {
    in_a_loop(pool, source, [&] {
        parallel_for(0, 4, [](int) { join_tiny_ones(); });
        parallel_for(0, 4, [](int) {});
        body();
    });
}
void in_a_group(thread_pool& pool, std::stop_source& source, std::function<void()> const& body) {
    in_a_loop(pool, source, [&] {
        task_group group;
        group.run([&] { body(); });
        group.wait();
    });
}

// Were the callable in another operation, it would not see the stop, or see it before.
TEST_P(late_publication, keeps_callables_in_their_operation) {
    for (place const around : {in_a_loop, in_nested_loops, in_a_callable_of_a_join, after_a_loop, in_a_group})
        for (int round = 0; round < 5; ++round) {
            std::stop_source source;
            std::stop_source other;
            auto const body = [&] {
                join_tiny_ones();
                event begun;
                event stopped;
                join(
                    [&] {
                        begun.wait("the second callable does not begin");
                        EXPECT_THROW(in_a_loop(pool_, other,
                                               [&] {
                                                   join_tiny_ones();
                                                   other.request_stop(); // concerns this inner loop alone
                                               }),
                                     operation_cancelled);
                        std::this_thread::sleep_for(std::chrono::microseconds(100));
                        source.request_stop();
                        stopped.wait("the second callable sees no stop");
                    },
                    [&] {
                        EXPECT_FALSE(this_task::stop_requested()) << "it sees a stop that concerns others";
                        begun.happen();
                        auto const limit = std::chrono::steady_clock::now() + std::chrono::seconds(20);
                        while (!this_task::stop_requested() && std::chrono::steady_clock::now() < limit)
                            std::this_thread::yield();
                        EXPECT_EQ(source.stop_requested(), this_task::stop_requested());
                        stopped.happen();
                    });
            };
            EXPECT_THROW(around(pool_, source, body), operation_cancelled);
            if (HasFailure()) return;
        }
}

/// Joins `count` callables that wait for each other, after tiny ones at each level.
void join_many(int count, std::atomic<int>& begun, int wanted) {
    join_tiny_ones();
    if (count > 1) {
        join([&] { join_many(count / 2, begun, wanted); }, [&] { join_many(count - count / 2, begun, wanted); });
        return;
    }
    ++begun;
    auto const limit = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (begun < wanted && std::chrono::steady_clock::now() < limit)
        std::this_thread::sleep_for(std::chrono::microseconds(50));
    EXPECT_GE(begun.load(), wanted);
}

TEST_P(late_publication, begins_all_leaves_of_a_tree) {
    std::atomic<int> begun{0};
    submit(pool_, [&] { join_many(GetParam(), begun, GetParam()); }).get();
}

// The worker that waits gives its core to the callable.
TEST_P(late_publication, begins_what_another_worker_waits_for) {
    for (int round = 0; round < 10; ++round) {
        promise<void> made;
        event goes_on;
        future<void> const awaited = made.get_future();
        auto waiter = submit(pool_, [&] {
            if (round % 2 == 0) std::this_thread::sleep_for(std::chrono::milliseconds(2));
            awaited.get();
            goes_on.happen();
        });
        submit(pool_, [&] {
            if (round % 2 != 0) std::this_thread::sleep_for(std::chrono::milliseconds(2));
            join_tiny_ones();
            join([&] { goes_on.wait("what a waiting worker needs does not begin"); }, [&] { made.set_value(); });
        }).get();
        waiter.get();
    }
}

} // namespace
