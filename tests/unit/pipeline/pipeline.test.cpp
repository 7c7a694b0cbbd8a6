// SPDX-License-Identifier: MIT
// Tests of pipeline: every item goes through every stage once, serial stages in order and alone, no more items in
// flight than there are tokens. Also errors, stopping, move-only items, and forbidden calls.
#include <hocket/algorithm/loops/parallel_for.hpp>
#include <hocket/fork_join/task_group.hpp>
#include <hocket/pipeline/pipeline.hpp>

#include <stress/watchdog.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace hocket;
using stress_test::burn;
using stress_test::repetitions;
using stress_test::watchdog;

/// Returns a source of 0 to n - 1.
auto numbers(int n) {
    return [n, i = 0]() mutable -> std::optional<int> { return i < n ? std::optional(i++) : std::nullopt; };
}

/// Checks that no other thread is within its scope.
class alone {
  public:
    explicit alone(std::atomic<int>& inside) : inside_(inside) { EXPECT_EQ(inside_.fetch_add(1), 0); }
    ~alone() { inside_.fetch_sub(1); }

  private:
    std::atomic<int>& inside_;
};

class pipeline_on : public testing::TestWithParam<unsigned> {
  protected:
    thread_pool pool_{{.workers = GetParam()}};
    watchdog dog_{"a test of pipelines"};
};
INSTANTIATE_TEST_SUITE_P(workers, pipeline_on, testing::Values(1u, 2u, 3u, 8u));

TEST_P(pipeline_on, takes_every_item_through_every_stage_in_order) {
    for (std::size_t tokens : {0u, 1u, 2u, 3u, 16u, 100u}) {
        int const n = repetitions(3000);
        std::atomic<int> on_the_way{0}, most{0}, reading{0}, writing{0};
        std::vector<std::atomic<int>> worked(static_cast<std::size_t>(n));
        int read = 0;
        int written = 0;
        pipeline(stage<serial>([&]() -> std::optional<int> {
                     alone const here(reading);
                     if (read == n) return std::nullopt;
                     int const now = ++on_the_way;
                     if (now > most) most = now;
                     return read++;
                 }),
                 stage<parallel>([&](int i) {
                     burn(static_cast<unsigned>(i * 37 % 200));
                     ++worked[static_cast<std::size_t>(i)];
                     return std::to_string(i);
                 }),
                 stage<serial>([&](std::string const& text) {
                     alone const here(writing);
                     ASSERT_EQ(text, std::to_string(written));
                     ++written;
                     --on_the_way;
                 }))
            .run(pool_, {.tokens = tokens});
        ASSERT_EQ(written, n);
        for (std::atomic<int> const& times : worked) ASSERT_EQ(times, 1);
        ASSERT_LE(most, static_cast<int>(tokens != 0 ? tokens : 4 * pool_.size()));
        ASSERT_EQ(on_the_way, 0);
    }
}

TEST_P(pipeline_on, any_mix_of_stages_loses_nothing) {
    int const n = repetitions(2000);
    for (int round = 0; round < 5; ++round) {
        std::atomic<int> a{0}, b{0}, c{0};
        std::atomic<long> sum{0};
        long in_order = 0;
        int expected = 0;
        pipeline(stage<serial_any_order>(numbers(n)), stage<serial_any_order>([&](int i) {
                     alone const here(a);
                     burn(i % 7 == 0 ? 300 : 0);
                     return i;
                 }),
                 stage<parallel>([&](int i) {
                     burn(i % 5 == 0 ? 500 : 0);
                     return i;
                 }),
                 stage<serial>([&](int i) {
                     alone const here(b);
                     EXPECT_EQ(i, expected++);
                     in_order += i;
                     return i;
                 }),
                 stage<parallel>([&](int i) {
                     burn(i % 3 == 0 ? 100 : 0);
                     return long{i};
                 }),
                 stage<serial_any_order>([&](long i) {
                     alone const here(c);
                     sum += i;
                 }))
            .run(pool_, {.tokens = 7});
        ASSERT_EQ(sum, long{n} * (n - 1) / 2);
        ASSERT_EQ(in_order, long{n} * (n - 1) / 2);
    }
}

TEST_P(pipeline_on, a_parallel_first_stage_is_asked_by_several_at_once) {
    int const n = repetitions(3000);
    for (std::size_t tokens : {1u, 5u, 50u}) {
        std::atomic<int> next{0};
        std::atomic<int> inside{0};
        std::vector<int> seen(static_cast<std::size_t>(n));
        pipeline(stage<parallel>([&]() -> std::optional<int> {
                     int const i = next++;
                     return i < n ? std::optional(i) : std::nullopt;
                 }),
                 stage<parallel>([](int i) { return i; }), stage<serial>([&](int i) {
                     alone const here(inside);
                     ++seen[static_cast<std::size_t>(i)];
                 }))
            .run(pool_, {.tokens = tokens});
        for (int times : seen) ASSERT_EQ(times, 1);
    }
}

