// SPDX-License-Identifier: MIT
// Begins a reduction on the calling thread. It folds block after block and joins their results at once, in the very
// tree of the whole reduction, until it has finished or the rest is worth sharing. So a few elements cost neither
// memory for the results of blocks nor a loop for each level of the tree. parallel_reduce uses it.
#pragma once

#include <hocket/algorithm/forms/guarded_loop.hpp>
#include <hocket/algorithm/reduce/reduce_blocks.hpp>
#include <hocket/loop/call_watch.hpp>
#include <hocket/loop/loop.hpp>
#include <hocket/os/os_mutex.hpp>
#include <hocket/os/ticks.hpp>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <optional>
#include <type_traits>
#include <utility>

namespace hocket::inline HOCKET_ABI::detail {

/// The results of the blocks [0, done), joined as far as the tree allows: one subtree for each bit of `done`, as the
/// digits of a counter in base two.
template<class T, class Op>
class joined_front {
  public:
    static constexpr std::uint64_t most_blocks = 4096;
    /// The counter lies on the caller's stack: one of larger results stays empty.
    static constexpr bool fits = sizeof(T) <= 64;

    explicit joined_front(Op const& op) noexcept : op_(op) {}
    joined_front(joined_front const&) = delete;
    joined_front& operator=(joined_front const&) = delete;
    ~joined_front() { std::destroy_n(subtrees(), count_); }

    [[nodiscard]] std::uint64_t done() const noexcept { return done_; }

    /// The result of the next `blocks`, a power of two that divides `done`.
    void add(T&& result, std::uint64_t blocks) {
        ::new (static_cast<void*>(subtrees() + count_)) T(std::move(result));
        ++count_;
        for (std::uint64_t size = blocks; (done_ & size) != 0; size *= 2) join_last();
        done_ += blocks;
    }

    /// All that was added.
    T take() {
        while (count_ != 1) join_last();
        return std::move(*subtrees());
    }

    /// Each subtree to the place of its first block.
    void move_to(std::optional<T>* partials) {
        std::uint64_t block = 0;
        for (std::size_t k = 0; k != count_; ++k) {
            partials[block].emplace(std::move(subtrees()[k]));
            block += std::bit_floor(done_ - block);
        }
    }

  private:
    void join_last() {
        T* const right = subtrees() + count_ - 1;
        detail::fold_in(op_, right[-1], std::move(*right));
        std::destroy_at(right);
        --count_;
    }
    T* subtrees() noexcept { return std::launder(reinterpret_cast<T*>(bytes_)); }

    Op const& op_;
    std::uint64_t done_ = 0;
    std::size_t count_ = 0;
    alignas(T) unsigned char bytes_[fits ? 14 * sizeof(T) : sizeof(T)];
};

/// Folds the blocks [first, last) and adds them to the front.
template<class Kernel, class Front>
struct front_kernel {
    static constexpr bool resumes = false;
    Kernel const& fold;
    Front& front;
    std::uint64_t n;

    void operator()(std::uint64_t first, std::uint64_t last, std::uint64_t&) const {
        // A block of one element ends with it.
        with_pace(last - first != 1 || fold.block == 1, [&](auto&& pace) { add_blocks(first, last, pace); });
    }

  private:
    template<class Pace>
    void add_blocks(std::uint64_t first, std::uint64_t last, Pace& pace) const {
        for (std::uint64_t b = first; b != last;) {
            if constexpr (Kernel::joins_neighbours) {
                if (fold.block == 1 && b % Kernel::tile_size == 0 && last - b >= Kernel::tile_size) {
                    front.add(fold.tile(b), Kernel::tile_size);
                    b += Kernel::tile_size;
                    continue;
                }
            }
            std::uint64_t const begin = b * fold.block;
            front.add(fold.one_block(begin, n - begin < fold.block ? n : begin + fold.block, pace), 1);
            ++b;
        }
    }
};

/// The blocks that the caller had not begun when the watcher gave them to the pool, because a block lasted.
template<class T, class Kernel>
class front_rest {
  public:
    front_rest(Kernel const& fold, std::uint64_t n, std::uint64_t blocks, loop_errors& errors, progress* bar) noexcept
        : fold_(fold), n_(n), blocks_(blocks), errors_(errors), progress_(bar) {}

