// SPDX-License-Identifier: MIT
// A simulated machine: runs a piece of a program, and the library, on 1 to 1,024 cores that do not exist, and repeats
// each run exactly. Needs `-DHOCKET_SIMULATED` for all files of the program.
//
//     #include <hocket/hocket.hpp>
//     #include <hocket/sim.hpp>
//
//     int main() {
//         auto const lost_update = [] {
//             hocket::sim::atomic<int> sum{0};
//             hocket::parallel_for(0, 4, [&](int) {
//                 hocket::sim::work(std::chrono::microseconds(1));
//                 sum.store(sum.load() + 1); // two steps
//             });
//             hocket::sim::check(sum == 4, "an update was lost");
//         };
//         hocket::sim::outcome const found = hocket::sim::explore(10'000, lost_update); // HOCKET_SEED=n repeats a run
//         return found.passed ? 1 : 0; // the race is found
//     }
//
// * `sim::run(seed, f)` runs `f` once, `sim::explore(seeds, f)` until a seed fails. Both return a `sim::outcome`.
// * `sim::options` says how many cores there are, and what things cost (`sim::costs`). In `sim::mode::random` the seed
//   picks the thread that goes on, which finds errors. In `sim::mode::timed` time does, which shows how a program
//   scales.
// * `sim::work(2us)` is the work of a task, `sim::sleep` a sleep, `sim::now()` the simulated time, `sim::choose(n)` a
//   number that the seed decides. `sim::thread` is a thread of the program.
// * `sim::atomic<T>` and `sim::mutex` take the place of the standard's in the code under test. Between two of their
//   operations, and between calls of the library, other threads do not run.
//
// One process is one run: what `f` writes is lost when it ends, and it begins without pools. Signals, files and other
// processes are those of the real machine; hocket's remote engines are not simulated.
#pragma once

#include <hocket/sim/simulated_atomic.hpp>
#include <hocket/sim/simulated_mutex.hpp>
#include <hocket/sim/simulated_run.hpp>
