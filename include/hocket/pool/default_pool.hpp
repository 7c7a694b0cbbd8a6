// SPDX-License-Identifier: MIT
// The pool that calls use when they are not given one. Public: `default_pool()`.
#pragma once

#include <hocket/pool/thread_pool.hpp>

#include <atomic>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

namespace hocket::inline HOCKET_ABI {

thread_pool& default_pool();

namespace detail {

/// Writers: make_default_pool. Readers: every call without a pool. Never destroyed: nothing joins it at exit.
inline constinit std::atomic<thread_pool*> the_default_pool{nullptr};

/// How many workers the default pool has where the environment does not say; 0: as many as the machine suggests.
/// Writer: the session of a worker process, before there is one. Reader: make_pool_of_process. Relaxed: one thread.
inline constinit std::atomic<std::uint32_t> usual_default_workers{0};

/// For HOCKET_DISPLAY: the default pool is never joined, so the process may end before its tasks.
[[gnu::cold]] void tell_unfinished() noexcept;

/// A pool with threads of its own, if this copy of hocket is the first one of the process that makes one; else one
/// whose work those run.
[[gnu::cold]] thread_pool* make_pool_of_process();

[[gnu::cold]] thread_pool& make_default_pool();

} // namespace detail

/// The pool of the process: made at the first use, never joined. In a child of fork() a fresh one is made. A shared
/// object whose symbols are hidden has an object of its own here, whose work the threads of the first copy's pool run:
/// `size()` of them in all. A library that has made a default pool stays loaded. **Threads** any. **Throws** as the
/// constructor of thread_pool, at the first use. **Cost** afterwards two loads.
thread_pool& default_pool();

namespace detail {

/// A pointer, plain or smart, where a pool belongs.
template<class P>
concept points_to_pool = requires(P& pointer) {
    { *pointer } -> std::same_as<thread_pool&>;
};

/// The pool whose worker is calling, else the default pool; that too in a task that has called fork(), in the child.
thread_pool& current_pool();

} // namespace detail
} // namespace hocket

#if HOCKET_BODIES
#include <hocket/pool/default_pool.ipp>
#endif
