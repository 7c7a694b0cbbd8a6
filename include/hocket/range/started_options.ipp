// SPDX-License-Identifier: MIT
// The bodies of the functions that started_options.hpp declares.
#pragma once

#include <hocket/range/started_options.hpp>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_COLD HOCKET_INLINE ticks end_of_time(time_limit limit) noexcept {
    if (limit.started()) return limit.end();
    long double const length =
        static_cast<long double>(limit.nanoseconds()) / 1000 * static_cast<long double>(ticks_per_microsecond());
    return now_ticks() + static_cast<ticks>(length) + 1;
}

HOCKET_COLD HOCKET_INLINE void started_options<loop_options>::start() noexcept {
    ::new (static_cast<void*>(&copy_)) loop_options(*used_);
    copy_.timeout = time_limit::ending_at(end_of_time(copy_.timeout));
    used_ = &copy_;
}

} // namespace hocket::inline HOCKET_ABI::detail
