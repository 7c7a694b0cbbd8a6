// SPDX-License-Identifier: MIT
// Lets the copies of hocket in one process find each other. Shared objects with hidden symbols, plugins, and a program
// that exports no symbols each have their own variables. The first copy that makes a default pool publishes its
// services, and the other copies find them. Called by machine.hpp and where default pools are made.
//
// Linux: the mark is a page of memory whose name in /proc/self/maps says hocket and the version of the ABI. It needs
// neither symbols nor the environment nor files. It lives as long as the process, is inherited over fork() and ends
// with exec(). All copies share the lock under which the dynamic linker lists objects. So two copies that come at once
// see each other.
#pragma once

#include <hocket/base/atomic.hpp>
#include <hocket/base/config.hpp>

#include <cstddef>
#include <cstdint>

#if defined(__linux__)
#include <cstring>
#include <dlfcn.h>
#include <fcntl.h>
#include <link.h>
#include <sys/mman.h>
#include <unistd.h>
#endif

namespace hocket::inline HOCKET_ABI {

struct topology;

namespace detail {

struct work_item;

/// The services of the copy with the process's default pool for other copies. Any thread may call them.
struct process_host {
    std::uint32_t (*workers)();              // of the default pool, which is made if need be
    topology const& (*machine)();            // read once for all
    void (*spawn)(work_item& item) noexcept; // a thread of the default pool runs it, after earlier items
    bool (*is_wanted)() noexcept;            // whether there is other work for its threads
    void* (*release_core)() noexcept; // the calling thread is about to sleep; null if it is in no pool of that copy
    void (*reacquire_core)(void* released) noexcept;
};

/// The result of a search for the host.
struct registered {
    process_host const* host; // null: there is none
    bool other_version;       // a copy of hocket with another ABI has published something
};

#if defined(__linux__)

class process_registry {
  public:
    /// Returns the host of this process. If there is none, `offer` becomes it, unless `offer` is null.
    [[gnu::cold]] static registered find(process_host const* offer) noexcept;

    /// Keeps the code of this copy in memory from now on: threads that are never joined run it.
    [[gnu::cold]] static void keep_loaded(void const* something_of_it) noexcept;

  private:
    static constexpr char const* prefix = "/memfd:hocket-v";
    static constexpr char const* version = "1";
    static constexpr std::size_t page = 4096;

    /// Orders the threads under the lock of the dynamic linker, as that lock does, but visibly for ThreadSanitizer.
    /// Writers and readers: these threads.
    static inline constinit atomic<std::uint32_t> turns_{0};
    /// The host, once it is found: it stays the host until the process ends. Writers and readers: find.
    static inline constinit atomic<process_host const*> found_{nullptr};

    struct search {
        process_host const* offer;
        registered result;

        void run() noexcept;

        void read_maps() noexcept;
        void look_at(char const* line) noexcept;

        bool publish() noexcept;
    };
};

#else

class process_registry {
  public:
    static registered find(process_host const* offer) noexcept { return {offer, false}; }
    static void keep_loaded(void const*) noexcept {}
};

#endif

/// The host, if it is another copy. Its functions are constants of that copy. Writer: make_pool_of_process. Readers:
/// threads that are about to sleep.
inline constinit atomic<process_host const*> other_host{nullptr};

} // namespace detail
} // namespace hocket::inline HOCKET_ABI

#if HOCKET_BODIES
#include <hocket/machine/process_registry.ipp>
#endif
