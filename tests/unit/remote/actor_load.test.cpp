// SPDX-License-Identifier: MIT
// Tests that an actor takes one thread of its process from the tasks, however many of its calls wait.
#include <hocket/remote.hpp>

#include "run_program.hpp"

#include <atomic>
#include <gtest/gtest.h>
#include <thread>
#include <vector>

namespace {

using namespace hocket;

struct slow {
    int wait(shared_array<int> open) {
        return remote_test::comes_true([&] { return std::atomic_ref(open[0]).load() != 0; }) ? 1 : 0;
    }
    int nothing() { return 1; }
};

/// Returns whether `wanted` calls run at once before a long time is over.
bool meet(shared_memory<int> here, int wanted) {
    std::atomic_ref(*here).fetch_add(1);
    return remote_test::comes_true([&] { return std::atomic_ref(*here).load() >= wanted; });
}
void let_meet(int wanted) {
    shared_memory<int> const here(0);
    std::vector<ref<bool>> calls;
    for (int i = 0; i != wanted; ++i) calls.push_back(submit(cluster(), meet, here, wanted));
    for (ref<bool> const& each : calls) EXPECT_TRUE(each.get());
}

TEST(actor_load_program, DISABLED_leaves_the_other_threads) {
    remote_pool& all = cluster();
    while (all.nodes()[0].cores != 4 || all.nodes()[1].cores != 4) std::this_thread::yield();
    shared_array<int> const open(1);
    std::vector<actor<slow>> actors;
    std::vector<ref<int>> calls;
    for (int i = 0; i != 2; ++i) actors.emplace_back(all); // one in each process
    for (actor<slow> const& each : actors) {
        calls.push_back(each.call(&slow::wait, open));
        for (int i = 0; i != 50; ++i) calls.push_back(each.call(&slow::nothing));
    }
    // Six threads are free: in each process the threads that do not run its actor.
    for (int round = 0; round != 3; ++round) let_meet(6);
    std::atomic_ref(open[0]).store(1);
    for (ref<int> const& each : calls) EXPECT_EQ(each.get(), 1);
    calls.clear();
    actors.clear(); // their processes have all threads again
    let_meet(8);
}

TEST(session_actor_load, is_one_thread) {
    remote_test::program_result const result =
        remote_test::run_program({"HOCKET_ENGINE=processes", "HOCKET_PROCESSES=2", "HOCKET_NUM_THREADS=4"},
                                 "actor_load_program.DISABLED_leaves_the_other_threads");
    EXPECT_FALSE(result.hung);
    EXPECT_EQ(result.status, 0) << result.out << result.err;
}

} // namespace
