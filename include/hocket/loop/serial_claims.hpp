// SPDX-License-Identifier: MIT
// What a thread claims of a loop that it runs by itself, so that another thread, the watcher, can take the rest away
// from it while it is inside a body. The fast side is one thread's: two stores and a load for each claim. The proof is
// in README.md.
#pragma once

#include <hocket/os/atomics.hpp>

#include <cstdint>

namespace hocket::inline HOCKET_ABI::detail {

/// One loop at a time. `Atomics::light_fence` on the calling thread and `Atomics::heavy_fence` on the watcher order the
/// store before each with the load behind it, as two full fences would.
template<class Atomics>
class basic_serial_claims {
  public:
    // The calling thread.

    /// Begins a loop, and claims its iterations up to `last`.
    void begin(std::uint64_t last) noexcept {
        claimed_.store(last, std::memory_order_relaxed);
        step_.store(step_.load(std::memory_order_relaxed) + 1, std::memory_order_release); // serial_claims.step ->
    }
    /// Claims further iterations up to `last`. False when the watcher holds the loop: then its decision tells whose
    /// they are.
    bool claim(std::uint64_t last) noexcept {
        claimed_.store(last, std::memory_order_relaxed);
        step_.store(step_.load(std::memory_order_relaxed) + 2, std::memory_order_release); // serial_claims.step ->
        Atomics::light_fence();
        return held_.load(std::memory_order_relaxed) == 0;
    }
    /// Ends the loop. False when the watcher holds it, or has taken the rest.
    bool end() noexcept {
        step_.store(step_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
        Atomics::light_fence();
        return held_.load(std::memory_order_acquire) == 0; // <- serial_claims.let_go
    }

    // The watcher.

    /// Changes with each claim.
    std::uint64_t step() const noexcept { return step_.load(std::memory_order_relaxed); }
    static constexpr bool runs(std::uint64_t step) noexcept { return step % 2 != 0; }

    /// Holds the loop if it still is at `step`. Then no further claim succeeds, and its iterations from `claimed` on
    /// are for the watcher to give away.
    bool hold(std::uint64_t step, std::uint64_t& claimed) noexcept {
        held_.store(1, std::memory_order_relaxed);
        Atomics::heavy_fence();
        if (step_.load(std::memory_order_acquire) == step) { // <- serial_claims.step
            claimed = claimed_.load(std::memory_order_relaxed);
            return true;
        }
        let_go();
        return false;
    }
    /// Under the lock that orders the watcher's decision with the calling thread's look at it. The calling thread
    /// writes the description of its next loop after the watcher has read that of this one.
    void let_go() noexcept { held_.store(0, std::memory_order_release); } // serial_claims.let_go ->

  private:
    /// Writer: the calling thread. Reader: the watcher. Iterations below this one are the calling thread's.
    typename Atomics::template atomic<std::uint64_t> claimed_{0};
    /// Writer: the calling thread. Reader: the watcher. Odd while a loop runs.
    typename Atomics::template atomic<std::uint64_t> step_{0};
    /// Writers: the watcher, and, after a loop that it held, the calling thread. Reader: the calling thread.
    typename Atomics::template atomic<std::uint64_t> held_{0};
};

using serial_claims = basic_serial_claims<std_atomics>;

} // namespace hocket::detail
