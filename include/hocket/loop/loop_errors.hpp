// SPDX-License-Identifier: MIT
// The failures and the stop of one operation: its stop token, the exceptions of its bodies, and the error that its
// caller gets. An algorithm makes one object for each call, on the stack of the caller; all workers of the call share
// it.
#pragma once

#include <hocket/base/atomic.hpp>
#include <hocket/base/config.hpp>
#include <hocket/base/error.hpp>
#include <hocket/base/options.hpp>
#include <hocket/os/os_mutex.hpp>
#include <hocket/os/ticks.hpp>
#include <hocket/range/started_options.hpp>
#include <hocket/sched/stop_scope.hpp>

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

    /// `where`: the place to which the operation belongs; nowhere if no failure or stop around the operation may cancel
    /// it.
    loop_errors(loop_options const& options, stop_place const& where) noexcept;

    HOCKET_ALWAYS_INLINE ~loop_errors() {
        if (has_found_) [[unlikely]]
            forget();
    }
    loop_errors(loop_errors const&) = delete;
    loop_errors& operator=(loop_errors const&) = delete;

    /// Returns the link that stands for this operation in `this_task::stop_requested`.
    [[nodiscard]] stop_link const* link() const noexcept { return this; }

    /// Whether no further chunk is to begin.
    [[nodiscard]] HOCKET_ALWAYS_INLINE bool stopped() const noexcept {
        return failed_.load(std::memory_order_relaxed) || (polled && ended_by_caller()) || cut_short();
    }

    /// Whether anything but a failure can stop the operation.
    [[nodiscard]] bool may_stop() const noexcept { return polled || is_nested_; }

    /// Records the current exception as that of `index`. Returns whether the rest still has to run.
    [[gnu::cold]] bool record(std::uint64_t index) noexcept;

    /// Drops the failures at `index` and behind it, which a serial loop would not have reached. Called when all chunks
    /// have finished.
    [[gnu::cold]] void forget_from(std::uint64_t index) noexcept;

    /// Throws the error of the operation, if any. Called when all chunks have finished. The exception of a body wins
    /// over the cancellation, because it says more. `total`: the number of elements of the whole operation.
    HOCKET_ALWAYS_INLINE void finish(std::uint64_t total) {
        if (has_found_ || polled || cut_short()) [[unlikely]]
            throw_error(total);
    }

  private:
    /// The failures of the bodies.
    struct failures {
        bool lost_one = false; // there was no memory to record a failure
        parallel_error::failure lowest;
        std::vector<parallel_error::failure> all;
    };

    static bool was_stopped(stop_link const& link) noexcept;
    HOCKET_ALWAYS_INLINE bool cut_short() const noexcept { return is_nested_ && around_.finds_stopped_in_body(place); }

    /// Whether the token or the time has stopped an operation that one of them can stop.
    bool ended_by_caller() const noexcept;
    /// Throws the error of the operation, if any.
    void throw_error(std::uint64_t total);
    [[noreturn]] [[gnu::cold]] void fail(std::uint64_t total);
    /// Destroys the failures.
    [[gnu::cold]] void forget() noexcept;

    // A Shell sort: std::sort would cost every program with a loop more compile time than it could ever save here.
    [[gnu::cold]] void sort_failures() noexcept;

    any_stop_token const& token_; // owned by the caller, which waits
    ticks const deadline_;        // 0: none
    error_policy const policy_;
    bool const is_nested_;   // it began within another operation or a join
    bool has_found_ = false; // whether `found_` exists
    // Whether a body has failed. Writer: the first worker that fails. Readers: all workers before each chunk, and
    // `stop_requested`. Relaxed: it only saves work. The mutex and the end of the loop publish the failure itself.
    atomic<bool> failed_ = false;
    stop_look around_;
    os_mutex mutex_; // guards has_found_ and the failures while the loop runs
    union {
        failures found_; // made by the first failure
    };
};

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/loop/loop_errors.ipp>
#endif
