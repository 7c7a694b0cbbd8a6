// SPDX-License-Identifier: MIT
// Tests that as many long callables as a pool has workers are in flight at once, whichever way they were forked: each
// body waits until all others have begun.
#include <hocket/algorithm/loops/parallel_for.hpp>
#include <hocket/fork_join/join.hpp>
#include <hocket/fork_join/task_group.hpp>
#include <hocket/future/future.hpp>
#include <hocket/future/submit.hpp>
#include <hocket/os/light_fence.hpp>
#include <hocket/pool/thread_pool.hpp>

#include <stress/watchdog.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace hocket;

/// The bodies of one call. With `wanted` 0 they return at once.
struct meeting {
    meeting(thread_pool& its_pool, int count) : pool(its_pool), wanted(count) {}

    void body() {
        ++begun;
        auto const limit = std::chrono::steady_clock::now() + std::chrono::seconds(20);
        while (begun.load() < wanted && !gave_up.load()) {
            if (std::chrono::steady_clock::now() > limit) gave_up = true;
            std::this_thread::sleep_for(std::chrono::microseconds(50));
        }
    }

    thread_pool& pool;
    int const wanted;
    std::atomic<int> begun{0};
    std::atomic<bool> gave_up{false};
};

using shape = void (*)(meeting& m, int bodies);

void balanced(meeting& m, int bodies) {
    if (bodies == 1) return m.body();
    join(
        m.pool, [&m, bodies] { balanced(m, bodies / 2); }, [&m, bodies] { balanced(m, bodies - bodies / 2); });
}
void left(meeting& m, int bodies) {
    if (bodies == 1) return m.body();
    join(
        m.pool, [&m, bodies] { left(m, bodies - 1); }, [&m] { m.body(); });
}
void right(meeting& m, int bodies) {
    if (bodies == 1) return m.body();
    join(
        m.pool, [&m] { m.body(); }, [&m, bodies] { right(m, bodies - 1); });
}
void one_join(meeting& m, int bodies) {
    auto const f = [&m] { m.body(); };
    switch (bodies) {
    case 2: (void)join(m.pool, f, f); break;
    case 3: (void)join(m.pool, f, f, f); break;
    case 4: (void)join(m.pool, f, f, f, f); break;
    case 8: (void)join(m.pool, f, f, f, f, f, f, f, f); break;
    default: balanced(m, bodies);
    }
}
void group(meeting& m, int bodies) {
    task_group g(m.pool);
    for (int i = 0; i < bodies; ++i) g.run([&m] { m.body(); });
    g.wait();
}
void groups_in_a_join(meeting& m, int bodies) {
    join(
        m.pool, [&m, bodies] { group(m, bodies / 2); }, [&m, bodies] { group(m, bodies - bodies / 2); });
}
void joins_in_a_group(meeting& m, int bodies) {
    task_group g(m.pool);
    for (int i = 0; i < bodies / 2; ++i) g.run([&m] { balanced(m, 2); });
    if (bodies % 2 != 0) g.run([&m] { m.body(); });
    g.wait();
}
void loop(meeting& m, int bodies) {
    parallel_for(m.pool, 0, bodies, [&m](int) { m.body(); }, {.schedule = schedule::dynamic});
}
void loops_in_a_join(meeting& m, int bodies) {
    join(
        m.pool, [&m, bodies] { loop(m, bodies / 2); }, [&m, bodies] { loop(m, bodies - bodies / 2); });
}
void joins_in_a_loop(meeting& m, int bodies) {
    parallel_for(m.pool, 0, (bodies + 1) / 2, [&m, bodies](int i) { balanced(m, 2 * i + 1 < bodies ? 2 : 1); },
                 {.schedule = schedule::dynamic});
}

struct form {
    char const* name;
    shape fork;
};
constexpr form forms[] = {
    {"one join", one_join},
    {"balanced tree", balanced},
    {"tree that leans to the left", left},
    {"tree that leans to the right", right},
    {"group", group},
    {"groups in a join", groups_in_a_join},
    {"joins in a group", joins_in_a_group},
    {"loops in a join", loops_in_a_join},
    {"joins in a loop", joins_in_a_loop},
};

