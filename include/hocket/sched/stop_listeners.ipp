// SPDX-License-Identifier: MIT
// The bodies of the functions that stop_listeners.hpp declares.
#pragma once

#include <hocket/sched/stop_listeners.hpp>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_INLINE void stop_listener::release() noexcept {
    if (references.fetch_sub(1, std::memory_order_acq_rel) == 1)
        destroy(*this); // stop_listener.release ->, <- stop_listener.release
}

HOCKET_INLINE process_lock::process_lock(std::atomic<std::uint32_t>& word) noexcept : word_(word) {
    std::uint32_t const taken = fork_generation + 1;
    for (unsigned looks = 1;; ++looks) {
        std::uint32_t seen = word.load(std::memory_order_relaxed);
        if (seen != taken &&
            word.compare_exchange_weak(seen, taken, std::memory_order_acquire, // <- process_lock.unlock
                                       std::memory_order_relaxed))
            return;
        if (looks % 128 == 0)
            sleep_for(20'000);
        else
            std_atomics::pause();
    }
}

HOCKET_INLINE void stop_listeners::add(stop_listener& one) noexcept {
    guard const lock(*this);
    one.next = first_;
    first_ = &one;
    one.requested = one.place.stopped();
    if (one.requested) one.request(one); // there are no callbacks yet
}

HOCKET_INLINE bool stop_listeners::add_unless_stopped(stop_listener& one) noexcept {
    guard const lock(*this);
    one.next = first_;
    first_ = &one;
    one.requested = one.place.stopped();
    return one.requested;
}

HOCKET_COLD HOCKET_INLINE void stop_listeners::tell(bool silent) noexcept {
    while (stop_listener* const one = take_stopped(silent)) {
        one->request(*one);
        one->release();
    }
}

HOCKET_INLINE std::uint32_t stop_listeners::drop_used(stop_place const& place, void const* scope) noexcept {
    return drop([&](stop_listener const& one) {
        return one.requested && one.scope == scope && is_same(one.place, place) && !place.stopped();
    });
}

HOCKET_INLINE bool stop_listeners::any_silent() noexcept {
    guard const lock(*this);
    for (stop_listener const* one = first_; one != nullptr; one = one->next)
        if (one->silent && !one->requested) return true;
    return false;
}

HOCKET_INLINE stop_listeners::guard::guard(stop_listeners& all) noexcept : lock_(all.lock_) {
    if (all.generation_ == fork_generation) return;
    all.generation_ = fork_generation;
    all.first_ = nullptr;
}

HOCKET_INLINE stop_listener* stop_listeners::take_stopped(bool silent) noexcept {
    guard const lock(*this);
    for (stop_listener* one = first_; one != nullptr; one = one->next) {
        if (one->silent != silent || one->requested || !one->place.stopped()) continue;
        one->requested = true;
        one->references.fetch_add(1, std::memory_order_relaxed);
        return one;
    }
    return nullptr;
}

HOCKET_COLD HOCKET_INLINE void drop_stop_listeners(void const* scope) noexcept {
    stop_listeners_here -=
        stop_listeners_of_process.drop([scope](stop_listener const& one) { return one.scope == scope; });
}

HOCKET_COLD HOCKET_INLINE void drop_stop_listeners_of(scheduler const& pool) noexcept {
    stop_listeners_of_process.drop([&pool](stop_listener const& one) {
        return one.scope == nullptr && one.place.context != nullptr && one.place.context->sched == &pool;
    });
}

} // namespace
