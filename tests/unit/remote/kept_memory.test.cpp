// SPDX-License-Identifier: MIT
// Tests shared memory whose address travels with calls: the sender keeps it until the call has finished, also where
// nothing else holds it and where the call is repeated in another process.
#include <hocket/remote.hpp>
#include <hocket/remote/call/process_pool.hpp>

#include "run_program.hpp"

#include <atomic>
#include <csignal>
#include <cstddef>
#include <cstring>
#include <dirent.h>
#include <gtest/gtest.h>
#include <span>
#include <string>
#include <unistd.h>
#include <utility>
#include <vector>

namespace {

using hocket::cluster;
using hocket::process;
using hocket::process_pool;
using hocket::ref;
using hocket::remote_options;
using hocket::shared_array;
using hocket::shared_memory;
using remote_test::comes_true;

int fourth(shared_array<int> a) { return a[3]; }

shared_array<int> with_fourth(int value) {
    shared_array<int> a(1'000);
    a[3] = value;
    return a;
}

/// Returns how many pieces of shared memory this process has open.
int regions_here() {
    int count = 0;
    DIR* const all = opendir("/proc/self/fd");
    if (all == nullptr) return -1;
    while (dirent const* const one = readdir(all)) {
        char target[256] = "";
        std::string const path = std::string("/proc/self/fd/") + one->d_name;
        if (readlink(path.c_str(), target, sizeof target - 1) > 0 && std::strstr(target, "hocket:shared") != nullptr)
            ++count;
    }
    closedir(all);
    return count;
}

struct keeper {
    explicit keeper(shared_array<int> its_array) : kept(std::move(its_array)) {}
    int fourth() const { return kept[3]; }
    int fourth_of(shared_array<int> other) { return other[3]; }
    void take(shared_array<int> other) { kept = std::move(other); }
    shared_array<int> kept;
};

TEST(kept_memory, of_arguments_lives_until_the_call_has_begun) {
    int const before = regions_here();
    for (int round = 0; round < 20; ++round) {
        EXPECT_EQ(submit(cluster(), fourth, with_fourth(round)).get(), round);
        EXPECT_EQ(submit(cluster(), fourth, put(with_fourth(round))).get(), round);
        auto const view = [](std::span<int const> a) { return a[3]; };
        EXPECT_EQ(submit(cluster(), view, put(with_fourth(round))).get(), round);
        EXPECT_EQ(submit(cluster(), fourth, with_fourth(round), remote_options{.retries = 1}).get(), round);
    }
    EXPECT_TRUE(comes_true([&] { return regions_here() == before; })) << "memory of calls that have finished is freed";
}

TEST(kept_memory, of_arguments_lives_while_calls_wait_for_a_process) {
    std::vector<ref<int>> calls;
    {
        shared_array<int> const a = with_fourth(7);
        for (int i = 0; i < 300; ++i) calls.push_back(submit(cluster(), fourth, a));
    }
    for (ref<int> const& call : calls) EXPECT_EQ(call.get(), 7);
}

TEST(kept_memory, of_arguments_of_actors_lives_until_their_calls_have_begun) {
    hocket::actor<keeper> a(cluster(), with_fourth(5));
    EXPECT_EQ(a.call(&keeper::fourth).get(), 5);
    EXPECT_EQ(a.call(&keeper::fourth_of, with_fourth(6)).get(), 6);
    a.tell(&keeper::take, with_fourth(8));
    EXPECT_EQ(a.call(&keeper::fourth).get(), 8);
}

TEST(process_pool_memory, of_arguments_is_there_when_the_call_is_repeated) {
    process_pool pool(2);
    int const before = regions_here();
    ref<int> call;
    {
        shared_memory<int> const runs(0);
        call = submit(
            pool,
            [](shared_memory<int> count) {
                if (std::atomic_ref(*count).fetch_add(1) < 2) std::raise(SIGKILL);
                return *count;
            },
            runs, remote_options{.retries = 2});
    }
    EXPECT_EQ(call.get(), 3);
    EXPECT_TRUE(comes_true([&] { return regions_here() == before; })) << "the memory is freed after the last run";
}

TEST(process_pool_memory, of_a_constructor_is_there_when_the_actor_is_made_again) {
    process_pool pool(2);
    hocket::actor<keeper> a(pool, hocket::actor_options{.max_restarts = 1, .call_retries = 1}, with_fourth(9));
    EXPECT_EQ(a.call(&keeper::fourth).get(), 9);
    EXPECT_EQ(a.call(
                   [](keeper& self, int) {
                       if (hocket::this_actor::restarts() == 0) std::raise(SIGKILL);
                       return self.fourth();
                   },
                   0)
                  .get(),
              9);
}

TEST(process_pool_memory, of_on_each_process_is_there_for_processes_that_join_later) {
    process_pool pool(1);
    static int seen = 0;
    pool.on_each_process(hocket::bind_front([](shared_array<int> const& a) { seen = a[3]; }, with_fourth(4)));
    EXPECT_THROW(submit(pool, [] { return std::raise(SIGKILL); }).get(), hocket::worker_lost);
    EXPECT_EQ(submit(pool, [] { return seen; }).get(), 4);
}

TEST(process_memory, of_arguments_lives_until_the_process_has_ended) {
    int const before = regions_here();
    process p(fourth, with_fourth(3));
    EXPECT_EQ(p.get(), 3);
    EXPECT_EQ(regions_here(), before);
}

} // namespace
