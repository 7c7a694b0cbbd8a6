// SPDX-License-Identifier: MIT
// Work of a chosen length which no compiler shortens: a chain of dependent multiplications, about 1.1 ns a step.
// The length is a number of steps, not a time, so that two threads never meet at a clock.
#pragma once

#include <chrono>
#include <cstdint>
#include <thread>
#include <time.h>

namespace hocket_bench {

/// Returns the answer of `steps` dependent steps from `seed`.
inline std::uint64_t chain(std::uint64_t seed, std::uint64_t steps) {
    for (std::uint64_t i = 0; i < steps; ++i) {
        seed = seed * 6364136223846793005U + 1442695040888963407U;
        asm volatile("" : "+r"(seed));
    }
    return seed;
}

/// Steps of `chain` that take about a microsecond at the usual clock.
inline constexpr std::uint64_t steps_per_microsecond = 920;

/// Keeps the calling thread busy: its core stays awake and its clock stays up, unlike in a sleep.
inline void busy_for(std::chrono::nanoseconds time) {
    auto const end = std::chrono::steady_clock::now() + time;
    while (std::chrono::steady_clock::now() < end) {
    }
}

/// Returns the CPU time that all threads of the process have used, in milliseconds.
inline double process_cpu_ms() {
    timespec t{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return double(t.tv_sec) * 1e3 + double(t.tv_nsec) * 1e-6;
}

} // namespace hocket_bench
