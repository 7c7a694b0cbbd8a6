// SPDX-License-Identifier: MIT
// Stress of futures: random graphs of tasks, continuations, shared results, promises kept and broken by any thread,
// waits with and without a limit, from inside and outside of the pool. Every task runs once, every future becomes
// ready, every value is freed.
#include <hocket/future/promise.hpp>
#include <hocket/future/submit.hpp>
#include <hocket/future/when/as_completed.hpp>
#include <hocket/future/when/when_all.hpp>
#include <hocket/future/when/when_any.hpp>

#include <stress/watchdog.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <exception>
#include <memory>
#include <random>
#include <thread>
#include <utility>
#include <vector>

namespace {

using namespace hocket;
using stress_test::repetitions;
using stress_test::watchdog;

struct failure {};

/// A value that counts its living copies.
class counted {
  public:
    explicit counted(std::uint64_t value) : value_(value) { ++alive; }
    counted(counted&& other) noexcept : value_(other.value_) { ++alive; }
    counted(counted const& other) noexcept : value_(other.value_) { ++alive; }
    counted& operator=(counted const&) = default;
    ~counted() { --alive; }
    std::uint64_t value() const { return value_; }

    static inline std::atomic<std::int64_t> alive{0};

  private:
    std::uint64_t value_;
};

class futures_on : public testing::TestWithParam<unsigned> {
  protected:
    void TearDown() override {
        pool_.reset();
        EXPECT_EQ(counted::alive, 0);
    }
    std::unique_ptr<thread_pool> pool_ = std::make_unique<thread_pool>(pool_options{.workers = GetParam()});
};
INSTANTIATE_TEST_SUITE_P(workers, futures_on, testing::Values(1u, 2u, 5u));

/// Computes the sum as a serial loop and as a random graph: each step makes a future from earlier ones.
TEST_P(futures_on, random_graphs_give_the_serial_sum) {
    watchdog const dog("random graphs of futures");
    for (unsigned seed = 0; seed < static_cast<unsigned>(repetitions(60)); ++seed) {
        std::mt19937 random(seed);
        std::vector<future<counted>> open;
        std::vector<std::uint64_t> expected;
        auto const take = [&](future<counted>& into) {
            std::size_t const i = random() % open.size();
            into = std::move(open[i]);
            std::uint64_t const value = expected[i];
            open[i] = std::move(open.back());
            expected[i] = expected.back();
            open.pop_back();
            expected.pop_back();
            return value;
        };
        auto const put = [&](future<counted> f, std::uint64_t value) {
            open.push_back(std::move(f));
            expected.push_back(value);
        };
        int blocking = 0; // tasks that wait: more than the maximum of threads would get an error
        for (int step = 0; step < 300; ++step) {
            std::uint64_t const x = random() % 1000;
            future<counted> a;
            future<counted> b;
            switch (open.size() < 2 ? 0 : random() % 7) {
            case 0: put(submit(*pool_, [x] { return counted(x); }), x); break;
            case 1: {
                std::uint64_t const v = take(a);
                put(a.then([x](counted c) { return counted(c.value() + x); }), v + x);
                break;
            }
            case 2: {
                std::uint64_t const v = take(a) + take(b);
                put(submit(
                        *pool_, [](counted c, counted d) { return counted(c.value() + d.value()); }, a, b),
                    v);
                break;
            }
            case 3: {
                std::uint64_t const v = take(a);
                shared_future<counted> const s = a.share();
                put(s.then([](counted const& c) { return c; }), v);
                put(submit(
                        *pool_, [](counted const& c) { return c; }, s),
                    v);
                break;
            }
            case 4: {
                std::uint64_t const v = take(a);
                put(a.then([](counted c) { return submit([c = std::move(c)] { return c; }); }), v);
                break;
            }
            case 5: {
                std::uint64_t const v = take(a) + take(b);
                put(when_all(a, b).then([](std::tuple<counted, counted> both) {
                    return counted(std::get<0>(both).value() + std::get<1>(both).value());
                }),
                    v);
                break;
            }
            default: {
                if (++blocking > 8) break;
                std::uint64_t const v = take(a);
                put(submit(*pool_, [f = std::move(a)]() mutable { return std::move(f).get(); }), v);
                break;
            }
            }
        }
        for (std::size_t i = 0; i < open.size(); ++i) {
            if (i % 3 == 0) (void)open[i].wait_for(std::chrono::microseconds(i));
            ASSERT_EQ(open[i].get().value(), expected[i]) << "seed " << seed;
        }
    }
}

/// Promises are kept, failed or broken by another thread, while others wait, attach continuations or cancel.
TEST_P(futures_on, promises_against_everything) {
    watchdog const dog("promises against waits and continuations");
    std::atomic<std::uint64_t> told{0};
    int const rounds = repetitions(4000);
    for (int round = 0; round < rounds; ++round) {
        promise<counted> p;
        shared_future<counted> const s = p.get_future();
        std::thread keeper([p = std::move(p), round]() mutable {
            if (round % 3 == 0) p.set_value(counted(1));
            if (round % 3 == 1) p.set_exception(std::make_exception_ptr(failure{}));
        });
        future<void> follower = s.then(*pool_, [&told](shared_future<counted>) { ++told; });
        future<void> waiter = submit(*pool_, [s, &told] {
            s.wait();
            ++told;
        });
        (void)s.wait_for(std::chrono::microseconds(round % 50));
        if (round % 2 == 0) s.wait();
        follower.get();
        waiter.get();
        ASSERT_EQ(s.state()->failed(), round % 3 != 0);
        keeper.join();
    }
    EXPECT_EQ(told, static_cast<std::uint64_t>(2 * rounds));
}

TEST_P(futures_on, any_and_completed_lose_nothing) {
    watchdog const dog("when_any and as_completed");
    for (int round = 0; round < repetitions(200); ++round) {
        std::vector<future<counted>> inputs;
        for (std::uint64_t i = 0; i < 50; ++i) inputs.push_back(submit(*pool_, [i] { return counted(i); }));
        auto first = when_any(inputs).get();
        std::uint64_t sum = first.value.value();
        std::vector<future<counted>> rest;
        for (future<counted>& other : first.others)
            if (other.valid()) rest.push_back(std::move(other));
        for (auto& done : as_completed(rest)) sum += done.get().value();
        ASSERT_EQ(sum, 50u * 49u / 2u);
    }
}

TEST_P(futures_on, outside_threads_submit_and_get) {
    watchdog const dog("outside threads submit and get");
    std::vector<std::thread> threads;
    std::atomic<std::uint64_t> sum{0};
    int const each = repetitions(20'000);
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([&, t] {
            std::uint64_t mine = 0;
            std::vector<future<counted>> open;
            for (int i = 0; i < each; ++i) {
                open.push_back(submit(*pool_, [] { return counted(1); }));
                if (open.size() < static_cast<std::size_t>(1 + t * 40)) continue;
                for (future<counted>& f : open) mine += f.get().value();
                open.clear();
            }
            for (future<counted>& f : open) mine += f.get().value();
            sum += mine;
        });
    for (std::thread& t : threads) t.join();
    EXPECT_EQ(sum, static_cast<std::uint64_t>(4 * each));
}

} // namespace
