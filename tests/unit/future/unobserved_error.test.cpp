// SPDX-License-Identifier: MIT
// Tests that an error whose future is never asked is reported once, and no other error is.
#include <hocket/base/unobserved_error.hpp>
#include <hocket/coroutine/coroutine.hpp>
#include <hocket/fork_join/task_group.hpp>
#include <hocket/future/promise.hpp>
#include <hocket/future/submit.hpp>
#include <hocket/future/when/as_completed.hpp>
#include <hocket/future/when/wait_for_some.hpp>
#include <hocket/future/when/when_all.hpp>
#include <hocket/future/when/when_any.hpp>
#include <hocket/graph/task_graph.hpp>
#include <hocket/pipeline/pipeline.hpp>
#include <hocket/pipeline/stage.hpp>
#include <hocket/pool/thread_pool.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <optional>
#include <stdexcept>
#include <utility>
#include <vector>

namespace {

using namespace hocket;

std::atomic<int> reported = 0;

class unobserved_error : public testing::Test {
  protected:
    unobserved_error() : before_(set_unobserved_error_handler([](std::exception_ptr const&) noexcept { ++reported; })) {
        reported = 0;
    }
    ~unobserved_error() override { set_unobserved_error_handler(before_); }

    static int fail() { throw std::runtime_error("x"); }
    future<int> failed() {
        return submit(pool_, [] { return fail(); });
    }

