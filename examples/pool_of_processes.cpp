// SPDX-License-Identifier: MIT
// A pool of processes: chunks of a list go to worker processes, and one that crashes costs its own task alone.
// usage: pool_of_processes
#include <hocket/remote.hpp>

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <vector>

long sum_of_squares(std::vector<int> const& chunk) {
    long sum = 0;
    for (int x : chunk) sum += x * x;
    return sum;
}

int main(int argc, char** argv) {
    hocket::session const session(argc, argv); // worker processes stay in here
    hocket::process_pool pool({.workers = 2});

    std::vector<hocket::ref<long>> sums;
    for (int first = 0; first < 1'000; first += 100) {
        std::vector<int> chunk;
        for (int x = first; x < first + 100; ++x) chunk.push_back(x);
        sums.push_back(submit(pool, sum_of_squares, chunk));
    }
    long total = 0;
    for (auto const& sum : sums) total += sum.get();
    std::printf("%ld\n", total);

    hocket::ref<void> const crash = submit(pool, [] { std::abort(); });
    try {
        crash.get();
    } catch (hocket::worker_lost const&) {
        std::printf("a task has crashed\n");
    }
    std::printf("%ld\n", submit(pool, sum_of_squares, std::vector<int>{3, 4}).get());
}
