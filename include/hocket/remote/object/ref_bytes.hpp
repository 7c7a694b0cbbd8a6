// SPDX-License-Identifier: MIT
// Refs within values that go to another process. Their value or error travels with them, so the ref in the receiver
// refers to an equal value. Called by the archives, through `ref::serialize`.
#pragma once

#include <hocket/remote/object/ref.hpp>
#include <hocket/remote/wire/archive.hpp>
#include <hocket/remote/wire/error_bytes.hpp>

#include <exception>
#include <type_traits>
#include <utility>

namespace hocket::inline HOCKET_ABI::detail {

/// Writes the value or the error of a ref. **Blocks** until the value is ready.
template<class T>
void serialize_ref(archive_writer& archive, ref<T> const& from) {
    write_value(archive, from.valid());
    if (!from.valid()) return;
    from.wait();
    ref_state<T>& state = *from.state();
    write_value(archive, state.failed());
    if (state.failed())
        write_error(archive, state.error());
    else if constexpr (!std::is_void_v<T>)
        detail::write_value<T>(archive, state.value());
}

template<class T>
void serialize_ref(archive_reader& archive, ref<T>& to) {
    to = {};
    if (!read_value<bool>(archive)) return;
    bool const failed = read_value<bool>(archive);
    auto* const state = make_state<T>(nullptr, 1);
    future<T> made(state);
    if (failed)
        state->set_exception(read_error(archive));
    else if constexpr (std::is_void_v<T>)
        state->set_value();
    else
        state->set_value(detail::read_value<T>(archive));
    to = ref<T>(made.take_state());
}

} // namespace hocket::detail
