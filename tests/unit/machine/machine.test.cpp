// SPDX-License-Identifier: MIT
// Tests of machine().
#include "topology_checks.hpp"

#include <hocket/machine/affinity.hpp>
#include <hocket/machine/machine.hpp>

#include <gtest/gtest.h>

#include <sched.h>

#include <thread>

namespace {

using namespace hocket;

/// As `taskset -a -p` does: sanitizers have threads of their own, and what one thread may use, the process may use.
void restrict_process_to(unsigned pu) {
    cpu_set_t mask;
    CPU_ZERO(&mask);
    CPU_SET(pu, &mask);
    for (auto const& thread : std::filesystem::directory_iterator("/proc/self/task")) {
        sched_setaffinity(std::stoi(thread.path().filename().string()), sizeof mask, &mask);
    }
}

TEST(machine, shows_only_what_the_process_may_use) {
    auto const end = test::in_child([] { // in a child, as machine() is read once
        auto const allowed = detail::pus_of_calling_thread();
        unsigned const last = allowed[allowed.size() - 1];
        restrict_process_to(last);
        topology const& only = machine();
        if (only.cores.size() != 1 || only.pus.size() != 1 || only.pus[0].os_index != last) return std::string("more");
        return test::broken_promise_anywhere(only);
    });
    EXPECT_FALSE(end.crashed);
    EXPECT_EQ(end.message, "");
}

TEST(machine, is_read_once_whoever_asks_first) {
    auto const end = test::in_child([] {
        std::vector<topology const*> seen(8);
        std::vector<std::thread> threads;
        for (auto& one : seen) threads.emplace_back([&one] { one = &machine(); });
        for (auto& thread : threads) thread.join();
        for (auto const* one : seen) {
            if (one != &machine()) return std::string("two machines");
        }
        return test::broken_promise_anywhere(machine());
    });
    EXPECT_FALSE(end.crashed);
    EXPECT_EQ(end.message, "");
}

struct asks_at_exit {
    ~asks_at_exit() {
        if (machine().cores.empty()) std::abort();
    }
};

TEST(machine, can_be_asked_while_the_process_ends) {
    EXPECT_EXIT(
        {
            static asks_at_exit const late;
            machine();
            std::exit(0);
        },
        testing::ExitedWithCode(0), "");
}

} // namespace
