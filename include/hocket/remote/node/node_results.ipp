// SPDX-License-Identifier: MIT
// The bodies of the functions of node.hpp that concern results whose memory only the process of their call has: shared
// memory that a task has made. The process keeps it until the driver has opened it. If the process is lost before, the
// call is made again as often as it may be repeated.
#pragma once

#include <hocket/base/error.hpp>
#include <hocket/os/futex.hpp>
#include <hocket/remote/call/remote_options.hpp>
#include <hocket/remote/node/node.hpp>
#include <hocket/remote/wire/remote_error.hpp>

#include <exception>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <unistd.h>

namespace hocket::inline HOCKET_ABI::detail {

/// The memory of one result.
struct node::memory_there final : result_memory {
    memory_there(node& its_node, process_index its_process, std::uint64_t its_call) noexcept
        : of(&its_node), process(its_process), call(its_call) {}

    void opened() noexcept override {
        if (of == nullptr) return;
        std::unique_ptr<open_call> ended; // destroyed without the mutex
        lock const held(of->mutex_);
        ended = of->has_opened(*this);
    }
    std::exception_ptr failed(std::exception_ptr error) noexcept override {
        return of == nullptr ? error : of->has_lost(*this, std::move(error));
    }

    node* of; // null: the node is gone
    process_index const process;
    std::uint64_t const call;
};

/// Lets a thread read a result. Its call stays open until then.
HOCKET_INLINE void node::read_shared(process_slot& slot, open_call& call, finished_call with,
                                     std::vector<finished_call>& ended) {
    ++slot.shared;
    auto const memory = std::make_shared<memory_there>(*this, slot.index, call.head.call);
    if (call.completion == nullptr) { // the call was stopped
        (void)has_opened(*memory);
        return;
    }
    call.reads = memory;
    with.completion = call.completion;
    with.memory = memory;
    ended.push_back(std::move(with));
}

/// Lets the process of a result release the memory.
HOCKET_INLINE void node::release(memory_there const& memory) noexcept {
    if (process_slot* const slot = slot_of(memory.process)) {
        --slot->shared;
        if (!ending_)
            slot->to_send.send_owned(channel_, slot->index,
                                     {.kind = frame_kind::opened, .flags = flags_, .call = memory.call}, {});
        if (may_retire(*slot)) channel_.wake();
    } else if (auto const found = lost_memory_.find(memory.process); found != lost_memory_.end()) {
        if (--found->second.results == 0) lost_memory_.erase(found);
    }
}

/// Returns the call of a result that was read. The call has finished.
HOCKET_INLINE std::unique_ptr<open_call> node::has_opened(memory_there const& memory) noexcept {
    release(memory);
    return calls_.take(memory.call);
}

/// Handles an error of reading a result. Returns the error of the call, or null if the call is made again.
HOCKET_COLD HOCKET_INLINE std::exception_ptr node::has_lost(memory_there const& memory,
                                                            std::exception_ptr error) noexcept {
    bool is_lost = false;
    try {
        std::rethrow_exception(error);
    } catch (object_lost const&) {
        is_lost = true;
    } catch (...) { // of the program
    }
    std::vector<finished_call> ended;
    std::unique_ptr<open_call> finished;
    {
        lock held(mutex_);
        // The comm thread may not have learned of the death yet. It does within milliseconds, unless the process lives,
        // and the system refuses to open its memory.
        for (int looks = 0; is_lost && !over_ && looks != 5'000 && slot_of(memory.process) != nullptr; ++looks) {
            held.unlock();
            sleep_for(200'000);
            held.lock();
        }
        open_call& call = *calls_.find(memory.call);
        if (over_) {
            error = given_up_;
        } else if (call.is_stopped) {
            error = std::make_exception_ptr(operation_cancelled());
        } else if (is_lost)
            try {
                if (is_made_again(memory, call, ended)) error = nullptr;
            } catch (...) { // object_lost, or out of memory
                error = std::current_exception();
            }
        if (error != nullptr) finished = has_opened(memory);
    }
    complete_here(ended);
    return error;
}

/// Queues the call of a lost result once more, if it may be repeated. Returns false if its process lives. **Throws**
/// object_lost, timed_out, std::bad_alloc.
HOCKET_COLD HOCKET_INLINE bool node::is_made_again(memory_there const& memory, open_call& call,
                                                   std::vector<finished_call>& ended) {
    auto const found = lost_memory_.find(memory.process);
    if (found == lost_memory_.end()) return false;
    lost_process const& there = found->second;
    if (call.is_overdue) throw timed_out();
    if (!call.is_task() || (call.terms.retries == 0 && !there.is_spared)) {
        std::string text = "hocket: the result of call " + std::to_string(call.head.call);
        if (call.terms.name != nullptr) text += std::string(" (") + call.terms.name + ")";
        text += " is lost: " + there.how + " before the driver had mapped the shared memory of the result. ";
        text += call.is_task() ? "A call whose .retries are not used up is made again"
                               : "A call of an actor is not made again: make the memory in the driver, and pass it as "
                                 "an argument";
        throw object_lost(text);
    }
    bool const is_spared = there.is_spared;
    placing_.put_first(call);
    if (!is_spared) --call.terms.retries;
    ++repeated_;
    call.reads = nullptr;
    call.began = {};
    release(memory);
    if (call.terms.slot == call_terms::anywhere)
        placing_.place_waiting(ended);
    else
        placing_.place_calls(slots_[call.terms.slot % slots_.size()], ended);
    if (call.terms.kill_after != call.terms.kill_after.max()) channel_.wake(); // which watches the call from now on
    return true;
}

/// Handles that a process has read the result of its call of an actor in another process.
HOCKET_INLINE void node::has_opened(process_index who, std::uint64_t number) noexcept {
    auto const found = handed_on_.find({who, number});
    if (found == handed_on_.end()) return;
    (void)has_opened(static_cast<memory_there const&>(*found->second));
    handed_on_.erase(found);
}

/// Handles the loss of a process that reads results.
HOCKET_INLINE void node::release_handed_on(process_index to) noexcept {
    for (auto at = handed_on_.lower_bound({to, 0}); at != handed_on_.end() && at->first.first == to;
         at = handed_on_.erase(at))
        (void)has_opened(static_cast<memory_there const&>(*at->second));
}

/// Handles the end of the node, when no other thread reads results. This thread may, further up its stack.
HOCKET_INLINE void node::forget_results() noexcept {
    for (auto const& [number, call] : calls_)
        if (call->reads != nullptr) static_cast<memory_there&>(*call->reads).of = nullptr;
}

} // namespace
