// SPDX-License-Identifier: MIT
// Tests of actors on threads: order, one call at a time, lifetime, errors.
#include <hocket/base/unobserved_error.hpp>
#include <hocket/coroutine/coroutine.hpp>
#include <hocket/future/promise.hpp>
#include <hocket/remote/actor/actor.hpp>
#include <hocket/remote/call/remote_submit.hpp>
#include <hocket/remote/wire/remote_error.hpp>

#include <stress/watchdog.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cfenv>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <exception>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace {

using namespace hocket;
using stress_test::watchdog;

struct failure : std::runtime_error {
    failure() : std::runtime_error("failure") {}
};

struct counter {
    int n = 0;
    int add(int x) { return n += x; }
    int fail() { throw failure(); }
    int const& value() const { return n; }
};

class actor_calls : public testing::TestWithParam<unsigned> {
  protected:
    thread_pool threads{GetParam()};
    remote_pool all{threads, nullptr, false}; // values are passed as they are
};
INSTANTIATE_TEST_SUITE_P(, actor_calls, testing::Values(1u, 2u, 3u, 4u, 8u));

TEST_P(actor_calls, run_one_after_another) {
    actor<counter> const c(all, 5);
    for (int i = 0; i < 100; ++i) c.tell(&counter::add, i);
    ref<int> const sum = c.call(&counter::add, 0);
    EXPECT_EQ(sum.get(), 4955);
    EXPECT_EQ(c.call([](counter& self, int x) { return self.add(x) + 1; }, 5).get(), 4961);
    auto v = c.call(&counter::value);
    static_assert(std::is_same_v<decltype(v), ref<int>>);
    EXPECT_EQ(v.get(), 4960);
    EXPECT_TRUE(c.alive());
}

TEST_P(actor_calls, of_each_caller_run_in_its_order) {
    struct log {
        std::vector<int> last = std::vector<int>(2, -1);
        bool in_order = true;
        int count = 0; // a data race, if two calls ever ran at once
        void note(int caller, int number) {
            in_order &= number == last[static_cast<std::size_t>(caller)] + 1;
            last[static_cast<std::size_t>(caller)] = number;
            ++count;
        }
    };
    int const calls = 10'000;
    actor<log> const c(all);
    auto const caller = [](actor<log> to, int me) {
        std::vector<ref<void>> window;
        for (int i = 0; i < calls; ++i) {
            if (i % 3 == 0) {
                to.tell(&log::note, me, i);
            } else {
                window.push_back(to.call(&log::note, me, i));
            }
            if (window.size() == 100) {
                for (auto const& r : window) r.get();
                window.clear();
            }
        }
        for (auto const& r : window) r.get();
    };
    std::thread other(caller, c, 1);
    submit(all, caller, c, 0).get();
    other.join();
    EXPECT_TRUE(c.call([](log& self) { return self.in_order; }).get());
    EXPECT_EQ(c.call([](log& self) { return self.count; }).get(), 2 * calls);
}

TEST_P(actor_calls, that_throw_leave_the_actor_alive) {
    actor<counter> const c(all);
    EXPECT_THROW((void)c.call(&counter::fail).get(), failure);
    EXPECT_EQ(c.call(&counter::add, 1).get(), 1);
}

struct refuses {
    refuses() { throw failure(); }
    int method() { return 1; }
};

TEST_P(actor_calls, fail_with_the_error_of_the_constructor) {
    actor<refuses> const c(all);
    EXPECT_THROW((void)c.call(&refuses::method).get(), failure);
    EXPECT_THROW((void)c.call(&refuses::method).get(), failure);
    EXPECT_FALSE(c.alive());
}

std::atomic<int> living{0};
struct held {
    int value = 0;
    explicit held(int from) : value(from) { ++living; }
    held(held const&) = delete;
    ~held() { --living; }
    int use() { return ++value; }
};

TEST_P(actor_calls, on_their_way_keep_the_actor_alive) {
    std::vector<ref<int>> refs;
    {
        actor<held> const c(all, 0);
        actor<held> const d = c;
        for (int i = 0; i < 1000; ++i) refs.push_back((i % 2 == 0 ? c : d).call(&held::use));
    }
    for (int i = 0; i < 1000; ++i) EXPECT_EQ(refs[static_cast<std::size_t>(i)].get(), i + 1);
    threads.wait_idle();
    EXPECT_EQ(living, 0);
}

