// SPDX-License-Identifier: MIT
// Tests of the order in which work begins: external tasks in order, and waiting work within a bounded number of other
// tasks. No test measures time: chains of tasks go on until the waiting task has begun, or are too long.
#include <hocket/coroutine/coroutine.hpp>
#include <hocket/future/future.hpp>
#include <hocket/future/submit.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <ostream>
#include <thread>
#include <tuple>
#include <vector>

namespace {

using namespace hocket;
using namespace std::chrono_literals;

enum class kind { outside, inside, high, on, low, coroutine };

void PrintTo(kind k, std::ostream* out) {
    constexpr char const* names[] = {"outside", "inside", "high", "on", "low", "coroutine"};
    *out << names[static_cast<int>(k)];
}

submit_options options_of(kind k, unsigned worker) {
    if (k == kind::on) return {.on = worker};
    return {.priority = k == kind::high ? priority::high : k == kind::low ? priority::low : priority::normal};
}

/// Returns the time from which on a test fails: threads may have to wait long for a core.
auto limit_from_now() { return std::chrono::steady_clock::now() + 10s; }

/// Chains of tasks that go on until `begun`.
class chains {
  public:
    explicit chains(thread_pool& pool) : pool_(pool) {}

    void begin(kind k, unsigned worker) {
        ++running_;
        add(k, worker);
    }
    void end() const {
        while (running_ != 0) std::this_thread::sleep_for(100us);
    }
    std::atomic<bool> begun{false};
    std::atomic<bool> too_late{false};

  private:
    void add(kind k, unsigned worker) {
        auto link = [this, k, worker] {
            bool const late = std::chrono::steady_clock::now() > limit_;
            if (late) too_late = true;
            if (late || begun) return static_cast<void>(--running_);
            add(k, worker);
        };
        if (k == kind::inside)
            (void)submit(pool_, link);
        else
            (void)submit(pool_, link, options_of(k, worker));
    }

    thread_pool& pool_;
    std::chrono::steady_clock::time_point const limit_ = limit_from_now();
    std::atomic<unsigned> running_{0};
};

task<void> coroutine_that_begins(chains& all) {
    all.begun = true;
    co_return;
}

/// Tasks that hold all workers until they are let go.
class gates {
  public:
    template<class Then>
    gates(thread_pool& pool, Then const& then) {
        unsigned const all = static_cast<unsigned>(pool.size());
        for (unsigned i = 0; i < all; ++i)
            held_.push_back(submit(pool,
                                   [this, i, then] {
                                       ++in_;
                                       while (!open_) std::this_thread::yield();
                                       then(i);
                                   },
                                   {.on = i}));
        while (in_ < all) std::this_thread::yield();
    }
    void open() { open_ = true; }
    void wait() {
        for (future<void>& one : held_) one.wait();
    }

