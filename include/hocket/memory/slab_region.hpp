// SPDX-License-Identifier: MIT
// Memory for the chunks of the slabs: regions of address space, from which chunks are taken and to which they come
// back. What comes back uses no memory from then on: the C library would keep it. The one file with the calls of the
// operating system for it (Linux: mmap, madvise). Any thread may call; no call waits. Caller: slab_chunk.hpp.
#pragma once

#include <hocket/base/config.hpp>

#include <sys/mman.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <new>

namespace hocket::inline HOCKET_ABI::detail {

/// So many chunks side by side. Regions live for ever; those without chunks are address space alone.
struct slab_region {
    static constexpr std::size_t chunk_bytes = std::size_t{1} << 16;
    static constexpr unsigned chunks = 32;

    unsigned char* base; // a multiple of the size of a chunk
    /// Writers: take and give. Bit i: chunk i is not in use, and uses no memory.
    std::atomic<std::uint32_t> free;
    slab_region* next;
};

/// Writers: who makes a region, in front. Readers: take.
inline constinit std::atomic<slab_region*> slab_regions{nullptr};
/// How many chunks are in use. Writers: take and give.
inline constinit std::atomic<std::ptrdiff_t> slab_chunks_in_use{0};

/// A region of which the caller has the first chunk. **Throws** std::bad_alloc.
[[gnu::cold]] slab_region& make_slab_region();

/// A chunk, of which nothing is known to be in memory, and its region. **Throws** std::bad_alloc.
[[gnu::cold]] void* take_slab_chunk(slab_region*& from);

[[gnu::cold]] void give_slab_chunk(void* memory, slab_region& to) noexcept;

} // namespace hocket::inline HOCKET_ABI::detail

#if HOCKET_BODIES
#include <hocket/memory/slab_region.ipp>
#endif