struct alignas(128) wide {
    explicit wide(std::unique_ptr<int> v) : value(std::move(v)) {
        if (reinterpret_cast<std::uintptr_t>(this) % 128 != 0) throw std::logic_error("misaligned");
    }
    std::unique_ptr<int> value;
};

TEST_P(pipeline_on, items_may_be_move_only_and_of_any_alignment) {
    int sum = 0;
    pipeline(stage<serial>([i = 0](end_of_input& end) mutable {
                 if (i == 100) end.stop();
                 return std::make_unique<int>(i++);
             }),
             stage<parallel>([](std::unique_ptr<int> p) { return wide(std::move(p)); }),
             stage<parallel>([](wide& w) { return std::move(w.value); }),
             stage<serial>([&, owned = std::make_unique<int>(1)](std::unique_ptr<int> p) { sum += *p * *owned; }))
        .run(pool_);
    ASSERT_EQ(sum, 4950);
}

TEST_P(pipeline_on, of_one_stage_runs_until_that_ends) {
    int calls = 0;
    pipeline(stage<serial>([&]() -> std::optional<int> {
        return ++calls < 100 ? std::optional(calls) : std::nullopt;
    })).run(pool_);
    ASSERT_EQ(calls, 100);
    pipeline(stage<serial>(numbers(0)), stage<serial>([](int) { FAIL(); })).run(pool_);
}

TEST_P(pipeline_on, stops_its_input_at_the_first_error) {
    for (int round = 0; round < repetitions(200); ++round) {
        std::atomic<int> read{0};
        auto const held = std::make_shared<int>(1);
        int written = 0;
        pipeline failing(stage<serial>([&]() -> std::optional<std::shared_ptr<int>> {
                             ++read;
                             return held;
                         }),
                         stage<parallel>([](std::shared_ptr<int> p) { return p; }),
                         stage<serial>([&](std::shared_ptr<int> p) {
                             if (++written == 20) throw std::runtime_error("twentieth");
                             return p;
                         }),
                         stage<serial_any_order>([](std::shared_ptr<int> const&) {}));
        try {
            failing.run(pool_, {.tokens = 8});
            FAIL() << "it has to end with an error";
        } catch (std::runtime_error const& error) {
            ASSERT_STREQ(error.what(), "twentieth");
        }
        ASSERT_EQ(written, 20);
        ASSERT_LE(read, 20 + 8);
        ASSERT_EQ(held.use_count(), 1);
    }
}

TEST_P(pipeline_on, of_several_errors_the_earliest_item_counts) {
    for (int round = 0; round < repetitions(200); ++round) {
        std::atomic<int> lowest{1'000'000};
        try {
            pipeline(stage<serial>(numbers(1000)), stage<parallel>([&](int i) {
                         if (i % 10 == 7) {
                             int before = lowest;
                             while (i < before && !lowest.compare_exchange_weak(before, i)) {
                             }
                             burn(static_cast<unsigned>(round) * 10);
                             throw i;
                         }
                         return i;
                     }),
                     stage<serial>([](int) {}))
                .run(pool_);
            FAIL();
        } catch (int i) {
            ASSERT_EQ(i, lowest);
        }
    }
    ASSERT_THROW(pipeline(stage<serial>([]() -> std::optional<int> { throw std::bad_alloc(); })).run(pool_),
                 std::bad_alloc);
}

TEST_P(pipeline_on, is_cancelled_by_its_stop_token) {
    for (int round = 0; round < repetitions(100); ++round) {
        std::stop_source source;
        std::atomic<int> done{0};
        std::atomic<bool> asked{false};
        pipeline endless(stage<serial>([i = 0]() mutable { return std::optional(i++); }), stage<parallel>([&](int i) {
                             if (i == round) {
                                 source.request_stop();
                                 asked = this_task::stop_requested();
                             }
                             return i;
                         }),
                         stage<serial>([&](int) { ++done; }));
        ASSERT_THROW(endless.run(pool_, {.stop = source.get_token()}), operation_cancelled);
        ASSERT_TRUE(asked);
        ASSERT_LE(done, round + 1 + 4 * static_cast<int>(GetParam()));
        ASSERT_THROW(endless.run(pool_, {.stop = source.get_token()}), operation_cancelled);
    }
    std::stop_source late;
    pipeline(stage<serial>(numbers(10)), stage<serial>([&](int i) {
                 if (i == 9) late.request_stop(); // by then all work is done
             }))
        .run(pool_, {.tokens = 1});
}

