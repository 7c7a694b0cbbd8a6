// SPDX-License-Identifier: MIT
// Pools of workers: the default pool, the pools that a program makes, and queries about the running code.
//
//     #include <hocket/loop.hpp>
//     #include <hocket/pool.hpp>
//
//     int main() {
//         hocket::thread_pool pool({.workers = 2, .bind = hocket::binding::none, .name = "render"});
//         hocket::worker_local<long> sums(pool);
//         hocket::parallel_for(pool, 0, 1000, [&](int i) { sums.local() += i; });
//         long total = 0;
//         for (long const sum : sums) total += sum;
//         return total == 499'500 ? 0 : 1;
//     }
//
// * `thread_pool` owns workers, one for each core that the process may use unless `pool_options` say otherwise. Each
//   parallel call accepts a pool as its first argument. Without one, a call by a worker runs on the pool of that
//   worker. Any other call runs on `default_pool()`, which starts at its first use.
// * `pool.run(f)` enters the pool: `f` and the parallel calls in it run there, and the result of `f` is returned.
// * `pool.keep_warm()` lets idle workers spin, for bursts of work. `pool.wait_idle()` waits until no work is left.
//   `pool.describe()` says which worker runs where and why. `binding` chooses what workers are bound to.
// * `pool.statistics()` returns `pool_statistics`: how many tasks, steals, chunks of loops, parks and wake-ups there
//   were, in total and as `worker_statistics` for each worker.
// * `dump(pool, stderr)` prints what each thread does and for how long, and what waits, for a program that hangs. With
//   HOCKET_WATCHDOG=10 in the environment, a pool prints that by itself after ten seconds without progress. After
//   `dump_on_signal()` the signal SIGUSR1 prints it.
// * Each thread of the pool calls the `thread_hook`s of `pool_options` when it starts and before it finishes.
// * `this_worker::index()` is the number of the calling worker, and `this_worker::core()` is its core.
//   `this_worker::inside_pool()` tells whether the calling thread is a worker.
// * `this_task::id()` is the number of the calling task, for logs. Nothing is counted for tasks that do not ask.
// * `worker_local<T>` keeps one `T` for each worker: buffers, or sums that are combined at the end.
// * `executor` is the concept of what an algorithm accepts in the place of a pool. `executor_tag` marks a type as one.
// * `blocking(f)` calls a function that may block in the system, and gives the core to another thread meanwhile.
//
// Seldom written out: `worker_statistics`, `thread_hook`, `schedule_awaitable`, `executor`, `executor_tag`.
#pragma once

#include <hocket/machine/binding.hpp>
#include <hocket/machine/placement.hpp>
#include <hocket/pool/blocking.hpp>
#include <hocket/pool/default_pool.hpp>
#include <hocket/pool/pool_dump.hpp>
#include <hocket/pool/pool_statistics.hpp>
#include <hocket/pool/schedule_awaitable.hpp>
#include <hocket/pool/this_worker.hpp>
#include <hocket/pool/thread_pool.hpp>
#include <hocket/pool/worker_local.hpp>
#include <hocket/range/executor.hpp>
#include <hocket/sched/task_number.hpp>
#include <hocket/sched/thread_hook.hpp>
