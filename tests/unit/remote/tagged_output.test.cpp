// SPDX-License-Identifier: MIT
// Tests that each line names the worker process that printed it, and that a task there knows its name.
#include <hocket/remote.hpp>

#include "run_program.hpp"

#include <chrono>
#include <cstddef>
#include <cstdio>
#include <gtest/gtest.h>
#include <iostream>

#include <sstream>
#include <string>
#include <unistd.h>
#include <vector>

namespace {

using namespace hocket;
using remote_test::program_result;
using remote_test::run_program;

struct speaker {
    void say() { std::puts("said by an actor"); }
};

TEST(tag_program, DISABLED_prints_lines) {
    remote_pool& all = cluster();
    static char const* const names[] = {"odd", "even"};
    std::vector<ref<void>> calls;
    for (int i = 0; i != 1000; ++i) {
        auto const print = [](int x) {
            std::string const line = std::to_string(x) + (x % 2 == 0 ? " even " : " odd ") +
                                     std::to_string(this_process::index()) + " " + std::string(1024, 'x');
            if (x % 3 == 0)
                std::cout << line << std::endl;
            else
                std::puts(line.c_str());
            if (x % 100 == 0) std::printf("no end of line"), std::fflush(stdout);
        };
        calls.push_back(submit(all, print, i, {.name = names[i % 2 == 0 ? 1 : 0]}));
    }
    for (auto const& each : calls) each.get();
    actor<speaker> const a(all);
    a.call(&speaker::say).get();
    std::puts("driver");
    std::fflush(stdout);
}

TEST(session_tags, stand_before_each_line) {
    program_result const result = run_program({"HOCKET_ENGINE=processes", "HOCKET_PROCESSES=4", "HOCKET_TAG_OUTPUT=1"},
                                              "tag_program.DISABLED_prints_lines");
    EXPECT_EQ(result.status, 0) << result.err;
    EXPECT_EQ(result.err, "");
    std::istringstream lines(result.out);
    int tagged = 0, without_end = 0, of_actor = 0;
    for (std::string line; std::getline(lines, line);) {
        if (line.empty() || line[0] != '[' || line.size() < 2 || line[1] < '0' || line[1] > '9') continue;
        std::string process, name, number, kind, own;
        std::istringstream words(line);
        words >> process >> name;
        if (name == "actor") {
            ++of_actor;
            EXPECT_NE(line.find("] said by an actor"), line.npos) << line;
            continue;
        }
        words >> number >> kind >> own;
        if (number == "no") {
            ++without_end;
            EXPECT_EQ(line.substr(line.find(']')), "] no end of line");
            continue;
        }
        ++tagged;
        EXPECT_EQ(name, kind + "]") << line.substr(0, 40);
        EXPECT_EQ(process, "[" + own) << line.substr(0, 40);
        EXPECT_EQ(line.find('x'), line.size() - 1024) << line.substr(0, 40);
    }
    EXPECT_EQ(tagged, 1000);
    EXPECT_EQ(without_end, 10);
    EXPECT_EQ(of_actor, 1);
    EXPECT_NE(result.out.find("\ndriver\n"), std::string::npos);
}

TEST(process_pool_names, are_known_to_tasks) {
    process_pool pool(1);
    auto const name = [] { return std::string(this_task::name() == nullptr ? "none" : this_task::name()); };
    EXPECT_EQ(submit(pool, name, {.name = "load"}).get(), "load");
    EXPECT_EQ(submit(pool, name).get(), "none");
    EXPECT_EQ(submit(pool, [name] { return hocket::submit(name).get(); }, {.name = "outer"}).get(), "none");
    ref<bool> const stops = submit(pool,
                                   [] {
                                       while (!this_task::stop_requested()) usleep(100);
                                       return true;
                                   },
                                   {.name = "stops", .timeout = std::chrono::milliseconds(20)});
    EXPECT_THROW((void)stops.get(), timed_out);
    EXPECT_EQ(submit(pool, name, {.name = "next"}).get(), "next") << "its process is free again";
}

} // namespace