TEST_P(actor_calls, get_the_values_of_refs_in_the_order_of_their_caller) {
    std::atomic<bool> go{false};
    actor<std::vector<int>> const c(all);
    auto const push = [](std::vector<int>& self, int x) { self.push_back(x); };
    thread_pool other(1);
    remote_pool elsewhere(other, nullptr, false);
    ref<int> const slow = submit(elsewhere, [&go] {
        while (!go) std::this_thread::yield();
        return 1;
    });
    c.tell(push, 0);
    ref<void> const first = c.call(push, slow);
    ref<void> const second = c.call(push, 2);
    ref<void> const of_another = submit(
        all, [push](auto const& to) { to.call(push, 7).get(); }, c);
    of_another.get(); // is not delayed
    EXPECT_FALSE(second.ready());
    go = true;
    second.get();
    EXPECT_TRUE(first.ready());
    EXPECT_EQ(c.call([](std::vector<int>& self) { return self; }).get(), (std::vector<int>{0, 7, 1, 2}));
}

TEST_P(actor_calls, wait_for_the_arguments_of_the_constructor) {
    std::atomic<bool> go{false};
    thread_pool other(1);
    remote_pool elsewhere(other, nullptr, false);
    ref<int> const slow = submit(elsewhere, [&go] {
        while (!go) std::this_thread::yield();
        return 40;
    });
    actor<counter> const c(all, slow);
    ref<int> const r = c.call(&counter::add, 2);
    go = true;
    EXPECT_EQ(r.get(), 42);
}

TEST_P(actor_calls, can_be_made_by_actors_with_handles_as_arguments) {
    struct relay {
        int forward(actor<counter> to, int x) { return to.call(&counter::add, x).get(); }
    };
    actor<counter> const c(all);
    actor<relay> const r(all);
    EXPECT_EQ(r.call(&relay::forward, c, 3).get(), 3);
    EXPECT_EQ(r.call(&relay::forward,
                     submit(
                         all, [](actor<counter> to) { return to; }, c),
                     4)
                  .get(),
              7);
}

TEST_P(actor_calls, of_one_that_was_killed_fail) {
    actor<counter> const c(all);
    EXPECT_EQ(c.call(&counter::add, 1).get(), 1);
    c.kill();
    c.kill();
    EXPECT_FALSE(c.alive());
    EXPECT_THROW((void)c.call(&counter::add, 1).get(), actor_died);
    EXPECT_THROW((void)actor<counter>().call(&counter::add, 1), std::logic_error);
}

TEST_P(actor_calls, beyond_the_limit_are_refused) {
    std::atomic<bool> go{false};
    actor<counter> const c(all, actor_options{.max_pending = 3});
    std::vector<ref<int>> refs;
    for (int i = 0; i < 3; ++i)
        refs.push_back(c.call([&go](counter& self) {
            while (!go) std::this_thread::yield();
            return ++self.n;
        }));
    EXPECT_THROW((void)c.call(&counter::add, 1), queue_full);
    EXPECT_THROW(c.tell(&counter::add, 1), queue_full);
    go = true;
    EXPECT_EQ(refs[2].get(), 3);
    EXPECT_EQ(c.call(&counter::add, 1).get(), 4);
}

