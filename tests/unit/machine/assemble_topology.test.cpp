// SPDX-License-Identifier: MIT
// Tests of assemble_topology: the topology is complete, whatever a source knows.
#include "topology_checks.hpp"

#include <hocket/machine/assemble_topology.hpp>

#include <gtest/gtest.h>

#include <random>

namespace {

using namespace hocket;
using detail::pu_label;
using detail::unlabelled;

fixed_array<pu_label> pus_of(std::vector<pu_label> const& labels) {
    fixed_array<pu_label> pus(labels.size());
    for (std::size_t i = 0; i < labels.size(); ++i) pus[i] = labels[i];
    return pus;
}

TEST(assemble_topology, pus_alone_are_enough) {
    topology made;
    detail::assemble_topology(made, pus_of({{.os_index = 3}, {.os_index = 7}, {.os_index = 100'000}}), 0);
    EXPECT_EQ(test::broken_promise_anywhere(made), "");
    EXPECT_EQ(made.cores.size(), 3U);
    EXPECT_EQ(made.packages.size(), 1U);
    EXPECT_EQ(made.numa_nodes.size(), 1U);
    EXPECT_EQ(made.l3_groups.size(), 1U);
    EXPECT_EQ(made.kinds.size(), 1U);
    EXPECT_FALSE(made.packages[0].os_index.has_value());
}

TEST(assemble_topology, pus_are_sorted_by_core) {
    topology made;
    detail::assemble_topology(made,
                              pus_of({{.os_index = 0, .core = 5},
                                      {.os_index = 1, .core = 2},
                                      {.os_index = 2, .core = 5},
                                      {.os_index = 3},
                                      {.os_index = 4, .core = 2}}),
                              6);
    EXPECT_EQ(test::broken_promise_anywhere(made), "");
    ASSERT_EQ(made.cores.size(), 3U);
    EXPECT_EQ(made.pus[0].os_index, 1U);
    EXPECT_EQ(made.pus[1].os_index, 4U);
    EXPECT_EQ(made.pus[2].os_index, 0U);
    EXPECT_EQ(made.pus[3].os_index, 2U);
    EXPECT_EQ(made.pus[4].os_index, 3U);
}

TEST(assemble_topology, groups_without_cores_go_but_numa_nodes_stay) {
    topology made;
    made.packages = fixed_array<topology::group>(3);
    made.packages[2].os_index = 22;
    made.numa_nodes = fixed_array<topology::group>(3);
    made.numa_nodes[0].bytes = 100;
    made.numa_nodes[2].bytes = 300;
    detail::assemble_topology(
        made, pus_of({{.os_index = 0, .package = 2, .numa = 1}, {.os_index = 1, .package = 2, .numa = 1}}), 0);
    EXPECT_EQ(test::broken_promise_anywhere(made), "");
    ASSERT_EQ(made.packages.size(), 1U);
    EXPECT_EQ(made.packages[0].os_index, 22U);
    ASSERT_EQ(made.numa_nodes.size(), 3U);
    EXPECT_EQ(made.cores[0].numa, 1U);
    EXPECT_EQ(made.numa_nodes[0].bytes, 100U);
    EXPECT_EQ(made.numa_nodes[2].bytes, 300U);
    EXPECT_EQ(made.numa_nodes[1].cores, 2U);
}

TEST(assemble_topology, cores_without_l3_are_grouped_by_package_and_node) {
    topology made;
    made.packages = fixed_array<topology::group>(2);
    made.l3_groups = fixed_array<topology::group>(1);
    made.l3_groups[0].bytes = 32;
    detail::assemble_topology(made,
                              pus_of({{.os_index = 0, .package = 0},
                                      {.os_index = 1, .package = 1},
                                      {.os_index = 2, .package = 0},
                                      {.os_index = 3, .package = 1, .l3 = 0}}),
                              0);
    EXPECT_EQ(test::broken_promise_anywhere(made), "");
    EXPECT_EQ(made.l3_groups.size(), 3U);
    EXPECT_EQ(made.cores[0].l3, made.cores[2].l3);
    EXPECT_NE(made.cores[0].l3, made.cores[1].l3);
    EXPECT_NE(made.cores[1].l3, made.cores[3].l3);
    EXPECT_EQ(made.l3_groups[made.cores[3].l3].bytes, 32U);
}

TEST(assemble_topology, a_core_is_of_its_fastest_kind) {
    topology made;
    made.kinds = fixed_array<topology::group>(3);
    for (int i = 0; i < 3; ++i) made.kinds[static_cast<std::size_t>(i)].efficiency = i;
    detail::assemble_topology(made,
                              pus_of({{.os_index = 0, .core = 0, .kind = 0},
                                      {.os_index = 1, .core = 0, .kind = 2},
                                      {.os_index = 2, .core = 1, .kind = 0},
                                      {.os_index = 3, .core = 1}}),
                              2);
    EXPECT_EQ(test::broken_promise_anywhere(made), "");
    EXPECT_EQ(made.kinds[made.cores[0].kind].efficiency, 2);
    EXPECT_EQ(made.kinds[made.cores[1].kind].efficiency, 0);
}

TEST(assemble_topology, random_labels_give_whole_topologies) {
    std::mt19937 random(11);
    for (int round = 0; round < 2000; ++round) {
        topology made;
        auto const groups = [&] {
            fixed_array<topology::group> some(random() % 4);
            for (auto& group : some) {
                group.cores = random();
                if (random() % 2 == 0) group.efficiency = static_cast<int>(random() % 3);
            }
            return some;
        };
        made.packages = groups();
        made.numa_nodes = groups();
        made.l3_groups = groups();
        made.kinds = groups();
        fixed_array<pu_label> pus(1 + random() % 12);
        auto const core_labels = static_cast<unsigned>(random() % 8);
        unsigned os_index = 0;
        for (auto& pu : pus) {
            os_index += 1 + (random() % 8 == 0 ? static_cast<unsigned>(random() % 5000) : 0U);
            auto const label = [&] { return random() % 3 == 0 ? unlabelled : static_cast<unsigned>(random() % 5); };
            pu = {os_index, random() % 3 == 0 ? unlabelled : static_cast<unsigned>(random() % 9),
                  label(),  label(),
                  label(),  label()};
        }
        detail::assemble_topology(made, pus, core_labels);
        ASSERT_EQ(test::broken_promise_anywhere(made), "") << round;
    }
}

} // namespace
