// SPDX-License-Identifier: MIT
// The future that a task has returned, and for which the task's own future waits. A thread that gives up the task gives
// the inner future up too. Callers: task_state.hpp, coroutine_state.hpp.
#pragma once

#include <hocket/base/atomic.hpp>
#include <hocket/future/future_state.hpp>

#include <cstdint>

namespace hocket::inline HOCKET_ABI::detail {

/// The inner future of one task. A forwarder holds it from `attach` to `detach`.
class inner_future {
  public:
    /// Notes that the task has returned a future with this state, which the caller holds.
    void attach(future_state_base& inner) noexcept {
        auto const address = reinterpret_cast<std::uintptr_t>(&inner);
        if (word_.exchange(address, std::memory_order_acq_rel) ==
            given_up) // inner_future.word ->, <- inner_future.word
            end_late(inner);
    }

    /// Says that the forwarder has the result. Returns false if a thread gives the inner future up at this moment: then
    /// the forwarder leaves its reference to that thread.
    [[nodiscard]] bool detach() noexcept {
        return word_.exchange(over, std::memory_order_acq_rel) != in_use; // inner_future.word ->, <- inner_future.word
    }

    /// Gives the inner future up, since the result of its `task` is not wanted any more. The caller holds a reference
    /// to `task`. However deep futures nest in futures, the stack stays flat.
    [[gnu::cold]] void give_up(future_state_base& task) noexcept;

  private:
    static constexpr std::uintptr_t nothing = 0;
    static constexpr std::uintptr_t given_up = 1; // before the task returned
    static constexpr std::uintptr_t in_use = 2;   // by a thread that gives it up
    static constexpr std::uintptr_t over = 3;

    /// Gives the inner future up unless other holders may want it.
    static void end(future_state_base& inner) noexcept;
    [[gnu::cold]] static void end_late(future_state_base& inner) noexcept;
    void end_claimed(std::uintptr_t inner) noexcept;

    /// The address of the inner state, or one of the values above. Writers: the task, its forwarder, threads that give
    /// it up.
    atomic<std::uintptr_t> word_{nothing};
    // While a thread has claimed it and it is in that thread's list:
    future_state_base* task_ = nullptr;
    std::uintptr_t claimed_ = nothing;
    inner_future* next_ = nullptr;
};

} // namespace hocket::inline HOCKET_ABI::detail

#if HOCKET_BODIES
#include <hocket/future/inner_future.ipp>
#endif
