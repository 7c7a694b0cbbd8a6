// SPDX-License-Identifier: MIT
// Who is told when an operation is stopped, floor 3: the tokens of `this_task::stop_token`, each with the place
// where it was asked for. Whatever stops an operation walks the list. A listener leaves the list before its place
// ends. Callers: stop_scope.hpp and task/task_stop_token.hpp.
#pragma once

#include <hocket/base/atomics.hpp>
#include <hocket/base/config.hpp>
#include <hocket/base/fork.hpp>
#include <hocket/base/futex.hpp>
#include <hocket/sched/stop_link.hpp>
#include <hocket/sched/worker.hpp>

#include <atomic>
#include <cstdint>

namespace hocket::inline HOCKET_ABI::detail {

struct stop_listener {
    void (*request)(stop_listener&) noexcept; // runs callbacks of the program
    void (*destroy)(stop_listener&) noexcept; // the last reference is gone
    stop_place place;
    void const* scope; // the stop_scope in which it was asked for; null: none
    bool
        silent; // what it listens to may be stopped without a call of `tell_of_stop`: it is told by a thread that polls
    bool requested = false;
    stop_listener* next = nullptr;
    /// Writers: the list, and threads that call `request`.
    std::atomic<std::uint32_t> references{1};

    void release() noexcept;
};

/// A lock for a few steps of the whole process. Its word is the generation of the process in which the lock was taken:
/// a child of fork() does not wait for a thread that stayed behind.
class process_lock {
  public:
    explicit process_lock(std::atomic<std::uint32_t>& word) noexcept;
    ~process_lock() { word_.store(0, std::memory_order_release); } // process_lock.unlock ->
    process_lock(process_lock const&) = delete;
    process_lock& operator=(process_lock const&) = delete;

  private:
    std::atomic<std::uint32_t>& word_;
};

class stop_listeners {
  public:
    /// The list takes over the reference. A stop that came before is told at once.
    void add(stop_listener& one) noexcept;
    /// Does so for a listener that is not told of a stop that came before: true, then.
    [[nodiscard]] bool add_unless_stopped(stop_listener& one) noexcept;

    /// Calls `f` of the listener at this place, under the lock, if there is one.
    template<class F>
    bool find(stop_place const& place, void const* scope, F const& f) noexcept {
        guard const lock(*this);
        for (stop_listener* one = first_; one != nullptr; one = one->next) {
            if (one->scope != scope || !is_same(one->place, place)) continue;
            f(*one);
            return true;
        }
        return false;
    }

    /// Tells each listener whose operation was stopped and that was not told before: those that are `silent`, or
    /// the others. **Blocks** while their callbacks run.
    [[gnu::cold]] void tell(bool silent) noexcept;

    /// Drops the listeners for which `ends(listener)`; returns how many.
    template<class F>
    HOCKET_COLD std::uint32_t drop(F const& ends) noexcept {
        stop_listener* taken_out = nullptr;
        {
            guard const lock(*this);
            for (stop_listener** at = &first_; *at != nullptr;) {
                stop_listener* const one = *at;
                if (!ends(*one)) {
                    at = &one->next;
                    continue;
                }
                *at = one->next;
                one->next = taken_out;
                taken_out = one;
            }
        }
        std::uint32_t count = 0;
        for (; taken_out != nullptr; ++count) {
            stop_listener* const next = taken_out->next;
            taken_out->release();
            taken_out = next;
        }
        return count;
    }

    /// Drops what was told of the end of an earlier join at this place; returns how many. By the thread that is
    /// there.
    std::uint32_t drop_used(stop_place const& place, void const* scope) noexcept;

    /// Whether one of them has to look by itself.
    bool any_silent() noexcept;

  private:
    /// Those of a process whose child this is are forgotten: their threads are not here.
    class guard {
      public:
        explicit guard(stop_listeners& all) noexcept;

      private:
        process_lock lock_;
    };

    static bool is_same(stop_place const& a, stop_place const& b) noexcept {
        return a.link == b.link && a.context == b.context && a.first == b.first && a.last == b.last;
    }
    /// Under the lock its place has not ended.
    stop_listener* take_stopped(bool silent) noexcept;

    /// Writers: threads that look at the list. It guards the next two and `requested`.
    std::atomic<std::uint32_t> lock_{0};
    std::uint32_t generation_ = 0;
    stop_listener* first_ = nullptr;
};

inline constinit stop_listeners stop_listeners_of_process;

/// How many of the listeners were asked for in stop_scopes of this thread.
inline constinit thread_local std::uint32_t stop_listeners_here = 0;

/// The scope ends.
[[gnu::cold]] void drop_stop_listeners(void const* scope) noexcept;

/// A pool ends.
[[gnu::cold]] void drop_stop_listeners_of(scheduler const& pool) noexcept;

} // namespace hocket::inline HOCKET_ABI::detail

#if HOCKET_BODIES
#include <hocket/sched/stop_listeners.ipp>
#endif
