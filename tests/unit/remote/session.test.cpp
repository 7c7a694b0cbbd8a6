// SPDX-License-Identifier: MIT
// Tests remote/call/session.hpp by programs of its own: the place where a session must stand, the engine that it
// chooses, the errors that it reports, and that no worker outlives its driver.
#include <hocket/machine.hpp>
#include <hocket/remote/call/session.hpp>
#include <hocket/remote/node/node.hpp>
#include <hocket/remote/transport/engine.hpp>

#include "call_worker.hpp"
#include "run_program.hpp"

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <gtest/gtest.h>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <unistd.h>
#include <vector>

namespace {

using remote_test::comes_true;
using remote_test::program_result;
using remote_test::run_program;
using remote_test::runs;
using remote_test::send_call;
using remote_test::send_call_with;

std::string const processes = "HOCKET_ENGINE=processes";

/// Returns all cases, or the first one where a program takes a second to start.
template<class T>
std::vector<T> cases(std::vector<T> all) {
    if (hocket::detail::sanitized) all.resize(1);
    return all;
}

long own_pid() { return getpid(); }

// The programs that the tests below run. Each has a session in its main.

TEST(session_program, DISABLED_prints_its_engine) {
    auto* const node = hocket::detail::node_of_session();
    std::printf("<%zu>", node == nullptr ? std::size_t{0} : node->size());
    if (node != nullptr)
        std::printf("<%d>", send_call(
                                *node, [](int x) { return 2 * x; }, 21)
                                ->get());
    std::fflush(stdout);
}

TEST(session_program, DISABLED_prints_the_pids_of_its_workers_and_waits) {
    auto& node = *hocket::detail::node_of_session();
    std::string text;
    for (std::size_t slot = 0; slot < node.size(); ++slot)
        text += std::to_string(send_call_with(node, {.slot = slot}, own_pid)->get()) + " ";
    std::vector<std::unique_ptr<remote_test::sent_call<void>>> sent; // the last worker runs a task
    sent.push_back(
        send_call_with(node, {.slot = node.size() - 1}, [] { std::this_thread::sleep_for(std::chrono::hours(1)); }));
    std::printf("pids %send\n", text.c_str());
    std::fflush(stdout);
    for (;;) pause();
}

TEST(session_program, DISABLED_prints_from_a_task) {
    auto& node = *hocket::detail::node_of_session();
    for (int i = 0; i < 3; ++i) {
        send_call(
            node, [](int x) { std::printf("task %d\n", x); }, i)
            ->get();
        std::printf("result %d\n", i);
        std::fflush(stdout);
    }
}

TEST(session_program, DISABLED_ends_without_its_session) {
    send_call(*hocket::detail::node_of_session(), own_pid)->get();
    std::printf("pid %ld end\n", send_call(*hocket::detail::node_of_session(), own_pid)->get());
    std::fflush(stdout);
    std::_Exit(5);
}

TEST(session_program, DISABLED_survives_a_signal_that_it_handles) {
    auto& node = *hocket::detail::node_of_session();
    std::signal(SIGINT, [](int) {});
    long const before = send_call_with(node, {.slot = 0}, own_pid)->get();
    kill(0, SIGINT); // to all of its process group
    std::printf("<%d>", send_call_with(node, {.slot = 0}, own_pid)->get() == before);
    // A program that a task executes has the default handler again.
    std::string const ignored = send_call(node, [] {
                                    std::string text(64, ' ');
                                    std::FILE* const pipe = popen("grep SigIgn /proc/self/status", "r");
                                    text.resize(std::fread(text.data(), 1, text.size(), pipe));
                                    pclose(pipe);
                                    return text;
                                })->get();
    unsigned long long mask = 0;
    (void)std::sscanf(ignored.c_str(), "SigIgn: %llx", &mask);
    std::printf("<%llx>", mask & 3U); // SIGHUP and SIGINT
    std::fflush(stdout);
}

TEST(session_program, DISABLED_prints_its_share_of_the_machine) {
    auto& node = *hocket::detail::node_of_session();
    std::size_t threads = 0;
    for (std::size_t slot = 0; slot < node.size(); ++slot) {
        (void)send_call_with(node, {.slot = slot}, own_pid)->get();
        threads += node.states()[slot].threads;
    }
    auto const omp = send_call(node, [] { return std::string(std::getenv("OMP_NUM_THREADS")); })->get();
    std::printf("<%zu of %zu><%s>", threads, hocket::machine().cores.size(), omp.c_str());
    std::fflush(stdout);
}

// The tests.

TEST(session, does_nothing_where_no_engine_is_asked_for) {
    program_result const result = run_program({}, "session_program.DISABLED_prints_its_engine");
    EXPECT_NE(result.out.find("<0>"), std::string::npos) << result.out;
    EXPECT_EQ(result.status, 0);
    EXPECT_EQ(result.err, "");
    EXPECT_NE(
        run_program({"HOCKET_ENGINE=threads", "OMPI_COMM_WORLD_SIZE=4"}, "session_program.DISABLED_prints_its_engine")
            .out.find("<0>"),
        std::string::npos);
}

TEST(session, starts_worker_processes) {
    for (std::string const& count : cases<std::string>({"2", "1", "5"})) {
        program_result const result =
            run_program({processes, "HOCKET_PROCESSES=" + count}, "session_program.DISABLED_prints_its_engine");
        EXPECT_NE(result.out.find("<" + count + "><42>"), std::string::npos) << result.out;
        EXPECT_EQ(result.status, 0);
        EXPECT_EQ(result.err, "");
    }
    program_result const usual = run_program({"HOCKET_ENGINE=Processes"}, "session_program.DISABLED_prints_its_engine");
    EXPECT_NE(usual.out.find("<" + std::to_string(hocket::detail::usual_processes()) + "><42>"), std::string::npos)
        << usual.out;
}

TEST(session, names_a_variable_that_makes_no_sense) {
    for (std::string const& bad : cases<std::string>({"0", "-1", "abc", "100000"})) {
        program_result const result = run_program({processes, "HOCKET_PROCESSES=" + bad}, "none");
        EXPECT_NE(result.out.find("HOCKET_PROCESSES=\"" + bad + "\" is not a number"), std::string::npos) << result.out;
        EXPECT_EQ(result.status, 3);
    }
    EXPECT_NE(run_program({"HOCKET_ENGINE=cluster"}, "none").out.find("HOCKET_ENGINE=\"cluster\" is not one of"),
              std::string::npos);
    EXPECT_NE(run_program({"HOCKET_ENGINE=mpi"}, "none").out.find("built without the engine for MPI: link hocket::mpi"),
              std::string::npos);
    EXPECT_NE(run_program({"HOCKET_CHECK_REMOTE=perhaps"}, "none").out.find("HOCKET_CHECK_REMOTE"), std::string::npos);
}

TEST(session, refuses_to_be_one_of_several_drivers) {
    for (std::string const& name : cases<std::string>({"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "SLURM_STEP_NUM_TASKS"})) {
        program_result const result = run_program({name + "=4"}, "none");
        EXPECT_EQ(result.status, 3);
        EXPECT_NE(result.out.find("4 times (" + name + ")"), std::string::npos) << result.out;
        EXPECT_EQ(run_program({name + "=1"}, "none").status, 0);
        EXPECT_EQ(run_program({name + "=4", "HOCKET_ENGINE=threads"}, "none").status, 0);
    }
    EXPECT_EQ(run_program({"SLURM_NTASKS=4"}, "none").status, 0); // set by a batch script
}

TEST(session, comes_first) {
    program_result const pool = run_program({"HOCKET_TEST_MAIN=pool first"}, "none");
    EXPECT_NE(pool.out.find("there is a pool already"), std::string::npos) << pool.out;
    EXPECT_EQ(pool.status, 3);
    program_result const thread = run_program({"HOCKET_TEST_MAIN=other thread"}, "none");
    EXPECT_NE(thread.out.find("this is another thread"), std::string::npos) << thread.out;
    program_result const second = run_program({"HOCKET_TEST_MAIN=two sessions"}, "none");
    EXPECT_NE(second.out.find("there is one already"), std::string::npos) << second.out;
    // A worker process finds the mistake as well.
    program_result const worker = run_program({processes, "HOCKET_PROCESSES=1", "HOCKET_TEST_MAIN=pool first"}, "none");
    EXPECT_NE(worker.out.find("there is a pool already"), std::string::npos) << worker.out;
}

TEST(session, is_asked_for_where_it_is_missing) {
    EXPECT_EQ(run_program({"HOCKET_TEST_MAIN=no session"}, "none").status, 0);
    program_result const result = run_program({processes, "HOCKET_TEST_MAIN=no session"}, "none");
    EXPECT_EQ(result.status, 3);
    EXPECT_NE(result.out.find("hocket::session session(argc, argv);"), std::string::npos) << result.out;
    EXPECT_EQ(run_program({"PMI_SIZE=2", "HOCKET_TEST_MAIN=no session"}, "none").status, 3);
}

/// Returns the pids that a program has printed.
std::vector<long> pids_in(std::string const& out) {
    std::vector<long> pids;
    std::istringstream words(out.substr(out.find("pids ") + 5));
    for (long pid; words >> pid;) pids.push_back(pid);
    return pids;
}

TEST(session, ends_its_workers_however_it_ends) {
    for (int const signal : cases<int>({SIGKILL, SIGTERM, SIGINT, SIGHUP})) {
        remote_test::program driver({processes, "HOCKET_PROCESSES=3"},
                                    "session_program.DISABLED_prints_the_pids_of_its_workers_and_waits");
        ASSERT_TRUE(driver.wait_for("end\n"));
        std::vector<long> const pids = pids_in(driver.out());
        ASSERT_EQ(pids.size(), 3U);
        for (long const pid : pids) EXPECT_TRUE(runs(pid));
        kill(signal == SIGINT || signal == SIGHUP ? -driver.pid() : driver.pid(), signal);
        program_result const result = driver.finish(); // the workers hold the other ends of its pipes
        EXPECT_FALSE(result.hung);
        EXPECT_EQ(result.signal, signal);
        EXPECT_EQ(result.err, "");
        for (long const pid : pids) EXPECT_TRUE(comes_true([pid] { return !runs(pid); })) << pid;
    }
}

TEST(session, need_not_be_destroyed) {
    program_result const result =
        run_program({processes, "HOCKET_PROCESSES=1"}, "session_program.DISABLED_ends_without_its_session");
    EXPECT_EQ(result.status, 5);
    EXPECT_FALSE(result.hung);
    EXPECT_EQ(result.err, "");
}

TEST(session, prints_what_a_task_prints_before_its_result) {
    program_result const result =
        run_program({processes, "HOCKET_PROCESSES=1"}, "session_program.DISABLED_prints_from_a_task");
    EXPECT_NE(result.out.find("task 0\nresult 0\ntask 1\nresult 1\ntask 2\nresult 2\n"), std::string::npos)
        << result.out;
}

TEST(session, lets_workers_outlive_a_signal_that_the_driver_handles) {
    program_result const result =
        run_program({processes, "HOCKET_PROCESSES=2"}, "session_program.DISABLED_survives_a_signal_that_it_handles");
    EXPECT_NE(result.out.find("<1><0>"), std::string::npos) << result.out;
    EXPECT_EQ(result.status, 0);
}

TEST(session, shares_the_cores_among_its_workers) {
    std::size_t const cores = hocket::detail::usual_processes();
    for (std::size_t const count : cases<std::size_t>({cores, 1, 2 * cores})) {
        program_result const result = run_program({processes, "HOCKET_PROCESSES=" + std::to_string(count)},
                                                  "session_program.DISABLED_prints_its_share_of_the_machine");
        std::size_t const threads = std::max(cores, count);
        EXPECT_NE(result.out.find("<" + std::to_string(threads) + " of "), std::string::npos) << result.out;
        if (count != cores) continue;
        EXPECT_NE(result.out.find("><1>"), std::string::npos) << result.out;
        EXPECT_NE(run_program({processes, "HOCKET_PROCESSES=1", "OMP_NUM_THREADS=7"},
                              "session_program.DISABLED_prints_its_share_of_the_machine")
                      .out.find("><7>"),
                  std::string::npos);
    }
}

} // namespace
