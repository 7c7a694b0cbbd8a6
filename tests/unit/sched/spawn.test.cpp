// SPDX-License-Identifier: MIT
// Tests of spawn: the thread that runs each item, the order, and that no item is left behind.
#include <hocket/pool/this_worker.hpp>
#include <hocket/pool/thread_pool.hpp>
#include <hocket/sched/pool_entry.hpp>
#include <hocket/sched/spawn.hpp>

#include <stress/watchdog.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace hocket;
using namespace hocket::detail;
using stress_test::watchdog;

/// Calls a function once.
struct job : work_item {
    explicit job(std::function<void()> its_body, void const* its_scope = nullptr) : body(std::move(its_body)) {
        scope = its_scope;
        run = [](work_item* self) noexcept {
            auto* const me = static_cast<job*>(self);
            if (me->begun.exchange(true)) std::abort();
            me->body();
            me->ended = true;
        };
    }
    std::function<void()> body;
    std::atomic<bool> begun{false};
    std::atomic<bool> ended{false};
};

void await(std::atomic<bool> const& flag) {
    while (!flag) std::this_thread::yield();
}
template<class T>
void await(std::atomic<T> const& count, T wanted) {
    while (count < wanted) std::this_thread::yield();
}

/// Jobs that live until the last one has finished. Declare the variables that they refer to before them.
class jobs {
  public:
    jobs() = default;
    jobs(jobs const&) = delete;
    jobs& operator=(jobs const&) = delete;
    ~jobs() {
        for (job& one : all_) await(one.ended);
    }
    job& add(std::function<void()> body, void const* scope = nullptr) {
        std::lock_guard const lock(mutex_);
        return all_.emplace_back(std::move(body), scope);
    }
    bool all_begun() {
        std::lock_guard const lock(mutex_);
        for (job& one : all_)
            if (!one.begun) return false;
        return true;
    }

  private:
    std::mutex mutex_;
    std::deque<job> all_;
};

/// Keeps a worker busy until it is told to go on.
class held_worker {
  public:
    held_worker(thread_pool& pool, jobs& all) {
        spawn(pool.sched(), all.add([this] {
            thread_ = std::this_thread::get_id();
            index_ = this_worker::index();
            held_ = true;
            await(free_);
            ended_ = true;
        }));
        await(held_);
    }
    ~held_worker() {
        go_on();
        await(ended_);
    }
    held_worker(held_worker const&) = delete;
    held_worker& operator=(held_worker const&) = delete;
    void go_on() { free_ = true; }
    std::thread::id thread() const { return thread_; }
    std::size_t index() const { return index_; }

  private:
    std::thread::id thread_;
    std::size_t index_ = 0;
    std::atomic<bool> held_{false};
    std::atomic<bool> free_{false};
    std::atomic<bool> ended_{false};
};

TEST(spawn, from_outside_runs_on_a_thread_of_the_pool) {
    watchdog const dog("spawn from outside");
    thread_pool pool({.workers = 2});
    std::atomic<bool> ran{false};
    std::thread::id where;
    bool inside = false;
    jobs all;
    spawn(pool.sched(), all.add([&] {
        where = std::this_thread::get_id();
        inside = slot_in(pool.sched()) != nullptr;
        ran = true;
    }));
    await(ran);
    EXPECT_NE(where, std::this_thread::get_id());
    EXPECT_TRUE(inside);
}

TEST(spawn, a_thread_of_the_pool_begins_with_its_newest) {
    watchdog const dog("newest first");
    thread_pool pool({.workers = 1});
    std::vector<int> order;
    std::atomic<int> ran{0};
    jobs all;
    spawn(pool.sched(), all.add([&] {
        for (int i = 0; i < 100; ++i)
            spawn(pool.sched(), all.add([&order, &ran, i] {
                order.push_back(i);
                ++ran;
            }));
    }));
    await(ran, 100);
    for (int i = 0; i < 100; ++i) ASSERT_EQ(order[static_cast<std::size_t>(i)], 99 - i);
}

TEST(spawn, thieves_take_the_oldest) {
    watchdog const dog("oldest first");
    thread_pool pool({.workers = 2});
    std::atomic<int> first{-1};
    std::atomic<int> ran{0};
    jobs all;
    spawn(pool.sched(), all.add([&] {
        held_worker other(pool, all); // now everything is spawned before any thread can steal
        for (int i = 0; i < 100; ++i)
            spawn(pool.sched(), all.add([&first, &ran, i] {
                int none = -1;
                first.compare_exchange_strong(none, i);
                ++ran;
            }));
        other.go_on();
        while (first < 0) std::this_thread::yield();
    }));
    await(ran, 100);
    EXPECT_EQ(first, 0);
}