    bool operator()(std::uint64_t first, std::uint64_t last) noexcept {
        Kernel fold = fold_;
        fold.partials = memory();
        if (fold.partials == nullptr) return false;
        guarded_chunk<Kernel> const guarded(fold, errors_, progress_);
        return block_chunk<Kernel>(guarded, n_, fold.block)(first, last);
    }
    static bool run(void* self, std::uint64_t first, std::uint64_t last) noexcept {
        return (*static_cast<front_rest*>(self))(first, last);
    }

    /// When all have ended: the results, if there are any.
    std::unique_ptr<std::optional<T>[]> take() noexcept { return std::move(partials_); }

    private : HOCKET_COLD std::optional<T>* memory() noexcept {
        os_lock const lock(mutex_);
        try {
            if (partials_ == nullptr)
                partials_ = std::make_unique<std::optional<T>[]>(static_cast<std::size_t>(blocks_));
        } catch (...) {
            static_cast<void>(errors_.record(0));
        }
        return partials_.get();
    }

    Kernel const& fold_;
    std::uint64_t const n_;
    std::uint64_t const blocks_;
    loop_errors& errors_;
    progress* const progress_;
    os_mutex mutex_; // guards the next one while blocks run
    std::unique_ptr<std::optional<T>[]> partials_;
};

/// Folds blocks into `front` until all are done, or the rest of them is worth sharing, or is in `rest`. False if it
/// failed or was stopped.
template<class T, class Kernel, class Front>
bool fold_front(pool_entry& entry, Kernel const& fold, Front& front, std::uint64_t n, std::uint64_t blocks,
                loop_options const& options, loop_errors& errors, front_rest<T, Kernel>& rest) {
    front_kernel<Kernel, Front> const kernel{fold, front, n};
    guarded_chunk<front_kernel<Kernel, Front>> const chunk(kernel, errors);
    std::uint64_t const most = blocks < Front::most_blocks ? blocks : Front::most_blocks;
    std::uint64_t const step = blocks <= entry.pool().size() ? 1 : most;
    loop_plan const plan{.max_workers = options.max_workers};
    loop_times const& times = loop_times::get();
    serial_part part(entry.pool(), blocks, plan, {&front_rest<T, Kernel>::run, &rest}, fp_mode::now(), 1, false);
    ticks const start = blocks > 1 ? now_ticks() : 0;
    bool mine = true, goes_on = true, worth = false;
    for (std::uint64_t first = 0, last = 1; mine && goes_on && !worth && first != most;) {
        for (bool claimed = first == 0; first != last; claimed = false) {
            std::uint64_t const next = last - first <= step ? last : first + step;
            mine = claimed || part.claim(next);
            goes_on = mine && chunk(first, next);
            if (!goes_on) break;
            finished(options, (next == blocks ? n : next * fold.block) - first * fold.block);
            first = next;
        }
        if (!goes_on || last == most) break;
        ticks const spent = now_ticks() - start;
        double const left = static_cast<double>(spent) / static_cast<double>(last) * static_cast<double>(blocks - last);
        worth = spent >= times.probe && left >= static_cast<double>(times.share_hot);
        std::uint64_t more = last * (last >= 16 && spent < times.probe / 4 ? 15 : 3);
        if (spent > times.piece) more = last * times.piece / spent + 1; // a stop must not wait for more
        last = most - last < more ? most : last + more;
    }
    if (late_loop* const late = part.end()) finish_late(entry, *late, mine && !goes_on);
    return goes_on || !mine;
}

} // namespace hocket::detail
