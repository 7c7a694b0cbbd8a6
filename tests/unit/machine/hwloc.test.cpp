// SPDX-License-Identifier: MIT
// Tests of read_topology: this machine, described machines, and the collected topologies of many real ones.
#include "topology_checks.hpp"

#include <hocket/machine/hwloc.hpp>

#include <gtest/gtest.h>

#include <algorithm>

namespace {

using namespace hocket;
namespace fs = std::filesystem;

#if defined(__SANITIZE_THREAD__)
constexpr bool under_thread_sanitizer = true;
#elif defined(__has_feature)
constexpr bool under_thread_sanitizer = __has_feature(thread_sanitizer);
#else
constexpr bool under_thread_sanitizer = false;
#endif

/// Reads a topology in a child, checks it there, and returns "origin cores pus packages nodes l3 kinds", or the broken
/// promise.
std::string read_and_check(topology_source const& source) {
    topology const read = read_topology(source);
    if (auto const text = test::broken_promise_anywhere(read); !text.empty()) return text;
    char const* const origin = read.origin == topology_origin::hwloc         ? "hwloc"
                               : read.origin == topology_origin::description ? "described"
                                                                             : "fallback";
    std::string text = origin;
    for (std::size_t const count : {read.cores.size(), read.pus.size(), read.packages.size(), read.numa_nodes.size(),
                                    read.l3_groups.size(), read.kinds.size()}) {
        text += " " + std::to_string(count);
    }
    return text;
}

test::child_end synthetic(char const* description) {
    return test::in_child([=] { return read_and_check({.synthetic = description}); });
}

test::child_end with_variable(char const* name, std::string const& value) {
    return test::in_child([&] {
        setenv(name, value.c_str(), 1);
        return read_and_check({});
    });
}

TEST(read_topology, reads_this_machine) {
    topology const read = read_topology();
    EXPECT_EQ(read.origin, topology_origin::hwloc) << read.note;
    EXPECT_EQ(test::broken_promise_anywhere(read), "");
    EXPECT_STREQ(read.note, "");
    EXPECT_EQ(read.pus.size(), detail::pus_of_calling_thread().size());
}

TEST(read_topology, reads_descriptions) {
    // Columns: origin, then cores, PUs, packages, NUMA nodes, L3 groups (or their substitutes), kinds.
    EXPECT_EQ(synthetic("pu:1").message, "described 1 1 1 1 1 1");
    EXPECT_EQ(synthetic("pack:1 core:1 pu:1").message, "described 1 1 1 1 1 1");
    EXPECT_EQ(synthetic("core:1 pu:2").message, "described 1 2 1 1 1 1");
    EXPECT_EQ(synthetic("pack:2 [numa] l3:16 core:12 pu:2").message, "described 384 768 2 2 32 1");
    EXPECT_EQ(synthetic("pack:2 [numa] core:96 pu:1").message, "described 192 192 2 2 2 1");
    EXPECT_EQ(synthetic("pack:1 [numa] group:4 core:12 pu:1").message, "described 48 48 1 1 1 1");
    EXPECT_EQ(synthetic("pack:4 [numa] core:64 pu:4").message, "described 256 1024 4 4 4 1");
    EXPECT_EQ(synthetic("pu:1024").message, "described 1024 1024 1 1 1 1");
    EXPECT_EQ(synthetic("numa:4 pu:4").message, "described 16 16 1 4 4 1");
    EXPECT_EQ(synthetic("pack:2 [numa] [numa(memory=16GB)] core:8 pu:1").message, "described 16 16 2 4 2 1");
    EXPECT_EQ(synthetic("pack:1 numa:64 pu:1").message, "described 64 64 1 64 64 1");
    EXPECT_EQ(synthetic("pack:3 core:7 pu:3").message, "described 21 63 3 1 3 1");
    EXPECT_EQ(synthetic("pack:2 core:2 pu:2(indexes=7,3,1,5,0,2,4,6)").message, "described 4 8 2 1 2 1");
    EXPECT_EQ(synthetic("pack:1 die:2 l3:2 l2:2 core:1 pu:1").message, "described 8 8 1 1 4 1");
}

TEST(read_topology, reads_more_pus_than_fit_the_mask_of_the_c_library) {
    EXPECT_EQ(synthetic("pack:16 [numa] core:60 pu:2").message, "described 960 1920 16 16 16 1");
    EXPECT_EQ(synthetic("pack:64 [numa] core:64 pu:4").message, "described 4096 16384 64 64 64 1");
}

TEST(put_label, the_smallest_set_wins_and_of_equal_ones_the_first) {
    using namespace hocket::detail;
    fixed_array<pu_label> pus(4);
    for (unsigned p = 0; p < 4; ++p) pus[p].os_index = 10 * p;
    fixed_array<topology::group> groups(4);
    char const* const sets[] = {"0-30", "0-10", "10,99", "10,20"};
    for (unsigned i = 0; i < 4; ++i) {
        hwloc_bitmap_t const set = hwloc_bitmap_alloc();
        hwloc_bitmap_list_sscanf(set, sets[i]);
        put_label(pus, &pu_label::numa, set, groups, i);
        hwloc_bitmap_free(set);
    }
    EXPECT_EQ(pus[0].numa, 1U);
    EXPECT_EQ(pus[1].numa, 2U);
    EXPECT_EQ(pus[2].numa, 3U);
    EXPECT_EQ(pus[3].numa, 0U);
}

TEST(put_label, sets_without_an_end_count_as_empty) {
    using namespace hocket::detail;
    fixed_array<pu_label> pus(1);
    fixed_array<topology::group> groups(1);
    hwloc_bitmap_t const set = hwloc_bitmap_alloc_full();
    put_label(pus, &pu_label::l3, set, groups, 0);
    hwloc_bitmap_free(set);
    EXPECT_EQ(pus[0].l3, unlabelled);
}

TEST(read_topology, falls_back_with_a_reason) {
    for (topology_source const source :
         {topology_source{.xml_file = "/nonexistent.xml"}, topology_source{.synthetic = "no such words"}}) {
        topology const read = read_topology(source);
        EXPECT_EQ(read.origin, topology_origin::fallback);
        EXPECT_EQ(test::broken_promise_anywhere(read), "");
        EXPECT_EQ(read.cores.size(), detail::pus_of_calling_thread().size());
        EXPECT_STRNE(read.note, "");
    }
}

TEST(read_topology, takes_the_machine_that_the_environment_describes) {
    EXPECT_EQ(with_variable("HWLOC_SYNTHETIC", "pack:2 l3:2 core:3 pu:2").message, "described 12 24 2 1 4 1");
}

TEST(read_topology, a_description_that_cannot_be_read_gives_this_machine) {
    auto const here = test::in_child([] { return read_and_check({}); });
    EXPECT_EQ(with_variable("HWLOC_XMLFILE", "/nonexistent.xml").message, here.message);
    EXPECT_EQ(with_variable("HWLOC_SYNTHETIC", "no such words").message, here.message);
}

TEST(read_topology, a_description_of_this_machine_is_cut_to_what_is_allowed) {
    auto const end = test::in_child([] {
        setenv("HWLOC_SYNTHETIC", "pack:2 core:8 pu:2", 1);
        setenv("HWLOC_THISSYSTEM", "1", 1);
        topology const read = read_topology();
        return test::broken_promise_anywhere(read) + std::to_string(read.pus.size());
    });
    EXPECT_EQ(end.message, std::to_string(std::min<std::size_t>(32, detail::pus_of_calling_thread().size())));
}

class collected : public testing::Test {
  protected:
    void SetUp() override {
        if (!fs::is_directory(folder_)) {
            GTEST_SKIP() << "no topologies in " << folder_ << "; HOCKET_TOPOLOGIES names another folder";
        }
    }
    std::vector<std::string> files(std::string const& group) const {
        std::vector<std::string> found;
        for (auto const& entry : fs::directory_iterator(folder_ / group)) {
            if (entry.path().extension() == ".xml") found.push_back(entry.path().string());
        }
        EXPECT_FALSE(found.empty());
        return found;
    }
    test::child_end read(std::string const& file) const {
        return test::in_child([&] { return read_and_check({.xml_file = file.c_str()}); });
    }
    std::string counts(std::string const& file) const { return read((folder_ / file).string() + ".xml").message; }

