// SPDX-License-Identifier: MIT
// The bodies of the functions that oom_kills.hpp declares. Formats: Linux, Documentation/admin-guide/cgroup-v2.rst
// (memory.events) and cgroup-v1/memory.rst (memory.oom_control).
#pragma once

#include <hocket/machine/parse_number.hpp>
#include <hocket/machine/text_lines.hpp>
#include <hocket/remote/transport/oom_kills.hpp>

#include <cstring>

#include <unistd.h>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_COLD HOCKET_INLINE oom_kills::oom_kills(std::string const& root) {
    std::string const mount = root + "/sys/fs/cgroup";
    text_lines lines((root + "/proc/self/cgroup").c_str()); // each `id:controllers:path`
    while (char* rest = lines.next()) {
        bool const v2 = std::strcmp(take_until(rest, ':'), "0") == 0;
        if (!lists(take_until(rest, ':'), v2 ? "" : "memory")) continue;
        std::string const file = v2 ? "/memory.events" : "/memory.oom_control";
        std::string const at = v2 ? mount : mount + "/memory";
        // In some containers the path is the host's, and the mount shows the container's own group.
        for (std::string const& each : {at + rest + file, at + file})
            if (file_.empty() && ::access(each.c_str(), R_OK) == 0) file_ = each;
    }
    seen_ = read();
}

HOCKET_COLD HOCKET_INLINE std::uint64_t oom_kills::read() const noexcept {
    if (file_.empty()) return 0;
    text_lines lines(file_.c_str());
    while (char* rest = lines.next())
        if (std::strcmp(take_until(rest, ' '), "oom_kill") == 0) return parse_number(rest).value_or(0);
    return 0;
}

HOCKET_COLD HOCKET_INLINE bool oom_kills::explains_a_death() noexcept {
    std::uint64_t const now = read();
    if (now > seen_) {
        unexplained_ += now - seen_;
        seen_ = now;
    }
    if (unexplained_ == 0) return false;
    --unexplained_;
    return true;
}

} // namespace
