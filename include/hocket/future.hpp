// SPDX-License-Identifier: MIT
// Futures: tasks that run while the caller goes on, and work that depends on their results.
//
//     #include <hocket/future.hpp>
//
//     #include <vector>
//
//     int main() {
//         hocket::future<int> const six = hocket::submit([](int a, int b) { return a * b; }, 2, 3);
//         hocket::future<int> const seven = six.then([](int x) { return x + 1; });
//         hocket::future<int> const product = hocket::submit([](int a, int b) { return a * b; }, six, seven);
//         std::vector<hocket::future<int>> squares;
//         for (int i = 0; i < 5; ++i) squares.push_back(hocket::submit([i] { return i * i; }));
//         int sum = 0;
//         for (auto& done : hocket::as_completed(squares)) sum += done.get();
//         return product.get() == 42 && sum == 30 ? 0 : 1;
//     }
//
// * `submit(fn, args...)` starts a task and returns a `future`. An argument that is a future is a dependency.
//   `submit_options` delay a task, stop it, name it, give it a `priority`, or choose its worker. `spawn` starts a task
//   without a future.
// * `future::then` continues with the value. `future::share` makes a `shared_future`.
// * `when_all`, `when_any` (with `cancel_losers`), `wait` and `as_completed` take several futures.
// * `promise` sets the result of a future explicitly. `make_ready_future` and `make_exceptional_future` return a future
//   that is already complete. A dropped promise results in `broken_promise`, and a task whose pool has ended in
//   `pool_ended`.
// * `async(parallel_sort, v)` returns the future of an algorithm, and `map_async(range, f)` the future of a
//   `parallel_map`.
// * `this_task::stop_token()` and `this_task::name()` belong to the running task.
//
// Seldom written out: `wait_options` and the `wait_result` of `wait`; the `any_result` of `when_any`, and
//     `cancel_losers_t`; the `completion_range` of `as_completed`, whose elements are `completed`; `pool_ended`.
#pragma once

#include <hocket/algorithm/loops/async.hpp>
#include <hocket/base/error.hpp>
#include <hocket/base/priority.hpp>
#include <hocket/base/stop_token.hpp>
#include <hocket/future/future.hpp>
#include <hocket/future/future_forward.hpp>
#include <hocket/future/promise.hpp>
#include <hocket/future/submit.hpp>
#include <hocket/future/submit_options.hpp>
#include <hocket/future/task_link.hpp>
#include <hocket/future/task_stop_token.hpp>
#include <hocket/future/when/as_completed.hpp>
#include <hocket/future/when/wait_for_some.hpp>
#include <hocket/future/when/when_all.hpp>
#include <hocket/future/when/when_any.hpp>
