// SPDX-License-Identifier: MIT
// Task Bench's patterns of dependencies on whatever engine the program is started with. Each step has as many tasks as
// there are columns; each task works for some time and needs results of the step before. Prints for each pattern the
// METG(50 %): the shortest task with which at least half of the time is work (Slaughter et al., "Task Bench", SC 2020).
// Every result is checked.
// usage: [HOCKET_ENGINE=processes] remote_patterns [pattern...]
#include <hocket/remote.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace hocket;
using bench_clock = std::chrono::steady_clock;
using token = std::uint64_t; // of a task: a mix of its inputs

double seconds_since(bench_clock::time_point start) {
    return std::chrono::duration<double>(bench_clock::now() - start).count();
}

token mix(token sum, token value) { return (sum ^ value) * 0x9e37'79b9'7f4a'7c15 + 1; }

token work(token sum, double seconds) {
    auto const start = bench_clock::now();
    while (seconds_since(start) < seconds) {
    }
    return sum;
}
token none(double seconds, token own) { return work(own, seconds); }
token one(double seconds, token own, token a) { return work(mix(own, a), seconds); }
token two(double seconds, token own, token a, token b) { return work(mix(mix(own, a), b), seconds); }
token three(double seconds, token own, token a, token b, token c) { return work(mix(mix(mix(own, a), b), c), seconds); }

struct pattern {
    char const* name;
    /// The columns of the step before that a task needs: at most three.
    std::vector<std::size_t> (*needs)(std::size_t step, std::size_t column, std::size_t columns);
};

pattern const patterns[] = {
    {"trivial", [](std::size_t, std::size_t, std::size_t) { return std::vector<std::size_t>{}; }},
    {"stencil",
     [](std::size_t, std::size_t c, std::size_t n) {
         std::vector<std::size_t> found;
         for (std::size_t at = c == 0 ? 0 : c - 1; at <= std::min(c + 1, n - 1); ++at) found.push_back(at);
         return found;
     }},
    {"fft",
     [](std::size_t step, std::size_t c, std::size_t n) {
         std::size_t stages = 0;
         while ((std::size_t{2} << stages) <= n) ++stages;
         return std::vector<std::size_t>{c, c ^ (std::size_t{1} << (step % stages))};
     }},
    {"tree", [](std::size_t, std::size_t c, std::size_t) { return std::vector<std::size_t>{c / 2}; }},
    {"random",
     [](std::size_t step, std::size_t c, std::size_t n) {
         std::vector<std::size_t> found;
         for (token i = 0; i < 2; ++i) found.push_back(static_cast<std::size_t>(mix(mix(step, c), i) >> 33) % n);
         return found;
     }},
};

constexpr std::size_t columns = 8; // a power of two, for fft
constexpr std::size_t steps = 40;

ref<token> start(remote_pool& all, double seconds, token own, std::vector<ref<token>> const& before,
                 std::vector<std::size_t> const& needs) {
    switch (needs.size()) {
    case 0: return submit(all, none, seconds, own);
    case 1: return submit(all, one, seconds, own, before[needs[0]]);
    case 2: return submit(all, two, seconds, own, before[needs[0]], before[needs[1]]);
    default: return submit(all, three, seconds, own, before[needs[0]], before[needs[1]], before[needs[2]]);
    }
}

/// Returns the seconds that a run takes.
double run(remote_pool& all, pattern const& p, double seconds) {
    std::vector<token> right(columns);
    std::vector<ref<token>> row;
    auto const begun = bench_clock::now();
    for (std::size_t step = 0; step < steps; ++step) {
        std::vector<token> next_right;
        std::vector<ref<token>> next;
        for (std::size_t c = 0; c < columns; ++c) {
            std::vector<std::size_t> const needs = step == 0 ? std::vector<std::size_t>{} : p.needs(step, c, columns);
            token const own = step * columns + c;
            token sum = own;
            for (std::size_t const at : needs) sum = mix(sum, right[at]);
            next_right.push_back(sum);
            next.push_back(start(all, seconds, own, row, needs));
        }
        right = std::move(next_right);
        row = std::move(next);
    }
    for (std::size_t c = 0; c < columns; ++c)
        if (row[c].get() != right[c]) {
            std::fprintf(stderr, "remote_patterns: a wrong answer of %s\n", p.name);
            std::exit(1);
        }
    return seconds_since(begun);
}

} // namespace

int main(int argc, char** argv) {
    session const driver(argc, argv);
    remote_pool& all = cluster();
    (void)run(all, patterns[0], 1e-3); // until all processes serve
    std::size_t workers = 0;
    for (node_info const& each : all.nodes()) workers += each.cores;
    workers = std::min({workers, columns, std::size_t{std::thread::hardware_concurrency()}});
    for (pattern const& p : patterns) {
        if (argc > 1 && std::find(argv + 1, argv + argc, std::string(p.name)) == argv + argc) continue;
        (void)run(all, p, 0); // warms up
        double least = 0;
        for (double seconds = 1e-3; seconds > 5e-7; seconds /= 1.5) {
            double best = 1e9;
            for (int turn = 0; turn < 5; ++turn) best = std::min(best, run(all, p, seconds));
            double const busy = static_cast<double>(steps * columns) * seconds / static_cast<double>(workers) / best;
            if (busy >= 0.5) least = seconds;
        }
        if (least == 0)
            std::printf("metg_%s\t> 1000\tus\n", p.name);
        else
            std::printf("metg_%s\t%.3g\tus\n", p.name, least * 1e6);
        std::fflush(stdout);
    }
}
