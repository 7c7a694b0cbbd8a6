// SPDX-License-Identifier: MIT
// The bodies of the functions that graph_sharing.hpp declares.
#pragma once

#include <hocket/graph/graph_sharing.hpp>
#include <hocket/sched/costs.hpp>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_NOINLINE HOCKET_INLINE auto graph_sharing::decide(scheduler const& pool, std::uint64_t spared) noexcept
    -> amount {
    ticks const now = now_ticks();
    ticks const took = now - since_;
    ticks const microsecond = ticks_per_microsecond();
    since_ = now;
    if (known_) note(took, stride_ - fuel_ + (fuel_ != 0)); // not the first node, which may come from another cache
    if (took >= stride_ * microsecond)
        stride_ = 1;
    else if (2 * took < stride_ * microsecond && known_ && stride_ < longest_stride)
        stride_ *= 2;
    fuel_ = stride_;
    bool asked = attention_->load(std::memory_order_relaxed) == steal_request::asked;
    if (asked) attention_->store(steal_request::again, std::memory_order_relaxed); // so joins in nodes still look
    if (!known_ && pool.size() == 1) asked = false; // each job begins with a request, and no worker sleeps
    known_ = true;
    if (!asked && now < quiet_until_) return amount::nothing;
    if (stride_ == 1) return amount::all;
    if (pool.worker_slots() == 1) return amount::nothing;
    if (is_faster_alone(pool.size(), spared)) return amount::nothing;
    if (!asked && (pool.size() == 1 || now < alone_until_)) return amount::nothing;
    bool const first = alone_until_ == 0;
    alone_until_ = now + costs::share_pause.in_ticks();
    if (first && !asked) return amount::nothing;
    return this_slot == nullptr || this_slot->deque.empty() ? amount::half : amount::nothing;
}

HOCKET_INLINE void graph_sharing::note(ticks took, std::uint32_t nodes) noexcept {
    lately_ += took;
    nodes_lately_ += nodes;
    if (nodes_lately_ < most_noted) return;
    lately_ /= 2;
    nodes_lately_ /= 2;
}

HOCKET_INLINE bool graph_sharing::is_faster_alone(std::uint64_t workers, std::uint64_t spared) const noexcept {
    ticks const together = spared * nodes_lately_ * ticks_per_microsecond() / 1000;
    return spared != 0 && lately_ * (workers - 1) <= together;
}

} // namespace
