// SPDX-License-Identifier: MIT
// The rest of a loop that its caller cannot open through a loop record. Either the caller is inside a body
// (loop/call_watch.hpp), or only some of the workers may take part. Helpers come as work items; one range word holds
// what is left.
#pragma once

#include <hocket/base/atomic.hpp>
#include <hocket/loop/call_watch.hpp>
#include <hocket/loop/claim.hpp>
#include <hocket/loop/loop_work.hpp>
#include <hocket/memory/slab.hpp>
#include <hocket/queue/range_word.hpp>
#include <hocket/queue/work_item.hpp>
#include <hocket/sched/kept_work.hpp>
#include <hocket/sched/scheduler.hpp>
#include <hocket/sched/spawn.hpp>
#include <hocket/sched/trace.hpp>
#include <hocket/sched/urgent.hpp>
#include <hocket/sched/wait.hpp>
#include <hocket/sched/worker.hpp>

#include <cstdint>
#include <new>

namespace hocket::inline HOCKET_ABI::detail {

/// Waits until no units are left and no thread is registered.
void wait_for_helpers(worker& me, range_word& word) noexcept;

/// A loop that lives until its caller and its last helper have released it. A helper that comes when all units are
/// taken touches nothing else.
class late_loop {
  public:
    /// Opens the iterations [first, last) of `body`, and spawns `helpers` work items for them in `pool`. Returns null
    /// when there is no memory. If the iterations are a part of a claim, the claimant is registered here too, until it
    /// calls `hand_over`.
    [[gnu::cold]] static late_loop* open(scheduler& pool, loop_body body, std::uint64_t first, std::uint64_t last,
                                         loop_plan const& plan, fp_mode mode, std::uint32_t helpers,
                                         loop_registration const& claimant = {}) noexcept;

    late_loop(scheduler& pool, loop_body body, std::uint64_t first, std::uint64_t last, loop_plan const& plan,
              fp_mode mode, loop_registration const& claimant) noexcept;

    /// Runs the units that are left to be claimed. Returns how many iterations these were, up to whole units. A
    /// `helper` may leave before all are claimed, when other work waits; then it sets `leaves`.
    std::uint64_t take_part(worker* helper, bool& leaves) noexcept;

    // Used by a thread from whose claim the iterations were taken.

    /// Hands the registration of the thread over: the last participant leaves it. With `drop`, no further iteration
    /// begins.
    [[gnu::cold]] void hand_over(bool drop) noexcept;
    /// Releases the loop.
    void release() noexcept;
    late_loop* next = nullptr; // in the list of that thread

    // Used by the caller.

    /// Takes part until nothing is left. With `drop`, no further iteration begins.
    void take_rest(bool drop) noexcept;
    bool finished() const noexcept { return word_.finished(); }
    /// Waits for the helpers, in the worker slot `me` or without one, and releases the loop.
    [[gnu::cold]] void wait(worker* me) noexcept;

  private:
    struct helper_item : work_item {
        late_loop* loop = nullptr;
    };

    work_item* new_helper() noexcept;

    static void run_helper(work_item* self) noexcept;

    /// Whether a helper goes back to the queues now: urgent work waits, or, once in a millisecond, any other work
    /// waits. Hands out what another thread keeps while one of its calls takes long.
    static bool has_other_work(worker& me) noexcept;

    /// Returns how many units to claim. It is one while few are left, since each may take long. It is more while many
    /// are left, to avoid contention for the range word.
    std::uint64_t next_claim() const noexcept { return word_.left() / 1024 + 1; }

    void leave() noexcept;
    /// Leaves for a claimant whose claim was taken, and releases the loop.
    static void leave_for_claimant(void* of) noexcept;

    range_word word_;
    loop_job job_{};
    loop_registration const claimant_; // is left when all has finished; or none
    scheduler& pool_;
    worker* caller_ = nullptr; // written before the caller announces that it sleeps; read by the helper that wakes it
    atomic<std::uint32_t> references_{1};
};

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/loop/late_loop.ipp>
#endif
