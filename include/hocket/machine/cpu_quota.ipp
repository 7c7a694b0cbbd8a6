// SPDX-License-Identifier: MIT
// The bodies of the functions that cpu_quota.hpp declares.
#pragma once

#include <hocket/machine/cpu_quota.hpp>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_COLD HOCKET_INLINE void quota_search::search() {
    find_own_groups();
    search_mounts(false);
    bool const lost = (own_[0].known && !own_[0].held) || (own_[1].known && !own_[1].held);
    // In some containers the path is the host's and the mount shows the container's own group.
    if (lost) search_mounts(true);
}

HOCKET_COLD HOCKET_INLINE void quota_search::find_own_groups() {
    char path[path_size];
    join(path, "/proc/self/cgroup", "");
    text_lines lines(path);
    while (char* rest = lines.next()) {
        char const* const id = take_until(rest, ':');
        char const* const controllers = take_until(rest, ':');
        bool const v2 = std::strcmp(id, "0") == 0 && *controllers == '\0';
        own_group& own = own_[v2 ? 1 : 0];
        if ((v2 || lists(controllers, "cpu")) && !own.known && *rest == '/' && std::strlen(rest) < path_size) {
            char const* const group = rest[1] == '\0' ? "" : rest;
            std::memcpy(own.path, group, std::strlen(group) + 1);
            own.known = true;
        }
    }
}

HOCKET_COLD HOCKET_INLINE void quota_search::search_mounts(bool anywhere) {
    char path[path_size];
    join(path, "/proc/self/mountinfo", "");
    text_lines lines(path);
    while (char* rest = lines.next()) {
        char* const dash = std::strstr(rest, " - ");
        if (dash == nullptr) {
            continue;
        }
        *dash = '\0';
        char* tail = dash + 3;
        char const* const type = take_until(tail, ' ');
        take_until(tail, ' ');
        bool const v2 = std::strcmp(type, "cgroup2") == 0;
        own_group& own = own_[v2 ? 1 : 0];
        bool const wanted = v2 || (std::strcmp(type, "cgroup") == 0 && lists(tail, "cpu"));
        if (!wanted || !own.known || (anywhere && own.held)) {
            continue;
        }
        for (int skipped = 0; skipped < 3; ++skipped) {
            take_until(rest, ' ');
        }
        char* const mount_root = unescape(take_until(rest, ' '));
        char* const point = unescape(take_until(rest, ' '));
        char const* const inside = anywhere ? "" : below(mount_root, own.path);
        if (*point == '/' && inside != nullptr) {
            own.held = true;
            walk_up(point, inside, v2);
        }
    }
}

HOCKET_INLINE char const* quota_search::below(char const* mount_root, char const* own) noexcept {
    std::size_t const length = std::strcmp(mount_root, "/") == 0 ? 0 : std::strlen(mount_root);
    if (std::strncmp(own, mount_root, length) != 0) {
        return nullptr;
    }
    char const* const rest = own + length;
    // A group outside the namespace of this process shows as "/../x", and no mount says where that is.
    bool const outside = std::strncmp(rest, "/../", 4) == 0 || std::strcmp(rest, "/..") == 0;
    return (*rest == '\0' || *rest == '/') && !outside ? rest : nullptr;
}

HOCKET_COLD HOCKET_INLINE void quota_search::walk_up(char const* point, char const* inside, bool v2) {
    char group[path_size];
    join(group, point, inside);
    std::size_t const top = std::strlen(group) - std::strlen(inside);
    for (;;) {
        look_at(group, v2);
        char* const slash = std::strrchr(group, '/');
        if (slash == nullptr || static_cast<std::size_t>(slash - group) < top) {
            return;
        }
        *slash = '\0';
    }
}

HOCKET_COLD HOCKET_INLINE void quota_search::look_at(char const* group, bool v2) {
    char path[sizeof file_];
    std::snprintf(path, sizeof path, "%s/%s", group, v2 ? "cpu.max" : "cpu.cfs_quota_us");
    two_numbers said = numbers_in(path);
    if (!v2 && said.first != 0) {
        char period_path[sizeof file_];
        std::snprintf(period_path, sizeof period_path, "%s/cpu.cfs_period_us", group);
        said.second = numbers_in(period_path).first;
    }
    auto const [quota, period] = said;
    if (quota != 0 && period != 0 && (quota_us_ == 0 || ratio(quota, period) < ratio(quota_us_, period_us_))) {
        quota_us_ = quota;
        period_us_ = period;
        std::memcpy(file_, path, sizeof path);
    }
}

HOCKET_COLD HOCKET_INLINE auto quota_search::numbers_in(char const* path) noexcept -> two_numbers {
    text_lines lines(path);
    char* rest = lines.next();
    if (rest == nullptr) {
        return {};
    }
    char const* const first = take_until(rest, ' ');
    return {parse_number(first).value_or(0), parse_number(rest).value_or(0)};
}

HOCKET_INLINE char* quota_search::unescape(char* text) noexcept {
    char* to = text;
    auto const octal = [](char c) { return c >= '0' && c <= '7'; };
    for (char const* from = text; *from != '\0'; ++from) {
        if (from[0] == '\\' && octal(from[1]) && octal(from[2]) && octal(from[3])) {
            *to++ = static_cast<char>((from[1] - '0') * 64 + (from[2] - '0') * 8 + (from[3] - '0'));
            from += 3;
        } else {
            *to++ = *from;
        }
    }
    *to = '\0';
    return text;
}

} // namespace

namespace hocket::inline HOCKET_ABI {

HOCKET_COLD HOCKET_INLINE std::optional<cpu_quota> read_cpu_quota(char const* root) {
    HOCKET_SIMULATE(std::nullopt);
    detail::quota_search search(root);
    search.search();
    return search.result();
}

} // namespace