TEST_P(pipeline_on, runs_again_and_goes_on_where_its_input_is) {
    std::vector<int> got;
    int i = 0;
    pipeline tens(
        stage<serial>([&]() -> std::optional<int> { return ++i % 10 != 0 ? std::optional(i) : std::nullopt; }),
        stage<parallel>([](int x) { return x; }), stage<serial>([&](int x) { got.push_back(x); }));
    for (int round = 0; round < 3; ++round) tens.run(pool_);
    ASSERT_EQ(got.size(), 27u);
    ASSERT_EQ(got.back(), 29);
}

TEST_P(pipeline_on, stages_may_call_anything) {
    std::atomic<long> sum{0};
    std::atomic<int> inside{0};
    pipeline(stage<serial>(numbers(100)), stage<parallel>([&](int i) {
                 parallel_for(0, 10, [&](int k) { sum += k; });
                 return i;
             }),
             stage<serial>([&](int i) {
                 alone const here(inside);
                 task_group group;
                 for (int k = 0; k < 4; ++k) group.run([&] { ++sum; });
                 group.wait();
                 pipeline(stage<serial>(numbers(5)), stage<parallel>([&](int k) { sum += k; })).run();
                 return i;
             }),
             stage<parallel>([](int) {}))
        .run(pool_);
    ASSERT_EQ(sum, 100 * (45 + 4 + 10));
}

TEST_P(pipeline_on, many_run_at_once) {
    std::atomic<long> sum{0};
    auto const one = [&] {
        long mine = 0;
        pipeline(stage<serial>(numbers(200)), stage<parallel>([](int i) { return i; }),
                 stage<serial>([&](int i) { mine += i; }))
            .run(pool_);
        sum += mine;
    };
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([&] {
            for (int round = 0; round < repetitions(20); ++round) one();
        });
    for (std::thread& thread : threads) thread.join();
    parallel_for(pool_, 0, 10, [&](int) { one(); }, {.schedule = schedule::dynamic});
    ASSERT_EQ(sum, (4 * repetitions(20) + 10) * 19'900L);
}

TEST_P(pipeline_on, stages_drop_and_multiply_items) {
    int given = 0;
    std::vector<std::string> seen;
    std::vector<std::string> expected;
    for (int i = 0; i < 500; ++i)
        for (int k = 0; i % 3 != 0 && k < i % 4; ++k)
            if ((i + k) % 2 == 0) expected.push_back(std::to_string(i) + "/" + std::to_string(k));
    pipeline(
        stage<serial>([&]() -> std::optional<int> { return given == 500 ? std::nullopt : std::optional(given++); }),
        filter_stage<parallel>(
            [](int i) { return i % 3 != 0 ? std::optional(std::make_unique<int>(i)) : std::nullopt; }),
        expand_stage<parallel>([](std::unique_ptr<int> i) {
            std::vector<std::pair<int, int>> made;
            for (int k = 0; k < *i % 4; ++k) made.emplace_back(*i, k);
            return made;
        }),
        filter_stage<serial_any_order>(
            [](std::pair<int, int> p) { return (p.first + p.second) % 2 == 0 ? std::optional(p) : std::nullopt; }),
        stage<parallel>([](std::pair<int, int> p) { return std::to_string(p.first) + "/" + std::to_string(p.second); }),
        stage<serial>([&](std::string const& text) { seen.push_back(text); }))
        .run(pool_, {.tokens = 8});
    EXPECT_EQ(seen, expected);
}

TEST_P(pipeline_on, elements_of_an_item_stop_at_a_failure) {
    int given = 0;
    std::atomic<int> after{0};
    std::atomic<bool> failed{false};
    pipeline p(
        stage<serial>([&]() -> std::optional<int> { return given == 10 ? std::nullopt : std::optional(given++); }),
        expand_stage<parallel>([](int) { return std::vector<bool>(100, true); }), stage<serial>([&](bool) {
            if (failed) ++after;
            failed = true;
            throw std::runtime_error("first");
        }));
    EXPECT_THROW(p.run(pool_), std::runtime_error);
    EXPECT_EQ(after, 0);
}

TEST(pipeline, refuses_to_run_twice_at_a_time_and_absurd_options) {
    watchdog const dog("a pipeline that is run by its own stage");
    int refused = 0;
    std::function<void()> run;
    int i = 0;
    pipeline self(stage<serial>([&]() -> std::optional<int> {
        try {
            run();
        } catch (std::logic_error const&) {
            ++refused;
        }
        return ++i < 3 ? std::optional(i) : std::nullopt;
    }));
    run = [&] { self.run(); };
    self.run();
    ASSERT_EQ(refused, 3);
    ASSERT_THROW(self.run({.tokens = std::size_t{1} << 60}), std::invalid_argument);
}

} // namespace
