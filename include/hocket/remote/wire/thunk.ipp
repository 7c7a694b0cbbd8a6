// SPDX-License-Identifier: MIT
// The bodies of the functions that thunk.hpp declares.
#pragma once

#include <hocket/base/atomic.hpp>
#include <hocket/os/os_mutex.hpp>
#include <hocket/remote/wire/thunk.hpp>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

#include <cxxabi.h>
#include <dlfcn.h>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_INLINE known_thunk::known_thunk(thunk_function its_run, char const* it_calls) noexcept
    : run(its_run), what(it_calls) {
    next = newest_thunk.load(std::memory_order_relaxed);
    while (!newest_thunk.compare_exchange_weak(next, this, std::memory_order_release, // thunk.register ->
                                               std::memory_order_relaxed)) {
    }
}

extern "C" HOCKET_INLINE known_thunk const* hocket_newest_thunk() noexcept {
    return newest_thunk.load(std::memory_order_acquire); // <- thunk.register
}

/// The addresses of all thunks that were known when `newest` was the newest one.
struct thunk_table {
    std::vector<std::uintptr_t> sorted;
    known_thunk const* newest;

    void add(known_thunk const* first) {
        for (known_thunk const* at = first; at != nullptr; at = at->next)
            sorted.push_back(reinterpret_cast<std::uintptr_t>(at->run));
    }
};

/// Writers: threads that look up a thunk, under the lock. Readers: threads that look up a thunk. Replaced when a
/// library is loaded; old tables stay alive for their readers.
inline constinit atomic<thunk_table const*> current_thunks{nullptr};

/// Adds the thunks of libraries that have their own list, since they do not share their symbols with this library.
HOCKET_COLD HOCKET_INLINE void add_thunks_of_others(thunk_table& table) {
    for (code_module const& module : code_modules()) {
        void* const library = module.name.empty() ? nullptr : ::dlopen(module.name.c_str(), RTLD_LAZY | RTLD_NOLOAD);
        if (library == nullptr) continue;
        using newest_function = known_thunk const* (*)() noexcept;
        void* const found = ::dlsym(library, "hocket_newest_thunk");
        if (found != nullptr) {
            known_thunk const* const newest = reinterpret_cast<newest_function>(found)();
            if (newest != table.newest) table.add(newest);
        }
        ::dlclose(library);
    }
}

HOCKET_COLD HOCKET_INLINE thunk_table const& make_thunk_table() {
    static os_mutex& mutex = *new os_mutex;
    os_lock const lock(mutex);
    known_thunk const* const newest = newest_thunk.load(std::memory_order_acquire); // <- thunk.register
    thunk_table const* const made = current_thunks.load(std::memory_order_relaxed);
    if (made != nullptr && made->newest == newest) return *made; // another thread has made the table
    auto* const table = new thunk_table{{}, newest};
    table->add(newest);
    add_thunks_of_others(*table);
    std::sort(table->sorted.begin(), table->sorted.end());
    current_thunks.store(table, std::memory_order_release); // thunk.table ->
    return *table;
}

HOCKET_COLD HOCKET_INLINE std::string what_thunk_calls(std::uint64_t token) {
    try {
        std::uintptr_t const address = code_of_token(token);
        for (known_thunk const* at = newest_thunk.load(std::memory_order_acquire); at != nullptr; // <- thunk.register
             at = at->next)
            if (reinterpret_cast<std::uintptr_t>(at->run) == address && at->what != nullptr) {
                int status = 0;
                char* const name = abi::__cxa_demangle(at->what, nullptr, nullptr, &status);
                std::string text = name != nullptr ? name : at->what;
                std::free(name);
                return text;
            }
    } catch (bad_message const&) {
    }
    return "a function";
}

HOCKET_COLD HOCKET_INLINE void forget_thunk_table() noexcept {
    current_thunks.store(nullptr, std::memory_order_relaxed);
}

HOCKET_INLINE thunk_function find_thunk(std::uint64_t token) {
    std::uintptr_t const address = code_of_token(token);
    thunk_table const* table = current_thunks.load(std::memory_order_acquire); // <- thunk.table
    if (table == nullptr || table->newest != newest_thunk.load(std::memory_order_relaxed)) table = &make_thunk_table();
    if (!std::binary_search(table->sorted.begin(), table->sorted.end(), address))
        throw_bad_message("hocket: a message names a function that no call of this program uses");
    return reinterpret_cast<thunk_function>(address);
}

} // namespace
