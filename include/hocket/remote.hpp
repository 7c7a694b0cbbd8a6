// SPDX-License-Identifier: MIT
// Tasks, actors and references across processes. <hocket/hocket.hpp> does not include this header, so programs of one
// process pay nothing for it.
//
//     #include <hocket/remote.hpp>
//
//     #include <numeric>
//     #include <span>
//     #include <vector>
//
//     struct counter { // a plain class: no base, no lock
//         int n = 0;
//         int add(int x) { return n += x; }
//     };
//
//     int main(int argc, char** argv) {
//         hocket::session const session(argc, argv); // first statement
//         auto& all = hocket::cluster();
//         hocket::ref<int> const six = submit(all, [](int x, int y) { return x * y; }, 2, 3);
//         hocket::ref<int> const seven = submit(all, [](int x) { return x + 1; }, six); // main does not wait
//         hocket::ref const values = put(all, std::vector<int>(100, 1));
//         hocket::ref<int> const sum = submit(
//             all, [](std::span<int const> v) { return std::accumulate(v.begin(), v.end(), 0); }, values); // no copy
//
//         hocket::actor<counter> c(all); // lives somewhere, and runs one call at a time
//         for (int i = 0; i < 100; ++i) c.tell(&counter::add, 1);
//         hocket::ref<int> const count = c.call(&counter::add, 0);
//         return seven.get() == 7 && sum.get() == 100 && count.get() == 100 ? 0 : 1;
//     }
//
// * `session` is the first statement of main. `HOCKET_ENGINE=processes ./app` starts worker processes, which never
//   leave its constructor.
// * `cluster()` is the `remote_pool` in which calls run. Without a launcher it consists of the threads of this process.
// * `parallel_map(all, range, f)`, `parallel_starmap`, `parallel_for`, `parallel_reduce` and
//   `parallel_transform_reduce` divide the range into chunks, and each process works on its chunks with its own pool. A
//   reduction gives the same bits as on threads. Each element of `parallel_imap` and `parallel_imap_unordered` is a
//   call. Other algorithms run on the threads of this process.
// * `submit(all, fn, args...)` starts a task and returns a `ref`: copyable, immutable, and a dependency as an argument
//   of other calls. `put` makes a ref of a value, and `to_future` makes a future of a ref. `remote_options` stop a task
//   (its ref is then `timed_out`, or cancelled), repeat it, and say what it needs of a machine. They also say where it
//   runs (`{.where = on(2)}`; `anywhere`, `spread`, `near(ref)`, `here`), and after what time its process is killed
//   (`.kill_after`).
// * `this_task::resource_ids("gpu")` lists the units of a resource that a task holds. A `placement_group g(all, {{.cpus
//   = 1}, {.cpus = 1}}, strategy::strict_spread)` reserves parts in processes, all at once, for calls and actors with
//   `.where = g[1]`.
// * `get` returns the values of many refs, `wait` the refs that are ready first, and `split` a ref for each part of a
//   tuple.
// * `actor<C>` is an object in some process. `call` returns a ref, and `tell` returns nothing. `actor_options` name the
//   actor for `find_actor`, detach it, limit its calls, or let several run at once. When its process is lost, the actor
//   is dead. With `.max_restarts` it is recreated instead, and with `.call_retries` the calls in flight are repeated;
//   `this_actor::restarts()` counts the restarts. A handle is an argument of calls like any value, so tasks and other
//   actors can call the actor from their processes.
// * `all.on_each_process(f)` calls `f` once in each process, also in processes that replace others later: for warm
//   caches or seeds. After a dlopen, `session.announce_modules()` makes all processes load the library.
// * `process p(f, args...)` runs a function in its own process: `join`, `get`, `kill`, `exit_code`. Several processes
//   of a machine share and modify `shared_memory` and `shared_array`. A `shared_mutex_word` in them is a lock whose
//   next owner learns that the previous owner died with it.
// * `process_pool pool({.workers = 4})` is a `remote_pool` with its own worker processes, whatever the engine is.
// * An exception of the standard library or of hocket that a call throws in another process arrives with its own type
//   and a nested `remote_error`. Any other exception arrives as a `remote_error`.
// * These types travel without help from the program: numbers, enums, strings, containers, pairs, tuples,
//   `std::optional`, `std::variant`, `std::unique_ptr`, aggregates of these, functions, and lambdas that capture
//   numbers. `bind_front` adds strings and vectors to a callable. A class with private members has a
//   `serialize(archive)`, or its `travels_as_bytes` is true.
//
// Seldom written out: `bind_front`, the `bound_call` that it returns, `travels_as_bytes`; `remote_error`,
//   `bad_message`, `not_remotable`, `worker_lost`, `actor_died`, `object_lost`, `queue_full`; `to_future`,
//   `call_place`, `anywhere`, `on`, `near`, `spread`, `here`, `remote_pool`, `timed_out`, `remote_options`, `split`,
//   `get`, `node_info`, `remote_statistics`, `remote_stream`, `placement_part`, `placement_group`, `strategy`,
//   `resource_ids`, `shared_mutex_word`, `statistics`, `index`, `actor_options`, `find_actor`, `restarts`,
//   `process_pool_options`.
#pragma once

#include <hocket/algorithm/loops/parallel_for.hpp>
#include <hocket/algorithm/loops/parallel_for_each.hpp>
#include <hocket/algorithm/loops/parallel_map.hpp>
#include <hocket/algorithm/loops/parallel_starmap.hpp>
#include <hocket/algorithm/reduce/parallel_reduce.hpp>
#include <hocket/algorithm/stream/parallel_imap.hpp>
#include <hocket/remote/actor/actor.hpp>
#include <hocket/remote/call/process.hpp>
#include <hocket/remote/call/process_pool.hpp>
#include <hocket/remote/call/remote_algorithms.hpp>
#include <hocket/remote/call/remote_options.hpp>
#include <hocket/remote/call/remote_pool.hpp>
#include <hocket/remote/call/remote_stream.hpp>
#include <hocket/remote/call/remote_submit.hpp>
#include <hocket/remote/call/session.hpp>
#include <hocket/remote/node/call_place.hpp>
#include <hocket/remote/node/node_call.hpp>
#include <hocket/remote/node/placement_group.hpp>
#include <hocket/remote/node/resource_ledger.hpp>
#include <hocket/remote/object/ref.hpp>
#include <hocket/remote/object/ref_wait.hpp>
#include <hocket/remote/object/shared_memory.hpp>
#include <hocket/remote/object/shared_mutex_word.hpp>
#include <hocket/remote/transport/datagram_bell.hpp>
#include <hocket/remote/wire/bind_front.hpp>
#include <hocket/remote/wire/error_bytes.hpp>
#include <hocket/remote/wire/frame.hpp>
#include <hocket/remote/wire/remote_error.hpp>
#include <hocket/remote/wire/thunk.hpp>
#include <hocket/remote/wire/travels.hpp>
#ifdef HOCKET_WITH_MPI
#include <hocket/remote/transport/mpi_engine.hpp>
#endif
