// SPDX-License-Identifier: MIT
// Which engine a program is to use, as its environment and its launcher say. Called by the session, and where there is
// none.
#pragma once

#include <hocket/base/config.hpp>

#include <cstddef>
#include <cstdint>
#include <string>

namespace hocket::inline HOCKET_ABI::detail {

enum class engine_kind : std::uint8_t { threads, processes, mpi };

struct engine_choice {
    engine_kind kind = engine_kind::threads;
    std::size_t processes = 0; ///< HOCKET_PROCESSES, else one for each core that may be used
    bool checks = false;       ///< HOCKET_CHECK_REMOTE
    std::string asked_by;      ///< the words for messages; empty where nothing is asked for
    std::size_t ranks = 0;     ///< that the launcher has started, 0: it does not say
};

/// Reads HOCKET_ENGINE, HOCKET_PROCESSES and HOCKET_CHECK_REMOTE, and what launchers set. **Throws**
/// std::invalid_argument that names the variable, its value and what it may be; std::runtime_error where a launcher has
/// started several processes, and this program cannot join them: each would do all the work.
engine_choice choose_engine();

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/remote/transport/engine.ipp>
#endif
