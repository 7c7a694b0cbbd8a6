// SPDX-License-Identifier: MIT
// The bodies of the functions that slab_region.hpp declares.
#pragma once

#include <hocket/memory/slab_region.hpp>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_COLD HOCKET_INLINE slab_region& make_slab_region() {
    constexpr std::size_t bytes = slab_region::chunks * slab_region::chunk_bytes;
    void* const memory = ::mmap(nullptr, bytes + slab_region::chunk_bytes, PROT_READ | PROT_WRITE,
                                MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) throw std::bad_alloc();
    std::uintptr_t const first = (reinterpret_cast<std::uintptr_t>(memory) + slab_region::chunk_bytes - 1) /
                                 slab_region::chunk_bytes * slab_region::chunk_bytes;
    auto* const made =
        new (std::nothrow) slab_region{reinterpret_cast<unsigned char*>(first), {~std::uint32_t{1}}, nullptr};
    if (made == nullptr) {
        ::munmap(memory, bytes + slab_region::chunk_bytes);
        throw std::bad_alloc();
    }
    made->next = slab_regions.load(std::memory_order_relaxed);
    while (!slab_regions.compare_exchange_weak(made->next, made, std::memory_order_release, // slab_region.made ->
                                               std::memory_order_relaxed)) {
    }
    return *made;
}

HOCKET_COLD HOCKET_INLINE void* take_slab_chunk(slab_region*& from) {
    slab_chunks_in_use.fetch_add(1, std::memory_order_relaxed);
    from = slab_regions.load(std::memory_order_acquire); // <- slab_region.made
    for (; from != nullptr; from = from->next) {
        std::uint32_t free = from->free.load(std::memory_order_relaxed);
        while (free != 0) {
            std::uint32_t const lowest = free & (~free + 1);
            if (!from->free.compare_exchange_weak(free, free - lowest, std::memory_order_acquire, // <- slab_region.give
                                                  std::memory_order_relaxed))
                continue;
            return from->base + slab_region::chunk_bytes * static_cast<unsigned>(__builtin_ctz(lowest));
        }
    }
    try {
        from = &make_slab_region();
    } catch (...) {
        slab_chunks_in_use.fetch_sub(1, std::memory_order_relaxed);
        throw;
    }
    return from->base;
}

HOCKET_COLD HOCKET_INLINE void give_slab_chunk(void* memory, slab_region& to) noexcept {
    auto const place =
        static_cast<std::size_t>(static_cast<unsigned char*>(memory) - to.base) / slab_region::chunk_bytes;
    (void)::madvise(memory, slab_region::chunk_bytes, MADV_DONTNEED);
    to.free.fetch_or(std::uint32_t{1} << place, std::memory_order_release); // slab_region.give ->
    slab_chunks_in_use.fetch_sub(1, std::memory_order_relaxed);
}

} // namespace
