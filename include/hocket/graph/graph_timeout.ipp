// SPDX-License-Identifier: MIT
// The bodies of the functions that graph_timeout.hpp and graph_run.hpp declare about a timeout.
#pragma once

#include <hocket/graph/graph_timeout.hpp>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_INLINE void end_timeout(graph_timeout& timeout) noexcept { timeout.end(); }

} // namespace hocket::detail
