// SPDX-License-Identifier: MIT
// Scans: all partial sums of a range.
//
//     #include <hocket/scan.hpp>
//
//     #include <functional>
//     #include <vector>
//
//     int main() {
//         std::vector<int> const v{1, 2, 3, 4};
//         std::vector<int> up_to(4), before(4);
//         hocket::parallel_inclusive_scan(v, up_to);
//         hocket::parallel_exclusive_scan(v, before, 0, std::plus<>());
//         std::vector<int> squares(4);
//         hocket::parallel_transform_inclusive_scan(v, squares, std::plus<>(), [](int x) { return x * x; });
//         bool const good = up_to == std::vector{1, 3, 6, 10} && before == std::vector{0, 1, 3, 6};
//         return good && squares.back() == 30 ? 0 : 1;
//     }
//
// * `parallel_inclusive_scan(range, out, op)` writes, for each element, the sum of all elements up to and including it.
// * `parallel_exclusive_scan(range, out, init, op)` writes, for each element, the sum of all elements before it.
// * `parallel_transform_inclusive_scan` and `parallel_transform_exclusive_scan` sum the results of a function for the
//   elements.
// * Like reductions, scans give the same bits with any number of workers.
#pragma once

#include <hocket/algorithm/scan/parallel_scan.hpp>
#include <hocket/algorithm/scan/parallel_transform_scan.hpp>
#include <hocket/base/options.hpp>
