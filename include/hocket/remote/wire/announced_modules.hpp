// SPDX-License-Identifier: MIT
// Libraries that the program has loaded behind its session: the worker processes load them too, and all number them
// alike. Called by the session, and by each node for the processes that come later.
#pragma once

#include <hocket/remote/node/start_call.hpp>
#include <hocket/remote/wire/code_token.hpp>

#include <optional>
#include <string>
#include <vector>

namespace hocket::inline HOCKET_ABI::detail {

struct announced_module {
    std::string name; // the path of its file
    code_module::build_id build;
};

/// In the driver: gives all that was loaded since a number, and returns what has one by now. **Throws** std::bad_alloc.
std::vector<announced_module> announce_modules_here();

/// Loads these in a worker process. **Throws** std::runtime_error where one cannot be loaded, or is another build.
void load_announced_modules(std::vector<announced_module> const& all);

struct module_loader {
    std::vector<announced_module> all;
    void operator()() const { load_announced_modules(all); }
};

/// What loads them in a new process; nothing where there are none.
std::optional<start_call> call_that_loads_modules();

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/remote/wire/announced_modules.ipp>
#endif
