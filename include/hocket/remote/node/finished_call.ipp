// SPDX-License-Identifier: MIT
// The bodies of the functions that finished_call.hpp declares.
#pragma once

#include <hocket/pool/default_pool.hpp>
#include <hocket/queue/work_item.hpp>
#include <hocket/remote/node/finished_call.hpp>
#include <hocket/remote/node/node_use.hpp>
#include <hocket/remote/wire/error_bytes.hpp>
#include <hocket/sched/spawn.hpp>

#include <new>
#include <utility>

namespace hocket::inline HOCKET_ABI::detail {

inline void complete(finished_call& one) noexcept {
    one.arguments.clear();
    if (one.error) return one.completion->failed(std::move(one.error));
    if (!one.threw && one.memory == nullptr) return one.completion->done(std::move(one.bytes));
    if (!one.threw) return one.completion->done_with_memory(std::move(one.bytes), std::move(one.memory));
    std::exception_ptr error;
    try {
        archive_reader reader(one.bytes);
        error = read_error(reader);
    } catch (...) {
        error = std::current_exception();
    }
    if (one.memory != nullptr) one.memory->opened();
    one.completion->failed(std::move(error));
}

HOCKET_INLINE void complete_here(std::vector<finished_call>& ended) noexcept {
    for (finished_call& one : ended) complete(one);
    ended.clear();
}

HOCKET_INLINE void complete_in_pool(std::vector<finished_call>& ended, void const* node) noexcept {
    struct handed : work_item {
        finished_call one;
        void const* node;
    };
    if (ended.empty()) return;
    scheduler& pool = default_pool().sched();
    for (finished_call& one : ended) {
        auto* const item = new (std::nothrow) handed{{}, std::move(one), node};
        if (item == nullptr) {
            complete(one);
            continue;
        }
        item->run = [](work_item* self) noexcept {
            auto* const mine = static_cast<handed*>(self);
            node_use::taken_over const lives(mine->node);
            finished_call its = std::move(mine->one);
            delete mine;
            complete(its);
        };
        node_use::hand_over(node);
        spawn(pool, *item);
    }
    ended.clear();
}

} // namespace
