// SPDX-License-Identifier: MIT
// How far parallel operations are: an object that is given to them as the option `progress` and can be asked at any
// time, by any thread. Who wants to be called instead of asking uses progress_callback.hpp. Public; the algorithms
// write it.
#pragma once

#include <hocket/base/config.hpp>

#include <atomic>
#include <cstdint>

namespace hocket::inline HOCKET_ABI {

/// Counts the elements that are done: `progress bar; parallel_for(range, body, {.progress = &bar});`. It has to live
/// until the call has returned, and may serve several calls, one after the other or at once. **Threads** any, at any
/// time. **Blocks** never. **Cost** one relaxed update for each chunk of a loop (half a microsecond or more), none for
/// loops without it.
class progress {
  public:
    /// Each operation adds its elements to the total when it begins.
    progress() = default;
    /// The total is known: operations do not change it.
    explicit progress(std::uint64_t total) noexcept : total_(total), is_fixed_(true) {}

    progress(progress const&) = delete;
    progress& operator=(progress const&) = delete;

    /// How many elements are done. Of an operation that fails or is stopped, those that were done until then.
    [[nodiscard]] std::uint64_t done() const noexcept { return done_.load(std::memory_order_relaxed); }

    /// How many there are to be done, as far as is known: streams over an input of unknown length add nothing.
    [[nodiscard]] std::uint64_t total() const noexcept { return total_.load(std::memory_order_relaxed); }

    /// From 0 to 1; 0 while there is no total.
    [[nodiscard]] double fraction() const noexcept;

    /// More is to be done, or is done: for the library, and for parts of a program that count by themselves.
    void expect(std::uint64_t elements) noexcept {
        if (!is_fixed_) total_.fetch_add(elements, std::memory_order_relaxed);
    }
    void advance(std::uint64_t elements) noexcept;

  protected:
    using listener = void (*)(progress&) noexcept;
    progress(std::uint64_t total, listener changed) noexcept
        : total_(total), is_fixed_(total != 0), changed_(changed) {}

  private:
    /// Writers: all who do the work, and those who begin it; readers: who asks. Relaxed: numbers to look at, which say
    /// nothing about what the work has written.
    alignas(detail::cache_line) std::atomic<std::uint64_t> done_{0};
    std::atomic<std::uint64_t> total_{0};
    bool const is_fixed_ = false;
    listener const changed_ = nullptr;
};

} // namespace hocket

#if HOCKET_BODIES
#include <hocket/base/progress.ipp>
#endif
