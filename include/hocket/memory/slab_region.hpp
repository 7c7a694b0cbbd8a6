// SPDX-License-Identifier: MIT
// Memory for the chunks of the slabs: regions of address space, from which chunks are taken and to which they come
// back. A chunk that has come back uses no memory; the C library would keep it. Linux: mmap, madvise, called for this
// purpose in this file alone. Any thread may call, and no call waits. Caller: slab_chunk.hpp.
#pragma once

#include <hocket/base/atomic.hpp>
#include <hocket/base/config.hpp>

#include <sys/mman.h>

#include <cstddef>
#include <cstdint>
#include <new>

namespace hocket::inline HOCKET_ABI::detail {

/// A region: a fixed number of chunks side by side. Regions live for ever; without chunks they are address space alone.
struct slab_region {
    static constexpr std::size_t chunk_bytes = std::size_t{1} << 16;
    static constexpr unsigned chunks = 32;

    unsigned char* base; // a multiple of the size of a chunk
    /// Bit i is set if chunk i is not in use; it uses no memory then. Writers: take and give.
    atomic<std::uint32_t> free;
    slab_region* next;
};

/// The list of regions. Writer: the thread that makes a region, in front. Reader: take.
inline constinit atomic<slab_region*> slab_regions{nullptr};
/// How many chunks are in use. Writers: take and give.
inline constinit atomic<std::ptrdiff_t> slab_chunks_in_use{0};

/// Makes a region, and takes its first chunk for the caller. **Throws** std::bad_alloc.
[[gnu::cold]] slab_region& make_slab_region();

/// Takes a chunk, with memory in an unknown state, and its region. **Throws** std::bad_alloc.
[[gnu::cold]] void* take_slab_chunk(slab_region*& from);

[[gnu::cold]] void give_slab_chunk(void* memory, slab_region& to) noexcept;

} // namespace hocket::inline HOCKET_ABI::detail

#if HOCKET_BODIES
#include <hocket/memory/slab_region.ipp>
#endif
