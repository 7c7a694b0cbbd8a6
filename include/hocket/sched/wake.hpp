// SPDX-License-Identifier: MIT
// How many threads of a pool are idle, and how many of them are woken.
#pragma once

#include <hocket/sched/scheduler.hpp>
#include <hocket/sched/worker.hpp>

#include <bit>
#include <cstdint>
#include <utility>

namespace hocket::inline HOCKET_ABI::detail {} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/sched/wake.ipp>
#endif
