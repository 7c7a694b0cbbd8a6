// SPDX-License-Identifier: MIT
// The bodies of the functions that open_calls.hpp declares.
#pragma once

#include <hocket/os/os_mutex.hpp>
#include <hocket/remote/call/remote_options.hpp>
#include <hocket/remote/node/open_calls.hpp>
#include <hocket/remote/wire/remote_error.hpp>
#include <hocket/sched/worker.hpp>

#include <utility>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_COLD HOCKET_INLINE std::exception_ptr open_call::lost_error(std::string const& what) const {
    if (!is_task())
        return std::make_exception_ptr(actor_died("hocket: " + what + "; the actor that it hosted is lost"));
    if (is_overdue) return std::make_exception_ptr(timed_out());
    std::string text = "hocket: " + what + " while it ran call " + std::to_string(head.call);
    if (terms.name != nullptr) text += std::string(" (") + terms.name + ")";
    return std::make_exception_ptr(worker_lost(text + ", which may not be repeated"));
}

HOCKET_INLINE void open_calls::wait_for_room(std::unique_lock<os_mutex>& held, std::size_t bytes, bool const& over) {
    auto const fits = [&](std::size_t most) {
        return over || bytes_ == 0 || (bytes <= most && bytes_ <= most - bytes);
    };
    if (fits(most_bytes_)) return;
    if (this_slot == nullptr) return less_.wait(held, [&] { return fits(most_bytes_); });
    if (!fits(4 * most_bytes_))
        throw queue_full("hocket: the arguments of calls that wait for worker processes exceed " +
                         std::to_string(4 * most_bytes_ >> 20) + " MiB: let the task wait for results in between");
}

HOCKET_INLINE void open_calls::wait_for_silent(std::unique_lock<os_mutex>& held, bool const& over) {
    less_.wait(held, [&] { return over || silent_ == 0; });
}

HOCKET_INLINE open_call& open_calls::add(open_call made) {
    made.head.call = last_ + 1;
    auto owned = std::make_unique<open_call>(std::move(made));
    open_call& call = *owned;
    calls_.emplace(call.head.call, std::move(owned));
    ++last_;
    bytes_ += call.body.size();
    silent_ += call.is_silent() ? 1U : 0U;
    return call;
}

HOCKET_INLINE void open_calls::erase(std::uint64_t number) noexcept { (void)take(number); }

HOCKET_INLINE std::unique_ptr<open_call> open_calls::take(std::uint64_t number) noexcept {
    auto const found = calls_.find(number);
    if (found == calls_.end()) return nullptr;
    std::unique_ptr<open_call> call = std::move(found->second);
    bytes_ -= call->body.size();
    silent_ -= call->is_silent() ? 1U : 0U;
    calls_.erase(found);
    less_.notify_all();
    return call;
}

HOCKET_INLINE void open_calls::end(std::uint64_t number, finished_call with, std::vector<finished_call>& ended) {
    std::unique_ptr<open_call> const call = take(number);
    if (call == nullptr) return;
    with.completion = call->completion;
    with.arguments = call->pins.take_memory(); // freed without the mutex
    if (with.completion != nullptr) ended.push_back(std::move(with));
}

HOCKET_INLINE void open_calls::fail_all(std::exception_ptr const& why, std::vector<finished_call>& ended) {
    bytes_ = silent_ = 0;
    std::erase_if(calls_, [&](auto const& entry) {
        open_call& call = *entry.second;
        if (call.reads != nullptr) {
            bytes_ += call.body.size();
            return false;
        }
        if (call.completion != nullptr) ended.push_back({call.completion, {}, true, why});
        return true;
    });
    less_.notify_all();
}

} // namespace
