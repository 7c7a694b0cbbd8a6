// SPDX-License-Identifier: MIT
// What a spare thread does in a place that another thread has left to urgent work: see urgent.hpp. Part of search.hpp.
#pragma once

#include <hocket/search/search.hpp>

#include <atomic>
#include <cstdint>

namespace hocket::inline HOCKET_ABI::detail {} // namespace hocket::inline HOCKET_ABI::detail

#if HOCKET_BODIES
#include <hocket/search/errand.ipp>
#endif
