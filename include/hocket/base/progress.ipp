// SPDX-License-Identifier: MIT
// The bodies of the functions that progress.hpp declares.
#pragma once

#include <hocket/base/progress.hpp>

namespace hocket::inline HOCKET_ABI {

HOCKET_INLINE double progress::fraction() const noexcept {
    std::uint64_t const all = total();
    std::uint64_t const now = done();
    return all == 0 ? 0.0 : now >= all ? 1.0 : static_cast<double>(now) / static_cast<double>(all);
}

HOCKET_INLINE void progress::advance(std::uint64_t elements) noexcept {
    done_.fetch_add(elements, std::memory_order_relaxed);
    if (changed_ != nullptr) changed_(*this);
}

} // namespace
