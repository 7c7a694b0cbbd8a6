// SPDX-License-Identifier: MIT
// The bodies of the functions that announced_modules.hpp declares.
#pragma once

#include <hocket/os/os_mutex.hpp>
#include <hocket/remote/call/remote_call.hpp>
#include <hocket/remote/wire/announced_modules.hpp>
#include <hocket/remote/wire/throw_trace.hpp>
#include <hocket/remote/wire/thunk.hpp>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include <dlfcn.h>

namespace hocket::inline HOCKET_ABI::detail {

/// The modules that were added after the first call, in their order. Never destroyed, like the list of the first
/// modules.
struct announced_list {
    os_mutex mutex; // guards all members below
    std::vector<announced_module> all;

    static announced_list& get() {
        static announced_list& list = *new announced_list;
        return list;
    }
};

HOCKET_COLD HOCKET_INLINE std::vector<announced_module> announce_modules_here() {
    announced_list& list = announced_list::get();
    os_lock const lock(list.mutex);
    for (code_module const& each : add_code_modules(loaded_modules())) list.all.push_back({each.name, each.build});
    forget_thunk_table();
    return list.all;
}

HOCKET_COLD HOCKET_INLINE void load_announced_modules(std::vector<announced_module> const& all) {
    announced_list& list = announced_list::get();
    os_lock const lock(list.mutex);
    for (std::size_t at = list.all.size(); at < all.size(); ++at) {
        announced_module const& wanted = all[at];
        auto const find = [&]() -> std::optional<code_module> {
            for (code_module& each : loaded_modules())
                if (each.build == wanted.build) return std::move(each);
            return std::nullopt;
        };
        std::optional<code_module> found = find();
        if (!found) {
            void* const library = ::dlopen(wanted.name.c_str(), RTLD_NOW | RTLD_LOCAL);
            char const* const why = library == nullptr ? ::dlerror() : "it is a different build";
            found = find();
            if (!found)
                throw std::runtime_error("hocket: a worker process cannot load " + wanted.name +
                                         ", which its driver has announced: " + (why == nullptr ? "" : why));
        }
        (void)add_code_modules({std::move(*found)});
        trace_throws(); // traces the throws of the new module, too
        list.all.push_back(wanted);
    }
    forget_thunk_table();
}

HOCKET_COLD HOCKET_INLINE std::optional<start_call> call_that_loads_modules() {
    announced_list& list = announced_list::get();
    os_lock const lock(list.mutex);
    if (list.all.empty()) return std::nullopt;
    archive_writer writer;
    write_remote_call<module_loader>(writer, module_loader{list.all}, 0);
    return start_call{remote_thunk<module_loader, void>::token(), std::move(writer.bytes)};
}

} // namespace
