// SPDX-License-Identifier: MIT
// Pools whose work the threads of another copy of hocket run. Such a pool is the default pool of a shared object with
// variables of its own, beside the default pool of the process. It has worker slots but no threads. To wake a worker is
// to give it a turn: an item in the queue of the other copy, which calls the search of this copy. So there are as many
// threads as one pool has. The thread-local words of each copy say where the thread is in the pool of that copy.
#pragma once

#include <hocket/sched/pool_entry.hpp>
#include <hocket/search/search.hpp>

#include <utility>

#if HOCKET_BODIES
#include <hocket/search/hosted.ipp>
#endif
