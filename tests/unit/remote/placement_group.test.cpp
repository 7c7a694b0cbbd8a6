// SPDX-License-Identifier: MIT
// Tests the reservations of calls and actors: placement groups, numbers of resources, workers of actors; on each
// engine.
#include <hocket/base/error.hpp>
#include <hocket/remote.hpp>

#include "run_program.hpp"

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <gtest/gtest.h>
#include <optional>
#include <set>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

namespace {

using namespace hocket;
using detail::resource_amounts;
using detail::resource_ledger;
using remote_test::comes_true;

using places = std::vector<std::size_t>;

/// Returns the places of parts with the given numbers of workers on processes with the given numbers, or nothing if
/// they do not fit.
std::optional<places> placed(std::vector<std::uint64_t> const& processes, std::vector<std::uint64_t> const& parts,
                             strategy how) {
    resource_ledger ledger(1);
    std::vector<std::uint64_t> all = processes;
    all.push_back(100); // the driver's
    ledger.set_processes(all);
    resource_ledger::waiter asks;
    for (std::uint64_t const cpus : parts) asks.wanted.push_back({cpus, 0, {}});
    asks.how = how;
    if (!ledger.take(asks)) {
        EXPECT_THROW(ledger.require_possible(asks), std::invalid_argument);
        return std::nullopt;
    }
    ledger.require_possible(asks);
    std::uint64_t sum = 0;
    for (std::uint64_t const each : parts) sum += each;
    EXPECT_EQ(ledger.free().cpus + sum, ledger.total().cpus);
    ledger.give_back(asks);
    EXPECT_EQ(ledger.free().cpus, ledger.total().cpus);
    return asks.has.in;
}

TEST(resource_ledgers, place_parts_by_strategy) {
    EXPECT_EQ(placed({2, 4, 2}, {1, 1, 2}, strategy::pack), places({1, 1, 1}));
    EXPECT_EQ(placed({2, 4, 2}, {1, 1, 2}, strategy::strict_pack), places({1, 1, 1}));
    EXPECT_EQ(placed({2, 2}, {1, 1}, strategy::spread), places({0, 1}));
    EXPECT_EQ(placed({2}, {1, 1}, strategy::spread), places({0, 0}));
    EXPECT_EQ(placed({1, 3}, {2, 1}, strategy::strict_spread), places({1, 0}));
    EXPECT_EQ(placed({3}, {1, 1}, strategy::strict_spread), std::nullopt);
    EXPECT_EQ(placed({2, 2}, {2, 1}, strategy::strict_pack), std::nullopt);
    EXPECT_EQ(placed({2, 2}, {2, 1}, strategy::pack), places({0, 1}));
    EXPECT_EQ(placed({2, 2}, {3}, strategy::pack), std::nullopt) << "the driver's are apart";
    EXPECT_EQ(placed({5, 4}, {3, 2, 2, 2}, strategy::pack), places({0, 0, 1, 1}));
}

TEST(resource_ledgers, serve_who_comes_next_when_one_that_waits_is_given_up) {
    resource_ledger ledger(2);
    static int granted = 0;
    granted = 0;
    auto const asks = [](resource_ledger::waiter& one, std::uint64_t cpus) {
        one.wanted = {{cpus, 0, {}}};
        one.granted = [](resource_ledger::waiter&) noexcept { ++granted; };
    };
    resource_ledger::waiter first, second, third;
    asks(first, 1);
    asks(second, 2);
    asks(third, 1);
    EXPECT_TRUE(ledger.take(first));
    EXPECT_FALSE(ledger.take(second));
    EXPECT_FALSE(ledger.take(third)) << "in their order";
    EXPECT_TRUE(ledger.forget(second));
    EXPECT_EQ(granted, 1);
    EXPECT_FALSE(ledger.forget(second));
    EXPECT_FALSE(ledger.forget(third)) << "it has it";
    ledger.give_back(third);
    ledger.give_back(first);
    EXPECT_EQ(ledger.free().cpus, 2u);
}

TEST(resource_ledgers, number_what_they_have) {
    using numbers = std::vector<std::uint64_t>;
    EXPECT_EQ(detail::numbers_of_resource("gpu", 2, nullptr), numbers({0, 1}));
    EXPECT_EQ(detail::numbers_of_resource("gpu", 2, "4,6"), numbers({4, 6}));
    EXPECT_EQ(detail::numbers_of_resource("gpu", 2, "NoDevFiles"), numbers());
    EXPECT_EQ(detail::numbers_of_resource("disk", 2, "4,6"), numbers({0, 1}));
}

TEST(placement_groups, hold_what_their_calls_take) {
    remote_pool& all = cluster();
    std::uint64_t const cpus = all.resources().total().cpus;
    {
        placement_group const g(all, {{.cpus = 1}}, strategy::pack);
        EXPECT_EQ(g.size(), 1u);
        EXPECT_EQ(all.resources().free().cpus, cpus - 1);
        EXPECT_EQ(submit(all, [](int x) { return x + 1; }, 1, {.where = g[0]}).get(), 2);
        EXPECT_THROW((void)submit(all, [] { return 1; }, {.cpus = 2, .where = g[0]}), std::invalid_argument);
        EXPECT_THROW((void)g[1], std::out_of_range);
        // Runs one task at a time: a part has one worker.
        shared_memory<int> const inside(0), most(0);
        std::vector<ref<void>> calls;
        for (int i = 0; i != 20; ++i)
            calls.push_back(submit(all,
                                   [](shared_memory<int> in, shared_memory<int> highest) {
                                       int const now = std::atomic_ref(*in).fetch_add(1) + 1;
                                       if (now > *highest) *highest = now;
                                       std::this_thread::yield();
                                       std::atomic_ref(*in).fetch_sub(1);
                                   },
                                   inside, most, {.where = g[0]}));
        for (auto const& each : calls) each.get();
        EXPECT_EQ(*most, 1);
        struct counter {
            int n = 0;
            int add(int x) { return n += x; }
        };
        actor<counter> const c(all, actor_options{.where = g[0], .cpus = 1});
        EXPECT_EQ(c.call(&counter::add, 3).get(), 3);
        actor<counter> const d(all, actor_options{.where = g[0]});
        EXPECT_EQ(d.call(&counter::add, 4).get(), 4);
    }
    EXPECT_TRUE(comes_true([&] { return all.resources().free().cpus == cpus; }));
    EXPECT_THROW((void)placement_group(all, {{.cpus = 100'000}}), std::invalid_argument);
    EXPECT_THROW((void)placement_group(all, {{.cpus = 1, .resources = {{"unicorn", 1}}}}), std::invalid_argument);
    EXPECT_THROW((void)placement_group(all, {}), std::invalid_argument);
}

TEST(placement_groups, that_are_gone_take_no_calls) {
    remote_pool& all = cluster();
    call_place gone;
    {
        placement_group const g(all, {{.cpus = 1}});
        gone = g[0];
    }
    EXPECT_THROW((void)submit(all, [] { return 1; }, {.where = gone}), std::invalid_argument);
    struct nothing {};
    EXPECT_THROW((void)actor<nothing>(all, actor_options{.where = gone}), std::invalid_argument);
}

TEST(placement_groups, spread_over_processes) {
    remote_pool& all = cluster();
    if (all.size() < 2) {
        EXPECT_THROW((void)placement_group(all, {{.cpus = 1}, {.cpus = 1}}, strategy::strict_spread),
                     std::invalid_argument);
        return;
    }
    placement_group const g(all, {{.cpus = 1}, {.cpus = 1}}, strategy::strict_spread);
    auto const where = [] { return this_process::index(); };
    std::size_t const first = submit(all, where, {.where = g[0]}).get();
    EXPECT_NE(submit(all, where, {.where = g[1]}).get(), first);
    EXPECT_EQ(submit(all, where, {.where = g[0]}).get(), first);
}

TEST(placement_groups, get_all_or_nothing) {
    remote_pool& all = cluster();
    if (all.size() < 2) GTEST_SKIP() << "of several processes";
    std::atomic<int> inside{0};
    std::vector<std::thread> threads;
    for (int i = 0; i != 4; ++i)
        threads.emplace_back([&] {
            for (int round = 0; round != 10; ++round) {
                std::vector<placement_part> parts(all.size());
                for (placement_part& each : parts) each.cpus = static_cast<std::uint32_t>(all.nodes()[0].cores);
                placement_group const g(all, parts, strategy::strict_spread);
                EXPECT_EQ(++inside, 1);
                EXPECT_EQ(submit(all, [] { return 1; }, {.where = g[1]}).get(), 1);
                --inside;
            }
        });
    for (std::thread& each : threads) each.join();
}

TEST(actors_with_workers, hold_them_as_long_as_they_live) {
    remote_pool& all = cluster();
    struct counter {
        int n = 0;
        int add(int x) { return n += x; }
    };
    std::uint64_t const cpus = all.resources().total().cpus;
    EXPECT_TRUE(comes_true([&] { return all.resources().free().cpus == cpus; }));
    {
        std::vector<actor<counter>> every;
        for (std::uint64_t i = 0; i != cpus; ++i) every.emplace_back(all, actor_options{.cpus = 1});
        for (actor<counter> const& each : every) EXPECT_EQ(each.call(&counter::add, 2).get(), 2);
        EXPECT_EQ(all.resources().free().cpus, 0u);
        actor<counter> const waits(all, actor_options{.cpus = 1});
        ref<int> const later = waits.call(&counter::add, 5);
        EXPECT_FALSE(later.ready());
        every.front().kill();
        EXPECT_EQ(later.get(), 5);
        EXPECT_EQ(submit(all, [] { return 1; }).get(), 1) << "tasks that ask for nothing go on";
    }
    EXPECT_TRUE(comes_true([&] { return all.resources().free().cpus == cpus; }));
}

TEST(tasks_that_wait_for_workers, are_stopped) {
    remote_pool& all = cluster();
    std::uint64_t const cpus = all.resources().total().cpus;
    EXPECT_TRUE(comes_true([&] { return all.resources().free().cpus == cpus; }));
    std::optional<placement_group> everything;
    std::vector<placement_part> parts;
    for (node_info const& each : all.nodes()) parts.push_back({.cpus = static_cast<std::uint32_t>(each.cores)});
    everything.emplace(all, parts, strategy::spread);
    EXPECT_EQ(all.resources().free().cpus, 0u);
    stop_source source;
    ref<int> const first = submit(all, [] { return 1; }, {.memory = 1, .stop = source.get_token()});
    ref<int> const second = submit(all, [] { return 2; }, {.cpus = 0, .memory = 1});
    EXPECT_FALSE(second.ready()) << "behind the first";
    (void)source.request_stop();
    EXPECT_THROW((void)first.get(), operation_cancelled);
    EXPECT_EQ(second.get(), 2);
}

TEST(gpu_program, DISABLED_tells_tasks_their_numbers) {
    remote_pool& all = cluster();
    bool const listed = std::getenv("CUDA_VISIBLE_DEVICES") != nullptr;
    shared_array<int> const held(8);
    std::vector<ref<std::uint64_t>> calls;
    for (int i = 0; i != 40; ++i)
        calls.push_back(submit(all,
                               [](shared_array<int> in) {
                                   std::vector<std::uint64_t> const own = this_task::resource_ids("gpu");
                                   if (own.size() != 1 || !this_task::resource_ids("disk").empty())
                                       return std::uint64_t{9};
                                   if (std::atomic_ref(in[own[0]]).exchange(1) != 0) return std::uint64_t{10};
                                   std::this_thread::yield();
                                   bool const inner =
                                       submit([] { return this_task::resource_ids("gpu").empty(); }).get();
                                   std::atomic_ref(in[own[0]]).store(0);
                                   return inner ? own[0] : std::uint64_t{11};
                               },
                               held, {.cpus = 0, .resources = {{"gpu", 1}}}));
    for (auto const& each : calls) {
        std::uint64_t const number = each.get();
        EXPECT_TRUE(number == (listed ? 4u : 0u) || number == (listed ? 6u : 1u)) << number;
    }
    EXPECT_EQ(submit(all, [] { return this_task::resource_ids("gpu").size(); }).get(), 0u);
    EXPECT_EQ(
        submit(all, [] { return this_task::resource_ids("gpu").size(); }, {.cpus = 0, .resources = {{"gpu", 2}}}).get(),
        2u);
    EXPECT_THROW((void)submit(all, [] { return 1; }, {.resources = {{"gpu", 3}}}), std::invalid_argument);
}

TEST(session_gpu_program, gives_each_to_one_task_at_a_time) {
    std::vector<std::vector<std::string>> const engines = {{"HOCKET_ENGINE=threads"},
                                                           {"HOCKET_ENGINE=threads", "HOCKET_CHECK_REMOTE=1"},
                                                           {"HOCKET_ENGINE=processes", "HOCKET_PROCESSES=3"}};
    for (std::vector<std::string> variables : engines)
        for (char const* const visible : {"", "CUDA_VISIBLE_DEVICES=4,6"}) {
            variables.push_back("HOCKET_RESOURCES=gpu=2");
            if (*visible != 0) variables.push_back(visible);
            remote_test::program_result const result =
                remote_test::run_program(variables, "gpu_program.DISABLED_tells_tasks_their_numbers");
            EXPECT_EQ(result.status, 0) << result.out << result.err;
        }
}

} // namespace