TEST(spawn, urgent_items_come_first_and_unimportant_ones_last) {
    watchdog const dog("priority");
    thread_pool pool({.workers = 1});
    std::vector<char> order;
    std::atomic<int> ran{0};
    jobs all;
    auto const note = [&](char what) -> job& {
        return all.add([&order, &ran, what] {
            order.push_back(what);
            ++ran;
        });
    };
    {
        held_worker const worker(pool, all);
        spawn(pool.sched(), note('l'), priority::low);
        spawn(pool.sched(), note('n'));
        spawn(pool.sched(), note('n'));
        spawn(pool.sched(), note('h'), priority::high);
        spawn(pool.sched(), note('h'), priority::high);
    }
    await(ran, 5);
    EXPECT_EQ(std::string(order.begin(), order.end()), "hhnnl");
    order.clear();
    ran = 0;
    spawn(pool.sched(), all.add([&] { // also before what the worker itself has spawned
        spawn(pool.sched(), note('l'), priority::low);
        spawn(pool.sched(), note('n'));
        spawn(pool.sched(), note('h'), priority::high);
    }));
    await(ran, 3);
    EXPECT_EQ(std::string(order.begin(), order.end()), "hnl");
}

TEST(spawn, lists_are_begun_in_their_order) {
    watchdog const dog("lists");
    thread_pool pool({.workers = 1});
    std::vector<int> order;
    std::atomic<int> ran{0};
    jobs all;
    {
        held_worker const worker(pool, all);
        std::vector<job*> list;
        for (int i = 0; i < 100; ++i)
            list.push_back(&all.add([&order, &ran, i] {
                order.push_back(i);
                ++ran;
            }));
        for (std::size_t i = 0; i + 1 < list.size(); ++i) list[i]->next = list[i + 1];
        spawn_list(pool.sched(), *list.front(), *list.back());
    }
    await(ran, 100);
    for (int i = 0; i < 100; ++i) ASSERT_EQ(order[static_cast<std::size_t>(i)], i);
}

