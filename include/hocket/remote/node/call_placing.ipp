// SPDX-License-Identifier: MIT
// The bodies of the functions that call_placing.hpp declares.
#pragma once

#include <hocket/remote/node/call_placing.hpp>

#include <algorithm>
#include <cstring>
#include <exception>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_INLINE std::size_t call_placing::roomiest_seat() const noexcept {
    // Chooses the process with the fewest open calls per thread: a process that has answered fast has more call slots,
    // but the next calls may be long.
    std::size_t best = 0;
    for (std::size_t seat = 1; seat < seats_.size(); ++seat)
        if (seats_[seat].has_more_room_than(seats_[best])) best = seat;
    return best;
}

HOCKET_INLINE void call_placing::place(open_call& call) {
    if (call.terms.seat != call_terms::anywhere) {
        std::size_t const seat = call.terms.seat % seats_.size();
        if (seats_[seat].waiting.empty() && seats_[seat].free_places() != 0) return dispatch(call, seat);
        seats_[seat].waiting.push_back(call.head.call);
        return;
    }
    std::size_t const best = roomiest_seat();
    if (waiting_.empty() && seats_[best].free_places() != 0) return dispatch(call, best);
    waiting_.push_back(call.head.call);
}

HOCKET_INLINE void call_placing::dispatch(open_call& call, std::size_t number) {
    worker_seat& seat = seats_[number];
    call.head.subject = seat.free_place();
    seat.to_send.send(channel_, seat.index, call.head, call.body);
    call.seat = number;
    call.sent = true;
    seat.take_place();
    seat.open += call.terms.cpus;
    ++seat.unanswered;
    if (call.terms.seat == call_terms::anywhere) seat.may_come_back();
}

HOCKET_INLINE void call_placing::dispatch_first(std::deque<std::uint64_t>& from, std::size_t seat,
                                                std::vector<finished_call>& ended) {
    std::uint64_t const number = from.front();
    from.pop_front();
    open_call* const call = calls_.find(number);
    if (call == nullptr) return; // the call was stopped
    try {
        dispatch(*call, seat);
    } catch (...) {
        calls_.end(number, {nullptr, {}, true, std::current_exception()}, ended);
    }
}

HOCKET_INLINE void call_placing::place_calls(worker_seat& seat, std::vector<finished_call>& ended) {
    for (std::deque<std::uint64_t>* from : {&seat.waiting, &waiting_})
        while (!from->empty() && seat.free_places() != 0)
            dispatch_first(*from, static_cast<std::size_t>(&seat - seats_.data()), ended);
}

HOCKET_INLINE void call_placing::place_waiting(std::vector<finished_call>& ended) {
    while (!waiting_.empty()) {
        std::size_t const seat = roomiest_seat();
        if (seats_[seat].free_places() == 0) return;
        dispatch_first(waiting_, seat, ended);
    }
}

HOCKET_INLINE void call_placing::put_first(open_call& call) {
    call.sent = false;
    (call.terms.seat == call_terms::anywhere ? waiting_ : seats_[call.terms.seat % seats_.size()].waiting)
        .push_front(call.head.call);
}

HOCKET_INLINE void call_placing::clear() noexcept {
    for (worker_seat& seat : seats_) seat.waiting.clear();
    waiting_.clear();
}

// Calls that processes return.

HOCKET_INLINE void call_placing::watch_idle() noexcept {
    if (recalls_.must_wake(seats_)) channel_.wake();
}

HOCKET_INLINE int call_placing::recall_calls(std::uint16_t flags) {
    double const now = microseconds_now();
    recalls_.look(seats_, now, [&](worker_seat& seat, std::size_t count) {
        seat.recalls(count);
        frame_head const head{.kind = frame_kind::recall, .flags = flags, .subject = count};
        seat.to_send.send_owned(channel_, seat.index, head, {});
    });
    return recalls_.pause(now);
}

HOCKET_INLINE void call_placing::take_back(worker_seat& seat, std::span<std::byte const> numbers,
                                           std::vector<finished_call>& ended) {
    std::vector<std::uint64_t> back(numbers.size() / sizeof(std::uint64_t));
    if (!back.empty()) std::memcpy(back.data(), numbers.data(), numbers.size());
    seat.has_returned(back.size());
    std::sort(back.rbegin(), back.rend());
    for (std::uint64_t const number : back) { // restores the order, oldest first
        open_call* const call = calls_.find(number);
        if (call == nullptr || !call->is_task() || !call->sent || &seats_[call->seat] != &seat) continue;
        seat.open -= call->terms.cpus;
        --seat.unanswered;
        seat.vacate(static_cast<std::uint32_t>(call->head.subject));
        if (call->completion == nullptr)
            calls_.erase(number); // the call was stopped
        else
            put_first(*call);
    }
    while (!seat.waiting.empty() && seat.free_places() != 0)
        dispatch_first(seat.waiting, static_cast<std::size_t>(&seat - seats_.data()), ended);
    place_waiting(ended);
    watch_idle();
}

} // namespace
