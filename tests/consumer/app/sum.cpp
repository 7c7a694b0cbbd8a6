// SPDX-License-Identifier: MIT
// The second file of the program: every inline entity of hocket is in both. The program must still link and have one
// default pool.
#include "sum.hpp"

#include <hocket/hocket.hpp>

#include <span>

namespace {

long sum_of(std::span<long const> values) {
    if (values.size() < 1000) {
        long total = 0;
        for (long value : values) total += value;
        return total;
    }
    auto const half = values.size() / 2;
    auto [left, right] =
        hocket::join([&] { return sum_of(values.first(half)); }, [&] { return sum_of(values.subspan(half)); });
    return left + right;
}

} // namespace

long sum(std::vector<long> const& values) { return sum_of(values); }

void const* pool_of_sum() { return &hocket::default_pool(); }
