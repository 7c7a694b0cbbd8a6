// SPDX-License-Identifier: MIT
// Pools of more than 32 workers in random mode: a searching worker looks at a sample of the worker slots, and the
// workers are in several idle sets.
#include <hocket/future.hpp>
#include <hocket/join.hpp>
#include <hocket/pool.hpp>

#include <optional>

#include <simulated/scenario.hpp>

using namespace scenario;

namespace {

/// Runs `body` with each seed, in a pool of 33 to 80 workers that the seed keeps warm or not.
template<class F>
void explore_large(F const& body) {
    sim::outcome const found = sim::explore((seeds() + 7) / 8,
                                            [&] {
                                                thread_pool pool({.workers = 33 + sim::choose(48)});
                                                std::optional<thread_pool::warm_scope> keep;
                                                if (sim::choose(2) == 0) keep.emplace(pool.keep_warm());
                                                rest_somehow();
                                                body(pool);
                                            },
                                            {.cores = 80, .cores_per_socket = 40});
    EXPECT_TRUE(found.passed) << found.what;
}

template<class F>
void run_leaves(std::size_t count, F const& leaf) {
    if (count == 1) return leaf();
    hocket::join([&, count] { run_leaves(count / 2, leaf); }, [&, count] { run_leaves(count - count / 2, leaf); });
}

TEST(large_pool, begins_a_leaf_on_each_worker) {
    explore_large([](thread_pool& pool) {
        meeting all(pool.size());
        pool.run(
            [&] { run_leaves(pool.size(), [&] { all.come("a leaf does not begin while a worker is idle", 20ms); }); });
    });
}

TEST(large_pool, finds_the_only_task) {
    explore_large([](thread_pool& pool) {
        for (int round = 0; round < 4; ++round) {
            rest_somehow();
            meeting both(2);
            auto const come = [&] { both.come("the only task does not begin while workers are idle", 5ms); };
            hocket::submit(pool, [&] { hocket::join(come, come); }).get();
        }
    });
}

TEST(large_pool, begins_what_three_threads_submit) {
    explore_large([](thread_pool& pool) {
        meeting all(6);
        auto const come = [&] { all.come("a task does not begin while workers are idle", 5ms); };
        auto const send = [&] {
            for (int i = 0; i < 2; ++i) {
                rest_somehow();
                hocket::spawn(pool, come);
            }
        };
        {
            sim::thread const one(send);
            sim::thread const other(send);
            send();
        }
        pool.wait_idle();
    });
}

} // namespace
