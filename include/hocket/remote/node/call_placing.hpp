// SPDX-License-Identifier: MIT
// Decides which worker process gets the call of a task. Handles calls that wait for a call slot, and calls that return
// because another process idles. Called by the node, under its mutex.
#pragma once

#include <hocket/remote/node/open_calls.hpp>
#include <hocket/remote/node/recall_watch.hpp>
#include <hocket/remote/worker/process_slot.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <vector>

namespace hocket::inline HOCKET_ABI::detail {

class call_placing {
  public:
    call_placing(std::vector<process_slot>& slots, open_calls& calls, byte_channel& channel) noexcept
        : slots_(slots), calls_(calls), channel_(channel) {}

    /// Sends the call, or queues it. **Throws** std::bad_alloc.
    void place(open_call& call);
    /// Sends queued calls to one process slot as far as it has free call slots.
    void place_calls(process_slot& slot, std::vector<finished_call>& ended);
    void place_waiting(std::vector<finished_call>& ended);
    /// Queues a call that was sent in vain before all others.
    void put_first(open_call& call);
    void clear() noexcept;

    /// Notes that a process may idle now, or that calls may wait in a process.
    void watch_idle() noexcept;
    /// Asks processes to return calls if it is time. Returns the milliseconds until the next call of this function, or
    /// -1. **Threads** the thread that sleeps.
    int recall_calls(std::uint16_t flags);
    /// Takes over the calls that a process returns.
    void take_back(process_slot& slot, std::span<std::byte const> numbers, std::vector<finished_call>& ended);

  private:
    std::size_t roomiest_slot() const noexcept;
    void dispatch(open_call& call, std::size_t slot);
    void dispatch_first(std::deque<std::uint64_t>& from, std::size_t slot, std::vector<finished_call>& ended);

    std::vector<process_slot>& slots_;
    open_calls& calls_;
    byte_channel& channel_;
    std::deque<std::uint64_t> waiting_; // calls for any process slot
    recall_watch recalls_;
};

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/remote/node/call_placing.ipp>
#endif
