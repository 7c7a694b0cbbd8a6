// SPDX-License-Identifier: MIT
// The bodies of the functions that signal_word.hpp declares.
#pragma once

#include <hocket/os/futex.hpp>
#include <hocket/os/signal_word.hpp>

#include <errno.h>
#include <signal.h>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_COLD HOCKET_INLINE bool count_signal(int number) noexcept {
    struct sigaction action {};
    action.sa_flags = SA_RESTART;
    action.sa_handler = [](int) { // only what a handler may do
        int const error = errno;
        signals_counted.fetch_add(1, std::memory_order_relaxed);
        futex_wake_one_on(&signals_counted);
        errno = error;
    };
    return sigaction(number, &action, nullptr) == 0;
}

} // namespace
