// SPDX-License-Identifier: MIT
// The bodies of the functions that task_mode.hpp declares.
#pragma once

#include <hocket/future/task_mode.hpp>

#include <exception>
#include <utility>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_INLINE moded_type::moded_type(future_type const& its_original, fp_mode its_mode) noexcept
    : type{[](future_state_base* state) noexcept { of(*state).original->destroy(state); },
           [](future_state_base& state) noexcept -> std::exception_ptr const& {
               return of(state).original->error(state);
           },
           [](future_state_base* state) noexcept {
               moded_type const& self = of(*state); // the state may be gone afterwards
               fp_scope const scope(self.mode);
               return self.original->execute(state);
           },
           [](future_state_base* state, std::exception_ptr error) noexcept {
               return of(*state).original->refuse(state, std::move(error));
           },
           its_original.nests,
           its_original.awaited,
           its_original.watch,
           its_original.give_up,
           its_original.help_outside,
           its_original.order},
      original(&its_original),
      mode(its_mode),
      next(nullptr) {}

HOCKET_INLINE bool moded_type::is(future_type const& wanted, fp_mode wanted_mode) const noexcept {
    return original == &wanted && mode == wanted_mode && type.nests == wanted.nests && type.awaited == wanted.awaited &&
           type.give_up == wanted.give_up;
}

HOCKET_COLD HOCKET_INLINE void keep_mode(future_state_base& state, fp_mode mode) {
    future_type const& original = *state.type;
    auto& bucket = moded_types[reinterpret_cast<std::uintptr_t>(&original) / sizeof(future_type) % 64];
    moded_type const* first = bucket.load(std::memory_order_acquire); // <- moded_types.add
    for (moded_type const* known = first; known != nullptr; known = known->next) {
        if (!known->is(original, mode)) continue;
        state.type = &known->type;
        return;
    }
    auto* const made = new moded_type(original, mode);
    do {
        made->next = first;
    } while (!bucket.compare_exchange_weak(first, made, std::memory_order_release, // moded_types.add ->
                                           std::memory_order_relaxed));
    state.type = &made->type;
}

} // namespace
