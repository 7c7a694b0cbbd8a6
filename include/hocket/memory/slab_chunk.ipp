// SPDX-License-Identifier: MIT
// The bodies of the functions that slab_chunk.hpp declares.
#pragma once

#include <hocket/memory/slab_chunk.hpp>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_INLINE slab_chunk& slab_chunk::of(free_block* block, std::size_t c) noexcept {
    auto* const at = reinterpret_cast<unsigned char*>(block);
    std::size_t const beyond = reinterpret_cast<std::uintptr_t>(at) % (span * slab_size(c));
    return *reinterpret_cast<span_head*>(at - beyond)->chunk;
}

HOCKET_INLINE void batch_builder::add(free_block* block) noexcept {
    bool const begins = top_ == nullptr || top_->count == slab_batch;
    *block = begins ? free_block{nullptr, top_, 1} : free_block{top_, top_->below, top_->count + 1};
    if (bottom_ == (begins ? nullptr : top_)) bottom_ = block;
    top_ = block;
    ++blocks_;
}

HOCKET_COLD HOCKET_INLINE free_block* cut_slab_chunk(std::size_t c) {
    watch_forks(); // the depot's lock needs it
    slab_region* region = nullptr;
    auto* const memory = static_cast<unsigned char*>(take_slab_chunk(region));
    auto* const chunk = ::new (static_cast<void*>(memory)) slab_chunk{};
    chunk->region = region;
    batch_builder made;
    for (std::size_t i = slab_chunk::bytes / slab_size(c); i-- != 0;) {
        void* const place = memory + i * slab_size(c);
        if (i % slab_chunk::span != 0)
            made.add(::new (place) free_block);
        else if (i != 0)
            ::new (place) slab_chunk::span_head{chunk};
    }
    chunk->head.chunk = chunk;
    chunk->total = static_cast<std::uint32_t>(made.blocks());
    free_block* const first = made.top();
    slab_depots[c].add(*chunk); // before its blocks can be found there
    slab_depots[c].put(*first->below, *made.bottom(), made.blocks() - first->count);
    return first;
}

HOCKET_COLD HOCKET_INLINE bool trim_slabs(std::size_t c, std::ptrdiff_t keep) noexcept {
    slab_chunk* dropped = nullptr;
    auto const sort_out = [&](free_block*& batches, slab_chunk*& chunks) noexcept {
        std::ptrdiff_t stay = 0;
        for (slab_chunk* chunk = chunks; chunk != nullptr; chunk = chunk->next) chunk->found = 0;
        for_each_free_block(batches, [&](free_block* block) {
            ++slab_chunk::of(block, c).found;
            ++stay;
        });
        slab_chunk* kept = nullptr;
        for (slab_chunk* chunk = std::exchange(chunks, nullptr); chunk != nullptr;) {
            slab_chunk* const next = chunk->next;
            chunk->dropped = chunk->found == chunk->total && stay - chunk->total >= keep;
            if (chunk->dropped) stay -= chunk->total;
            slab_chunk*& list = chunk->dropped ? dropped : kept;
            chunk->next = std::exchange(list, chunk);
            chunk = next;
        }
        chunks = kept;
        batch_builder rest;
        for_each_free_block(batches, [&](free_block* block) {
            if (!slab_chunk::of(block, c).dropped) rest.add(block);
        });
        batches = rest.top();
        // Where many blocks had to stay, as many more come in before the next time, so that each of them pays for two
        // looks.
        return stay < slab_most(c) - stay ? stay : slab_most(c) - stay;
    };
    bool const sorted = slab_depots[c].sort_out(sort_out, 1);
    while (dropped != nullptr) {
        slab_chunk* const chunk = std::exchange(dropped, dropped->next);
        give_slab_chunk(chunk, *chunk->region);
    }
    return sorted;
}

HOCKET_INLINE bool slabs_hold_much() noexcept {
    for (std::size_t c = 0; c < slab_classes; ++c) {
        std::ptrdiff_t const settled = the_slab_decay.settled[c].load(std::memory_order_relaxed);
        if (slab_depots[c].blocks() > settled + 2 * slab_least(c)) return true;
    }
    return false;
}

HOCKET_INLINE bool slabs_decayed_lately() noexcept {
    std::uint64_t const last = the_slab_decay.last.load(std::memory_order_relaxed);
    return last != 0 && monotonic_nanoseconds() - last < slab_decay_interval;
}

HOCKET_COLD HOCKET_INLINE void decay_slabs() noexcept {
    slab_decay& decay = the_slab_decay;
    std::uint64_t const now = monotonic_nanoseconds();
    std::uint64_t last = decay.last.load(std::memory_order_relaxed);
    if (now - last < slab_decay_interval || !decay.last.compare_exchange_strong(last, now, std::memory_order_relaxed))
        return;
    for (std::size_t c = 0; c < slab_classes; ++c) {
        std::ptrdiff_t const blocks = slab_depots[c].blocks();
        std::ptrdiff_t const unused = slab_depots[c].unused_blocks();
        std::ptrdiff_t const used = blocks > unused ? blocks - unused : 0; // since the last decay: the next one decides
        bool const sorted = unused > slab_least(c) && trim_slabs(c, used + slab_least(c));
        std::ptrdiff_t const settled = sorted ? slab_depots[c].blocks() - used : 0;
        decay.settled[c].store(settled > 0 ? settled : 0, std::memory_order_relaxed);
    }
}

HOCKET_COLD HOCKET_INLINE void look_after_slabs() noexcept {
    slab_decay& decay = the_slab_decay;
    if (!slabs_hold_much() || slabs_decayed_lately()) return;
    auto* const find = decay.find_keeper.load(std::memory_order_relaxed);
    if (find == nullptr || !find()) decay_slabs();
}

HOCKET_INLINE void put_into_depot(std::size_t c, free_block& top, free_block& bottom, std::ptrdiff_t blocks) noexcept {
    std::ptrdiff_t const there = slab_depots[c].put(top, bottom, blocks);
    if (there > slab_most(c)) trim_slabs(c, slab_most(c) / 2);
    if (there > 2 * slab_least(c) && the_slab_decay.keeper.load(std::memory_order_relaxed) == 0) [[unlikely]]
        look_after_slabs();
}

} // namespace
