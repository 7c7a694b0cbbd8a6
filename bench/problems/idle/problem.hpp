// SPDX-License-Identifier: MIT
// The behaviour of threads while there is nothing to do. Measures the time until the second thread begins. Also
// measures the CPU time burnt after a region has finished, by a thread that waits for the other, and by an unused pool.
// The unit is nanoseconds for waking, else milliseconds of CPU time of the whole process. There are always two threads.
#pragma once

#include "../measure.hpp"
#include "../work.hpp"

#include <atomic>
#include <thread>

namespace hocket_bench::idle_problem {

using namespace std::chrono_literals;

/// Spins until `done()`, or until 5 ms have passed, in case the other half never begins.
template<class Done>
void spin_until(Done done) {
    for (auto const end = clock::now() + 5ms; !done() && clock::now() < end;) {
    }
}

/// Returns the time from the call until both halves run at once, after the caller was busy for a while.
template<class Both>
double wake_up(Both& both, std::chrono::milliseconds idle) {
    busy_for(idle);
    std::atomic<int> arrived{0};
    auto const meet = [&] {
        arrived.fetch_add(1);
        spin_until([&] { return arrived.load() == 2; });
    };
    auto const begin = clock::now();
    both(meet, meet);
    return nanoseconds(clock::now() - begin).count();
}

/// Runs a region of a millisecond in which both threads work.
template<class Both>
void region(Both& both) {
    auto const half = [] { busy_for(1ms); };
    both(half, half);
}

/// Returns the CPU time used in the 50 ms after a region.
template<class Both>
double after_region(Both& both) {
    region(both);
    double const begin = process_cpu_ms();
    std::this_thread::sleep_for(50ms);
    return process_cpu_ms() - begin;
}

/// Returns the CPU time beyond that of the working thread while one half works for 50 ms and the other has finished.
template<class Both>
double waiting(Both& both) {
    std::atomic<int> arrived{0};
    auto const begin = clock::now();
    double const cpu = process_cpu_ms();
    auto const half = [&] {
        bool const first = arrived.fetch_add(1) == 0;
        spin_until([&] { return arrived.load() == 2; });
        if (!first) {
            busy_for(50ms);
        }
    };
    both(half, half);
    return std::max(0.0, process_cpu_ms() - cpu - nanoseconds(clock::now() - begin).count() * 1e-6);
}

/// Returns the CPU time used in 200 ms without a call, a while after the last region.
template<class Both>
double unused(Both& both) {
    region(both);
    std::this_thread::sleep_for(100ms);
    double const begin = process_cpu_ms();
    std::this_thread::sleep_for(200ms);
    return process_cpu_ms() - begin;
}

/// `make(threads)` makes the callable that runs two functions at once.
template<class Make>
bool add(library const& with, Make make) {
    library const two{with.name, {2}};
    auto const add_sample = [&](char const* name, int samples, auto sample) {
        return add_row({name, 1, samples}, two, [make, sample](sampler& rows, int threads) {
            auto both = make(threads);
            region(both);
            rows.take([&] { return sample(both); });
        });
    };
    return add_sample("wake_up_1ms", 25, [](auto& both) { return wake_up(both, 1ms); }) &&
           add_sample("wake_up_20ms", 15, [](auto& both) { return wake_up(both, 20ms); }) &&
           add_sample("cpu_after", 5, [](auto& both) { return after_region(both); }) &&
           add_sample("cpu_waiting", 5, [](auto& both) { return waiting(both); }) &&
           add_sample("cpu_unused", 2, [](auto& both) { return unused(both); });
}

} // namespace hocket_bench::idle_problem
