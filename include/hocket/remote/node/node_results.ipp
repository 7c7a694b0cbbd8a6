// SPDX-License-Identifier: MIT
// The bodies of the functions of node.hpp that concern results whose memory only the process of their call has: shared
// memory that a task has made. The process keeps it until the driver has opened it.
#pragma once

#include <hocket/base/error.hpp>
#include <hocket/remote/node/node.hpp>
#include <hocket/remote/node/node_use.hpp>
#include <hocket/remote/wire/remote_error.hpp>

#include <exception>
#include <memory>
#include <string>
#include <utility>
#include <vector>

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
        opened();
        return error;
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

/// Lets the process of a result release the memory. Returns the call, which has finished.
HOCKET_INLINE std::unique_ptr<open_call> node::has_opened(memory_there const& memory) noexcept {
    if (process_slot* const slot = slot_of(memory.process)) {
        --slot->shared;
        if (!ending_)
            slot->to_send.send_owned(channel_, slot->index,
                                     {.kind = frame_kind::opened, .flags = flags_, .call = memory.call}, {});
        if (may_retire(*slot)) channel_.wake();
    }
    return calls_.take(memory.call);
}

/// Handles the end of the node, when no other thread reads results. This thread may, further up its stack.
HOCKET_INLINE void node::forget_results() noexcept {
    for (auto const& [number, call] : calls_)
        if (call->reads != nullptr) static_cast<memory_there&>(*call->reads).of = nullptr;
}

} // namespace
