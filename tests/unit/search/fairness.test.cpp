// SPDX-License-Identifier: MIT
// Tests that all waiting work begins: every kind of waiting work beside every kind of work that never ends by itself
// and keeps all workers busy. No test measures time. The busy work goes on until the waiting work has begun. It stops
// after a number of steps and a time that only an error can explain.
#include <hocket/algorithm/loops/parallel_for.hpp>
#include <hocket/algorithm/sort/parallel_sort.hpp>
#include <hocket/coroutine/awaitables.hpp>
#include <hocket/coroutine/coroutine.hpp>
#include <hocket/fork_join/join.hpp>
#include <hocket/fork_join/task_group.hpp>
#include <hocket/future/periodic.hpp>
#include <hocket/future/promise.hpp>
#include <hocket/future/submit.hpp>
#include <hocket/graph/task_graph.hpp>
#include <hocket/pipeline/pipeline.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

namespace {

using namespace hocket;
using namespace std::chrono_literals;
using steady = std::chrono::steady_clock;

/// Busy work asks this object after each step: whether the waiting work has begun, or will not begin any more.
class supply {
  public:
    bool ended(std::uint64_t pieces = 1) {
        if (over()) return true;
        if (made_.fetch_add(pieces, std::memory_order_relaxed) < least_pieces || steady::now() < limit_) return false;
        given_up = true;
        return true;
    }
    bool over() const { return begun || given_up; }
    void begin_waiting_work() {
        if (!given_up) begun = true;
    }
    /// Takes as long as a short task.
    static void take_time(std::chrono::microseconds time = 5us) {
        auto const until = steady::now() + time;
        while (steady::now() < until) {
        }
    }

    std::atomic<bool> begun{false};
    std::atomic<bool> given_up{false};
    std::atomic<unsigned> chains{0}; // chains that run

