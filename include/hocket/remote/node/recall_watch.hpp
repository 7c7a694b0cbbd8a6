// SPDX-License-Identifier: MIT
// Decides when the driver recalls calls: a process could run more, while another process has calls that were sent ahead
// and have not begun. Called by the node, under its mutex.
#pragma once

#include <hocket/os/ticks.hpp>
#include <hocket/remote/worker/process_slot.hpp>

#include <algorithm>
#include <cstddef>
#include <span>
#include <utility>

namespace hocket::inline HOCKET_ABI::detail {

/// Returns the microseconds of a monotonic clock.
inline double microseconds_now() noexcept {
    return static_cast<double>(now_ticks()) / static_cast<double>(ticks_per_microsecond());
}

/// Recalls calls that may have waited for longer than `patience`. Short calls never wait as long: they begin before
/// another process could be asked. When short calls alternate between the processes, the sleeping thread looks less and
/// less often, so that it takes no time from the calls.
class recall_watch {
  public:
    static constexpr double patience = 1000;      // microseconds
    static constexpr double longest_pause = 8000; // between two looks

    /// Whether the sleeping thread must be woken, since it would not look otherwise. Called when a process may have
    /// become idle, or calls may wait in a process.
    bool must_wake(std::span<process_slot const> slots) noexcept {
        if (noted_) return false;
        noted_ = has_idle(slots) &&
                 std::any_of(slots.begin(), slots.end(), [](process_slot const& slot) { return slot.can_recall(); });
        if (!noted_ || looks_) return false;
        looks_ = true;
        next_look_ = microseconds_now() + patience;
        return true;
    }

    /// Returns the milliseconds until `look` has something to do, or -1 if there is nothing to look at.
    int pause(double now) const noexcept {
        return looks_ ? static_cast<int>(std::clamp((next_look_ - now) / 1000, 0.0, 100.0)) + 1 : -1;
    }

    /// Calls `ask(slot, count)` for each process that must return calls, if it is time.
    template<class Ask>
    void look(std::span<process_slot> slots, double now, Ask ask) {
        if (!looks_ || now < next_look_) return;
        looks_ = std::exchange(noted_, false);
        pause_ = looks_ ? std::min(2 * pause_, longest_pause) : patience;
        if (!looks_) return;
        std::size_t idle = 0;
        for (process_slot const& slot : slots) idle += slot.idle_threads();
        for (process_slot& slot : slots) {
            if (idle == 0 || !slot.can_recall()) continue;
            if (slot.is_slow(now, patience)) {
                ask(slot, share(slot, idle));
                pause_ = patience;
            } else {
                noted_ = true;
            }
        }
        next_look_ = now + pause_;
    }

  private:
    static bool has_idle(std::span<process_slot const> slots) noexcept {
        return std::any_of(slots.begin(), slots.end(),
                           [](process_slot const& slot) { return slot.idle_threads() != 0; });
    }
    /// Returns the number of calls that a process must return: it keeps its share by threads, and at least one call for
    /// each thread.
    static std::size_t share(process_slot const& slot, std::size_t idle) noexcept {
        std::size_t const together = slot.threads + idle;
        std::size_t const keeps = std::max(slot.threads, (slot.open * slot.threads + together - 1) / together);
        return std::min(slot.open - keeps, slot.calls_ahead());
    }

    bool noted_ = false; // there is something to look at
    bool looks_ = false; // the sleeping thread will look at `next_look_`
    double next_look_ = 0;
    double pause_ = patience;
};

} // namespace hocket::detail
