// SPDX-License-Identifier: MIT
// The claims of a thread that runs a loop alone. Another thread, the watcher, can take the rest away while the first
// thread is inside a body. The fast path of the calling thread costs two stores and a load for each claim. The proof is
// in README.md of this folder.
#pragma once

#include <hocket/os/atomics.hpp>

#include <cstdint>

namespace hocket::inline HOCKET_ABI::detail {

/// The claims of one loop at a time. `Atomics::light_fence` on the calling thread and `Atomics::heavy_fence` on the
/// watcher order the store before each fence and the load behind it. They do so as two full fences would.
template<class Atomics>
class basic_serial_claims {
  public:
    // Used by the calling thread.

    /// Begins a loop, and claims its iterations up to `last`.
    void begin(std::uint64_t last) noexcept {
        claimed_.store(last, std::memory_order_relaxed);
        step_.store(step_.load(std::memory_order_relaxed) + 1, std::memory_order_release); // serial_claims.step ->
    }
    /// Claims further iterations up to `last`. Returns false if the watcher holds the loop. Then the decision of the
    /// watcher says which thread has the iterations.
    bool claim(std::uint64_t last) noexcept {
        claimed_.store(last, std::memory_order_relaxed);
        step_.store(step_.load(std::memory_order_relaxed) + 2, std::memory_order_release); // serial_claims.step ->
        Atomics::light_fence();
        return held_.load(std::memory_order_relaxed) == 0;
    }
    /// Ends the loop. Returns false if the watcher holds the loop, or has taken the rest.
    bool end() noexcept {
        step_.store(step_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
        Atomics::light_fence();
        return held_.load(std::memory_order_acquire) == 0; // <- serial_claims.let_go
    }

    // Used by the watcher.

    /// Returns a number that changes with each claim.
    std::uint64_t step() const noexcept { return step_.load(std::memory_order_relaxed); }
    static constexpr bool runs(std::uint64_t step) noexcept { return step % 2 != 0; }

    /// Holds the loop if it still is at `step`. Then no further claim succeeds, and the watcher may give away the
    /// iterations from `claimed` on.
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
    /// Releases the loop. Called under the lock that orders the decision of the watcher and the look of the calling
    /// thread at it. The calling thread writes the description of its next loop after the watcher has read that of this
    /// loop.
    void let_go() noexcept { held_.store(0, std::memory_order_release); } // serial_claims.let_go ->

  private:
    /// The iterations below it belong to the calling thread. Writer: the calling thread. Reader: the watcher.
    typename Atomics::template atomic<std::uint64_t> claimed_{0};
    /// Odd while a loop runs. Writer: the calling thread. Reader: the watcher.
    typename Atomics::template atomic<std::uint64_t> step_{0};
    /// Whether the watcher holds the loop. Writers: the watcher, and the calling thread after a loop that the watcher
    /// held. Reader: the calling thread.
    typename Atomics::template atomic<std::uint64_t> held_{0};
};

using serial_claims = basic_serial_claims<std_atomics>;

} // namespace hocket::detail
