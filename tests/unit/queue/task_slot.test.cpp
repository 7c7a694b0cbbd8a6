// SPDX-License-Identifier: MIT
// Tests of one slot of the task stack: every transition of its word, and that owner and thieves agree on the thread
// that runs it. All interleavings of small cases: tests/model/task_slot.test.cpp.
#include <hocket/queue/task_slot.hpp>

#include <stress/watchdog.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

namespace {

using namespace hocket::detail;
using stress_test::repetitions;
using stress_test::watchdog;

constinit task_type const some_type{[](void*) noexcept { return false; }};

TEST(slot_word, says_who_stole_it_and_where_his_stack_began) {
    for (std::uint32_t thief : {0u, 1u, 47u, 65'535u, 0xffffffu})
        for (std::uint32_t base : {0u, 1u, 8192u, 0xffffffffu}) {
            std::uint64_t const word = slot_word::stolen(thief, base);
            ASSERT_TRUE(slot_word::is_stolen(word));
            ASSERT_FALSE(slot_word::is_public(word) || slot_word::is_done(word));
            ASSERT_EQ(slot_word::thief_of(word | slot_word::waiting_flag), thief);
            ASSERT_EQ(slot_word::base_of(word | slot_word::waiting_flag), base);
        }
}

TEST(task_slot, is_one_line) {
    ASSERT_EQ(sizeof(task_slot), 64u);
    ASSERT_EQ(alignof(task_slot), 64u);
    ASSERT_EQ(alignof(task_type), 16u);
}

TEST(task_slot, a_private_task_cannot_be_stolen) {
    task_slot slot;
    ASSERT_EQ(slot.steal(1, 0), nullptr);
    slot.push(&some_type);
    ASSERT_EQ(slot.steal(1, 0), nullptr);
}

TEST(task_slot, a_public_task_is_taken_back_or_stolen_once) {
    task_slot slot;
    slot.push(&some_type);
    slot.publish();
    ASSERT_TRUE(slot_word::is_public(slot.observe()));
    ASSERT_TRUE(slot.reclaim());
    ASSERT_FALSE(slot.reclaim());
    ASSERT_EQ(slot.steal(1, 0), nullptr);

    slot.push(&some_type);
    slot.publish();
    ASSERT_EQ(slot.steal(1, 5), &some_type);
    ASSERT_EQ(slot.steal(2, 0), nullptr);
    ASSERT_FALSE(slot.reclaim());
    ASSERT_EQ(slot.observe(), slot_word::stolen(1, 5));
}

TEST(task_slot, a_thief_learns_whether_the_owner_sleeps) {
    task_slot slot;
    for (bool const failed : {false, true})
        for (bool const sleeps : {false, true}) {
            slot.push(&some_type);
            ASSERT_FALSE(slot.announce_wait()) << "nothing is stolen yet";
            slot.publish();
            ASSERT_FALSE(slot.announce_wait());
            ASSERT_NE(slot.steal(3, 7), nullptr);
            if (sleeps) {
                ASSERT_TRUE(slot.announce_wait());
                ASSERT_TRUE(slot.announce_wait());
            }
            ASSERT_EQ(slot.finish(failed), sleeps);
            ASSERT_FALSE(slot.announce_wait());
            ASSERT_TRUE(slot_word::is_done(slot.observe()));
            ASSERT_EQ((slot.observe() & slot_word::failed_flag) != 0, failed);
        }
}

TEST(task_slot, a_claim_is_undone) {
    task_slot slot;
    slot.push(&some_type);
    slot.publish();
    ASSERT_NE(slot.steal(3, 7), nullptr);
    ASSERT_FALSE(slot.put_back(&some_type));
    ASSERT_EQ(slot.steal(4, 8), &some_type);
    ASSERT_TRUE(slot.announce_wait());
    ASSERT_TRUE(slot.put_back(&some_type));
    ASSERT_TRUE(slot.reclaim());
}

// The owner pushes, publishes and takes back; thieves steal. Each task is run by one of them, and results come back.
TEST(task_slot, stress) {
    watchdog const dog("task slot stress");
    task_slot slot;
    int const tasks = repetitions(20'000);
    std::vector<std::atomic<int>> ran(static_cast<std::size_t>(tasks));
    std::atomic<bool> over{false};
    std::vector<std::thread> thieves;
    for (std::uint32_t t = 1; t <= 3; ++t)
        thieves.emplace_back([&, t] {
            for (stress_test::spinning s; !over;) {
                task_type const* const type = slot.steal(t, 0);
                if (type == nullptr) {
                    s.look_again();
                    continue;
                }
                int& number = *reinterpret_cast<int*>(slot.bytes);
                ++ran[static_cast<std::size_t>(number)];
                if (number % 16 == 0) {
                    --ran[static_cast<std::size_t>(number)];
                    slot.put_back(type);
                    continue;
                }
                number = -number;
                slot.finish(number % 2 != 0);
            }
        });
    for (int i = 0; i < tasks; ++i) {
        *reinterpret_cast<int*>(slot.bytes) = i;
        slot.push(&some_type);
        slot.publish();
        if (i % 3 == 0) std::this_thread::yield();
        for (stress_test::spinning s;; s.look_again()) {
            if (slot.reclaim()) {
                ASSERT_EQ(*reinterpret_cast<int*>(slot.bytes), i);
                ++ran[static_cast<std::size_t>(i)];
                break;
            }
            std::uint64_t const word = slot.observe();
            if (!slot_word::is_done(word)) continue;
            ASSERT_EQ(*reinterpret_cast<int*>(slot.bytes), -i);
            ASSERT_EQ((word & slot_word::failed_flag) != 0, i % 2 != 0);
            break;
        }
    }
    over = true;
    for (std::thread& thief : thieves) thief.join();
    for (std::atomic<int> const& count : ran) ASSERT_EQ(count, 1);
}

} // namespace
