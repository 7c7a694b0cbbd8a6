// SPDX-License-Identifier: MIT
// Groups: elements counted, collected or combined by key.
//
//     #include <hocket/group.hpp>
//
//     #include <functional>
//     #include <vector>
//
//     int main() {
//         std::vector<int> const v{11, 12, 21, 31, 32, 33};
//         std::vector<std::size_t> const counts = hocket::parallel_histogram(v, 4, [](int x) { return x / 10; });
//         auto const groups = hocket::parallel_group_by(v, [](int x) { return x % 10; });
//         std::vector<int> const keys{1, 1, 2, 3, 3, 3};
//         auto const sums = hocket::parallel_reduce_by_key(keys, v, std::plus<>());
//         return counts[3] == 3 && groups.size() == 3 && sums.size() == 3 ? 0 : 1;
//     }
//
// * `parallel_histogram(range, buckets, key)` counts the elements of each bucket.
// * `parallel_group_by(range, key)` returns a pair of key and elements for each key.
// * `parallel_reduce_by_key(keys, values, op)` combines the values of each run of equal keys.
#pragma once

#include <hocket/algorithm/group/parallel_group_by.hpp>
#include <hocket/algorithm/group/parallel_histogram.hpp>
#include <hocket/algorithm/group/parallel_reduce_by_key.hpp>
#include <hocket/base/options.hpp>
