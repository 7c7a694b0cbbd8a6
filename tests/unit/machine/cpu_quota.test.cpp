// SPDX-License-Identifier: MIT
// Tests of read_cpu_quota on made-up /proc and /sys trees.
#include <hocket/machine/cpu_quota.hpp>

#include <gtest/gtest.h>

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <random>

namespace {

namespace fs = std::filesystem;

class cpu_quota : public testing::Test {
  protected:
    cpu_quota() : root_(fs::path(testing::TempDir()) / ("hocket_quota_" + std::to_string(getpid()))) {
        fs::remove_all(root_);
    }
    ~cpu_quota() override { fs::remove_all(root_); }

    void file(std::string const& path, std::string const& content) const {
        fs::path const full = root_.string() + path;
        fs::create_directories(full.parent_path());
        std::ofstream(full, std::ios::binary) << content;
    }
    void v2(std::string const& group, std::string const& mount_root = "/", std::string const& point = "/cg") const {
        file("/proc/self/cgroup", "0::" + group + "\n");
        file("/proc/self/mountinfo", "22 1 0:2 / /proc rw - proc proc rw\n31 23 0:28 " + mount_root + " " + point +
                                         " rw,relatime shared:9 - cgroup2 cgroup2 rw\n");
    }
    void v1(std::string const& group, std::string const& mount_root = "/") const {
        file("/proc/self/cgroup", "3:cpuset:/elsewhere\n2:cpu,cpuacct:" + group + "\n0::/ignored\n");
        file("/proc/self/mountinfo", "32 31 0:29 / /cpuset rw - cgroup cgroup rw,cpuset\n33 31 0:30 " + mount_root +
                                         " /cpu rw - cgroup cgroup rw,cpu,cpuacct\n");
    }
    std::optional<hocket::cpu_quota> read() const { return hocket::read_cpu_quota(root_.c_str()); }
    std::size_t workers() const {
        auto const found = read();
        return found ? found->workers() : 0; // 0: no quota
    }

