// SPDX-License-Identifier: MIT
// Memory that a join and a loop take: calls of malloc per join and per loop once everything is warm (each kind of
// operator new calls it), and bytes of stack per level of nested joins.
#pragma once

#include "../measure.hpp"

#include <cstdint>

namespace hocket_bench::cost_problem {

/// Switches the counting of allocations on or off. A program that does not use it pays nothing.
void count_allocations(bool on);

/// Returns the calls of malloc and its relatives by any thread while counting was on.
std::uint64_t allocations();

/// Address in the stack of the calling function.
#define HOCKET_BENCH_STACK_HERE reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0))

/// Returns the allocations of `f()`, divided by `units`.
template<class F>
double allocations_of(double units, F f) {
    f();
    auto const begin = allocations();
    count_allocations(true);
    f();
    count_allocations(false);
    return double(allocations() - begin) / units;
}

/// `make_joins(threads)` makes a function that takes a depth and nests that many joins, each within the first half of
/// the one before. It returns the stack address of the innermost join. `make_loop(threads)` makes the loop.
template<class MakeJoins, class MakeLoop>
bool add(library const& with, MakeJoins make_joins, MakeLoop make_loop) {
    constexpr int depth = 400;
    add_row({"allocations_join", 1, 3}, with, [make_joins](sampler& rows, int threads) {
        auto joins = make_joins(threads);
        rows.take([&] {
            return allocations_of(100.0 * depth, [&] {
                for (int i = 0; i < 100; ++i) {
                    auto stack = joins(depth);
                    conceal(stack);
                }
            });
        });
    });
    add_row({"allocations_loop", 1, 3}, with, [make_loop](sampler& rows, int threads) {
        auto loop = make_loop(threads);
        std::vector<double> x(100'000);
        rows.take([&] {
            return allocations_of(100, [&] {
                for (int i = 0; i < 100; ++i) {
                    loop(int(x.size()), [&](int at) { x[std::size_t(at)] += at; });
                }
            });
        });
    });
    return add_row({"stack_join", 1, 3}, {with.name, {with.threads.front()}}, [make_joins](sampler& rows, int threads) {
        auto joins = make_joins(threads);
        rows.take([&] { return double(joins(0) - joins(depth)) / depth; });
    });
}

} // namespace hocket_bench::cost_problem
