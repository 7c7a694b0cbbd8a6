// SPDX-License-Identifier: MIT
// Urgent work that a compensation thread runs in the place of a sleeping worker: see sched/urgent.hpp.
#pragma once

#include <hocket/search/search.hpp>

#include <atomic>
#include <cstdint>

namespace hocket::inline HOCKET_ABI::detail {} // namespace hocket::inline HOCKET_ABI::detail

#if HOCKET_BODIES
#include <hocket/search/errand.ipp>
#endif