class forks_on : public testing::TestWithParam<int> {
  protected:
    int workers() const { return GetParam(); }

    /// `call(f)` runs `f` at the place that the test wants.
    template<class Call>
    void expect_all_at_once(char const* place, Call const& call) {
        for (form const& f : forms) {
            for (int times = 0; times < 8; ++times) {
                if (workers() > 16 && stress_test::sanitized && (times != 1 || f.fork == balanced || f.fork == group))
                    continue;
                if (times >= 2 && times < 7) { // short calls, after which the next one is expected to be short as well
                    meeting nothing(pool_, 0);
                    call([&] { f.fork(nothing, workers()); });
                    continue;
                }
                if (times == 7) std::this_thread::sleep_for(std::chrono::milliseconds(2)); // all workers sleep again
                meeting m(pool_, workers());
                call([&] { f.fork(m, workers()); });
                EXPECT_FALSE(m.gave_up.load()) << f.name << " " << place << ", call " << times << ": only "
                                               << m.begun.load() << " of " << workers() << " had begun";
                if (m.gave_up.load()) return;
            }
        }
    }

    stress_test::watchdog const watch_{"forks at once"};
    thread_pool pool_{{.workers = static_cast<std::size_t>(workers()), .bind = binding::none}};
};

TEST_P(forks_on, are_in_flight_at_once_when_called_from_outside) {
    expect_all_at_once("from outside", [](auto const& f) { f(); });
}

TEST_P(forks_on, are_in_flight_at_once_when_called_from_a_task) {
    expect_all_at_once("from a task", [&](auto const& f) { submit(pool_, f).get(); });
}

TEST_P(forks_on, are_in_flight_at_once_while_the_pool_is_kept_warm) {
    if (workers() > 16 && stress_test::sanitized) GTEST_SKIP() << "so many threads that spin are slow there";
    auto const warm = pool_.keep_warm();
    expect_all_at_once("while warm", [&](auto const& f) { submit(pool_, f).get(); });
}

TEST_P(forks_on, are_in_flight_at_once_when_called_by_a_worker_of_another_pool) {
    thread_pool other({.workers = 2, .bind = binding::none});
    expect_all_at_once("from another pool", [&](auto const& f) { submit(other, f).get(); });
}

// The tiny callables use up what a job may publish. From then on idle threads publish in its place.
TEST_P(forks_on, are_in_flight_at_once_after_tiny_joins) {
    if (!detail::fences_are_asymmetric.load()) GTEST_SKIP() << "the system has no membarrier(2)";
    expect_all_at_once("after tiny joins", [&](auto const& f) {
        submit(pool_, [&] {
            for (int i = 0; i < 100; ++i) join([] {}, [] {});
            f();
        }).get();
    });
}

INSTANTIATE_TEST_SUITE_P(workers, forks_on, testing::Values(2, 3, 4, 8, 16, 64),
                         [](auto const& workers) { return std::to_string(workers.param); });

// A thread that has had short tasks takes several at once. Sleeping threads get the tasks that it has not begun.
TEST(forks_at_once, what_one_thread_has_taken_wakes_others) {
    thread_pool pool({.workers = 4, .bind = binding::none});
    for (int round = 0; round < 5; ++round) {
        std::vector<future<void>> tasks;
        for (int i = 0; i < 2000; ++i) tasks.push_back(submit(pool, [] {}));
        for (auto& task : tasks) task.wait();
        tasks.clear();
        pool.wait_idle();
        meeting m(pool, 4);
        for (int i = 0; i < 4; ++i) tasks.push_back(submit(pool, [&m] { m.body(); }));
        while (m.begun.load() < 4 && !m.gave_up.load()) std::this_thread::sleep_for(std::chrono::microseconds(50));
        EXPECT_FALSE(m.gave_up.load()) << "round " << round;
        for (auto& task : tasks) task.get();
        if (m.gave_up.load()) break;
    }
}

} // namespace
