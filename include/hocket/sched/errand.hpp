// SPDX-License-Identifier: MIT
// What a spare thread does in a place that another thread has left to urgent work, floor 3: see urgent.hpp. Part of search.hpp.
#pragma once

#include <hocket/sched/search.hpp>

#include <atomic>
#include <cstdint>

namespace hocket::inline HOCKET_ABI::detail {} // namespace hocket::inline HOCKET_ABI::detail

#if HOCKET_BODIES
#include <hocket/sched/errand.ipp>
#endif
