// SPDX-License-Identifier: MIT
// How a stop or a failure reaches nested operations: whether the operation that runs some code, or one around it, was
// stopped; the scope that says to which operation a part belongs; how workers are told to look.
// `this_task::stop_requested` is public. The argument is in README.md of this folder.
#pragma once

#include <hocket/base/atomic.hpp>
#include <hocket/base/config.hpp>
#include <hocket/base/error.hpp>
#include <hocket/sched/living_pools.hpp>
#include <hocket/sched/scheduler.hpp>
#include <hocket/sched/scope_numbers.hpp>
#include <hocket/sched/stop_link.hpp>
#include <hocket/sched/stop_listeners.hpp>
#include <hocket/sched/worker.hpp>

#include <cstdint>
#include <exception>
#include <utility>

namespace hocket::inline HOCKET_ABI {
namespace detail {

/// The innermost operation whose body runs on this thread.
inline constinit thread_local stop_link const* current_stop = nullptr;

/// Writers: threads that stop something, or change what is around a running operation, after they have done so.
/// Readers: loops and groups, which follow the chain only when it has changed.
inline constinit atomic<std::uint64_t> stops_told{1};

/// Called after such a change: makes loops and groups look around again before their next chunk or task.
inline void look_around_again() noexcept { stops_told.fetch_add(1, std::memory_order_release); } // stops.told ->

/// Called after an operation was stopped or a join has failed. Makes each worker of every pool look at its next join,
/// and calls the callbacks of the bodies that listen. The caller holds no lock.
[[gnu::cold]] void tell_of_stop() noexcept;

/// What the parts of one operation know of the place around it, which stays the same while they look.
class stop_look {
  public:
    /// Whether the place was stopped. Follows the chain only when something was stopped since the last look, or when an
    /// operation can be stopped in silence.
    bool finds_stopped(stop_place const& place) const noexcept {
        std::uint64_t const told = stops_told.load(std::memory_order_acquire); // <- stops.told
        return told != going_at_.load(std::memory_order_relaxed) && looks(place, told);
    }
    /// As `finds_stopped`, for an operation that begins and ends within a body of the scope of `place`. Looks of that
    /// body, and of such operations in it, spare each other the chain.
    bool finds_stopped_in_body(stop_place const& place) const noexcept {
        std::uint64_t const told = stops_told.load(std::memory_order_acquire); // <- stops.told
        return told != going_at_.load(std::memory_order_relaxed) && looks_in_body(place, told);
    }
    /// Whether the next look has to follow the chain.
    bool is_due() const noexcept {
        return stops_told.load(std::memory_order_acquire) != // <- stops.told
               going_at_.load(std::memory_order_relaxed);
    }
    /// Prepares the looks at another place.
    void begin_anew() noexcept { going_at_.store(0, std::memory_order_relaxed); }

  private:
    bool looks(stop_place const& place, std::uint64_t told) const noexcept;
    bool looks_in_body(stop_place const& place, std::uint64_t told) const noexcept;

    /// Writers and readers: the parts. The value of `stops_told` at which nothing was stopped; stored only if nothing
    /// can be stopped in silence.
    mutable atomic<std::uint64_t> going_at_{0};
};

/// While it lives, what this thread runs is a part of the operation `link`.
class stop_scope {
  public:
    explicit stop_scope(stop_link const* link) noexcept;
    ~stop_scope();
    stop_scope(stop_scope const&) = delete;
    stop_scope& operator=(stop_scope const&) = delete;

    /// Begins the next body of the same operation. The listeners of the previous body are gone.
    void begin_next() noexcept {
        began_ = scopes_here.next;
        number_ = 0;
    }
    /// Begins the next task in the innermost scope of this thread: it has another number.
    static void number_anew() noexcept { innermost_stop_scope->number_ = 0; }
    /// Returns the number of the body, and gives it one at the first call.
    [[gnu::cold]] std::uint64_t number() const noexcept;

    /// Drops the listeners of the innermost scope, whose operation may end before the scope does: from now on no
    /// listener of this thread looks at it.
    static void forget_listeners() noexcept {
        if (stop_listeners_here != 0) [[unlikely]]
            drop_stop_listeners(innermost_stop_scope);
    }

