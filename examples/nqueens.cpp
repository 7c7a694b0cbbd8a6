// SPDX-License-Identifier: MIT
// Counts the ways to place n queens on a board so that none attacks another, with a join wherever a queen has more than
// one free place: tasks of wildly unequal size, forked as they come.
// usage: nqueens [n]
#include <hocket/hocket.hpp>

#include <bit>
#include <chrono>
#include <cstdio>
#include <cstdlib>

namespace {

/// The columns and diagonals that are taken, as bits of the next row.
struct board {
    unsigned columns, left, right;

    board with(unsigned queen) const { return {columns | queen, (left | queen) << 1, (right | queen) >> 1}; }
    unsigned free(unsigned all) const { return all & ~(columns | left | right); }
};

/// Counts the solutions that begin with one of `places` in the next row of `b`.
long serial_count(board b, unsigned places, unsigned all) {
    long solutions = 0;
    for (; places != 0; places &= places - 1) {
        board const next = b.with(places & -places);
        solutions += next.columns == all ? 1 : serial_count(next, next.free(all), all);
    }
    return solutions;
}

long parallel_count(board b, unsigned places, unsigned all) {
    if (places == 0) return 0;
    if (std::popcount(all ^ b.columns) <= 6) return serial_count(b, places, all); // too few rows for a join
    board const next = b.with(places & -places);
    auto const here = [=] { return parallel_count(next, next.free(all), all); };
    unsigned const others = places & (places - 1);
    if (others == 0) return here();
    auto const [first, rest] = hocket::join(here, [=] { return parallel_count(b, others, all); });
    return first + rest;
}

template<class Count>
double seconds_for(Count const& count, long& solutions) {
    auto const start = std::chrono::steady_clock::now();
    solutions = count();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

} // namespace

int main(int argc, char** argv) {
    int const n = argc > 1 ? std::atoi(argv[1]) : 14;
    unsigned const all = (1U << n) - 1;
    long expected = 0, solutions = 0;
    double const serial = seconds_for([=] { return serial_count({0, 0, 0}, all, all); }, expected);
    double const parallel = seconds_for([=] { return parallel_count({0, 0, 0}, all, all); }, solutions);
    std::printf("%d queens: %ld solutions\n", n, solutions);
    std::printf("serial   %8.3f s\nparallel %8.3f s\nspeed-up %8.2f x\n", serial, parallel, serial / parallel);
    return solutions == expected ? 0 : 1;
}
