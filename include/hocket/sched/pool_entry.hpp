// SPDX-License-Identifier: MIT
// External callers (`pool_entry`): an external thread that calls into a pool takes part in the work. It borrows the
// worker slot of a sleeping worker, so no more threads run than the pool has workers. Used by joins, loops and groups.
#pragma once

#include <hocket/base/atomic.hpp>
#include <hocket/sched/compensation.hpp>
#include <hocket/sched/late_publication.hpp>
#include <hocket/sched/scheduler.hpp>
#include <hocket/sched/wait.hpp>
#include <hocket/sched/wake.hpp>
#include <hocket/sched/worker.hpp>

#include <cstdint>
#include <optional>
#include <utility>

namespace hocket::inline HOCKET_ABI::detail {

class pool_entry;

/// The scope of an external thread that has not needed its worker slot yet; see pool_entry::lazily.
inline constinit thread_local pool_entry* pending_entry = nullptr;

/// The newest scope of this thread that has asked for a worker slot.
inline constinit thread_local pool_entry const* innermost_entry = nullptr;

/// While it lives, the calling thread owns a worker slot of the pool, unless `entered()` is false. Then the pool has
/// too many external callers, and the caller runs its work alone. A thread that is in the pool already keeps its worker
/// slot. The thread may at the same time own a worker slot of another pool, which then rests.
class pool_entry {
  public:
    /// Takes the worker slot when something asks for it: a tiny loop never touches what threads share.
    struct lazily {};

    /// `hushed_until`: until this time, no thread is woken for the work of this caller; searching threads find it
    /// nevertheless. Throws std::logic_error when the pool was made before a fork().
    explicit pool_entry(scheduler& pool, ticks hushed_until = 0);
    pool_entry(scheduler& pool, lazily);

    ~pool_entry();

    pool_entry(pool_entry const&) = delete;
    pool_entry& operator=(pool_entry const&) = delete;

    scheduler& pool() const noexcept { return pool_; }

    /// Whether the calling thread takes part in the work of that pool, perhaps below work of other pools.
    static bool runs_inside(scheduler const& pool) noexcept;

    /// Takes the worker slot now if that was put off. Returns whether the thread is in the pool.
    bool entered() noexcept;

  private:
    bool inside() const noexcept { return this_slot != nullptr && this_slot->sched == &pool_; }

    [[gnu::cold]] void enter(ticks hushed_until) noexcept;

    [[gnu::cold]] void leave() noexcept;

    /// A thread that enters again gets the same worker slot if it is free, and with it the same stripe of a loop.
    static inline constinit thread_local std::uint32_t last_rank = 0;

    scheduler& pool_;
    worker* slot_ = nullptr;
    bool crowded_ = false;
    pool_entry const* outer_entry_ = nullptr;
    worker* outer_slot_ = nullptr;
    task_slot* outer_top_ = nullptr;
};

/// Returns the pool that the calling thread is in, or null. Takes the worker slot first if that was put off.
scheduler* enclosing_scheduler() noexcept;

/// How many of the last jobs of one kind were too short to wake a thread. Relaxed: a hint.
struct root_cost {
    atomic<std::uint32_t> short_ones{0};
};

/// An external caller for one job. When the last few jobs of its kind were short, and a worker watches, it wakes no
/// thread at first. To wake a thread costs 5 to 10 us, and the thread runs 25 to 40 us later (on a virtual machine).
class root_scope {
  public:
    root_scope(scheduler& pool, root_cost& cost);

    ~root_scope();

    root_scope(root_scope const&) = delete;
    root_scope& operator=(root_scope const&) = delete;

    bool entered() noexcept { return entry_.entered(); }

  private:
    static constexpr std::uint32_t convincing = 4;

    scheduler& pool_;
    root_cost& cost_;
    ticks start_;
    pool_entry entry_;
};

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/sched/pool_entry.ipp>
#endif
