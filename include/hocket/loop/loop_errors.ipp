// SPDX-License-Identifier: MIT
// The bodies of the functions that loop_errors.hpp declares.
#pragma once

#include <hocket/loop/loop_errors.hpp>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_INLINE loop_errors::loop_errors(loop_options const& options, stop_place const& where) noexcept
    : stop_operation(&loop_errors::was_stopped, options.stop.stop_possible() || options.timeout.given(), where),
      token_(options.stop),
      deadline_(options.timeout.given() ? end_of_time(options.timeout) : 0),
      policy_(options.errors),
      is_nested_(where.is_somewhere()) {}

HOCKET_NOINLINE HOCKET_INLINE bool loop_errors::ended_by_caller() const noexcept {
    return token_.stop_requested() || (deadline_ != 0 && now_ticks() >= deadline_);
}

HOCKET_COLD HOCKET_INLINE void loop_errors::forget() noexcept { found_.~failures(); }

HOCKET_COLD HOCKET_INLINE bool loop_errors::record(std::uint64_t index) noexcept {
    std::exception_ptr exception = std::current_exception(); // destroyed outside of the lock if it is not kept
    if (stopped() && handles_cancellation()) return false;   // the exception only reports the stop
    {
        os_lock const lock(mutex_);
        if (!has_found_) ::new (static_cast<void*>(&found_)) failures;
        has_found_ = true;
        if (policy_ == error_policy::collect) {
            try {
                found_.all.push_back({index, exception});
            } catch (std::bad_alloc const&) {
                found_.lost_one = true;
            }
            return true;
        }
        if (!found_.lowest.exception || index < found_.lowest.index) {
            found_.lowest.index = index;
            std::swap(found_.lowest.exception, exception);
        }
    }
    if (!failed_.exchange(true, std::memory_order_relaxed)) tell_of_stop();
    return false;
}

HOCKET_COLD HOCKET_INLINE void loop_errors::forget_from(std::uint64_t index) noexcept {
    if (!has_found_) return;
    if (found_.lowest.exception && found_.lowest.index >= index) found_.lowest.exception = nullptr;
    std::vector<parallel_error::failure>& all = found_.all;
    std::size_t kept = 0;
    for (std::size_t i = 0; i < all.size(); ++i)
        if (all[i].index < index) std::swap(all[kept++], all[i]);
    while (all.size() != kept) all.pop_back();
}

HOCKET_NOINLINE HOCKET_INLINE void loop_errors::throw_error(std::uint64_t total) {
    if (has_found_ && (found_.lowest.exception || !found_.all.empty() || found_.lost_one)) fail(total);
    if (polled && ended_by_caller()) throw operation_cancelled();
    if (cut_short()) throw_stopped_around();
}

HOCKET_INLINE bool loop_errors::was_stopped(stop_link const& link) noexcept {
    auto const& self = static_cast<loop_errors const&>(link);
    return self.failed_.load(std::memory_order_relaxed) || (self.polled && self.ended_by_caller());
}

HOCKET_COLD HOCKET_INLINE void loop_errors::fail(std::uint64_t total) {
    if (found_.lowest.exception) std::rethrow_exception(std::move(found_.lowest.exception));
    if (found_.lost_one) throw std::bad_alloc(); // an incomplete list would mislead
    sort_failures();
    throw parallel_error(std::move(found_.all), total);
}

HOCKET_COLD HOCKET_INLINE void loop_errors::sort_failures() noexcept {
    std::vector<parallel_error::failure>& all = found_.all;
    for (std::size_t gap = all.size() / 2; gap > 0; gap /= 2)
        for (std::size_t i = gap; i < all.size(); ++i)
            for (std::size_t j = i; j >= gap && all[j].index < all[j - gap].index; j -= gap)
                std::swap(all[j], all[j - gap]);
}

} // namespace
