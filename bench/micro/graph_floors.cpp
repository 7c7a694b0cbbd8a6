// SPDX-License-Identifier: MIT
// Runs the graphs of the row `graph_random` by hand: level by level, each level's nodes in two halves, one for each of
// two pinned threads. No thread searches for work, and none announces a node. With `counters` each node also counts
// down a counter of each successor, as any library has to that learns at run time which nodes are ready. Time per node.
#include "../problems/graph/problem.hpp"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <sched.h>
#include <thread>
#include <vector>

namespace {

using hocket_bench::graph_problem::shape;

class levels {
  public:
    explicit levels(shape& of) : graph_(of), successors_(of.size()), waits_(of.size()) {
        std::vector<std::size_t> level(of.size());
        for (std::uint32_t i = 0; i < of.size(); ++i) {
            for (std::uint32_t p = 0; p != of.cells[i].count; ++p) {
                level[i] = std::max(level[i], level[of.cells[i].from[p]] + 1);
                successors_[of.cells[i].from[p]].push_back(i);
            }
            nodes_.resize(std::max(nodes_.size(), level[i] + 1));
            nodes_[level[i]].push_back(i);
        }
    }

    /// Runs the part of one of `threads`, all of which call this.
    void run(unsigned thread, unsigned threads, bool counters) {
        for (std::vector<std::uint32_t> const& level : nodes_) {
            std::size_t const last = level.size() * (thread + 1) / threads;
            for (std::size_t n = level.size() * thread / threads; n < last; ++n) {
                graph_.run(level[n]);
                if (counters) {
                    for (std::uint32_t const successor : successors_[level[n]]) {
                        waits_[successor].fetch_sub(1, std::memory_order_acq_rel);
                    }
                }
            }
            if (threads > 1) {
                std::uint64_t const all = (arrived_.fetch_add(1) / threads + 1) * threads;
                while (arrived_.load() < all) {
                }
            }
        }
    }

  private:
    shape& graph_;
    std::vector<std::vector<std::uint32_t>> nodes_; // per level
    std::vector<std::vector<std::uint32_t>> successors_;
    std::vector<std::atomic<std::uint32_t>> waits_;
    std::atomic<std::uint64_t> arrived_{0};
};

void pin_to(std::size_t cpu) {
    cpu_set_t only{};
    CPU_ZERO(&only);
    CPU_SET(cpu, &only);
    sched_setaffinity(0, sizeof only, &only);
}

void graph_random_by_hand(benchmark::State& state) {
    auto const threads = static_cast<unsigned>(state.range(0));
    bool const counters = state.range(1) != 0;
    shape graph = hocket_bench::graph_problem::random();
    levels all(graph);
    std::atomic<std::uint64_t> asked{0};
    std::thread other([&] {
        pin_to(1);
        for (std::uint64_t turn = 1; threads > 1; ++turn) {
            std::uint64_t seen = 0;
            while ((seen = asked.load(std::memory_order_acquire)) < turn) {
            }
            if (seen == UINT64_MAX) {
                return;
            }
            all.run(1, threads, counters);
        }
    });
    cpu_set_t before{};
    sched_getaffinity(0, sizeof before, &before);
    pin_to(0);
    std::uint64_t turn = 0;
    for (auto _ : state) {
        asked.store(++turn, std::memory_order_release);
        all.run(0, threads, counters);
    }
    asked.store(UINT64_MAX);
    other.join();
    sched_setaffinity(0, sizeof before, &before);
    state.counters["per_node"] = benchmark::Counter(
        double(graph.size()), benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}
BENCHMARK(graph_random_by_hand)->ArgsProduct({{1, 2}, {0, 1}})->ArgNames({"threads", "counters"})->UseRealTime();

} // namespace
