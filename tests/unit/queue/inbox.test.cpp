// SPDX-License-Identifier: MIT
// Tests of the inbox: first in, first out for the pool, newest first for a group, and each task taken exactly once.
#include <hocket/queue/inbox.hpp>

#include <stress/watchdog.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <deque>
#include <memory>
#include <thread>
#include <vector>

namespace {

using namespace hocket::detail;
using stress_test::repetitions;
using stress_test::watchdog;

struct numbered : inbox_task {
    explicit numbered(int its_number = 0) : number(its_number) {}
    int number;
    std::atomic<int> taken{0};
};

int number_of(inbox_task* task) { return task == nullptr ? -1 : static_cast<numbered*>(task)->number; }

TEST(inbox, smoke) {
    inbox box;
    task_list group;
    ASSERT_TRUE(box.empty());
    ASSERT_TRUE(group.empty());
    ASSERT_EQ(box.take_oldest(), nullptr);
    ASSERT_EQ(box.take_from(group), nullptr);
    numbered task(1);
    box.push(task, group);
    ASSERT_FALSE(box.empty());
    ASSERT_FALSE(group.empty());
    ASSERT_EQ(box.take_oldest(), &task);
    ASSERT_TRUE(box.empty());
    ASSERT_TRUE(group.empty());
}

TEST(inbox, gives_the_oldest_of_all_groups_and_the_newest_of_one) {
    inbox box;
    task_list even;
    task_list odd;
    std::deque<numbered> tasks;
    for (int i = 0; i < 10; ++i) box.push(tasks.emplace_back(i), i % 2 == 0 ? even : odd);
    ASSERT_EQ(number_of(box.take_oldest()), 0);
    ASSERT_EQ(number_of(box.take_from(odd)), 9);
    ASSERT_EQ(number_of(box.take_from(even)), 8);
    ASSERT_EQ(number_of(box.take_oldest()), 1);
    ASSERT_EQ(number_of(box.take_from(odd)), 7);
    ASSERT_EQ(number_of(box.take_oldest()), 2);
    ASSERT_EQ(number_of(box.take_oldest()), 3);
    ASSERT_EQ(number_of(box.take_from(odd)), 5);
    ASSERT_TRUE(odd.empty());
    ASSERT_EQ(number_of(box.take_from(odd)), -1);
    ASSERT_EQ(number_of(box.take_oldest()), 4);
    ASSERT_EQ(number_of(box.take_from(even)), 6);
    ASSERT_TRUE(box.empty());
}

// Every order of taking: each task comes out once, and the lists stay whole.
TEST(inbox, any_mixture_of_takes_empties_it) {
    for (int pattern = 0; pattern < 6561; ++pattern) { // 3 to the power of 8
        inbox box;
        task_list groups[2];
        std::deque<numbered> tasks;
        for (int i = 0; i < 8; ++i) box.push(tasks.emplace_back(i), groups[(i * 5 + pattern) % 2]);
        int taken = 0;
        for (int step = 0, rest = pattern; step < 8; ++step, rest /= 3) {
            inbox_task* const task = rest % 3 == 2 ? box.take_oldest() : box.take_from(groups[rest % 3]);
            if (task == nullptr) continue;
            ASSERT_EQ(++static_cast<numbered*>(task)->taken, 1);
            ++taken;
        }
        while (inbox_task* const task = box.take_oldest()) {
            ASSERT_EQ(++static_cast<numbered*>(task)->taken, 1);
            ++taken;
        }
        ASSERT_EQ(taken, 8);
        ASSERT_TRUE(box.empty() && groups[0].empty() && groups[1].empty());
    }
}

TEST(inbox, spsc) {
    watchdog const dog("inbox spsc");
    inbox box;
    task_list group;
    std::vector<numbered> tasks(static_cast<std::size_t>(repetitions(100'000)));
    std::thread consumer([&] {
        for (std::size_t next = 0; next < tasks.size();)
            if (inbox_task* const task = box.take_oldest()) {
                ASSERT_EQ(task, &tasks[next++]);
            }
    });
    for (numbered& task : tasks) box.push(task, group);
    consumer.join();
    ASSERT_TRUE(box.empty());
}

TEST(inbox, stampede_and_stress) {
    watchdog const dog("inbox stampede");
    inbox box;
    task_list groups[3];
    std::vector<numbered> tasks(static_cast<std::size_t>(repetitions(60'000)));
    std::atomic<std::size_t> taken{0};
    std::vector<std::thread> threads;
    for (std::size_t t = 0; t < 3; ++t) {
        threads.emplace_back([&, t] {
            for (std::size_t i = t; i < tasks.size(); i += 3) box.push(tasks[i], groups[t]);
        });
        threads.emplace_back([&, t] {
            while (taken < tasks.size()) {
                inbox_task* const task = t == 2 ? box.take_oldest() : box.take_from(groups[t]);
                if (task == nullptr) continue;
                ++static_cast<numbered*>(task)->taken;
                ++taken;
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    for (numbered const& task : tasks) ASSERT_EQ(task.taken, 1);
    ASSERT_TRUE(box.empty());
}

} // namespace
