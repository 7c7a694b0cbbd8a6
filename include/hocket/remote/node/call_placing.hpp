// SPDX-License-Identifier: MIT
// Which worker process a call of a task goes to: those that wait for a place, and those that come back where another
// process idles. Called by the node, under its mutex.
#pragma once

#include <hocket/remote/node/open_calls.hpp>
#include <hocket/remote/node/recall_watch.hpp>
#include <hocket/remote/worker/worker_seat.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <vector>

namespace hocket::inline HOCKET_ABI::detail {

class call_placing {
  public:
    call_placing(std::vector<worker_seat>& seats, open_calls& calls, byte_channel& channel) noexcept
        : seats_(seats), calls_(calls), channel_(channel) {}

    /// Sends the call, or lets it wait. **Throws** std::bad_alloc.
    void place(open_call& call);
    /// Sends what waits, as far as there are places: in one seat, or in all.
    void place_calls(worker_seat& seat, std::vector<finished_call>& ended);
    void place_waiting(std::vector<finished_call>& ended);
    /// A call was sent in vain: it waits before all others.
    void put_first(open_call& call);
    void clear() noexcept;

    /// A process may idle now, or calls may wait in one.
    void watch_idle() noexcept;
    /// Asks processes for calls where it is time to. Returns in how many milliseconds it is to be called again, or -1.
    /// **Threads** the one that sleeps.
    int recall_calls(std::uint16_t flags);
    /// A process gives calls back.
    void take_back(worker_seat& seat, std::span<std::byte const> numbers, std::vector<finished_call>& ended);

  private:
    std::size_t roomiest_seat() const noexcept;
    void dispatch(open_call& call, std::size_t seat);
    void dispatch_first(std::deque<std::uint64_t>& from, std::size_t seat, std::vector<finished_call>& ended);

    std::vector<worker_seat>& seats_;
    open_calls& calls_;
    byte_channel& channel_;
    std::deque<std::uint64_t> waiting_; // calls for any seat
    recall_watch recalls_;
};

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/remote/node/call_placing.ipp>
#endif
