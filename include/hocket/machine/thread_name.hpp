// SPDX-License-Identifier: MIT
// Names the calling thread for debuggers and `top`, floor machine: the one file with the call of the operating system.
// Called by a pool's threads when they start.
#pragma once

#include <hocket/base/config.hpp>

#include <pthread.h>

#include <cstdint>
#include <cstdio>
#include <string>

namespace hocket::detail {

/// "name/3"; Linux keeps 15 characters, so a long name is cut and the number kept.
HOCKET_COLD inline void name_this_thread(std::string const& name, std::uint32_t number) noexcept {
    char text[16];
    std::snprintf(text, sizeof text, "%.9s/%u", name.empty() ? "hocket" : name.c_str(), number);
    pthread_setname_np(pthread_self(), text);
}

} // namespace hocket::detail
