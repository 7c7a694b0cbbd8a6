// SPDX-License-Identifier: MIT
// The bodies of the functions that actor.hpp declares.
#pragma once

#include <hocket/remote/actor/actor.hpp>
#include <hocket/remote/actor/actors_elsewhere.hpp>
#include <hocket/remote/node/node_call.hpp>
#include <hocket/remote/wire/remote_error.hpp>

#include <stdexcept>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_COLD HOCKET_INLINE void throw_no_actor() {
    throw std::logic_error("hocket: this actor<C> is empty: it was default-constructed or moved from");
}

HOCKET_INLINE void kill_elsewhere(std::uint64_t number) noexcept {
    if (actors_elsewhere* const all = the_actors_elsewhere.load(std::memory_order_relaxed)) all->kill(number);
}

HOCKET_COLD HOCKET_INLINE actor_cell* find_elsewhere(std::string const& name, char const* type) {
    actors_elsewhere* const driver = the_actors_elsewhere.load(std::memory_order_relaxed);
    if (driver == nullptr) return nullptr;
    found_actor const found =
        sent_call<found_actor>::make(driver->pool(), nullptr, {}, [&](call_completion& completion) {
            driver->find(name, type, completion);
            return std::uint64_t{0};
        }).get();
    if (found.number == 0) return nullptr;
    return &driver->take_handle(
        found.number,
        {.max_pending = found.max_pending, .concurrency = found.concurrency, .interleave = found.interleave}, false);
}

HOCKET_INLINE void check_actor_options(actor_options const& options) {
    if (options.concurrency == 0)
        throw std::invalid_argument("hocket: actor_options::concurrency is 0: no call could run");
    if (options.concurrency > 1 && options.interleave)
        throw std::invalid_argument(
            "hocket: actor_options::interleave needs a concurrency of 1, as its calls never run at the same time");
    if (options.get_if_exists && options.name.empty())
        throw std::invalid_argument("hocket: actor_options::get_if_exists needs a name");
}

} // namespace
