// SPDX-License-Identifier: MIT
// Streams: results of a function that arrive while its input is still being read.
//
//     #include <hocket/stream.hpp>
//
//     int main() {
//         long sum = 0;
//         for (auto&& square : hocket::parallel_imap(0, 1000, [](int i) { return i * i; }, {.lookahead = 64}))
//             sum += square;
//         for (auto&& [index, square] : hocket::parallel_imap_unordered(0, 10, [](int i) { return i * i; }))
//             if (square != static_cast<int>(index * index)) return 1;
//         return sum == 332'833'500 ? 0 : 1;
//     }
//
// * `parallel_imap` yields the results in the order of the input. `parallel_imap_unordered` yields each result as soon
//   as it completes, together with its index. The input may be unbounded: `stream_options` say how many elements are
//   read ahead.
//
// Seldom written out: `result_stream` and `indexed`, which these functions give; `stream_options`.
#pragma once

#include <hocket/algorithm/stream/parallel_imap.hpp>
#include <hocket/algorithm/stream/stream_core.hpp>
#include <hocket/base/options.hpp>
