// SPDX-License-Identifier: MIT
// Tests of pin_this_thread and of the system calls under it.
#include <hocket/machine/hwloc.hpp>
#include <hocket/machine/machine.hpp>
#include <hocket/machine/pin.hpp>

#include <gtest/gtest.h>

#include <thread>

namespace {

using namespace hocket;

fixed_array<unsigned> just(unsigned pu) {
    fixed_array<unsigned> pus(1);
    pus[0] = pu;
    return pus;
}

/// Runs on a thread of its own: pinning stays with a thread.
template<class Body>
void on_a_thread(Body body) {
    std::thread(body).join();
}

TEST(pin_this_thread, each_allowed_pu_can_be_had) {
    auto const allowed = detail::pus_of_calling_thread();
    ASSERT_FALSE(allowed.empty());
    for (unsigned const pu : allowed) {
        on_a_thread([=] {
            EXPECT_EQ(pin_this_thread(just(pu)), pin_outcome::pinned);
            EXPECT_EQ(detail::pu_of_calling_thread(), pu);
            auto const now = detail::pus_of_calling_thread();
            ASSERT_EQ(now.size(), 1U);
            EXPECT_EQ(now[0], pu);
        });
    }
}

TEST(pin_this_thread, what_does_not_exist_is_refused_and_changes_nothing) {
    for (unsigned const pu : {5'000U, 16'383U, 1'048'575U, 1'048'576U, ~0U}) {
        on_a_thread([=] {
            auto const before = detail::pus_of_calling_thread();
            EXPECT_EQ(pin_this_thread(just(pu)), pin_outcome::refused) << pu;
            EXPECT_EQ(detail::pus_of_calling_thread().size(), before.size());
        });
    }
}

TEST(pin_this_thread, some_that_exist_are_enough) {
    on_a_thread([] {
        fixed_array<unsigned> pus(2);
        pus[0] = detail::pus_of_calling_thread()[0];
        pus[1] = 9'999;
        EXPECT_EQ(pin_this_thread(pus), pin_outcome::pinned);
        EXPECT_EQ(detail::pus_of_calling_thread().size(), 1U);
    });
}

TEST(pin_this_thread, nothing_to_pin_to_is_no_wish) {
    EXPECT_EQ(pin_this_thread(fixed_array<unsigned>()), pin_outcome::not_asked);
}

TEST(pin_this_thread, a_described_machine_is_never_pinned_to) {
    topology const described = read_topology({.synthetic = "pack:2 core:4 pu:2"});
    placement const planned = plan_placement(described, std::nullopt, {.bind = binding::core});
    ASSERT_FALSE(planned.workers[0].pus.empty());
    on_a_thread([&] {
        auto const before = detail::pus_of_calling_thread().size();
        EXPECT_EQ(pin_this_thread(described, planned.workers[0]), pin_outcome::not_asked);
        EXPECT_EQ(detail::pus_of_calling_thread().size(), before);
    });
}

TEST(pin_this_thread, every_worker_of_this_machine_can_be_pinned) {
    for (binding const bind : {binding::core, binding::pu, binding::numa}) {
        placement const planned = plan_placement(machine(), std::nullopt, {.bind = bind});
        for (worker_place const& place : planned.workers) {
            on_a_thread([&] { EXPECT_EQ(pin_this_thread(machine(), place), pin_outcome::pinned); });
        }
    }
}

} // namespace
