// SPDX-License-Identifier: MIT
// Worker slots beyond those of a pool's workers: for compensation threads, which run on the cores of waiting workers,
// and for external callers beside busy workers. They are made when they are needed, and free ones are used again. Here
// is also what a wait asks before it is abandoned. The bound on all of them is `pool_options::max_threads`.
#pragma once

#include <hocket/os/ticks.hpp>
#include <hocket/sched/scheduler.hpp>

#include <atomic>
#include <cstdint>

namespace hocket::inline HOCKET_ABI::detail {

/// Makes all threads that look for work look into the first `count` worker slots. The caller holds slots_mutex_.
inline void scheduler::raise_slots(std::uint32_t count) noexcept {
    if (count <= slot_count_.load(std::memory_order_relaxed)) return;
    slot_count_.store(count, std::memory_order_release); // worker_slots.count ->
}

inline bool scheduler::is_full() const noexcept { return worker_slots() == max_worker_slots(); }

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/sched/compensation.ipp>
#endif
