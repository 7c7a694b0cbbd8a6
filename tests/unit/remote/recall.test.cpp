// SPDX-License-Identifier: MIT
// Tests that calls which were sent ahead to one worker process come back when other processes have nothing to do. No
// process idles while a call waits behind others. Each call runs exactly once, whatever is stopped or killed meanwhile.
#include <hocket/future.hpp>
#include <hocket/remote/call/session.hpp>
#include <hocket/remote/node/node.hpp>
#include <hocket/remote/object/shared_memory.hpp>
#include <hocket/remote/wire/remote_error.hpp>

#include "call_worker.hpp"
#include "meeting.hpp"
#include "run_program.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <gtest/gtest.h>
#include <memory>
#include <numeric>
#include <set>
#include <thread>
#include <unistd.h>
#include <vector>

namespace {

using hocket::shared_array;
using hocket::detail::node;
using hocket::detail::this_program;
using hocket::detail::worker_plan;
using remote_test::comes_true;
using remote_test::gate;
using remote_test::meet;
using remote_test::pass;
using remote_test::send_call;
using remote_test::send_call_with;
using namespace std::chrono_literals;

constexpr bool sanitized = hocket::detail::sanitized;

struct workers : node {
    explicit workers(std::size_t count) : node(*this_program, worker_plan{.workers = count}) {}
};

int nothing() { return 0; }

using sent_ints = std::vector<std::unique_ptr<remote_test::sent_call<int>>>;

/// Lets the first process get many places.
void warm(workers& n) {
    sent_ints sent;
    for (int i = 0; i < 3'000; ++i) sent.push_back(send_call_with(n, {.slot = 0}, nothing));
    for (auto& each : sent) each->get();
}

/// Sends calls of `meet`, all of them to the first process while the others are busy.
void meet_in_all(std::size_t processes, std::size_t calls_each, bool warms) {
    workers n(processes);
    ASSERT_TRUE(comes_true([&] { return remote_test::all_serve(n); }));
    if (warms) warm(n);
    shared_array<int> const places(processes + 1);
    std::vector<std::unique_ptr<remote_test::sent_call<bool>>> sent;
    std::size_t const threads = n.states()[0].threads; // of each process
    std::size_t const calls = std::max(calls_each * threads * processes, 2 * threads + 2);
    gate others(n);
    for (std::size_t i = 0; i < calls; ++i) sent.push_back(send_call(n, meet, places));
    others.open();
    for (auto& each : sent) EXPECT_TRUE(each->get());
    std::set<int> const different(places.begin(), places.end() - 1);
    EXPECT_EQ(different.size(), processes);
}

TEST(node, lets_no_process_idle_while_calls_wait_behind_others) {
    for (std::size_t const processes : {2U, 3U, sanitized ? 4U : 7U}) {
        meet_in_all(processes, 1, false);
        meet_in_all(processes, 20, true);
    }
}

TEST(node, gives_a_process_that_replaces_another_what_waits_behind_others) {
    workers n(2);
    ASSERT_TRUE(comes_true([&] { return remote_test::all_serve(n); }));
    warm(n);
    for (int round = 0; round < 3; ++round) {
        shared_array<int> const places(3);
        std::vector<std::unique_ptr<remote_test::sent_call<bool>>> sent;
        gate others(n);
        for (std::size_t i = 0; i != 2 * n.states()[0].threads + 2; ++i) sent.push_back(send_call(n, meet, places));
        kill(static_cast<pid_t>(n.states()[1].pid), SIGKILL);
        EXPECT_TRUE(comes_true([&] { return remote_test::all_serve(n); }));
        others.open(); // calls that had begun are lost, the others run there
        for (auto& each : sent) EXPECT_TRUE(each->get());
    }
}

TEST(node, sends_calls_for_one_process_nowhere_else) {
    workers n(2);
    ASSERT_TRUE(comes_true([&] { return remote_test::all_serve(n); }));
    warm(n);
    for (int round = 0; round < 5; ++round) {
        shared_array<int> const open(1);
        sent_ints sent;
        for (int i = 0; i < 50; ++i) sent.push_back(send_call_with(n, {.slot = 0}, pass, open));
        sent_ints others;
        for (int i = 0; i < 50; ++i) others.push_back(send_call(n, nothing));
        // The other process runs these calls, whether they were sent to it or come back. Then it idles while the 50
        // wait.
        for (auto& each : others) each->get();
        auto const rest = std::chrono::steady_clock::now() + 5ms;
        while (std::chrono::steady_clock::now() < rest) std::this_thread::yield();
        std::atomic_ref(open[0]).store(1);
        for (auto& each : sent) EXPECT_EQ(each->get(), n.states()[0].pid);
    }
}

/// Counts its run, notes after all counts whether it is in another process than `first`, and works for a while. Returns
/// the process.
int count(shared_array<int> runs, int which, int microseconds, long first) {
    std::atomic_ref(runs[static_cast<std::size_t>(which)]).fetch_add(1);
    if (getpid() != first) std::atomic_ref(runs[runs.size() - 1]).store(1);
    auto const until = std::chrono::steady_clock::now() + std::chrono::microseconds(microseconds);
    while (std::chrono::steady_clock::now() < until && !hocket::this_task::stop_requested()) std::this_thread::yield();
    return static_cast<int>(getpid());
}

/// A fixed sequence of random numbers.
struct random_numbers {
    unsigned below(unsigned limit) {
        state = state * 1'664'525 + 1'013'904'223;
        return (state >> 16) % limit;
    }
    unsigned state = 12345;
};

struct outcome {
    std::vector<int> runs;
    std::vector<bool> answered;
};

/// Sends calls to the first process while the others are busy. If `holds`, the first process runs no call before
/// another process has run one. Calls `meanwhile(calls)` when the others are not busy any more.
template<class Meanwhile>
outcome run_counted(workers& n, std::size_t calls, unsigned retries, random_numbers& random, bool holds,
                    Meanwhile meanwhile) {
    shared_array<int> const runs(calls + 1);
    sent_ints held;
    for (std::size_t i = 0; holds && i < n.states()[0].threads; ++i)
        held.push_back(send_call_with(n, {.slot = 0}, pass, runs));
    sent_ints sent;
    long const first = n.states()[0].pid;
    {
        gate others(n);
        for (std::size_t i = 0; i < calls; ++i) {
            int const microseconds = static_cast<int>(random.below(4) == 0 ? random.below(3'000) : random.below(20));
            sent.push_back(
                send_call_with(n, {.retries = retries}, count, runs, static_cast<int>(i), microseconds, first));
        }
        others.open();
        meanwhile(sent);
    }
    outcome all;
    for (auto& each : sent) {
        bool answered = true;
        try {
            each->get();
        } catch (hocket::operation_cancelled const&) {
            answered = false;
        }
        all.answered.push_back(answered);
    }
    // Waits for a call behind the stopped ones in each process: these may still run.
    for (std::size_t slot = 0; slot < n.size(); ++slot)
        EXPECT_TRUE(comes_true([&] { return n.states()[slot].calls == 0; }));
    all.runs.assign(runs.begin(), runs.end() - 1);
    EXPECT_TRUE(!holds || *(runs.end() - 1) == 1) << "no call came back";
    return all;
}

TEST(node, runs_each_call_once_while_calls_come_back) {
    for (std::size_t const processes : {2U, 3U, sanitized ? 4U : 7U}) {
        workers n(processes);
        ASSERT_TRUE(comes_true([&] { return remote_test::all_serve(n); }));
        random_numbers random;
        for (int round = 0; round < (sanitized ? 3 : 10); ++round) {
            warm(n);
            outcome const all = run_counted(n, 100, 0, random, true, [](auto&) {});
            EXPECT_EQ(all.runs, std::vector<int>(100, 1));
            EXPECT_EQ(all.answered, std::vector<bool>(100, true));
        }
    }
}

TEST(node, runs_no_call_twice_while_calls_come_back_and_are_stopped) {
    workers n(3);
    ASSERT_TRUE(comes_true([&] { return remote_test::all_serve(n); }));
    random_numbers random;
    for (int round = 0; round < (sanitized ? 5 : 20); ++round) {
        warm(n);
        std::vector<bool> stopped(200);
        outcome const all = run_counted(n, 200, 0, random, false, [&](sent_ints& sent) {
            for (int i = 0; i < 100; ++i) {
                std::size_t const which = random.below(200);
                stopped[which] = true;
                n.cancel(sent[which]->number());
                std::this_thread::sleep_for(std::chrono::microseconds(random.below(200))); // while calls come back
            }
        });
        for (std::size_t i = 0; i < 200; ++i) {
            EXPECT_LE(all.runs[i], 1) << i;
            EXPECT_TRUE(all.answered[i] || stopped[i]) << i;
            EXPECT_TRUE(all.runs[i] == 1 || !all.answered[i]) << i;
        }
    }
}

TEST(node, drops_calls_that_come_back_and_are_stopped) {
    workers n(2);
    ASSERT_TRUE(comes_true([&] { return remote_test::all_serve(n); }));
    std::size_t const threads = n.states()[0].threads;
    shared_array<int> const open(1);
    shared_array<int> const runs(threads + 3);
    sent_ints sent;
    {
        gate others(n);
        for (std::size_t i = 0; i < threads; ++i) sent.push_back(send_call(n, pass, open));
        for (std::size_t i = 0; i < threads + 2; ++i)
            sent.push_back(send_call(n, count, runs, static_cast<int>(i), 0, 0L));
        EXPECT_EQ(n.states()[0].calls, 2 * threads + 2);
        for (std::size_t i = 0; i < threads + 2; ++i) n.cancel(sent[threads + i]->number());
    }
    EXPECT_TRUE(comes_true([&] { return n.states()[0].calls + n.states()[1].calls == threads; })) << "they came back";
    std::atomic_ref(open[0]).store(1);
    sent.clear();
    EXPECT_EQ(std::vector<int>(runs.begin(), runs.end()), std::vector<int>(runs.size(), 0));
}

TEST(node, loses_no_call_where_processes_are_killed_while_calls_come_back) {
    workers n(3);
    random_numbers random;
    for (int round = 0; round < (sanitized ? 4 : 20); ++round) {
        ASSERT_TRUE(comes_true([&] { return remote_test::all_serve(n); }));
        warm(n);
        std::size_t begun = 0; // calls that the kills may have ended
        outcome const all = run_counted(n, 100, 10, random, false, [&](sent_ints&) {
            for (int i = 0; i < 3; ++i) {
                std::this_thread::sleep_for(std::chrono::microseconds(random.below(3'000))); // while calls come back
                auto const victim = n.states()[random.below(3)];
                if (victim.threads == 0) continue; // three that end before they serve would end the pool
                begun += victim.threads;
                kill(static_cast<pid_t>(victim.pid), SIGKILL);
            }
        });
        EXPECT_EQ(all.answered, std::vector<bool>(100, true));
        EXPECT_GE(*std::min_element(all.runs.begin(), all.runs.end()), 1);
        EXPECT_LE(std::accumulate(all.runs.begin(), all.runs.end(), std::size_t{0}), 100 + begun);
    }
}

} // namespace
