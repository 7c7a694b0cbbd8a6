// SPDX-License-Identifier: MIT
// The bodies of the functions that own_place.hpp declares.
#pragma once

#include <hocket/remote/wire/own_place.hpp>

#include <unistd.h>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_COLD HOCKET_INLINE std::string host_name() {
    char name[256] = ""; // gethostname may leave out the zero
    if (::gethostname(name, sizeof name - 1) != 0 || name[0] == '\0') return "an unknown host";
    return name;
}

HOCKET_COLD HOCKET_INLINE std::string place_of_process(std::uint32_t index, long pid, std::string const& host) {
    std::string text = "process " + std::to_string(index) + " on " + (host.empty() ? host_name() : host);
    if (pid != 0) text += " (pid " + std::to_string(pid) + ")";
    return text;
}

HOCKET_COLD HOCKET_INLINE std::string own_place() {
    return place_of_process(own_process_index.load(std::memory_order_relaxed), ::getpid());
}

} // namespace
