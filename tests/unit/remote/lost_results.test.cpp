// SPDX-License-Identifier: MIT
// Tests results that are lost: the only copy is in a worker process that is killed before the driver has it. The call
// is made again if it may be repeated. Other results travel with the answer, and need nothing.
#include <hocket/remote.hpp>
#include <hocket/remote/call/process_pool.hpp>

#include "run_program.hpp"

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <functional>
#include <gtest/gtest.h>
#include <string>
#include <unistd.h>
#include <utility>
#include <vector>

namespace {

using hocket::object_lost;
using hocket::process_pool;
using hocket::ref;
using hocket::remote_options;
using hocket::shared_array;
using hocket::shared_memory;
using remote_test::comes_true;
using remote_test::runs;

/// Set in the driver: called before it opens the memory of a `found`, with the process that has made it.
std::function<void(long)> before_reading;

/// Kills the process of each of the next results, before the driver has read it.
class kills {
  public:
    explicit kills(int results) : left_(results) {
        before_reading = [this](long pid) {
            if (left_.fetch_sub(1) <= 0) return;
            ::kill(static_cast<pid_t>(pid), SIGKILL);
            EXPECT_TRUE(comes_true([&] { return !runs(pid); }));
        };
    }
    kills(kills const&) = delete;
    kills& operator=(kills const&) = delete;
    ~kills() { before_reading = nullptr; }

  private:
    std::atomic<int> left_;
};

/// A result that holds shared memory.
struct found {
    long made_by = getpid();
    shared_array<int> values;

