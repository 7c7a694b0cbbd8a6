// SPDX-License-Identifier: MIT
// The measurement of every row of the benchmarks: repetitions timed one by one, each answer compared with the serial
// one. The minimum (or a low quantile) and the median are reported as counters of Google Benchmark. One program holds
// the rows of one library; tools/figures.cpp runs the programs in turn and sets their rows side by side.
#pragma once

#include <benchmark/benchmark.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace hocket_bench {

using clock = std::chrono::steady_clock;
using nanoseconds = std::chrono::duration<double, std::nano>;

/// Makes the compiler compute a value that fits a register, and forget what it knew about the value. (Google
/// Benchmark's function for this lets g++ 12 confuse registers where the value is changed.)
template<class T>
void conceal(T& value) {
    asm volatile("" : "+r"(value));
}

/// Number of repetitions in this process whose answer differed from the serial one.
inline std::atomic<int> wrong_answers{0};

/// One row of the table, in one library.
struct row {
    std::string name;
    double units = 1;    // one repetition has this many units: joins, nodes, iterations
    int samples = 5;     // repetitions
    double quantile = 0; // the sorted repetition that counts as best: 0 is the minimum, 0.1 one in ten
    bool warm_up = true; // one untimed repetition first
};

/// A library and the numbers of threads with which its rows run; a serial program has none.
struct library {
    std::string name;
    std::vector<int> threads;
};

inline library const serially{"serial", {0}};
inline library const by_hocket{"hocket", {1, 2}};
inline library const by_tbb{"tbb", {1, 2}};
inline library const by_openmp{"openmp", {1, 2}};

/// Collects the repetitions of one row.
class sampler {
  public:
    sampler(benchmark::State& state, row const& what) : state_(state), row_(what) {}

    /// Times `run()` and checks its result; one untimed repetition comes first unless the row does without.
    template<class Run, class Answer>
    void time(Run&& run, Answer const& expected) {
        time_after([] {}, run, expected);
    }

    /// Times `run()` as `time` does, with an untimed `prepare()` before each repetition.
    template<class Prepare, class Run, class Answer>
    void time_after(Prepare&& prepare, Run&& run, Answer const& expected) {
        if (row_.warm_up) {
            prepare();
            check(run() == expected);
        }
        while (state_.KeepRunning()) {
            prepare();
            auto const begin = clock::now();
            auto const answer = run();
            nanoseconds const took = clock::now() - begin;
            add(took.count() / row_.units, took.count() * 1e-9);
            if (!check(answer == expected)) {
                break;
            }
        }
        report();
    }

    /// Takes the number that `sample()` returns as one repetition: nanoseconds, bytes, a count.
    template<class Sample>
    void take(Sample&& sample) {
        while (state_.KeepRunning()) {
            auto const begin = clock::now();
            double const value = sample();
            nanoseconds const took = clock::now() - begin;
            add(value, took.count() * 1e-9);
        }
        report();
    }

    /// Reports whether an answer is right; a wrong one ends the row and fails the program.
    bool check(bool right) {
        if (!right && !wrong_) {
            wrong_ = true;
            ++wrong_answers;
            state_.SkipWithError("wrong answer");
        }
        return right;
    }

  private:
    void add(double value, double seconds) {
        state_.SetIterationTime(seconds);
        values_.push_back(value);
    }

    void report();

    benchmark::State& state_;
    row const& row_;
    std::vector<double> values_;
    bool wrong_ = false;
};

/// Registers `row/library/threads` (`row/serial` for a serial program); `body(sampler, threads)` measures it. Returns
/// true, so that the rows of a file are registered by the initializer of a constant.
bool add_row(row const& what, library const& with, std::function<void(sampler&, int)> const& body);

} // namespace hocket_bench
