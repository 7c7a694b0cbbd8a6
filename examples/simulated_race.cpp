// SPDX-License-Identifier: MIT
// Finds a race that hardly ever shows on a real machine, repeats it exactly, and predicts how a loop scales to 256
// cores.
// usage: simulated_race
#include <hocket/loop.hpp>
#include <hocket/sim.hpp>

#include <chrono>
#include <cstdio>

namespace sim = hocket::sim;
using namespace std::chrono_literals;

constexpr int seats = 3;

/// Sells seats to five customers at once. Looks first whether one is left, and takes it then.
bool sells_too_many() {
    sim::atomic<int> sold{0};
    hocket::parallel_for(0, 5, [&](int) {
        sim::work(1us); // the customer chooses
        if (sold.load() < seats) sold.fetch_add(1);
    });
    return sold > seats;
}

/// Takes a seat only if it is still the one that was looked at.
bool sells_too_many_in_one_step() {
    sim::atomic<int> sold{0};
    hocket::parallel_for(0, 5, [&](int) {
        sim::work(1us);
        int found = sold.load();
        while (found < seats && !sold.compare_exchange_weak(found, found + 1)) {
        }
    });
    return sold > seats;
}

int main() {
    // Each seed is another order of events on four simulated cores. A failure prints its seed, and HOCKET_SEED=n
    // repeats it.
    sim::outcome const race = sim::explore(10'000, [] { return !sells_too_many(); });
    std::printf("two steps: %s\n", race.passed ? "no race found" : "sold more seats than there are");
    if (!race.passed) {
        sim::outcome const again = sim::run(race.seed, [] { return !sells_too_many(); });
        std::printf("the same seed again: %s\n", again.passed ? "no race" : "the same race");
    }
    sim::outcome const mended = sim::explore(1'000, [] { return !sells_too_many_in_one_step(); });
    std::printf("one step: %s\n", mended.passed ? "no race in 1000 orders" : "sold more seats than there are");

    // Time passes on this machine by what things cost on a server: 10,000 iterations of 2 us each.
    std::printf("cores  loop   speed-up\n");
    for (unsigned const cores : {1U, 8U, 64U, 256U}) {
        auto const program = [&] {
            hocket::parallel_for(0, 10'000, [](int) { sim::work(2us); }); // starts the workers
            auto const begin = sim::now();
            hocket::parallel_for(0, 10'000, [](int) { sim::work(2us); });
            double const us = std::chrono::duration<double, std::micro>(sim::now() - begin).count();
            std::printf("%5u %5.0f us %5.1f x\n", cores, us, 20'000 / us);
            std::fflush(stdout); // a run is a process of its own
        };
        (void)sim::run(1, program, {.cores = cores, .mode = sim::mode::timed});
    }
    return race.passed || !mended.passed;
}
