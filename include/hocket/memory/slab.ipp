// SPDX-License-Identifier: MIT
// The bodies of the functions that slab.hpp declares.
#pragma once

#include <hocket/memory/slab.hpp>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_INLINE slab_caches_end::~slab_caches_end() {
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

HOCKET_COLD HOCKET_INLINE void register_slab_caches() noexcept {
    static thread_local slab_caches_end const end;
    (void)end;
    this_threads_slabs.registered = true;
    for (slab_cache& cache : this_threads_slabs.of) cache.room = slab_batch;
}

HOCKET_INLINE free_block* take_batch(std::size_t c) {
    free_block* const batch = slab_depots[c].take();
    return batch != nullptr ? batch : cut_slab_chunk(c);
}

HOCKET_COLD HOCKET_INLINE void* slab_refill(std::size_t c) {
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

HOCKET_COLD HOCKET_INLINE void slab_overflow(free_block* block, std::size_t c) noexcept {
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

} // namespace
