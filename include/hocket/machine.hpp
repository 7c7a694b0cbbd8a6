// SPDX-License-Identifier: MIT
// Machine and placement: the cores that the process may use, and the core on which each worker of a pool runs.
//
//     #include <hocket/machine.hpp>
//
//     #include <cstdio>
//
//     int main() {
//         hocket::topology const& here = hocket::machine();
//         std::printf("%zu cores in %zu packages\n", here.cores.size(), here.packages.size());
//         hocket::placement const planned = hocket::plan_placement(here, hocket::read_cpu_quota(), {.workers = 2});
//         std::printf("%s", planned.to_string().c_str());
//         return planned.workers.size() == 2 ? 0 : 1;
//     }
//
// * `machine()` is the `topology` of this process, read once: packages, NUMA nodes, caches, cores and their PUs, each
//   in a `fixed_array`. `read_topology` reads it again, or reads it from a file that a `topology_source` names.
//   `topology_origin` says where a topology comes from. A `core_id` is the position of a core.
// * `plan_placement` answers a `placement_request` with the `placement` that a pool would have: a `worker_place` for
//   each `worker_index`. `nearest_first` lists the other workers by their distance. `binding` says what workers are
//   bound to. `to_string` and `binding_from` turn a binding into a word and back.
// * `read_cpu_quota` returns the `cpu_quota` of the cgroup. `read_environment` returns the variables `HOCKET_...` as an
//   `environment`.
// * `pin_this_thread` binds a thread that the program started. A `pin_outcome` says whether the system allowed it.
//
// Seldom written out: `topology_origin`, `topology_source`, `read_topology`, `fixed_array`, `worker_place`, `core_id`,
//     `worker_index`, `nearest_first`, `placement_request`, `cpu_quota`, `environment`, `pin_outcome`, `binding_from`.
#pragma once

#include <hocket/base/fixed_array.hpp>
#include <hocket/base/types.hpp>
#include <hocket/machine/binding.hpp>
#include <hocket/machine/cpu_quota.hpp>
#include <hocket/machine/environment.hpp>
#include <hocket/machine/hwloc.hpp>
#include <hocket/machine/machine.hpp>
#include <hocket/machine/pin.hpp>
#include <hocket/machine/placement.hpp>
#include <hocket/machine/topology.hpp>
