// SPDX-License-Identifier: MIT
// Maps a function over a list with a pool of processes, as Python's `with Pool(2) as pool: pool.map(f, list)`.
// usage: remote_pool_map
#include <hocket/remote.hpp>

#include <cstdio>
#include <functional>
#include <numeric>
#include <set>
#include <unistd.h>
#include <vector>

int square(int x) { return x * x; }

int main(int argc, char** argv) {
    hocket::session session(argc, argv);
    hocket::process_pool pool(2);
    std::vector<int> list(1000);
    std::iota(list.begin(), list.end(), 1);
    std::vector<int> const squares = hocket::parallel_map(pool, list, square);
    long const sum = hocket::parallel_transform_reduce(pool, list, 0L, std::plus<>(), square);
    std::vector<int> const pids = hocket::parallel_map(pool, list, [](int) { return static_cast<int>(getpid()); });
    std::set<int> const workers(pids.begin(), pids.end());
    std::printf("%d, %d, %d, ... %d\n", squares[0], squares[1], squares[2], squares.back());
    std::printf("together %ld; this process has computed none of them: %s\n", sum,
                workers.contains(getpid()) ? "no" : "yes");
}
