// SPDX-License-Identifier: MIT
// Coroutines that run in pools, and objects that they wait for without occupying a thread.
//
//     #include <hocket/coroutine.hpp>
//     #include <hocket/future.hpp>
//
//     #include <chrono>
//
//     hocket::task<int> doubled(int x) {
//         co_await hocket::sleep_for(std::chrono::microseconds(1));
//         co_return 2 * x;
//     }
//
//     hocket::task<int> sum(hocket::channel<int>& from) {
//         int total = 0;
//         while (auto x = co_await from.pop()) total += co_await doubled(*x);
//         co_return total;
//     }
//
//     hocket::task<int> both() {
//         hocket::channel<int> numbers(2);
//         hocket::future<int> total = hocket::submit(sum(numbers));
//         for (int i = 0; i < 5; ++i) co_await numbers.push(i);
//         numbers.close();
//         co_return co_await total;
//     }
//
//     int main() { return hocket::sync_wait(both()) == 20 ? 0 : 1; }
//
// * `task<T>` is a coroutine. It begins when it is awaited, submitted, or passed to `sync_wait`. In it, `co_await`
//   takes tasks, futures, `pool.schedule()`, `sleep_for`, `sleep_until`, and the awaitables of other libraries.
// * `async_mutex` (which gives an `async_lock`), `async_semaphore` and `async_event` suspend coroutines, not threads.
// * `channel<T>` is a bounded queue between coroutines. `channel_closed` is the error of a push to a closed channel.
//
// Seldom written out: `sleep_awaitable`, `schedule_awaitable`, `channel_closed`.
#pragma once

#include <hocket/coroutine/async_event.hpp>
#include <hocket/coroutine/async_semaphore.hpp>
#include <hocket/coroutine/awaitables.hpp>
#include <hocket/coroutine/channel.hpp>
#include <hocket/coroutine/coroutine.hpp>
#include <hocket/pool/schedule_awaitable.hpp>
