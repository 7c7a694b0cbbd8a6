// SPDX-License-Identifier: MIT
// The awaitable of `co_await pool.schedule()`: a turn on a thread of that pool. Any type of coroutine may await it, so
// it takes any handle and does not need <coroutine>. Made by thread_pool::schedule.
#pragma once

#include <hocket/os/fp_mode.hpp>
#include <hocket/queue/work_item.hpp>
#include <hocket/sched/scheduler.hpp>
#include <hocket/sched/spawn.hpp>

namespace hocket::inline HOCKET_ABI {

/// Resumes the awaiting coroutine as a task of the pool, after the tasks that the pool received before.
class [[nodiscard]] schedule_awaitable : detail::work_item {
  public:
    explicit schedule_awaitable(detail::scheduler& pool) noexcept : pool_(&pool) {}

    bool await_ready() const noexcept { return false; }
    /// Suspends the coroutine. **Throws** std::logic_error in the coroutine when the pool was made before fork().
    template<class Handle>
    void await_suspend(Handle waiting) {
        pool_->require_this_process();
        coroutine_ = waiting.address();
        mode_ = detail::fp_mode::now();
        run = [](detail::work_item* self) noexcept {
            auto const* const mine = static_cast<schedule_awaitable const*>(self);
            detail::fp_scope const mode(mine->mode_); // the awaitable ends with the first step of the coroutine
            Handle::from_address(mine->coroutine_).resume();
        };
        detail::spawn_list(*pool_, *this, *this);
    }
    void await_resume() const noexcept {}

    /// For the library: returns the scheduler of the pool.
    detail::scheduler& pool() const noexcept { return *pool_; }

  private:
    detail::scheduler* pool_;
    void* coroutine_ = nullptr;
    detail::fp_mode mode_;
};

} // namespace hocket
