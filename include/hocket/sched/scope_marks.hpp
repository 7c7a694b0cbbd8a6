// SPDX-License-Identifier: MIT
// Which operations a thread runs at which height of its task stack, so that a thief that publishes a task in place of
// the owner knows to which operation the task belongs. Used by sched/stop_scope.hpp.
#pragma once

#include <hocket/base/atomic.hpp>
#include <hocket/base/config.hpp>
#include <hocket/queue/task_slot.hpp>

#include <array>
#include <cstddef>

namespace hocket::inline HOCKET_ABI::detail {

class stop_scope;

inline constinit thread_local stop_scope const* innermost_stop_scope = nullptr;

class scope_marks {
  public:
    /// A scope, and the height of the stack at which it began. `top` is null where there is none.
    struct mark {
        atomic<task_slot const*> top{nullptr};
        atomic<stop_scope const*> scope{nullptr};
    };

    // Called by the owner.

    /// Begins with an empty stack, which begins at `bottom`, within the scope `outer`, which may be null. All scopes of
    /// the owner before have ended.
    void begin(task_slot const* bottom, stop_scope const* outer) noexcept {
        count_ = 0;
        (void)enter(bottom, outer);
    }
    /// Returns false if there are too many.
    bool enter(task_slot const* top, stop_scope const* scope) noexcept {
        if (count_ == most) return false;
        marks_[count_].scope.store(scope, std::memory_order_relaxed);
        marks_[count_].top.store(top, std::memory_order_relaxed); // visible with the next push
        ++count_;
        return true;
    }
    void leave() noexcept { marks_[--count_].top.store(nullptr, std::memory_order_relaxed); }

    /// Called by a thief: returns the mark of the innermost scope around a task that stays in the stack meanwhile, and
    /// whose scope is marked. The marks of scopes that began before the task stay as they are; a mark of a later scope,
    /// if it is seen, is above the task.
    mark const& around(task_slot const* task) const noexcept {
        mark const* found = marks_.data();
        for (mark const& one : marks_) {
            task_slot const* const top = one.top.load(std::memory_order_relaxed);
            if (top == nullptr || top > task) break;
            found = &one;
        }
        return *found;
    }

  private:
    static constexpr std::size_t most = 32;

    std::size_t count_ = 0;
    /// Writer: the owner. Readers: thieves.
    std::array<mark, most> marks_;
};

} // namespace hocket::inline HOCKET_ABI::detail
