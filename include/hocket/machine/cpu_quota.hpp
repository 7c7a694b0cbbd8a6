// SPDX-License-Identifier: MIT
// The CPU time that the control groups of this process grant it: cgroup v1 and v2, walked up the hierarchy.
// Floor machine; called where pools are made. Formats: Linux, Documentation/admin-guide/cgroup-v2.rst, proc(5).
#pragma once

#include <hocket/base/config.hpp>
#include <hocket/machine/parse_number.hpp>
#include <hocket/machine/text_lines.hpp>

#include <string>

namespace hocket {

/// So many microseconds of CPU time in each period of so many, for all threads together. Both are positive.
struct cpu_quota {
    std::uint64_t quota_us = 0;
    std::uint64_t period_us = 1;
    std::string file = {}; ///< where it stands

    /// In CPUs.
    double cpus() const noexcept { return static_cast<double>(quota_us) / static_cast<double>(period_us); }
    /// In workers: rounded up, at least one.
    std::size_t workers() const noexcept {
        return static_cast<std::size_t>(quota_us / period_us + (quota_us % period_us != 0 ? 1U : 0U));
    }
};

namespace detail {

/// Finds the least quota. `root` stands in front of each path: tests bring their own /proc and /sys.
class quota_search {
  public:
    explicit quota_search(char const* root) noexcept : root_(root) {}

    /// Searches both versions of control groups, each from the group of this process upwards. Each file is read once: the
    /// system makes its text anew for each reader, and that of the mounts may be long.
    HOCKET_COLD void search() {
        find_own_groups();
        search_mounts(false);
        bool const lost = (own_[0].known && !own_[0].held) || (own_[1].known && !own_[1].held);
        // In some containers the path is the host's and the mount shows the container's own group.
        if (lost) search_mounts(true);
    }
    /// What it has found.
    std::optional<cpu_quota> result() const {
        return quota_us_ == 0 ? std::nullopt : std::optional<cpu_quota>({quota_us_, period_us_, file_});
    }

  private:
    static constexpr std::size_t path_size = 4096;

    /// The group of this process in one version. The root group is the empty path.
    struct own_group {
        bool known = false;
        bool held = false; // by a mount
        char path[path_size];
    };

    /// The lines of /proc/self/cgroup are `id:controllers:path`.
    HOCKET_COLD void find_own_groups() {
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

    /// The lines of /proc/self/mountinfo are `id parent dev root point options [fields] - type source options`, where
    /// `root` is the group that stands at `point`. Looks at the mounts that hold the groups of this process; with `anywhere`
    /// at the first one for each group that none holds, and at its point in place of the group.
    HOCKET_COLD void search_mounts(bool anywhere) {
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

    /// The rest of the path `own` below `mount_root`, or nothing if it is not there.
    static char const* below(char const* mount_root, char const* own) noexcept {
        std::size_t const length = std::strcmp(mount_root, "/") == 0 ? 0 : std::strlen(mount_root);
        if (std::strncmp(own, mount_root, length) != 0) {
            return nullptr;
        }
        char const* const rest = own + length;
        // A group outside the namespace of this process shows as "/../x", and no mount says where that is.
        bool const outside = std::strncmp(rest, "/../", 4) == 0 || std::strcmp(rest, "/..") == 0;
        return (*rest == '\0' || *rest == '/') && !outside ? rest : nullptr;
    }

    /// Looks at a group and at all groups above it, up to the mount.
    HOCKET_COLD void walk_up(char const* point, char const* inside, bool v2) {
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

    /// In v2 the file says `max 100000` or `50000 100000`; in v1 the two numbers stand in two files, and -1 means none.
    HOCKET_COLD void look_at(char const* group, bool v2) {
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

    struct two_numbers {
        std::uint64_t first = 0;
        std::uint64_t second = 0;
    };
    /// With which a file begins; what is not a number is 0.
    HOCKET_COLD static two_numbers numbers_in(char const* path) noexcept {
        text_lines lines(path);
        char* rest = lines.next();
        if (rest == nullptr) {
            return {};
        }
        char const* const first = take_until(rest, ' ');
        return {parse_number(first).value_or(0), parse_number(rest).value_or(0)};
    }

    static double ratio(std::uint64_t quota, std::uint64_t period) noexcept {
        return static_cast<double>(quota) / static_cast<double>(period);
    }

    /// Too long a path is cut and then names no file.
    void join(char (&to)[path_size], char const* path, char const* rest) const noexcept {
        std::snprintf(to, sizeof to, "%s%s%s", root_, path, rest);
    }

    /// The names in mountinfo have blanks and backslashes as three octal digits.
    static char* unescape(char* text) noexcept {
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

    char const* root_;
    own_group own_[2];           ///< of v1, of v2
    std::uint64_t quota_us_ = 0; ///< 0: none found
    std::uint64_t period_us_ = 0;
    char file_[path_size + 32] = {};
};

} // namespace detail

/// The tightest CPU quota over this process, or nothing if there is none or it cannot be read. All paths are taken
/// below the folder `root`.
///
/// **Threads** any. **Blocks** for some small files, 0.1 ms. **Throws** `std::bad_alloc`.
HOCKET_COLD inline std::optional<cpu_quota> read_cpu_quota(char const* root = "") {
    detail::quota_search search(root);
    search.search();
    return search.result();
}

} // namespace hocket
