// SPDX-License-Identifier: MIT
// The bodies of the functions that mode_carrier.hpp declares.
#pragma once

#include <hocket/memory/slab.hpp>
#include <hocket/sched/mode_carrier.hpp>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_INLINE void mode_carrier::unpack(work_item* base) noexcept {
    auto* const self = static_cast<mode_carrier*>(base);
    work_item& inner = *self->item;
    fp_mode const its_mode = self->mode;
    destroy_in_slab(self);
    fp_scope const scope(its_mode);
    inner.run(&inner);
}

HOCKET_COLD HOCKET_INLINE work_item& carry_mode(work_item& item, fp_mode mode) {
    return *make_in_slab<mode_carrier>(item, mode);
}

} // namespace
