// SPDX-License-Identifier: MIT
// Memory for small short-lived things that one thread makes and another one frees: tasks, states of futures, nodes.
// Blocks of four sizes in caches of each thread, exchanged in batches through a depot of the process: the magazines of
// Bonwick and Adams (Magazines and Vmem, USENIX 2001, section 3). Any thread may call; nobody waits for a lock for
// long.
#pragma once

#include <hocket/base/config.hpp>
#include <hocket/memory/slab_chunk.hpp>

#include <cstddef>
#include <cstdint>
#include <new>
#include <utility>

namespace hocket::inline HOCKET_ABI::detail {

/// 64, 128, 256 or 512 bytes; `slab_classes` for more.
constexpr std::size_t slab_class(std::size_t bytes) noexcept {
    return bytes <= 64 ? 0 : bytes <= 128 ? 1 : bytes <= 256 ? 2 : bytes <= 512 ? 3 : slab_classes;
}

/// The blocks of one size that a thread keeps: a batch that is in use, and a full one in reserve.
struct slab_cache {
    free_block* first;
    std::uint32_t room; // how many more it takes; none before it is registered and after the thread's end
    free_block* reserve;
};

struct slab_caches {
    slab_cache of[slab_classes];
    bool registered; // they end with the thread
    bool ended;      // the thread is ending: blocks go straight to the depot
};

inline constinit thread_local slab_caches this_threads_slabs{};

/// Hands on what the thread has kept.
struct slab_caches_end {
    ~slab_caches_end();
};

[[gnu::cold]] void register_slab_caches() noexcept;

free_block* take_batch(std::size_t c);

[[gnu::cold]] void* slab_refill(std::size_t c);

/// There is no room: the cache becomes the reserve, and an older reserve goes to the depot.
[[gnu::cold]] void slab_overflow(free_block* block, std::size_t c) noexcept;

/// What is too large for the slabs. Not inlined: g++ 12 would warn that operator delete of a class meets another
/// operator new.
HOCKET_NOINLINE inline void* heap_allocate(std::size_t bytes) {
    return ::operator new (bytes, std::align_val_t{slab_alignment});
}
HOCKET_NOINLINE inline void heap_release(void* memory) noexcept {
    ::operator delete (memory, std::align_val_t{slab_alignment});
}

/// Memory for `bytes`, aligned to 64. **Throws** std::bad_alloc. **Cost** 1 to 2 ns, and the system only while more
/// blocks are in use than lately: then a chunk of 64 KiB. What is free stays with the process up to 128 MiB of each
/// size, for the next blocks of that size; chunks beyond that, and what lies unused for a second or two, go back to the
/// system. Under sanitizers always the heap, so that they see each use after the end.
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

/// Gives back what `slab_allocate(bytes)` returned, on any thread.
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

/// A T in a block. **Throws** std::bad_alloc and what its constructor throws.
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
