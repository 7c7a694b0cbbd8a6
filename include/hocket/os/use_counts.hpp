// SPDX-License-Identifier: MIT
// For objects that may end while other threads use them: each user counts itself, and the end waits until all of them
// have gone. The proof is in remote/README.md. Callers: node_use, for nodes of worker processes; stop_walk, for the
// places of waiting threads.
#pragma once

#include <hocket/os/atomics.hpp>

#include <array>
#include <cstddef>
#include <cstdint>

namespace hocket::inline HOCKET_ABI::detail {

/// How many uses there are: the counts are no part of what is used, and several things may share one.
template<class Atomics>
class basic_use_counts {
  public:
    static constexpr std::size_t places = 64;

    static std::size_t place_of(void const* used) noexcept {
        return (reinterpret_cast<std::uintptr_t>(used) >> 6) % places;
    }

    /// A use begins. A thread that afterwards finds that the end has not begun may use the thing until the use ends.
    void begin(std::size_t at) noexcept {
        counts_[at].fetch_add(1, std::memory_order_relaxed);
        Atomics::full_fence_after_update(); // use_counts.begin ->
    }
    void end(std::size_t at) noexcept { counts_[at].fetch_sub(1, std::memory_order_release); } // use_counts.end ->

    /// The end, after it can be seen that it has begun: before each question whether there are uses but those of the
    /// thread itself.
    static void prepare_to_end() noexcept { Atomics::full_fence(); } // <- use_counts.begin
    bool used_by_others(std::size_t at, std::uint32_t own) const noexcept {
        return counts_[at].load(std::memory_order_acquire) > own; // <- use_counts.end
    }

  private:
    /// Writers: the users. Reader: the end of what they use.
    std::array<typename Atomics::template atomic<std::uint32_t>, places> counts_{};
};

} // namespace hocket::detail
