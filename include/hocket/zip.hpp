// SPDX-License-Identifier: MIT
// Several ranges as one range that every algorithm takes: structures of arrays, or the inputs of a function.
//
//     #include <hocket/map.hpp>
//     #include <hocket/sort.hpp>
//     #include <hocket/zip.hpp>
//
//     #include <string>
//     #include <vector>
//
//     int main() {
//         std::vector<int> keys{3, 1, 2};
//         std::vector<std::string> names{"three", "one", "two"};
//         hocket::parallel_sort(hocket::zip(keys, names)); // both columns in the order of the keys
//         auto const repeated = [](int times, std::string const& name) { return name.size() * std::size_t(times); };
//         std::vector<std::size_t> const sizes = hocket::parallel_starmap(hocket::zip(keys, names), repeated);
//         return names[0] == "one" && sizes[2] == 15 ? 0 : 1;
//     }
//
// * `zip(a, b, ...)` is std::views::zip if the standard library has it (C++23), and otherwise a view of hocket. It is
//   as long as the shortest of the ranges. Its elements are tuples of references to the elements of the ranges.
//   Algorithms assign, move and swap through these references, and keep copies of elements as a std::tuple of values.
// * An algorithm that moves elements calls comparators and projections with `std::tuple<...> const&`, or with the tuple
//   of references. Write them for both, with `auto const&` and std::get.
#pragma once

#include <hocket/range/zip.hpp>
