// SPDX-License-Identifier: MIT
// The bodies of the functions that plugin_guard.hpp declares.
#pragma once

#include <hocket/machine/plugin_guard.hpp>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_INLINE plugin_guard::~plugin_guard() {
    if (active_) {
        ::unsetenv(variable);
    }
}

} // namespace
