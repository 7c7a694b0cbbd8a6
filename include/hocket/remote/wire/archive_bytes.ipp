// SPDX-License-Identifier: MIT
// The bodies of the functions that archive_bytes.hpp declares.
#pragma once

#include <hocket/remote/wire/archive_bytes.hpp>
#include <hocket/remote/wire/remote_error.hpp>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_COLD HOCKET_INLINE void throw_bad_message(char const* what) { throw bad_message(what); }
HOCKET_COLD HOCKET_INLINE void throw_not_remotable(char const* what) { throw not_remotable(what); }

} // namespace