  private:
    static constexpr std::uint64_t least_pieces = 100'000;
    std::atomic<std::uint64_t> made_{0};
    steady::time_point const limit_ = steady::now() + 20s;
};

// The busy work. Functions that return at once have begun chains; each link makes the next one.

submit_options options_of(priority level) { return {.priority = level}; }

/// Each link is made by the one before it.
class chain {
  public:
    static void begin(supply& s, void (*add)(supply&, unsigned), unsigned worker) {
        ++s.chains;
        add(s, worker);
    }
    /// Whether this link was the last one.
    static bool ends(supply& s) {
        if (!s.ended()) return false;
        --s.chains;
        return true;
    }
};

template<priority level>
void add_task(supply& s, unsigned worker) {
    (void)submit(
        [&s, worker] {
            if (!chain::ends(s)) add_task<level>(s, worker);
        },
        options_of(level));
}
void add_spawned(supply& s, unsigned worker) {
    spawn([&s, worker] {
        if (!chain::ends(s)) add_spawned(s, worker);
    });
}
void add_placed(supply& s, unsigned worker) {
    (void)submit(
        [&s, worker] {
            if (!chain::ends(s)) add_placed(s, worker);
        },
        {.on = worker});
}
void add_continuation(supply& s, unsigned worker) {
    (void)submit([] {}).then([&s, worker] {
        if (!chain::ends(s)) add_continuation(s, worker);
    });
}
void add_delayed(supply& s, unsigned worker) {
    (void)submit(
        [&s, worker] {
            supply::take_time();
            if (!chain::ends(s)) add_delayed(s, worker);
        },
        {.after = 1ns});
}
template<void (*add)(supply&, unsigned)>
void chains_of(supply& s, unsigned worker) {
    for (int i = 0; i < 2; ++i) chain::begin(s, add, worker);
}

task<int> child() { co_return 1; }
task<void> coroutine_that_awaits(supply& s) {
    while (!s.ended()) (void)co_await child();
    --s.chains;
}
void a_coroutine(supply& s, unsigned) {
    ++s.chains;
    (void)submit([&s] { return coroutine_that_awaits(s); });
}

void add_to_group(task_group& group, supply& s) {
    group.run([&] {
        if (!s.ended()) add_to_group(group, s);
    });
}
void a_group(supply& s, unsigned) {
    task_group group;
    add_to_group(group, s);
    group.wait();
}
int tree(int depth) {
    if (depth == 0) return 1;
    auto const [a, b] = join([=] { return tree(depth - 1); }, [=] { return tree(depth - 1); });
    return a + b;
}
void joins(supply& s, unsigned) {
    while (!s.ended()) ASSERT_EQ(tree(6), 64);
}
void one_tree_of_joins(supply& s, int depth) {
    if (depth == 0 || s.ended()) return;
    join([&, depth] { one_tree_of_joins(s, depth - 1); }, [&, depth] { one_tree_of_joins(s, depth - 1); });
}
void one_large_tree(supply& s, unsigned) { one_tree_of_joins(s, 40); }
void waits_for_futures(supply& s, unsigned) {
    while (!s.ended()) submit([] {}).get();
}
void a_loop(supply& s, unsigned) {
    struct enough {};
    try {
        parallel_for(0, 1 << 30, [&](int) {
            if (s.ended()) throw enough();
            supply::take_time();
        });
    } catch (enough const&) {
    }
}
void a_loop_of_tiny_bodies(supply& s, unsigned) {
    while (!s.ended(1000)) parallel_for(0, 1 << 20, [](int) {});
}
void a_sort(supply& s, unsigned) {
    while (!s.ended()) {
        std::vector<unsigned> v(detail::sanitized ? 1 << 12 : 1 << 18);
        for (std::size_t i = 0; i != v.size(); ++i) v[i] = static_cast<unsigned>(i * 7919 % 262'139);
        parallel_sort(v, [&](unsigned a, unsigned b) {
            if (!s.ended()) supply::take_time(2us);
            return a < b;
        });
    }
}
void a_graph(supply& s, unsigned) {
    task_graph graph;
    auto first = graph.add([] {});
    auto second = graph.add([] {});
    first.precede(second);
    graph.run_until([&] { return s.ended(); }).get();
}
void a_wide_graph(supply& s, unsigned) {
    task_graph graph;
    auto first = graph.add([] {});
    for (int i = 0; i < 100; ++i)
        first.precede(graph.add([&] {
            if (!s.ended()) supply::take_time();
        }));
    graph.run_until([&] { return s.ended(); }).get();
}
void a_pipeline(supply& s, unsigned) {
    pipeline(stage<serial>([&]() -> std::optional<int> {
                 if (s.ended()) return std::nullopt;
                 return 1;
             }),
             stage<parallel>([](int x) { return x + 1; }), stage<serial>([](int) {}))
        .run({.tokens = 2});
}

/// The threads that do the busy work: workers, or external threads (`guests`).
enum class by { workers, guests };

struct busy {
    char const* name;
    void (*run)(supply&, unsigned worker);
    by whom = by::workers;
};
void PrintTo(busy const& it, std::ostream* out) { *out << it.name; }

constexpr busy busy_kinds[] = {
    {"high", &chains_of<&add_task<priority::high>>},
    {"normal", &chains_of<&add_task<priority::normal>>},
    {"low", &chains_of<&add_task<priority::low>>},
    {"spawned", &chains_of<&add_spawned>},
    {"on", &chains_of<&add_placed>},
    {"then", &chains_of<&add_continuation>},
    {"timer", &chains_of<&add_delayed>},
    {"coroutine", &a_coroutine},
    {"group", &a_group},
    {"join", &joins},
    {"large_join", &one_large_tree},
    {"future", &waits_for_futures},
    {"loop", &a_loop},
    {"tiny_loop", &a_loop_of_tiny_bodies},
    {"sort", &a_sort},
    {"graph", &a_graph},
    {"wide_graph", &a_wide_graph},
    {"pipeline", &a_pipeline},
    {"group_of_guest", &a_group, by::guests},
    {"join_of_guest", &joins, by::guests},
    {"large_join_of_guest", &one_large_tree, by::guests},
    {"future_of_guest", &waits_for_futures, by::guests},
    {"loop_of_guest", &a_loop, by::guests},
    {"tiny_loop_of_guest", &a_loop_of_tiny_bodies, by::guests},
    {"graph_of_guest", &a_graph, by::guests},
    {"pipeline_of_guest", &a_pipeline, by::guests},
};

// The waiting work.

/// Objects that a test keeps until its pool has ended.
struct scene {
    explicit scene(unsigned workers) : pool({.workers = workers, .bind = binding::none}) {}

    supply s;
    task_graph graph;
    std::optional<promise<void>> kept;
    std::atomic<bool> coroutine_waits{false};
    std::deque<std::thread> threads;
    std::vector<future<void>> futures;
    thread_pool pool;
    std::optional<task_group> group;
    periodic_task tick;

    auto begin() {
        return [this] { s.begin_waiting_work(); };
    }
    ~scene() {
        for (std::thread& one : threads) one.join();
        if (group.has_value()) group->wait();
        tick.stop();
        for (future<void>& one : futures) one.get();
    }
};

task<void> coroutine_that_waits(supply& s, std::atomic<bool>& waits, future<void> first) {
    waits = true;
    co_await std::move(first);
    s.begin_waiting_work();
}
task<void> coroutine_that_sleeps(supply& s) {
    co_await sleep_for(1ms);
    s.begin_waiting_work();
}
task<void> coroutine_that_begins(supply& s) {
    s.begin_waiting_work();
    co_return;
}

struct waiting {
    char const* name;
    void (*prepare)(scene&); // before the workers are busy
    void (*inside)(scene&);  // in a task of the first worker, which is busy from then on
    void (*outside)(scene&); // when all are busy
    unsigned least_workers = 1;
};
void PrintTo(waiting const& it, std::ostream* out) { *out << it.name; }

void nothing(scene&) {}

template<priority level>
void submits(scene& s) {
    s.futures.push_back(submit(s.pool, s.begin(), options_of(level)));
}
void spawns(scene& s) { spawn(s.pool, s.begin()); }
template<bool last>
void submits_placed(scene& s) {
    s.futures.push_back(submit(s.pool, s.begin(), {.on = last ? static_cast<unsigned>(s.pool.size()) - 1 : 0}));
}
void runs_in_group(scene& s) {
    s.group.emplace(s.pool);
    s.group->run(s.begin());
}
void runs_graph(scene& s) { s.futures.push_back(s.graph.run(s.pool)); }
void makes_graph(scene& s) {
    auto first = s.graph.add([] {});
    first.precede(s.graph.add([] {}));
    first.precede(s.graph.add(s.begin()));
}
void keeps_promise(scene& s) { s.kept->set_value(); }
void makes_continuation(scene& s) {
    s.kept.emplace();
    s.futures.push_back(s.kept->get_future().then(s.pool, s.begin()));
}
void makes_coroutine(scene& s) {
    s.kept.emplace();
    s.futures.push_back(submit(s.pool, [&s, first = s.kept->get_future()]() mutable {
        return coroutine_that_waits(s.s, s.coroutine_waits, std::move(first));
    }));
    while (!s.coroutine_waits) std::this_thread::yield();
}
void begins_coroutine(scene& s) {
    s.futures.push_back(submit(s.pool, [&s] { return coroutine_that_begins(s.s); }));
}
void begins_to_sleep(scene& s) {
    s.futures.push_back(submit(s.pool, [&s] { return coroutine_that_sleeps(s.s); }));
}
void submits_delayed(scene& s) { s.futures.push_back(submit(s.pool, s.begin(), {.after = 1ms})); }
void submits_low_delayed(scene& s) {
    s.futures.push_back(submit(s.pool, s.begin(), {.priority = priority::low, .after = 1ms}));
}
void repeats(scene& s) { s.tick = run_every(s.pool, 1ms, s.begin()); }
void enters(scene& s) {
    s.threads.emplace_back([&s] { s.pool.run(s.begin()); });
}
/// The first of two parts ends when the second one has begun.
void begins_loop(scene& s) {
    s.threads.emplace_back([&s] {
        parallel_for(s.pool, 0, 2, [&s](int i) {
            if (i == 1) s.s.begin_waiting_work();
            while (!s.s.over()) std::this_thread::yield();
        });
    });
}
void begins_join(scene& s) {
    s.threads.emplace_back([&s] {
        s.pool.run([&s] {
            join(
                [&s] {
                    while (!s.s.over()) std::this_thread::yield();
                },
                s.begin());
        });
    });
}

constexpr waiting waiting_kinds[] = {
    {"high", &nothing, &nothing, &submits<priority::high>},
    {"normal", &nothing, &nothing, &submits<priority::normal>},
    {"low", &nothing, &nothing, &submits<priority::low>},
    {"spawned", &nothing, &nothing, &spawns},
    {"on_first", &nothing, &nothing, &submits_placed<false>},
    {"on_last", &nothing, &nothing, &submits_placed<true>},
    {"high_inside", &nothing, &submits<priority::high>, &nothing},
    {"inside", &nothing, &submits<priority::normal>, &nothing},
    {"low_inside", &nothing, &submits<priority::low>, &nothing},
    {"spawned_inside", &nothing, &spawns, &nothing},
    {"on_first_inside", &nothing, &submits_placed<false>, &nothing},
    {"on_last_inside", &nothing, &submits_placed<true>, &nothing},
    {"group", &nothing, &nothing, &runs_in_group},
    {"group_inside", &nothing, &runs_in_group, &nothing},
    {"graph", &makes_graph, &nothing, &runs_graph},
    {"graph_inside", &makes_graph, &runs_graph, &nothing},
    {"then", &makes_continuation, &nothing, &keeps_promise},
    {"then_inside", &makes_continuation, &keeps_promise, &nothing},
    {"coroutine", &makes_coroutine, &nothing, &keeps_promise},
    {"coroutine_inside", &makes_coroutine, &keeps_promise, &nothing},
    {"new_coroutine", &nothing, &nothing, &begins_coroutine},
    {"timer", &nothing, &nothing, &submits_delayed},
    {"low_timer", &nothing, &nothing, &submits_low_delayed},
    {"timer_inside", &nothing, &submits_delayed, &nothing},
    {"tick", &nothing, &nothing, &repeats},
    {"sleep", &nothing, &nothing, &begins_to_sleep},
    {"guest", &nothing, &nothing, &enters},
    {"loop", &nothing, &nothing, &begins_loop, 2},
    {"join", &nothing, &nothing, &begins_join, 2},
};

std::vector<unsigned> const numbers_of_workers =
    detail::sanitized ? std::vector<unsigned>{2} : std::vector<unsigned>{1, 2, 4};

class fairness : public testing::TestWithParam<std::tuple<busy, unsigned, waiting>> {};

std::string name_of_pair(testing::TestParamInfo<fairness::ParamType> const& info) {
    auto const& [runs, workers, waits] = info.param;
    return std::string(waits.name) + "_beside_" + runs.name + "_on_" + std::to_string(workers);
}

INSTANTIATE_TEST_SUITE_P(pairs, fairness,
                         testing::Combine(testing::ValuesIn(busy_kinds), testing::ValuesIn(numbers_of_workers),
                                          testing::ValuesIn(waiting_kinds)),
                         &name_of_pair);

TEST_P(fairness, whatever_waits_begins) {
    auto const [runs, workers, waits] = GetParam();
    if (workers < waits.least_workers) return; // the waiting work consists of parts that need two workers
    scene it(workers);
    waits.prepare(it);
    std::atomic<unsigned> in{0};
    std::atomic<unsigned> busy_ones{0};
    std::vector<future<void>> tasks;
    auto const be_busy = [&, all = workers, work = runs.run, wait = waits.inside](unsigned worker) {
        for (++in; in < all && !it.s.over();) std::this_thread::yield();
        if (worker == 0) wait(it);
        ++busy_ones;
        work(it.s, worker);
    };
    for (unsigned i = 0; i < workers; ++i)
        if (runs.whom == by::workers)
            tasks.push_back(submit(it.pool, [&, i] { be_busy(i); }, {.on = i}));
        else
            it.threads.emplace_back([&, i] { it.pool.run([&] { be_busy(i); }); });
    while (busy_ones < workers) std::this_thread::yield();
    waits.outside(it);
    for (future<void>& one : tasks) // the caller does not help
        while (!one.ready()) std::this_thread::sleep_for(100us);
    while (it.s.chains != 0 || (runs.whom == by::guests && !it.s.ended())) std::this_thread::sleep_for(100us);
    EXPECT_TRUE(it.s.begun);
    for (std::thread& one : it.threads) one.join(); // here: the threads use locals of this function
    it.threads.clear();
}

} // namespace
