// SPDX-License-Identifier: MIT
// The bodies of the functions that submit.hpp declares.
#pragma once

#include <hocket/future/submit.hpp>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_NOINLINE HOCKET_INLINE std::uint32_t check_options(scheduler const& pool, submit_options const& options) {
    if (options.priority > priority::low)
        throw std::invalid_argument("hocket: submit_options::priority is not one of normal, high, low");
    if (!options.on.has_value()) return task_start::anywhere;
    if (*options.on >= pool.size())
        throw std::invalid_argument("hocket: submit_options::on names a worker that the pool does not have");
    return static_cast<std::uint32_t>(*options.on);
}

} // namespace
