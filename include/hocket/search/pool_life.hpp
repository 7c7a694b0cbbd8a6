// SPDX-License-Identifier: MIT
// The beginning and the end of a pool: makes worker slots and threads, and joins the threads when all work has
// finished.
#pragma once

#include <hocket/base/error.hpp>
#include <hocket/base/lasting_error.hpp>
#include <hocket/machine/machine.hpp>
#include <hocket/machine/pin.hpp>
#include <hocket/os/atomics.hpp>
#include <hocket/os/light_fence.hpp>
#include <hocket/sched/compensation.hpp>
#include <hocket/sched/late_publication.hpp>
#include <hocket/sched/living_pools.hpp>
#include <hocket/sched/rest_check.hpp>
#include <hocket/sched/scheduler.hpp>
#include <hocket/sched/serial_turns.hpp>
#include <hocket/sched/stop_listeners.hpp>
#include <hocket/sched/thread_hook.hpp>
#include <hocket/sched/trace.hpp>
#include <hocket/search/errand.hpp>
#include <hocket/search/hosted.hpp>
#include <hocket/search/search.hpp>

#include <cstdint>
#include <cstdio>
#include <exception>
#include <new>
#include <stdexcept>

namespace hocket::inline HOCKET_ABI::detail {

/// Names the thread "render/3 core 5" in the trace; the core only if the thread is to be pinned to it.
[[gnu::cold]] void name_in_trace(char const* pool, worker_place const& place) noexcept;

/// Calls a hook of the pool's program on a thread that begins or ends. An exception from it ends the program with a
/// message that names the option.
[[gnu::cold]] void call_hook(thread_hook const& hook, std::uint32_t thread, char const* option) noexcept;

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/search/pool_life.ipp>
#endif
