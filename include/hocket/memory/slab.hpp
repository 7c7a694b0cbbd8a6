// SPDX-License-Identifier: MIT
// Memory for small short-lived objects that one thread makes and another thread frees: tasks, states of futures, nodes.
// Each thread caches blocks of four sizes. Threads exchange batches of blocks through a depot of the process: the
// magazines of Bonwick and Adams (Magazines and Vmem, USENIX 2001, section 3). Any thread may call, and no thread waits
// long for a lock.
#pragma once

#include <hocket/base/config.hpp>
#include <hocket/memory/slab_chunk.hpp>

#include <cstddef>
#include <cstdint>
#include <new>
#include <utility>

namespace hocket::inline HOCKET_ABI::detail {

/// Returns the class of a block of 64, 128, 256 or 512 bytes, or `slab_classes` for more.
constexpr std::size_t slab_class(std::size_t bytes) noexcept {
    return bytes <= 64 ? 0 : bytes <= 128 ? 1 : bytes <= 256 ? 2 : bytes <= 512 ? 3 : slab_classes;
}

/// The blocks of one size that a thread keeps: a batch in use, and a full batch in reserve.
struct slab_cache {
    free_block* first;
    std::uint32_t room; // how many more blocks fit; 0 before the cache is registered and after the thread's end
    free_block* reserve;
};

struct slab_caches {
    slab_cache of[slab_classes];
    bool registered; // the caches are emptied when the thread ends
    bool ended;      // the thread is ending: blocks go straight to the depot
};

inline constinit thread_local slab_caches this_threads_slabs{};

/// Hands on the blocks that the thread has kept.
struct slab_caches_end {
    ~slab_caches_end();
};

[[gnu::cold]] void register_slab_caches() noexcept;

free_block* take_batch(std::size_t c);

[[gnu::cold]] void* slab_refill(std::size_t c);

/// Makes room in a full cache: it becomes the reserve, and an older reserve goes to the depot.
[[gnu::cold]] void slab_overflow(free_block* block, std::size_t c) noexcept;

/// Allocates blocks that are too large for the slabs. Not inlined: g++ 12 would warn that operator delete of a class
/// meets another operator new.
HOCKET_NOINLINE inline void* heap_allocate(std::size_t bytes) {
    return ::operator new (bytes, std::align_val_t{slab_alignment});
}
HOCKET_NOINLINE inline void heap_release(void* memory) noexcept {
    ::operator delete (memory, std::align_val_t{slab_alignment});
}

/// Allocates `bytes` bytes, aligned to 64. **Throws** std::bad_alloc. **Cost** 1 to 2 ns. The system is called only
/// while more blocks are in use than lately, then for a chunk of 64 KiB. Up to 128 MiB of free blocks of each size stay
/// with the process. Chunks beyond that go back to the system, and so does memory that was unused for a second or two.
/// Under sanitizers all blocks come from the heap, so that each use after free is seen.
HOCKET_ALWAYS_INLINE void* slab_allocate(std::size_t bytes) {
    std::size_t const c = slab_class(bytes);
    if (sanitized || c == slab_classes) return heap_allocate(bytes);
    slab_cache& cache = this_threads_slabs.of[c];
    free_block* const block = cache.first;
    if (block == nullptr) [[unlikely]]
        return slab_refill(c);
    cache.first = block->next;
    ++cache.room;
    return block;
}

/// Frees a block that `slab_allocate(bytes)` returned, on any thread.
HOCKET_ALWAYS_INLINE void slab_release(void* memory, std::size_t bytes) noexcept {
    std::size_t const c = slab_class(bytes);
    if (sanitized || c == slab_classes) return heap_release(memory);
    slab_cache& cache = this_threads_slabs.of[c];
    auto* const block = static_cast<free_block*>(memory);
    if (cache.room == 0) [[unlikely]]
        return slab_overflow(block, c);
    block->next = cache.first;
    cache.first = block;
    --cache.room;
}

/// Makes a T in a block. **Throws** std::bad_alloc and what its constructor throws.
template<class T, class... Args>
T* make_in_slab(Args&&... args) {
    static_assert(alignof(T) <= slab_alignment, "hocket: what a task holds needs an alignment of more than 64 bytes");
    void* const memory = slab_allocate(sizeof(T));
    try {
        return ::new (memory) T(std::forward<Args>(args)...);
    } catch (...) {
        slab_release(memory, sizeof(T));
        throw;
    }
}

template<class T>
void destroy_in_slab(T* object) noexcept {
    object->~T();
    detail::slab_release(object, sizeof(T));
}

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/memory/slab.ipp>
#endif
