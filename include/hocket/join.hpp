// SPDX-License-Identifier: MIT
// Fork and join: callables that run in parallel, and a caller that waits for all of them.
//
//     #include <hocket/join.hpp>
//
//     #include <atomic>
//
//     long fib(int n) {
//         if (n < 2) return n;
//         auto const [a, b] = hocket::join([n] { return fib(n - 1); }, [n] { return fib(n - 2); });
//         return a + b;
//     }
//
//     int main() {
//         std::atomic<int> ran{0};
//         hocket::task_group group;
//         for (int i = 0; i < 10; ++i) group.run([&] { ++ran; });
//         group.wait();
//         return fib(20) == 6765 && ran == 10 ? 0 : 1;
//     }
//
// * `join(f, g, ...)` calls two or more callables and returns their results as a tuple, with `nothing` in the place of
//   void. It costs about as much as two calls, so recursive programs need no cutoff.
// * `task_group` takes any number of tasks, also from its own tasks, and waits for all of them. `run_bulk(n, f)` adds
//   `f(0)` to `f(n - 1)` at once.
//
// Seldom written out: `nothing`.
#pragma once

#include <hocket/fork_join/join.hpp>
#include <hocket/fork_join/task_group.hpp>
