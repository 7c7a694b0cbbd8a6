// SPDX-License-Identifier: MIT
// Parallel loops over integers, ranges, boxes of several dimensions, and work lists that grow.
//
//     #include <hocket/loop.hpp>
//
//     #include <atomic>
//     #include <span>
//     #include <vector>
//
//     int main() {
//         std::vector<int> v(1000);
//         hocket::parallel_for(0, 1000, [&](int i) { v[static_cast<std::size_t>(i)] = i; });
//         hocket::parallel_for(v, [](int& x) { x *= 2; });
//         hocket::parallel_for_chunks(v, [](std::span<int> chunk) {
//             for (int& x : chunk) ++x;
//         });
//         std::vector<char> image(30 * 40);
//         hocket::parallel_for(hocket::extents{30, 40}, [&](std::size_t y, std::size_t x) { image[y * 40 + x] = 1; });
//         std::atomic<int> leaves{0};
//         hocket::parallel_for_each(std::vector{4}, [&](int depth, hocket::feeder<int>& more) {
//             if (depth == 0) ++leaves;
//             for (int child = 0; depth != 0 && child < 2; ++child) more.add(depth - 1);
//         });
//         return v[999] == 1999 && image[1199] == 1 && leaves == 16 ? 0 : 1;
//     }
//
// * `parallel_for` calls a body for each integer or element. With `extents` it visits a box in tiles;
//   `extents{{1, ny - 1}, {1, nx - 1}}` is a box that does not begin at zero. A third integer is a step.
// * `parallel_for_each_n` calls a body for a given number of elements or integers, from the first one on.
// * `parallel_for_chunks` passes a whole chunk of the range to the body, for a set-up step that many elements share.
//   The chunk is a std::span, an `index_range` or an `iterator_range`.
// * `parallel_for_each` processes items. The body adds further items with a `feeder`.
// * <hocket/options.hpp> describes the `loop_options` of each call, and includes stop tokens.
#pragma once

#include <hocket/algorithm/loops/extents.hpp>
#include <hocket/algorithm/loops/parallel_for.hpp>
#include <hocket/algorithm/loops/parallel_for_chunks.hpp>
#include <hocket/algorithm/loops/parallel_for_each.hpp>
#include <hocket/algorithm/loops/parallel_for_each_n.hpp>
#include <hocket/base/options.hpp>
