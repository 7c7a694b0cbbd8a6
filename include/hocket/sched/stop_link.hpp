// SPDX-License-Identifier: MIT
// The chain by which an operation that can be stopped knows the operations around it. Each link has the place where its
// operation began. sched/stop_scope.hpp follows the chain. Links are made by operations, and by code that publishes and
// steals the tasks of joins.
#pragma once

#include <hocket/base/atomic.hpp>
#include <hocket/queue/task_slot.hpp>

#include <cstddef>
#include <cstdint>

namespace hocket::inline HOCKET_ABI::detail {

struct worker;
struct stop_link;
class stop_scope;

/// The place on a thread where something begins: in which operation, and within which joins of that operation. The
/// operation and these joins all finish later than what begins there.
struct stop_place {
    stop_link const* link = nullptr;  // the innermost operation, or null
    worker const* slot = nullptr;     // the worker slot on whose stack the joins lie, or null
    task_slot const* first = nullptr; // the joins that began within the operation: slots [first, last)
    task_slot const* last = nullptr;
    stop_scope const* scope = nullptr; // the innermost scope of that thread, or null

    [[nodiscard]] bool is_somewhere() const noexcept { return link != nullptr || slot != nullptr; }
    /// Returns the place where the calling thread is. It is nowhere while an exception unwinds the stack: the work of
    /// destructors is not cut short.
    static stop_place here() noexcept;
    /// Returns the place of the calling thread without the joins from `slot` on.
    static stop_place here_below(task_slot const* slot) noexcept;
    /// Whether one of the joins has failed, or one of the operations was stopped, however far out. `polled`, if given,
    /// becomes true when a token or the time may stop one of the operations. `silent` becomes true then too, and when a
    /// wait that begins later may stop one of them. Otherwise the thread that stops one of them calls `tell_of_stop`.
    [[nodiscard]] bool stopped(bool* polled = nullptr, bool* silent = nullptr) const noexcept;
    /// Whether the place lies in that operation, however far out.
    [[nodiscard]] bool is_within(stop_link const& operation) const noexcept;
};

/// The place around an operation that belongs to no other one, whichever thread waits for it.
inline constexpr stop_place nowhere{};

/// One operation that can be stopped. It lives as long as any part of it runs.
struct stop_link {
    bool (*stopped)(stop_link const&) noexcept;
    /// Writer: the thread that waits for the operation. Readers: parts of the operation. The place where that wait
    /// began; null: no thread waits yet, or any more.
    atomic<stop_place const*> around{nullptr};
    bool polled = false;  // a token or the time may stop it
    bool stolen = false;  // it is a callable of a join that another thread runs
    bool is_run = false;  // it is a graph_run_link
    bool is_task = false; // it is a running_link
};

/// A task that a thread runs.
struct running_link : stop_link {
    explicit running_link(bool (*asked)(stop_link const&) noexcept) noexcept : stop_link{asked, &nowhere} {
        is_task = true;
    }

    stop_scope const* body = nullptr; // set if the task is a part of what its thread runs around it
};

/// Follows links outwards. A thread that waits for a run of a graph may leave by an error before the run has finished,
/// and the place around the run is in its frame. So a walk that follows a link of a run is counted until it ends, and a
/// thread that leaves waits for all such walks.
class stop_walk {
  public:
    stop_walk() = default;
    stop_walk(stop_walk const&) = delete;
    stop_walk& operator=(stop_walk const&) = delete;
    ~stop_walk() {
        if (at_ != nowhere_yet) [[unlikely]]
            end();
    }

    /// Returns the place around the operation of the link, or null. It stays until the next call; all places further
    /// out stay until the walk ends.
    stop_place const* around(stop_link const& link) noexcept {
        if (link.is_run && at_ == nowhere_yet) [[unlikely]]
            begin();
        if (link.is_task) return around_task(static_cast<running_link const&>(link));
        return link.around.load(std::memory_order_acquire); // <- stop_link.around
    }

    /// Returns when no walk refers any more to a place that was around a run before. The calling thread is in no walk.
    [[gnu::cold]] static void wait_for_others() noexcept;

  private:
    static constexpr std::size_t nowhere_yet = ~std::size_t{0};

    stop_place const* around_task(running_link const& task) noexcept;
    void begin() noexcept;
    void end() noexcept;

    std::size_t at_ = nowhere_yet; // the index of its count
    stop_place found_;             // the place around the last task
};

/// An operation that begins where it is made, and finishes there.
struct stop_operation : stop_link {
    explicit stop_operation(bool (*asked)(stop_link const&) noexcept, bool can_be_polled = false,
                            stop_place const& where = stop_place::here()) noexcept
        : stop_link{asked, &place, can_be_polled}, place(where) {}
    stop_operation(stop_operation const&) = delete;
    stop_operation& operator=(stop_operation const&) = delete;

    stop_place const place;
};

/// A note about a slot, which the owner of the stack writes before it publishes the slot. Zeros are an empty note.
struct stop_note {
    stop_link const* link;
    task_slot const* first;
    stop_scope const* scope; // in which the join began
    /// Writer: the owner of the slot (true: its join has failed, and drops the result). Readers: the thief of the task.
    atomic<bool> dropped;
    std::uintptr_t made; // the number of the next scope that the owner will give
};

} // namespace hocket::inline HOCKET_ABI::detail

#if HOCKET_BODIES
#include <hocket/sched/stop_link.ipp>
#endif
