// SPDX-License-Identifier: MIT
// Tests handles of actors that go to other processes: calls from there, the handles that keep an actor alive, and the
// end of either side.
#include <hocket/base/error.hpp>
#include <hocket/remote.hpp>

#include "run_program.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

namespace {

using namespace hocket;
using remote_test::comes_true;

struct counter {
    int n = 0;
    int add(int x) { return n += x; }
    int fail() { throw std::domain_error("counter"); }
    int die() { return std::raise(SIGKILL); }
};

/// An actor that collects its messages, and reports its end.
struct log {
    explicit log(shared_memory<int> ends, int = 0) : ended(std::move(ends)) {}
    log(log const&) = delete;
    log& operator=(log const&) = delete;
    ~log() { std::atomic_ref(*ended).fetch_add(1); }
    void add(int x) { all.push_back(x); }
    std::vector<int> get() { return all; }

    shared_memory<int> ended;
    std::vector<int> all{};
};

/// An actor that calls another one.
struct caller {
    explicit caller(actor<counter> its_counter) : to(std::move(its_counter)) {}
    int add_twice(int x) {
        to.tell(&counter::add, x);
        return to.call(&counter::add, x).get();
    }
    int add_to(actor<counter> other, int x) { return other.call(&counter::add, x).get(); }
    actor<counter> to;
};

struct two_handles {
    std::vector<actor<counter>> some;
    int x = 0;
};

int add_some(actor<counter> c, int x) {
    for (int i = 0; i < 4; ++i) c.tell(&counter::add, x);
    return c.call(&counter::add, x).get();
}
void wait_for(shared_memory<int> flag) {
    while (std::atomic_ref(*flag).load() == 0) std::this_thread::yield();
}

/// Runs with the cluster of this program, and with worker processes in any case.
struct actor_handles : testing::Test {
    remote_pool& all = cluster();
};
struct process_pool_handles : testing::Test {
    process_pool pool{3};
    remote_pool& all = pool;
};

void are_called_by_tasks(remote_pool& all) {
    actor<counter> const c(all);
    std::vector<ref<int>> sums;
    for (int i = 0; i < 20; ++i) sums.push_back(submit(all, add_some, c, 1));
    int greatest = 0;
    for (ref<int> const& each : sums) greatest = std::max(greatest, each.get());
    EXPECT_EQ(c.call(&counter::add, 0).get(), 100);
    EXPECT_EQ(greatest, 100);
    EXPECT_EQ(
        submit(
            all, [](two_handles const& h) { return h.some[1].call(&counter::add, h.x).get(); }, two_handles{{c, c}, 3})
            .get(),
        103);
    std::vector<int> const ones(50, 1);
    (void)parallel_map(
        all, ones,
        hocket::bind_front([](actor<counter> const& h, int x) { return h.call(&counter::add, x).get(); }, c));
    EXPECT_EQ(c.call(&counter::add, 0).get(), 153);
    EXPECT_TRUE(submit(
                    all, [](actor<counter> h) { return h.alive(); }, c)
                    .get());
    ref<actor<counter>> const held = put(all, c);
    EXPECT_EQ(submit(
                  all, [](actor<counter> const& h) { return h.call(&counter::add, 1).get(); }, held)
                  .get(),
              154);
}
TEST_F(actor_handles, are_called_by_tasks) { are_called_by_tasks(all); }
TEST_F(process_pool_handles, are_called_by_tasks) { are_called_by_tasks(all); }

void are_called_by_actors(remote_pool& all) {
    actor<counter> const c(all), other(all);
    actor<caller> const a(all, c);
    EXPECT_EQ(a.call(&caller::add_twice, 5).get(), 10);
    EXPECT_EQ(a.call(&caller::add_to, other, 7).get(), 7);
    ref<int> const passed_on = submit(
        all, [](actor<caller> to, actor<counter> which) { return to.call(&caller::add_to, which, 2).get(); }, a, other);
    EXPECT_EQ(passed_on.get(), 9);
    EXPECT_EQ(c.call(&counter::add, 0).get(), 10);
}
TEST_F(actor_handles, are_called_by_actors) { are_called_by_actors(all); }
TEST_F(process_pool_handles, are_called_by_actors) { are_called_by_actors(all); }

void bring_errors(remote_pool& all) {
    actor<counter> const c(all);
    EXPECT_TRUE(submit(
                    all,
                    [](actor<counter> h) {
                        try {
                            (void)h.call(&counter::fail).get();
                        } catch (std::domain_error const&) {
                            return true;
                        }
                        return false;
                    },
                    c)
                    .get());
    EXPECT_THROW((void)submit(
                     all, [](actor<counter> h) { return h.call(&counter::fail); }, c)
                     .get(),
                 std::domain_error);
}
TEST_F(actor_handles, bring_errors) { bring_errors(all); }
TEST_F(process_pool_handles, bring_errors) { bring_errors(all); }

void keep_the_order_of_a_caller(remote_pool& all) {
    shared_memory<int> const ends(0);
    actor<log> const c(all, ends);
    submit(
        all,
        [](actor<log> h) {
            for (int i = 0; i < 500; ++i) h.tell(&log::add, i);
            (void)h.call(&log::get).get();
        },
        c)
        .get();
    std::vector<int> const seen = c.call(&log::get).get();
    ASSERT_EQ(seen.size(), 500u);
    for (int i = 0; i < 500; ++i) EXPECT_EQ(seen[static_cast<std::size_t>(i)], i);
}
TEST_F(actor_handles, keep_the_order_of_a_caller) { keep_the_order_of_a_caller(all); }
TEST_F(process_pool_handles, keep_the_order_of_a_caller) { keep_the_order_of_a_caller(all); }

void keep_the_actor_alive(remote_pool& all) {
    shared_memory<int> const ends(0), go(0), holds(0);
    ref<std::size_t> late;
    {
        actor<log> const c(all, ends);
        late = submit(
            all,
            [](actor<log> h, shared_memory<int> held, shared_memory<int> flag) {
                std::atomic_ref(*held).store(1);
                wait_for(flag);
                h.tell(&log::add, 1);
                return h.call(&log::get).get().size();
            },
            c, holds, go);
    }
    wait_for(holds);
    EXPECT_EQ(std::atomic_ref(*ends).load(), 0);
    std::atomic_ref(*go).store(1);
    EXPECT_EQ(late.get(), 1u);
    EXPECT_TRUE(comes_true([&] { return std::atomic_ref(*ends).load() == 1; }));
}
TEST_F(actor_handles, keep_the_actor_alive) { keep_the_actor_alive(all); }
TEST_F(process_pool_handles, keep_the_actor_alive) { keep_the_actor_alive(all); }

void are_found_by_name(remote_pool& all) {
    std::string const name = "found by name";
    EXPECT_FALSE(submit(
                     all, [](std::string n) { return find_actor<counter>(cluster(), n).has_value(); }, name)
                     .get());
    actor<counter> c(all, actor_options{.name = name});
    auto const add = [](std::string n, int x) {
        std::optional<actor<counter>> const found = find_actor<counter>(cluster(), n);
        return found ? found->call(&counter::add, x).get() : -1;
    };
    int const before = c.call(&counter::add, 0).get();
    std::vector<ref<int>> calls;
    for (int i = 0; i != 20; ++i) calls.push_back(submit(all, add, name, 1));
    for (ref<int> const& each : calls) EXPECT_GT(each.get(), before);
    EXPECT_EQ(c.call(&counter::add, 0).get(), before + 20);
    EXPECT_THROW((void)submit(
                     all, [](std::string n) { return find_actor<log>(cluster(), n).has_value(); }, name)
                     .get(),
                 std::invalid_argument);
    // A found handle keeps the actor alive.
    ref<int> const late = submit(
        all,
        [](std::string n) {
            std::optional<actor<counter>> const found = find_actor<counter>(cluster(), n);
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
            return found->call(&counter::add, 1).get();
        },
        name);
    EXPECT_EQ(late.get(), before + 21);
    c.kill();
    EXPECT_EQ(submit(all, add, name, 1).get(), -1);
}
TEST_F(actor_handles, are_found_by_name) { are_found_by_name(all); }

TEST_F(actor_handles, can_be_sent_before_the_actor_is_made) {
    shared_memory<int> const ends(0), go(0);
    ref<int> const argument = submit(
        all,
        [](shared_memory<int> flag) {
            wait_for(flag);
            return 0;
        },
        go);
    actor<log> const c(all, ends, argument);
    shared_memory<int> const sent(0);
    ref<std::size_t> const size = submit(
        all,
        [](actor<log> h, shared_memory<int> told) {
            for (int i = 0; i < 3; ++i) h.tell(&log::add, i);
            std::atomic_ref(*told).store(1);
            return h.call(&log::get).get().size();
        },
        c, sent);
    if (cluster().nodes().size() > 1) wait_for(sent); // else one worker may run both, and the first never finishes
    std::atomic_ref(*go).store(1);
    EXPECT_EQ(size.get(), 3u);
}

TEST_F(process_pool_handles, kill_from_a_task) {
    actor<counter> const c(all, actor_options{.name = "victim"});
    submit(
        all,
        [](actor<counter> h) {
            h.kill();
            EXPECT_FALSE(h.alive());
        },
        c)
        .get();
    EXPECT_TRUE(comes_true([&] { return !c.alive(); }));
    EXPECT_THROW((void)c.call(&counter::add, 1).get(), actor_died);
    EXPECT_FALSE(find_actor<counter>(all, "victim").has_value());
}

TEST_F(process_pool_handles, tell_of_the_death_of_the_actor) {
    actor<counter> const c(all, actor_options{.where = on(1)});
    ref<int> const call =
        submit(all, [](actor<counter> h) { return h.call(&counter::die).get(); }, c, {.where = on(2)});
    EXPECT_THROW((void)call.get(), actor_died);
    EXPECT_FALSE(c.alive());
    EXPECT_THROW((void)submit(all, add_some, c, 1).get(), actor_died);
}

TEST_F(process_pool_handles, are_gone_with_their_process) {
    shared_memory<int> const ends(0), go(0), holds(0);
    ref<int> lost;
    {
        actor<log> const c(all, actor_options{.where = on(1)}, ends);
        lost = submit(all,
                      [](actor<log>, shared_memory<int> held, shared_memory<int> flag) {
                          std::atomic_ref(*held).store(1);
                          wait_for(flag);
                          return std::raise(SIGKILL);
                      },
                      c, holds, go, {.where = on(2)});
    }
    wait_for(holds);
    EXPECT_EQ(std::atomic_ref(*ends).load(), 0);
    std::atomic_ref(*go).store(1);
    EXPECT_THROW((void)lost.get(), worker_lost);
    EXPECT_TRUE(comes_true([&] { return std::atomic_ref(*ends).load() == 1; }));
}

TEST_F(process_pool_handles, work_with_actors_that_are_made_anew) {
    actor<counter> const c(all, actor_options{.max_restarts = 1, .call_retries = 1, .where = on(1)});
    EXPECT_THROW((void)submit(all,
                              [](actor<counter> h) {
                                  return h
                                      .call([](counter& self) {
                                          return this_actor::restarts() == 2 ? self.n : std::raise(SIGKILL);
                                      })
                                      .get();
                              },
                              c, {.where = on(2)})
                     .get(),
                 actor_died);
    actor<counter> const d(all, actor_options{.max_restarts = 1, .call_retries = 1, .where = on(3)});
    EXPECT_EQ(submit(all,
                     [](actor<counter> h) {
                         return h
                             .call([](counter& self) {
                                 if (this_actor::restarts() == 0) std::raise(SIGKILL);
                                 return self.add(4);
                             })
                             .get();
                     },
                     d, {.where = on(2)})
                  .get(),
              4);
}

TEST_F(process_pool_handles, stay_in_their_pool) {
    process_pool other(1);
    actor<counter> const c(all);
    EXPECT_THROW((void)submit(other, add_some, c, 1).get(), not_remotable);
    actor<counter> const at_home(all, actor_options{.where = here});
    EXPECT_THROW((void)submit(all, add_some, at_home, 1).get(), not_remotable);
    EXPECT_EQ(submit(all, add_some, c, 1).get(), 5);
}

TEST(process_pool_handles_end, releases_who_waits_for_an_actor) {
    ref<int> waits;
    {
        process_pool pool(2);
        shared_memory<int> const go(0), began(0);
        actor<counter> const c(pool, actor_options{.where = on(1)});
        c.tell(
            [](counter&, shared_memory<int> started, shared_memory<int> flag) {
                std::atomic_ref(*started).store(1);
                while (std::atomic_ref(*flag).load() == 0 && !this_task::stop_requested()) std::this_thread::yield();
            },
            began, go);
        waits = submit(pool, add_some, c, 1, {.where = on(2)});
        wait_for(began);
        std::thread([flag = go] {
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
            std::atomic_ref(*flag).store(1); // a pool waits for the message that `tell` promised
        }).detach();
    }
    try {
        (void)waits.get();
    } catch (operation_cancelled const&) {
    }
}

} // namespace
