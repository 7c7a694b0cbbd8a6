// SPDX-License-Identifier: MIT
// Options and errors that the data-parallel calls share: how a loop is divided, how it is stopped, and what it throws.
//
//     #include <hocket/loop.hpp>
//     #include <hocket/options.hpp>
//
//     #include <vector>
//
//     int main() {
//         std::vector<double> x(1000, 2.0);
//         hocket::stop_source source;
//         hocket::loop_options const options{.grain = 64, .stop = source.get_token(), .name = "halve"};
//         hocket::parallel_for(x, [](double& each) { each /= 2; }, options);
//         source.request_stop();
//         try {
//             hocket::parallel_for(x, [](double& each) { each /= 2; }, options);
//         } catch (hocket::operation_cancelled const&) {
//             return x[0] == 1.0 ? 0 : 1;
//         }
//         return 1;
//     }
//
// * `loop_options` are the last argument of each algorithm. `schedule` says how a loop hands out its indexes.
// * `stop_source`, `stop_token` and `stop_callback` come from the standard library, or from hocket if the standard
//   library lacks them. A loop takes any `stop_token_like` type, and keeps it as an `any_stop_token`. `.timeout` takes
//   a `time_limit`.
// * `this_task::stop_requested()` tells a body whether its operation was stopped or has failed.
// * A stopped operation throws `operation_cancelled`. An operation with `error_policy::collect` whose bodies threw
//   throws a `parallel_error`. A wait for which the pool has no thread left throws `too_many_waits`.
// * `keep_errors(f)` makes each result of `f` an `outcome`: a value or an exception. `.errors = error_policy::keep`
//   does so where an algorithm writes to storage of outcomes, since an option cannot change the type of a result.
// * `set_unobserved_error_handler` sets the `unobserved_error_handler`, which gets the errors that a program never
//   retrieves. By default they are printed.
// * `parallel_range`, `readable_range` and `loop_index` are the concepts of what algorithms take. `index_range` is a
//   range of integers, and `iterator_range` a range between two iterators.
//
// Seldom written out: `any_stop_token`, `stop_token_like`, `time_limit`, `readable_range`, `parallel_range`,
//     `loop_index`, `too_many_waits`, `iterator_range`.
#pragma once

#include <hocket/base/any_stop_token.hpp>
#include <hocket/base/error.hpp>
#include <hocket/base/options.hpp>
#include <hocket/base/outcome.hpp>
#include <hocket/base/stop_token.hpp>
#include <hocket/base/time_limit.hpp>
#include <hocket/base/unobserved_error.hpp>
#include <hocket/range/elements.hpp>
#include <hocket/range/index_range.hpp>
#include <hocket/range/iterator_range.hpp>
#include <hocket/range/range_traits.hpp>
#include <hocket/sched/stop_scope.hpp>
