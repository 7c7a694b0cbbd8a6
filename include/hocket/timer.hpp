// SPDX-License-Identifier: MIT
// Timers: tasks that run repeatedly. A task that runs once, after a delay, is started by `submit` with `.after`.
//
//     #include <hocket/timer.hpp>
//
//     #include <atomic>
//     #include <chrono>
//
//     int main() {
//         std::atomic<int> ticks{0};
//         hocket::periodic_task clock = hocket::run_every(std::chrono::milliseconds(1), [&] {
//             ++ticks;
//             ticks.notify_one();
//         });
//         while (ticks < 3) ticks.wait(ticks);
//         clock.stop();
//         return clock.calls() >= 3 ? 0 : 1;
//     }
//
// * `run_every(period, f)` returns a `periodic_task`, which stops when it is destroyed. `periodic_options` set the time
//   of the first call, and a stop token.
//
// Seldom written out: `periodic_options`.
#pragma once

#include <hocket/future/periodic.hpp>
