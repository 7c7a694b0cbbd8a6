// SPDX-License-Identifier: MIT
// The progress of parallel operations: an object that operations take as the option `progress`, and that any thread can
// read at any time. A program that wants a callback instead uses progress_callback.hpp. Public; the algorithms write
// it.
#pragma once

#include <hocket/base/atomic.hpp>
#include <hocket/base/config.hpp>

#include <cstdint>

namespace hocket::inline HOCKET_ABI {

/// Counts the elements that are done: `progress bar; parallel_for(range, body, {.progress = &bar});`. It has to live
/// until the call has returned. It may serve several calls, one after the other or at once. **Threads** any, at any
/// time. **Blocks** never. **Cost** one relaxed update for each chunk of a loop (half a microsecond or more); none for
/// loops without it.
class progress {
  public:
    /// Starts with a total of 0. Each operation adds its elements to the total when it begins.
    progress() = default;
    /// Fixes the total: operations do not change it.
    explicit progress(std::uint64_t total) noexcept : total_(total), is_fixed_(true) {}

    progress(progress const&) = delete;
    progress& operator=(progress const&) = delete;

    /// Returns how many elements are done. For an operation that failed or was stopped: the elements that were done
    /// until then.
    [[nodiscard]] std::uint64_t done() const noexcept { return done_.load(std::memory_order_relaxed); }

    /// Returns how many elements are to be done, as far as known. Streams over an input of unknown length add nothing.
    [[nodiscard]] std::uint64_t total() const noexcept { return total_.load(std::memory_order_relaxed); }

    /// Returns the progress from 0 to 1; 0 while there is no total.
    [[nodiscard]] double fraction() const noexcept;

    /// Adds elements to the total, or to those that are done: for the library, and for parts of a program that count by
    /// themselves.
    void expect(std::uint64_t elements) noexcept {
        if (!is_fixed_) total_.fetch_add(elements, std::memory_order_relaxed);
    }
    void advance(std::uint64_t elements) noexcept;

  protected:
    using listener = void (*)(progress&) noexcept;
    progress(std::uint64_t total, listener changed) noexcept
        : total_(total), is_fixed_(total != 0), changed_(changed) {}

  private:
    /// Writers: the threads that begin or do the work. Readers: any thread. Relaxed: the numbers are for display, and
    /// say nothing about what the work has written.
    alignas(detail::cache_line) detail::atomic<std::uint64_t> done_{0};
    detail::atomic<std::uint64_t> total_{0};
    bool const is_fixed_ = false;
    listener const changed_ = nullptr;
};

} // namespace hocket

#if HOCKET_BODIES
#include <hocket/base/progress.ipp>
#endif
