// SPDX-License-Identifier: MIT
// The bodies of the functions that late_publication.hpp declares.
#pragma once

#include <hocket/sched/costs.hpp>
#include <hocket/sched/late_publication.hpp>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_COLD HOCKET_INLINE bool late_publication::stop_owner(worker& owner) noexcept {
    bool stays = false;
    owner.requests.deliver([&](steal_request& words) {
        words.attention.store(steal_request::asked, std::memory_order_relaxed);
        words.split->store(steal_request::every_slot, std::memory_order_relaxed);
        stays = true;
    });
    return stays;
}

HOCKET_COLD HOCKET_INLINE std::uint32_t late_publication::publish(worker& owner, std::uint32_t most) noexcept {
    constexpr unsigned most_tries = 8;
    std::uint32_t published = 0;
    owner.requests.deliver([&](steal_request& words) {
        for (unsigned tries = 0;
             words.top->load(std::memory_order_relaxed) > owner.split.load(std::memory_order_relaxed); ++tries) {
            if (tries == most_tries) return (void)(published = 1);
            if (!owner.publication.claim(*words.split, steal_request::every_slot)) {
                spin_hint();
                continue;
            }
            published = publish_claimed(owner, words, most);
            return owner.publication.let_go();
        }
    });
    return published;
}

HOCKET_COLD HOCKET_INLINE std::uint32_t late_publication::publish_claimed(worker& owner, steal_request const& words,
                                                                          std::uint32_t most) noexcept {
    if (other_fp_modes.load(std::memory_order_relaxed)) return 0;
    task_slot* const top = words.top->load(std::memory_order_acquire); // <- join.push
    if (words.exceptions == nullptr || unwinds_there(*words.exceptions)) return 0;
    task_slot* const stack = owner.stack.data();
    task_slot* const begin = owner.split.load(std::memory_order_relaxed);
    std::uintptr_t const marked_until = words.marked_until.load(std::memory_order_relaxed);
    auto const is_known = [&](task_slot const* one) {
        return one < top && one < stack + worker::slots_per_stack &&
               reinterpret_cast<std::uintptr_t>(one) < marked_until;
    };
    task_slot* at = begin;
    for (; is_known(at) && at - begin < most; ++at) {
        stop_scope::note_for_owner(owner, at);
        owner.modes[static_cast<std::size_t>(at - stack)] = {};
        at->publish();
    }
    if (at == begin) return 0;
    public_window window = owner.window();
    auto const first = static_cast<std::uint32_t>(begin - stack);
    if (window.first > first) window = {first, first, 0}; // of an earlier owner
    owner.expose({window.first, static_cast<std::uint32_t>(at - stack), window.depth});
    owner.split.store(at, std::memory_order_release); // worker.split ->
    return static_cast<std::uint32_t>(at - begin);
}

HOCKET_COLD HOCKET_INLINE bool scheduler::publish_for_busy(std::uint32_t domain, worker const* me) noexcept {
    if (!fences_are_asymmetric.load(std::memory_order_relaxed) || !in_this_process()) return false;
    std::uint32_t const count = worker_slots();
    bool any = false;
    for (std::uint32_t i = 0; i < count; ++i)
        if (worker& other = *worker_slot(i); &other != me) any |= late_publication::stop_owner(other);
    if (!any || !std_atomics::heavy_fence()) return false;
    std::uint32_t const most = size_ < worker::window_size ? worker::window_size : size_;
    std::uint32_t const idle = idle_threads(domain, true, most); // others look for themselves before they sleep
    std::uint32_t published = 0;
    for (std::uint32_t i = 0; i < count && (published == 0 || published < idle); ++i)
        if (worker& other = *worker_slot(i); &other != me) published += late_publication::publish(other, most);
    return published != 0;
}

HOCKET_COLD HOCKET_INLINE bool scheduler::warm_look_is_due(ticks now) noexcept {
    ticks last = warm_look_.load(std::memory_order_relaxed);
    return static_cast<std::int64_t>(now - last) > static_cast<std::int64_t>(costs::warm_look.in_ticks()) &&
           warm_look_.compare_exchange_strong(last, now, std::memory_order_relaxed);
}

HOCKET_NOINLINE HOCKET_INLINE bool scheduler::lacks_publications() const noexcept {
    std::uint32_t const count = worker_slots();
    for (std::uint32_t i = 0; i < count; ++i)
        if (worker_slot(i)->out_of_stock.load(std::memory_order_relaxed)) return true;
    return false;
}

} // namespace
