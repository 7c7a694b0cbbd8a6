// SPDX-License-Identifier: MIT
// Pipelines: a stream of items that passes through stages.
//
//     #include <hocket/pipeline.hpp>
//
//     int main() {
//         int read = 0, sum = 0;
//         auto const next = [&](hocket::end_of_input& end) {
//             if (read == 100) end.stop();
//             return read++;
//         };
//         hocket::pipeline(hocket::stage<hocket::serial>(next),
//                          hocket::stage<hocket::parallel>([](int x) { return 2 * x; }),
//                          hocket::stage<hocket::serial>([&](int x) { sum += x; }))
//             .run({.tokens = 16});
//         return sum == 9900 ? 0 : 1;
//     }
//
// * `pipeline(stages...)` passes items through its stages until the first stage has no more. `pipeline_options` bound
//   the number of items in flight.
// * `stage<order>(f)` is one stage. A `serial` stage takes one item at a time, in the order of the input. A
//   `serial_any_order` stage takes one item at a time, as they arrive. A `parallel` stage takes several at once. The
//   first stage returns a std::optional, or takes an `end_of_input`.
// * `filter_stage` drops some of the items, and `expand_stage` makes several items of one.
// * A `stage_list<T>` holds stages from T to T that are chosen when the program runs:
//     `stage_list<int> steps; if (twice) steps.add(stage<parallel>(f)); pipeline(first, std::move(steps), last).run();`
//
// Seldom written out: `pipeline_stage`, which `stage` returns; `stage_order`; `stage_yield`; `pipeline_options`.
#pragma once

#include <hocket/pipeline/pipeline.hpp>
#include <hocket/pipeline/stage.hpp>
#include <hocket/pipeline/stage_list.hpp>
