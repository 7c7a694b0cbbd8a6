// SPDX-License-Identifier: MIT
// What `co_await pool.schedule()` waits for: a turn on a thread of that pool. Any type of coroutine may await
// it, so it takes the handle as it comes, and <coroutine> is not needed. Made by thread_pool::schedule.
#pragma once

#include <hocket/os/fp_mode.hpp>
#include <hocket/queue/work_item.hpp>
#include <hocket/sched/scheduler.hpp>
#include <hocket/sched/spawn.hpp>

namespace hocket::inline HOCKET_ABI {

/// The coroutine that awaits it goes on as a task of the pool, after those that the pool was handed before.
class [[nodiscard]] schedule_awaitable : detail::work_item {
  public:
    explicit schedule_awaitable(detail::scheduler& pool) noexcept : pool_(&pool) {}

    bool await_ready() const noexcept { return false; }
    /// **Throws** std::logic_error when the pool was made before fork(); the coroutine goes on with that.
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

    /// For the library.
    detail::scheduler& pool() const noexcept { return *pool_; }

  private:
    detail::scheduler* pool_;
    void* coroutine_ = nullptr;
    detail::fp_mode mode_;
};

} // namespace hocket
