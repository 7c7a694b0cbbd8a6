// SPDX-License-Identifier: MIT
// Checks of all that a topology and a placement promise, and tests in a child process. For the tests of machine.
#pragma once

#include <hocket/machine/placement.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

namespace hocket::test {

inline std::string checked_groups(fixed_array<topology::group> const& groups, topology const& on,
                                  std::size_t topology::core::*member, bool may_be_empty, std::string const& name) {
    std::vector<std::size_t> cores(groups.size());
    for (auto const& core : on.cores) {
        if (core.*member >= groups.size()) return "a core outside the " + name;
        ++cores[core.*member];
    }
    for (std::size_t i = 0; i < groups.size(); ++i) {
        if (cores[i] != groups[i].cores) return "a wrong count of cores in the " + name;
        if (cores[i] == 0 && !may_be_empty) return "nothing in one of the " + name;
    }
    return {};
}

/// Returns the first promise of the documentation that is broken, or nothing.
inline std::string broken_promise(topology const& on) {
    if (on.cores.empty()) return "no cores";
    std::set<unsigned> seen;
    std::size_t next = 0;
    for (std::size_t c = 0; c < on.cores.size(); ++c) {
        auto const& core = on.cores[c];
        if (core.pu_count == 0) return "a core without PUs";
        if (core.first_pu != next) return "PUs not core by core";
        next += core.pu_count;
        if (next > on.pus.size()) return "more PUs in cores than there are";
        for (std::size_t p = core.first_pu; p < next; ++p) {
            if (on.pus[p].core != static_cast<core_id>(c)) return "a PU that denies its core";
            if (on.pus[p].numa >= on.numa_nodes.size()) return "a PU outside the NUMA nodes";
            if (p > core.first_pu && on.pus[p].os_index <= on.pus[p - 1].os_index) return "PUs out of order";
            if (!seen.insert(on.pus[p].os_index).second) return "a PU twice";
        }
    }
    if (next != on.pus.size()) return "PUs without a core";
    for (auto const& text : {checked_groups(on.packages, on, &topology::core::package, false, "packages"),
                             checked_groups(on.numa_nodes, on, &topology::core::numa, true, "NUMA nodes"),
                             checked_groups(on.l3_groups, on, &topology::core::l3, false, "L3 groups"),
                             checked_groups(on.kinds, on, &topology::core::kind, false, "kinds")}) {
        if (!text.empty()) return text;
    }
    return {};
}

/// Returns the first broken promise of the placement of as many workers as `request` asks for, or nothing.
inline std::string broken_promise(topology const& on, placement_request const& request) {
    placement const planned = plan_placement(on, std::nullopt, request);
    std::size_t const count = request.workers.value_or(on.cores.size());
    if (planned.workers.size() != count) return "not as many workers as wanted";
    std::vector<std::size_t> on_core(on.cores.size());
    std::set<unsigned> allowed;
    for (auto const& pu : on.pus) allowed.insert(pu.os_index);
    for (std::size_t i = 0; i < count; ++i) {
        worker_place const& place = planned.workers[i];
        if (place.worker != static_cast<worker_index>(i)) return "a worker with a wrong number";
        if (static_cast<std::size_t>(place.core) >= on.cores.size()) return "a worker on no core";
        ++on_core[static_cast<std::size_t>(place.core)];
        if (place.pus.empty() != (planned.effective == binding::none)) return "pinned against the binding";
        for (unsigned const pu : place.pus) {
            if (!allowed.contains(pu)) return "pinned to a PU that is not allowed";
        }
    }
    for (std::size_t const workers : on_core) {
        if (count <= on.cores.size() && workers > 1) return "two workers on a core while others are free";
    }
    for (std::size_t i = 0; i < count && i < 3; ++i) {
        std::set<std::size_t> others;
        for (auto const other : nearest_first(planned, static_cast<worker_index>(i))) others.insert(other);
        if (others.size() + 1 != count || others.contains(i)) return "neighbours that are not all the others";
    }
    return planned.to_string().empty() ? "no text" : std::string{};
}

inline std::string broken_promise_anywhere(topology const& on) {
    if (auto text = broken_promise(on); !text.empty()) return text;
    for (binding const bind : {binding::automatic, binding::core, binding::pu, binding::numa, binding::none}) {
        for (std::size_t const workers : {std::size_t{1}, std::size_t{3}, on.cores.size() + 1}) {
            if (on.pus.size() > 2000 && workers > 3) continue;
            if (auto text = broken_promise(on, {workers, bind}); !text.empty()) return text;
        }
    }
    return {};
}

/// The result of a child process.
struct child_end {
    bool crashed;        ///< by a signal, or by the exit code of a sanitizer
    std::string message; ///< returned by `body`
};

/// Runs `body`, which returns a text, in a child process. Drops the child's output to stderr.
template<class Body>
child_end in_child(Body body) {
    int ends[2];
    if (pipe(ends) != 0) std::abort();
    pid_t const child = fork();
    if (child == 0) {
        close(ends[0]);
        if (std::freopen("/dev/null", "w", stderr) == nullptr) _exit(99);
        std::string const text = body();
        bool const wrote = write(ends[1], text.data(), text.size()) == static_cast<ssize_t>(text.size());
        _exit(wrote ? 0 : 98);
    }
    close(ends[1]);
    child_end end{false, {}};
    char block[512];
    for (ssize_t got = 0; (got = read(ends[0], block, sizeof block)) > 0;) {
        end.message.append(block, static_cast<std::size_t>(got));
    }
    close(ends[0]);
    int status = 0;
    waitpid(child, &status, 0);
    end.crashed = !WIFEXITED(status) || WEXITSTATUS(status) != 0;
    return end;
}

/// Returns the folder of collected topologies: from the environment, else beside the checkout.
inline std::filesystem::path topologies_folder() {
    if (char const* const given = std::getenv("HOCKET_TOPOLOGIES")) return given;
    return std::filesystem::path(__FILE__).parent_path() / "../../../../shared/hwloc";
}

} // namespace hocket::test
