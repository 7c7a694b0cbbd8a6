// SPDX-License-Identifier: MIT
// A million tiny tasks until all have finished: spawned one by one by an external thread, all at once by an external
// thread, and a thousand at a time by a task of the pool, which waits for them. Each task counts itself. The unit is
// tasks.
#pragma once

#include "../measure.hpp"

#include <array>
#include <atomic>
#include <cstddef>

namespace hocket_bench::spawn_problem {

inline constexpr int tasks = 1'000'000;
inline constexpr int at_a_time = 1000;

/// A count for each thread, so that counting is as cheap as a task can be.
class counts {
  public:
    void add() { ++cells_[mine() % cells_.size()].count; }
    long sum() const {
        long all = 0;
        for (cell const& c : cells_) {
            all += c.count;
        }
        return all;
    }
    void clear() { cells_ = {}; }

  private:
    struct alignas(128) cell {
        long count = 0;
    };
    static std::size_t mine() {
        static std::atomic<std::size_t> threads{0};
        static thread_local std::size_t const number = threads++;
        return number;
    }
    std::array<cell, 256> cells_{};
};

inline counts done;

/// `make(threads)` makes an object that runs the task `f()` many times, by its members `one_by_one(n, f)`, `bulk(n, f)`
/// and `inside(rounds, n, f)`.
template<class Make>
bool add(library const& with, Make make) {
    auto const row = [&](char const* name, auto const& run) {
        return add_row({name, double(tasks), 7}, with, [make, run](sampler& rows, int threads) {
            auto pool = make(threads);
            rows.time_after([] { done.clear(); },
                            [&] {
                                run(*pool);
                                return done.sum();
                            },
                            long{tasks});
        });
    };
    auto const task = [] { done.add(); };
    row("spawn_outside", [task](auto& pool) { pool.one_by_one(tasks, task); });
    row("spawn_bulk", [task](auto& pool) { pool.bulk(tasks, task); });
    return row("spawn_inside", [task](auto& pool) { pool.inside(tasks / at_a_time, at_a_time, task); });
}

} // namespace hocket_bench::spawn_problem
