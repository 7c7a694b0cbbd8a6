// SPDX-License-Identifier: MIT
// Who polls in a process, and who rings for it. Polling is a role that one thread has at a time; while no thread has
// it, the process asks the others to ring. The proof that no message lies unseen is in remote/README.md. Called by the
// engine `processes` and by threads that wait for answers.
#pragma once

#include <hocket/os/atomics.hpp>

#include <cstdint>

namespace hocket::inline HOCKET_ABI::detail {

/// A word in shared memory: whether its process wants to be rung for. Zeroed memory: it does not.
template<class Atomics>
class basic_doorbell {
  public:
    /// The process that sleeps. The caller looks for messages once more before it relies on being rung for.
    void arm() noexcept {
        armed_.store(1, std::memory_order_release); // doorbell.armed ->
        Atomics::full_fence();                      // <- doorbell.publish
    }
    /// The process that is about to poll.
    void disarm() noexcept { armed_.store(0, std::memory_order_relaxed); }

    /// Any process, after it has published something for the one whose bell this is: whether to ring now. Of several
    /// publishers one rings.
    bool must_ring() noexcept {
        Atomics::full_fence(); // doorbell.publish ->
        return armed_.load(std::memory_order_relaxed) != 0 &&
               armed_.exchange(0, std::memory_order_acquire) != 0; // <- doorbell.armed
    }

  private:
    /// Writers: threads of its process, publishers of other processes. Readers: publishers.
    alignas(cache_line) typename Atomics::template atomic<std::uint32_t> armed_{0};
};

/// Private memory of a process: which thread polls.
template<class Atomics>
class basic_poll_role {
  public:
    /// Polls while there is something to take, if no other thread does. `poll()` takes everything that is there;
    /// `waiting()` looks whether something is there; neither takes the role. At return the bell is armed, and nothing
    /// lies unseen that was published before: unless another thread has the role, which will look again. Returns
    /// whether this thread has polled.
    template<class Poll, class Waiting>
    bool run(basic_doorbell<Atomics>& bell, Poll&& poll, Waiting&& waiting) {
        bool polled = false;
        while (held_.exchange(1, std::memory_order_acquire) == 0) { // <- poll_role.given_back
            bell.disarm();
            poll();
            polled = true;
            // An update and no store, so that a try that failed lies before it in the order of the word.
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