    fs::path folder_ = test::topologies_folder();
};

TEST_F(collected, every_machine_gives_a_whole_topology) {
    for (char const* group : {"xml-v2-orig", "from-sysfs", "from-cpuid"}) {
        for (auto const& file : files(group)) {
            auto const end = read(file);
            EXPECT_FALSE(end.crashed) << file;
            EXPECT_EQ(end.message.substr(0, 10), "described ") << file << ": " << end.message;
        }
    }
}

TEST_F(collected, odd_machines_are_understood) {
    EXPECT_EQ(counts("xml-v2-orig/8intel64-4n2t-memattrs"), "described 8 8 1 4 4 1"); // PUs and nodes alone
    EXPECT_EQ(counts("xml-v2-orig/fakeheterodistances"), "described 8 8 4 8 8 1");    // no cores
    EXPECT_EQ(counts("from-sysfs/2s390-2c"), "described 2 2 1 1 1 1");                // a package, no cores
    EXPECT_EQ(counts("from-sysfs/2ps3-2t"), "described 1 2 1 1 1 1");                 // no package
    EXPECT_EQ(counts("xml-v2-orig/16amd64-8n2c-cpusets"), "described 10 10 6 6 6 1"); // a node for cores that have none
    EXPECT_EQ(counts("from-sysfs/nvidiagpunumanodes"), "described 8 32 2 2 4 1");     // PU numbers up to 103
    EXPECT_EQ(counts("xml-v2-orig/64intel64-fakeKNL-SNC4-hybrid"), "described 16 64 1 8 4 1"); // two nodes, one set
    EXPECT_EQ(counts("from-cpuid/AMD-19h-Zen4-2xEpyc-9654"), "described 192 384 2 1 24 1");
    EXPECT_EQ(counts("from-sysfs/20em64t-hybrid-1p6c2t+2ca4co1t"), "described 14 20 1 1 1 2");
}

TEST_F(collected, a_core_of_two_kinds_is_of_the_faster) {
    auto const end = test::in_child([&] {
        auto const file = (folder_ / "xml-v2-orig/fakecpukinds.xml").string();
        topology const read = read_topology({.xml_file = file.c_str()});
        std::string text;
        for (auto const& core : read.cores) text += std::to_string(read.kinds[core.kind].efficiency.value_or(-1)) + " ";
        return text;
    });
    EXPECT_EQ(end.message, "1 2 ");
}

TEST_F(collected, files_of_a_newer_hwloc_give_the_fallback) {
    if ((hwloc_get_api_version() >> 16) >= 3) GTEST_SKIP() << "this hwloc reads them";
    for (auto const& file : files("xml-v3-orig")) {
        auto const end = read(file);
        EXPECT_FALSE(end.crashed) << file;
        EXPECT_EQ(end.message.substr(0, 9), "fallback ") << file << ": " << end.message;
    }
}

TEST_F(collected, malformed_files_give_some_whole_topology) {
    for (auto const& file : files("bad")) {
        // hwloc takes a gigabyte for the PU number 4294967295, and ThreadSanitizer's shadow takes several more.
        if (under_thread_sanitizer && file.find("pu-index-max") != std::string::npos) continue;
        auto const end = read(file);
        if (end.crashed && file.find("hwloc-2.9.0-segv") != std::string::npos) continue; // in hwloc itself
        EXPECT_FALSE(end.crashed) << file;
        EXPECT_TRUE(end.message.starts_with("described ") || end.message.starts_with("fallback "))
            << file << ": " << end.message;
    }
}

} // namespace
