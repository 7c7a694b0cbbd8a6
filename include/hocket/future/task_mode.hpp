// SPDX-License-Identifier: MIT
// The floating-point mode of tasks: a task runs in the mode of the thread that made it. In the default mode nothing is
// kept. Otherwise the state of the task gets a type that sets the mode. Caller: future_task.hpp.
#pragma once

#include <hocket/base/atomic.hpp>
#include <hocket/base/config.hpp>
#include <hocket/future/future_state.hpp>
#include <hocket/os/fp_mode.hpp>

#include <cstddef>
#include <cstdint>

namespace hocket::inline HOCKET_ABI::detail {

/// A type of states whose task runs in `mode`, and that otherwise equals `original`. There is one for each pair of
/// these. None is ever freed: a program has few modes.
struct moded_type {
    future_type type;
    future_type const* original;
    fp_mode mode;
    moded_type const* next;

    moded_type(future_type const& its_original, fp_mode its_mode) noexcept;

    static moded_type const& of(future_state_base const& state) noexcept {
        return *reinterpret_cast<moded_type const*>(state.type);
    }
    bool is(future_type const& wanted, fp_mode wanted_mode) const noexcept;
};

/// A hash table by the address of the original. Writers: keep_mode adds in front. Readers: keep_mode.
inline constinit atomic<moded_type const*> moded_types[64] = {};

/// Makes the task of this state run in `mode` from here on. **Throws** std::bad_alloc.
[[gnu::cold]] void keep_mode(future_state_base& state, fp_mode mode);

} // namespace hocket::inline HOCKET_ABI::detail

#if HOCKET_BODIES
#include <hocket/future/task_mode.ipp>
#endif
