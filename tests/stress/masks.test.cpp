// SPDX-License-Identifier: MIT
// Tests of the masks that restrict a pool: those of its maker and of the main thread, as they are when the pool is
// made. Each case runs in a child process, so that the process of the tests never reads the machine.
#include <hocket/future/submit.hpp>
#include <hocket/machine/cpu_quota.hpp>
#include <hocket/machine/hwloc.hpp>
#include <hocket/machine/pin.hpp>
#include <hocket/os/affinity.hpp>
#include <hocket/pool/thread_pool.hpp>

#include <stress/in_child.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace hocket;

/// Lets the calling thread run on these PUs alone.
void restrict_thread_to(fixed_array<unsigned> const& pus) { ASSERT_EQ(pin_this_thread(pus), pin_outcome::pinned); }

std::vector<unsigned> pus_of(thread_pool const& pool) {
    std::vector<unsigned> found;
    for (worker_place const& place : pool.placement().workers)
        found.insert(found.end(), place.pus.begin(), place.pus.end());
    std::sort(found.begin(), found.end());
    return found;
}

/// Returns the PUs of a pool that another thread makes, which may run on `pus` alone.
std::vector<unsigned> pus_of_pool_made_on(fixed_array<unsigned> const& pus) {
    std::vector<unsigned> found;
    std::thread([&] {
        restrict_thread_to(pus);
        found = pus_of(thread_pool({.bind = binding::pu}));
    }).join();
    return found;
}

TEST(masks, are_followed_as_they_are_when_a_pool_is_made) {
    fixed_array<unsigned> const all = detail::pus_of_calling_thread();
    if (all.size() < 2) GTEST_SKIP() << "there is one PU";
    for (bool const restricted_first : {true, false}) {
        std::string const end = stress_test::in_child([&] {
            unsetenv("HOCKET_NUM_THREADS");
            std::optional<cpu_quota> const quota = read_cpu_quota();
            std::size_t cores = read_topology().cores.size();
            if (quota) cores = std::min<std::size_t>(cores, quota->workers());
            fixed_array<unsigned> first(1), last(1);
            first[0] = all[0];
            last[0] = all[all.size() - 1];
            if (!restricted_first && thread_pool({.bind = binding::pu}).size() != cores) return 1;
            if (pus_of_pool_made_on(first) != std::vector{first[0]}) return 2;
            if (pus_of_pool_made_on(last) != std::vector{last[0]}) return 3;
            if (!restricted_first) restrict_thread_to(first); // the main thread
            thread_pool pool({.bind = binding::pu});
            if (pool.size() != (restricted_first ? cores : 1)) return 4;
            if (pus_of(pool).size() != pool.size()) return 5;
            return 0;
        });
        EXPECT_EQ(end, "exit 0") << restricted_first;
    }
}

TEST(masks, of_pinned_workers_do_not_restrict_the_pools_that_they_make) {
    std::string const end = stress_test::in_child([] {
        unsetenv("HOCKET_NUM_THREADS");
        thread_pool pool({.bind = binding::pu});
        std::atomic<std::size_t> size{0};
        spawn(pool, [&] { size = thread_pool({.bind = binding::pu}).size(); });
        while (size == 0) std::this_thread::yield(); // so that a worker runs it
        return size == pool.size() ? 0 : 1;
    });
    EXPECT_EQ(end, "exit 0");
}

} // namespace
