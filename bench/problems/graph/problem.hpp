// SPDX-License-Identifier: MIT
// Graphs that are built once and run again and again: a chain of 200,000 nodes; a binary tree of 2^17 - 1 from the root
// to the leaves; a wavefront of 512 x 512, where each node waits for the one above and the one to the left; and 100,000
// nodes in random order with up to three random predecessors. A node adds up the values of its predecessors and mixes
// the sum, so the last values show whether the order was kept. The serial program traverses the nodes in a topological
// order. Further rows build the graphs. The unit is nodes.
#pragma once

#include "../measure.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace hocket_bench::graph_problem {

inline constexpr std::size_t most_predecessors = 3;
inline constexpr std::size_t repetitions = 20; // per row

/// A node: its value, and its predecessors.
struct cell {
    std::uint64_t value = 0;
    std::uint32_t from[most_predecessors] = {};
    std::uint32_t count = 0; // number of predecessors

    void add(std::uint32_t predecessor) { from[count++] = predecessor; }
};

/// A graph, with its nodes in a topological order.
struct shape {
    explicit shape(std::uint32_t nodes) : cells(nodes) {}

    std::uint32_t size() const { return static_cast<std::uint32_t>(cells.size()); }

    /// Runs node `i`.
    void run(std::uint32_t i) {
        cell& it = cells[i];
        std::uint64_t value = i;
        for (std::uint32_t p = 0; p != it.count; ++p) {
            value += cells[it.from[p]].value;
        }
        value *= 0x9e37'79b9'7f4a'7c15u;
        it.value = value ^ (value >> 29) ^ pass;
    }

    /// Begins a run, which computes other values than the runs before.
    void begin() { ++pass; }
    std::uint64_t answer() const {
        std::uint64_t sum = 0;
        for (std::uint32_t i = size() - 512; i < size(); ++i) {
            sum += cells[i].value;
        }
        return sum;
    }

    std::vector<cell> cells;
    std::uint64_t pass = 0;
};

inline shape chain() {
    shape made(200'000);
    for (std::uint32_t i = 1; i < made.size(); ++i) {
        made.cells[i].add(i - 1);
    }
    return made;
}

inline shape tree() {
    shape made((1u << 17) - 1);
    for (std::uint32_t i = 1; i < made.size(); ++i) {
        made.cells[i].add((i - 1) / 2);
    }
    return made;
}

inline shape wave() {
    constexpr std::uint32_t side = 512;
    shape made(side * side);
    for (std::uint32_t i = 1; i < made.size(); ++i) {
        if (i >= side) {
            made.cells[i].add(i - side);
        }
        if (i % side != 0) {
            made.cells[i].add(i - 1);
        }
    }
    return made;
}

inline shape random() {
    shape made(100'000);
    std::uint64_t state = 1;
    auto const below = [&](std::uint32_t n) {
        state = state * 6'364'136'223'846'793'005u + 1'442'695'040'888'963'407u;
        return static_cast<std::uint32_t>((state >> 33) % n);
    };
    for (std::uint32_t i = 64; i < made.size(); ++i) {
        for (std::uint32_t left = 1 + below(std::uint32_t{most_predecessors}); left != 0; --left) {
            made.cells[i].add(below(i));
        }
    }
    return made;
}

/// `run_of(shape, threads)` makes the function that runs the graph once.
template<class RunOf>
bool add_runs(library const& with, RunOf run_of) {
    auto const add = [&](char const* name, shape (*make)()) {
        double const nodes = double(make().size());
        add_row({name, nodes, int(repetitions)}, with, [=](sampler& rows, int threads) {
            std::vector<std::uint64_t> right(1); // per run: a node that did not run leaves an old value behind
            shape serial = make();
            while (right.size() <= repetitions + 1) {
                serial.begin();
                for (std::uint32_t i = 0; i < serial.size(); ++i) {
                    serial.run(i);
                }
                right.push_back(serial.answer());
            }
            shape tried = make();
            auto run = run_of(tried, threads);
            auto const once = [&] {
                run();
                return tried.answer() == right[tried.pass];
            };
            rows.time_after([&] { tried.begin(); }, once, true);
        });
    };
    add("graph_chain", chain);
    add("graph_tree", tree);
    add("graph_wave", wave);
    add("graph_random", random);
    return true;
}

/// `build(shape, threads)` returns a graph; the destructor of `Graph` is not timed.
template<class Build>
bool add_builds(library const& with, Build build) {
    auto const add = [&](char const* name, shape (*make)()) {
        double const nodes = double(make().size());
        add_row({name, nodes, 9}, with, [=](sampler& rows, int threads) {
            shape described = make();
            using graph = decltype(build(described, threads));
            graph made{};
            rows.time_after([&] { made = graph{}; }, [&] { return (made = build(described, threads)) != nullptr; },
                            true);
        });
    };
    add("graph_build_chain", chain);
    add("graph_build_tree", tree);
    add("graph_build_wave", wave);
    add("graph_build_random", random);
    return true;
}

} // namespace hocket_bench::graph_problem