    /// Notes to which operation the task in `slot` belongs. `me` is the calling thread's worker slot. An inner
    /// operation begins above the slot.
    static void note(worker& me, task_slot const* slot) noexcept;
    /// As `note`, for a thief that publishes a task in the stack of `owner`, below `marked_until`.
    [[gnu::cold]] static void note_for_owner(worker& owner, task_slot const* slot) noexcept;
    /// Called by the owner at the first push in a scope: tells such thieves of all its scopes. Holds `publication`.
    static void mark_all(worker& me) noexcept;

    /// Returns the lowest slot of `me` that belongs to the operation that this thread runs.
    static task_slot const* first_slot(worker const& me) noexcept;

    /// Whether this thread runs a body of that operation, perhaps below others, or what it has stolen from one.
    static bool runs(stop_link const* link) noexcept;
    /// Whether the innermost body on this thread has given this number of a scope. Where there is no body, whether a
    /// callable of a join has.
    static bool has_made(void const* scope) noexcept {
        if (innermost_stop_scope != nullptr) [[likely]]
            return scopes_here.given_since(innermost_stop_scope->began_, scope);
        return has_shown_join() && around_maker_of(scope).is_somewhere();
    }
    /// Whether that body has done so, and no join that other threads can see began after it.
    [[gnu::cold]] static bool has_made_lately(void const* scope) noexcept;
    /// Returns the place of the innermost body on this thread that has given this number of a scope, without the joins
    /// that began later; nowhere, if none has.
    [[gnu::cold]] static stop_place around_maker_of(void const* scope) noexcept;

    /// Returns the place on its thread where the scope began.
    stop_place around() const noexcept;

    /// Whether the place of the calling thread was stopped. Follows the chain only when something was stopped since the
    /// last look in the same scope, or when an operation can be stopped in silence.
    static bool finds_stopped_here() noexcept {
        stop_scope const* const scope = innermost_stop_scope;
        if (scope != nullptr ? !scope->look_.is_due() : !may_have_failed_join()) [[likely]]
            return false;
        return looks_here();
    }

    stop_link const* link() const noexcept { return link_; }
    /// What the body knows of its place.
    stop_look const& look() const noexcept { return look_; }
    stop_scope const* outer() const noexcept { return outer_; }

  private:
    /// Whether a thief has counted a join of this thread as failed.
    static bool may_have_failed_join() noexcept {
        worker const* const me = this_slot;
        return me != nullptr && me->failed_slots.load(std::memory_order_relaxed) != 0;
    }
    /// Whether other threads may see a join of this thread.
    static bool has_shown_join() noexcept {
        worker const* const me = this_slot;
        return me != nullptr && me->split.load(std::memory_order_relaxed) != me->stack.data();
    }
    static bool looks_here() noexcept;
    static bool mark(worker& me, stop_scope const* scope) noexcept;
    static bool began_after(task_slot const* slot, void const* scope) noexcept;
    static bool is_part(stop_link const& stolen, stop_link const& operation) noexcept;

    stop_link const* outer_link_;
    stop_scope const* outer_;
    stop_link const* link_;
    worker* slot_;
    task_slot const* top_; // the top of the task stack when the scope began
    std::uintptr_t began_ = scopes_here.next;
    mutable bool is_marked_ = false;   // in `scopes` of the worker slot
    mutable std::uint64_t number_ = 0; // of the body; 0: code that runs in it has not asked for a number
    stop_look look_;                   // at the place of the scope; joins that begin or end there do not matter
};

/// Throws where a join or a wait is cut short because an operation around it was stopped.
[[noreturn]] HOCKET_COLD inline void throw_stopped_around() { throw stopped_around(); }

/// Whether the exception that is being handled only says that something was cancelled. An operation that was stopped
/// itself drops such an exception.
[[gnu::cold]] bool handles_cancellation() noexcept;

} // namespace detail

namespace this_task {

/// Returns whether the operation that runs the caller, or one around it, was stopped by its token, by its timeout or by
/// a failure. If so, the result of the caller is no longer needed, and the caller may return early. **Threads** any;
/// false outside of parallel work. **Blocks** never. **Cost** some loads for each enclosing operation.
[[nodiscard]] inline bool stop_requested() noexcept { return detail::stop_place::here().stopped(); }

} // namespace this_task
} // namespace hocket

#if HOCKET_BODIES
#include <hocket/sched/stop_scope.ipp>
#endif
