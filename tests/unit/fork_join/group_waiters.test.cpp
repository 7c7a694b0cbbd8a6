// SPDX-License-Identifier: MIT
// Tests of several threads that wait for one group or one future at once, inside and outside of the pool, and of waits
// that could never finish.
#include <hocket/fork_join/join.hpp>
#include <hocket/fork_join/task_group.hpp>
#include <hocket/future/promise.hpp>
#include <hocket/future/submit.hpp>

#include <stress/watchdog.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace hocket;
using stress_test::repetitions;
using stress_test::watchdog;

pool_options with(std::size_t workers) { return {.workers = workers, .bind = binding::none}; }

class waiters_of_one : public testing::TestWithParam<std::size_t> {
  protected:
    thread_pool pool_{with(GetParam())};
};
INSTANTIATE_TEST_SUITE_P(workers, waiters_of_one, testing::Values(1u, 2u, 4u, 16u));

TEST_P(waiters_of_one, group_from_outside) {
    watchdog const dog("outside threads that wait for one group");
    for (int round = 0; round < repetitions(60); ++round) {
        task_group group(pool_);
        std::atomic<int> done{0};
        std::atomic<int> early{0};
        for (int i = 0; i < 32; ++i)
            group.run([&] {
                std::this_thread::yield();
                ++done;
            });
        std::vector<std::jthread> others;
        for (int i = 0; i < round % 4; ++i)
            others.emplace_back([&] {
                group.wait();
                early += done != 32;
            });
        if (round % 2 == 0) group.wait();
        others.clear();
        group.wait();
        early += done != 32;
        ASSERT_EQ(early, 0);
    }
}

TEST_P(waiters_of_one, group_from_inside_and_outside) {
    watchdog const dog("tasks and outside threads that wait for one group");
    for (int round = 0; round < repetitions(40); ++round) {
        task_group group(pool_);
        task_group waits(pool_);
        promise<void> opens;
        shared_future<void> const gate = opens.get_future().share();
        std::atomic<int> done{0};
        std::atomic<int> early{0};
        for (int i = 0; i < 8; ++i)
            group.run([&, i] {
                if (i % 4 == 0) gate.wait();
                if (i % 4 == 1) group.run([&] { ++done; });
                ++done;
            });
        for (int i = 0; i < 6; ++i)
            waits.run([&] {
                group.wait();
                early += done != 10;
            });
        std::jthread other([&] {
            group.wait();
            early += done != 10;
        });
        opens.set_value();
        waits.wait();
        group.wait();
        other.join();
        ASSERT_EQ(early, 0);
    }
}

// All threads sleep before the tasks finish, so that each has to be woken.
TEST_P(waiters_of_one, group_while_all_sleep) {
    watchdog const dog("waiters that sleep");
    task_group group(pool_);
    promise<void> opens;
    shared_future<void> const gate = opens.get_future().share();
    std::atomic<int> done{0};
    group.run([&] {
        gate.wait();
        ++done;
    });
    std::vector<std::jthread> others;
    std::atomic<int> early{0};
    for (int i = 0; i < 4; ++i)
        others.emplace_back([&] {
            group.wait();
            early += done != 2;
        });
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    group.run([&] { ++done; }); // by the maker, which does not wait
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    opens.set_value();
    others.clear();
    EXPECT_EQ(early, 0);
}

TEST_P(waiters_of_one, group_get_the_error_each) {
    watchdog const dog("waiters of a group that fails");
    for (int round = 0; round < repetitions(20); ++round) {
        task_group group(pool_);
        promise<void> opens;
        shared_future<void> const gate = opens.get_future().share();
        group.run([&] {
            gate.wait();
            throw std::domain_error("of the task");
        });
        std::atomic<int> begun{0}, thrown{0};
        auto const waits = [&] {
            ++begun;
            try {
                group.wait();
            } catch (std::domain_error const&) {
                ++thrown;
            }
        };
        {
            std::jthread first(waits), second(waits);
            while (begun != 2) std::this_thread::yield();
            std::this_thread::sleep_for(std::chrono::milliseconds(2));
            opens.set_value();
        }
        EXPECT_GE(thrown, 1);
        std::atomic<bool> ran{false};
        group.run([&] { ran = true; });
        group.wait();
        EXPECT_TRUE(ran) << "the group begins anew";
    }
}

TEST_P(waiters_of_one, future_from_everywhere) {
    watchdog const dog("waiters of one future");
    for (int round = 0; round < repetitions(40); ++round) {
        promise<int> opens;
        shared_future<int> const result =
            submit(pool_, [gate = opens.get_future()]() mutable { return gate.get(); }).share();
        std::atomic<int> sum{0};
        task_group group(pool_);
        for (int i = 0; i < 6; ++i) group.run([&] { sum += result.get(); });
        std::jthread one([&] { sum += result.get(); }), two([&] { sum += result.get(); });
        opens.set_value(1);
        sum += result.get();
        group.wait();
        one.join();
        two.join();
        ASSERT_EQ(sum, 9);
    }
}

TEST_P(waiters_of_one, task_that_waits_for_its_own_group_gets_an_error) {
    watchdog const dog("a task that waits for its own group");
    task_group group(pool_);
    std::atomic<int> errors{0};
    auto const waits = [&] {
        try {
            group.wait();
        } catch (std::logic_error const& error) {
            errors += std::string(error.what()).find("own group") != std::string::npos;
        }
    };
    group.run(waits);
    group.run([&] { join(waits, waits); });
    group.run([&] {
        task_group inner(pool_);
        inner.run([&] { ++errors; });
        inner.wait(); // another group
    });
    if (pool_.size() > 1)
        group.run([&] {
            std::atomic<bool> taken{false};
            auto const limit = std::chrono::steady_clock::now() + std::chrono::seconds(30);
            join(
                [&] { // so another thread takes the second one
                    while (!taken && std::chrono::steady_clock::now() < limit) std::this_thread::yield();
                },
                [&] {
                    taken = true;
                    waits();
                });
        });
    group.wait();
    EXPECT_EQ(errors, pool_.size() > 1 ? 5 : 4);
}

} // namespace
