// SPDX-License-Identifier: MIT
// Prints the machine as hocket sees it, and the places of the workers of some pools; pins a thread of its own there.
// usage: this_machine
#include <hocket/machine.hpp>

#include <cstdint>
#include <cstdio>
#include <thread>

int main() {
    hocket::topology const& here = hocket::machine();
    std::printf("%zu packages, %zu NUMA nodes, %zu L3 caches, %zu cores, %zu hardware threads\n", here.packages.size(),
                here.numa_nodes.size(), here.l3_groups.size(), here.cores.size(), here.pus.size());
    for (auto const& group : here.l3_groups)
        std::printf("an L3 of %ju KiB for %zu cores\n", static_cast<std::uintmax_t>(group.bytes / 1024), group.cores);
    auto const quota = hocket::read_cpu_quota();
    std::printf("a CPU quota of this process: %s\n", quota ? "yes" : "none");
    auto const wishes = hocket::read_environment();
    std::printf("HOCKET_NUM_THREADS: %s\n", wishes.num_threads ? "set" : "not set");

    for (hocket::binding const bind : {hocket::binding::automatic, hocket::binding::core, hocket::binding::none}) {
        hocket::placement const planned = hocket::plan_placement(here, quota, {.bind = bind});
        std::printf("%.*s: %s", static_cast<int>(hocket::to_string(bind).size()), hocket::to_string(bind).data(),
                    planned.to_string().c_str());
    }
    hocket::placement const one = hocket::plan_placement(here, quota, {.workers = 1, .bind = hocket::binding::core});
    bool pinned = false;
    std::thread([&] { pinned = hocket::pin_this_thread(here, one.workers[0]) == hocket::pin_outcome::pinned; }).join();
    std::printf("a thread of the program itself %s pinned to the place of worker 0\n", pinned ? "was" : "could not be");
}
