// SPDX-License-Identifier: MIT
// Counts the uses of objects that may end while other threads use them. Each user counts itself, and the end waits
// until all users have gone. The proof is in remote/README.md. Callers: node_use, for nodes of worker processes;
// stop_walk, for the worker slots of waiting threads.
#pragma once

#include <hocket/os/atomics.hpp>

#include <array>
#include <cstddef>
#include <cstdint>

namespace hocket::inline HOCKET_ABI::detail {

/// The counts of uses. They are no part of the object that is used, and several objects may share one.
template<class Atomics>
class basic_use_counts {
  public:
    static constexpr std::size_t places = 64;

    static std::size_t place_of(void const* used) noexcept {
        return (reinterpret_cast<std::uintptr_t>(used) >> 6) % places;
    }

    /// Begins a use. A thread that afterwards finds that the end has not begun may use the object until the use ends.
    void begin(std::size_t at) noexcept {
        counts_[at].fetch_add(1, std::memory_order_relaxed);
        Atomics::full_fence_after_update(); // use_counts.begin ->
    }
    void end(std::size_t at) noexcept { counts_[at].fetch_sub(1, std::memory_order_release); } // use_counts.end ->

    /// Orders the end: called after other threads can see that the end has begun, and before each question whether
    /// other threads have uses.
    static void prepare_to_end() noexcept { Atomics::full_fence(); } // <- use_counts.begin
    bool used_by_others(std::size_t at, std::uint32_t own) const noexcept {
        return counts_[at].load(std::memory_order_acquire) > own; // <- use_counts.end
    }

  private:
    /// The number of uses in each place. Writers: the users. Reader: the thread that ends the object.
    std::array<typename Atomics::template atomic<std::uint32_t>, places> counts_{};
};

} // namespace hocket::detail
