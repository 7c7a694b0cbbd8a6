// SPDX-License-Identifier: MIT
// A pool whose work the threads of another copy of hocket run: the default pool of a shared object whose variables are
// its own, beside the default pool of the process. Such a pool has contexts, but no threads: to wake a worker is to
// give it a turn, an item in the queue of the other copy, which calls this one's search. So there are as many threads
// as one pool has, and each copy's thread-local words say where the thread is in its own pool. Part of scheduler.hpp.
#pragma once

#include <hocket/sched/guest.hpp>
#include <hocket/search/search.hpp>

#include <utility>

namespace hocket::inline HOCKET_ABI::detail {

/// How long a turn lasts at least, while the host has other work.
inline constexpr unsigned turn_microseconds = 1000;

} // namespace hocket::inline HOCKET_ABI::detail

#if HOCKET_BODIES
#include <hocket/search/hosted.ipp>
#endif
