// SPDX-License-Identifier: MIT
// Searches: the first element that satisfies a predicate, the number of such elements, minimum and maximum, and
// comparisons of ranges.
//
//     #include <hocket/search.hpp>
//
//     #include <vector>
//
//     int main() {
//         auto const is_negative = [](int x) { return x < 0; };
//         std::vector<int> const v{3, 1, -4, 1, -5, 9};
//         auto const first = hocket::parallel_find_if(v, is_negative);
//         auto const count = hocket::parallel_count_if(v, is_negative);
//         auto const greatest = hocket::parallel_max_element(v);
//         bool const any = hocket::parallel_any_of(v, is_negative);
//         bool const same = hocket::parallel_equal(v, std::vector<int>{3, 1, 4});
//         auto const five = hocket::parallel_find(v, 5);
//         return *first == -4 && count == 2 && *greatest == 9 && any && !same && five == v.end() ? 0 : 1;
//     }
//
// * `parallel_find_if` returns the first element that satisfies the predicate, and reads few elements beyond it.
//   `parallel_any_of`, `parallel_all_of` and `parallel_none_of` also return early.
// * `parallel_find` finds a value, and `parallel_find_if_not` an element that does not satisfy the predicate.
//   `parallel_find_first_of` finds one of several values, and `parallel_adjacent_find` two equal neighbours.
// * `parallel_search` finds a sequence of elements, `parallel_find_end` its last occurrence, and `parallel_search_n` a
//   run of one value.
// * `parallel_count_if` counts the elements that satisfy the predicate, and `parallel_count` the elements equal to a
//   value.
// * `parallel_equal`, `parallel_mismatch` and `parallel_lexicographical_compare` compare two ranges.
// * `parallel_min_element` and `parallel_max_element` return the position of the minimum and of the maximum.
//   `parallel_minmax_element` returns both in a `minmax_position`.
//
// Seldom written out: `minmax_position`.
#pragma once

#include <hocket/algorithm/reduce/parallel_count_if.hpp>
#include <hocket/algorithm/reduce/parallel_min_element.hpp>
#include <hocket/algorithm/search/parallel_compare.hpp>
#include <hocket/algorithm/search/parallel_find.hpp>
#include <hocket/algorithm/search/parallel_find_if.hpp>
#include <hocket/algorithm/search/parallel_search.hpp>
#include <hocket/base/options.hpp>
