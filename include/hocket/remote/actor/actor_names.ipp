// SPDX-License-Identifier: MIT
// The bodies of the functions that actor_names.hpp declares.
#pragma once

#include <hocket/os/os_mutex.hpp>
#include <hocket/remote/actor/actor_names.hpp>

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <utility>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_INLINE actor_names::~actor_names() {
    std::vector<actor_cell*> const last =
        std::exchange(detached_, {}); // otherwise each would be removed and released twice
    for (actor_cell* const cell : last) {
        cell->kill();
        cell->release();
    }
}

HOCKET_INLINE actor_cell* actor_names::find_locked(std::string const& name, char const* type, bool is_taken) {
    for (entry const& one : named_) {
        if (one.name != name || !one.cell->alive() || !one.cell->has_handles()) continue;
        if (is_taken) throw std::invalid_argument("hocket: an actor with the name " + name + " already exists");
        if (std::strcmp(one.type->name(), type) != 0)
            throw std::invalid_argument("hocket: the actor with the name " + name + " is of another class");
        if (one.cell->try_retain()) return one.cell;
    }
    return nullptr;
}

HOCKET_INLINE actor_cell* actor_names::take(std::string const& name, std::type_info const& type, actor_cell& fresh,
                                            bool may_exist) {
    os_lock const lock(mutex_);
    if (actor_cell* const found = find_locked(name, type.name(), !may_exist)) return found;
    named_.push_back({name, &type, &fresh});
    fresh.set_names(*this, &forget);
    return nullptr;
}

HOCKET_INLINE actor_cell* actor_names::find(std::string const& name, std::type_info const& type) {
    os_lock const lock(mutex_);
    return find_locked(name, type.name(), false);
}

HOCKET_INLINE actor_cell* actor_names::find(std::string const& name, char const* type) {
    os_lock const lock(mutex_);
    return find_locked(name, type, false);
}

HOCKET_INLINE void actor_names::detach(actor_cell& cell) {
    os_lock const lock(mutex_);
    detached_.push_back(&cell);
    cell.set_names(*this, &forget);
    cell.retain();
}

HOCKET_INLINE void actor_names::remove(actor_cell& cell) noexcept {
    bool was_detached = false;
    {
        os_lock const lock(mutex_);
        std::erase_if(named_, [&](entry const& one) { return one.cell == &cell; });
        was_detached = std::erase(detached_, &cell) != 0;
    }
    if (was_detached) cell.release();
}

} // namespace
