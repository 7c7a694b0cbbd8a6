// SPDX-License-Identifier: MIT
// What went wrong in one operation: its stop token, the exceptions of its bodies, and what the caller gets to see.
// Floor: sched. The algorithms make one for each call, on the stack of the caller; all its workers share it.
#pragma once

#include <hocket/base/config.hpp>
#include <hocket/base/error.hpp>
#include <hocket/base/options.hpp>
#include <hocket/machine/os_mutex.hpp>
#include <hocket/sched/stop_scope.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <new>
#include <utility>
#include <vector>

namespace hocket::detail {

class loop_errors : private stop_link {
  public:
    explicit loop_errors(loop_options const& options) noexcept
        : stop_link{&loop_errors::was_stopped, current_stop},
          token_(options.stop),
          can_stop_(options.stop.stop_possible()),
          policy_(options.errors) {}

    HOCKET_NOINLINE ~loop_errors() = default; // a list of exceptions: not for each loop to compile
    loop_errors(loop_errors const&) = delete;
    loop_errors& operator=(loop_errors const&) = delete;

    /// Stands for this operation in `this_task::stop_requested`.
    [[nodiscard]] stop_link const* link() const noexcept { return this; }

    /// Whether no further chunk has to begin.
    [[nodiscard]] bool stopped() const noexcept {
        return failed_.load(std::memory_order_relaxed) || (can_stop_ && token_.stop_requested());
    }

    /// Notes the exception that is being handled as that of `index`, and says whether the rest still has to run.
    HOCKET_COLD bool record(std::uint64_t index) noexcept {
        std::exception_ptr exception = std::current_exception(); // dies outside of the lock, if it is not kept
        os_lock const lock(mutex_);
        if (policy_ == error_policy::collect) {
            try {
                failures_.push_back({index, exception});
            } catch (std::bad_alloc const&) {
                lost_one_ = true;
            }
            return true;
        }
        if (!lowest_.exception || index < lowest_.index) {
            lowest_.index = index;
            std::swap(lowest_.exception, exception);
        }
        failed_.store(true, std::memory_order_relaxed);
        return false;
    }

    /// When all chunks have ended: drops the failures at `index` and behind it, to which a serial loop would not have come.
    HOCKET_COLD void forget_from(std::uint64_t index) noexcept {
        if (lowest_.exception && lowest_.index >= index) lowest_.exception = nullptr;
        std::size_t kept = 0;
        for (std::size_t i = 0; i < failures_.size(); ++i)
            if (failures_[i].index < index) std::swap(failures_[kept++], failures_[i]);
        while (failures_.size() != kept) failures_.pop_back();
    }

    /// To be called when all chunks have ended: throws what the caller has to know. A body's exception goes before the
    /// cancellation, because it says more. `total`: the number of elements of the whole operation.
    void finish(std::uint64_t total) {
        if (lowest_.exception || !failures_.empty() || lost_one_) fail(total);
        if (can_stop_ && token_.stop_requested()) throw operation_cancelled();
    }

  private:
    static bool was_stopped(stop_link const& link) noexcept { return static_cast<loop_errors const&>(link).stopped(); }

    [[noreturn]] HOCKET_COLD void fail(std::uint64_t total) {
        if (lowest_.exception) std::rethrow_exception(std::move(lowest_.exception));
        if (lost_one_) throw std::bad_alloc(); // a list with holes would be a lie
        sort_failures();
        throw parallel_error(std::move(failures_), total);
    }

    // A Shell sort, because std::sort takes every program with a loop longer to compile than it could ever save here.
    HOCKET_COLD void sort_failures() noexcept {
        for (std::size_t gap = failures_.size() / 2; gap > 0; gap /= 2)
            for (std::size_t i = gap; i < failures_.size(); ++i)
                for (std::size_t j = i; j >= gap && failures_[j].index < failures_[j - gap].index; j -= gap)
                    std::swap(failures_[j], failures_[j - gap]);
    }

    any_stop_token const& token_; // the caller's, who waits
    bool const can_stop_;
    error_policy const policy_;
    // Set by the first worker that fails, read by all before each chunk and by `stop_requested`. Relaxed: it only saves
    // work; what the failure was is passed on by the mutex and by the end of the loop.
    std::atomic<bool> failed_ = false;
    bool lost_one_ = false; // a failure for which there was no memory
    os_mutex mutex_;        // guards lost_one_ above and the two below while the loop runs
    parallel_error::failure lowest_;
    std::vector<parallel_error::failure> failures_;
};

} // namespace hocket::detail
