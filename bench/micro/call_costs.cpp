// SPDX-License-Identifier: MIT
// The fixed prices of hocket's calls: a join from inside and from outside, a loop over nothing, a pool, and the
// topology that the first pool of a process reads.
#include <hocket/algorithm/loops/parallel_for.hpp>
#include <hocket/fork_join/join.hpp>
#include <hocket/machine/cpu_quota.hpp>
#include <hocket/machine/hwloc.hpp>
#include <hocket/os/fp_mode.hpp>
#include <hocket/pool/thread_pool.hpp>

#include <benchmark/benchmark.h>

namespace {

hocket::pool_options workers(benchmark::State const& state) {
    return {.workers = static_cast<std::size_t>(state.range(0))};
}

auto const nothing = [] {
    benchmark::ClobberMemory();
    return 0;
};

/// Runs one join after another, each of two empty callables, on a worker.
void join_inside(benchmark::State& state) {
    hocket::thread_pool pool(workers(state));
    hocket::join(
        pool,
        [&] {
            for (auto _ : state) {
                benchmark::DoNotOptimize(hocket::join(nothing, nothing));
            }
        },
        [] {});
}
BENCHMARK(join_inside)->Arg(1)->Arg(2)->UseRealTime();

/// Runs one join after another, each of two empty callables, from an external thread.
void join_from_outside(benchmark::State& state) {
    hocket::thread_pool pool(workers(state));
    for (auto _ : state) {
        benchmark::DoNotOptimize(hocket::join(pool, nothing, nothing));
    }
}
BENCHMARK(join_from_outside)->Arg(1)->Arg(2)->UseRealTime();

void loop_over_nothing(benchmark::State& state) {
    hocket::thread_pool pool(workers(state));
    for (auto _ : state) {
        hocket::parallel_for(pool, 0, 0, [](int i) { benchmark::DoNotOptimize(i); });
    }
}
BENCHMARK(loop_over_nothing)->Arg(2)->UseRealTime();

void pool_start_and_stop(benchmark::State& state) {
    for (auto _ : state) {
        hocket::thread_pool pool(workers(state));
        benchmark::DoNotOptimize(pool.size());
    }
}
BENCHMARK(pool_start_and_stop)->Arg(1)->Arg(2)->UseRealTime();

/// Reads the topology, as `machine()` does once in a process. The target is 1.5 ms at most.
void topology_of_the_machine(benchmark::State& state) {
    for (auto _ : state) {
        benchmark::DoNotOptimize(hocket::read_topology().cores.size());
    }
}
BENCHMARK(topology_of_the_machine)->UseRealTime();

void quota_of_the_cgroup(benchmark::State& state) {
    for (auto _ : state) {
        benchmark::DoNotOptimize(hocket::read_cpu_quota());
    }
}
BENCHMARK(quota_of_the_cgroup)->UseRealTime();

/// Finds out the floating-point mode of the thread as the library does. The two rows below show its two ways, one of
/// which is slow on each processor known so far.
void mode_found(benchmark::State& state) {
    for (auto _ : state) {
        benchmark::DoNotOptimize(hocket::detail::fp_mode::now().is_default());
    }
}
BENCHMARK(mode_found);

void mode_read(benchmark::State& state) {
    for (auto _ : state) {
        benchmark::DoNotOptimize(hocket::detail::load_fp_control() == 0);
    }
}
BENCHMARK(mode_read);

void mode_tried(benchmark::State& state) {
    if (!hocket::detail::can_try_fp_control()) {
        return state.SkipWithError("the processor or the compiler lacks AVX-512");
    }
    for (auto _ : state) {
        benchmark::DoNotOptimize(hocket::detail::is_usual_fp_control());
    }
}
BENCHMARK(mode_tried);

} // namespace
