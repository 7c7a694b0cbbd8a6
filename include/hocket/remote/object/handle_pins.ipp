// SPDX-License-Identifier: MIT
// The bodies of the functions that handle_pins.hpp declares.
#pragma once

#include <hocket/remote/actor/actor_cell.hpp>
#include <hocket/remote/object/handle_pins.hpp>
#include <hocket/remote/wire/archive.hpp>
#include <hocket/remote/wire/remote_error.hpp>

#include <cstdint>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_INLINE void handle_pins::add(actor_cell& cell) {
    cells_.push_back(&cell);
    cell.retain();
}

HOCKET_INLINE handle_pins handle_pins::copy() const {
    handle_pins copied(to_);
    for (actor_cell* const cell : cells_) copied.add(*cell);
    copied.memory_ = memory_;
    return copied;
}

HOCKET_INLINE void handle_pins::release() noexcept {
    for (actor_cell* const cell : cells_) cell->release();
}

HOCKET_INLINE void write_handle(archive_writer& to, actor_cell* cell) {
    auto* const pins = static_cast<handle_pins*>(to.context);
    if (pins == nullptr)
        throw not_remotable("hocket: a handle of an actor can be sent only as an argument of a call or of an actor");
    std::uint64_t number = 0, concurrency = 1, interleave = 0, most = 0;
    if (cell != nullptr) {
        number = cell->number();
        if (number == 0 || cell->node() != pins->to())
            throw not_remotable("hocket: the worker process of this actor belongs to another pool: send the handle of "
                                "an actor only to calls of its own pool");
        concurrency = cell->terms().concurrency;
        interleave = cell->terms().interleave ? 1 : 0;
        most = cell->terms().max_pending;
        pins->add(*cell);
    }
    to(number, concurrency, interleave, most);
}

} // namespace
