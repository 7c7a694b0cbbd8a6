// SPDX-License-Identifier: MIT
// Chooses elements of a range: a bit for each, and how many lie before each block. The predicate runs over the whole
// range before anything is moved, so a predicate that throws has changed nothing. Packing, groups and reductions by key
// use it.
#pragma once

#include <hocket/algorithm/forms/guarded_loop.hpp>
#include <hocket/algorithm/forms/rounds.hpp>
#include <hocket/algorithm/reduce/reduce_blocks.hpp>
#include <hocket/base/call.hpp>
#include <hocket/loop/stop_pace.hpp>
#include <hocket/range/range_traits.hpp>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <type_traits>
#include <utility>

namespace hocket::inline HOCKET_ABI::detail {

/// Stores for [first, last) whether `keep(iterator, index)` is true.
template<class In, class Keep>
struct select_kernel {
    static constexpr bool resumes = true;
    In const& in;
    Keep const& keep;
    std::uint64_t block;
    std::uint64_t* words;
    std::uint64_t* counts;

    void operator()(std::uint64_t first, std::uint64_t last, std::uint64_t& at) const {
        with_pace(last - first > block, [&](auto&& pace) { select(first, last, at, pace); });
    }

  private:
    template<class Pace>
    void select(std::uint64_t first, std::uint64_t last, std::uint64_t& at, Pace& pace) const {
        hot_callable<Keep> keeps = keep;
        std::uint64_t i = first;
        report_position const report(at, i);
        In element = advanced(in, i);
        while (i != last) {
            std::uint64_t const next_word = (i | 63) + 1, end = next_word < last ? next_word : last;
            std::uint64_t* const word = words + i / 64;
            std::uint64_t& count = counts[i / block];
            std::uint64_t bits = 0;
            while (i != end)
                for (std::uint64_t const stop = pace.next(i, end); i != stop; void(++i), ++element)
                    bits |= std::uint64_t{static_cast<bool>(keeps(element, i)) ? 1U : 0U} << (i % 64);
            *word = bits;
            count += static_cast<std::uint64_t>(std::popcount(bits));
        }
    }
};

class selection {
  public:
    /// Makes an empty selection; `cut.block` is a multiple of 64.
    explicit selection(block_cut const& cut)
        : cut_(cut),
          words_(new std::uint64_t[static_cast<std::size_t>(cut.n / 64 + 1)]),
          ranks_(std::make_unique<std::uint64_t[]>(static_cast<std::size_t>(cut.blocks + 1))) {}

    /// Tests all elements. Throws what `keep` throws. Progress counts tested elements.
    template<class In, class Keep>
    void select(thread_pool& pool, In const& in, Keep const& keep, loop_options const& options) {
        loop_errors errors(options);
        errors.finish(cut_.n);
        expect(options, cut_.n);
        using kernel = select_kernel<In, Keep>;
        kernel const choose{in, keep, cut_.block, words_.get(), ranks_.get() + 1};
        guarded_chunk<kernel> const guarded(choose, errors, options.progress);
        block_chunk<kernel> chunk(guarded, cut_.n, cut_.block);
        detail::run_loop(pool, cut_.blocks, plan_of(cut_.blocks, options, 0), chunk);
        errors.finish(cut_.n);
        for (std::uint64_t b = 0; b != cut_.blocks; ++b) ranks_[b + 1] += ranks_[b];
    }

    [[nodiscard]] std::uint64_t total() const noexcept { return ranks_[cut_.blocks]; }
    /// Returns how many elements are chosen before block `b`.
    [[nodiscard]] std::uint64_t rank(std::uint64_t b) const noexcept { return ranks_[b]; }
    [[nodiscard]] std::uint64_t count(std::uint64_t b) const noexcept { return ranks_[b + 1] - ranks_[b]; }
    [[nodiscard]] block_cut const& cut() const noexcept { return cut_; }

    /// Calls `f(i)` for each chosen element of block `b`, in order.
    template<class F>
    void for_each(std::uint64_t b, F&& f) const {
        std::uint64_t const last = cut_.last(b);
        for (std::uint64_t first = cut_.first(b); first < last; first += 64)
            for (std::uint64_t bits = words_[first / 64]; bits != 0; bits &= bits - 1)
                f(first + static_cast<std::uint64_t>(std::countr_zero(bits)));
    }

    /// Returns whether element `i` is chosen.
    [[nodiscard]] bool has(std::uint64_t i) const noexcept { return (words_[i / 64] >> (i % 64) & 1) != 0; }

  private:
    block_cut cut_;
    std::unique_ptr<std::uint64_t[]> words_;
    std::unique_ptr<std::uint64_t[]> ranks_;
};

/// Returns the cut for a selection: blocks of whole words.
[[nodiscard]] inline block_cut selection_cut(std::uint64_t n, std::uint64_t bytes_of_element, std::uint64_t grain,
                                             std::size_t workers) noexcept {
    std::uint64_t const whole = ((grain < n ? grain : n) + 63) / 64 * 64;
    return block_cut::of(n, bytes_of_element, fine_grain(n, whole, bytes_of_element), workers);
}

} // namespace hocket::detail
