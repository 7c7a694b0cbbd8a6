// SPDX-License-Identifier: MIT
// Work has the floating-point mode of the thread that calls or submits it, wherever it runs. The mode that a task
// leaves behind, or that the maker of a pool is in, reaches no other work.
#include <hocket/algorithm/loops/parallel_for.hpp>
#include <hocket/algorithm/stream/parallel_imap.hpp>
#include <hocket/coroutine/coroutine.hpp>
#include <hocket/fork_join/join.hpp>
#include <hocket/fork_join/task_group.hpp>
#include <hocket/future/future.hpp>
#include <hocket/future/periodic.hpp>
#include <hocket/future/submit.hpp>
#include <hocket/graph/task_graph.hpp>
#include <hocket/pipeline/pipeline.hpp>
#include <hocket/pool/thread_pool.hpp>

#include <stress/watchdog.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <cfenv>
#include <chrono>
#include <optional>
#include <thread>
#include <vector>

namespace {

using namespace hocket;
using namespace std::chrono_literals;

/// Makes the calling thread round upwards while it lives.
struct upwards {
    upwards() { std::fesetround(FE_UPWARD); }
    ~upwards() { std::fesetround(FE_TONEAREST); }
};

/// Runs two bodies that wait for each other, so that two threads run them. Counts the bodies that round otherwise than
/// `mode`.
class two_threads {
  public:
    explicit two_threads(int mode) : mode_(mode) {}
    void body() {
        if (std::fegetround() != mode_) ++wrong_;
        ++begun_;
        auto const limit = std::chrono::steady_clock::now() + 20s;
        while (begun_ % 2 != 0 && std::chrono::steady_clock::now() < limit) std::this_thread::yield();
        if (std::fegetround() != mode_) ++wrong_;
    }
    int wrong() const { return wrong_ + (begun_ == 2 ? 0 : 100); }

  private:
    int const mode_;
    std::atomic<int> begun_{0};
    std::atomic<int> wrong_{0};
};

class fp_modes : public testing::Test {
  protected:
    stress_test::watchdog const dog_{"floating-point modes"};
    thread_pool pool{{.workers = 3, .bind = binding::none}};

