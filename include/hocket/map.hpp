// SPDX-License-Identifier: MIT
// Maps: the results of a function for each element, and other ways to write or reorder a whole range.
//
//     #include <hocket/map.hpp>
//
//     #include <tuple>
//     #include <vector>
//
//     int main() {
//         std::vector<int> const squares = hocket::parallel_map(0, 10, [](int i) { return i * i; });
//         std::vector<long> halves(10);
//         hocket::parallel_map(squares, halves, [](int x) { return x / 2; });
//         std::vector<std::tuple<int, int>> const pairs{{1, 2}, {3, 4}};
//         std::vector<int> const sums = hocket::parallel_starmap(pairs, [](int a, int b) { return a + b; });
//         hocket::parallel_transform(squares, halves, halves.begin(), [](int x, long half) { return x - half; });
//         hocket::parallel_replace_if(halves, [](long x) { return x > 40; }, 40);
//         hocket::parallel_rotate(halves, halves.begin() + 9);
//         return squares[9] == 81 && halves[0] == 40 && sums[1] == 7 ? 0 : 1;
//     }
//
// * `parallel_map` returns the results in a std::vector, or writes them to existing storage.
// * `parallel_starmap` maps tuples whose parts are the arguments of the function.
// * `parallel_fill`, `parallel_copy`, `parallel_generate` and `parallel_iota` write a range like their counterparts in
//   the standard library. So do `parallel_move`, `parallel_copy_n`, `parallel_fill_n` and `parallel_generate_n`.
// * `parallel_transform` writes the results of a function of one range or of two ranges. `parallel_adjacent_difference`
//   writes the results of a function of neighbours. `parallel_replace` and `parallel_replace_if` overwrite some
//   elements with a new value. `parallel_replace_copy` and `parallel_replace_copy_if` do so in a copy.
// * `parallel_uninitialized_copy`, `parallel_uninitialized_move`, `parallel_uninitialized_fill`,
//   `parallel_uninitialized_value_construct` and `parallel_uninitialized_default_construct` construct objects in raw
//   memory, and `parallel_destroy` destroys them. Each has a form that takes a number of elements:
//   `parallel_uninitialized_copy_n`, `parallel_uninitialized_move_n`, `parallel_uninitialized_fill_n`,
//   `parallel_uninitialized_value_construct_n`, `parallel_uninitialized_default_construct_n`, `parallel_destroy_n`.
// * `parallel_reverse`, `parallel_rotate`, `parallel_shift_left`, `parallel_shift_right` and `parallel_swap_ranges`
//   move elements to other positions. `parallel_reverse_copy` and `parallel_rotate_copy` write them to another range.
#pragma once

#include <hocket/algorithm/loops/parallel_map.hpp>
#include <hocket/algorithm/loops/parallel_starmap.hpp>
#include <hocket/algorithm/loops/parallel_transform.hpp>
#include <hocket/algorithm/write/parallel_counted.hpp>
#include <hocket/algorithm/write/parallel_fill.hpp>
#include <hocket/algorithm/write/parallel_replace.hpp>
#include <hocket/algorithm/write/parallel_reverse.hpp>
#include <hocket/algorithm/write/parallel_uninitialized.hpp>
#include <hocket/base/options.hpp>
