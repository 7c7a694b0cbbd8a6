// SPDX-License-Identifier: MIT
// Tests of this_worker: the worker that runs the caller, and an error where there is none.
#include <hocket/algorithm/loops/parallel_for.hpp>
#include <hocket/fork_join/join.hpp>
#include <hocket/fork_join/task_group.hpp>
#include <hocket/pool/this_worker.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <string>

namespace {

using namespace hocket;

TEST(this_worker, is_nobody_outside_of_a_pool) {
    ASSERT_FALSE(this_worker::inside_pool());
    ASSERT_THROW((void)this_worker::index(), std::logic_error);
    ASSERT_THROW((void)this_worker::core(), std::logic_error);
}

TEST(this_worker, has_an_index_below_the_bound_and_a_core_of_the_placement) {
    for (unsigned workers : {1u, 2u, 5u, 40u}) {
        thread_pool pool({.workers = workers});
        std::atomic<int> wrong{0};
        auto const check = [&] {
            std::size_t const index = this_worker::index();
            wrong += !this_worker::inside_pool() || index >= pool.max_index();
            if (index < pool.size())
                wrong += this_worker::core() != static_cast<std::size_t>(pool.placement().workers[index].core);
        };
        for (int round = 0; round < 20; ++round) {
            parallel_for(pool, 0, 100, [&](int) { check(); });
            parallel_for(pool, 0, 1, [&](int) { check(); });
            parallel_for(pool, 0, 100, [&](int) { check(); }, {.schedule = schedule::dynamic});
            join(pool, check, check);
            task_group group(pool);
            for (int i = 0; i < 10; ++i) group.run(check);
            group.wait();
        }
        ASSERT_EQ(wrong, 0);
        ASSERT_FALSE(this_worker::inside_pool());
    }
}

TEST(this_worker, is_that_of_the_innermost_pool) {
    thread_pool outer({.workers = 1});
    thread_pool inner({.workers = 64});
    join(
        outer,
        [&] {
            ASSERT_EQ(this_worker::index(), 0u);
            parallel_for(inner, 0, 200, [&](int) { ASSERT_EQ(detail::this_slot->sched, &inner.sched()); },
                         {.schedule = schedule::dynamic});
            ASSERT_EQ(this_worker::index(), 0u);
            ASSERT_EQ(detail::this_slot->sched, &outer.sched());
        },
        [] {});
}

} // namespace
