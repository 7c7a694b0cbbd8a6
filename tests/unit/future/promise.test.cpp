// SPDX-License-Identifier: MIT
// Tests of promise: it is kept once, broken, or given up.
#include <hocket/future/promise.hpp>
#include <hocket/future/submit.hpp>
#include <hocket/future/when/when_any.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <exception>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace {

using namespace hocket;

struct failure {};

TEST(promise, gives_its_value_to_the_future) {
    promise<std::unique_ptr<int>> p;
    future<std::unique_ptr<int>> f = p.get_future();
    std::thread other([p = std::move(p)]() mutable { p.set_value(std::make_unique<int>(3)); });
    EXPECT_EQ(*f.get(), 3);
    other.join();
}

TEST(promise, may_be_kept_before_the_future_is_asked_for) {
    promise<std::string> p;
    p.set_value("text");
    EXPECT_EQ(p.get_future().get(), "text");
}

TEST(promise, of_void_and_of_references) {
    promise<void> p;
    future<void> f = p.get_future();
    p.set_value();
    f.get();
    int number = 1;
    promise<int&> r;
    r.set_value(number);
    EXPECT_EQ(&r.get_future().get(), &number);
}

TEST(promise, gives_its_error) {
    promise<int> p;
    future<int> f = p.get_future();
    p.set_exception(std::make_exception_ptr(failure{}));
    EXPECT_THROW((void)f.get(), failure);
}

TEST(promise, is_broken_when_it_is_destroyed_unkept) {
    future<int> f;
    {
        promise<int> p;
        f = p.get_future();
    }
    EXPECT_TRUE(f.ready());
    EXPECT_THROW((void)f.get(), broken_promise);
    EXPECT_THROW((void)f.get(), std::logic_error);
    promise<void> q;
    future<void> g = q.get_future();
    q = promise<void>();
    EXPECT_THROW(g.get(), broken_promise);
}

TEST(promise, broken_one_ends_the_tasks_that_depend_on_it) {
    bool called = false;
    future<int> end;
    {
        promise<int> p;
        end = submit([&called](int x) { return called = true, x; }, p.get_future().then([](int x) { return x; }));
    }
    EXPECT_THROW((void)end.get(), broken_promise);
    EXPECT_FALSE(called);
}

TEST(promise, is_kept_once) {
    promise<int> p;
    future<int> f = p.get_future();
    p.set_value(1);
    EXPECT_THROW(p.set_value(2), std::logic_error);
    EXPECT_THROW(p.set_exception(std::make_exception_ptr(failure{})), std::logic_error);
    EXPECT_EQ(f.get(), 1);
}

TEST(promise, has_one_future) {
    promise<int> p;
    future<int> f = p.get_future();
    EXPECT_THROW((void)p.get_future(), std::logic_error);
}

TEST(promise, that_was_moved_from_says_so) {
    promise<int> p;
    promise<int> q = std::move(p);
    EXPECT_THROW((void)p.get_future(), std::logic_error);
    EXPECT_THROW(p.set_value(1), std::logic_error);
    q.set_value(1);
    EXPECT_EQ(q.get_future().get(), 1);
}

TEST(promise, without_an_error_to_set_is_refused) {
    promise<int> p;
    EXPECT_THROW(p.set_exception(nullptr), std::invalid_argument);
    p.set_value(1);
}

TEST(promise, stays_unkept_when_its_value_throws) {
    struct fragile {
        fragile(int) { throw failure{}; }
        fragile() = default;
    };
    promise<fragile> p;
    future<fragile> f = p.get_future();
    EXPECT_THROW(p.set_value(1), failure);
    EXPECT_FALSE(f.ready());
    p.set_value();
    f.get();
}

/// A value that counts its living copies.
class counted {
  public:
    explicit counted(std::atomic<int>& alive) : alive_(&alive) { ++alive; }
    counted(counted const& other) : alive_(other.alive_) { ++*alive_; }
    counted& operator=(counted const&) = delete;
    ~counted() { --*alive_; }

  private:
    std::atomic<int>* alive_;
};

/// Ends the result of a promise: its future loses, unless the promise is kept before.
template<class T>
void give_up(future<T>& lost) {
    std::vector<future<T>> both;
    promise<T> first;
    both.push_back(first.get_future());
    both.push_back(std::move(lost));
    auto any = when_any(both, cancel_losers);
    first.set_exception(std::make_exception_ptr(std::runtime_error("first")));
    try {
        (void)any.get();
    } catch (std::runtime_error const&) { // unless the other one was faster
    }
    lost = std::move(both[1]);
}

TEST(promise, drops_what_comes_after_its_result_was_given_up) {
    std::atomic<int> alive{0};
    for (bool const by_error : {false, true}) {
        promise<counted> p;
        future<counted> f = p.get_future();
        future<int> const next = f.then([](counted const&) { return 1; });
        give_up(f);
        EXPECT_THROW((void)f.get(), operation_cancelled);
        EXPECT_THROW(next.get(), operation_cancelled);
        if (by_error)
            p.set_exception(std::make_exception_ptr(std::runtime_error("late")));
        else
            p.set_value(alive);
        EXPECT_EQ(alive, 0);
        EXPECT_THROW(p.set_value(alive), std::logic_error) << "it was kept";
    }
    int target = 1;
    promise<int&> of_reference;
    promise<void> of_void;
    future<int&> f = of_reference.get_future();
    future<void> g = of_void.get_future();
    give_up(f);
    give_up(g);
    of_reference.set_value(target);
    of_void.set_value();
    EXPECT_THROW(f.get(), operation_cancelled);
    EXPECT_THROW(g.get(), operation_cancelled);
}

TEST(promise, may_break_after_its_result_was_given_up) {
    future<int> f;
    {
        promise<int> p;
        f = p.get_future();
        give_up(f);
    }
    EXPECT_THROW((void)f.get(), operation_cancelled);
}

TEST(promise, is_kept_or_given_up) {
    std::atomic<int> alive{0};
    for (int round = 0; round < 1000; ++round) {
        promise<counted> p;
        future<counted> f = p.get_future();
        std::atomic<int> ready{0};
        std::thread keeper([&] {
            for (++ready; ready != 2;) std::this_thread::yield();
            p.set_value(alive);
        });
        for (++ready; ready != 2;) std::this_thread::yield();
        for (int i = 0; i < round % 100; ++i) std::atomic_signal_fence(std::memory_order_seq_cst);
        give_up(f);
        try {
            (void)f.get();
        } catch (operation_cancelled const&) {
        }
        keeper.join();
        f = {};
        p = {};
        ASSERT_EQ(alive, 0);
    }
}

} // namespace
