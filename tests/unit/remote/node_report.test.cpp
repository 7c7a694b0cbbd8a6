// SPDX-License-Identifier: MIT
// Tests the reports about calls: by report(), and unasked when no call finishes any more.
#include <hocket/remote.hpp>

#include "run_program.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <gtest/gtest.h>
#include <string>
#include <thread>

namespace {

using namespace hocket;
using remote_test::comes_true;
using remote_test::program_result;
using remote_test::run_program;

std::size_t count_of(std::string const& text, std::string const& part) {
    std::size_t count = 0;
    for (std::size_t at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++count;
    return count;
}

int wait_for(shared_memory<int> open) {
    return comes_true([&] { return std::atomic_ref(*open).load() != 0; }) ? 1 : 0;
}

/// An actor that asks another one; two of them wait for each other in two processes.
struct asks {
    int ask(actor<asks> other, actor<asks> me, int depth) {
        return depth == 0 ? other.call(&asks::ask, me, other, 1).get() : other.call(&asks::nothing).get();
    }
    int nothing() { return 0; }
};

TEST(node_report_program, DISABLED_waits_for_long) {
    remote_pool& all = cluster();
    shared_memory<int> const open(0);
    ref<int> const waits = submit(all, wait_for, open, {.name = "long wait"});
    std::this_thread::sleep_for(std::chrono::milliseconds(2500));
    std::atomic_ref(*open).store(1);
    EXPECT_EQ(waits.get(), 1);
}

TEST(node_report_program, DISABLED_is_slow) {
    for (int i = 0; i != 12; ++i)
        EXPECT_EQ(
            submit(cluster(), [] { return std::this_thread::sleep_for(std::chrono::milliseconds(200)), 1; }).get(), 1);
}

TEST(node_report_program, DISABLED_waits_in_a_circle) {
    remote_pool& all = cluster();
    actor<asks> const one(all), two(all);
    ref<int> const never = one.call(&asks::ask, two, one, 0);
    EXPECT_FALSE(never.wait_for(std::chrono::milliseconds(2500)));
    one.kill();
    two.kill();
    std::_Exit(0);
}

TEST(session_report, comes_once_when_nothing_ends) {
    program_result const waits = run_program({"HOCKET_ENGINE=processes", "HOCKET_PROCESSES=2", "HOCKET_REPORT_AFTER=1"},
                                             "node_report_program.DISABLED_waits_for_long");
    EXPECT_EQ(waits.status, 0) << waits.out;
    EXPECT_EQ(count_of(waits.err, "no call has finished for"), 1u) << waits.err;
    EXPECT_EQ(count_of(waits.err, "(long wait)"), 1u) << waits.err;
    EXPECT_EQ(count_of(waits.err, "has started"), 1u) << waits.err;
    EXPECT_EQ(count_of(waits.err, "pid "), 2u) << waits.err;
    program_result const slow = run_program({"HOCKET_ENGINE=processes", "HOCKET_PROCESSES=2", "HOCKET_REPORT_AFTER=1"},
                                            "node_report_program.DISABLED_is_slow");
    EXPECT_EQ(slow.status, 0) << slow.out;
    EXPECT_EQ(slow.err, "");
    program_result const never = run_program({"HOCKET_ENGINE=processes", "HOCKET_PROCESSES=2", "HOCKET_REPORT_AFTER=0"},
                                             "node_report_program.DISABLED_waits_for_long");
    EXPECT_EQ(never.err, "");
    EXPECT_NE(run_program({"HOCKET_ENGINE=processes", "HOCKET_REPORT_AFTER=soon"}, "none").status, 0);
}

TEST(session_report, tells_who_waits_for_whom) {
    program_result const circle =
        run_program({"HOCKET_ENGINE=processes", "HOCKET_PROCESSES=2", "HOCKET_REPORT_AFTER=1"},
                    "node_report_program.DISABLED_waits_in_a_circle");
    EXPECT_EQ(circle.status, 0) << circle.out;
    EXPECT_EQ(count_of(circle.err, "no call has finished for"), 1u) << circle.err;
    EXPECT_GE(count_of(circle.err, "asks::*"), 3u) << circle.err;
    EXPECT_EQ(count_of(circle.err, "for the driver"), 1u) << circle.err;
    EXPECT_EQ(count_of(circle.err, "for process 1"), 1u) << circle.err;
    EXPECT_EQ(count_of(circle.err, "for process 2"), 1u) << circle.err;
}

TEST(process_pool_report, lists_calls) {
    process_pool pool(1);
    shared_memory<int> const open(0);
    ref<int> const waits = submit(pool, wait_for, open, {.name = "gate"});
    EXPECT_TRUE(comes_true([&] { return pool.report().find("(gate)") != std::string::npos; }));
    std::atomic_ref(*open).store(1);
    EXPECT_EQ(waits.get(), 1);
    EXPECT_EQ(pool.report().find("(gate)"), std::string::npos);
}

} // namespace
