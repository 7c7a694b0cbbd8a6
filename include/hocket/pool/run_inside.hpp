// SPDX-License-Identifier: MIT
// Enters a pool for one call: as an external caller (`entry`), or, if the pool takes no more callers, by handing the
// call to a worker. Caller: thread_pool::run.
#pragma once

#include <hocket/base/config.hpp>
#include <hocket/os/fp_mode.hpp>
#include <hocket/queue/work_item.hpp>
#include <hocket/sched/pool_entry.hpp>
#include <hocket/sched/scheduler.hpp>
#include <hocket/sched/serial_turns.hpp>
#include <hocket/sched/sleep.hpp>
#include <hocket/sched/spawn.hpp>
#include <hocket/sched/stop_scope.hpp>
#include <hocket/sched/wait.hpp>

#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

namespace hocket::inline HOCKET_ABI::detail {

/// A call that a worker runs for a thread that sleeps until it has finished.
template<class F>
class handed_call : work_item {
  public:
    using result = std::invoke_result_t<F>;
    static_assert(!std::is_object_v<result> || std::is_move_constructible_v<result>,
                  "hocket: the callable of thread_pool::run returns a movable object, a reference, or void");

    explicit handed_call(F&& f) noexcept : work_item{&handed_call::make, nullptr, nullptr}, f_(f) {}
    handed_call(handed_call const&) = delete;
    handed_call& operator=(handed_call const&) = delete;

    HOCKET_COLD result wait(scheduler& pool) {
        spawn_list(pool, *this, *this);
        {
            released_core const core(this_slot);
            while (!sleep_or_serve(a_second, [this](long long pause) { return over_.sleep_for(pause); })) {
            }
        }
        if (error_ != nullptr) std::rethrow_exception(std::move(error_));
        if constexpr (std::is_reference_v<result>)
            return static_cast<result>(**value_);
        else if constexpr (!std::is_void_v<result>)
            return *std::move(value_);
    }

  private:
    static constexpr long long a_second = 1'000'000'000; // between two looks whether the call has finished
    struct nothing_returned {};
    using kept = std::conditional_t<
        std::is_void_v<result>, nothing_returned,
        std::conditional_t<std::is_reference_v<result>, std::remove_reference_t<result>*, std::remove_cv_t<result>>>;

    static void make(work_item* item) noexcept {
        auto& self = *static_cast<handed_call*>(item);
        {
            stop_operation const around(&handed_call::is_stopped, false, self.caller_);
            stop_scope const scope(&around);
            fp_scope const mode(self.mode_);
            try {
                if constexpr (std::is_void_v<result>) {
                    std::forward<F>(self.f_)();
                } else if constexpr (std::is_reference_v<result>) {
                    auto&& given = std::forward<F>(self.f_)();
                    self.value_.emplace(__builtin_addressof(given));
                } else {
                    self.value_.emplace(std::forward<F>(self.f_)());
                }
            } catch (...) {
                self.error_ = std::current_exception();
            }
        }
        self.over_.wake(); // the last access
    }
    static bool is_stopped(stop_link const&) noexcept { return false; }

    std::remove_reference_t<F>& f_;
    stop_place const caller_ = stop_place::here();
    fp_mode const mode_ = fp_mode::now();
    std::optional<kept> value_;
    std::exception_ptr error_;
    parker over_;
};

template<class F>
std::invoke_result_t<F> run_inside(scheduler& pool, F&& f) {
    {
        pool_entry entry(pool);
        if (entry.entered()) return std::forward<F>(f)();
    }
    return handed_call<F>(std::forward<F>(f)).wait(pool);
}

} // namespace hocket::inline HOCKET_ABI::detail
