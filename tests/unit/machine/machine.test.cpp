// SPDX-License-Identifier: MIT
// Tests of machine().
#include "topology_checks.hpp"

#include <hocket/machine/hwloc.hpp>
#include <hocket/machine/machine.hpp>
#include <hocket/machine/machine_part.hpp>
#include <hocket/os/affinity.hpp>

#include <gtest/gtest.h>

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <fstream>
#include <optional>
#include <thread>

namespace {

using namespace hocket;

/// Restricts all threads of the process, as `taskset -a -p` does: sanitizers have threads of their own. The process may
/// use every PU that any of its threads may use.
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

void restrict_thread_to(unsigned pu) {
    cpu_set_t mask;
    CPU_ZERO(&mask);
    CPU_SET(pu, &mask);
    sched_setaffinity(0, sizeof mask, &mask);
}

/// Returns the number of PUs that `machine()` shows in a child process, while another thread of it may run anywhere.
template<class Restrict>
std::string pus_beside_a_free_thread(Restrict const& restrict_some) {
    return test::in_child([&] {
               std::atomic<bool> stop{false};
               std::thread other([&] {
                   while (!stop) std::this_thread::yield();
               });
               std::size_t pus = 0;
               restrict_some(pus);
               stop = true;
               other.join();
               return std::to_string(pus);
           })
        .message;
}

TEST(machine, is_what_the_main_thread_may_use_whatever_other_threads_may) {
    EXPECT_EQ(pus_beside_a_free_thread([](std::size_t& pus) {
                  restrict_thread_to(detail::pus_of_calling_thread()[0]);
                  pus = machine().pus.size();
              }),
              "1");
    EXPECT_EQ(pus_beside_a_free_thread([](std::size_t& pus) {
                  std::atomic<bool> restricted{false};
                  std::thread caller([&] {
                      while (!restricted) std::this_thread::yield();
                      pus = machine().pus.size();
                  });
                  restrict_thread_to(detail::pus_of_calling_thread()[0]);
                  restricted = true;
                  caller.join();
              }),
              "1");
}

TEST(machine, is_what_the_caller_may_use_even_if_the_main_thread_may_use_more) {
    EXPECT_EQ(pus_beside_a_free_thread([](std::size_t& pus) {
                  std::thread([&] {
                      restrict_thread_to(detail::pus_of_calling_thread()[0]);
                      pus = machine().pus.size();
                  }).join();
              }),
              "1");
}

TEST(pus_for_pools, are_those_of_the_caller_where_it_has_none_in_common_with_the_main_thread) {
    auto const all = detail::pus_of_calling_thread();
    if (all.size() < 2) GTEST_SKIP() << "there is one PU";
    auto const end = test::in_child([&] {
        restrict_thread_to(all[0]);
        std::string found;
        std::thread([&] {
            restrict_thread_to(all[1]);
            for (unsigned const pu : detail::pus_for_pools()) found += std::to_string(pu) + " ";
        }).join();
        return found;
    });
    EXPECT_EQ(end.message, std::to_string(all[1]) + " ");
}

#if defined(__x86_64__)
TEST(machine, is_read_where_the_system_does_not_tell_masks) {
    auto const end = test::in_child([] {
        sock_filter deny[] = {
            BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
            BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_sched_getaffinity, 0, 1),
            BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
            BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        };
        sock_fprog program{std::size(deny), deny};
        if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
            return std::string("skipped");
        alarm(20);
        topology const& here = machine();
        return here.origin == topology_origin::fallback && here.note[0] != '\0' ? test::broken_promise_anywhere(here)
                                                                                : "another origin";
    });
    if (end.message == "skipped") GTEST_SKIP() << "seccomp is not to be had";
    EXPECT_FALSE(end.crashed);
    EXPECT_EQ(end.message, "");
}

TEST(machine, may_be_a_dump_of_what_its_processors_say) {
    auto const folder = std::filesystem::temp_directory_path() / ("hocket_cpuid_" + std::to_string(getpid()));
    std::filesystem::create_directories(folder);
    std::ofstream(folder / "hwloc-cpuid-info") << "Architecture: x86\n";
    for (int pu = 0; pu < 3; ++pu)
        std::ofstream(folder / ("pu" + std::to_string(pu))) << "1 0 0 0 0 => 1 756e6547 6c65746e 49656e69\n"
                                                            << "1 1 0 0 0 => 306a9 " << pu << "040800 0 10000000\n"
                                                            << "1 80000000 0 0 0 => 80000000 0 0 0\n";
    auto const end = test::in_child([&] {
        setenv("HWLOC_CPUID_PATH", folder.c_str(), 1);
        topology const& read = machine();
        return std::to_string(read.pus.size()) + (read.origin == topology_origin::description ? " described" : "");
    });
    std::filesystem::remove_all(folder);
    EXPECT_EQ(end.message, "3 described");
}
#endif

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

TEST(part_of, keeps_what_the_documentation_promises) {
    for (char const* const described :
         {"pack:2 [numa] l3:2 core:2 pu:2", "pack:1 core:8 pu:1", "pack:2 core:2 pu:2(indexes=7,3,1,5,0,2,4,6)"}) {
        topology const whole = read_topology({.synthetic = described});
        for (unsigned chosen = 0; chosen < 256; ++chosen) {
            fixed_array<unsigned> pus(9);
            std::size_t count = 0;
            for (unsigned pu = 0; pu < 8; ++pu)
                if ((chosen >> pu & 1U) != 0) pus[count++] = pu;
            pus[count] = 1000; // which the machine does not have
            pus.shrink(count + 1);
            std::optional<topology> const part = detail::part_of(whole, pus);
            ASSERT_EQ(part.has_value(), chosen != 0);
            if (!part) continue;
            ASSERT_EQ(test::broken_promise_anywhere(*part), "") << described << " " << chosen;
            ASSERT_EQ(part->pus.size(), count);
            ASSERT_EQ(part->numa_nodes.size(), whole.numa_nodes.size());
            for (topology::pu const& pu : part->pus)
                for (topology::pu const& before : whole.pus) {
                    if (before.os_index != pu.os_index) continue;
                    topology::group const& package = part->packages[part->at(pu.core).package];
                    ASSERT_EQ(package.os_index, whole.packages[whole.at(before.core).package].os_index);
                    ASSERT_EQ(part->numa_nodes[pu.numa].os_index, whole.numa_nodes[before.numa].os_index);
                }
        }
    }
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
