// SPDX-License-Identifier: MIT
// Decides which thread of a process polls, and which process rings for it. Polling is a role that one thread has at a
// time. While no thread has the role, the process asks the others to ring. The proof that no message stays unseen is in
// remote/README.md. Called by the engine `processes` and by threads that wait for answers.
#pragma once

#include <hocket/base/atomic.hpp>
#include <hocket/os/atomics.hpp>

#include <cstdint>

namespace hocket::inline HOCKET_ABI::detail {

/// A word in shared memory: whether its process wants to be rung for. Zeroed memory means that it does not.
template<class Atomics>
class basic_doorbell {
  public:
    /// Asks for rings. Called by the process that is about to sleep. The caller looks for messages once more before it
    /// relies on the bell.
    void arm() noexcept {
        armed_.store(1, std::memory_order_release); // doorbell.armed ->
        Atomics::full_fence();                      // <- doorbell.publish
    }
    /// Declines rings. Called by the process that is about to poll.
    void disarm() noexcept { armed_.store(0, std::memory_order_relaxed); }

    /// Whether the caller must ring now. Called by any process after it has published something for the owner of the
    /// bell. Of several publishers, one rings.
    bool must_ring() noexcept {
        Atomics::full_fence(); // doorbell.publish ->
        return armed_.load(std::memory_order_relaxed) != 0 &&
               armed_.exchange(0, std::memory_order_acquire) != 0; // <- doorbell.armed
    }

  private:
    /// Writers: threads of its process, publishers of other processes. Readers: publishers. 1: the process wants to be
    /// rung for.
    alignas(cache_line) typename Atomics::template atomic<std::uint32_t> armed_{0};
};

/// The role of polling, in private memory of a process.
template<class Atomics>
class basic_poll_role {
  public:
    /// Polls while there is something to take, unless another thread has the role. `poll()` takes everything that is
    /// available, and `waiting()` tells whether anything is; neither takes the role. At return, the bell is armed and
    /// everything published before was seen, unless another thread has the role and will look again. Returns whether
    /// this thread has polled.
    template<class Poll, class Waiting>
    bool run(basic_doorbell<Atomics>& bell, Poll&& poll, Waiting&& waiting) {
        bool polled = false;
        while (held_.exchange(1, std::memory_order_acquire) == 0) { // <- poll_role.given_back
            bell.disarm();
            poll();
            polled = true;
            // An exchange and not a store, so that an earlier failed attempt precedes it in the order of the word.
            held_.exchange(0, std::memory_order_release); // poll_role.given_back ->
            bell.arm();
            if (!waiting()) break;
        }
        return polled;
    }

  private:
    /// Writers and readers: threads that want to poll. 1: a thread has the role.
    alignas(cache_line) typename Atomics::template atomic<std::uint32_t> held_{0};
};

using doorbell = basic_doorbell<std_atomics>;
using poll_role = basic_poll_role<std_atomics>;

} // namespace hocket::detail
