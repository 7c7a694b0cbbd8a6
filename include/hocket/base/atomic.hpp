// SPDX-License-Identifier: MIT
// The one way to atomic objects: std::atomic, or on a simulated machine what takes its place. Every floor uses it.
#pragma once

#include <hocket/base/config.hpp>

#include <atomic>
#if defined(HOCKET_SIMULATED)
#include <hocket/sim/simulated_atomic.hpp>
#endif

namespace hocket::inline HOCKET_ABI::detail {

#if defined(HOCKET_SIMULATED)
template<class T>
using atomic = sim::atomic<T>;
#else
template<class T>
using atomic = std::atomic<T>;
#endif

} // namespace hocket::detail
