// SPDX-License-Identifier: MIT
// What the scenarios of this folder share: pools of a size that the seed chooses, the work and the rests between which
// wake-ups get lost, and checks of what the library promises about the beginning of work.
#pragma once

#include <hocket/pool.hpp>
#include <hocket/sim.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include <gtest/gtest.h>

namespace scenario {

namespace sim = hocket::sim;
using namespace std::chrono_literals;
using hocket::thread_pool;

/// Returns how many seeds each scenario runs. SIMULATED_SEEDS=5000 in the environment makes a soak.
inline std::uint64_t seeds() {
    char const* const text = std::getenv("SIMULATED_SEEDS");
    return text == nullptr ? 200 : std::strtoull(text, nullptr, 10);
}

/// Runs `program` with each seed.
template<class F>
void explore_program(F const& program) {
    sim::outcome const found = sim::explore(seeds(), program, {.cores = 8});
    EXPECT_TRUE(found.passed) << found.what;
}

/// Runs `body` with each seed, in a pool of 2 to 5 workers, and now and then of 8.
template<class F>
void explore(F const& body, std::size_t least = 2) {
    explore_program([&] {
        std::size_t const workers = sim::choose(16) == 0 ? 8 : least + sim::choose(6 - least);
        thread_pool pool({.workers = workers});
        body(pool);
    });
}

/// Works for up to three microseconds.
inline void busy() { sim::work(std::chrono::nanoseconds(sim::choose(3'000))); }

/// Rests for about as long as workers without work stay awake, so that they are about to park.
inline void rest() { sim::sleep(std::chrono::nanoseconds(40'000 + sim::choose(30'000))); }

/// Rests until all workers sleep.
inline void rest_long() { sim::sleep(1ms); }

/// Rests for a short time, until workers are about to park, or until they sleep.
inline void rest_somehow() {
    switch (sim::choose(4)) {
    case 0: return rest_long();
    case 1: return busy();
    default: return rest();
    }
}

/// Rests for as long as the last worker without work stays awake, to a microsecond or two: what comes next comes while
/// that worker parks.
inline void rest_until_parking() { sim::sleep(std::chrono::nanoseconds(48'000 + sim::choose(8'000))); }

/// Runs `body` with each seed, in a pool of one or two workers: there the worker that parks is the last that searches.
template<class F>
void explore_few(F const& body, std::size_t least = 1) {
    explore_program([&] {
        thread_pool pool({.workers = least + sim::choose(2)});
        body(pool);
    });
}

/// A number of bodies that must be in flight at once: each waits until all of them have begun.
class meeting {
  public:
    explicit meeting(std::size_t count) noexcept : count_(count) {}

    /// Returns when all bodies have come. Fails the run if that takes longer than `patience`.
    void come(char const* what, std::chrono::nanoseconds patience = 1ms) {
        here_.fetch_add(1);
        for (auto const limit = sim::now() + patience; here_.load() < count_; sim::sleep(20us))
            sim::check(sim::now() < limit, what);
    }

  private:
    std::size_t const count_;
    sim::atomic<std::size_t> here_{0};
};

/// Waits until `flag` is true. Fails the run if that takes longer than `patience`.
inline void wait_for(sim::atomic<bool> const& flag, char const* what, std::chrono::nanoseconds patience = 1ms) {
    for (auto const limit = sim::now() + patience; !flag.load(); sim::sleep(20us)) sim::check(sim::now() < limit, what);
}

/// Counts how many threads are inside, and fails the run if there are more than `most`.
class turnstile {
  public:
    explicit turnstile(int most) noexcept : most_(most) {}
    template<class F>
    void pass(F const& body, char const* what) {
        sim::check(inside_.fetch_add(1) < most_, what);
        body();
        inside_.fetch_sub(1);
    }

  private:
    int const most_;
    sim::atomic<int> inside_{0};
};

/// Counts the calls for each of a few elements.
template<std::size_t N>
class tally {
  public:
    void add(std::size_t i) { times_[i].fetch_add(1); }
    void add(int i) { add(static_cast<std::size_t>(i)); }
    /// Fails the run unless each element was counted once.
    void require_once(char const* what) const {
        for (auto const& times : times_) sim::check(times.load() == 1, what);
    }

  private:
    sim::atomic<int> times_[N]{};
};

/// Fails the run unless `call` throws an `Error`.
template<class Error, class F>
void require_throw(F const& call, char const* what) {
    try {
        call();
    } catch (Error const&) {
        return;
    }
    sim::check(false, what);
}

} // namespace scenario
