// SPDX-License-Identifier: MIT
// The bodies of the functions of node.hpp that concern handles of actors in worker processes: which processes hold
// them, and calls that the driver forwards.
#pragma once

#include <hocket/remote/actor/actor_cell.hpp>
#include <hocket/remote/actor/actors_elsewhere.hpp>
#include <hocket/remote/node/node.hpp>
#include <hocket/remote/wire/archive.hpp>
#include <hocket/remote/wire/error_bytes.hpp>
#include <hocket/remote/wire/remote_error.hpp>

#include <exception>
#include <memory>
#include <string>
#include <utility>

namespace hocket::inline HOCKET_ABI::detail {

/// Sends the answer to the worker process that has called an actor of another process.
struct node::handed_on final : call_completion {
    handed_on(node& its_node, process_index its_process, std::uint64_t its_call) noexcept
        : of(its_node), process(its_process), call(its_call) {}
    virtual ~handed_on() = default;

    void done(std::vector<std::byte> result) noexcept override { answer(frame_kind::result, std::move(result)); }
    void failed(std::exception_ptr error) noexcept override {
        archive_writer bytes;
        write_error(bytes, error);
        answer(frame_kind::error, std::move(bytes.bytes));
    }
    /// Lets the caller read the memory, in the process that has it.
    void done_with_memory(std::vector<std::byte> result, std::shared_ptr<result_memory> memory) noexcept override {
        {
            lock const held(of.mutex_);
            if (!of.ending_ && of.slot_of(process) != nullptr) {
                of.handed_on_.emplace(std::pair(process, call), std::exchange(memory, nullptr));
                of.send_answer(process, frame_kind::result, call, std::move(result), frame_flag::shares);
            }
        }
        if (memory != nullptr) memory->opened();
        delete this;
    }
    void answer(frame_kind kind, std::vector<std::byte> bytes) noexcept {
        {
            lock const held(of.mutex_);
            of.send_answer(process, kind, call, std::move(bytes));
        }
        delete this;
    }

    node& of;
    process_index const process;
    std::uint64_t const call; // its number in that process
};

HOCKET_INLINE void node::send_answer(process_index to, frame_kind kind, std::uint64_t call,
                                     std::vector<std::byte> bytes, std::uint16_t flags) noexcept {
    process_slot* const slot = slot_of(to);
    if (slot == nullptr || ending_) return;
    flags = static_cast<std::uint16_t>(flags | flags_);
    slot->to_send.send_owned(channel_, to, {.kind = kind, .flags = flags, .call = call}, std::move(bytes));
}

HOCKET_INLINE void node::take_from_user(process_slot const& slot, frame_head const& head, std::vector<std::byte> body,
                                        std::vector<finished_call>& ended) {
    actor_home* const home = actors_.find(head.subject);
    switch (head.kind) {
    case frame_kind::actor_new: // the process has received a handle
        if (home == nullptr || home->watch == nullptr || ending_) return;
        if (actor_cell* const cell = home->watch->hold()) holds_.emplace(std::pair(slot.index, head.subject), cell);
        return;
    case frame_kind::actor_drop: {
        auto const found = holds_.find({slot.index, head.subject});
        if (found == holds_.end()) return;
        actor_cell* const cell = found->second;
        holds_.erase(found);
        return cell->release();
    }
    case frame_kind::actor_find: return find_actor(slot, head, body);
    case frame_kind::cancel:
        if (home != nullptr && home->watch != nullptr) home->watch->kill();
        return;
    default: break;
    }
    std::exception_ptr why =
        home == nullptr ? std::make_exception_ptr(actor_died("hocket: the actor has ended")) : home->dead;
    auto const hears = std::make_unique<handed_on>(*this, slot.index, head.call).release();
    if (why) return ended.push_back({hears, {}, true, why});
    open_call made{head, std::move(body), {.retries = home->call_retries}, hears};
    made.terms.mode = fp_mode{head.mode};
    made.from = slot.index;
    made.head.flags = static_cast<std::uint16_t>((head.flags & frame_flag::no_reply) | flags_);
    open_call& call = calls_.add(std::move(made));
    if (home->made)
        send_to_home(*home, call);
    else
        home->early.push_back(call.head.call);
}

HOCKET_INLINE void node::set_names(actor_names* names) noexcept {
    lock const held(mutex_);
    names_ = names;
}

/// Answers a process that asks for an actor by its name. The process gets a handle with the answer, and does not
/// announce it.
HOCKET_COLD HOCKET_INLINE void node::find_actor(process_slot const& slot, frame_head const& head,
                                                std::vector<std::byte> const& body) noexcept {
    archive_writer answer;
    frame_kind kind = frame_kind::result;
    try {
        archive_reader reader(body);
        auto const name = read_value<std::string>(reader);
        auto const type = read_value<std::string>(reader);
        found_actor found;
        actor_cell* const cell = names_ == nullptr || ending_ ? nullptr : names_->find(name, type.c_str());
        if (cell != nullptr && cell->number() == 0) { // the actor lives in the driver, where no process can reach it
            cell->release();
        } else if (cell != nullptr) {
            actor_terms const& terms = cell->terms();
            found = {cell->number(), terms.concurrency, terms.max_pending, terms.interleave};
            holds_.emplace(std::pair(slot.index, cell->number()), cell);
        }
        write_value(answer, found);
    } catch (...) {
        answer = {};
        kind = frame_kind::error;
        write_error(answer, std::current_exception());
    }
    send_answer(slot.index, kind, head.call, std::move(answer.bytes));
}

HOCKET_INLINE void node::send_early(actor_home& home) {
    for (std::uint64_t const number : std::exchange(home.early, {}))
        if (open_call* const call = calls_.find(number)) send_to_home(home, *call);
}

HOCKET_INLINE void node::release_holds(process_index of) noexcept {
    auto const first = holds_.lower_bound({of, 0});
    auto last = first;
    for (; last != holds_.end() && last->first.first == of; ++last) last->second->release();
    holds_.erase(first, last);
}

} // namespace
