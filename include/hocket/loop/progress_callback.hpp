// SPDX-License-Identifier: MIT
// A progress object that calls back: for a bar on a terminal, a window or a log.
// Public.
#pragma once

#include <hocket/base/atomic.hpp>
#include <hocket/base/progress.hpp>
#include <hocket/os/os_mutex.hpp>
#include <hocket/os/ticks.hpp>

#include <chrono>
#include <concepts>
#include <cstdint>
#include <mutex>
#include <utility>

namespace hocket::inline HOCKET_ABI {

/// Calls `f(done, total)` from time to time while work goes on, and once more when everything is done:
/// `progress_callback bar([](std::uint64_t done, std::uint64_t total) { ... });`
/// `parallel_for(range, body, {.progress = &bar});`
/// `f` runs on a thread that has just finished a chunk, never twice at once, at most once in every `interval`, and with
/// numbers that never decrease. It must not throw. The loop goes on elsewhere while `f` runs. If `total` is given, it
/// is fixed. **Cost** a clock read for each chunk.
template<std::invocable<std::uint64_t, std::uint64_t> F>
class progress_callback : public progress {
  public:
    explicit progress_callback(F f, std::chrono::nanoseconds interval = std::chrono::milliseconds(100),
                               std::uint64_t total = 0)
        : progress(total, &progress_callback::was_changed), interval_(ticks_of(interval)), call_(std::move(f)) {}

  protected:
    /// Calls `f` only if `wanted`.
    progress_callback(F f, bool wanted, std::uint64_t total)
        : progress(total, wanted ? &progress_callback::was_changed : nullptr),
          interval_(ticks_of(std::chrono::milliseconds(100))),
          call_(std::move(f)) {}

  private:
    static detail::ticks ticks_of(std::chrono::nanoseconds interval) {
        return static_cast<std::uint64_t>(interval.count() < 0 ? 0 : interval.count()) / 1000 *
               detail::ticks_per_microsecond();
    }

    static void was_changed(progress& self) noexcept { static_cast<progress_callback&>(self).report(); }

    void report() noexcept {
        detail::ticks const now = detail::now_ticks();
        bool const is_last = done() >= total() && total() != 0;
        if (!is_last && now < next_.load(std::memory_order_relaxed)) return;
        std::unique_lock lock(mutex_, std::defer_lock);
        if (is_last)
            lock.lock(); // so the last numbers are not lost while another thread shows older ones
        else if (!lock.try_lock() || now < next_.load(std::memory_order_relaxed))
            return;
        next_.store(now + interval_, std::memory_order_relaxed);
        std::uint64_t const elements = done();
        if (elements <= shown_) return;
        shown_ = elements;
        call_(elements, total());
    }

    detail::ticks const interval_;
    detail::atomic<detail::ticks> next_{0}; // writers: the holder of the mutex; readers: all workers. Relaxed: a hint
    detail::os_mutex mutex_;                // guards `shown_` and `call_`
    std::uint64_t shown_ = 0;
    F call_;
};

} // namespace hocket
