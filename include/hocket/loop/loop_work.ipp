// SPDX-License-Identifier: MIT
// The bodies of the functions that loop_work.hpp declares.
#pragma once

#include <hocket/loop/loop_work.hpp>
#include <hocket/sched/costs.hpp>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_INLINE loop_times const& loop_times::get() noexcept {
    static loop_times const times = make();
    return times;
}

HOCKET_COLD HOCKET_INLINE loop_times loop_times::make() noexcept {
    return {costs::loop_probe.in_ticks(),      costs::loop_share_hot.in_ticks(),
            costs::loop_share_cold.in_ticks(), costs::loop_chunk.in_ticks(),
            costs::loop_piece.in_ticks(),      static_cast<double>(costs::loop_probe.in_ticks()) / 4};
}

HOCKET_NOINLINE HOCKET_INLINE bool loop_pace::run(loop_body const& body, std::uint64_t first,
                                                  std::uint64_t last) noexcept {
    while (last - first > size_) {
        std::uint64_t const size = next_piece(first);
        if (!body(first, first + size)) return false;
        first += size;
        adapt(size);
    }
    if (!body(first, last)) return false;
    adapt(last - first);
    return true;
}

HOCKET_NOINLINE HOCKET_INLINE void loop_pace::resize(std::uint64_t ran, ticks spent, loop_times const& times) noexcept {
    double const wanted =
        static_cast<double>(ran) * static_cast<double>(times.piece) / (static_cast<double>(spent) + 1);
    std::uint64_t const most = size_ < ~std::uint64_t{0} / 64 ? size_ * growth() : size_;
    size_ = wanted >= static_cast<double>(most) ? most : static_cast<std::uint64_t>(wanted);
    size_ = size_ < least_ ? least_ : size_ - size_ % least_;
}

HOCKET_COLD HOCKET_INLINE void loop_pace::look() noexcept {
    look_at_urgent(*me_);
    before_ = now_ticks();
}

} // namespace
