// SPDX-License-Identifier: MIT
// The pool of calls that name none. Public: `default_pool()`.
#pragma once

#include <hocket/base/atomic.hpp>
#include <hocket/pool/thread_pool.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

namespace hocket::inline HOCKET_ABI {

thread_pool& default_pool();

namespace detail {

/// The default pool, or null. Never destroyed: no thread joins it at exit. Writer: make_default_pool. Readers: calls
/// without a pool.
inline constinit atomic<thread_pool*> the_default_pool{nullptr};

/// The number of workers of the default pool if the environment does not set it; 0: as many as the machine suggests.
/// Writer: the session of a worker process, before the pool exists. Reader: make_pool_of_process. Relaxed: one thread.
inline constinit atomic<std::uint32_t> usual_default_workers{0};

/// Reports tasks that have not run, for HOCKET_DISPLAY: the default pool is never joined, so the process may end before
/// its tasks.
[[gnu::cold]] void tell_unfinished() noexcept;

/// Makes a pool with threads of its own, if this copy of hocket is the first in the process that makes a default pool.
/// Otherwise makes a pool whose work the threads of the first copy run.
[[gnu::cold]] thread_pool* make_pool_of_process();

[[gnu::cold]] thread_pool& make_default_pool();

} // namespace detail

/// Returns the pool of the process, made at the first use and never joined. A child of fork() makes a new one. A shared
/// object with hidden symbols has a pool object of its own; the threads of the first copy's pool run its work, so that
/// there are `size()` threads in all. A library that has made a default pool stays loaded. **Threads** any. **Throws**
/// at the first use, as the constructor of thread_pool. **Cost** afterwards two loads.
thread_pool& default_pool();

namespace detail {

/// A pointer, plain or smart, in the place of a pool.
template<class P>
concept points_to_pool = requires(P& pointer) {
    { *pointer } -> std::same_as<thread_pool&>;
};

/// Returns the pool whose worker is calling, otherwise the default pool. In a child of fork() that a task has called,
/// returns the default pool.
thread_pool& current_pool();

} // namespace detail
} // namespace hocket

#if HOCKET_BODIES
#include <hocket/pool/default_pool.ipp>
#endif
