// SPDX-License-Identifier: MIT
// Chooses the engine of a program by its environment and its launcher. Called by the session, and by programs without a
// session.
#pragma once

#include <hocket/base/config.hpp>

#include <cstddef>
#include <cstdint>
#include <string>

namespace hocket::inline HOCKET_ABI::detail {

enum class engine_kind : std::uint8_t { threads, processes, mpi };

struct engine_choice {
    engine_kind kind = engine_kind::threads;
    std::size_t processes = 0; ///< HOCKET_PROCESSES, else one for each usable core
    bool checks = false;       ///< HOCKET_CHECK_REMOTE
    std::string asked_by;      ///< the variable or launcher, for messages; empty if nothing is asked for
    std::size_t ranks = 0;     ///< number of ranks that the launcher has started; 0: unknown
};

/// Reads HOCKET_ENGINE, HOCKET_PROCESSES, HOCKET_CHECK_REMOTE, and the variables of launchers. **Throws**
/// std::invalid_argument that names the variable, its value and the valid values. **Throws** std::runtime_error if a
/// launcher has started several processes that this program cannot join: each would do all the work.
engine_choice choose_engine();

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/remote/transport/engine.ipp>
#endif
