// SPDX-License-Identifier: MIT
// Threads that wait for latches. The latch itself names its first waiter; the others are in a list of the pool. The
// list knows latches by their addresses alone, so that a latch may be gone when its waiters are woken.
#pragma once

#include <hocket/sched/scheduler.hpp>

#include <cstdint>

namespace hocket::inline HOCKET_ABI::detail {} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/sched/latch_waiters.ipp>
#endif
