// SPDX-License-Identifier: MIT
// Tests shared memory whose address travels with calls and results: the sender keeps it until the call has finished, or
// the result has arrived, also where nothing else holds it and where the call is repeated in another process.
#include <hocket/remote.hpp>
#include <hocket/remote/call/process_pool.hpp>

#include "run_program.hpp"

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <gtest/gtest.h>
#include <optional>
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
using remote_test::regions_here;

int fourth(shared_array<int> a) { return a[3]; }

shared_array<int> with_fourth(int value) {
    shared_array<int> a(1'000);
    a[3] = value;
    return a;
}

/// Whether this process has no shared memory any more, perhaps after a while: the end of an actor comes by itself.
bool none_left() {
    return comes_true([] { return regions_here() == 0; });
}

struct keeper {
    explicit keeper(shared_array<int> its_array) : kept(std::move(its_array)) {}
    int fourth() const { return kept[3]; }
    int fourth_of(shared_array<int> other) { return other[3]; }
    void take(shared_array<int> other) { kept = std::move(other); }
    shared_array<int> kept;
};

TEST(kept_memory, of_arguments_lives_until_the_call_has_begun) {
    ASSERT_TRUE(none_left());
    for (int round = 0; round < 20; ++round) {
        EXPECT_EQ(submit(cluster(), fourth, with_fourth(round)).get(), round);
        EXPECT_EQ(submit(cluster(), fourth, put(with_fourth(round))).get(), round);
        auto const view = [](std::span<int const> a) { return a[3]; };
        EXPECT_EQ(submit(cluster(), view, put(with_fourth(round))).get(), round);
        EXPECT_EQ(submit(cluster(), fourth, with_fourth(round), remote_options{.retries = 1}).get(), round);
    }
    EXPECT_TRUE(none_left()) << "memory of calls that have finished is freed";
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

hocket::task<shared_array<int>> later_with_fourth(int value) {
    co_await hocket::sleep_for(std::chrono::milliseconds(1));
    co_return with_fourth(value);
}
struct maker {
    shared_array<int> make(int value) { return with_fourth(value); }
    hocket::task<shared_array<int>> make_later(int value) { return later_with_fourth(value); }
    void ignore(shared_array<int>) {}
};

TEST(kept_memory, of_results_lives_until_they_have_arrived) {
    ASSERT_TRUE(none_left());
    for (int round = 0; round < 20; ++round) {
        EXPECT_EQ(submit(cluster(), with_fourth, round).get()[3], round);
        ref<shared_array<int>> const made = submit(cluster(), with_fourth, round, remote_options{.cpus = 1});
        EXPECT_EQ(submit(cluster(), fourth, made).get(), round);
        std::vector<std::optional<shared_array<int>>> const several =
            submit(
                cluster(),
                [](int value) {
                    return std::vector<std::optional<shared_array<int>>>{with_fourth(value), std::nullopt,
                                                                         with_fourth(value + 1)};
                },
                round)
                .get();
        EXPECT_EQ((*several[0])[3] + (*several[2])[3], 2 * round + 1);
    }
    std::vector<shared_array<int>> const all = hocket::parallel_map(cluster(), 0, 40, with_fourth);
    for (int i = 0; i < 40; ++i) EXPECT_EQ(all[static_cast<std::size_t>(i)][3], i);
    EXPECT_TRUE(comes_true([] { return regions_here() == 40; }));
    bool const is_elsewhere = submit(cluster(), getpid).get() != getpid();
    int const most = is_elsewhere ? 0 : 40;
    // Releases of the results may still be on the way to the processes.
    EXPECT_TRUE(comes_true([&] {
        std::vector<ref<int>> counts;
        for (auto const& one : cluster().nodes())
            counts.push_back(submit(cluster(), regions_here, remote_options{.where = hocket::on(one.process)}));
        for (ref<int> const& count : counts)
            if (count.get() > most) return false;
        return true;
    })) << "the processes keep no memory of results that have arrived";
}

TEST(kept_memory, of_results_of_actors_lives_until_they_have_arrived) {
    hocket::actor<maker> a(cluster());
    EXPECT_EQ(a.call(&maker::make, 3).get()[3], 3);
    EXPECT_EQ(a.call(&maker::make_later, 4).get()[3], 4);
    a.tell(&maker::make, 5);
    a.call(&maker::ignore, a.call(&maker::make, 6)).get();
}

TEST(kept_memory, of_results_that_nobody_wants_is_released) {
    ASSERT_TRUE(none_left());
    for (int round = 0; round < 20; ++round) {
        hocket::stop_source stop;
        shared_memory<int> const begun(0);
        auto call = submit(
            cluster(),
            [](shared_memory<int> begins) {
                std::atomic_ref(*begins).store(1);
                while (!hocket::this_task::stop_requested()) usleep(50);
                return with_fourth(1);
            },
            begun, remote_options{.stop = stop.get_token()});
        EXPECT_TRUE(comes_true([&] { return std::atomic_ref(*begun).load() == 1; }));
        stop.request_stop();
        try {
            call.get();
        } catch (hocket::operation_cancelled const&) {
        }
    }
    EXPECT_TRUE(comes_true([] { return submit(cluster(), regions_here).get() == 0; }));
}

TEST(process_pool_memory, of_results_outlives_the_retirement_of_their_process) {
    process_pool pool({.workers = 2, .max_tasks_per_worker = 1});
    std::vector<ref<shared_array<int>>> calls;
    for (int i = 0; i < 30; ++i) calls.push_back(submit(pool, with_fourth, i));
    for (int i = 0; i < 30; ++i) EXPECT_EQ(calls[static_cast<std::size_t>(i)].get()[3], i);
}

TEST(process_pool_memory, of_results_that_have_arrived_outlives_their_process) {
    process_pool pool(1);
    ref<shared_array<int>> const made = submit(pool, with_fourth, 11);
    made.wait();
    EXPECT_THROW(submit(pool, [] { return std::raise(SIGKILL); }).get(), hocket::worker_lost);
    EXPECT_EQ(made.get()[3], 11);
    EXPECT_EQ(submit(pool, fourth, made).get(), 11);
}

TEST(process_pool_memory, of_arguments_is_there_when_the_call_is_repeated) {
    process_pool pool(2);
    ASSERT_TRUE(none_left());
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
    EXPECT_TRUE(none_left()) << "the memory is freed after the last run";
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
    ASSERT_TRUE(none_left());
    process p(fourth, with_fourth(3));
    EXPECT_EQ(p.get(), 3);
    EXPECT_TRUE(none_left());
}

/// A result that cannot be read where it arrives.
struct unreadable {
    shared_array<int> array;
    template<class Archive>
    void serialize(Archive& archive) {
        archive(array);
        if constexpr (Archive::is_loading) throw std::runtime_error("not readable");
    }
};

TEST(process_memory, of_results_outlives_the_process) {
    ASSERT_TRUE(none_left());
    {
        process p(with_fourth, 7);
        shared_array<int> const first = p.get();
        EXPECT_EQ(p.exit_code(), 0);
        EXPECT_EQ(first[3], 7);
        first[3] = 8;
        EXPECT_EQ(p.get()[3], 8) << "each get refers to the one array";

        process joined([] { return std::pair(std::make_unique<int>(5), with_fourth(6)); });
        joined.join();
        EXPECT_EQ(joined.get().second[3], 6);
        EXPECT_EQ(*joined.get().first, 5);

        process watched(with_fourth, 9);
        EXPECT_TRUE(comes_true([&] { return watched.exit_code().has_value(); }));
        EXPECT_EQ(watched.get()[3], 9);

        process never_asked(with_fourth, 1);
        process nested([] { return process(with_fourth, 4).get(); });
        EXPECT_EQ(nested.get()[3], 4);

        process broken([] { return unreadable{with_fourth(2)}; });
        EXPECT_THROW(broken.get(), std::runtime_error);
        EXPECT_EQ(broken.exit_code(), 0);
    }
    EXPECT_TRUE(none_left());
}

} // namespace
