// SPDX-License-Identifier: MIT
// The bodies of the functions that launched_world.hpp declares.
#pragma once

#include <hocket/machine/environment.hpp>
#include <hocket/machine/hwloc.hpp>
#include <hocket/os/affinity.hpp>
#include <hocket/remote/transport/fd_server.hpp>
#include <hocket/remote/transport/launched_world.hpp>
#include <hocket/remote/transport/processes.hpp>
#include <hocket/remote/wire/code_token.hpp>
#include <hocket/remote/wire/own_place.hpp>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <stdexcept>
#include <string>

#include <sys/stat.h>
#include <unistd.h>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_COLD HOCKET_INLINE rank_facts own_facts() {
    rank_facts mine;
    mine.fingerprint = code_fingerprint();
    program_build_id().copy(mine.build.data(), mine.build.size() - 1);
    host_name().copy(mine.machine.data(), mine.machine.size() - 1);
    for (char const* name : {"/proc/self/ns/user", "/proc/self/ns/pid"}) {
        struct stat about {};
        if (::stat(name, &about) == 0) mine.namespaces = mine.namespaces * 0x9e3779b97f4a7c15U + about.st_ino;
    }
    for (unsigned const pu : pus_of_thread(0)) mine.pus.add(pu);
    for (char const* const* each = ::environ; *each != nullptr; ++each) { // variables of Open MPI and PRRTE
        std::string_view const text(*each);
        std::string_view const name = text.substr(0, text.find('='));
        mine.is_bound = mine.is_bound || (name.ends_with("_bound_at_launch") && text.ends_with("=1"));
    }
    return mine;
}

HOCKET_COLD HOCKET_INLINE void check_same_program(std::vector<rank_facts> const& all) {
    auto const other = std::find_if(all.begin(), all.end(),
                                    [&](rank_facts const& one) { return one.fingerprint != all[0].fingerprint; });
    if (other == all.end()) return;
    throw std::runtime_error("hocket: ranks 0 and " + std::to_string(other - all.begin()) +
                             " are different programs: build " + all[0].build.data() + " on " + all[0].machine.data() +
                             ", build " + other->build.data() + " on " + other->machine.data() +
                             ", or their libraries differ. All ranks must run the same files");
}

HOCKET_COLD HOCKET_INLINE void choose_way_of_fds(std::vector<rank_facts> const& all, process_index self) {
    rank_facts const& mine = all[self];
    bool const apart = std::any_of(all.begin(), all.end(), [&](rank_facts const& one) {
        return one.first_of_machine == mine.first_of_machine && one.namespaces != mine.namespaces;
    });
    if (!apart) return;
    passes_fds.store(true, std::memory_order_relaxed);
    if (mine.first_of_machine == self && read_environment().display)
        std::fprintf(stderr,
                     "hocket: the ranks of %s are in different namespaces: they pass the descriptors of shared memory "
                     "through sockets\n",
                     mine.machine.data());
}

HOCKET_COLD HOCKET_INLINE std::size_t take_share_of_cores(std::vector<rank_facts> const& all, process_index self) {
    rank_facts const& mine = all[self];
    pu_set together;
    std::size_t ranks = 0;
    bool bound = false;
    for (rank_facts const& one : all) {
        if (one.first_of_machine != mine.first_of_machine) continue;
        ++ranks;
        bound = bound || one.is_bound;
        for (std::size_t i = 0; i < together.words.size(); ++i) together.words[i] |= one.pus.words[i];
    }
    bool const of_slurm = variable("SLURM_STEP_ID") != nullptr && variable("OMPI_COMM_WORLD_SIZE") == nullptr;
    std::vector<unsigned> wanted;
    for (unsigned pu = 0; pu < pu_set::most; ++pu) // the kernel drops the PUs that the process may not use
        if ((bound && !of_slurm) || together.has(pu)) wanted.push_back(pu);
    if (wanted.empty()) return 0;
    (void)bind_calling_thread(wanted.data(), wanted.size());
    core_share const share = share_of_cores(read_topology(), mine.node_rank, ranks);
    (void)bind_calling_thread(share.pus.data(), share.pus.size());
    return share.threads;
}

} // namespace