TEST(spawn_on, runs_on_that_worker_alone) {
    watchdog const dog("spawn_on");
    thread_pool pool({.workers = 3});
    std::atomic<int> ran{0};
    std::vector<std::thread::id> thread_of(3);
    std::atomic<int> wrong{0};
    jobs all;
    for (int round = 0; round < 300; ++round) {
        std::uint32_t const rank = static_cast<std::uint32_t>(round % 3);
        spawn_on(pool.sched(), rank, all.add([&, rank] {
            if (this_worker::index() != rank) ++wrong;
            std::thread::id const here = std::this_thread::get_id();
            if (thread_of[rank] == std::thread::id()) thread_of[rank] = here; // no other thread writes it
            if (thread_of[rank] != here) ++wrong;
            ++ran;
        }));
        if (round % 10 == 0) await(ran, round + 1); // sometimes they sleep
        if (round % 50 == 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    await(ran, 300);
    EXPECT_EQ(wrong, 0);
    EXPECT_NE(thread_of[0], thread_of[1]);
    EXPECT_NE(thread_of[1], thread_of[2]);
}

TEST(spawn_on, waits_for_the_worker_while_a_guest_is_in_its_place) {
    watchdog const dog("spawn_on beside a guest");
    thread_pool pool({.workers = 1});
    for (int round = 0; round < 50; ++round) {
        std::atomic<bool> ran{false};
        std::thread::id where;
        bool early = false;
        jobs all;
        {
            pool_entry guest(pool.sched());
            ASSERT_TRUE(guest.entered());
            spawn_on(pool.sched(), 0, all.add([&] {
                where = std::this_thread::get_id();
                ran = true;
            }));
            if (round % 2 == 0) std::this_thread::sleep_for(std::chrono::microseconds(100));
            early = ran && this_slot->counts_as_awake && pool.sched().worker_slot(0) == this_slot;
        }
        await(ran);
        EXPECT_NE(where, std::this_thread::get_id());
        EXPECT_FALSE(early);
    }
}

TEST(spawn_on, comes_before_everything_else) {
    watchdog const dog("mail first");
    thread_pool pool({.workers = 1});
    std::atomic<int> ran{0};
    std::atomic<int> place{-1};
    jobs all;
    {
        held_worker const worker(pool, all);
        for (int i = 0; i < 10; ++i) spawn(pool.sched(), all.add([&] { ++ran; }), priority::high);
        spawn_on(pool.sched(), 0, all.add([&] { place = ran++; }));
    }
    await(ran, 11);
    EXPECT_EQ(place, 0);
}

// Spawns as many items as the local deque has room for, and then more and more.
TEST(spawn, any_number_of_items_has_room) {
    watchdog const dog("overflow");
    for (unsigned const workers : {1u, 2u}) {
        thread_pool pool({.workers = workers});
        constexpr int count = 5000;
        std::atomic<int> ran{0};
        jobs all;
        spawn(pool.sched(), all.add([&] {
            for (int i = 0; i < count; ++i) spawn(pool.sched(), all.add([&ran] { ++ran; }));
        }));
        await(ran, count);
        EXPECT_TRUE(all.all_begun());
    }
}

TEST(spawn, what_a_guest_leaves_behind_is_run) {
    watchdog const dog("left behind");
    for (unsigned const workers : {1u, 2u}) {
        thread_pool pool({.workers = workers});
        for (int round = 0; round < 50; ++round) {
            std::atomic<int> ran{0};
            jobs all;
            {
                pool_entry guest(pool.sched());
                ASSERT_TRUE(guest.entered());
                for (int i = 0; i < 10; ++i) spawn(pool.sched(), all.add([&ran] { ++ran; }));
            }
            await(ran, 10);
        }
    }
}

// Uses more external threads than workers. The additional ones have worker slots of their own, which no thread uses
// when they are gone.
TEST(spawn, what_an_additional_guest_leaves_behind_is_run) {
    watchdog const dog("left behind by an additional guest");
    thread_pool pool({.workers = 1});
    for (int round = 0; round < 50; ++round) {
        std::atomic<int> ran{0};
        jobs all;
        {
            pool_entry first(pool.sched());
            ASSERT_TRUE(first.entered());
            std::thread([&] {
                pool_entry second(pool.sched());
                ASSERT_TRUE(second.entered());
                for (int i = 0; i < 10; ++i) spawn(pool.sched(), all.add([&ran] { ++ran; }));
            }).join();
        }
        await(ran, 10);
    }
}

TEST(run_one_of, runs_nothing_but_its_scope) {
    watchdog const dog("run_one_of");
    thread_pool pool({.workers = 1});
    int const mine = 0;
    int const others = 0;
    std::atomic<int> ran{0};
    std::vector<int> order;
    std::atomic<bool> done{false};
    std::atomic<bool> more{true};
    jobs all;
    spawn(pool.sched(), all.add([&] {
        worker& me = *this_slot;
        for (int i = 0; i < 20; ++i)
            spawn(pool.sched(), all.add(
                                    [&, i] {
                                        order.push_back(i);
                                        ++ran;
                                    },
                                    i % 4 == 1 ? &mine : &others));
        for (int i = 0; i < 5; ++i)
            if (!run_one_of(me, &mine)) order.push_back(-1);
        more = run_one_of(me, &mine);
        done = true;
    }));
    await(done);
    EXPECT_FALSE(more);
    await(ran, 20);
    std::vector<int> const expected = {17, 13, 9, 5, 1, 19, 18, 16, 15, 14, 12, 11, 10, 8, 7, 6, 4, 3, 2, 0};
    EXPECT_EQ(order, expected);
}

TEST(run_one_of, finds_items_in_the_injector_and_in_the_deques_of_others) {
    watchdog const dog("run_one_of elsewhere");
    thread_pool pool({.workers = 2});
    int const mine = 0;
    std::atomic<int> ran{0};
    std::atomic<bool> spawned{false};
    std::atomic<bool> end{false};
    jobs all;
    held_worker first(pool, all);
    spawn(pool.sched(), all.add([&] { // on the other worker, which is busy from then on
        for (int i = 0; i < 3; ++i) spawn(pool.sched(), all.add([&ran] { ++ran; }, &mine));
        spawned = true;
        await(end);
    }));
    await(spawned);
    for (int i = 0; i < 3; ++i) spawn(pool.sched(), all.add([&ran] { ++ran; }, &mine));
    {
        pool_entry guest(pool.sched());
        ASSERT_TRUE(guest.entered());
        while (ran != 6) run_one_of(*this_slot, &mine);
    }
    end = true;
    first.go_on();
}

// Items of other waits that a wait has taken and put back are visible to all threads again.
TEST(run_one_of, strangers_do_not_get_lost_while_the_others_sleep) {
    watchdog const dog("strangers");
    thread_pool pool({.workers = 2});
    int const mine = 0;
    int const others = 0;
    jobs all;
    for (int round = 0; round < 200; ++round) {
        std::atomic<bool> stranger_ran{false};
        std::atomic<bool> done{false};
        spawn(pool.sched(), all.add([&] {
            worker& me = *this_slot;
            spawn(pool.sched(), all.add([&] { stranger_ran = true; }, &others));
            spawn(pool.sched(), all.add([] {}, &mine));
            while (run_one_of(me, &mine)) {
            }
            await(stranger_ran); // by another thread, while this thread seems to be busy
            done = true;
        }));
        await(done);
        if (round % 20 == 0) std::this_thread::sleep_for(std::chrono::microseconds(200));
    }
}

TEST(run_all_of, goes_on_until_a_stranger_lies_at_the_top) {
    watchdog const dog("run_all_of");
    thread_pool pool({.workers = 1});
    int const mine = 0;
    int const others = 0;
    std::vector<int> order;
    std::vector<std::uint64_t> numbers;
    std::atomic<int> ran{0};
    std::atomic<bool> done{false};
    bool more = true;
    jobs all;
    spawn(pool.sched(), all.add([&] {
        worker& me = *this_slot;
        std::uint64_t const outside = me.job;
        auto const add = [&](int i, void const* scope) {
            spawn(pool.sched(), all.add(
                                    [&, i] {
                                        order.push_back(i);
                                        numbers.push_back(this_slot->job);
                                        ++ran;
                                    },
                                    scope));
        };
        for (int i = 0; i < 8; ++i) add(i, i == 1 || i == 4 ? &others : &mine);
        while (run_all_of(me, &mine)) order.push_back(-1);
        more = run_all_of(me, &mine) || me.job != outside;
        done = true;
    }));
    await(done);
    await(ran, 8);
    EXPECT_FALSE(more);
    std::vector<int> const expected = {7, 6, 5, -1, 3, -1, 2, -1, 0, -1, 4, 1};
    EXPECT_EQ(order, expected) << "behind a stranger one at a time, but the stranger is left alone";
    for (std::size_t i = 1; i < numbers.size(); ++i)
        EXPECT_LT(numbers[i - 1], numbers[i]) << "each is a job of its own";
}

// Short items come before an item that blocks until the one behind it has run. Another thread must then find that one.
TEST(spawn, nothing_is_hidden_while_an_item_blocks) {
    watchdog const dog("an item that blocks");
    thread_pool pool({.workers = 2});
    for (int round = 0; round < 20; ++round) {
        constexpr int short_ones = 31;
        constexpr int count = short_ones + 32;
        std::atomic<int> ran{0};
        std::atomic<bool> last_ran{false};
        std::optional<held_worker> other;
        jobs all;
        spawn(pool.sched(), all.add([&] {
            other.emplace(pool, all);
            for (int i = count; i-- != 0;)
                spawn(pool.sched(), all.add([&, i] {
                    if (i == short_ones) {
                        other->go_on();
                        await(last_ran);
                    }
                    if (i == count - 1) last_ran = true;
                    ++ran;
                }));
        }));
        await(ran, count);
    }
}

TEST(scheduler, the_destructor_finishes_everything) {
    watchdog const dog("destructor");
    for (unsigned const workers : {1u, 2u, 3u}) {
        std::atomic<int> ran{0};
        constexpr int depth = 10;
        jobs all;
        std::function<void(int)> const tree = [&](int n) {
            ++ran;
            if (n == 0) return;
            for (int i = 0; i < 2; ++i) {
                priority const level = n % 3 == 0 ? priority::low : n % 3 == 1 ? priority::normal : priority::high;
                spawn(*this_slot->sched, all.add([&tree, n] { tree(n - 1); }), level);
            }
        };
        {
            thread_pool pool({.workers = workers});
            spawn(pool.sched(), all.add([&] { tree(depth); }));
        }
        EXPECT_EQ(ran, (1 << (depth + 1)) - 1);
        EXPECT_TRUE(all.all_begun());
    }
}

// The last task runs while the other workers have nothing to do, and sends them mail.
TEST(scheduler, nobody_leaves_before_the_last_task_has_ended) {
    watchdog const dog("mail at the end");
    constexpr unsigned workers = 3;
    for (int round = 0; round < 20; ++round) {
        std::atomic<unsigned> mail{0};
        jobs all;
        {
            thread_pool pool({.workers = workers});
            spawn(pool.sched(), all.add([&] {
                std::this_thread::sleep_for(std::chrono::milliseconds(2)); // the destructor has been called by now
                for (unsigned rank = 0; rank < workers; ++rank) spawn_on(pool.sched(), rank, all.add([&] { ++mail; }));
                std::atomic<bool> ran{false}; // a wait for another worker does not hang either
                spawn(pool.sched(), all.add([&] { ran = true; }));
                await(ran);
            }));
        }
        EXPECT_EQ(mail, workers);
    }
}

} // namespace
