// SPDX-License-Identifier: MIT
// The bodies of the functions that default_pool.hpp declares.
#pragma once

#include <hocket/machine/environment.hpp>
#include <hocket/machine/machine.hpp>
#include <hocket/machine/process_registry.hpp>
#include <hocket/pool/default_pool.hpp>
#include <hocket/sched/spawn.hpp>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_COLD HOCKET_INLINE void tell_unfinished() noexcept {
    thread_pool* const pool = the_default_pool.load(std::memory_order_acquire); // <- default_pool.made
    if (pool == nullptr || !pool->sched().in_this_process()) return;
    std::size_t const tasks = pool->sched().unfinished();
    std::fprintf(stderr, "hocket: %zu task%s of the default pool %s not finished when the process ended\n", tasks,
                 tasks == 1 ? "" : "s", tasks == 1 ? "was" : "were");
}

/// Does work for other copies of hocket, if the default pool of this copy is that of the process.
struct own_host {
    static scheduler& sched() noexcept {
        return the_default_pool.load(std::memory_order_acquire)->sched(); // <- default_pool.made
    }
    static std::uint32_t workers() { return static_cast<std::uint32_t>(default_pool().size()); }
    static void spawn(work_item& item) noexcept { spawn_list(sched(), item, item); }
    static bool is_wanted() noexcept { return sched().work_visible(); }
    static void* release_core() noexcept;
    static void reacquire_core(void* released) noexcept;
    static constexpr process_host functions{&workers,   &hocket::machine, &spawn,
                                            &is_wanted, &release_core,    &reacquire_core};
};

HOCKET_INLINE void* own_host::release_core() noexcept {
    worker* const me = this_slot;
    if (me == nullptr || !me->sched->in_this_process()) return nullptr;
    me->publish_all();
    me->sched->release_core(*me);
    return me;
}

HOCKET_INLINE void own_host::reacquire_core(void* released) noexcept {
    worker& me = *static_cast<worker*>(released);
    me.sched->reacquire_core(me);
}

HOCKET_COLD HOCKET_INLINE thread_pool* make_pool_of_process() {
    process_registry::keep_loaded(&the_default_pool);
    registered const found = process_registry::find(&own_host::functions);
    if (found.other_version && read_environment().display)
        std::fputs("hocket: a shared object uses another version of hocket, which has a default pool of its own\n",
                   stderr);
    if (found.host == nullptr || found.host == &own_host::functions) {
        std::uint32_t const usual = usual_default_workers.load(std::memory_order_relaxed);
        if (usual == 0 || read_environment().num_threads) return new thread_pool();
        return new thread_pool(pool_options{.workers = usual});
    }
    other_host.store(found.host, std::memory_order_relaxed);
    return new thread_pool(*found.host, "");
}

HOCKET_COLD HOCKET_INLINE thread_pool& make_default_pool() {
    for (;;) {
        thread_pool* found = the_default_pool.load(std::memory_order_acquire); // <- default_pool.made
        if (found != nullptr && found->sched().in_this_process()) return *found;
        auto* const fresh = make_pool_of_process();
        if (the_default_pool.compare_exchange_strong(found, fresh, std::memory_order_release, // default_pool.made ->
                                                     std::memory_order_relaxed)) {
            static constinit atomic<bool> tells{false};
            if (fresh->displays() && !tells.exchange(true, std::memory_order_relaxed))
                (void)std::atexit(&tell_unfinished);
            return *fresh;
        }
        delete fresh; // another thread was faster
    }
}

} // namespace

namespace hocket::inline HOCKET_ABI {

HOCKET_INLINE thread_pool& default_pool() {
    thread_pool* const pool = detail::the_default_pool.load(std::memory_order_acquire); // <- default_pool.made
    if (pool != nullptr && pool->sched().in_this_process()) [[likely]]
        return *pool;
    return detail::make_default_pool();
}

} // namespace

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_INLINE thread_pool& current_pool() {
    scheduler* const enclosing = enclosing_scheduler();
    return enclosing != nullptr && enclosing->in_this_process() ? enclosing->handle() : default_pool();
}

} // namespace
