// SPDX-License-Identifier: MIT
// The floating-point mode of an item in a queue: an item runs in the mode of the thread that made it. An item in the
// default mode goes into the queue itself; any other is carried by another item. Caller: task_group.
#pragma once

#include <hocket/base/config.hpp>
#include <hocket/os/fp_mode.hpp>
#include <hocket/queue/work_item.hpp>

namespace hocket::inline HOCKET_ABI::detail {

/// An item that carries another one through the queues, and runs it in a mode.
struct mode_carrier : work_item {
    mode_carrier(work_item& its_item, fp_mode its_mode) noexcept
        : work_item{&mode_carrier::unpack, nullptr, its_item.scope}, item(&its_item), mode(its_mode) {}

    static void unpack(work_item* base) noexcept;

    work_item* item;
    fp_mode mode;
};

/// Returns the item to queue in place of `item`, so that `item` runs in `mode`. **Throws** std::bad_alloc.
[[gnu::cold]] work_item& carry_mode(work_item& item, fp_mode mode);

} // namespace hocket::inline HOCKET_ABI::detail

#if HOCKET_BODIES
#include <hocket/sched/mode_carrier.ipp>
#endif
