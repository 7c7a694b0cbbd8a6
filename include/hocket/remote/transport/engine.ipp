// SPDX-License-Identifier: MIT
// The bodies of the functions that engine.hpp declares.
#pragma once

#include <hocket/machine/environment.hpp>
#include <hocket/remote/transport/engine.hpp>
#include <hocket/remote/transport/launched_world.hpp>
#include <hocket/remote/transport/processes.hpp>

#include <optional>
#include <stdexcept>
#include <string>

namespace hocket::inline HOCKET_ABI::detail {

inline constexpr std::size_t most_processes = 4096;

inline constexpr char const* add_mpi =
    "this program is built without the engine for MPI: link hocket::mpi of find_package(hocket COMPONENTS mpi), or "
    "compile it by mpicxx with -DHOCKET_WITH_MPI";

/// Chooses MPI if a launcher has started this program more than once. **Throws** std::runtime_error if MPI cannot be
/// used.
HOCKET_COLD inline void look_for_launcher(engine_choice& choice) {
    char const* found = nullptr;
    for (char const* name : {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "SLURM_STEP_NUM_TASKS"}) {
        char const* const text = variable(name);
        auto const number = text == nullptr ? std::nullopt : parse_number(text);
        if (!number || found != nullptr) continue;
        found = name;
        choice.ranks = static_cast<std::size_t>(*number);
    }
    char const* const rank = variable("PMIX_RANK");
    bool const is_rank = rank != nullptr || variable("PMI_RANK") != nullptr || variable("PMI_FD") != nullptr;
    if (found == nullptr && rank != nullptr) {
        found = "PMIX_RANK";
        bool const joins = join_world.load(std::memory_order_relaxed) != nullptr;
        if (std::string(rank) == "0" && !joins) return; // may be the only rank
    }
    if (found == nullptr || choice.ranks == 1) return;
    choice.kind = engine_kind::mpi;
    choice.asked_by = "a launcher has started this program " +
                      (choice.ranks == 0 ? "several" : std::to_string(choice.ranks)) + " times (" + found + ")";
    std::string const begin = "hocket: " + choice.asked_by + ", and each process would do all the work: ";
    std::string const end = ". HOCKET_ENGINE=processes starts worker processes of this machine, and "
                            "HOCKET_ENGINE=threads lets each process work on its own";
    if (join_world.load(std::memory_order_relaxed) == nullptr) throw std::runtime_error(begin + add_mpi + end);
    if (std::string(found) == "SLURM_STEP_NUM_TASKS" && !is_rank)
        throw std::runtime_error(begin + "srun gave MPI no information. Start the program by srun --mpi=pmix -n " +
                                 std::to_string(choice.ranks) + end);
}

HOCKET_COLD HOCKET_INLINE engine_choice choose_engine() {
    engine_choice choice;
    if (char const* const text = variable("HOCKET_CHECK_REMOTE")) {
        auto const checks = yes_or_no(text);
        if (!checks) throw_bad_variable("HOCKET_CHECK_REMOTE", text, "1 (send every value as bytes) or 0");
        choice.checks = *checks;
    }
    char const* const engine = variable("HOCKET_ENGINE");
    if (engine == nullptr) {
        look_for_launcher(choice);
        return choice;
    }
    small_letters const word(engine);
    if (word == "threads") return choice;
    choice.asked_by = std::string("HOCKET_ENGINE=") + word.text + " asks for worker processes";
    if (word == "mpi") {
        choice.kind = engine_kind::mpi;
        if (join_world.load(std::memory_order_relaxed) == nullptr)
            throw std::runtime_error(std::string("hocket: HOCKET_ENGINE=mpi, and ") + add_mpi);
        return choice;
    }
    if (!(word == "processes")) throw_bad_variable("HOCKET_ENGINE", engine, "one of threads, processes, mpi");
    choice.kind = engine_kind::processes;
    char const* const count = variable("HOCKET_PROCESSES");
    if (count == nullptr) {
        choice.processes = usual_processes();
        return choice;
    }
    auto const number = parse_number(count);
    if (!number || *number == 0 || *number > most_processes)
        throw_bad_variable("HOCKET_PROCESSES", count, "a number of worker processes from 1 to 4096");
    choice.processes = static_cast<std::size_t>(*number);
    return choice;
}

} // namespace
