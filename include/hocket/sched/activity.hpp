// SPDX-License-Identifier: MIT
// What the owner of a worker slot does, and since when: for the text of `dump`.
#pragma once

#include <hocket/base/atomic.hpp>
#include <hocket/os/ticks.hpp>

namespace hocket::inline HOCKET_ABI::detail {

/// Writer: the owner of the worker slot, where it does something slow anyhow. Readers: any thread. Relaxed: nothing
/// follows from it.
class activity {
  public:
    /// `what` is a literal that follows the name of a thread: "waits for a future".
    void begin(char const* what, ticks since) noexcept {
        since_.store(since, std::memory_order_relaxed);
        what_.store(what, std::memory_order_relaxed);
    }
    void begin(char const* what) noexcept { begin(what, now_ticks()); }

    [[nodiscard]] char const* what() const noexcept { return what_.load(std::memory_order_relaxed); }
    [[nodiscard]] ticks since() const noexcept { return since_.load(std::memory_order_relaxed); }

  private:
    atomic<char const*> what_{"sleeps"};
    atomic<ticks> since_{0};
};

/// The owner does something else for the lifetime of the scope.
class activity_scope {
  public:
    activity_scope(activity& of, char const* what) noexcept : of_(of), outer_(of.what()), since_(of.since()) {
        of.begin(what);
    }
    ~activity_scope() { of_.begin(outer_, since_); }
    activity_scope(activity_scope const&) = delete;
    activity_scope& operator=(activity_scope const&) = delete;

  private:
    activity& of_;
    char const* const outer_;
    ticks const since_;
};

} // namespace hocket::inline HOCKET_ABI::detail
