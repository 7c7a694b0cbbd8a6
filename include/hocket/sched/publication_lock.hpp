// SPDX-License-Identifier: MIT
// The lock of a task stack: its owner publishes tasks, or a thief does so in its place while the owner runs a long
// callable. The owner enters for a few instructions, and pays for it neither a fence nor a locked instruction. The
// proof is in fork_join/README.md. Used by sched/worker.hpp.
#pragma once

#include <hocket/os/atomics.hpp>

namespace hocket::inline HOCKET_ABI::detail {

template<class Atomics>
class basic_publication_lock {
  public:
    // Called by the owner.

    /// Waits while a thief publishes, which takes some microseconds. `is_alone()`: the thieves are those of another
    /// process, from which this one was forked.
    template<class Alone>
    void enter(Alone const& is_alone) noexcept {
        inside_.store(true, std::memory_order_relaxed);
        Atomics::light_fence();
        while (claimed_.load(std::memory_order_acquire)) { // <- publication.let_go
            if (is_alone()) return claimed_.store(false, std::memory_order_relaxed);
            Atomics::pause();
        }
    }
    void leave() noexcept { inside_.store(false, std::memory_order_release); } // publication.leave ->

    // Called by a thief. The caller sees to it that there is one at a time.

    /// Claims the stack unless its owner is inside. `every_slot` in `split` makes the owner enter before it pops a
    /// task. The owner sees it, or the thief sees all that the owner has stored before. Returns whether the thief has
    /// the stack.
    template<class Word, class Value>
    bool claim(Word& split, Value every_slot) noexcept {
        claimed_.store(true, std::memory_order_relaxed);
        split.store(every_slot, std::memory_order_relaxed);
        if (Atomics::heavy_fence() && !inside_.load(std::memory_order_acquire) && // <- publication.leave
            split.load(std::memory_order_relaxed) == every_slot) // else the owner stored when it was inside last
            return true;
        let_go();
        return false;
    }
    void let_go() noexcept { claimed_.store(false, std::memory_order_release); } // publication.let_go ->

  private:
    /// Writer: the owner. Readers: thieves.
    typename Atomics::template atomic<bool> inside_{false};
    /// Writers: thieves, one at a time. Reader: the owner.
    typename Atomics::template atomic<bool> claimed_{false};
};

} // namespace hocket::inline HOCKET_ABI::detail