    unobserved_error_handler before_;
    thread_pool pool_{{.workers = 2, .bind = binding::none}};
};

TEST_F(unobserved_error, of_a_group_without_wait_is_reported) {
    {
        task_group g(pool_);
        g.run([] { fail(); });
    }
    EXPECT_EQ(reported, 1);
    {
        task_group g(pool_);
        g.run([] { fail(); });
        EXPECT_THROW(g.wait(), std::runtime_error);
    }
    EXPECT_EQ(reported, 1);
}

TEST_F(unobserved_error, of_a_dropped_future_is_reported) {
    failed().wait();
    pool_.wait_idle();
    EXPECT_EQ(reported, 1);
}

TEST_F(unobserved_error, is_none_that_was_asked_for_or_passed_on) {
    future<int> f = failed();
    EXPECT_THROW(f.get(), std::runtime_error);
    EXPECT_THROW(failed().get(), std::runtime_error);
    EXPECT_THROW(failed().then([](int i) { return i; }).get(), std::runtime_error);
    EXPECT_THROW(submit(
                     pool_, [](int i) { return i; }, failed())
                     .get(),
                 std::runtime_error);
    shared_future<int> s = failed().share();
    shared_future<int> const t = s;
    EXPECT_THROW(t.get(), std::runtime_error);
    {
        promise<int> p;
        future<int> const broken = p.get_future();
    }
    s = {};
    pool_.wait_idle();
    EXPECT_EQ(reported, 0);
}

TEST_F(unobserved_error, of_the_run_of_a_graph_is_reported) {
    task_graph inner, g;
    inner.add([] { fail(); });
    g.add_subgraph(inner);
    { future<void> const dropped = g.run(pool_); }
    pool_.wait_idle(); // the thread that ends the run may be the last to hold its error
    EXPECT_EQ(reported, 1);
    static_cast<void>(g.run_n(pool_, 3));
    pool_.wait_idle();
    EXPECT_EQ(reported, 2);
    static_cast<void>(inner.run_until(pool_, [] { return true; }));
    pool_.wait_idle();
    EXPECT_EQ(reported, 3);
    EXPECT_THROW(g.run(pool_).get(), std::runtime_error);
    EXPECT_THROW(g.run(pool_).then([] {}).get(), std::runtime_error);
    pool_.wait_idle();
    EXPECT_EQ(reported, 3);
}

TEST_F(unobserved_error, of_what_is_spawned_is_reported) {
    spawn(pool_, [] { fail(); });
    spawn(
        pool_, [](int) {}, failed());
    spawn(pool_, [] { return fail(); }, {.priority = priority::high});
    spawn(pool_, []() -> task<> {
        fail();
        co_return;
    }());
    pool_.wait_idle();
    EXPECT_EQ(reported, 4);
    submit(pool_, [] { spawn([] { fail(); }); }).get();
    pool_.wait_idle();
    EXPECT_EQ(reported, 5);
}

TEST_F(unobserved_error, of_a_continuation_or_combination_is_reported_once) {
    static_cast<void>(failed().then([](int i) { return i; }));
    pool_.wait_idle();
    EXPECT_EQ(reported, 1);
    static_cast<void>(submit(pool_, [this] { return failed(); })); // unpacked
    pool_.wait_idle();
    EXPECT_EQ(reported, 2);
    static_cast<void>(when_all(failed(), submit(pool_, [] { return 1; })));
    pool_.wait_idle();
    EXPECT_EQ(reported, 3);
    {
        std::vector<future<int>> fs;
        fs.push_back(failed());
        static_cast<void>(when_any(std::move(fs)));
    }
    pool_.wait_idle();
    EXPECT_EQ(reported, 4);
}

TEST_F(unobserved_error, of_futures_that_a_wait_has_only_sorted_is_reported) {
    {
        std::vector<future<int>> fs;
        fs.push_back(failed());
        auto const sorted = wait(std::move(fs));
        EXPECT_EQ(sorted.ready.size(), 1u);
    }
    pool_.wait_idle();
    EXPECT_EQ(reported, 1);
    {
        std::vector<future<int>> fs;
        fs.push_back(failed());
        for (future<int>& one : as_completed(std::move(fs))) EXPECT_TRUE(one.ready());
    }
    pool_.wait_idle();
    EXPECT_EQ(reported, 2);
    {
        future<int> const f = failed();
        while (!f.wait_for(std::chrono::seconds(1))) {
        }
    }
    pool_.wait_idle();
    EXPECT_EQ(reported, 3);
}

TEST_F(unobserved_error, of_a_group_is_that_of_one_task) {
    {
        task_group g(pool_);
        for (int i = 0; i < 10; ++i) g.run([] { fail(); });
        g.run_bulk(10, [](std::size_t) { fail(); });
    }
    EXPECT_EQ(reported, 1);
    submit(pool_, [] {
        task_group g;
        g.run([] { fail(); });
    }).get();
    EXPECT_EQ(reported, 2);
    try { // unwinding
        task_group g(pool_);
        g.run([] { fail(); });
        throw std::logic_error("y");
    } catch (std::logic_error const&) {
    }
    EXPECT_EQ(reported, 3);
}

TEST_F(unobserved_error, of_coroutines_is_reported) {
    auto const fails = []() -> task<int> { co_return fail(); };
    static_cast<void>(submit(pool_, fails()));
    pool_.wait_idle();
    EXPECT_EQ(reported, 1);
    static_cast<void>(submit(pool_, fails));
    pool_.wait_idle();
    EXPECT_EQ(reported, 2);
    EXPECT_THROW(sync_wait(pool_, fails()), std::runtime_error);
    EXPECT_THROW(sync_wait(pool_, [](task<int> inner) -> task<int> { co_return co_await inner; }(fails())),
                 std::runtime_error);
    EXPECT_THROW(sync_wait(pool_, [](future<int> inner) -> task<int> { co_return co_await inner; }(failed())),
                 std::runtime_error);
    auto const catches = [](future<int> inner) -> task<int> {
        try {
            co_return co_await std::move(inner);
        } catch (std::runtime_error const&) {
            co_return 7;
        }
    };
    EXPECT_EQ(sync_wait(pool_, catches(failed())), 7);
    pool_.wait_idle();
    EXPECT_EQ(reported, 2);
}

TEST_F(unobserved_error, of_pipelines_and_joins_always_comes_out) {
    int i = 0;
    auto read = [&i]() -> std::optional<int> { return i < 10 ? std::optional<int>(i++) : std::nullopt; };
    pipeline p(stage<serial>(read), stage<parallel>([](int) { fail(); }));
    EXPECT_THROW(p.run(pool_), std::runtime_error);
    EXPECT_THROW(submit(pool_,
                        [&] {
                            i = 0;
                            pipeline inner(stage<serial>(read), stage<parallel>([](int) { fail(); }));
                            inner.run();
                        })
                     .get(),
                 std::runtime_error);
    EXPECT_THROW(join(
                     pool_, [] { return fail(); }, [] { return fail(); }),
                 std::runtime_error);
    pool_.wait_idle();
    EXPECT_EQ(reported, 0);
}

// One promise holds an error, and its future is dropped; the future of the other promise was never taken.
TEST_F(unobserved_error, of_promises_is_reported) {
    {
        promise<int> p;
        future<int> const dropped = p.get_future();
        p.set_exception(std::make_exception_ptr(std::runtime_error("x")));
    }
    EXPECT_EQ(reported, 1);
    {
        promise<int> p;
        static_cast<void>(p.get_future());
        p.set_exception(std::make_exception_ptr(std::runtime_error("x")));
    }
    EXPECT_EQ(reported, 2);
}

} // namespace
