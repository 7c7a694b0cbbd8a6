// SPDX-License-Identifier: MIT
// The memory that a driver and one of its worker processes share: two rings, the bells, and the data for the start of
// the worker process. Called by both sides of the engine `processes`.
#pragma once

#include <hocket/base/atomic.hpp>
#include <hocket/remote/transport/doorbell.hpp>
#include <hocket/remote/transport/owned_fd.hpp>
#include <hocket/remote/transport/ring.hpp>

#include <cstddef>
#include <cstdint>
#include <span>

namespace hocket::inline HOCKET_ABI::detail {

/// The page that a driver shares with all of its worker processes.
struct driver_page {
    doorbell bell;
};

/// The beginning of the memory of a link.
struct link_page {
    static constexpr std::uint64_t right_magic = 0x6b6e'696c'7463'6f68; // "hoctlink"
    static constexpr std::uint32_t right_version = 2;
    static constexpr std::size_t most_places = 512;
    static constexpr std::size_t most_pus = 4096;

    // Written by the driver before the worker process starts.
    std::uint64_t magic = right_magic;
    std::uint32_t version = right_version;
    std::uint32_t index = 0;      // of the worker
    std::uint32_t count = 0;      // number of workers
    std::uint32_t ring_bytes = 0; // size of each ring
    std::int64_t driver_pid = 0;
    std::uint64_t fingerprint = 0;        // fingerprint of the driver's code
    char build[48] = {};                  // build id of the driver's program, for messages
    std::uint32_t threads = 0;            // of the worker's default pool; 0: chosen by the machine
    std::uint32_t lets_int = 0;           // the driver's program had SIGINT blocked
    std::uint32_t lets_hup = 0;           // the driver's program had SIGHUP blocked
    std::uint32_t ends_with_its_call = 0; // see worker_plan
    std::uint32_t has_pus = 0;            // whether `pus` says where the worker runs
    unsigned char pus[most_pus / 8] = {};

    /// Writer: the worker process, when a call begins, in the call slot named by its head. Reader: the driver, after
    /// the end of the worker process. Relaxed: the end orders it.
    atomic<std::uint64_t> begun[most_places] = {};

    doorbell bell; // of the worker
    ring_words to_worker;
    ring_words to_driver;
};
static_assert(atomic<std::uint64_t>::is_always_lock_free && atomic<std::uint32_t>::is_always_lock_free);

/// The memory of a link: the page, then the data of both rings.
struct link_memory {
    static constexpr std::size_t page_bytes = (sizeof(link_page) + 4095) / 4096 * 4096;

    static std::size_t bytes_for(std::size_t ring_bytes) noexcept { return page_bytes + 2 * ring_bytes; }

    link_page& page() const noexcept { return *reinterpret_cast<link_page*>(block.data()); }
    std::span<std::byte> to_worker(std::size_t ring_bytes) const noexcept {
        return {block.data() + page_bytes, ring_bytes};
    }
    std::span<std::byte> to_driver(std::size_t ring_bytes) const noexcept {
        return {block.data() + page_bytes + ring_bytes, ring_bytes};
    }

    shared_block block;
};

/// The variable that gives a process its role, and what it lists: numbers of descriptors.
inline constexpr char const* worker_variable = "HOCKET_WORKER";

struct passed_fds {
    int link, driver, own_bell, driver_bell, driver_pid, standard_error;
};

} // namespace hocket::detail
