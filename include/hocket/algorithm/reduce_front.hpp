// SPDX-License-Identifier: MIT
// How a reduction begins: on the calling thread, which folds block after block and joins their results at once, in the very
// tree that the whole reduction has, until all is done or until it is clear that the rest is worth sharing. A few elements
// then cost neither memory for the results of blocks nor a loop for each level of the tree.
// Floor: algorithm. parallel_reduce uses it.
#pragma once

#include <hocket/algorithm/guarded_loop.hpp>
#include <hocket/algorithm/reduce_blocks.hpp>
#include <hocket/base/ticks.hpp>
#include <hocket/sched/loop.hpp>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <optional>
#include <type_traits>
#include <utility>

namespace hocket::detail {

/// The results of the blocks [0, done), joined as far as the tree allows: one subtree for each bit of `done`, as the digits of
/// a counter in base two.
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
template<class Leaf, class Front>
struct front_leaf {
    static constexpr bool resumes = false;
    Leaf const& fold;
    Front& front;
    std::uint64_t n;

    void operator()(std::uint64_t first, std::uint64_t last, std::uint64_t&) const {
        for (std::uint64_t b = first; b != last;) {
            if constexpr (Leaf::joins_neighbours) {
                if (fold.block == 1 && b % Leaf::tile_size == 0 && last - b >= Leaf::tile_size) {
                    front.add(fold.tile(b), Leaf::tile_size);
                    b += Leaf::tile_size;
                    continue;
                }
            }
            std::uint64_t const begin = b * fold.block;
            front.add(fold.one_block(begin, n - begin < fold.block ? n : begin + fold.block), 1);
            ++b;
        }
    }
};

/// Folds blocks into `front` until all are done, or the rest of them is worth sharing. False if it failed or was stopped.
template<class Leaf, class Front>
bool fold_front(Leaf const& fold, Front& front, std::uint64_t n, std::uint64_t blocks, loop_options const& options,
                loop_errors& errors) {
    front_leaf<Leaf, Front> const leaf{fold, front, n};
    guarded_chunk<front_leaf<Leaf, Front>> const chunk(leaf, errors);
    std::uint64_t const most = blocks < Front::most_blocks ? blocks : Front::most_blocks;
    loop_times const& times = loop_times::get();
    ticks const start = blocks > 1 ? now_ticks() : 0;
    for (std::uint64_t first = 0, last = 1;; last = most / 4 < last ? most : last * 4) {
        if (!chunk(first, last)) return false;
        std::uint64_t const elements = last == blocks ? n : last * fold.block;
        finished(options, elements - first * fold.block);
        if (last == most) return true;
        ticks const spent = now_ticks() - start;
        double const rest = static_cast<double>(spent) / static_cast<double>(last) * static_cast<double>(blocks - last);
        if (spent >= times.probe && rest >= static_cast<double>(times.share_hot)) return true;
        first = last;
    }
}

} // namespace hocket::detail
