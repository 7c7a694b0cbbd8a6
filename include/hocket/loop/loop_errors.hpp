// SPDX-License-Identifier: MIT
// What went wrong in one operation: its stop token, the exceptions of its bodies, and what the caller gets to see.
// The algorithms make one for each call, on the stack of the caller; all its workers share it.
#pragma once

#include <hocket/base/config.hpp>
#include <hocket/base/error.hpp>
#include <hocket/base/options.hpp>
#include <hocket/os/os_mutex.hpp>
#include <hocket/os/ticks.hpp>
#include <hocket/range/started_options.hpp>
#include <hocket/sched/stop_scope.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <new>
#include <utility>
#include <vector>

namespace hocket::inline HOCKET_ABI::detail {

class loop_errors : private stop_operation {
  public:
    explicit loop_errors(loop_options const& options) noexcept : loop_errors(options, stop_place::here()) {}

    /// `where`: the place to which the operation belongs; nowhere if no failure or stop around it may cut it short.
    loop_errors(loop_options const& options, stop_place const& where) noexcept;

    HOCKET_NOINLINE ~loop_errors() = default; // a list of exceptions: not for each loop to compile
    loop_errors(loop_errors const&) = delete;
    loop_errors& operator=(loop_errors const&) = delete;

    /// Stands for this operation in `this_task::stop_requested`.
    [[nodiscard]] stop_link const* link() const noexcept { return this; }

    /// Whether no further chunk has to begin.
    [[nodiscard]] bool stopped() const noexcept;

    /// Whether anything but a failure could stop it.
    [[nodiscard]] bool may_stop() const noexcept { return can_stop_ || deadline_ != 0 || place.is_somewhere(); }

    /// Notes the exception that is being handled as that of `index`, and says whether the rest still has to run.
    [[gnu::cold]] bool record(std::uint64_t index) noexcept;

    /// When all chunks have ended: drops the failures at `index` and behind it, to which a serial loop would not have
    /// come.
    [[gnu::cold]] void forget_from(std::uint64_t index) noexcept;

    /// To be called when all chunks have ended: throws what the caller has to know. A body's exception goes before the
    /// cancellation, because it says more. `total`: the number of elements of the whole operation.
    void finish(std::uint64_t total);

  private:
    static bool was_stopped(stop_link const& link) noexcept;
    bool cut_short() const noexcept { return place.is_somewhere() && around_.finds_stopped(place); }

    bool timed_out() const noexcept { return deadline_ != 0 && now_ticks() >= deadline_; }
    [[noreturn]] [[gnu::cold]] void fail(std::uint64_t total);

    // A Shell sort, because std::sort takes every program with a loop longer to compile than it could ever save here.
    [[gnu::cold]] void sort_failures() noexcept;

    any_stop_token const& token_; // the caller's, who waits
    bool const can_stop_;
    error_policy const policy_;
    ticks const deadline_; // 0: none
    // Set by the first worker that fails, read by all before each chunk and by `stop_requested`. Relaxed: it only saves
    // work; what the failure was is passed on by the mutex and by the end of the loop.
    std::atomic<bool> failed_ = false;
    stop_look around_;
    bool lost_one_ = false; // a failure for which there was no memory
    os_mutex mutex_;        // guards lost_one_ above and the two below while the loop runs
    parallel_error::failure lowest_;
    std::vector<parallel_error::failure> failures_;
};

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/loop/loop_errors.ipp>
#endif
