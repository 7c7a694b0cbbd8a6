// SPDX-License-Identifier: MIT
// The pool that calls use when they are not given one, floor 4. Public: `default_pool()`.
#pragma once

#include <hocket/pool/thread_pool.hpp>

#include <atomic>

namespace hocket {

namespace detail {

/// Writers: make_default_pool. Readers: every call without a pool. Never destroyed: nothing joins it at exit.
inline constinit std::atomic<thread_pool*> the_default_pool{nullptr};

HOCKET_COLD inline thread_pool& make_default_pool() {
    for (;;) {
        thread_pool* found = the_default_pool.load(std::memory_order_acquire); // <- default_pool.made
        if (found != nullptr && found->sched().in_this_process()) return *found;
        auto* const fresh = new thread_pool();
        if (the_default_pool.compare_exchange_strong(found, fresh, std::memory_order_release, // default_pool.made ->
                                                     std::memory_order_relaxed))
            return *fresh;
        delete fresh; // another thread was faster
    }
}

} // namespace detail

/// The pool of the process: made at the first use, never joined. In a child of fork() a fresh one is made.
/// **Threads** any. **Throws** as the constructor of thread_pool, at the first use. **Cost** afterwards two loads.
inline thread_pool& default_pool() {
    thread_pool* const pool = detail::the_default_pool.load(std::memory_order_acquire); // <- default_pool.made
    if (pool != nullptr && pool->sched().in_this_process()) [[likely]]
        return *pool;
    return detail::make_default_pool();
}

namespace detail {

/// The pool whose worker is calling, else the default pool; that too in a task that has called fork(), in the child.
inline thread_pool& current_pool() {
    scheduler* const enclosing = enclosing_scheduler();
    return enclosing != nullptr && enclosing->in_this_process() ? enclosing->handle() : default_pool();
}

} // namespace detail
} // namespace hocket