    fs::path root_;
};

TEST_F(cpu_quota, is_nothing_without_proc) { EXPECT_FALSE(read().has_value()); }

TEST_F(cpu_quota, reads_this_machine_without_harm) {
    auto const found = hocket::read_cpu_quota();
    if (found) {
        EXPECT_GE(found->workers(), 1U);
        EXPECT_FALSE(found->file.empty());
    }
}

TEST_F(cpu_quota, v2_is_rounded_up_and_says_where_it_stands) {
    v2("/app");
    file("/cg/app/cpu.max", "150000 100000\n");
    auto const found = read();
    ASSERT_TRUE(found.has_value());
    EXPECT_EQ(found->workers(), 2U);
    EXPECT_DOUBLE_EQ(found->cpus(), 1.5);
    EXPECT_EQ(found->file, root_.string() + "/cg/app/cpu.max");
    file("/cg/app/cpu.max", "400000 100000\n");
    EXPECT_EQ(workers(), 4U);
    file("/cg/app/cpu.max", "1 100000\n");
    EXPECT_EQ(workers(), 1U);
}

TEST_F(cpu_quota, v2_max_is_no_limit) {
    v2("/app");
    file("/cg/app/cpu.max", "max 100000\n");
    EXPECT_EQ(workers(), 0U);
}

TEST_F(cpu_quota, the_least_of_all_levels_counts) {
    v2("/a/b/c");
    file("/cg/a/b/c/cpu.max", "800000 100000\n");
    file("/cg/a/b/cpu.max", "max 100000\n");
    file("/cg/a/cpu.max", "100000 50000\n");
    file("/cg/cpu.max", "500000 100000\n");
    EXPECT_EQ(workers(), 2U);
    EXPECT_EQ(read()->file, root_.string() + "/cg/a/cpu.max");
    file("/cg/cpu.max", "90000 100000\n");
    EXPECT_EQ(workers(), 1U);
}

TEST_F(cpu_quota, does_not_look_above_the_mount) {
    v2("/app", "/", "/sys/cg");
    file("/sys/cpu.max", "100000 100000\n");
    EXPECT_EQ(workers(), 0U);
    file("/sys/cg/cpu.max", "300000 100000\n");
    EXPECT_EQ(workers(), 3U);
}

TEST_F(cpu_quota, v1_needs_both_files) {
    v1("/app");
    file("/cpu/app/cpu.cfs_quota_us", "250000\n");
    EXPECT_EQ(workers(), 0U);
    file("/cpu/app/cpu.cfs_period_us", "100000\n");
    EXPECT_EQ(workers(), 3U);
    file("/cpu/app/cpu.cfs_quota_us", "-1\n");
    EXPECT_EQ(workers(), 0U);
    file("/cpu/cpu.cfs_quota_us", "100000\n");
    file("/cpu/cpu.cfs_period_us", "100000\n");
    EXPECT_EQ(workers(), 1U);
}

TEST_F(cpu_quota, v1_and_v2_together_give_the_least) {
    file("/proc/self/cgroup", "2:cpu:/x\n0::/y\n");
    file("/proc/self/mountinfo",
         "31 23 0:28 / /one rw - cgroup cgroup rw,cpu\n32 23 0:28 / /two rw - cgroup2 cgroup2 rw\n");
    file("/one/x/cpu.cfs_quota_us", "500000\n");
    file("/one/x/cpu.cfs_period_us", "100000\n");
    file("/two/y/cpu.max", "300000 100000\n");
    EXPECT_EQ(workers(), 3U);
    file("/two/y/cpu.max", "700000 100000\n");
    EXPECT_EQ(workers(), 5U);
}

TEST_F(cpu_quota, a_mount_of_a_part_of_the_hierarchy_is_found) {
    v2("/docker/abc/inner", "/docker/abc");
    file("/cg/inner/cpu.max", "200000 100000\n");
    EXPECT_EQ(workers(), 2U);
}

TEST_F(cpu_quota, a_group_that_no_mount_holds_falls_back_to_the_mount) {
    v1("/docker/abc", "/docker/xyz");
    file("/cpu/cpu.cfs_quota_us", "200000\n");
    file("/cpu/cpu.cfs_period_us", "100000\n");
    EXPECT_EQ(workers(), 2U);
    v2("/../outside");
    file("/cg/cpu.max", "300000 100000\n");
    file("/outside/cpu.max", "100000 100000\n");
    EXPECT_EQ(workers(), 3U);
}

TEST_F(cpu_quota, a_longer_name_with_the_same_start_is_another_group) {
    v2("/docker/abcdef", "/docker/abc");
    file("/cgdef/cpu.max", "100000 100000\n");
    EXPECT_EQ(workers(), 0U);
}

TEST_F(cpu_quota, blanks_in_mount_points_are_understood) {
    v2("/app", "/", "/my\\040cg");
    file("/my cg/app/cpu.max", "200000 100000\n");
    EXPECT_EQ(workers(), 2U);
}

TEST_F(cpu_quota, nonsense_is_no_quota) {
    v2("/app");
    for (char const* text : {"", "\n", " ", "max", "max max", "0 100000", "100000 0", "-5 100000", "100000 -5",
                             "100000", "1.5 100000", "99999999999999999999 100000", "100000 99999999999999999999",
                             "100000 100000 100000", "abc def", "100000\t100000", "0x10 100000"}) {
        file("/cg/app/cpu.max", text);
        EXPECT_EQ(workers(), 0U) << text;
    }
}

TEST_F(cpu_quota, extreme_numbers_do_not_overflow) {
    v2("/app");
    file("/cg/app/cpu.max", "18446744073709551615 1\n");
    EXPECT_EQ(workers(), ~std::size_t{0});
    file("/cg/app/cpu.max", "1 18446744073709551615\n");
    EXPECT_EQ(workers(), 1U);
    file("/cg/app/cpu.max", "18446744073709551615 18446744073709551614\n");
    EXPECT_EQ(workers(), 2U);
}

TEST_F(cpu_quota, paths_longer_than_any_buffer_are_harmless) {
    std::string deep;
    for (int i = 0; i < 3000; ++i) deep += "/ab";
    v2(deep);
    EXPECT_EQ(workers(), 0U);
    v2("/app", "/", deep);
    EXPECT_EQ(workers(), 0U);
    v2(deep.substr(0, 4000), "/", deep.substr(0, 4000));
    EXPECT_EQ(workers(), 0U);
}

TEST_F(cpu_quota, random_damage_never_harms) {
    std::mt19937 random(7);
    auto const damage = [&](std::string text) {
        for (auto edits = random() % 6; edits > 0 && !text.empty(); --edits) {
            std::size_t const at = random() % text.size();
            switch (random() % 3) {
            case 0: text[at] = static_cast<char>(random()); break;
            case 1: text.erase(at, random() % 5); break;
            default: text.insert(at, text.substr(random() % text.size(), random() % 20)); break;
            }
        }
        return text;
    };
    for (int round = 0; round < 100; ++round) {
        file("/proc/self/cgroup", damage("2:cpu,cpuacct:/a/b\n0::/a/b\n"));
        file("/proc/self/mountinfo", damage("31 23 0:28 / /cg rw,relatime shared:9 - cgroup2 cgroup2 rw\n"
                                            "33 31 0:30 / /cg rw - cgroup cgroup rw,cpu,cpuacct\n"));
        file("/cg/a/b/cpu.max", damage("150000 100000\n"));
        file("/cg/a/cpu.cfs_quota_us", damage("150000\n"));
        file("/cg/a/cpu.cfs_period_us", damage("100000\n"));
        auto const found = read();
        if (found) {
            EXPECT_GE(found->workers(), 1U);
        }
    }
}

} // namespace
