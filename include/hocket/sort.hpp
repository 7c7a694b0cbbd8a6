// SPDX-License-Identifier: MIT
// Sorts, merges, selection by rank, and operations on sorted ranges.
//
//     #include <hocket/sort.hpp>
//
//     #include <functional>
//     #include <string>
//     #include <vector>
//
//     int main() {
//         std::vector<int> v{3, 1, 2};
//         hocket::parallel_sort(v);
//         std::vector<std::string> words{"three", "two", "one"};
//         hocket::parallel_stable_sort(words, std::less<>(), &std::string::size);
//         std::vector<int> const more{0, 5};
//         std::vector<int> merged(5);
//         hocket::parallel_merge(v, more, merged);
//         hocket::parallel_nth_element(merged, merged.begin() + 2, std::greater<>());
//         hocket::parallel_partial_sort(v, v.begin() + 2, std::greater<>());
//         std::vector<int> both(2);
//         both.erase(hocket::parallel_set_intersection(more, std::vector{3, 5, 7}, both), both.end());
//         return words[0] == "two" && merged[2] == 2 && v[0] == 3 && both == std::vector{5} ? 0 : 1;
//     }
//
// * `parallel_sort(range, compare, projection)` sorts by `<`, or by a comparator over a projection. Numbers are sorted
//   by their bits. `parallel_stable_sort` keeps equal elements in their order.
// * `parallel_merge` merges two sorted ranges into a third one. `parallel_inplace_merge` merges two parts of a range.
// * `parallel_set_union`, `parallel_set_intersection`, `parallel_set_difference` and
//   `parallel_set_symmetric_difference` write elements of two sorted ranges. `parallel_includes` tells whether one
//   sorted range contains all elements of another.
// * `parallel_partial_sort` sorts the front of a range. `parallel_partial_sort_copy` writes the sorted front to another
//   range.
// * `parallel_stable_partition` puts the elements that satisfy a predicate before the others. Both parts keep their
//   order.
// * `parallel_nth_element` puts the element of one rank, such as the median, into its place.
// * `parallel_is_sorted` tells whether a range is sorted, and `parallel_is_sorted_until` up to which position.
//   `parallel_is_heap` and `parallel_is_heap_until` do so for heaps. `parallel_is_partitioned` is also in
//   <hocket/filter.hpp>.
#pragma once

#include <hocket/algorithm/filter/parallel_stable_partition.hpp>
#include <hocket/algorithm/search/parallel_is_sorted.hpp>
#include <hocket/algorithm/sort/parallel_merge.hpp>
#include <hocket/algorithm/sort/parallel_nth_element.hpp>
#include <hocket/algorithm/sort/parallel_partial_sort.hpp>
#include <hocket/algorithm/sort/parallel_set_operations.hpp>
#include <hocket/algorithm/sort/parallel_sort.hpp>
#include <hocket/algorithm/sort/parallel_stable_sort.hpp>
#include <hocket/base/config.hpp>
#include <hocket/base/options.hpp>
