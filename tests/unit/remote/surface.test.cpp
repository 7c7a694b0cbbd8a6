// SPDX-License-Identifier: MIT
// Tests that the code that programs write about places, options and values compiles and has one meaning on each engine.
#include <hocket/remote.hpp>

#include "run_program.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <numeric>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace hocket;
using namespace std::chrono_literals;

int square(int x) { return x * x; }
double total_of(std::span<double const> values) { return std::accumulate(values.begin(), values.end(), 0.0); }

struct counter {
    int n = 0;
    int add(int x) { return n += x; }
};

TEST(surface, options_stand_in_their_order_behind_any_number_of_arguments) {
    remote_pool& all = cluster();
    remote_options const each{.cpus = 1,
                              .memory = 0,
                              .resources = {},
                              .retries = 1,
                              .retry_errors = false,
                              .name = "load",
                              .where = anywhere,
                              .stop = stop_token{},
                              .timeout = 10min};
    EXPECT_EQ(submit(all, square, 4, each).get(), 16);
    auto const sum = [](auto... x) { return (x + ... + 0); };
    EXPECT_EQ(submit(all, sum, {.retries = 1}).get(), 0);
    EXPECT_EQ(submit(all, sum, 1, {.retries = 1}).get(), 1);
    EXPECT_EQ(submit(all, sum, 1, 2, {.retries = 1}).get(), 3);
    EXPECT_EQ(submit(all, sum, 1, 2, 3, {.retries = 1}).get(), 6);
    EXPECT_EQ(submit(all, sum, 1, 2, 3, 4, {.retries = 1}).get(), 10);
    EXPECT_EQ(submit(all, sum, 1, 2, 3, 4, 5, remote_options{.retries = 1}).get(), 15);
    actor<counter> const c(all, actor_options{.name = "surface",
                                              .detached = false,
                                              .max_restarts = 1,
                                              .call_retries = 1,
                                              .max_pending = 0,
                                              .get_if_exists = false,
                                              .where = anywhere,
                                              .cpus = 0,
                                              .concurrency = 1,
                                              .interleave = false});
    EXPECT_EQ(c.call(&counter::add, 2).get(), 2);
    EXPECT_THROW((void)actor<counter>(all, actor_options{.cpus = 1'000'000}), std::invalid_argument);
}

TEST(surface, places_are_names_of_processes) {
    remote_pool& all = cluster();
    ref<int> const value = put(all, 3);
    for (call_place const& where : {anywhere, spread, here, near(value), on(this_process::index())}) {
        EXPECT_EQ(submit(all, square, value, {.where = where}).get(), 9);
        actor<counter> const c(all, actor_options{.where = where});
        EXPECT_EQ(c.call(&counter::add, 4).get(), 4);
    }
    EXPECT_EQ(submit(all, [] { return this_process::index(); }, {.where = here}).get(), this_process::index());
    for (node_info const& each : all.nodes()) {
        EXPECT_EQ(submit(all, [] { return this_process::index(); }, {.where = on(each.process)}).get(), each.process);
        EXPECT_FALSE(each.name.empty());
        EXPECT_FALSE(each.engine.empty());
        EXPECT_FALSE(each.build_id.empty());
        EXPECT_GT(each.memory, 0u);
        EXPECT_EQ(each.object_bytes, 0u);
        EXPECT_TRUE(each.free_resources.empty());
    }
    EXPECT_THROW((void)submit(all, square, 1, {.where = on(1'000'000)}), std::invalid_argument);
    EXPECT_THROW((void)actor<counter>(all, actor_options{.where = on(1'000'000)}), std::invalid_argument);
}

TEST(surface, shared_arrays_are_looked_at) {
    remote_pool& all = cluster();
    shared_array<double> a(all, 1000);
    for (double& each : a) each = 0.5;
    double const* const data = a.data();
    ref const by_itself = put(std::move(a));
    EXPECT_EQ(submit(all, total_of, by_itself).get(), 500.0);
    EXPECT_EQ(by_itself.get().data(), data);
    ref const by_pool = put(all, by_itself.get());
    EXPECT_EQ(submit(all, total_of, by_pool).get(), 500.0);
    EXPECT_EQ(submit(
                  all, [](shared_array<double> const& b) { return b.size(); }, by_pool)
                  .get(),
              1000u);
}

TEST(surface, loops_take_retries) {
    remote_pool& all = cluster();
    std::vector<int> const v{1, 2, 3, 4};
    std::vector<int> const squares{1, 4, 9, 16};
    EXPECT_EQ(parallel_map(all, v, square, {.grain = 1, .retries = 2, .stop = stop_token{}, .progress = nullptr}),
              squares);
    EXPECT_EQ(parallel_map(all, 1, 5, square, {.retries = 2}), squares);
    parallel_for(all, 0, 10, [](int) {}, {.retries = 1});
    EXPECT_EQ(parallel_reduce(all, v, 0, std::plus<>(), {.grain = 2, .retries = 1}), 10);
    int sum = 0;
    for (auto&& each : parallel_imap(all, v, square, {.lookahead = 4})) sum += each;
    for (auto&& [index, each] : parallel_imap_unordered(all, v, square)) sum += each + static_cast<int>(index);
    EXPECT_EQ(sum, 30 + 30 + 6);
}

TEST(surface, groups_are_places) {
    remote_pool& all = cluster();
    placement_group const g(all, {{.cpus = 1, .memory = 1, .resources = {}}}, strategy::pack);
    EXPECT_EQ(submit(all, square, 3, remote_options{.where = g[0]}).get(), 9);
    EXPECT_TRUE(this_task::resource_ids("gpu").empty());
    for (strategy const how : {strategy::spread, strategy::strict_pack, strategy::strict_spread})
        EXPECT_EQ(placement_group(all, {{.cpus = 0}}, how).size(), 1u);
}

TEST(surface, statistics_count_errors_of_tells) {
    remote_pool& all = cluster();
    std::uint64_t const before = all.statistics().tell_errors;
    actor<counter> const c(all);
    for (int i = 0; i < 3; ++i) c.tell([](counter&) { throw std::out_of_range("told"); });
    EXPECT_EQ(c.call(&counter::add, 1).get(), 1);
    EXPECT_EQ(all.statistics().tell_errors, before + 3);
    EXPECT_EQ(all.statistics().lost_processes, 0u);
}

TEST(process_pool_surface, loops_are_repeated_where_their_process_was_lost) {
    process_pool pool(2);
    shared_memory<int> const lost(0);
    auto const square_once_dying = hocket::bind_front(
        [](shared_memory<int> const& flag, int x) {
            if (x == 7 && std::atomic_ref(*flag).exchange(1) == 0) std::raise(SIGKILL);
            return x * x;
        },
        lost);
    std::vector<int> const found = parallel_map(pool, 0, 100, square_once_dying, {.retries = 1});
    for (int i = 0; i < 100; ++i) EXPECT_EQ(found[static_cast<std::size_t>(i)], i * i);
    EXPECT_EQ(*lost, 1);
    *lost = 0;
    EXPECT_THROW((void)parallel_map(pool, 0, 100, square_once_dying), worker_lost);
}

} // namespace
