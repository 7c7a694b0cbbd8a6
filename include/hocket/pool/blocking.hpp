// SPDX-License-Identifier: MIT
// Calls that block in the system while another thread of the pool works. Public: `blocking`.
#pragma once

#include <hocket/sched/wait.hpp>

#include <concepts>
#include <utility>

namespace hocket::inline HOCKET_ABI {

/// Calls `f()`, which may block in the system (read, sleep, a lock that other threads hold for long), and returns its
/// result. Meanwhile another thread of the pool runs on this core. The pool starts a new thread if need be, as long as
/// there are fewer than `pool_options::max_threads`.
///
/// **Threads** any; outside of a pool, and within another `blocking`, it just calls. **Blocks** as `f` does. **Throws**
/// what `f` throws. **Cost** two RMWs of a word that the pool shares, and some microseconds more when a thread is
/// woken: for calls that take longer than that.
template<class F>
decltype(auto) blocking(F&& f) {
    static_assert(std::invocable<F>,
                  "hocket: blocking takes a callable without arguments: blocking([&] { return read(fd, p, n); })");
    detail::released_core const core(detail::this_slot);
    return std::forward<F>(f)();
}

} // namespace hocket