TEST_P(actor_calls, find_actors_by_name) {
    EXPECT_FALSE(find_actor<counter>(all, "stats").has_value());
    {
        actor<counter> const c(all, actor_options{.name = "stats"}, 1);
        EXPECT_THROW(actor<counter>(all, actor_options{.name = "stats"}), std::invalid_argument);
        EXPECT_THROW((void)find_actor<held>(all, "stats"), std::invalid_argument);
        EXPECT_EQ(find_actor<counter>(all, "stats")->call(&counter::add, 1).get(), 2);
        actor<counter> const same(all, actor_options{.name = "stats", .get_if_exists = true}, 100);
        EXPECT_EQ(same.call(&counter::add, 1).get(), 3);
        c.kill();
        EXPECT_FALSE(find_actor<counter>(all, "stats").has_value());
        actor<counter> const next(all, actor_options{.name = "stats"}, 7);
        EXPECT_EQ(next.call(&counter::add, 0).get(), 7);
        EXPECT_EQ(find_actor<counter>(all, "stats")->call(&counter::add, 0).get(), 7);
    }
    EXPECT_FALSE(find_actor<counter>(all, "stats").has_value());
    {
        actor<counter> const c(all, actor_options{.name = "lasting", .detached = true}, 1);
        c.tell(&counter::add, 1);
    }
    EXPECT_EQ(find_actor<counter>(all, "lasting")->call(&counter::add, 1).get(), 3);
    find_actor<counter>(all, "lasting")->kill();
    EXPECT_FALSE(find_actor<counter>(all, "lasting").has_value());
}

TEST_P(actor_calls, run_at_once_where_the_class_allows_it) {
    struct meeting {
        std::atomic<unsigned> there{0};
        std::atomic<unsigned> calls{0};
        void meet(unsigned count) {
            ++there;
            while (there < count) std::this_thread::yield();
        }
        void count() { ++calls; }
    };
    unsigned const count = GetParam();
    actor<meeting> const c(all, actor_options{.concurrency = count});
    std::vector<ref<void>> refs;
    for (unsigned i = 0; i < count; ++i) refs.push_back(c.call(&meeting::meet, count));
    for (auto const& r : refs) r.wait_for(std::chrono::hours(1));
    for (int i = 0; i < 1000; ++i) c.tell(&meeting::count);
    while (c.call([](meeting& self) { return self.calls.load(); }).get() != 1000) std::this_thread::yield();
}

/// Ignores unobserved errors: the calls behind a refused wait fail as well.
struct unheard_errors {
    unobserved_error_handler const before = set_unobserved_error_handler([](std::exception_ptr const&) noexcept {});
    ~unheard_errors() { (void)set_unobserved_error_handler(before); }
};

struct selfish {
    actor<selfish> other;
    int ask(int depth) { return depth == 0 ? 1 : other.call(&selfish::ask, depth - 1).get() + 1; }
    void meet(actor<selfish> to) { other = std::move(to); }
};

TEST_P(actor_calls, to_itself_that_it_waits_for_get_an_error) {
    watchdog const dog("an actor that waits for itself");
    unheard_errors const unheard;
    actor<selfish> const c(all, actor<selfish>());
    c.tell(&selfish::meet, c);
    EXPECT_EQ(c.call(&selfish::ask, 0).get(), 1);
    ref<int> const bad = c.call(&selfish::ask, 1);
    EXPECT_THROW((void)bad.get(), std::logic_error);
    auto const ask = [](actor<selfish> to) { return to.call(&selfish::ask, 2); };
    EXPECT_THROW((void)submit(all, ask, c).get(), std::logic_error);
    c.call(&selfish::meet, actor<selfish>()).get(); // else the actor keeps itself alive
    threads.wait_idle();
}

TEST_P(actor_calls, that_wait_for_each_other_get_an_error) {
    watchdog const dog("actors that wait for each other");
    unheard_errors const unheard;
    std::vector<actor<selfish>> ring;
    for (int i = 0; i < 3; ++i) ring.emplace_back(all, actor<selfish>());
    for (std::size_t i = 0; i < 3; ++i) ring[i].call(&selfish::meet, ring[(i + 1) % 3]).get();
    EXPECT_EQ(ring[0].call(&selfish::ask, 2).get(), 3);
    ref<int> const bad = ring[0].call(&selfish::ask, 3);
    EXPECT_THROW((void)bad.get(), std::logic_error);
    for (auto const& each : ring) each.call(&selfish::meet, actor<selfish>()).get();
    threads.wait_idle();
}

struct sleeper {
    int inside = 0;
    int most = 0;
    std::vector<int> order{};
    task<int> wait(ref<int> for_this, int number) {
        most = std::max(most, ++inside);
        int const got = co_await for_this;
        --inside;
        order.push_back(number);
        co_return got + number;
    }
    task<int> fail(ref<int> for_this) {
        (void)co_await for_this;
        throw failure();
    }
    task<int> wait_for_itself(actor<sleeper> self) { co_return co_await self.call(&sleeper::count); }
    int count() { return static_cast<int>(order.size()); }
};

