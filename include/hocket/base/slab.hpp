// SPDX-License-Identifier: MIT
// Memory for small short-lived things that one thread makes and another one frees, floor 0: tasks, states of futures, nodes.
// Blocks of four sizes in caches of each thread, exchanged in batches through a depot of the process: the magazines of
// Bonwick and Adams (Magazines and Vmem, USENIX 2001, section 3). Any thread may call; nobody waits for a lock.
#pragma once

#include <hocket/base/config.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <new>
#include <utility>

namespace hocket::detail {

/// A free block. The first one of a batch also links batches.
struct free_block {
    free_block* next;
    free_block* next_batch;
};

inline constexpr std::size_t slab_alignment = 64;
inline constexpr std::size_t slab_classes = 4;
inline constexpr std::uint32_t slab_batch = 64;

/// 64, 128, 256 or 512 bytes; `slab_classes` for more.
constexpr std::size_t slab_class(std::size_t bytes) noexcept {
    return bytes <= 64 ? 0 : bytes <= 128 ? 1 : bytes <= 256 ? 2 : bytes <= 512 ? 3 : slab_classes;
}

/// Full batches of one size, for all threads. Lives for ever: blocks may be freed while the process ends.
class slab_depot {
  public:
    /// Takes a batch, or null. A lock that cannot be had at once counts as an empty depot: also in a child of fork(), where
    /// whoever held it does not exist.
    free_block* take() noexcept {
        if (count_.load(std::memory_order_relaxed) == 0 || !try_lock()) return nullptr;
        free_block* const batch = batches_;
        if (batch != nullptr) {
            batches_ = batch->next_batch;
            count_.store(count_.load(std::memory_order_relaxed) - 1, std::memory_order_relaxed);
        }
        unlock();
        return batch;
    }

    /// False when it has enough, or is busy.
    bool put(free_block* batch) noexcept {
        if (count_.load(std::memory_order_relaxed) >= most_batches || !try_lock()) return false;
        batch->next_batch = batches_;
        batches_ = batch;
        count_.store(count_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
        unlock();
        return true;
    }

  private:
    static constexpr std::uint32_t most_batches = 16'384;

    bool try_lock() noexcept {
        for (int i = 0; i < 200; ++i) {
            if (!locked_.exchange(true, std::memory_order_acquire)) return true; // <- slab_depot.unlock
            spin_hint();
        }
        return false;
    }
    void unlock() noexcept { locked_.store(false, std::memory_order_release); } // slab_depot.unlock ->

    /// Writers: whoever takes or puts a batch. It guards the list.
    alignas(cache_line) std::atomic<bool> locked_{false};
    /// Writers: under the lock. Readers: everyone, as a hint.
    std::atomic<std::uint32_t> count_{0};
    free_block* batches_ = nullptr;
};

inline constinit slab_depot slab_depots[slab_classes];

/// The blocks of one size that a thread keeps: a batch that is in use, and a full one in reserve.
struct slab_cache {
    free_block* first;
    std::uint32_t count;
    free_block* reserve;
};

struct slab_caches {
    slab_cache of[slab_classes];
    bool registered; // freed when the thread ends
    bool ended;      // the thread is ending: blocks go straight back
};

inline constinit thread_local slab_caches this_threads_slabs{};

inline void free_batch(free_block* block) noexcept {
    while (block != nullptr) {
        free_block* const next = block->next;
        ::operator delete (static_cast<void*>(block), std::align_val_t{slab_alignment});
        block = next;
    }
}

/// Gives back what the thread has kept.
struct slab_caches_end {
    ~slab_caches_end() {
        slab_caches& mine = this_threads_slabs;
        mine.ended = true;
        for (std::size_t c = 0; c < slab_classes; ++c) {
            slab_cache& cache = mine.of[c];
            if (cache.reserve != nullptr && !slab_depots[c].put(cache.reserve)) free_batch(cache.reserve);
            free_batch(cache.first);
            cache = {};
        }
    }
};

HOCKET_COLD inline void register_slab_caches() noexcept {
    static thread_local slab_caches_end const end;
    (void)end;
    this_threads_slabs.registered = true;
}

HOCKET_COLD inline void* slab_refill(std::size_t c) {
    slab_caches& mine = this_threads_slabs;
    if (!mine.ended) {
        if (!mine.registered) register_slab_caches();
        slab_cache& cache = mine.of[c];
        free_block* batch = cache.reserve;
        cache.reserve = nullptr;
        if (batch == nullptr) batch = slab_depots[c].take();
        if (batch != nullptr) {
            cache.first = batch->next;
            cache.count = slab_batch - 1;
            return batch;
        }
    }
    return ::operator new (std::size_t{64} << c, std::align_val_t{slab_alignment});
}

/// The cache is full: it becomes the reserve, and an older reserve goes to the depot.
HOCKET_COLD inline void slab_overflow(free_block* block, std::size_t c) noexcept {
    slab_caches& mine = this_threads_slabs;
    if (mine.ended) {
        block->next = nullptr;
        free_batch(block);
        return;
    }
    if (!mine.registered) register_slab_caches();
    slab_cache& cache = mine.of[c];
    if (cache.count == slab_batch) {
        if (cache.reserve != nullptr && !slab_depots[c].put(cache.reserve)) free_batch(cache.reserve);
        cache.reserve = cache.first;
        cache.first = nullptr;
        cache.count = 0;
    }
    block->next = cache.first;
    cache.first = block;
    ++cache.count;
}

/// What is too large for the slabs. Not inlined: g++ 12 would warn that operator delete of a class meets another operator new.
HOCKET_NOINLINE inline void* heap_allocate(std::size_t bytes) {
    return ::operator new (bytes, std::align_val_t{slab_alignment});
}
HOCKET_NOINLINE inline void heap_release(void* memory) noexcept {
    ::operator delete (memory, std::align_val_t{slab_alignment});
}

/// Memory for `bytes`, aligned to 64. **Throws** std::bad_alloc. **Cost** 1 to 2 ns, and the heap only while more blocks are
/// in use than ever before. Under sanitizers always the heap, so that they see each use after the end.
HOCKET_ALWAYS_INLINE void* slab_allocate(std::size_t bytes) {
    std::size_t const c = slab_class(bytes);
    if (sanitized || c == slab_classes) return heap_allocate(bytes);
    slab_cache& cache = this_threads_slabs.of[c];
    free_block* const block = cache.first;
    if (block == nullptr) [[unlikely]]
        return slab_refill(c);
    cache.first = block->next;
    --cache.count;
    return block;
}

/// Gives back what `slab_allocate(bytes)` returned, on any thread.
HOCKET_ALWAYS_INLINE void slab_release(void* memory, std::size_t bytes) noexcept {
    std::size_t const c = slab_class(bytes);
    if (sanitized || c == slab_classes) return heap_release(memory);
    slab_cache& cache = this_threads_slabs.of[c];
    auto* const block = static_cast<free_block*>(memory);
    if (cache.count == slab_batch || cache.count == 0) [[unlikely]]
        return slab_overflow(block, c);
    block->next = cache.first;
    cache.first = block;
    ++cache.count;
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