    template<class Archive>
    void serialize(Archive& archive) {
        archive& made_by;
        if (Archive::is_loading && before_reading) before_reading(made_by);
        archive& values;
    }
};

/// Makes an array. Counts its calls.
found make(int value, shared_memory<int> calls) {
    std::atomic_ref(*calls).fetch_add(1);
    found made{getpid(), shared_array<int>(10)};
    made.values[9] = value;
    return made;
}
found one_more(found const& from, shared_memory<int> calls) { return make(from.values[9] + 1, std::move(calls)); }
int last(found const& from) { return from.values[9]; }

TEST(process_pool_lost, results_are_made_again) {
    process_pool pool(2);
    shared_memory<int> const calls(0);
    kills const one(1);
    ref<found> const made = submit(pool, make, 5, calls, remote_options{.retries = 1});
    EXPECT_EQ(submit(pool, last, made).get(), 5);
    EXPECT_EQ(made.get().values[9], 5);
    EXPECT_EQ(*calls, 2);
    EXPECT_EQ(pool.statistics().repeated_calls, 1U);
    EXPECT_EQ(pool.statistics().open_calls, 0U);
}

TEST(process_pool_lost, results_are_made_again_as_often_as_the_call_may_be_repeated) {
    process_pool pool(2);
    shared_memory<int> const calls(0);
    {
        kills const all(3);
        EXPECT_EQ(submit(pool, make, 5, calls, remote_options{.retries = 3}).get().values[9], 5);
        EXPECT_EQ(*calls, 4);
    }
    kills const all(3);
    EXPECT_THROW(submit(pool, make, 5, calls, remote_options{.retries = 2}).get(), object_lost);
    EXPECT_EQ(*calls, 7);
}

TEST(process_pool_lost, results_of_calls_that_may_not_be_repeated_say_what_would_have_helped) {
    process_pool pool(1);
    shared_memory<int> const calls(0);
    kills const one(1);
    std::string text, pid = std::to_string(submit(pool, getpid).get());
    ref<found> const made = submit(pool, make, 5, calls, remote_options{.name = "load"});
    ref<int> const needs_it = submit(pool, last, made);
    try {
        (void)made.get();
    } catch (object_lost const& error) {
        text = error.what();
    }
    EXPECT_EQ(text, "hocket: the result of call 2 (load) is lost: process 1 (pid " + pid +
                        ") was killed by signal 9 (Killed) before the driver had mapped the shared memory of the "
                        "result. A call whose .retries are not used up is made again");
    EXPECT_THROW((void)needs_it.get(), object_lost);
    EXPECT_EQ(*calls, 1);
    EXPECT_EQ(submit(pool, make, 6, calls).get().values[9], 6) << "the pool goes on";
}

TEST(process_pool_lost, results_of_chains_are_made_again_and_whoever_waits_goes_on_waiting) {
    for (std::size_t const workers : {1U, 2U, 3U}) {
        process_pool pool(workers);
        constexpr int length = 8;
        std::vector<shared_memory<int>> calls;
        for (int i = 0; i < length; ++i) calls.emplace_back(0);
        kills const each(length);
        ref<found> newest = submit(pool, make, 0, calls[0], remote_options{.retries = length});
        for (int i = 1; i < length; ++i) // nothing else refers to the arguments
            newest = submit(pool, one_more, std::move(newest), calls[static_cast<std::size_t>(i)],
                            remote_options{.retries = length});
        ref<int> const end = submit(pool, last, newest);
        EXPECT_EQ(end.get(), length - 1);
        EXPECT_EQ(newest.get().values[9], length - 1);
        int all = 0;
        for (shared_memory<int> const& one : calls) all += *one;
        EXPECT_EQ(all, 2 * length) << "each result was lost once, or one of them again; no call ran without need";
    }
}

TEST(process_pool_lost, results_of_many_calls_are_all_made_again) {
    process_pool pool(3);
    shared_memory<int> const calls(0);
    constexpr int count = 60;
    kills const some(10);
    std::vector<ref<found>> made;
    for (int i = 0; i < count; ++i) made.push_back(submit(pool, make, i, calls, remote_options{.retries = 20}));
    for (int i = 0; i < count; ++i) EXPECT_EQ(made[static_cast<std::size_t>(i)].get().values[9], i);
    EXPECT_GE(*calls, count + 10);
    EXPECT_EQ(pool.statistics().open_calls, 0U);
}

TEST(process_pool_lost, results_of_stopped_calls_are_not_made_again) {
    process_pool pool(1);
    shared_memory<int> const calls(0);
    hocket::stop_source stop;
    before_reading = [&](long pid) {
        stop.request_stop();
        ::kill(static_cast<pid_t>(pid), SIGKILL);
        EXPECT_TRUE(comes_true([&] { return !runs(pid); }));
    };
    auto const call = submit(pool, make, 5, calls, remote_options{.retries = 1, .stop = stop.get_token()});
    EXPECT_THROW((void)call.get(), hocket::operation_cancelled);
    before_reading = nullptr;
    EXPECT_EQ(submit(pool, [] { return 3; }).get(), 3);
    EXPECT_EQ(*calls, 1);
}

TEST(process_pool_lost, results_of_a_process_that_was_killed_for_another_call_cost_no_retry) {
    process_pool pool({.workers = 1});
    shared_memory<int> const calls(0);
    std::atomic<bool> first{true};
    before_reading = [&](long pid) { // the process runs the slow call now, and is killed for it
        if (first.exchange(false)) (void)comes_true([&] { return !runs(pid); });
    };
    ref<found> const made = submit(pool, make, 5, calls);
    ref<int> const slow = submit(
        pool,
        [] {
            ::sleep(100);
            return 0;
        },
        remote_options{.kill_after = std::chrono::milliseconds(20)});
    EXPECT_EQ(made.get().values[9], 5);
    EXPECT_THROW((void)slow.get(), hocket::timed_out);
    EXPECT_EQ(*calls, 2);
    before_reading = nullptr;
}

struct maker {
    found make(int value) {
        ++calls;
        return {getpid(), shared_array<int>(static_cast<std::size_t>(value))};
    }
    int count() const { return calls; }
    int calls = 0;
};

TEST(process_pool_lost, results_of_actors_are_not_made_again) {
    process_pool pool(2);
    hocket::actor<maker> a(pool, hocket::actor_options{.max_restarts = 1, .call_retries = 1});
    EXPECT_EQ(a.call(&maker::make, 4).get().values.size(), 4U);
    std::string text;
    {
        kills const one(1);
        try {
            (void)a.call(&maker::make, 4).get();
        } catch (object_lost const& error) {
            text = error.what();
        }
    }
    EXPECT_NE(text.find("killed by signal 9"), text.npos) << text;
    EXPECT_NE(text.find("pass it as an argument"), text.npos) << text;
    EXPECT_EQ(a.call(&maker::count).get(), 0) << "it was made anew";
}

int last_of_actor(hocket::actor<maker> from, int size) {
    return static_cast<int>(from.call(&maker::make, size).get().values.size());
}

TEST(process_pool_lost, results_of_actors_arrive_in_other_worker_processes) {
    process_pool pool(3);
    hocket::actor<maker> a(pool);
    long const home = a.call([](maker&) { return static_cast<long>(getpid()); }).get();
    std::vector<ref<int>> sizes;
    for (int i = 0; i < 60; ++i) sizes.push_back(submit(pool, last_of_actor, a, i));
    for (int i = 0; i < 60; ++i) EXPECT_EQ(sizes[static_cast<std::size_t>(i)].get(), i);
    // A caller that is lost before it has read the result.
    auto const caller = [](hocket::actor<maker> from) {
        before_reading = [](long) { std::raise(SIGKILL); };
        return from.call(&maker::make, 7).get().values.size();
    };
    int lost = 0;
    for (int i = 0; i < 20 && lost < 3; ++i) try {
            (void)submit(pool, caller, a).get();
        } catch (hocket::worker_lost const&) {
            ++lost;
        } catch (hocket::actor_died const&) {
            break; // the caller was in the process of the actor
        }
    EXPECT_TRUE(runs(home) || lost < 3);
    if (!runs(home)) return;
    EXPECT_TRUE(comes_true([&] { return a.call([](maker&) { return remote_test::regions_here(); }).get() == 0; }))
        << "the process of the actor keeps no memory of results that were read";
}

TEST(process_pool_lost, values_that_travel_with_the_answer_never_are) {
    process_pool pool(1);
    std::vector<ref<std::vector<int>>> made;
    for (int i = 0; i < 20; ++i)
        made.push_back(submit(
            pool, [](int value) { return std::vector<int>(50'000, value); }, i, remote_options{.retries = 1}));
    hocket::wait(made);
    EXPECT_EQ(pool.statistics().open_calls, 0U) << "the driver keeps no call whose result has arrived";
    EXPECT_THROW(submit(pool, [] { return std::raise(SIGKILL); }).get(), hocket::worker_lost);
    for (int i = 0; i < 20; ++i) {
        ref<int> const sum = submit(
            pool, [](std::vector<int> const& all) { return all.back(); }, made[static_cast<std::size_t>(i)]);
        EXPECT_EQ(sum.get(), i);
    }
}

} // namespace
