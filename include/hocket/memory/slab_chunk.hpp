// SPDX-License-Identifier: MIT
// Gets blocks from the system and gives them back: chunks of about 64 KiB, cut into blocks side by side. Blocks that
// are made one after another lie one after another, and the processor prefetches them. Caller: the slabs.
#pragma once

#include <hocket/base/config.hpp>
#include <hocket/memory/slab_depot.hpp>
#include <hocket/memory/slab_region.hpp>
#include <hocket/os/atomics.hpp>
#include <hocket/os/fork.hpp>
#include <hocket/os/ticks.hpp>

#include <cstddef>
#include <cstdint>
#include <new>
#include <utility>

namespace hocket::inline HOCKET_ABI::detail {

inline constexpr std::size_t slab_alignment = 64;
inline constexpr std::size_t slab_classes = 4;
inline constexpr std::uint32_t slab_batch = 64;

/// Returns the size of a block of class `c`: 64, 128, 256 or 512 bytes.
constexpr std::size_t slab_size(std::size_t c) noexcept { return slab_alignment << c; }

/// A free block.
struct free_block {
    free_block* next;
    free_block* below;   // in the first block of a batch: the link of the depot
    std::uint32_t count; // in the first block of a batch: how many blocks are in the batch
};

/// The header of a chunk. A chunk consists of spans of 32 blocks each. The first block of each span is replaced by a
/// `span_head` that names the chunk.
struct slab_chunk {
    struct span_head {
        slab_chunk* chunk;
    };

    span_head head;      // of the first span
    slab_region* region; // the region that the chunk goes back to
    slab_chunk* next;    // the link of the depot
    std::uint32_t total; // how many blocks the chunk has
    std::uint32_t found; // how many of its blocks `sort_out` has found in the depot
    bool dropped;        // set by `sort_out`: the chunk goes back to its region

    static constexpr std::size_t span = 32;
    static constexpr std::size_t bytes = slab_region::chunk_bytes; // at a multiple of the size of any span

    static slab_chunk& of(free_block* block, std::size_t c) noexcept;
};
static_assert(sizeof(slab_chunk) <= slab_alignment && sizeof(free_block) <= slab_alignment);

using slab_depot = basic_slab_depot<std_atomics, free_block, slab_chunk>;

inline constinit slab_depot slab_depots[slab_classes];

/// Groups blocks into batches.
class batch_builder {
  public:
    void add(free_block* block) noexcept;
    /// Returns all batches; only the batch on top may have less than `slab_batch` blocks.
    free_block* top() const noexcept { return top_; }
    free_block* bottom() const noexcept { return bottom_; }
    std::ptrdiff_t blocks() const noexcept { return blocks_; }

  private:
    free_block* top_ = nullptr;
    free_block* bottom_ = nullptr;
    std::ptrdiff_t blocks_ = 0;
};

/// Cuts a new chunk. Returns one batch, and puts the others into the depot. **Throws** std::bad_alloc.
[[gnu::cold]] free_block* cut_slab_chunk(std::size_t c);

/// Returns how many free blocks of a class the depot keeps at most: 128 MiB of each size. It keeps more only where
/// blocks in use prevent it from giving chunks back.
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

/// Gives chunks with all their blocks in the depot back to the system, as long as at least `keep` blocks stay. Does
/// nothing, and returns false, while another thread takes something out. **Cost** two looks at each block in the depot.
[[gnu::cold]] bool trim_slabs(std::size_t c, std::ptrdiff_t keep) noexcept;

/// Returns how many free blocks stay in an idle depot: half a MiB of each size.
constexpr std::ptrdiff_t slab_least(std::size_t c) noexcept { return slab_most(c) / 256; }

/// The time in nanoseconds after which unused blocks in the depot go back to the system.
inline constexpr std::uint64_t slab_decay_interval = 1'000'000'000;

struct slab_decay {
    /// The time of the last decay. Writer: decay_slabs.
    atomic<std::uint64_t> last{0};
    /// How many unused blocks stayed at the last decay: the free blocks of chunks with a block in use, and a few more.
    /// Writer: decay_slabs.
    atomic<std::ptrdiff_t> settled[slab_classes] = {};
    /// The generation of the process, plus one, while a sleeping thread will wake for the depot; 0 if there is none.
    /// Writer: that thread. Reader: put_into_depot.
    atomic<std::uint32_t> keeper{0};
    /// Wakes a thread to look after the depot; returns false if there is none. Writer: the maker of a pool.
    atomic<bool (*)() noexcept> find_keeper{nullptr};
};
inline constinit slab_decay the_slab_decay;

/// Whether the depot holds so much that a thread should wait until it can give some back.
bool slabs_hold_much() noexcept;

/// Whether the last decay is less than `slab_decay_interval` ago.
bool slabs_decayed_lately() noexcept;

/// Gives back blocks that were unused since the last call. Does nothing if that call is less than `slab_decay_interval`
/// ago.
[[gnu::cold]] void decay_slabs() noexcept;

/// Wakes a keeper when the depot holds much and has none.
[[gnu::cold]] void look_after_slabs() noexcept;

/// Puts an idle thread to sleep. `sleep_for(nanoseconds)` returns whether the thread was woken. Returns true if it was
/// woken, and false if it may sleep without a limit. One thread of the process wakes from time to time while there is
/// something to give back. It stays for a while after a decay: until then `look_after_slabs` wakes no other thread.
template<class Sleep>
bool sleep_beside_slabs(Sleep const& sleep_for) noexcept {
    std::uint32_t const taken = fork_generation + 1;
    while (slabs_hold_much() || slabs_decayed_lately()) {
        std::uint32_t keeper = the_slab_decay.keeper.load(std::memory_order_relaxed);
        if (keeper == taken || !the_slab_decay.keeper.compare_exchange_strong(keeper, taken, std::memory_order_relaxed))
            return false;
        bool const woken = sleep_for(static_cast<long long>(slab_decay_interval));
        the_slab_decay.keeper.store(0, std::memory_order_relaxed);
        if (woken) return true;
        if (slabs_hold_much()) decay_slabs();
    }
    return false;
}

/// Puts batches, linked one below the other, into the depot for all threads; see `basic_slab_depot::put`.
void put_into_depot(std::size_t c, free_block& top, free_block& bottom, std::ptrdiff_t blocks) noexcept;

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/memory/slab_chunk.ipp>
#endif
