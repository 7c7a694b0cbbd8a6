// SPDX-License-Identifier: MIT
// The bodies of the functions of node.hpp that end worker processes: after calls that take too long, and after a number
// of tasks.
#pragma once

#include <hocket/os/clock.hpp>
#include <hocket/remote/node/node.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_INLINE std::size_t node::slot_of_place(call_place const& where) {
    lock const held(mutex_);
    if (where.which() == call_place::kind::spread) return next_spread_++ % slots_.size();
    for (std::size_t slot = 0; slot != slots_.size(); ++slot)
        if (slots_[slot].index == where.process()) return slot;
    throw std::invalid_argument("hocket: a call asks for process " + std::to_string(where.process()) +
                                ", but no process has that index: nodes() lists the existing processes");
}

HOCKET_INLINE void node::limit(open_call const& call) {
    limited_.push_back(call.head.call);
    channel_.wake(); // the sleeping thread watches the call from now on
}

HOCKET_INLINE int node::kill_overdue() noexcept {
    using namespace std::chrono;
    auto const now = monotonic_clock::now();
    nanoseconds pause = nanoseconds::max();
    std::erase_if(limited_, [&](std::uint64_t number) {
        open_call* const call = calls_.find(number);
        if (call == nullptr) return true;
        if (!call->sent || call->is_overdue) return false; // an answer or a new process lets it begin
        if (call->reads != nullptr) return false;          // it has returned
        process_slot& slot = slots_[call->slot];
        nanoseconds const limit = call->terms.kill_after;
        if (channel_.begun(slot.index, static_cast<std::size_t>(call->head.subject)) != number) {
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
        call->is_overdue = slot.is_ended = true;
        channel_.kill(slot.index, "ran a call for longer than its kill_after, and was killed");
        return false;
    });
    if (pause == nanoseconds::max()) return -1;
    return static_cast<int>(std::min<std::int64_t>(duration_cast<milliseconds>(pause).count() + 1, 1000));
}

HOCKET_INLINE bool node::may_retire(process_slot const& slot) const noexcept {
    return slot.serves() && slot.tasks_left == 0 && slot.unanswered == 0 && slot.shared == 0;
}

HOCKET_INLINE std::vector<std::size_t> node::retire_slots(std::vector<finished_call>& ended) {
    std::vector<std::size_t> retired;
    for (process_slot& slot : slots_) {
        if (!may_retire(slot) || !slot.to_send.empty()) continue;
        if (actors_.any_in(slot.index)) { // actors stay in their process
            slot.tasks_left = most_tasks_;
            placing_.place_calls(slot, ended);
            continue;
        }
        slot.to_send.send_owned(channel_, slot.index, {.kind = frame_kind::stop}, {});
        if (!slot.to_send.empty()) continue; // `stop` fits, since nothing else was sent
        slot.leave();
        slot.index = channel_.next_index() + static_cast<process_index>(retired.size());
        send_start_calls(static_cast<std::size_t>(&slot - slots_.data()), ended);
        retired.push_back(static_cast<std::size_t>(&slot - slots_.data()));
    }
    return retired;
}

} // namespace
