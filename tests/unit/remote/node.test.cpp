// SPDX-License-Identifier: MIT
// Tests remote/node/node.hpp over real worker processes: each call is answered once or fails with the reason, also
// where processes are killed; no processes, descriptors or memory are left behind.
#include <hocket/future.hpp>
#include <hocket/remote/call/session.hpp>
#include <hocket/remote/node/node.hpp>
#include <hocket/remote/wire/remote_error.hpp>

#include "call_worker.hpp"
#include "run_program.hpp"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <dirent.h>
#include <gtest/gtest.h>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

namespace {

using hocket::detail::call_terms;
using hocket::detail::node;
using hocket::detail::program_start;
using hocket::detail::this_program;
using hocket::detail::worker_plan;
using remote_test::comes_true;
using remote_test::send_call;
using remote_test::send_call_with;

constexpr bool sanitized = hocket::detail::sanitized;

struct workers : node {
    explicit workers(std::size_t count) : node(*this_program, worker_plan{.workers = count}) {}
};

long own_pid() { return getpid(); }
int increase(int x) { return x + 1; }
long die(int signal) {
    std::raise(signal);
    return 0;
}

std::string complaint_of(auto& sent) {
    try {
        (void)sent.get();
    } catch (std::exception const& error) {
        return error.what();
    }
    return "";
}

bool serves(node& n) {
    auto const all = n.states();
    return std::all_of(all.begin(), all.end(), [](auto const& state) { return state.threads != 0; });
}

TEST(node, answers_each_call_once) {
    for (std::size_t const count : {1U, 2U, 3U, sanitized ? 1U : 7U}) {
        workers n(count);
        EXPECT_EQ(n.size(), count);
        std::vector<decltype(send_call(n, increase, 0))> sent;
        for (int i = 0; i < (sanitized ? 100 : 1'000); ++i) sent.push_back(send_call(n, increase, i));
        for (int i = 0; auto& each : sent) EXPECT_EQ(each->get(), ++i);
    }
}

TEST(node, runs_calls_in_each_of_its_processes) {
    workers n(3);
    ASSERT_TRUE(comes_true([&] { return serves(n); }));
    std::set<long> pids;
    for (std::size_t slot = 0; slot < 3; ++slot) pids.insert(send_call_with(n, {.slot = slot}, own_pid)->get());
    EXPECT_EQ(pids.size(), 3U);
    EXPECT_FALSE(pids.contains(own_pid()));
    std::set<long> told;
    for (auto const& state : n.states()) told.insert(state.pid);
    EXPECT_EQ(told, pids);
}

TEST(node, carries_values_larger_than_its_rings_both_ways) {
    workers n(2);
    std::vector<std::unique_ptr<remote_test::sent_call<std::vector<std::uint64_t>>>> sent;
    for (std::uint64_t k = 0; k < 6; ++k)
        sent.push_back(send_call(
            n,
            [](std::vector<std::uint64_t> values, std::uint64_t add) {
                for (std::uint64_t& value : values) value += add;
                return values;
            },
            std::vector<std::uint64_t>(sanitized ? 100'000 : 1'000'000, k), k));
    for (std::uint64_t k = 0; k < 6; ++k) {
        std::vector<std::uint64_t> const got = sent[k]->get();
        EXPECT_EQ(got.size(), sanitized ? 100'000U : 1'000'000U);
        EXPECT_TRUE(std::all_of(got.begin(), got.end(), [k](std::uint64_t x) { return x == 2 * k; }));
    }
}

TEST(node, hands_on_what_a_call_throws) {
    workers n(1);
    auto const sent = send_call(n, []() -> int { throw std::out_of_range("there is no tenth"); });
    EXPECT_THROW(
        {
            try {
                sent->get();
            } catch (std::out_of_range const& error) {
                EXPECT_STREQ(error.what(), "there is no tenth");
                throw;
            }
        },
        std::out_of_range);
    EXPECT_EQ(send_call(n, increase, 1)->get(), 2);
}

TEST(node, replaces_a_worker_that_is_killed_while_it_has_nothing_to_do) {
    workers n(2);
    for (int round = 0; round < 3; ++round) {
        ASSERT_TRUE(comes_true([&] { return serves(n); }));
        auto const before = n.states();
        kill(static_cast<pid_t>(before[0].pid), SIGKILL);
        EXPECT_TRUE(comes_true([&] { return serves(n) && n.states()[0].index > before[0].index; }));
        EXPECT_EQ(n.size(), 2U);
        EXPECT_EQ(send_call_with(n, {.slot = 0}, increase, 1)->get(), 2);
    }
}

TEST(node, says_how_a_process_has_ended_that_ran_a_call) {
    workers n(1);
    auto const killed = send_call_with(n, {.name = "load"}, die, SIGKILL);
    std::string const text = complaint_of(*killed);
    EXPECT_NE(text.find("signal 9"), std::string::npos) << text;
    EXPECT_NE(text.find("(load)"), std::string::npos) << text;
    EXPECT_NE(text.find("pid "), std::string::npos) << text;
    auto const ended = send_call(n, [] { std::_Exit(3); });
    EXPECT_NE(complaint_of(*ended).find("status 3"), std::string::npos);
    auto const term = send_call(n, [] {
        kill(getpid(), SIGTERM);
        for (;;) pause();
    });
    std::string const terminated = complaint_of(*term);
    EXPECT_NE(terminated.find("signal 15"), std::string::npos) << terminated;
    EXPECT_EQ(terminated.find("memory"), std::string::npos) << terminated;
    EXPECT_THROW(send_call(n, die, SIGKILL)->get(), hocket::worker_lost);
    EXPECT_EQ(send_call(n, increase, 1)->get(), 2);
}

TEST(node, repeats_a_call_that_may_be_repeated) {
    workers n(1);
    long const first = send_call(n, own_pid)->get();
    auto const dies_once = [](long pid) {
        if (getpid() == pid) std::raise(SIGKILL);
        return 5;
    };
    EXPECT_EQ(send_call_with(n, {.retries = 1}, dies_once, first)->get(), 5);
    EXPECT_THROW(send_call_with(n, {.retries = 2}, die, SIGKILL)->get(), hocket::worker_lost);
}

TEST(node, sends_elsewhere_what_had_not_begun_at_no_cost) {
    workers n(1);
    for (int round = 0; round < 3; ++round) {
        ASSERT_TRUE(comes_true([&] { return serves(n); }));
        std::size_t const threads = n.states()[0].threads;
        auto const dies = send_call(n, die, SIGKILL);
        std::vector<decltype(send_call(n, increase, 0))> behind;
        for (int i = 0; i < 20; ++i) behind.push_back(send_call(n, increase, i));
        EXPECT_THROW(dies->get(), hocket::worker_lost);
        std::size_t lost = 0;
        for (int i = 0; auto& each : behind) {
            ++i;
            try {
                EXPECT_EQ(each->get(), i);
            } catch (hocket::worker_lost const&) {
                ++lost; // it had begun on another thread
            }
        }
        EXPECT_LT(lost, threads);
    }
}

TEST(node, stops_calls_that_wait_and_calls_that_run) {
    workers n(1);
    auto const until_stopped = [] {
        while (!hocket::this_task::stop_requested()) std::this_thread::yield();
        return 7;
    };
    std::vector<std::unique_ptr<remote_test::sent_call<int>>> sent;
    for (int i = 0; i < 12; ++i) sent.push_back(send_call(n, until_stopped)); // more than a process is sent at once
    for (auto& each : sent) n.cancel(each->number());
    for (auto& each : sent) EXPECT_THROW(each->get(), hocket::operation_cancelled);
    EXPECT_EQ(send_call(n, increase, 1)->get(), 2); // they have all finished
    n.cancel(sent[0]->number());
    n.cancel(1'000'000);
}

TEST(node, ends_with_calls_under_way) {
    for (int round = 0; round < 3; ++round) {
        std::vector<std::unique_ptr<remote_test::sent_call<int>>> sent;
        {
            workers n(2);
            for (int i = 0; i < 50; ++i)
                sent.push_back(send_call(
                    n,
                    [](int x) {
                        while (!hocket::this_task::stop_requested()) std::this_thread::yield();
                        return x;
                    },
                    i));
            if (round == 1) {
                ASSERT_TRUE(comes_true([&] { return serves(n); }));
            }
        }
        for (auto& each : sent) EXPECT_THROW(each->get(), hocket::operation_cancelled);
    }
}

TEST(node, loses_no_call_and_does_not_hang_when_workers_are_killed_at_any_time) {
    workers n(2);
    unsigned random = 12345;
    int answered = 0;
    int lost = 0;
    for (int round = 0; round < (sanitized ? 10 : 40); ++round) {
        std::vector<std::unique_ptr<remote_test::sent_call<std::vector<int>>>> sent;
        for (int i = 0; i < 20; ++i)
            sent.push_back(send_call(
                n, [](std::vector<int> values, int) { return values; }, std::vector<int>(10'000, i), i));
        random = random * 1'664'525 + 1'013'904'223;
        std::this_thread::sleep_for(std::chrono::microseconds(random >> 21)); // up to 2 ms, no bound on anything
        auto const victim = n.states()[random >> 31];
        if (victim.threads != 0) kill(static_cast<pid_t>(victim.pid),
                                      SIGKILL); // three early deaths would end the pool
        for (int i = 0; i < 20; ++i) try {
                std::vector<int> const values = sent[static_cast<std::size_t>(i)]->get();
                ASSERT_EQ(values, std::vector<int>(10'000, i));
                ++answered;
            } catch (hocket::worker_lost const&) {
                ++lost;
            }
    }
    EXPECT_EQ(answered + lost, 20 * (sanitized ? 10 : 40));
    EXPECT_EQ(send_call(n, increase, 1)->get(), 2);
}

TEST(node, gives_up_when_workers_end_before_they_serve) {
    char const* const name = "/tmp"; // no program
    program_start how(1, &name);
    how.executable = "/bin/cat"; // complains that it is a directory, if it gets it as an argument
    how.arguments = {"cat", "/nonexistent file"};
    testing::internal::CaptureStderr();
    node n(how, worker_plan{.workers = 2});
    auto const sent = send_call(n, increase, 1);
    std::string const text = complaint_of(*sent);
    EXPECT_NE(testing::internal::GetCapturedStderr().find("/nonexistent file"), std::string::npos);
    EXPECT_NE(text.find("before they are ready to run calls"), std::string::npos) << text;
    EXPECT_NE(text.find("status 1"), std::string::npos) << text;
    EXPECT_NE(text.find("/nonexistent file"), std::string::npos) << text;
    EXPECT_EQ(complaint_of(*send_call(n, increase, 1)), text);
}

TEST(node, says_what_cannot_be_started) {
    char const* const name = "program";
    program_start how(1, &name);
    how.executable = "/nonexistent/program";
    EXPECT_THROW(
        {
            try {
                node const n(how, worker_plan{.workers = 1});
            } catch (std::runtime_error const& error) {
                EXPECT_NE(std::string(error.what()).find("/nonexistent/program: No such file"), std::string::npos)
                    << error.what();
                throw;
            }
        },
        std::runtime_error);
}

std::size_t open_descriptors() {
    std::size_t count = 0;
    DIR* const folder = opendir("/proc/self/fd");
    while (readdir(folder) != nullptr) ++count;
    closedir(folder);
    return count;
}

TEST(node, leaves_no_descriptors_and_no_zombies) {
    send_call(*std::make_unique<workers>(1), increase, 1)->get(); // makes the objects that are made once
    std::size_t const before = open_descriptors();
    std::vector<long> pids;
    for (int round = 0; round < 3; ++round) {
        workers n(2);
        EXPECT_EQ(send_call(n, increase, 1)->get(), 2);
        EXPECT_THROW(send_call(n, die, SIGKILL)->get(), hocket::worker_lost);
        for (auto const& state : n.states()) pids.push_back(state.pid);
    }
    EXPECT_EQ(open_descriptors(), before);
    for (long const pid : pids) {
        if (pid > 0) {
            EXPECT_NE(kill(static_cast<pid_t>(pid), 0), 0) << pid;
        }
    }
}

std::string output_of(char const* command) {
    std::string text;
    std::FILE* const pipe = popen(command, "r");
    char part[256];
    while (std::fgets(part, sizeof part, pipe) != nullptr) text += part;
    pclose(pipe);
    return text;
}

TEST(node, hides_its_descriptors_and_its_role_from_what_a_task_starts) {
    workers n(1);
    // Descriptors that the test program itself has inherited are in both lists.
    char const* const list = "ls -l /proc/self/fd | grep -c -e hocket -e eventfd -e pidfd; env | grep -c HOCKET_WORKER";
    auto const sent = send_call(
        n, [](std::string command) { return output_of(command.c_str()); }, std::string(list));
    EXPECT_EQ(sent->get(), "0\n0\n");
    EXPECT_EQ(send_call(n, [] { return std::getchar(); })->get(), EOF); // /dev/null
}

TEST(node, lets_workers_without_work_sleep) {
    workers n(2);
    ASSERT_TRUE(comes_true([&] { return serves(n); }));
    auto const switches = [](long pid) {
        std::string const command = "cat /proc/" + std::to_string(pid) + "/task/*/status | grep ctxt_switches";
        long sum = 0;
        std::string const text = output_of(command.c_str());
        for (std::size_t at = 0; (at = text.find(':', at)) != std::string::npos; ++at) sum += std::atol(&text[at + 1]);
        return sum;
    };
    // Waits until nothing has changed for a while: threads that are about to sleep do so after some time.
    for (auto const& state : n.states())
        EXPECT_TRUE(comes_true([&] {
            long const before = switches(state.pid);
            std::this_thread::sleep_for(std::chrono::milliseconds(50));
            return switches(state.pid) == before;
        }));
}

} // namespace
