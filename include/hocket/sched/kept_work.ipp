// SPDX-License-Identifier: MIT
// The bodies of the functions that kept_work.hpp declares.
#pragma once

#include <hocket/sched/costs.hpp>
#include <hocket/sched/kept_work.hpp>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_NOINLINE HOCKET_INLINE bool hand_out_stuck(kept_work& kept) noexcept {
    if (!kept.is_open() || !kept.is_stuck(now_ticks(), costs::short_call.in_ticks())) return false;
    hidden_work* const work = kept.claim();
    if (work == nullptr) return false;
    work->hand_out(*work);
    kept.give_back();
    return true;
}

HOCKET_INLINE void keeper::open(hidden_work& work, void const* scope) noexcept {
    kept_.open(work, scope);
    status_ = kept_work::opened;
}

HOCKET_INLINE void keeper::close() noexcept {
    if (!is_open()) return;
    kept_.close();
    status_ = kept_work::closed;
}

} // namespace
