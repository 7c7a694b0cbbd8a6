// SPDX-License-Identifier: MIT
// The bodies of the functions that worker.hpp declares.
#pragma once

#include <hocket/sched/costs.hpp>
#include <hocket/sched/worker.hpp>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_INLINE worker::worker(scheduler& owner, std::uint32_t number, std::uint32_t its_rank, std::uint32_t its_domain,
                             idle_bit its_bit)
    : sched(&owner),
      id(number),
      domain(its_domain),
      bit(its_bit),
      stack(slots_per_stack + 1),
      stops(slots_per_stack),
      modes(slots_per_stack),
      rank(its_rank),
      split(stack.data()) {}

HOCKET_INLINE public_window worker::window() const noexcept {
    std::uint64_t const word = exposed.load(std::memory_order_acquire); // <- worker.expose
    return {static_cast<std::uint32_t>(word & 0xffff), static_cast<std::uint32_t>((word >> 16) & 0xffff),
            static_cast<std::uint32_t>(word >> 32)};
}

HOCKET_INLINE void worker::expose(public_window const& window) noexcept {
    exposed.store(window.first | (std::uint64_t{window.last} << 16) | (std::uint64_t{window.depth} << 32),
                  std::memory_order_release); // worker.expose ->
}

HOCKET_INLINE void worker::open_stack() noexcept {
    task_top.store(stack.data(), std::memory_order_relaxed);
    split.store(stack.data(), std::memory_order_relaxed);
    lowest = 0;
    out_of_stock.store(false, std::memory_order_relaxed);
    scopes.begin(stack.data(), innermost_stop_scope);
    open_requests(steal_request::asked);
}

HOCKET_INLINE void worker::open_requests(std::uintptr_t attention) noexcept {
    request_here.attention.store(attention, std::memory_order_relaxed);
    request_here.split = &split_here;
    split_here.store(reinterpret_cast<std::uintptr_t>(split.load(std::memory_order_relaxed)),
                     std::memory_order_relaxed);
    request_here.top = &task_top;
    request_here.marked_until.store(0, std::memory_order_relaxed);
    request_here.exceptions = unwinding_here();
    requests.open(request_here);
}

HOCKET_INLINE void worker::urge() noexcept {
    if (!urged.load(std::memory_order_relaxed)) urged.store(true, std::memory_order_relaxed);
    request_steal();
}

HOCKET_INLINE void worker::tell() noexcept {
    requests.deliver([](steal_request& owner) {
        owner.attention.store(steal_request::asked, std::memory_order_release); // worker.tell ->
        owner.split->store(steal_request::every_slot, std::memory_order_relaxed);
    });
}

HOCKET_INLINE void worker::want(std::uintptr_t attention) noexcept {
    std::uintptr_t heard = end_of_stack();
    (void)request_here.attention.compare_exchange_strong(heard, attention, std::memory_order_relaxed);
}

HOCKET_INLINE void worker::request_steal() noexcept {
    requests.with_request([](steal_request& owner) {
        if (owner.attention.load(std::memory_order_relaxed) == steal_request::asked &&
            owner.split->load(std::memory_order_relaxed) == steal_request::every_slot)
            return;
        owner.attention.store(steal_request::asked, std::memory_order_relaxed);
        owner.split->store(steal_request::every_slot, std::memory_order_relaxed);
    });
}

HOCKET_INLINE void worker::request_steal_again(ticks now) noexcept {
    // Another thief may have stored a time later than `now`.
    auto const since = static_cast<std::int64_t>(now - asked_at.load(std::memory_order_relaxed));
    if (since < static_cast<std::int64_t>(costs::ask_pause.in_ticks())) return;
    asked_at.store(now, std::memory_order_relaxed);
    request_steal();
}

HOCKET_INLINE bool worker::may_steal(ticks now) noexcept {
    if (now < steal_after) return false;
    steal_after = now + costs::steal_pause.in_ticks();
    return true;
}

HOCKET_INLINE void worker::leave_own_place() noexcept {
    std::uint32_t expected = here;
    (void)presence.compare_exchange_strong(expected, away, std::memory_order_relaxed);
}

HOCKET_INLINE void worker::leave_place() noexcept {
    leave_own_place();
    if (stands_for != nullptr) give_up_place();
}

HOCKET_INLINE void worker::wake_waiter() noexcept {
    presence.store(here, std::memory_order_relaxed);
    wait_parker.wake();
}

HOCKET_INLINE void worker::return_to_place() noexcept {
    presence.store(here, std::memory_order_relaxed);
    if (stands_for != nullptr) (void)stand_in_for(*stands_for);
    urged.store(true, std::memory_order_relaxed); // a mailbox item may have come of which no other thread was told
}

HOCKET_INLINE bool worker::has_free_place() const noexcept {
    worker const& place = stands_for != nullptr ? *stands_for : *this;
    return counts_as_awake && place.presence.load(std::memory_order_relaxed) == away;
}

HOCKET_INLINE bool worker::stand_in_for(worker& other) noexcept {
    std::uint32_t expected = away;
    if (!other.presence.compare_exchange_strong(expected, first_stand_in + id, std::memory_order_relaxed)) return false;
    if (stands_for != nullptr && stands_for != &other) give_up_place();
    stands_for = &other;
    rank = other.id;
    return true;
}

HOCKET_INLINE void worker::give_up_place() noexcept {
    std::uint32_t expected = first_stand_in + id;
    (void)stands_for->presence.compare_exchange_strong(expected, away, std::memory_order_relaxed);
}

HOCKET_INLINE worker_list::~worker_list() {
    while (worker* const slot = first) {
        first = slot->next_owned;
        delete slot;
    }
}

} // namespace
