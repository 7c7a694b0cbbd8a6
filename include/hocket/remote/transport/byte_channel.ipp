// SPDX-License-Identifier: MIT
// The bodies of the functions that byte_channel.hpp declares.
#pragma once

#include <hocket/remote/transport/byte_channel.hpp>

#include <cstring>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_COLD HOCKET_INLINE std::string process_end::text(process_index who) const {
    std::string told = "process " + std::to_string(who) + " (pid " + std::to_string(pid) + ") ";
    if (!fault.empty())
        told += fault;
    else if (!known)
        told += "has ended";
    else if (signal != 0)
        told += "was killed by signal " + std::to_string(signal) + " (" + ::strsignal(signal) +
                (oom ? ": out of memory, as its control group counts an oom_kill)" : ")");
    else
        told += "has exited with status " + std::to_string(status);
    return told;
}

} // namespace
