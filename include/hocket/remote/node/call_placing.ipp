// SPDX-License-Identifier: MIT
// The bodies of the functions that call_placing.hpp declares.
#pragma once

#include <hocket/remote/node/call_placing.hpp>

#include <algorithm>
#include <cstring>
#include <exception>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_INLINE std::size_t call_placing::roomiest_slot() const noexcept {
    // Chooses the process with the fewest open calls per thread: a process that has answered fast has more call slots,
    // but the next calls may be long.
    std::size_t best = 0;
    for (std::size_t slot = 1; slot < slots_.size(); ++slot)
        if (slots_[slot].has_more_room_than(slots_[best])) best = slot;
    return best;
}

HOCKET_INLINE void call_placing::place(open_call& call) {
    if (call.terms.slot != call_terms::anywhere) {
        std::size_t const slot = call.terms.slot % slots_.size();
        if (slots_[slot].waiting.empty() && slots_[slot].free_places() != 0) return dispatch(call, slot);
        slots_[slot].waiting.push_back(call.head.call);
        return;
    }
    std::size_t const best = roomiest_slot();
    if (waiting_.empty() && slots_[best].free_places() != 0) return dispatch(call, best);
    waiting_.push_back(call.head.call);
}

HOCKET_INLINE void call_placing::dispatch(open_call& call, std::size_t number) {
    process_slot& slot = slots_[number];
    call.head.subject = slot.free_place();
    slot.to_send.send(channel_, slot.index, call.head, call.body);
    call.slot = number;
    call.sent = true;
    slot.take_place();
    slot.open += call.terms.cpus;
    ++slot.unanswered;
    if (call.terms.slot == call_terms::anywhere) slot.may_come_back();
}

HOCKET_INLINE void call_placing::dispatch_first(std::deque<std::uint64_t>& from, std::size_t slot,
                                                std::vector<finished_call>& ended) {
    std::uint64_t const number = from.front();
    from.pop_front();
    open_call* const call = calls_.find(number);
    if (call == nullptr) return; // the call was stopped
    try {
        dispatch(*call, slot);
    } catch (...) {
        calls_.end(number, {nullptr, {}, true, std::current_exception()}, ended);
    }
}

HOCKET_INLINE void call_placing::place_calls(process_slot& slot, std::vector<finished_call>& ended) {
    for (std::deque<std::uint64_t>* from : {&slot.waiting, &waiting_})
        while (!from->empty() && slot.free_places() != 0)
            dispatch_first(*from, static_cast<std::size_t>(&slot - slots_.data()), ended);
}

HOCKET_INLINE void call_placing::place_waiting(std::vector<finished_call>& ended) {
    while (!waiting_.empty()) {
        std::size_t const slot = roomiest_slot();
        if (slots_[slot].free_places() == 0) return;
        dispatch_first(waiting_, slot, ended);
    }
}

HOCKET_INLINE void call_placing::put_first(open_call& call) {
    call.sent = false;
    (call.terms.slot == call_terms::anywhere ? waiting_ : slots_[call.terms.slot % slots_.size()].waiting)
        .push_front(call.head.call);
}

HOCKET_INLINE void call_placing::clear() noexcept {
    for (process_slot& slot : slots_) slot.waiting.clear();
    waiting_.clear();
}

// Calls that processes return.

HOCKET_INLINE void call_placing::watch_idle() noexcept {
    if (recalls_.must_wake(slots_)) channel_.wake();
}

HOCKET_INLINE int call_placing::recall_calls(std::uint16_t flags) {
    double const now = microseconds_now();
    recalls_.look(slots_, now, [&](process_slot& slot, std::size_t count) {
        slot.recalls(count);
        frame_head const head{.kind = frame_kind::recall, .flags = flags, .subject = count};
        slot.to_send.send_owned(channel_, slot.index, head, {});
    });
    return recalls_.pause(now);
}

HOCKET_INLINE void call_placing::take_back(process_slot& slot, std::span<std::byte const> numbers,
                                           std::vector<finished_call>& ended) {
    std::vector<std::uint64_t> back(numbers.size() / sizeof(std::uint64_t));
    if (!back.empty()) std::memcpy(back.data(), numbers.data(), numbers.size());
    slot.has_returned(back.size());
    std::sort(back.rbegin(), back.rend());
    for (std::uint64_t const number : back) { // restores the order, oldest first
        open_call* const call = calls_.find(number);
        if (call == nullptr || !call->is_task() || !call->sent || &slots_[call->slot] != &slot) continue;
        slot.open -= call->terms.cpus;
        --slot.unanswered;
        slot.vacate(static_cast<std::uint32_t>(call->head.subject));
        if (call->completion == nullptr)
            calls_.erase(number); // the call was stopped
        else
            put_first(*call);
    }
    while (!slot.waiting.empty() && slot.free_places() != 0)
        dispatch_first(slot.waiting, static_cast<std::size_t>(&slot - slots_.data()), ended);
    place_waiting(ended);
    watch_idle();
}

} // namespace
