// SPDX-License-Identifier: MIT
// The bodies of the functions that pipeline_gate.hpp declares.
#pragma once

#include <hocket/pipeline/pipeline_gate.hpp>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_INLINE void ordered_gate::prepare(std::size_t tokens) {
    places_ = fixed_array<atomic<pipeline_token*>>(std::bit_ceil(tokens));
    places_[0].store(turn(), std::memory_order_relaxed);
}

HOCKET_INLINE bool ordered_gate::arrive(pipeline_token& token) noexcept {
    atomic<pipeline_token*>& place = at(token.number);
    if (place.exchange(&token, std::memory_order_acq_rel) != turn()) // pipeline.arrive ->, <- pipeline.turn
        return false;
    place.store(nullptr, std::memory_order_relaxed); // until it leaves, no other thread knows this place
    return true;
}

HOCKET_INLINE pipeline_token* ordered_gate::leave(std::uint64_t number) noexcept {
    atomic<pipeline_token*>& place = at(number + 1);
    pipeline_token* const next =
        place.exchange(turn(), std::memory_order_acq_rel); // pipeline.turn ->, <- pipeline.arrive
    if (next != nullptr) place.store(nullptr, std::memory_order_relaxed);
    return next;
}

} // namespace
