// SPDX-License-Identifier: MIT
// Tests of waits outside of a pool whose workers are all blocked by something that the waiting thread holds. The pool
// does not see that. The waiting thread computes what it waits for.
#include <hocket/coroutine/coroutine.hpp>
#include <hocket/future/submit.hpp>
#include <hocket/future/when/as_completed.hpp>
#include <hocket/future/when/wait_for_some.hpp>
#include <hocket/future/when/when_all.hpp>
#include <hocket/future/when/when_any.hpp>
#include <hocket/graph/task_graph.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

namespace {

using namespace hocket;

/// Blocks all workers of a pool until it is opened. A worker waits for at most 20 seconds.
class gate {
  public:
    explicit gate(thread_pool& pool) : workers_(pool.size()) {
        for (std::size_t i = 0; i < workers_; ++i) passed_.push_back(submit(pool, [this] { return pass(); }));
        std::unique_lock lock(mutex_);
        came_.wait(lock, [this] { return blocked_ == workers_; });
    }
    /// Opens the gate. Returns whether it was opened in time for all workers.
    bool open() {
        {
            std::lock_guard const lock(mutex_);
            open_ = true;
        }
        opened_.notify_all();
        bool all = true;
        for (future<bool>& one : passed_) all &= one.get();
        return all;
    }

  private:
    bool pass() {
        std::unique_lock lock(mutex_);
        ++blocked_;
        came_.notify_one();
        return opened_.wait_for(lock, std::chrono::seconds(20), [this] { return open_; });
    }

    std::size_t const workers_;
    std::mutex mutex_;
    std::condition_variable came_;
    std::condition_variable opened_;
    std::size_t blocked_ = 0;
    bool open_ = false;
    std::vector<future<bool>> passed_;
};

std::vector<future<int>> five_ones(thread_pool& pool) {
    std::vector<future<int>> all;
    for (int i = 0; i < 5; ++i) all.push_back(submit(pool, [] { return 1; }));
    return all;
}

task<int> returns_one() { co_return 1; }

struct form {
    char const* name;
    std::function<int(thread_pool&)> one; // waits for a result of the pool, which is 1
};

form const forms[] = {
    {"task", [](thread_pool& pool) { return submit(pool, [] { return 1; }).get(); }},
    {"delayed_task",
     [](thread_pool& pool) { return submit(pool, [] { return 1; }, {.after = std::chrono::milliseconds(2)}).get(); }},
    {"graph",
     [](thread_pool& pool) {
         task_graph g;
         graph_value<int> const first = g.add([] { return 0; });
         graph_value<int> const second = g.add([](int x) { return x + 1; }, first);
         g.run(pool).get();
         return second.get();
     }},
    {"subgraph",
     [](thread_pool& pool) {
         int runs = 0;
         task_graph inner;
         inner.add([&] { ++runs; });
         task_graph g;
         g.add_subgraph(inner);
         g.run(pool).get();
         return runs;
     }},
    {"dropped_run",
     [](thread_pool& pool) {
         int runs = 0;
         task_graph g;
         g.add([&] { ++runs; });
         { future<void> const dropped = g.run(pool); }
         return runs;
     }},
    {"coroutine", [](thread_pool& pool) { return sync_wait(pool, returns_one()); }},
    {"then",
     [](thread_pool& pool) {
         return submit(pool, [] { return 0; }).then([](int x) { return x + 1; }).then([](int x) { return x; }).get();
     }},
    {"dependencies",
     [](thread_pool& pool) {
         future<int> const x = submit(pool, [] { return 0; });
         return submit(
                    pool, [](int a, int b) { return a + b; }, x, x.then([](int a) { return a + 1; }))
             .get();
     }},
    {"when_all", [](thread_pool& pool) { return when_all(five_ones(pool)).get().back(); }},
    {"when_any", [](thread_pool& pool) { return when_any(five_ones(pool)).get().value; }},
    {"wait", [](thread_pool& pool) { return wait(five_ones(pool)).ready.back().get(); }},
    {"as_completed",
     [](thread_pool& pool) {
         int last = 0;
         for (auto& done : as_completed(five_ones(pool))) last = done.get();
         return last;
     }},
};

class waits_while_workers_block : public testing::TestWithParam<std::tuple<std::size_t, form>> {
  protected:
    thread_pool pool{{.workers = std::get<0>(GetParam()), .bind = binding::none}};
    form const& waited = std::get<1>(GetParam());
};

INSTANTIATE_TEST_SUITE_P(on_workers, waits_while_workers_block,
                         testing::Combine(testing::Values(1, 3, 64), testing::ValuesIn(forms)), [](auto const& its) {
                             return std::string(std::get<1>(its.param).name) + "_" +
                                    std::to_string(std::get<0>(its.param));
                         });

TEST_P(waits_while_workers_block, of_an_external_thread_end) {
    gate closed(pool);
    EXPECT_EQ(waited.one(pool), 1);
    EXPECT_TRUE(closed.open());
}

TEST_P(waits_while_workers_block, of_a_worker_of_another_pool_end) {
    thread_pool other({.workers = 1, .bind = binding::none});
    gate closed(pool);
    EXPECT_EQ(submit(other, [&] { return waited.one(pool); }).get(), 1);
    EXPECT_TRUE(closed.open());
}

// A thread that waits for long is no further worker while the workers get on.
TEST(waits_beside_busy_workers, help_for_moments) {
    thread_pool pool({.workers = 2, .bind = binding::none});
    std::thread::id const caller = std::this_thread::get_id();
    std::atomic<int> by_caller{0};
    task_graph g;
    for (int i = 0; i < 400; ++i)
        g.add([&] {
            if (std::this_thread::get_id() == caller) ++by_caller;
            auto const end = std::chrono::steady_clock::now() + std::chrono::milliseconds(2);
            while (std::chrono::steady_clock::now() < end) {
            }
        });
    future<void> run = g.run(pool);
    std::this_thread::sleep_for(std::chrono::milliseconds(20)); // both workers are awake
    std::move(run).get();
    EXPECT_LE(by_caller, 20);
}

} // namespace
