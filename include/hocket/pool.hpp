// SPDX-License-Identifier: MIT
// Pools of workers: the default one, those that a program makes, and what running code may ask.
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
// * `thread_pool` holds workers, one for each core that the process may use unless `pool_options` say something else.
//   Each parallel call takes a pool as its first argument. Without one it runs on the pool whose worker is calling,
//   else on `default_pool()`, which starts at its first use.
// * `pool.run(f)` enters the pool: `f` and the calls in it run there, and its result comes back.
// * `pool.keep_warm()` lets idle workers spin, for bursts of work. `pool.wait_idle()` waits until nothing is left.
//   `pool.describe()` says which worker runs where and why; `binding` chooses.
// * A `thread_hook` of `pool_options` is called by each thread of the pool first or last.
// * `this_worker::index()` is the number of the calling worker, `this_worker::core()` its core, and
//   `this_worker::inside_pool()` tells whether there is one.
// * `worker_local<T>` keeps one `T` for each worker: buffers, or sums that are combined at the end.
// * `executor` is the concept of what may stand in the place of a pool in the call of an algorithm;
//   `executor_tag` marks a type as one.
// * `blocking(f)` calls what may block in the system, and gives the core to another thread meanwhile.
//
// Seldom written out: `thread_hook`, `schedule_awaitable`, `executor`, `executor_tag`.
#pragma once

#include <hocket/machine/binding.hpp>
#include <hocket/machine/placement.hpp>
#include <hocket/pool/blocking.hpp>
#include <hocket/pool/default_pool.hpp>
#include <hocket/pool/schedule_awaitable.hpp>
#include <hocket/pool/this_worker.hpp>
#include <hocket/pool/thread_pool.hpp>
#include <hocket/pool/worker_local.hpp>
#include <hocket/range/executor.hpp>
#include <hocket/sched/thread_hook.hpp>
