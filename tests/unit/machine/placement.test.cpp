// SPDX-License-Identifier: MIT
// Tests of plan_placement and nearest_first on described machines.
#include "topology_checks.hpp"

#include <hocket/machine/hwloc.hpp>

#include <gtest/gtest.h>

namespace {

using namespace hocket;

topology on(char const* description) { return read_topology({.synthetic = description}); }

std::vector<unsigned> cores_of(placement const& planned) {
    std::vector<unsigned> cores;
    for (auto const& place : planned.workers) cores.push_back(static_cast<unsigned>(place.core));
    return cores;
}

std::vector<unsigned> list(fixed_array<unsigned> const& numbers) { return {numbers.begin(), numbers.end()}; }

cpu_quota quota_of(std::uint64_t quota, std::uint64_t period) { return {quota, period, "/cg/cpu.max"}; }

TEST(placement, one_worker_per_core_by_default) {
    placement const planned = plan_placement(on("pack:2 l3:2 core:2 pu:2"), std::nullopt, {});
    EXPECT_EQ(cores_of(planned), (std::vector<unsigned>{0, 1, 2, 3, 4, 5, 6, 7}));
    EXPECT_EQ(planned.effective, binding::core);
    EXPECT_EQ(list(planned.workers[1].pus), (std::vector<unsigned>{2, 3}));
    EXPECT_EQ(planned.workers[5].l3, 2U);
    EXPECT_EQ(planned.workers[5].package, 1U);
}

TEST(placement, a_quota_caps_the_default_rounded_up_and_unpins) {
    topology const machine = on("pack:1 core:8 pu:1");
    placement const planned = plan_placement(machine, quota_of(250'000, 100'000), {});
    EXPECT_EQ(planned.workers.size(), 3U);
    EXPECT_EQ(planned.effective, binding::none);
    EXPECT_NE(planned.reason.find("2.50 CPUs"), std::string::npos) << planned.reason;
    EXPECT_NE(planned.reason.find("/cg/cpu.max"), std::string::npos) << planned.reason;
    EXPECT_EQ(plan_placement(machine, quota_of(1, 100'000), {}).workers.size(), 1U);
    EXPECT_EQ(plan_placement(machine, quota_of(7'900'000, 100'000), {}).workers.size(), 8U);
}

TEST(placement, a_quota_just_below_the_cores_keeps_the_workers_and_unpins_them) {
    placement const planned = plan_placement(on("pack:1 core:8 pu:1"), quota_of(750'000, 100'000), {});
    EXPECT_EQ(planned.workers.size(), 8U);
    EXPECT_EQ(planned.effective, binding::none);
}

TEST(placement, a_request_beats_the_quota) {
    placement const planned = plan_placement(on("pack:1 core:8 pu:1"), quota_of(1, 1), {.workers = 5});
    EXPECT_EQ(planned.workers.size(), 5U);
}

TEST(placement, refuses_none_and_too_many) {
    topology const machine = on("core:2 pu:1");
    EXPECT_THROW(plan_placement(machine, std::nullopt, {.workers = 0}), std::invalid_argument);
    EXPECT_THROW(plan_placement(machine, std::nullopt, {.workers = 65'537}), std::invalid_argument);
    EXPECT_THROW(plan_placement(machine, std::nullopt, {.workers = ~std::size_t{0}}), std::invalid_argument);
    EXPECT_EQ(plan_placement(machine, std::nullopt, {.workers = 65'536}).workers.size(), 65'536U);
}

TEST(placement, automatic_pins_only_a_team_that_fills_the_cores) {
    topology const machine = on("pack:1 core:4 pu:2");
    auto const effective = [&](std::size_t workers) {
        return plan_placement(machine, std::nullopt, {.workers = workers}).effective;
    };
    EXPECT_EQ(effective(1), binding::none);
    EXPECT_EQ(effective(3), binding::none);
    EXPECT_EQ(effective(4), binding::core);
    EXPECT_EQ(effective(8), binding::core);
    EXPECT_EQ(effective(9), binding::none);
}

TEST(placement, more_workers_than_cores_share_them_evenly) {
    placement const planned =
        plan_placement(on("pack:1 core:3 pu:2"), std::nullopt, {.workers = 8, .bind = binding::pu});
    EXPECT_EQ(cores_of(planned), (std::vector<unsigned>{0, 1, 2, 0, 1, 2, 0, 1}));
    EXPECT_EQ(list(planned.workers[0].pus), std::vector<unsigned>{0});
    EXPECT_EQ(list(planned.workers[3].pus), std::vector<unsigned>{1});
    EXPECT_EQ(list(planned.workers[6].pus), std::vector<unsigned>{0});
}

TEST(placement, numa_binding_gives_the_whole_node) {
    placement const planned = plan_placement(on("pack:2 [numa] core:2 pu:2"), std::nullopt, {.bind = binding::numa});
    EXPECT_EQ(list(planned.workers[0].pus), (std::vector<unsigned>{0, 1, 2, 3}));
    EXPECT_EQ(list(planned.workers[3].pus), (std::vector<unsigned>{4, 5, 6, 7}));
}

TEST(placement, shuffled_pu_numbers_stay_with_their_cores) {
    placement const planned =
        plan_placement(on("pack:2 core:2 pu:2(indexes=7,3,1,5,0,2,4,6)"), std::nullopt, {.bind = binding::core});
    // hwloc orders cores by their lowest PU.
    EXPECT_EQ(list(planned.workers[0].pus), (std::vector<unsigned>{0, 2}));
    EXPECT_EQ(list(planned.workers[1].pus), (std::vector<unsigned>{4, 6}));
    EXPECT_EQ(list(planned.workers[3].pus), (std::vector<unsigned>{3, 7}));
}

TEST(placement, fast_cores_come_first_and_unranked_ones_in_order) {
    topology machine = on("pack:1 core:4 pu:1");
    machine.kinds = fixed_array<topology::group>(2);
    machine.cores[1].kind = machine.cores[3].kind = 1;
    EXPECT_EQ(cores_of(plan_placement(machine, std::nullopt, {})), (std::vector<unsigned>{0, 1, 2, 3}));
    machine.kinds[0].efficiency = 0;
    machine.kinds[1].efficiency = 1;
    EXPECT_EQ(cores_of(plan_placement(machine, std::nullopt, {})), (std::vector<unsigned>{1, 3, 0, 2}));
    EXPECT_EQ(cores_of(plan_placement(machine, std::nullopt, {.workers = 2})), (std::vector<unsigned>{1, 3}));
}

TEST(placement, prints_where_each_worker_runs_and_why_that_many) {
    std::string const text = plan_placement(on("pack:1 core:2 pu:2"), std::nullopt, {}).to_string();
    EXPECT_EQ(text.find("hocket: 2 workers, binding core: one per core (allowed cores: 2, PUs: 4)"), 0U) << text;
    EXPECT_NE(text.find("worker 1: core 1, L3 group 0, NUMA node 0, package 0, PU 2-3\n"), std::string::npos) << text;
    std::string const unpinned = plan_placement(on("pack:1 core:2 pu:2"), std::nullopt, {.workers = 1}).to_string();
    EXPECT_NE(unpinned.find("as requested"), std::string::npos) << unpinned;
    EXPECT_NE(unpinned.find("not pinned"), std::string::npos) << unpinned;
}

TEST(placement, prints_any_number_of_pus) {
    topology machine = on("numa:1 core:500 pu:1");
    for (std::size_t p = 0; p < machine.pus.size(); ++p) machine.pus[p].os_index = static_cast<unsigned>(p * 1'000'003);
    auto const text = plan_placement(machine, std::nullopt, {.workers = 2, .bind = binding::numa}).to_string();
    EXPECT_LT(text.size(), 1'000U);
    EXPECT_NE(text.find("worker 1"), std::string::npos);
}

TEST(nearest_first, goes_from_core_to_cache_to_node_to_package_to_the_rest) {
    topology const machine = on("pack:2 group:2 [numa] l3:2 core:2 pu:2");
    placement const planned = plan_placement(machine, std::nullopt, {.workers = 32});
    worker_place const& me = planned.workers[2];
    auto const order = nearest_first(planned, worker_index{2});
    ASSERT_EQ(order.size(), 31U);
    for (std::size_t i = 0; i < 31; ++i) {
        worker_place const& other = planned.workers[order[i]];
        EXPECT_EQ(other.core == me.core, i < 1) << i;
        EXPECT_EQ(other.l3 == me.l3, i < 3) << i;
        EXPECT_EQ(other.numa == me.numa, i < 7) << i;
        EXPECT_EQ(other.package == me.package, i < 15) << i;
    }
}

TEST(nearest_first, is_a_permutation_of_the_others) {
    for (std::size_t const workers : {1U, 2U, 3U, 7U, 40U}) {
        placement const planned = plan_placement(on("pack:3 core:7 pu:3"), std::nullopt, {.workers = workers});
        for (std::size_t i = 0; i < workers; ++i) {
            std::set<unsigned> others;
            for (auto const other : nearest_first(planned, static_cast<worker_index>(i))) others.insert(other);
            EXPECT_EQ(others.size(), workers - 1);
            EXPECT_FALSE(others.contains(static_cast<unsigned>(i)));
        }
    }
}

TEST(nearest_first, neighbours_begin_with_different_victims) {
    placement const planned = plan_placement(on("pack:2 l3:1 core:8 pu:1"), std::nullopt, {});
    for (unsigned group = 0; group < 2; ++group) {
        std::set<unsigned> near;
        std::set<unsigned> far;
        for (unsigned i = 0; i < 8; ++i) {
            auto const order = nearest_first(planned, static_cast<worker_index>(8 * group + i));
            near.insert(order[0]);
            far.insert(order[7]);
        }
        EXPECT_GE(near.size(), 7U);
        EXPECT_EQ(far.size(), 8U);
    }
}

} // namespace
