// SPDX-License-Identifier: MIT
// The bodies of the functions of node.hpp that report what processes run: on request, or automatically when no call
// finishes any more.
#pragma once

#include <hocket/machine/environment.hpp>
#include <hocket/os/clock.hpp>
#include <hocket/remote/node/node.hpp>
#include <hocket/remote/wire/own_place.hpp>
#include <hocket/remote/wire/thunk.hpp>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string>
#include <system_error>

namespace hocket::inline HOCKET_ABI::detail {

/// Returns HOCKET_REPORT_AFTER, or 60. **Throws** std::invalid_argument.
HOCKET_COLD HOCKET_INLINE std::chrono::seconds seconds_of_report() {
    char const* const text = variable("HOCKET_REPORT_AFTER");
    if (text == nullptr || *text == 0) return std::chrono::seconds(60);
    std::uint32_t seconds = 0;
    char const* const end = text + std::strlen(text);
    auto const read = std::from_chars(text, end, seconds);
    if (read.ec != std::errc() || read.ptr != end)
        throw_bad_variable("HOCKET_REPORT_AFTER", text, "a number of seconds, 0 for no report");
    return std::chrono::seconds(seconds);
}

HOCKET_COLD HOCKET_INLINE std::string node::report() {
    lock const held(mutex_);
    return report_calls(false);
}

HOCKET_COLD HOCKET_INLINE std::string node::report_calls(bool by_sleeper) const {
    constexpr std::size_t most_lines = 20; // per process
    std::string text;
    std::size_t unsent = 0;
    for (auto const& [id, call] : calls_) unsent += call->sent ? 0U : 1U;
    for (std::size_t slot = 0; slot != slots_.size(); ++slot) {
        process_slot const& at = slots_[slot];
        text += "  " + place_of_process(at.index, at.index == 0 ? 0 : channel_.pid(at.index), at.host.data());
        text += at.serves() ? ": " + std::to_string(at.unanswered) + " calls\n" : ": is not ready yet\n";
        std::vector<open_call const*> own;
        for (auto const& [id, call] : calls_)
            if (call->sent && call->slot == slot && call->reads == nullptr) own.push_back(call.get());
        std::sort(own.begin(), own.end(),
                  [](open_call const* a, open_call const* b) { return a->head.call < b->head.call; });
        for (std::size_t i = 0; i != own.size(); ++i) {
            if (i == most_lines) {
                text += "    and " + std::to_string(own.size() - i) + " more\n";
                break;
            }
            open_call const& call = *own[i];
            bool const actor = !call.is_task();
            text += "    call " + std::to_string(call.head.call) + " of " + what_thunk_calls(call.head.token);
            if (call.terms.name != nullptr) text += std::string(" (") + call.terms.name + ")";
            if (actor) text += ", actor " + std::to_string(call.head.subject);
            text += call.from == 0 ? ", for the driver" : ", for process " + std::to_string(call.from);
            bool const begun = by_sleeper && call.has_place() &&
                               channel_.begun(at.index, static_cast<std::size_t>(call.head.subject)) == call.head.call;
            if (begun) text += ", has started";
            text += "\n";
        }
    }
    if (unsent != 0) text += "  " + std::to_string(unsent) + " calls wait for a call slot\n";
    return text;
}

/// Prints the report once when no call has finished for `report_after_`. Returns the milliseconds until its next call.
/// Called by the thread that sleeps, under the mutex.
HOCKET_COLD HOCKET_INLINE int node::report_standstill() {
    using namespace std::chrono;
    if (report_after_ == seconds::zero()) return -1;
    auto const now = monotonic_clock::now();
    if (calls_.size() == 0 || finished_ != stands_at_ || stands_since_ == steady_clock::time_point()) {
        stands_at_ = finished_;
        stands_since_ = now;
        has_reported_ = false;
    } else if (!has_reported_ && now - stands_since_ >= report_after_) {
        has_reported_ = true;
        auto const passed = duration_cast<seconds>(now - stands_since_).count();
        std::string const text = "hocket: no call has finished for " + std::to_string(passed) +
                                 " s (HOCKET_REPORT_AFTER); the processes may only be slow:\n" + report_calls(true);
        std::fwrite(text.data(), 1, text.size(), stderr);
    }
    return static_cast<int>(duration_cast<milliseconds>(report_after_).count() / 4);
}

} // namespace
