// SPDX-License-Identifier: MIT
// A function that makes a pool, runs a loop of its own, and makes calls that programs make once, for warm_callers.sh to
// look at.
#include <hocket/algorithm/loops/parallel_for.hpp>
#include <hocket/future/submit.hpp>
#include <hocket/graph/task_graph.hpp>

extern "C" void warm(int* numbers, int count) {
    hocket::thread_pool pool({.workers = 2});
    auto const kept = pool.keep_warm();
    for (int i = 0; i < count; ++i) numbers[i] *= 3;
    hocket::parallel_for(pool, 0, count, [&](int i) { numbers[i] += 1; });
    hocket::task_graph graph;
    graph.add([&] { numbers[0] = 1; });
    graph.run(pool).get();
    hocket::submit(pool, [&] { numbers[0] = 2; }).get();
}
