// SPDX-License-Identifier: MIT
// Filters: the elements that satisfy a predicate, copied, moved to the front, or removed.
//
//     #include <hocket/filter.hpp>
//
//     #include <vector>
//
//     int main() {
//         auto const is_even = [](int x) { return x % 2 == 0; };
//         std::vector<int> v{1, 2, 2, 4, 5};
//         std::vector<int> const even = hocket::parallel_copy_if(v, is_even);
//         auto const repeated = hocket::parallel_unique(v);
//         v.erase(repeated.begin(), repeated.end());
//         auto const odd = hocket::parallel_partition(v, is_even);
//         std::vector<int> const ones = hocket::parallel_remove_copy_if(v, [](int x) { return x > 1; });
//         return even.size() == 3 && ones.size() == 1 && v.size() == 4 && odd.size() == 2 ? 0 : 1;
//     }
//
// * `parallel_copy_if` returns a std::vector of the elements that satisfy the predicate, in their order.
// * `parallel_remove_if`, `parallel_remove` and `parallel_unique` move the remaining elements to the front, and return
//   the rest for the caller to erase.
// * `parallel_remove_copy_if`, `parallel_remove_copy` and `parallel_unique_copy` write the remaining elements to
//   another range. `parallel_partition_copy` writes the elements that satisfy the predicate to one range and the others
//   to a second one.
// * `parallel_partition` puts the elements that satisfy the predicate before the others, and returns the others.
//   `parallel_is_partitioned` tells whether a range is in such an order. `parallel_stable_partition` keeps the order
//   within both parts. It is in <hocket/sort.hpp>, because it moves elements as the sorts do.
#pragma once

#include <hocket/algorithm/filter/parallel_copy_if.hpp>
#include <hocket/algorithm/filter/parallel_partition.hpp>
#include <hocket/algorithm/filter/parallel_remove_copy.hpp>
#include <hocket/algorithm/filter/parallel_remove_if.hpp>
#include <hocket/algorithm/search/parallel_is_sorted.hpp>
#include <hocket/base/options.hpp>
