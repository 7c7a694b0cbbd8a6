// SPDX-License-Identifier: MIT
// Tasks, references and an actor on a cluster: here the threads of this process, unless HOCKET_ENGINE asks for others.
// usage: remote_calls
#include <hocket/remote.hpp>

#include <cstdio>
#include <numeric>
#include <span>
#include <vector>

int square(int x) { return x * x; }

struct Counter { // plain: no base, no lock, no macro
    int n = 0;
    int add(int x) { return n += x; }
};

int main(int argc, char** argv) {
    hocket::session const session(argc, argv); // worker processes stay in here
    auto& all = hocket::cluster();

    hocket::ref<int> a = submit(all, square, 7); // runs somewhere
    hocket::ref<int> b = submit(
        all, [](int x, int y) { return x + y; }, a, 1); // a is a dependency: no thread waits here
    hocket::ref v = put(all, std::vector<double>(1'000'000, 0.5));
    auto const sum_up = [](std::span<double const> w) { return std::reduce(w.begin(), w.end()); };
    hocket::ref s = submit(all, sum_up, v); // no copy on a node

    hocket::actor<Counter> c(all); // lives somewhere; one caller at a time
    for (int i = 0; i < 100; ++i) c.tell(&Counter::add, i);
    hocket::ref<int> sum = c.call(&Counter::add, 0);

    std::vector<int> const thirds = hocket::parallel_map(all, 0, 100'000, [](int i) { return i / 3; });
    std::printf("%d %d %g %d\n", b.get(), sum.get(), s.get(), thirds[300]);
}
