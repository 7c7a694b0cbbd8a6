// SPDX-License-Identifier: MIT
// Tests refs: the value that they hold, shared refs, and the errors that they deliver.
#include <hocket/coroutine/coroutine.hpp>
#include <hocket/remote/call/remote_submit.hpp>
#include <hocket/remote/object/ref.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace {

using namespace hocket;
using namespace std::chrono_literals;

struct failure : std::runtime_error {
    failure() : std::runtime_error("failure") {}
};

TEST(ref, copies_stand_for_the_same_value) {
    thread_pool threads(2);
    remote_pool all(threads, nullptr, false);
    ref<std::string> const a = submit(all, [] { return std::string("text"); });
    ref<std::string> const b = a;
    EXPECT_EQ(&a.get(), &b.get());
    EXPECT_EQ(b.get(), "text");
    EXPECT_TRUE(a.ready());
    static_assert(std::is_same_v<decltype(a.get()), std::string const&>);
    static_assert(std::is_same_v<decltype(submit(all, [] { return 1; }).get()), int>);
}

TEST(ref, the_last_one_gives_its_value_away_and_others_a_copy) {
    thread_pool threads(2);
    remote_pool all(threads, nullptr, false);
    ref<std::vector<int>> a = put(all, std::vector<int>(1000, 1));
    int const* const data = a.get().data();
    ref<std::vector<int>> b = a;
    EXPECT_NE(b.take().data(), data);
    EXPECT_FALSE(b.valid());
    EXPECT_EQ(a.get().data(), data);
    EXPECT_EQ(a.take().data(), data);
}

TEST(ref, of_what_cannot_be_copied_gives_its_value_to_the_last_one_only) {
    thread_pool threads(1);
    remote_pool all(threads, nullptr, false);
    ref<std::unique_ptr<int>> a = submit(all, [] { return std::make_unique<int>(5); });
    ref<std::unique_ptr<int>> b = a;
    EXPECT_THROW((void)b.take(), std::logic_error);
    EXPECT_EQ(*a.take(), 5);
}

TEST(ref, dropped_by_many_threads_at_once_leaves_the_value_to_the_last) {
    for (unsigned round = 0; round < 50; ++round) {
        thread_pool threads(4);
        remote_pool all(threads, nullptr, false);
        ref<std::unique_ptr<int>> r = put(all, std::make_unique<int>(1));
        std::vector<future<int>> readers;
        for (int i = 0; i < 8; ++i) readers.push_back(submit(threads, [r] { return *r.get(); }));
        for (auto& reader : readers) EXPECT_EQ(std::move(reader).get(), 1);
        threads.wait_idle();
        EXPECT_EQ(*r.take(), 1);
    }
}

TEST(ref, of_a_call_that_throws_throws_each_time) {
    thread_pool threads(2);
    remote_pool all(threads, nullptr, false);
    ref<int> const r = submit(all, []() -> int { throw failure(); });
    EXPECT_THROW((void)r.get(), failure);
    EXPECT_THROW((void)r.get(), failure);
    ref<int> s = r;
    EXPECT_THROW((void)s.take(), failure);
}

TEST(ref, that_holds_nothing_throws) {
    ref<int> r;
    EXPECT_FALSE(r.valid());
    EXPECT_THROW((void)r.ready(), std::logic_error);
    EXPECT_THROW((void)std::as_const(r).get(), std::logic_error);
    EXPECT_THROW((void)to_future(r), std::logic_error);
}

std::atomic<int> unobserved{0};

TEST(ref, an_error_that_nobody_asks_for_is_reported_once) {
    unobserved = 0;
    auto* const before = set_unobserved_error_handler([](std::exception_ptr const&) noexcept { ++unobserved; });
    {
        thread_pool threads(2);
        remote_pool all(threads, nullptr, false);
        ref<int> a = submit(all, []() -> int { throw failure(); });
        a.wait();
        ref<int> b = a;
        a = {};
        b = {};
        ref<int> asked = submit(all, []() -> int { throw failure(); });
        EXPECT_THROW((void)std::as_const(asked).get(), failure);
    }
    EXPECT_EQ(unobserved, 1);
    (void)set_unobserved_error_handler(before);
}

TEST(ref, becomes_a_future_that_others_can_continue) {
    thread_pool threads(2);
    remote_pool all(threads, nullptr, false);
    ref<int> const r = submit(all, [] { return 4; });
    EXPECT_EQ(to_future(r).then([](int x) { return x + 1; }).get(), 5);
    EXPECT_THROW((void)to_future(submit(all, []() -> int { throw failure(); })).get(), failure);
    ref<std::unique_ptr<int>> alone = submit(all, [] { return std::make_unique<int>(6); });
    EXPECT_EQ(*to_future(std::move(alone)).get(), 6);
}

task<int> sum_of(ref<int> a, remote_pool& all) {
    int const& first = co_await a;
    int const second = co_await submit(
        all, [](int x) { return x * 2; }, a);
    co_return first + second;
}

TEST(ref, can_be_awaited_by_coroutines) {
    thread_pool threads(2);
    remote_pool all(threads, nullptr, false);
    EXPECT_EQ(submit(threads, sum_of(submit(all, [] { return 7; }), all)).get(), 21);
}

TEST(ref, waits_for_a_time) {
    thread_pool threads(1);
    remote_pool all(threads, nullptr, false);
    std::atomic<bool> go{false};
    ref<void> const r = submit(all, [&go] {
        while (!go) std::this_thread::yield();
    });
    EXPECT_FALSE(r.wait_for(1ms));
    go = true;
    EXPECT_TRUE(r.wait_for(1h));
    r.get();
}

} // namespace
