// SPDX-License-Identifier: MIT
// A shared object that uses hocket: functions that the program calls by name.
#include "plugin.hpp"

#include <hocket/algorithm/loops/parallel_for.hpp>
#include <hocket/fork_join/task_group.hpp>
#include <hocket/future/future.hpp>
#include <hocket/future/submit.hpp>

#include <atomic>
#include <thread>

namespace {

/// Waits, for 20 s at most, until `count` is `wanted`.
bool reaches(std::atomic<int> const& count, int wanted) {
    for (int i = 0; i < 200'000 && count != wanted; ++i) std::this_thread::sleep_for(std::chrono::microseconds(100));
    return count == wanted;
}

} // namespace

extern "C" {

/// Does all kinds of work; bodies call back. Returns the number of bodies that ran.
[[gnu::visibility("default")]] int plugin_work(callback back, void* argument) {
    std::atomic<int> ran{0};
    hocket::parallel_for(0, 50,
                         [&](int) {
                             ran += back != nullptr ? back(argument) : 1;
                             hocket::parallel_for(0, 4, [&](int) { ++ran; }, {.schedule = hocket::schedule::dynamic});
                         },
                         {.schedule = hocket::schedule::dynamic});
    hocket::task_group group;
    for (int i = 0; i < 50; ++i) group.run([&] { ran += hocket::submit([] { return 1; }).get(); });
    group.wait();
    return ran; // 50 calls of `back`, 250 of its own
}

/// Runs bodies on all workers at once, which wait for each other. Returns whether they met.
[[gnu::visibility("default")]] int plugin_meets(int workers) {
    std::atomic<int> begun{0};
    std::atomic<int> met{0};
    hocket::parallel_for(0, workers,
                         [&](int) {
                             ++begun;
                             met += reaches(begun, workers);
                         },
                         {.schedule = hocket::schedule::dynamic});
    return met == workers;
}

/// Runs tasks that wait for tasks behind them, from within any caller.
[[gnu::visibility("default")]] int plugin_waits(int depth) {
    return depth == 0 ? 0 : hocket::submit([depth] { return 1 + plugin_waits(depth - 1); }).get();
}

[[gnu::visibility("default")]] int plugin_workers() { return static_cast<int>(hocket::default_pool().size()); }
}
