// SPDX-License-Identifier: MIT
// The CPU time that the control groups of this process grant it: cgroup v1 and v2, walked up the hierarchy. Called
// where pools are made. Formats: Linux, Documentation/admin-guide/cgroup-v2.rst, proc(5).
#pragma once

#include <hocket/base/config.hpp>
#include <hocket/machine/parse_number.hpp>
#include <hocket/machine/text_lines.hpp>

#include <string>

namespace hocket::inline HOCKET_ABI {

/// The microseconds of CPU time in each period, for all threads together. Both are positive.
struct cpu_quota {
    std::uint64_t quota_us = 0;
    std::uint64_t period_us = 1;
    std::string file = {}; ///< the file that sets it

    /// Returns the quota in CPUs.
    double cpus() const noexcept { return static_cast<double>(quota_us) / static_cast<double>(period_us); }
    /// Returns the quota in workers: rounded up, at least one.
    std::size_t workers() const noexcept {
        return static_cast<std::size_t>(quota_us / period_us + (quota_us % period_us != 0 ? 1U : 0U));
    }
};

namespace detail {

/// Finds the least quota. `root` is put before each path: tests bring their own /proc and /sys.
class quota_search {
  public:
    explicit quota_search(char const* root) noexcept : root_(root) {}

    /// Searches both versions of control groups, each from the group of this process upwards. Each file is read once:
    /// the system makes its text anew for each reader, and the list of mounts may be long.
    [[gnu::cold]] void search();
    /// Returns the least quota that was found.
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

    /// Reads the lines of /proc/self/cgroup: `id:controllers:path`.
    [[gnu::cold]] void find_own_groups();

    /// Reads the lines of /proc/self/mountinfo: `id parent dev root point options [fields] - type source
    /// options`, where `root` is the group that is mounted at `point`. Looks at the mounts that hold the groups of this
    /// process. With `anywhere`, looks at the first mount for each group that no mount holds, and at its point in place
    /// of the group.
    [[gnu::cold]] void search_mounts(bool anywhere);

    /// Returns the rest of the path `own` below `mount_root`, or null if it is not below it.
    static char const* below(char const* mount_root, char const* own) noexcept;

    /// Looks at a group and at all groups above it, up to the mount.
    [[gnu::cold]] void walk_up(char const* point, char const* inside, bool v2);

    /// Reads the quota of a group. In v2 the file says `max 100000` or `50000 100000`. In v1 the two numbers stand in
    /// two files, and -1 means none.
    [[gnu::cold]] void look_at(char const* group, bool v2);

    struct two_numbers {
        std::uint64_t first = 0;
        std::uint64_t second = 0;
    };
    /// Returns the two numbers at the beginning of a file; text that is no number is 0.
    [[gnu::cold]] static two_numbers numbers_in(char const* path) noexcept;

    static double ratio(std::uint64_t quota, std::uint64_t period) noexcept {
        return static_cast<double>(quota) / static_cast<double>(period);
    }

    /// Joins a path. A path that is too long is cut, and then names no file.
    void join(char (&to)[path_size], char const* path, char const* rest) const noexcept {
        std::snprintf(to, sizeof to, "%s%s%s", root_, path, rest);
    }

    /// Decodes names in mountinfo, which have blanks and backslashes as three octal digits.
    static char* unescape(char* text) noexcept;

    char const* root_;
    own_group own_[2];           ///< of v1, of v2
    std::uint64_t quota_us_ = 0; ///< 0: none found
    std::uint64_t period_us_ = 0;
    char file_[path_size + 32] = {};
};

} // namespace detail

/// Returns the tightest CPU quota over this process, or nothing if there is none or it cannot be read. All paths are
/// taken below the folder `root`.
///
/// **Threads** any. **Blocks** for some small files, 0.1 ms. **Throws** `std::bad_alloc`.
[[gnu::cold]] std::optional<cpu_quota> read_cpu_quota(char const* root = "");

} // namespace hocket

#if HOCKET_BODIES
#include <hocket/machine/cpu_quota.ipp>
#endif
