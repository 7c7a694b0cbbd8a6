// SPDX-License-Identifier: MIT
// Unbalanced tree search (Olivier et al. 2006): count the nodes of a tree whose shape follows from SHA-1 of the path to
// each node, so that no scheduler can foresee it. T1 is geometric (fixed shape, depth 10). T3 is binomial with 2,000
// children of the root and chains 1,572 deep. There is a task for each node, without a cutoff. The unit is nodes.
#pragma once

#include "../measure.hpp"

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>

namespace hocket_bench::uts_problem {

/// The five words of a SHA-1 digest.
using digest = std::array<std::uint32_t, 5>;

/// Returns the SHA-1 of a message that fits in one block, its padding and length included.
inline digest sha1_block(std::array<std::uint32_t, 16> const& message) {
    digest h{0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
    std::uint32_t a = h[0], b = h[1], c = h[2], d = h[3], e = h[4];
    std::array<std::uint32_t, 16> w = message;
    auto const round = [&](unsigned t, std::uint32_t f, std::uint32_t k) {
        if (t >= 16) {
            w[t % 16] = std::rotl(w[(t + 13) % 16] ^ w[(t + 8) % 16] ^ w[(t + 2) % 16] ^ w[t % 16], 1);
        }
        std::uint32_t const next = std::rotl(a, 5) + f + e + k + w[t % 16];
        e = d;
        d = c;
        c = std::rotl(b, 30);
        b = a;
        a = next;
    };
#pragma GCC unroll 20
    for (unsigned t = 0; t < 20; ++t) {
        round(t, (b & c) | (~b & d), 0x5a827999);
    }
#pragma GCC unroll 20
    for (unsigned t = 20; t < 40; ++t) {
        round(t, b ^ c ^ d, 0x6ed9eba1);
    }
#pragma GCC unroll 20
    for (unsigned t = 40; t < 60; ++t) {
        round(t, (b & c) | (b & d) | (c & d), 0x8f1bbcdc);
    }
#pragma GCC unroll 20
    for (unsigned t = 60; t < 80; ++t) {
        round(t, b ^ c ^ d, 0xca62c1d6);
    }
    return {h[0] + a, h[1] + b, h[2] + c, h[3] + d, h[4] + e};
}

/// Returns the digest of a root: 16 zero bytes and the seed.
inline digest root_digest(std::uint32_t seed) {
    return sha1_block({0, 0, 0, 0, seed, 0x80000000, 0, 0, 0, 0, 0, 0, 0, 0, 0, 160});
}

/// Returns the digest of a child, from its parent's digest and the child's number.
inline digest child_digest(digest const& parent, int child) {
    return sha1_block({parent[0], parent[1], parent[2], parent[3], parent[4], std::uint32_t(child), 0x80000000, 0, 0, 0,
                       0, 0, 0, 0, 0, 192});
}

/// Returns a number in [0, 1) that follows from a digest.
inline double uniform(digest const& at) { return double(at[4] & 0x7fffffff) / 2147483648.0; }

struct node {
    digest state;
    int height;
};

inline node child_of(node const& parent, int child) { return {child_digest(parent.state, child), parent.height + 1}; }

/// T1: -t 1 -a 3 -d 10 -b 4 -r 19.
struct t1 {
    static constexpr char const* name = "uts_t1";
    static constexpr std::int64_t nodes = 4'130'071;
    static node root() { return {root_digest(19), 0}; }
    static int children(node const& at) {
        constexpr double branching = 4;
        static double const step = std::log(1 - 1 / (1 + branching));
        return at.height < 10 ? int(std::floor(std::log(1 - uniform(at.state)) / step)) : 0;
    }
};

/// T3: -t 0 -b 2000 -q 0.124875 -m 8 -r 42.
struct t3 {
    static constexpr char const* name = "uts_t3";
    static constexpr std::int64_t nodes = 4'112'897;
    static node root() { return {root_digest(42), 0}; }
    static int children(node const& at) { return at.height == 0 ? 2000 : uniform(at.state) < 0.124875 ? 8 : 0; }
};

/// `make(threads, tree)` makes the function that returns the number of nodes of the tree.
template<class Make>
bool add(library const& with, Make make) {
    auto const add_tree = [&](auto tree) {
        return add_row({tree.name, double(tree.nodes), 1, 0, false}, with, [make, tree](sampler& rows, int threads) {
            auto run = make(threads, tree);
            rows.time([&] { return run(); }, tree.nodes);
        });
    };
    return add_tree(t1{}) && add_tree(t3{});
}

} // namespace hocket_bench::uts_problem
