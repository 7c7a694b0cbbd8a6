// SPDX-License-Identifier: MIT
// The bodies of the functions that loop_errors.hpp declares.
#pragma once

#include <hocket/loop/loop_errors.hpp>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_INLINE loop_errors::loop_errors(loop_options const& options, stop_place const& where) noexcept
    : stop_operation(&loop_errors::was_stopped, options.stop.stop_possible() || options.timeout.given(), where),
      token_(options.stop),
      can_stop_(options.stop.stop_possible()),
      policy_(options.errors),
      deadline_(options.timeout.given() ? end_of_time(options.timeout) : 0) {}

HOCKET_INLINE bool loop_errors::stopped() const noexcept {
    return failed_.load(std::memory_order_relaxed) || (can_stop_ && token_.stop_requested()) || timed_out() ||
           cut_short();
}

HOCKET_COLD HOCKET_INLINE bool loop_errors::record(std::uint64_t index) noexcept {
    std::exception_ptr exception = std::current_exception(); // destroyed outside of the lock if it is not kept
    if (stopped() && handles_cancellation()) return false;   // the exception only reports the stop
    {
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
    }
    if (!failed_.exchange(true, std::memory_order_relaxed)) tell_of_stop();
    return false;
}

HOCKET_COLD HOCKET_INLINE void loop_errors::forget_from(std::uint64_t index) noexcept {
    if (lowest_.exception && lowest_.index >= index) lowest_.exception = nullptr;
    std::size_t kept = 0;
    for (std::size_t i = 0; i < failures_.size(); ++i)
        if (failures_[i].index < index) std::swap(failures_[kept++], failures_[i]);
    while (failures_.size() != kept) failures_.pop_back();
}

HOCKET_INLINE void loop_errors::finish(std::uint64_t total) {
    if (lowest_.exception || !failures_.empty() || lost_one_) fail(total);
    if ((can_stop_ && token_.stop_requested()) || timed_out()) throw operation_cancelled();
    if (cut_short()) throw_stopped_around();
}

HOCKET_INLINE bool loop_errors::was_stopped(stop_link const& link) noexcept {
    auto const& self = static_cast<loop_errors const&>(link);
    return self.failed_.load(std::memory_order_relaxed) || (self.can_stop_ && self.token_.stop_requested()) ||
           self.timed_out();
}

HOCKET_COLD HOCKET_INLINE void loop_errors::fail(std::uint64_t total) {
    if (lowest_.exception) std::rethrow_exception(std::move(lowest_.exception));
    if (lost_one_) throw std::bad_alloc(); // an incomplete list would mislead
    sort_failures();
    throw parallel_error(std::move(failures_), total);
}

HOCKET_COLD HOCKET_INLINE void loop_errors::sort_failures() noexcept {
    for (std::size_t gap = failures_.size() / 2; gap > 0; gap /= 2)
        for (std::size_t i = gap; i < failures_.size(); ++i)
            for (std::size_t j = i; j >= gap && failures_[j].index < failures_[j - gap].index; j -= gap)
                std::swap(failures_[j], failures_[j - gap]);
}

} // namespace
