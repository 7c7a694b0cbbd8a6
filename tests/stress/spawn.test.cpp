// SPDX-License-Identifier: MIT
// Many threads hand work to pools with more workers than cores, from outside and inside, by every way there is. Each
// item runs exactly once, an item for one worker runs on that worker, and a wait for a scope runs no other item.
#include <hocket/fork_join/task_group.hpp>
#include <hocket/future/submit.hpp>
#include <hocket/memory/slab.hpp>
#include <hocket/pool/this_worker.hpp>
#include <hocket/pool/thread_pool.hpp>
#include <hocket/sched/latch.hpp>
#include <hocket/sched/pool_entry.hpp>
#include <hocket/sched/spawn.hpp>

#include <stress/watchdog.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

namespace {

using namespace hocket;
using namespace hocket::detail;
using namespace stress_test;

class storm;

/// A batch whose end many threads wait for, as for a task_group: it may be destroyed when its count is zero.
struct batch {
    latch left;
    scheduler* pool;
};

/// The scopes of the waits that this thread is in, innermost first.
struct wait_mark {
    void const* scope;
    wait_mark* outer;
};
thread_local wait_mark* innermost_wait = nullptr;

/// An item: may spawn more items, wait for them, and records that it has run.
struct drop : work_item {
    storm* all;
    batch* part_of;
    std::uint32_t number;
    std::uint32_t seed;
    std::uint32_t depth;
    std::uint32_t rank; // the worker that has to run it
};
constexpr std::uint32_t anywhere = ~std::uint32_t{0};

/// One pool and all the items that were ever spawned in it.
class storm {
  public:
    static constexpr std::uint32_t most = 1u << 20;

    explicit storm(unsigned workers)
        : pool_({.workers = workers}), workers_(workers), ran_(new std::atomic<std::uint8_t>[most]()) {}

    /// Spawns a tree of items and waits for it.
    void tree(std::uint32_t seed, std::uint32_t depth, std::uint32_t width) {
        batch own;
        own.pool = &pool_.sched();
        dice roll(seed);
        std::vector<drop*> listed;
        for (std::uint32_t i = 0; i < width; ++i) {
            std::uint32_t const number = next_++;
            if (number >= most) break;
            own.left.add();
            // An item that only one worker may run is never awaited on a worker: the waiting thread may occupy that
            // worker's slot.
            drop* const item = make_in_slab<drop>();
            static_cast<work_item&>(*item) = {&storm::run, nullptr, &own};
            item->all = this;
            item->part_of = &own;
            item->number = number;
            item->seed = static_cast<std::uint32_t>(roll());
            item->depth = depth;
            item->rank = anywhere;
            switch (roll.below(8)) {
            case 0: detail::spawn(pool_.sched(), *item, priority::high); break;
            case 1: detail::spawn(pool_.sched(), *item, priority::low); break;
            case 2:
                if (!listed.empty()) listed.back()->next = item;
                listed.push_back(item);
                break;
            case 3:
                if (slot_in(pool_.sched()) == nullptr) {
                    item->rank = roll.below(workers_);
                    spawn_on(pool_.sched(), item->rank, *item);
                    break;
                }
                [[fallthrough]];
            default: detail::spawn(pool_.sched(), *item);
            }
        }
        if (!listed.empty()) spawn_list(pool_.sched(), *listed.front(), *listed.back());
        wait(own, depth % 2 == 0);
    }