    int rounding_of_a_task(std::size_t worker) {
        return submit(
                   pool, [] { return std::fegetround(); }, submit_options{.on = worker})
            .get();
    }
    void TearDown() override {
        EXPECT_EQ(std::fegetround(), FE_TONEAREST);
        for (std::size_t w = 0; w < pool.size(); ++w) EXPECT_EQ(rounding_of_a_task(w), FE_TONEAREST);
    }
};

TEST_F(fp_modes, the_bodies_of_a_loop_run_in_that_of_the_caller) {
    upwards const mode;
    for (schedule const how : {schedule::dynamic, schedule::fixed}) {
        two_threads both(FE_UPWARD);
        parallel_for(pool, 0, 2, [&](int) { both.body(); }, {.schedule = how});
        EXPECT_EQ(both.wrong(), 0);
    }
}

TEST_F(fp_modes, the_callables_of_a_join_run_in_that_of_the_caller) {
    upwards const mode;
    two_threads both(FE_UPWARD);
    join(
        pool, [&] { both.body(); }, [&] { both.body(); });
    EXPECT_EQ(both.wrong(), 0);
    two_threads inner(FE_UPWARD); // and within a task
    submit(pool, [&] { join([&] { inner.body(); }, [&] { inner.body(); }); }).get();
    EXPECT_EQ(inner.wrong(), 0);
}

TEST_F(fp_modes, the_tasks_of_a_group_run_in_that_of_run) {
    two_threads up(FE_UPWARD), down(FE_DOWNWARD), nearest(FE_TONEAREST);
    task_group group(pool);
    for (int i = 0; i < 2; ++i) {
        std::fesetround(FE_UPWARD);
        group.run([&] { up.body(); });
        std::fesetround(FE_DOWNWARD);
        group.run([&] { down.body(); });
        std::fesetround(FE_TONEAREST);
    }
    group.wait();
    group.run_bulk(2, [&](std::size_t) { nearest.body(); });
    std::fesetround(FE_UPWARD);
    group.wait(); // runs tasks of another mode, and keeps its own mode
    EXPECT_EQ(std::fegetround(), FE_UPWARD);
    std::atomic<int> wrong{0};
    group.run_bulk(100, [&](std::size_t) { wrong += std::fegetround() != FE_UPWARD; });
    group.wait();
    std::fesetround(FE_TONEAREST);
    EXPECT_EQ(up.wrong() + down.wrong() + nearest.wrong() + wrong, 0);
}

TEST_F(fp_modes, a_submitted_task_runs_in_that_of_submit_and_a_continuation_in_that_of_then) {
    auto const rounding = [] { return std::fegetround(); };
    for (int i = 0; i < 20; ++i) {
        std::fesetround(FE_UPWARD);
        auto up = submit(pool, rounding);
        auto later = submit(pool, rounding, submit_options{.after = 1ms});
        auto placed = submit(pool, rounding, submit_options{.on = 1});
        auto follows = submit(
            pool, [](int before, int) { return before == FE_UPWARD ? std::fegetround() : -1; }, submit(pool, rounding),
            1);
        std::fesetround(FE_DOWNWARD);
        auto down = up.then([](int before) { return before == FE_UPWARD ? std::fegetround() : -1; });
        EXPECT_EQ(later.get(), FE_UPWARD);
        std::fesetround(FE_TONEAREST);
        EXPECT_EQ(placed.get(), FE_UPWARD);
        EXPECT_EQ(down.then([](int before) { return before == FE_DOWNWARD ? std::fegetround() : -1; }).get(),
                  FE_TONEAREST);
        EXPECT_EQ(follows.get(), FE_UPWARD);
    }
}

TEST_F(fp_modes, a_thread_that_helps_a_task_takes_its_mode_and_gets_its_own_back) {
    for (int i = 0; i < 50; ++i) {
        auto f = submit(pool, [] { return std::fegetround(); });
        std::fesetround(FE_UPWARD);
        EXPECT_EQ(f.get(), FE_TONEAREST);
        EXPECT_EQ(std::fegetround(), FE_UPWARD);
        std::fesetround(FE_TONEAREST);
    }
}

task<int> two_parts() {
    int const first = std::fegetround();
    co_await sleep_for(1ms);
    co_return first == std::fegetround() ? first : -1;
}

TEST_F(fp_modes, each_part_of_a_coroutine_runs_in_that_of_who_has_started_it) {
    std::optional<upwards> mode(std::in_place);
    auto f = submit(pool, two_parts());
    mode.reset();
    EXPECT_EQ(f.get(), FE_UPWARD);
    EXPECT_EQ(sync_wait(pool, two_parts()), FE_TONEAREST);
}

TEST_F(fp_modes, the_nodes_of_a_graph_run_in_that_of_run_and_leave_none_behind) {
    task_graph graph;
    std::atomic<int> wrong{0};
    int wanted = FE_UPWARD;
    auto const body = [&] {
        wrong += std::fegetround() != wanted;
        std::fesetround(FE_TOWARDZERO);
    };
    auto first = graph.add(body);
    for (int i = 0; i < 100; ++i) first.precede(graph.add(body));
    for (int const mode : {FE_UPWARD, FE_TONEAREST, FE_DOWNWARD}) {
        wanted = mode;
        std::fesetround(mode);
        auto run = graph.run_until(pool, [&, passes = 0]() mutable {
            wrong += std::fegetround() != wanted;
            return ++passes == 3;
        });
        std::fesetround(FE_TONEAREST);
        run.get();
    }
    EXPECT_EQ(wrong, 0);
}

TEST_F(fp_modes, the_stages_of_a_pipeline_and_the_items_of_a_stream_run_in_that_of_the_caller) {
    upwards const mode;
    std::atomic<int> wrong{0};
    auto const look = [&](int i) {
        wrong += std::fegetround() != FE_UPWARD;
        std::fesetround(FE_TOWARDZERO);
        return i;
    };
    int left = 200;
    pipeline(
        stage<serial>([&]() -> std::optional<int> { return left-- > 0 ? std::optional(look(left)) : std::nullopt; }),
        stage<parallel>(look), stage<serial>(look))
        .run(pool, {.tokens = 8});
    std::vector<int> const input(200, 1);
    int count = 0;
    for (int const one : parallel_imap(pool, input, look)) count += one;
    EXPECT_EQ(count, 200);
    EXPECT_EQ(wrong, 0);
    EXPECT_EQ(std::fegetround(), FE_UPWARD);
}

TEST_F(fp_modes, a_periodic_task_runs_in_that_of_who_has_started_it) {
    std::atomic<int> calls{0};
    std::atomic<int> wrong{0};
    std::optional<upwards> mode(std::in_place);
    auto timer = run_every(pool, 1ms, [&] {
        wrong += std::fegetround() != FE_UPWARD;
        std::fesetround(FE_TOWARDZERO);
        ++calls;
    });
    mode.reset();
    while (calls < 3) std::this_thread::sleep_for(1ms);
    timer.stop();
    EXPECT_EQ(wrong, 0);
}

TEST_F(fp_modes, what_a_body_leaves_behind_ends_with_it) {
    auto const leave = [] { std::fesetround(FE_DOWNWARD); };
    for (int i = 0; i < 20; ++i) submit(pool, leave).get();
    task_group group(pool);
    for (int i = 0; i < 20; ++i) group.run(leave);
    group.run_bulk(20, [&](std::size_t) { leave(); });
    group.wait();
    parallel_for(pool, 0, 100, [&](int) { leave(); }, {.schedule = schedule::dynamic});
    parallel_for(pool, 0, 100, [&](int) { leave(); });
    submit(pool, leave).then(leave).then([] { EXPECT_EQ(std::fegetround(), FE_TONEAREST); }).get();
} // TearDown checks the mode

TEST(fp_modes_at_birth, what_is_there_when_a_pool_is_made_reaches_no_work) {
    std::optional<upwards> mode(std::in_place);
    thread_pool pool({.workers = 2, .bind = binding::none});
    auto later = submit(
        pool, [] {}, submit_options{.after = 1ms}); // starts the thread of the timers
    mode.reset();
    later.get();
    for (std::size_t w = 0; w < 2; ++w)
        EXPECT_EQ(submit(
                      pool, [] { return std::fegetround(); }, submit_options{.on = w})
                      .get(),
                  FE_TONEAREST);
    EXPECT_EQ(submit(
                  pool, [] { return std::fegetround(); }, submit_options{.after = 1ms})
                  .get(),
              FE_TONEAREST);
}

#if defined(__SSE2__)
TEST_F(fp_modes, denormals_are_flushed_where_the_caller_flushes_them) {
    unsigned const before = __builtin_ia32_stmxcsr();
    __builtin_ia32_ldmxcsr(before | 0x8040);
    std::atomic<int> flushed{0};
    for (std::size_t w = 0; w < pool.size(); ++w)
        submit(
            pool,
            [&] {
                double volatile tiny = 1e-310;
                flushed += tiny * 0.5 == 0;
            },
            submit_options{.on = w})
            .get();
    __builtin_ia32_ldmxcsr(before);
    EXPECT_EQ(flushed, 3);
}

TEST_F(fp_modes, denormals_that_a_stage_flushes_stay_in_the_next_one) {
    std::atomic<int> flushed{0};
    auto const look = [&](int i) {
        double volatile tiny = 1e-310;
        flushed += tiny * 0.5 == 0;
        __builtin_ia32_ldmxcsr(__builtin_ia32_stmxcsr() | 0x8040);
        return i;
    };
    int left = 200;
    pipeline(
        stage<serial>([&]() -> std::optional<int> { return left-- > 0 ? std::optional(look(left)) : std::nullopt; }),
        stage<parallel>(look), stage<serial>(look))
        .run(pool, {.tokens = 8});
    look(0); // the caller keeps its mode
    __builtin_ia32_ldmxcsr(__builtin_ia32_stmxcsr() & ~0x8040U);
    EXPECT_EQ(flushed, 0);
}

TEST_F(fp_modes, flushing_that_a_task_leaves_behind_ends_with_it) {
    std::atomic<int> wrong{0};
    auto const leave = [&] {
        unsigned const now = __builtin_ia32_stmxcsr();
        wrong += (now & 0x8040) != 0;
        __builtin_ia32_ldmxcsr(now | 0x8040);
    };
    for (int i = 0; i < 20; ++i) submit(pool, leave).get();
    task_group group(pool);
    for (int i = 0; i < 100; ++i) group.run(leave);
    group.run_bulk(100, [&](std::size_t) { leave(); });
    group.wait();
    submit(pool, leave).then(leave).then(leave).get();
    EXPECT_EQ(wrong, 0);
    EXPECT_EQ(__builtin_ia32_stmxcsr() & 0x8040, 0u);
}
#endif

} // namespace