  private:
    std::atomic<unsigned> in_{0};
    std::atomic<bool> open_{false};
    std::vector<future<void>> held_;
};

class turns : public testing::TestWithParam<std::tuple<kind, kind, unsigned>> {};
INSTANTIATE_TEST_SUITE_P(
    all, turns,
    testing::Combine(testing::Values(kind::outside, kind::inside, kind::high, kind::on, kind::low, kind::coroutine),
                     testing::Values(kind::inside, kind::high, kind::on), testing::Values(1u, 2u, 4u)));

TEST_P(turns, whatever_waits_begins_beside_chains_of_any_kind) {
    auto const [waits, runs, workers] = GetParam();
    thread_pool pool({.workers = workers, .bind = binding::none});
    chains all(pool);
    gates held(pool, [&, waiting = waits, running = runs](unsigned worker) {
        if (worker == 0 && waiting == kind::inside) (void)submit(pool, [&] { all.begun = true; });
        for (int i = 0; i < 2; ++i) all.begin(running, worker);
    });
    if (waits == kind::coroutine)
        (void)submit(pool, [&] { return coroutine_that_begins(all); });
    else if (waits != kind::inside)
        (void)submit(
            pool, [&] { all.begun = true; }, options_of(waits, 0));
    held.open();
    held.wait();
    all.end();
    EXPECT_FALSE(all.too_late);
}

class stream_from_outside : public testing::TestWithParam<std::tuple<kind, unsigned>> {};
INSTANTIATE_TEST_SUITE_P(all, stream_from_outside,
                         testing::Combine(testing::Values(kind::inside, kind::high, kind::on, kind::low),
                                          testing::Values(1u, 3u)));

/// Worker 0 has made an item and is in a long task. Other workers begin the item though more tasks come from outside
/// all the time.
TEST_P(stream_from_outside, leaves_turns_to_what_waits) {
    auto const [waits, workers] = GetParam();
    thread_pool pool({.workers = workers, .bind = binding::none});
    std::atomic<bool> begun{false};
    std::atomic<bool> ended{false};
    std::atomic<unsigned> queued{0};
    auto const wait = [&, one = workers == 1, inside = waits == kind::inside](unsigned worker) {
        if (worker != 0) return;
        if (inside) (void)submit(pool, [&] { begun = true; });
        while (inside && !one && !begun && !ended) std::this_thread::yield();
    };
    gates held(pool, wait);
    auto const limit = limit_from_now();
    auto const send = [&] {
        ++queued;
        (void)submit(pool, [&] { --queued; });
    };
    for (int i = 0; i < 200; ++i) send();
    if (waits != kind::inside)
        (void)submit(
            pool, [&] { begun = true; }, options_of(waits, 0));
    held.open();
    while (!begun && std::chrono::steady_clock::now() < limit)
        if (queued < 500)
            send();
        else
            std::this_thread::yield();
    EXPECT_TRUE(begun);
    ended = true;
    held.wait();
}

/// Tasks that a worker has taken in advance do not wait for the task that the worker runs.
TEST(order, ten_short_tasks_behind_a_long_one_do_not_wait_for_it) {
    thread_pool pool({.workers = 2, .bind = binding::none});
    auto const limit = limit_from_now();
    std::atomic<int> short_ones{0};
    std::atomic<unsigned> queued{0};
    std::atomic<bool> ended{false};
    auto const send = [&] {
        ++queued;
        (void)submit(pool, [&] { --queued; });
    };
    gates held(pool, [](unsigned) {});
    for (int i = 0; i < 2000; ++i) send(); // tiny tasks: from then on workers take many at once
    (void)submit(pool, [&] {
        while (short_ones < 10 && !ended && std::chrono::steady_clock::now() < limit) std::this_thread::yield();
    });
    for (int i = 0; i < 10; ++i) (void)submit(pool, [&] { ++short_ones; });
    for (int i = 0; i < 200; ++i) send();
    held.open();
    while (short_ones < 10 && std::chrono::steady_clock::now() < limit)
        if (queued < 500)
            send();
        else
            std::this_thread::yield();
    EXPECT_EQ(short_ones, 10);
    ended = true;
    held.wait();
}

/// As many tasks as there are workers begin first, and then wait for each other: none of the later ones begins before.
TEST(order, of_tasks_that_are_submitted_together_the_first_begin_first) {
    for (unsigned const workers : {1u, 2u, 4u, 8u}) {
        thread_pool pool({.workers = workers, .bind = binding::none});
        auto const limit = limit_from_now();
        std::atomic<unsigned> first{0};
        std::atomic<bool> wrong{false};
        std::vector<future<void>> tasks;
        gates held(pool, [](unsigned) {});
        for (unsigned i = 0; i < 3 * workers; ++i)
            tasks.push_back(submit(pool, [&, i] {
                if (i >= workers) {
                    if (first < workers) wrong = true;
                    return;
                }
                for (++first; first < workers && std::chrono::steady_clock::now() < limit;) std::this_thread::yield();
            }));
        held.open();
        for (future<void>& task : tasks) // the caller does not help
            while (!task.ready()) std::this_thread::sleep_for(100us);
        EXPECT_FALSE(wrong) << workers;
        held.wait();
    }
}

TEST(order, one_worker_begins_tasks_from_outside_one_after_another) {
    thread_pool pool({.workers = 1, .bind = binding::none});
    std::vector<int> order;
    std::vector<future<void>> tasks;
    gates held(pool, [](unsigned) {});
    constexpr int all = 3000;
    for (int i = 0; i < all; ++i) tasks.push_back(submit(pool, [&order, i] { order.push_back(i); }));
    held.open();
    while (!tasks.back().ready()) std::this_thread::sleep_for(100us);
    ASSERT_EQ(order.size(), static_cast<std::size_t>(all));
    for (int i = 0; i < all; ++i) ASSERT_EQ(order[static_cast<std::size_t>(i)], i);
    held.wait();
}

/// A chain of continuations runs on one thread, but not for ever.
TEST(turns_of_continuations, a_long_chain_leaves_turns_to_what_waits) {
    thread_pool pool({.workers = 1, .bind = binding::none});
    std::atomic<bool> begun{false};
    bool early = false;
    gates held(pool, [](unsigned) {});
    future<void> chain = submit(pool, [] {});
    for (int i = 0; i < 20'000; ++i) chain = std::move(chain).then([] {});
    chain = std::move(chain).then([&] { early = begun; });
    (void)submit(pool, [&] { begun = true; });
    held.open();
    while (!chain.ready()) std::this_thread::sleep_for(100us);
    EXPECT_TRUE(early);
    held.wait();
}

} // namespace
