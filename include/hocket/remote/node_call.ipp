// SPDX-License-Identifier: MIT
// The bodies of the functions that node_call.hpp declares.
#pragma once

#include <hocket/base/error.hpp>
#include <hocket/base/ticks.hpp>
#include <hocket/remote/actor_cell.hpp>
#include <hocket/remote/node_call.hpp>
#include <hocket/remote/remote_pool.hpp>
#include <hocket/sched/wait.hpp>

#include <memory>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_INLINE void poll_while_incomplete(node& of, future_state_base const& state) noexcept {
    ticks const patience = wait_spin_microseconds * ticks_per_microsecond();
    for (ticks since = now_ticks(); now_ticks() - since < patience;) {
        node_use const lives(&of);
        if (state.complete()) return;
        if (of.help())
            since = now_ticks();
        else
            spin_hint();
    }
}

HOCKET_INLINE bool take_in(node& of) noexcept { return node_lives(of) && of.help(); }

HOCKET_INLINE node& living_node(node& of) {
    if (!node_lives(of)) throw operation_cancelled();
    return of;
}

HOCKET_INLINE void cancel_call(node& of, std::uint64_t number) noexcept {
    if (node_lives(of)) of.cancel(number);
}

HOCKET_INLINE actor_stub::~actor_stub() {
    if (node_lives(*to)) to->drop_actor(number);
}

/// Hears of the constructor of an actor in a worker process.
struct made_actor final : call_completion {
    explicit made_actor(actor_cell& of) noexcept : cell(of) { cell.retain(); }
    virtual ~made_actor() { cell.release(); }
    void done(std::vector<std::byte>) noexcept override { delete this; }
    void failed(std::exception_ptr error) noexcept override {
        cell.fail(std::move(error));
        delete this;
    }

    actor_cell& cell;
};

HOCKET_INLINE actor_stub* make_stub(actor_cell& cell, node& to, std::uint64_t token, std::vector<std::byte> body) {
    auto completion = std::make_unique<made_actor>(cell);
    std::uint64_t const number = to.make_actor(token, std::move(body), {}, *completion);
    (void)completion.release();
    return new actor_stub(to, number);
}

} // namespace
