// SPDX-License-Identifier: MIT
// Libraries that the program has loaded after its session began. The worker processes load them too, and all processes
// give them the same numbers. Called by the session, and by each node for processes that start later.
#pragma once

#include <hocket/remote/node/start_call.hpp>
#include <hocket/remote/wire/code_token.hpp>

#include <optional>
#include <string>
#include <vector>

namespace hocket::inline HOCKET_ABI::detail {

struct announced_module {
    std::string name; // path of the file
    code_module::build_id build;
};

/// Numbers all modules that the driver has loaded since the last call, and returns all modules that have a number.
/// **Throws** std::bad_alloc.
std::vector<announced_module> announce_modules_here();

/// Loads the modules in a worker process. **Throws** std::runtime_error if a module cannot be loaded, or is another
/// build.
void load_announced_modules(std::vector<announced_module> const& all);

struct module_loader {
    std::vector<announced_module> all;
    void operator()() const { load_announced_modules(all); }
};

/// Returns the call that loads the modules in a new process, or nothing if there are no modules.
std::optional<start_call> call_that_loads_modules();

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/remote/wire/announced_modules.ipp>
#endif
