// SPDX-License-Identifier: MIT
// Futures without other work. A task is started and its result asked for at once, again and again. A promise is made,
// kept and got. A chain of continuations runs. Also counts the allocations of all these.
#pragma once

#include "../cost/problem.hpp"
#include "../measure.hpp"

#include <cstdint>

namespace hocket_bench::future_problem {

inline constexpr std::uint64_t pairs = 100'000;
inline constexpr std::uint64_t links = 1'000'000;

constexpr std::uint64_t sum_below(std::uint64_t n) { return n * (n - 1) / 2; }

/// `make(threads)` makes the function that takes n, submits n tasks, where task i returns i, waits for each before the
/// next one, and returns the sum.
template<class Make>
bool add_submit(library const& with, Make make) {
    return add_row({"future_submit_get", double(pairs), 7}, with, [make](sampler& samples, int threads) {
        auto run = make(threads);
        samples.time([&] { return run(pairs); }, sum_below(pairs));
    });
}

/// `run(n)` makes n promises one after the other, keeps each at once on one thread, and returns the sum.
template<class Run>
bool add_promise(library const& with, Run run) {
    return add_row({"future_promise", double(pairs), 7}, {with.name, {with.threads.front()}},
                   [run](sampler& samples, int) { samples.time([&] { return run(pairs); }, sum_below(pairs)); });
}

/// `make(threads)` makes a function that takes n, continues a ready future of 0 n times by a function that adds 1, and
/// returns the last value.
template<class Make>
bool add_then(library const& with, Make make, char const* name = "future_then") {
    return add_row({name, double(links), 5}, with, [make](sampler& samples, int threads) {
        auto run = make(threads);
        samples.time([&] { return run(links); }, links);
    });
}

/// Counts the calls of malloc for each submit, and for each then.
template<class MakeSubmit, class MakeThen>
bool add_allocations(library const& with, MakeSubmit make_submit, MakeThen make_then) {
    constexpr std::uint64_t few = 10'000;
    add_row({"allocations_submit", 1, 3}, with, [make_submit](sampler& rows, int threads) {
        auto run = make_submit(threads);
        rows.take(
            [&] { return cost_problem::allocations_of(double(few), [&] { rows.check(run(few) == sum_below(few)); }); });
    });
    return add_row({"allocations_then", 1, 3}, with, [make_then](sampler& rows, int threads) {
        auto run = make_then(threads);
        rows.take([&] { return cost_problem::allocations_of(double(few), [&] { rows.check(run(few) == few); }); });
    });
}

} // namespace hocket_bench::future_problem
