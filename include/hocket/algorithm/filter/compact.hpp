// SPDX-License-Identifier: MIT
// Moves the chosen elements of a range to its front, in their order. They pass through buffers of a round: an element's
// new place may be in an earlier block, whose elements have to be moved away first. parallel_remove_if and
// parallel_unique use it.
#pragma once

#include <hocket/algorithm/filter/few_flags.hpp>
#include <hocket/algorithm/filter/selection.hpp>
#include <hocket/algorithm/forms/rounds.hpp>
#include <hocket/base/options.hpp>
#include <hocket/range/iterator_range.hpp>
#include <hocket/range/range_traits.hpp>

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

namespace hocket::inline HOCKET_ABI::detail {

/// The rounds of the moves. First pass: out of a block, into its buffer. Second: to their places.
template<class T, class Iterator>
class compact_work {
  public:
    compact_work(Iterator const& begin, selection const& chosen)
        : begin_(begin),
          chosen_(chosen),
          cut_(chosen.cut()),
          room_(static_cast<std::size_t>(cut_.kept_blocks() * cut_.block)),
          held_(std::make_unique<std::uint64_t[]>(static_cast<std::size_t>(cut_.kept_blocks()))),
          buffers_(std::allocator<T>().allocate(room_)) {}

    compact_work(compact_work const&) = delete;
    compact_work& operator=(compact_work const&) = delete;

    ~compact_work() {
        for (std::uint64_t s = 0; s != cut_.kept_blocks(); ++s) std::destroy_n(buffer(s), held_[s]);
        std::allocator<T>().deallocate(buffers_, room_);
    }

    void first_pass(std::uint64_t b, std::uint64_t& at) const {
        at = cut_.first(b);
        if (stays(b)) return;
        std::uint64_t const slot = cut_.slot(b);
        std::uint64_t& held = held_[slot];
        T* const into = buffer(slot);
        if constexpr (std::is_trivially_copyable_v<T> && sizeof(T) <= 64) {
            std::uint64_t kept = 0;
            Iterator element = advanced(begin_, cut_.first(b));
            for (std::uint64_t i = cut_.first(b), last = cut_.last(b); i != last; void(++i), ++element) {
                ::new (static_cast<void*>(into + kept))
                    T(std::ranges::iter_move(element)); // of those that stay behind, the bytes stay too
                kept += chosen_.has(i) ? 1U : 0U;
            }
            held = kept;
        } else {
            chosen_.for_each(b, [&](std::uint64_t i) {
                at = i;
                ::new (static_cast<void*>(into + held)) T(std::ranges::iter_move(advanced(begin_, i)));
                ++held;
            });
        }
    }

    void between(std::uint64_t, std::uint64_t) const noexcept {}

    void second_pass(std::uint64_t b, std::uint64_t& at) const {
        at = cut_.first(b);
        std::uint64_t const slot = cut_.slot(b);
        T* const from = buffer(slot);
        Iterator to = advanced(begin_, chosen_.rank(b));
        for (std::uint64_t k = 0, count = held_[slot]; k != count; void(++k), ++to) *to = std::move(from[k]);
        std::destroy_n(from, held_[slot]);
        held_[slot] = 0;
    }

  private:
    /// Returns whether all elements up to the end of the block were chosen.
    bool stays(std::uint64_t b) const noexcept { return chosen_.rank(b) + chosen_.count(b) == cut_.last(b); }
    T* buffer(std::uint64_t slot) const noexcept { return buffers_ + slot * cut_.block; }

    Iterator const& begin_;
    selection const& chosen_;
    block_cut const& cut_;
    std::size_t room_;
    std::unique_ptr<std::uint64_t[]> held_; // how many live in the buffer of each slot
    T* buffers_;
};

/// Moves few elements, on the calling thread. Returns the end of the kept elements.
template<class Iterator>
Iterator keep_few_in_place(Iterator const& begin, std::uint64_t n, few_flags const& chosen) {
    using value = std::iter_value_t<Iterator>;
    Iterator to = begin, from = begin;
    for (std::uint64_t i = 0; i != n; void(++i), ++from) {
        if constexpr (std::is_trivially_copyable_v<value> && sizeof(value) <= 64) {
            *to = value(std::ranges::iter_move(from)); // without a branch that the processor would have to guess
            to += chosen[i] ? 1 : 0;
        } else if (chosen[i]) {
            if (to != from) *to = std::ranges::iter_move(from);
            ++to;
        }
    }
    return to;
}

/// Keeps the elements for which `keep(iterator, index)` is true and returns the rest of the range.
template<class Iterator, class Keep>
iterator_range<Iterator> keep_in_place(thread_pool& pool, Iterator const& begin, std::uint64_t n, Keep const& keep,
                                       loop_options const& options) {
    using value = std::iter_value_t<Iterator>;
    check_options(options);
    if (n <= few_flags::most) {
        few_flags const chosen(pool, begin, n, keep, options);
        return {detail::keep_few_in_place(begin, n, chosen), advanced(begin, n)};
    }
    selection chosen(selection_cut(n, sizeof(value), options.grain, pool.size()));
    chosen.select(pool, begin, keep, options);
    if (chosen.total() != n) {
        loop_options const moves{.schedule = options.schedule};
        loop_errors errors(moves, stop_place{}); // half of the moves would lose elements
        compact_work<value, Iterator> work(begin, chosen);
        run_rounds(pool, chosen.cut(), work, moves, errors);
    }
    return {advanced(begin, chosen.total()), advanced(begin, n)};
}

} // namespace hocket::detail
