// SPDX-License-Identifier: MIT
// The bodies of the functions that node_call.hpp declares.
#pragma once

#include <hocket/base/error.hpp>
#include <hocket/os/ticks.hpp>
#include <hocket/remote/actor/actor_cell.hpp>
#include <hocket/remote/actor/actors_elsewhere.hpp>
#include <hocket/remote/call/remote_pool.hpp>
#include <hocket/remote/node/node_call.hpp>
#include <hocket/sched/costs.hpp>
#include <hocket/sched/wait.hpp>

#include <memory>
#include <new>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_INLINE void poll_while_incomplete(node& of, future_state_base const& state) noexcept {
    struct until_complete final : poll_patience {
        explicit until_complete(future_state_base const& its_state) noexcept : state(its_state) {}
        bool goes_on() noexcept override {
            spin_hint();
            return !state.complete() && now_ticks() - since < limit;
        }
        future_state_base const& state;
        ticks const limit = costs::wait_spin.in_ticks();
        ticks since = now_ticks();
    } patience(state);
    do {
        node_use const lives(&of);
        if (state.complete()) return;
        if (of.help(patience)) patience.since = now_ticks();
    } while (patience.goes_on());
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
    if (number == 0) return;
    if (to == nullptr) {
        if (actors_elsewhere* const all = the_actors_elsewhere.load(std::memory_order_relaxed)) all->drop(number);
        return;
    }
    node_use const lives(to);
    if (!is_alone.load(std::memory_order_acquire)) to->drop_actor(number); // <- actor_stub.is_alone
}

HOCKET_INLINE void actor_stub::died(std::exception_ptr const& why) noexcept {
    cell->fail(why);
    if (cell->terms().cpus != 0) cell->kill(); // its reserved resources are free
}
HOCKET_INLINE actor_cell* actor_stub::hold() noexcept { return cell->try_retain() ? cell : nullptr; }
HOCKET_INLINE void actor_stub::kill() noexcept { cell->kill(); }

/// Handles the end of the constructor of an actor in a worker process. It holds a handle of the actor.
struct made_actor final : call_completion {
    explicit made_actor(actor_cell& of) noexcept : cell(of) {}
    virtual ~made_actor() { cell.release(); }
    void done(std::vector<std::byte>) noexcept override { delete this; }
    void failed(std::exception_ptr error) noexcept override {
        cell.fail(std::move(error));
        delete this;
    }

    actor_cell& cell;
};

/// Ignores the end of the constructor of an actor without handles.
struct unheard_completion final : call_completion {
    void done(std::vector<std::byte>) noexcept override {}
    void failed(std::exception_ptr) noexcept override {}
};
inline constinit unheard_completion unheard{};

HOCKET_INLINE call_completion* actor_stub::made_anew() noexcept {
    if (!cell->try_retain()) return nullptr;
    made_actor* const made = new (std::nothrow) made_actor(*cell);
    if (made == nullptr) cell->release();
    return made;
}

HOCKET_INLINE std::unique_ptr<actor_stub> reserve_stub(actor_cell& cell, node& to, std::size_t slot) {
    auto stub = std::make_unique<actor_stub>();
    stub->cell = &cell;
    stub->to = &to;
    actor_terms const& terms = cell.terms();
    stub->number = to.reserve_actor({.slot = slot, .retries = terms.call_retries, .cpus = terms.cpus},
                                    terms.max_restarts, stub.get(), terms.concurrency);
    cell.set_number(stub->number);
    return stub;
}

HOCKET_INLINE void actor_stub::make(std::uint64_t token, std::vector<std::byte> body, handle_pins pins) {
    node_use const lives(to);
    if (is_alone.load(std::memory_order_acquire)) throw operation_cancelled(); // <- actor_stub.is_alone
    call_completion* completion = made_anew();
    if (completion == nullptr) completion = &unheard; // no handle is left, but calls are in flight
    try {
        to->call_actor(number, token, std::move(body), {}, completion, std::move(pins));
    } catch (...) {
        completion->failed(std::current_exception());
    }
}

HOCKET_INLINE void actor_stub::call(std::uint64_t token, std::vector<std::byte> body, handle_pins pins,
                                    call_completion* completion) {
    if (to == nullptr) {
        actors_elsewhere* const all = the_actors_elsewhere.load(std::memory_order_relaxed);
        if (all == nullptr) throw operation_cancelled();
        return all->call(number, token, std::move(body), std::move(pins), completion);
    }
    node_use const lives(to);
    if (is_alone.load(std::memory_order_acquire)) throw operation_cancelled(); // <- actor_stub.is_alone
    call_terms const terms{.retries = cell->terms().call_retries};
    to->call_actor(number, token, std::move(body), terms, completion, std::move(pins));
}

} // namespace
