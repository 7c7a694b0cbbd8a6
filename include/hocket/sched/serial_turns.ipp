// SPDX-License-Identifier: MIT
// The bodies of the functions that serial_turns.hpp declares.
#pragma once

#include <hocket/os/fp_mode.hpp>
#include <hocket/sched/serial_turns.hpp>
#include <hocket/sched/stop_scope.hpp>
#include <hocket/sched/trace.hpp>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_COLD HOCKET_INLINE process_host const* serial_turns::begin() {
    queue* found = current_.load(std::memory_order_acquire); // <- serial_turns.made
    while (found == nullptr || found->generation != fork_generation) {
        auto* const fresh = new queue;
        if (current_.compare_exchange_strong(found, fresh, std::memory_order_acq_rel)) // serial_turns.made ->
            break;
        delete fresh; // another thread was faster
    }
    return &functions;
}

HOCKET_COLD HOCKET_INLINE void serial_turns::spawn(work_item& turn) noexcept {
    current_.load(std::memory_order_acquire)->items.push(turn); // <- serial_turns.made
}

HOCKET_COLD HOCKET_INLINE void serial_turns::serve_timers(bool (*fire_due)() noexcept) {
    (void)begin();
    fire_due_.store(fire_due, std::memory_order_relaxed);
}

HOCKET_COLD HOCKET_INLINE bool serial_turns::run_one() noexcept {
    fp_scope const mode(fp_mode{});
    stop_scope const apart(nullptr); // a stop of the waiting operation does not reach a turn
    bool (*const fire_due)() noexcept = fire_due_.load(std::memory_order_relaxed);
    if (fire_due != nullptr && fire_due()) return true;
    work_item* turn = nullptr;
    if (current_.load(std::memory_order_acquire)->items.take(&turn, 1) == 0) return false; // <- serial_turns.made
    run_item(*turn);
    return true;
}

} // namespace
