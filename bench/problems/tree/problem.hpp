// SPDX-License-Identifier: MIT
// The sum over a perfect binary tree whose nodes are allocated one by one in preorder. The left child is next in
// memory, so a traversal that takes it first walks forwards. 2^24-1 nodes show the cost of a join beside memory, 1,023
// nodes the cost of calling the pool from outside for 2 microseconds of work. The slower libraries sum a large tree of
// 2^21-1 nodes, which is still larger than the caches. The unit is nodes.
#pragma once

#include "../measure.hpp"

#include <cstdint>

namespace hocket_bench::tree_problem {

struct node {
    std::int64_t value;
    node const* left;
    node const* right;
};

inline node const* build(int levels, std::int64_t& next) {
    if (levels == 0) {
        return nullptr;
    }
    auto* const made = new node{next++, nullptr, nullptr};
    made->left = build(levels - 1, next);
    made->right = build(levels - 1, next);
    return made;
}

struct tree {
    node const* root;
    std::int64_t nodes;
    std::int64_t sum; // the values are 1, 2, 3, ...
};

/// Makes a tree with `levels` levels, which lives until the program ends.
inline tree make(int levels) {
    std::int64_t next = 1;
    auto const* const root = build(levels, next);
    std::int64_t const nodes = next - 1;
    return {root, nodes, nodes * (nodes + 1) / 2};
}

inline constexpr int large = 24;
inline constexpr int medium = 21;
inline constexpr int small = 10;

/// Returns the tree with `Levels` levels, made at first use.
template<int Levels>
tree const& tree_of() {
    static tree const it = make(Levels);
    return it;
}

/// `make_run(threads)` makes the function that takes a root and returns the sum below it.
template<int Large, class Make>
bool add(library const& with, Make make_run) {
    add_row({"tree_large", double((1 << Large) - 1), 4}, with, [make_run](sampler& rows, int threads) {
        auto run = make_run(threads);
        auto const& [root, nodes, sum] = tree_of<Large>();
        rows.time([&, from = root] { return run(from); }, sum);
    });
    constexpr std::int64_t calls = 500;
    return add_row({"tree_small", 1023.0 * calls, 9}, with, [make_run](sampler& rows, int threads) {
        auto run = make_run(threads);
        tree const& all = tree_of<small>();
        auto const many = [&] {
            std::int64_t sum = 0;
            for (std::int64_t i = 0; i < calls; ++i) {
                auto const* root = all.root;
                conceal(root); // each call may be for another tree
                sum += run(root);
            }
            return sum;
        };
        rows.time(many, calls * all.sum);
    });
}

} // namespace hocket_bench::tree_problem
