// SPDX-License-Identifier: MIT
// Where the blocks of the slabs come from, and how they go back to the system: chunks of some 64 KiB, cut into blocks
// side by side. Those that are made one after another then lie one after another, and are fetched ahead. Caller: the
// slabs.
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

/// How large a block of class `c` is: 64, 128, 256 or 512 bytes.
constexpr std::size_t slab_size(std::size_t c) noexcept { return slab_alignment << c; }

/// A free block.
struct free_block {
    free_block* next;
    free_block* below;   // of the first block of a batch: the depot's
    std::uint32_t count; // the same: how many blocks are in it
};

/// The beginning of a chunk. It consists of spans of 32 blocks each; in the place of the first of them stands which
/// chunk it is.
struct slab_chunk {
    struct span_head {
        slab_chunk* chunk;
    };

    span_head head;      // of the first span
    slab_region* region; // where it goes back to
    slab_chunk* next;    // the depot's
    std::uint32_t total; // blocks
    std::uint32_t found; // of these, while the depot is sorted out
    bool dropped;        // the same: goes back to its region

    static constexpr std::size_t span = 32;
    static constexpr std::size_t bytes = slab_region::chunk_bytes; // at a multiple of the size of any span

    static slab_chunk& of(free_block* block, std::size_t c) noexcept;
};
static_assert(sizeof(slab_chunk) <= slab_alignment && sizeof(free_block) <= slab_alignment);

using slab_depot = basic_slab_depot<std_atomics, free_block, slab_chunk>;

inline constinit slab_depot slab_depots[slab_classes];

/// Puts blocks together in batches.
class batch_builder {
  public:
    void add(free_block* block) noexcept;
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
[[gnu::cold]] free_block* cut_slab_chunk(std::size_t c);

/// How many free blocks the depot keeps at most, unless blocks that are in use keep it from giving chunks back: 128 MiB
/// of each size.
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

/// Gives chunks of which all blocks are in the depot back to the system, as long as at least `keep` blocks stay.
/// Nothing happens while somebody else takes something out. **Cost** it looks at each block in the depot twice.
[[gnu::cold]] void trim_slabs(std::size_t c, std::ptrdiff_t keep) noexcept;

/// How many free blocks stay in the depot while nothing happens: half a MiB of each size.
constexpr std::ptrdiff_t slab_least(std::size_t c) noexcept { return slab_most(c) / 256; }

/// Blocks that lay in the depot for this long without being taken go back to the system. In nanoseconds.
inline constexpr std::uint64_t slab_decay_interval = 1'000'000'000;

struct slab_decay {
    /// Writers: decay_slabs. The time of the last one.
    std::atomic<std::uint64_t> last{0};
    /// Writers: decay_slabs. How many blocks stayed: those of chunks of which others are in use, and a few.
    std::atomic<std::ptrdiff_t> settled[slab_classes] = {};
    /// Writers: the thread that looks after it (sets), put_into_depot reads. Above 0 while a sleeping thread will wake
    /// for it: the generation of the process, plus one.
    std::atomic<std::uint32_t> keeper{0};
    /// Writer: the maker of a pool. Gets a thread to look after it; false if there is none.
    std::atomic<bool (*)() noexcept> find_keeper{nullptr};
};
inline constinit slab_decay the_slab_decay;

/// Whether there is enough that it is worth waiting until it may go.
bool slabs_hold_much() noexcept;

/// Gives back what was not needed since the last call, which was at least `slab_decay_interval` ago; else does nothing.
[[gnu::cold]] void decay_slabs() noexcept;

/// Much lies in the depot, and no thread looks after it.
[[gnu::cold]] void look_after_slabs() noexcept;

/// A thread that has nothing to do sleeps: `sleep_for(nanoseconds)` says whether it was woken. True if it was; false if
/// it may sleep for as long as it likes. One thread of the process wakes from time to time, as long as there is
/// something to give back.
template<class Sleep>
bool sleep_beside_slabs(Sleep const& sleep_for) noexcept {
    std::uint32_t const taken = fork_generation + 1;
    while (slabs_hold_much()) {
        std::uint32_t keeper = the_slab_decay.keeper.load(std::memory_order_relaxed);
        if (keeper == taken || !the_slab_decay.keeper.compare_exchange_strong(keeper, taken, std::memory_order_relaxed))
            return false;
        bool const woken = sleep_for(static_cast<long long>(slab_decay_interval));
        the_slab_decay.keeper.store(0, std::memory_order_relaxed);
        if (woken) return true;
        decay_slabs();
    }
    return false;
}

/// Batches for all threads, one below the other; see `basic_slab_depot::put`.
void put_into_depot(std::size_t c, free_block& top, free_block& bottom, std::ptrdiff_t blocks) noexcept;

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/memory/slab_chunk.ipp>
#endif