    void check() {
        std::uint32_t const count = next_ < most ? next_.load() : most;
        for (std::uint32_t i = 0; i < count; ++i) ASSERT_EQ(ran_[i], 1) << "item " << i << " of " << count;
        EXPECT_EQ(strangers_, 0) << "a wait ran something that it did not wait for";
        EXPECT_EQ(misplaced_, 0) << "an item ran on another worker than its own";
    }
    thread_pool& pool() { return pool_; }
    bool room_left() const { return next_ < most - 10'000; }

  private:
    /// Waits; an external thread takes a worker slot (`as_guest`), or sleeps outside.
    void wait(batch& own, bool as_guest) {
        if (slot_in(pool_.sched()) == nullptr && !as_guest) {
            while (!own.left.ready()) detail::sleep_for(20'000);
            return;
        }
        pool_entry guest(pool_.sched());
        if (!guest.entered()) {
            while (!own.left.ready()) detail::sleep_for(20'000);
            return;
        }
        worker& me = *this_slot;
        wait_mark mark{&own, innermost_wait};
        innermost_wait = &mark;
        scheduler::latch_waiter self{&own.left, &me};
        bool announced = false;
        wait_until(
            me, [&] { return own.left.ready(); }, [&] { return run_one_of(me, &own); },
            [&] {
                announced = true;
                return pool_.sched().announce_wait(self);
            });
        if (announced) pool_.sched().withdraw_wait(self);
        innermost_wait = mark.outer;
    }

    static void run(work_item* base) noexcept {
        drop const self = *static_cast<drop*>(base);
        storm& all = *self.all;
        destroy_in_slab(static_cast<drop*>(base));
        if (all.ran_[self.number].fetch_add(1) != 0) return;
        if (innermost_wait != nullptr && innermost_wait->scope != self.part_of) ++all.strangers_;
        if (self.rank != anywhere && detail::this_slot->rank != self.rank) ++all.misplaced_;
        wait_mark* const outer = std::exchange(innermost_wait, nullptr);
        dice roll(self.seed);
        burn(roll.below(200));
        if (self.depth != 0 && roll.below(3) == 0) all.tree(self.seed, self.depth - 1, roll.below(12));
        if (roll.below(200) == 0) std::this_thread::sleep_for(std::chrono::microseconds(50));
        innermost_wait = outer;
        scheduler& pool = *self.part_of->pool;
        latch& left = self.part_of->left; // destroyed once it is finished
        if (std::uint32_t const told = left.finish(); told != 0) pool.wake_waiters_of(&left, told);
    }

    thread_pool pool_;
    unsigned const workers_;
    std::unique_ptr<std::atomic<std::uint8_t>[]> const ran_;
    std::atomic<std::uint32_t> next_{0};
    std::atomic<int> strangers_{0};
    std::atomic<int> misplaced_{0};
};

TEST(spawn, each_item_runs_once) {
    watchdog const dog("storm of items", std::chrono::seconds(200));
    for (unsigned const workers : {1u, 2u, 7u, 20u, 40u}) {
        storm all(workers);
        time_budget const time(0.3);
        std::vector<std::thread> outside;
        for (unsigned t = 0; t < 6; ++t)
            outside.emplace_back([&all, &time, t] {
                dice roll(t);
                while (time.left() && all.room_left())
                    all.tree(static_cast<std::uint32_t>(roll()), roll.below(4), 1 + roll.below(60));
            });
        for (std::thread& thread : outside) thread.join();
        all.check();
    }
}

// External threads come and go in the slots of workers that get mail at the same time.
TEST(spawn, mail_arrives_beside_guests) {
    watchdog const dog("mail beside guests");
    for (unsigned const workers : {1u, 2u, 3u}) {
        thread_pool pool({.workers = workers});
        scheduler& sched = pool.sched();
        std::atomic<int> arrived{0};
        std::atomic<int> misplaced{0};
        std::atomic<bool> done{false};
        struct letter : work_item {
            std::atomic<int>* arrived;
            std::atomic<int>* misplaced;
            std::uint32_t rank;
        };
        std::thread guest([&] {
            while (!done) {
                pool_entry inside(sched);
                burn(300);
            }
        });
        int const most = repetitions(20'000);
        time_budget const time(2); // each third mail is awaited: slow where other programs run
        int count = 0;
        for (int i = 0; i < most && time.left(); ++i, ++count) {
            letter* const one = make_in_slab<letter>();
            one->run = [](work_item* self) noexcept {
                auto* const me = static_cast<letter*>(self);
                if (detail::this_slot->rank != me->rank) ++*me->misplaced;
                std::atomic<int>& counter = *me->arrived;
                destroy_in_slab(me);
                ++counter;
            };
            one->arrived = &arrived;
            one->misplaced = &misplaced;
            one->rank = static_cast<std::uint32_t>(i) % workers;
            spawn_on(sched, one->rank, *one);
            while (i % 3 == 0 && arrived != i + 1) std::this_thread::yield();
        }
        while (arrived != count) std::this_thread::yield();
        done = true;
        guest.join();
        EXPECT_EQ(misplaced, 0);
    }
}

// An external thread sleeps in the slot of a worker. The worker's own thread cannot run meanwhile the items that only
// it may run.
TEST(spawn, mail_arrives_while_a_guest_waits_for_what_needs_it) {
    watchdog const dog("mail for the place of a sleeping guest");
    thread_pool pool({.workers = 2});
    for (int round = 0; round < repetitions(2000); ++round)
        for (std::size_t const rank : {0u, 1u}) {
            task_group group(pool);
            group.run([&] {
                submit(
                    pool, [] {}, submit_options{.on = rank})
                    .get();
            });
            group.wait();
        }
}

// Pushes far more items than a local deque has room for at first, in many tasks at once: each wait finds its own.
TEST(spawn, groups_of_thousands_in_thousands_of_tasks) {
    watchdog const dog("groups in tasks");
    for (unsigned const workers : {1u, 2u, 8u}) {
        thread_pool pool({.workers = workers});
        std::atomic<int> ran{0};
        task_group outer(pool);
        int const tasks = repetitions(1000);
        for (int i = 0; i < tasks; ++i)
            outer.run([&] {
                task_group inner(pool);
                for (int k = 0; k < 2000; ++k) inner.run([&ran] { ran.fetch_add(1, std::memory_order_relaxed); });
                inner.wait();
            });
        outer.wait();
        ASSERT_EQ(ran, tasks * 2000);
    }
}

} // namespace
