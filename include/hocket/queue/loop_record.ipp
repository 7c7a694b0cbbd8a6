// SPDX-License-Identifier: MIT
// The bodies of the functions that loop_record.hpp declares.
#pragma once

#include <hocket/queue/loop_record.hpp>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_INLINE bool loop_record::prepare(std::uint32_t workers) noexcept {
    if (stripes != nullptr) return true;
    stripes = new (std::nothrow) loop_stripe[workers];
    if (stripes == nullptr) return false;
    count = workers;
    return true;
}

HOCKET_INLINE bool loop_record::units_left(std::uint32_t rank) const noexcept {
    if (stripes[rank].word.left() != 0) return true;
    for (std::uint32_t i = 0; i < count; ++i)
        if (stripes[i].word.left() != 0) return true;
    return false;
}

} // namespace
