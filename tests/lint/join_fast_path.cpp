// SPDX-License-Identifier: MIT
// A function with one join, for fast_path.sh to look at.
#include <hocket/fork_join/join.hpp>

long left(long n);
long right(long n);

extern "C" long fast_path(long n) {
    auto [a, b] = hocket::join([n] { return left(n); }, [n] { return right(n); });
    return a + b;
}
