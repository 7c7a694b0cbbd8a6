// SPDX-License-Identifier: MIT
// Reductions: one value computed from all elements.
//
//     #include <hocket/reduce.hpp>
//
//     #include <functional>
//     #include <vector>
//
//     int main() {
//         std::vector<double> const v(1000, 0.5);
//         double const sum = hocket::parallel_reduce(v);
//         auto const square = [](double x) { return x * x; };
//         double const squares = hocket::parallel_transform_reduce(v, 0.0, std::plus<>(), square);
//         return sum == 500.0 && squares == 250.0 ? 0 : 1;
//     }
//
// * `parallel_reduce(range, init, op)` combines the elements with the associative operation `op`, `+` by default.
// * `parallel_transform_reduce(range, init, op, f)` combines the results of `f` for the elements. With two ranges,
//   `parallel_transform_reduce(a, b, init, op, f)`, `f` takes the elements at equal positions. Without `op` and `f` it
//   returns their inner product.
// * The order of the operations depends only on the size and the grain. Equal inputs therefore give equal bits with any
//   number of workers, floating point included.
#pragma once

#include <hocket/algorithm/reduce/parallel_reduce.hpp>
#include <hocket/base/options.hpp>
