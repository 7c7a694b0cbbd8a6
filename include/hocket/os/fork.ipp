// SPDX-License-Identifier: MIT
// The bodies of the functions that fork.hpp declares.
#pragma once

#include <hocket/os/fork.hpp>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_COLD HOCKET_INLINE void watch_forks() noexcept {
    static int const registered = pthread_atfork(nullptr, nullptr, [] { ++fork_generation; });
    (void)registered;
}

} // namespace
