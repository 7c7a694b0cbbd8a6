// SPDX-License-Identifier: MIT
// The bodies of the functions of node.hpp that end worker processes: after calls that take too long, and after a number
// of tasks.
#pragma once

#include <hocket/remote/node/node.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_INLINE std::size_t node::seat_of_place(call_place const& where) {
    lock const held(mutex_);
    if (where.which() == call_place::kind::spread) return next_spread_++ % seats_.size();
    for (std::size_t seat = 0; seat != seats_.size(); ++seat)
        if (seats_[seat].index == where.process()) return seat;
    throw std::invalid_argument("hocket: a call asks for process " + std::to_string(where.process()) +
                                ", but no process has that index: nodes() lists the existing processes");
}

HOCKET_INLINE void node::limit(open_call const& call) {
    limited_.push_back(call.head.call);
    channel_.wake(); // the sleeping thread watches the call from now on
}

HOCKET_INLINE int node::kill_overdue() noexcept {
    using namespace std::chrono;
    auto const now = steady_clock::now();
    nanoseconds pause = nanoseconds::max();
    std::erase_if(limited_, [&](std::uint64_t number) {
        open_call* const call = calls_.find(number);
        if (call == nullptr) return true;
        if (!call->sent || call->is_overdue) return false; // an answer or a new process lets it begin
        worker_seat& seat = seats_[call->seat];
        nanoseconds const limit = call->terms.kill_after;
        if (channel_.begun(seat.index, static_cast<std::size_t>(call->head.subject)) != number) {
            call->began = {};
            pause = std::min(pause, std::clamp<nanoseconds>(limit / 8, milliseconds(1), milliseconds(20)));
            return false;
        }
        if (call->began == steady_clock::time_point()) call->began = now;
        nanoseconds const left = limit - (now - call->began);
        if (left > nanoseconds::zero()) {
            pause = std::min(pause, left);
            return false;
        }
        call->is_overdue = seat.is_ended = true;
        channel_.kill(seat.index, "ran a call for longer than its kill_after, and was killed");
        return false;
    });
    if (pause == nanoseconds::max()) return -1;
    return static_cast<int>(std::min<std::int64_t>(duration_cast<milliseconds>(pause).count() + 1, 1000));
}

HOCKET_INLINE bool node::may_retire(worker_seat const& seat) const noexcept {
    return seat.serves() && seat.tasks_left == 0 && seat.unanswered == 0;
}

HOCKET_INLINE std::vector<std::size_t> node::retire_seats(std::vector<finished_call>& ended) {
    std::vector<std::size_t> retired;
    for (worker_seat& seat : seats_) {
        if (!may_retire(seat) || !seat.to_send.empty()) continue;
        if (actors_.any_in(seat.index)) { // actors stay in their process
            seat.tasks_left = most_tasks_;
            placing_.place_calls(seat, ended);
            continue;
        }
        seat.to_send.send_owned(channel_, seat.index, {.kind = frame_kind::stop}, {});
        if (!seat.to_send.empty()) continue; // `stop` fits, since nothing else was sent
        seat.leave();
        seat.index = channel_.next_index() + static_cast<process_index>(retired.size());
        send_start_calls(static_cast<std::size_t>(&seat - seats_.data()), ended);
        retired.push_back(static_cast<std::size_t>(&seat - seats_.data()));
    }
    return retired;
}

} // namespace
