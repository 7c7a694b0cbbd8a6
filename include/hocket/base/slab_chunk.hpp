// SPDX-License-Identifier: MIT
// Where the blocks of the slabs come from, and how they go back to the heap, floor 0: chunks of some 64 KiB, cut into blocks side
// by side. Those that are made one after another then lie one after another, and are fetched ahead. Caller: the slabs.
#pragma once

#include <hocket/base/atomics.hpp>
#include <hocket/base/config.hpp>
#include <hocket/base/fork.hpp>
#include <hocket/base/slab_depot.hpp>

#include <cstddef>
#include <cstdint>
#include <new>
#include <utility>

namespace hocket::detail {

inline constexpr std::size_t slab_alignment = 64;
inline constexpr std::size_t slab_classes = 4;
inline constexpr std::uint32_t slab_batch = 64;

/// How large a block of class `c` is: 64, 128, 256 or 512 bytes.
constexpr std::size_t slab_size(std::size_t c) noexcept { return slab_alignment << c; }

/// A free block.
struct free_block {
    free_block* next;
    free_block* below;   // of the first block of a batch: the depot's
    std::uint32_t count; // the same: how many blocks are in it
};

/// The beginning of a chunk. It consists of spans of 32 blocks each; in the place of the first of them stands which chunk it is.
struct slab_chunk {
    struct span_head {
        slab_chunk* chunk;
    };

    span_head head;      // of the first span
    slab_chunk* next;    // the depot's
    std::uint32_t total; // blocks
    std::uint32_t found; // of these, while the depot is sorted out
    bool dropped;        // the same: goes back to the heap

    static constexpr std::size_t span = 32;
    /// Without one small block: there the heap keeps what it needs, and chunks lie side by side.
    static constexpr std::size_t bytes = (std::size_t{1} << 16) - slab_alignment;
    static constexpr std::align_val_t alignment(std::size_t c) noexcept {
        return std::align_val_t{span * slab_size(c)};
    }

    static slab_chunk& of(free_block* block, std::size_t c) noexcept {
        auto* const at = reinterpret_cast<unsigned char*>(block);
        std::size_t const beyond = reinterpret_cast<std::uintptr_t>(at) % (span * slab_size(c));
        return *reinterpret_cast<span_head*>(at - beyond)->chunk;
    }
};
static_assert(sizeof(slab_chunk) <= slab_alignment && sizeof(free_block) <= slab_alignment);

using slab_depot = basic_slab_depot<std_atomics, free_block, slab_chunk>;

inline constinit slab_depot slab_depots[slab_classes];

/// Puts blocks together in batches.
class batch_builder {
  public:
    void add(free_block* block) noexcept {
        bool const begins = top_ == nullptr || top_->count == slab_batch;
        *block = begins ? free_block{nullptr, top_, 1} : free_block{top_, top_->below, top_->count + 1};
        if (bottom_ == (begins ? nullptr : top_)) bottom_ = block;
        top_ = block;
        ++blocks_;
    }
    /// All of them; only the one on top may have less than `slab_batch`.
    free_block* top() const noexcept { return top_; }
    free_block* bottom() const noexcept { return bottom_; }
    std::ptrdiff_t blocks() const noexcept { return blocks_; }

  private:
    free_block* top_ = nullptr;
    free_block* bottom_ = nullptr;
    std::ptrdiff_t blocks_ = 0;
};

/// Cuts a new chunk. Returns one batch; the others are in the depot. **Throws** std::bad_alloc.
HOCKET_COLD inline free_block* cut_slab_chunk(std::size_t c) {
    watch_forks(); // the depot's lock needs it
    auto* const memory = static_cast<unsigned char*>(::operator new(slab_chunk::bytes, slab_chunk::alignment(c)));
    auto* const chunk = ::new (static_cast<void*>(memory)) slab_chunk{};
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

/// How many free blocks the depot keeps at most, unless blocks that are in use keep it from giving chunks back: 128 MiB of each size.
constexpr std::ptrdiff_t slab_most(std::size_t c) noexcept {
    return static_cast<std::ptrdiff_t>((std::size_t{1} << 27) / slab_size(c));
}

template<class F>
void for_each_free_block(free_block* batches, F const& f) noexcept {
    while (batches != nullptr) {
        free_block* const below = batches->below;
        for (free_block* block = batches; block != nullptr;) {
            free_block* const next = block->next;
            f(block);
            block = next;
        }
        batches = below;
    }
}

/// Gives chunks of which all blocks are in the depot back to the heap, as long as at least `keep` blocks stay. Nothing happens
/// while somebody else takes something out. **Cost** it looks at each block in the depot twice.
HOCKET_COLD inline void trim_slabs(std::size_t c, std::ptrdiff_t keep) noexcept {
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
        // Where much had to stay, as much more comes in before the next time: each block that comes in pays for two looks.
        return stay < slab_most(c) - stay ? stay : slab_most(c) - stay;
    };
    slab_depots[c].sort_out(sort_out, 1);
    while (dropped != nullptr)
        ::operator delete(static_cast<void*>(std::exchange(dropped, dropped->next)), slab_chunk::alignment(c));
}

/// Batches for all threads, one below the other; see `basic_slab_depot::put`.
inline void put_into_depot(std::size_t c, free_block& top, free_block& bottom, std::ptrdiff_t blocks) noexcept {
    if (slab_depots[c].put(top, bottom, blocks) > slab_most(c)) trim_slabs(c, slab_most(c) / 2);
}

} // namespace hocket::detail
