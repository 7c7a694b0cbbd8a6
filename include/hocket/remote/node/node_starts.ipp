// SPDX-License-Identifier: MIT
// The bodies of the functions of node.hpp that concern the calls with which each process begins.
#pragma once

#include <hocket/remote/node/node.hpp>
#include <hocket/remote/wire/archive.hpp>
#include <hocket/remote/wire/error_bytes.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <utility>
#include <vector>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_INLINE std::size_t node::add_start_call(start_call call) {
    lock const held(mutex_);
    at_start_.push_back(std::move(call));
    return at_start_.size();
}

/// Sends the start calls to a process that takes over a process slot. A completion that waits for a start call of this
/// slot is notified of the call sent here.
HOCKET_INLINE void node::send_start_calls(std::size_t number, std::vector<finished_call>& ended) {
    process_slot& slot = slots_[number];
    slot.started = at_start_.size();
    for (std::size_t which = 1; which <= at_start_.size(); ++which) {
        open_call* call = nullptr;
        for (auto const& [id, each] : calls_)
            if (each->terms.start == which && each->terms.slot == number && !each->sent) call = each.get();
        try {
            if (call == nullptr) {
                start_call const& from = at_start_[which - 1];
                open_call made{
                    {.kind = frame_kind::task, .flags = frame_flag::bound, .token = from.token}, from.body, {}};
                made.terms = {.slot = number, .mode = from.mode, .start = which};
                made.head.flags = static_cast<std::uint16_t>(made.head.flags | flags_);
                made.head.mode = from.mode.control;
                call = &calls_.add(std::move(made));
            } else {
                std::erase(slot.waiting, call->head.call);
            }
            call->head.flags = static_cast<std::uint16_t>(call->head.flags | frame_flag::first);
            call->head.subject = open_call::no_place;
            slot.to_send.send(channel_, slot.index, call->head, call->body);
            call->slot = number;
            call->sent = true;
            ++slot.open;
            ++slot.unanswered;
            ++slot.starting;
        } catch (...) {
            if (call != nullptr) calls_.end(call->head.call, {nullptr, {}, true, std::current_exception()}, ended);
        }
    }
}

/// Handles the answer to a start call of a process.
HOCKET_INLINE void node::has_started(process_slot& slot, open_call const& call, finished_call const& with) noexcept {
    if (--slot.starting == 0) early_deaths_ = 0;
    if (!with.threw || call.completion != nullptr) return;
    try {
        archive_reader reader(with.bytes);
        std::rethrow_exception(with.error ? with.error : read_error(reader));
    } catch (std::exception const& error) {
        std::fprintf(stderr, "hocket: process %u, a replacement, threw in a call of on_each_process: %s\n", slot.index,
                     error.what());
    } catch (...) {
    }
}

} // namespace