TEST_P(actor_calls, that_are_coroutines_run_one_after_another) {
    promise<int> p;
    ref<int> const late(p.get_future().take_state());
    actor<sleeper> const c(all);
    ref<int> const first = c.call(&sleeper::wait, late, 1);
    ref<int> const second = c.call(&sleeper::wait, put(all, 5), 2);
    ref<int> const failing = c.call(&sleeper::fail, put(all, 5));
    ref<int> const count = c.call(&sleeper::count);
    submit(all, [] {}).get();
    EXPECT_FALSE(second.ready());
    p.set_value(10);
    EXPECT_EQ(count.get(), 2);
    EXPECT_EQ(first.get(), 11);
    EXPECT_EQ(second.get(), 7);
    EXPECT_THROW((void)failing.get(), failure);
    EXPECT_EQ(c.call([](sleeper& self) { return self.most; }).get(), 1);
    EXPECT_THROW((void)c.call(&sleeper::wait_for_itself, c).get(), std::logic_error);
}

TEST_P(actor_calls, that_are_coroutines_interleave_where_asked) {
    std::vector<promise<int>> promises(20);
    std::vector<ref<int>> refs;
    {
        actor<sleeper> const c(all, actor_options{.interleave = true});
        for (int i = 0; i < 20; ++i)
            refs.push_back(
                c.call(&sleeper::wait, ref<int>(promises[static_cast<std::size_t>(i)].get_future().take_state()), i));
        EXPECT_EQ(c.call([](sleeper& self) { return self.inside; }).get(), 20);
        EXPECT_EQ(c.call(&sleeper::wait_for_itself, c).get(), 0);
    }
    for (int i = 19; i >= 0; --i) promises[static_cast<std::size_t>(i)].set_value(100);
    for (int i = 0; i < 20; ++i) EXPECT_EQ(refs[static_cast<std::size_t>(i)].get(), 100 + i);
}

TEST_P(actor_calls, may_return_what_others_will_give) {
    struct front {
        actor<counter> back;
        ref<int> add(int x) { return back.call(&counter::add, x); }
    };
    actor<counter> const back(all);
    actor<front> const c(all, back);
    ref<int> const r = c.call(&front::add, 3);
    EXPECT_EQ(r.get(), 3);
}

TEST_P(actor_calls, by_tell_leave_one_line_for_each_type_of_error) {
    testing::internal::CaptureStderr();
    {
        actor<counter> const c(all);
        for (int i = 0; i < 10; ++i) c.tell(&counter::fail);
        c.tell([](counter&) { throw std::out_of_range("too far"); });
        EXPECT_EQ(c.call(&counter::add, 1).get(), 1);
    }
    std::string const text = testing::internal::GetCapturedStderr();
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 2) << text;
    EXPECT_NE(text.find("std::out_of_range: too far"), text.npos) << text;
}

TEST_P(actor_calls, run_in_the_floating_point_mode_of_the_caller) {
    struct divider {
        double third() { return std::nearbyint(2.5); }
    };
    actor<divider> const c(all);
    EXPECT_EQ(c.call(&divider::third).get(), 2.0);
    std::fesetround(FE_UPWARD);
    ref<double> const up = c.call(&divider::third);
    std::fesetround(FE_TONEAREST);
    EXPECT_EQ(up.get(), 3.0);
    EXPECT_EQ(c.call(&divider::third).get(), 2.0);
}

TEST_P(actor_calls, many_actors_come_and_go) {
    for (int round = 0; round < 200; ++round) {
        std::vector<ref<int>> refs;
        for (int i = 0; i < 5; ++i) {
            actor<counter> const c(all, i);
            c.tell(&counter::add, 1);
            refs.push_back(c.call(&counter::add, 1));
        }
        for (int i = 0; i < 5; ++i) EXPECT_EQ(refs[static_cast<std::size_t>(i)].get(), i + 2);
    }
}

} // namespace
