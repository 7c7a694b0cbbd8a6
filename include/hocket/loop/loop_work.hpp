// SPDX-License-Identifier: MIT
// The work of a loop, how it is cut into pieces, and the times that decide. Used by the caller of a loop and by its
// helpers.
#pragma once

#include <hocket/base/config.hpp>
#include <hocket/base/options.hpp>
#include <hocket/os/fp_mode.hpp>
#include <hocket/os/ticks.hpp>
#include <hocket/queue/range_word.hpp>
#include <hocket/sched/urgent.hpp>
#include <hocket/sched/worker.hpp>

#include <cstdint>

namespace hocket::inline HOCKET_ABI::detail {

/// How a loop is to be cut.
struct loop_plan {
    std::uint64_t grain = 0;       // the least number of iterations worth a chunk; of `dynamic`, a chunk's size; 0: any
    std::uint64_t least_piece = 1; // the least number of iterations that the body may be called with
    std::uint32_t max_workers = 0; // how many threads may take part; 0: all
    schedule how = schedule::adaptive;
    bool always_parallel = false; // do not try the first iterations serially
    bool unstoppable = false;     // only a failure can end it, and nothing watches its progress
    char const* name = nullptr;   // in a trace; null: it has none

    /// Returns how many threads may help the caller, which need not be one of the `workers`.
    std::uint32_t most_helpers(std::uint32_t workers) const noexcept {
        return max_workers != 0 && max_workers <= workers ? max_workers - 1 : workers;
    }
};

/// The times that decide. A cache line moves between two cores and back in about 0.1 us. To wake a sleeping thread
/// costs the waker 5 to 10 us, and the thread comes 25 to 40 us later. These times were measured on a virtual machine;
/// they are shorter on bare metal.
struct loop_times {
    ticks probe, share_hot, share_cold, least_chunk, piece;
    double tiny; // a loop that takes less does not look at the clock, as a rule
    static loop_times const& get() noexcept;
    [[gnu::cold]] static loop_times make() noexcept;
};

/// The body of a loop without its type: `run(chunk, first, last)` calls the chunk.
struct loop_body {
    bool (*run)(void* chunk, std::uint64_t first, std::uint64_t last) noexcept;
    void* chunk;
    bool operator()(std::uint64_t first, std::uint64_t last) const noexcept { return run(chunk, first, last); }
};

/// Cuts the part of a loop that one thread runs into pieces of about `loop_times::piece`, by the measured cost. Between
/// two pieces the body notices a stop, and the thread looks at urgent work. The first piece is as short as possible,
/// since its cost is unknown.
class loop_pace {
  public:
    explicit loop_pace(std::uint64_t least) noexcept
        : least_(least), size_(least), before_(now_ticks()), me_(this_slot) {}

    /// Runs [first, last). Returns false if the body has ended the loop.
    bool run(loop_body const& body, std::uint64_t first, std::uint64_t last) noexcept;

    /// Returns the number of iterations of the next piece, which begins at `first`.
    std::uint64_t next_piece(std::uint64_t first) const noexcept {
        // If one iteration may be a piece, longer pieces end where a vector register of an inner loop would.
        return least_ == 1 && size_ >= 128 ? size_ - (first + size_) % 64 : size_;
    }
    /// Returns the time of the last look at the clock, which is the end of the last piece.
    ticks measured_at() const noexcept { return before_; }
    /// Measures a piece that has ended, of `ran` iterations.
    HOCKET_ALWAYS_INLINE void adapt(std::uint64_t ran) noexcept {
        loop_times const& times = loop_times::get();
        ticks const now = now_ticks();
        ticks const spent = now - before_;
        before_ = now;
        if (ran + 64 >= size_ || spent > times.piece) resize(ran, spent, times);
        if (me_ != nullptr && me_->urged.load(std::memory_order_relaxed)) [[unlikely]]
            look();
    }

  private:
    /// By how much a piece may be longer than the last one. If slow iterations follow fast ones, as many slow ones as
    /// the next piece has run after a stop.
    std::uint64_t growth() const noexcept { return size_ < 16 * least_ ? 4 : 64; }

    void resize(std::uint64_t ran, ticks spent, loop_times const& times) noexcept;
    [[gnu::cold]] void look() noexcept;

    std::uint64_t const least_;
    std::uint64_t size_; // iterations of the next piece
    ticks before_;
    worker* const me_; // null in a thread that belongs to no pool
};

/// The description of an open loop, by which its threads turn units into iterations.
struct loop_job {
    loop_body body;
    std::uint64_t begin;
    std::uint64_t end;
    std::uint64_t unit;
    std::uint64_t units;
    std::uint64_t least_piece;
    fp_mode mode;              // of the caller
    bool keeps_claims = false; // a claim stays with the thread that has made it

    std::uint64_t first_of(unit_range const& claim) const noexcept { return begin + claim.first * unit; }
    std::uint64_t last_of(unit_range const& claim) const noexcept {
        return claim.last == units ? end : begin + claim.last * unit;
    }
};

/// A registration with the words of an open loop. Another thread may leave it in place of the claimant.
struct loop_registration {
    void (*leave)(void* of) noexcept = nullptr;
    void* of = nullptr;
};

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/loop/loop_work.ipp>
#endif
