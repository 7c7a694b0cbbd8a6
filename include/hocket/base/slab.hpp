// SPDX-License-Identifier: MIT
// Memory for small short-lived things that one thread makes and another one frees, floor 0: tasks, states of futures, nodes.
// Blocks of four sizes in caches of each thread, exchanged in batches through a depot of the process: the magazines of
// Bonwick and Adams (Magazines and Vmem, USENIX 2001, section 3). Any thread may call; nobody waits for a lock for long.
#pragma once

#include <hocket/base/config.hpp>
#include <hocket/base/slab_chunk.hpp>

#include <cstddef>
#include <cstdint>
#include <new>
#include <utility>

namespace hocket::detail {

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
    ~slab_caches_end() {
        slab_caches& mine = this_threads_slabs;
        mine.ended = true;
        for (std::size_t c = 0; c < slab_classes; ++c) {
            slab_cache const cache = std::exchange(mine.of[c], {});
            if (cache.reserve != nullptr) put_into_depot(c, *cache.reserve, *cache.reserve, slab_batch);
            if (cache.first == nullptr) continue;
            cache.first->count = slab_batch - cache.room;
            put_into_depot(c, *cache.first, *cache.first, cache.first->count);
        }
    }
};

HOCKET_COLD inline void register_slab_caches() noexcept {
    static thread_local slab_caches_end const end;
    (void)end;
    this_threads_slabs.registered = true;
    for (slab_cache& cache : this_threads_slabs.of) cache.room = slab_batch;
}

inline free_block* take_batch(std::size_t c) {
    free_block* const batch = slab_depots[c].take();
    return batch != nullptr ? batch : cut_slab_chunk(c);
}

HOCKET_COLD inline void* slab_refill(std::size_t c) {
    slab_caches& mine = this_threads_slabs;
    if (mine.ended) {
        free_block* const batch = take_batch(c);
        if (free_block* const rest = batch->next) {
            rest->count = batch->count - 1;
            put_into_depot(c, *rest, *rest, rest->count);
        }
        return batch;
    }
    if (!mine.registered) register_slab_caches();
    slab_cache& cache = mine.of[c];
    free_block* const batch = cache.reserve != nullptr ? std::exchange(cache.reserve, nullptr) : take_batch(c);
    cache.first = batch->next;
    cache.room = slab_batch + 1 - batch->count;
    return batch;
}

/// There is no room: the cache becomes the reserve, and an older reserve goes to the depot.
HOCKET_COLD inline void slab_overflow(free_block* block, std::size_t c) noexcept {
    slab_caches& mine = this_threads_slabs;
    if (mine.ended) {
        *block = {nullptr, nullptr, 1};
        return put_into_depot(c, *block, *block, 1);
    }
    if (!mine.registered) register_slab_caches();
    slab_cache& cache = mine.of[c];
    if (cache.room == 0) {
        if (cache.reserve != nullptr) put_into_depot(c, *cache.reserve, *cache.reserve, slab_batch);
        cache.reserve = cache.first;
        cache.reserve->count = slab_batch;
        cache.first = nullptr;
        cache.room = slab_batch;
    }
    block->next = cache.first;
    cache.first = block;
    --cache.room;
}

/// What is too large for the slabs. Not inlined: g++ 12 would warn that operator delete of a class meets another operator new.
HOCKET_NOINLINE inline void* heap_allocate(std::size_t bytes) {
    return ::operator new (bytes, std::align_val_t{slab_alignment});
}
HOCKET_NOINLINE inline void heap_release(void* memory) noexcept {
    ::operator delete (memory, std::align_val_t{slab_alignment});
}

/// Memory for `bytes`, aligned to 64. **Throws** std::bad_alloc. **Cost** 1 to 2 ns, and the heap only while more blocks are
/// in use than ever before: then a chunk of 64 KiB. What is free stays with the process up to 128 MiB of each size, for the next
/// blocks of that size; chunks beyond that go back to the heap. Under sanitizers always the heap, so that they see each use
/// after the end.
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
