// SPDX-License-Identifier: MIT
// Cuts a reduction into blocks, and folds a block. The cuts depend on the size and the grain alone, so the same input
// gives the same bits whatever the machine and the timing. Reductions, scans, selections, partitions and histograms use
// it.
#pragma once

#include <hocket/algorithm/forms/guarded_loop.hpp>
#include <hocket/base/call.hpp>
#include <hocket/loop/stop_pace.hpp>
#include <hocket/range/range_traits.hpp>

#include <bit>
#include <cstdint>
#include <optional>
#include <type_traits>
#include <utility>

namespace hocket::inline HOCKET_ABI::detail {

/// The number of elements of each block but the last. By itself about a quarter of the root of `n`: with few elements
/// each is a block, as they may be costly; with many, the blocks outnumber any machine's cores and still are long
/// against what a block costs. There are never more than 2^13 blocks then, and never more than 2^20 by a small grain,
/// so that the partial results stay small. Results that are numbers are joined at no cost worth mentioning, and a short
/// range of them has a block for each element.
[[nodiscard]] constexpr std::uint64_t reduce_block(std::uint64_t n, std::uint64_t grain, bool numbers) noexcept {
    std::uint64_t const least = (n >> 20) + 1;
    if (grain != 0) return grain > least ? grain : least;
    if (numbers && n < 4096) return 1;
    std::uint64_t const half_log = (static_cast<std::uint64_t>(std::bit_width(n | 1)) - 1) / 2;
    std::uint64_t const wanted = std::uint64_t{1} << (half_log > 2 ? half_log - 2 : 0);
    return n >> 13 > wanted ? std::bit_ceil(n >> 13) : wanted;
}

[[nodiscard]] constexpr std::uint64_t block_count(std::uint64_t n, std::uint64_t block) noexcept {
    return n / block + (n % block != 0);
}

/// `sum = op(sum, x)`, without a copy of `x` where `op` does not ask for one.
template<class T, class Op, class X>
constexpr void fold_in(Op const& op, T& sum, X&& x) {
    constexpr bool as_given = std::is_same_v<std::remove_cvref_t<X>, T> &&
                              (!std::is_lvalue_reference_v<X> || shared_callable<Op, T, T const&>);
    // The cast makes a value of what `op` returns before `sum` is assigned: it may have returned `sum` itself.
    if constexpr (as_given && std::is_lvalue_reference_v<X>)
        sum = static_cast<T>(op(std::move(sum), std::as_const(x)));
    else if constexpr (as_given)
        sum = static_cast<T>(op(std::move(sum), std::forward<X>(x)));
    else
        sum = static_cast<T>(op(std::move(sum), static_cast<T>(std::forward<X>(x))));
}

/// Whether `Op` returns one of its operands, as minimum and maximum do. Then it has `take(sum, x)` as well, which is
/// quick if `sum` is mostly kept, as a processor predicts. The operator is quick if no prediction works.
template<class Op>
inline constexpr bool selects_one = requires {
    requires Op::selects_one;
};

/// Whether results are joined at no cost worth mentioning.
template<class T, class Op>
inline constexpr bool joins_at_once = std::is_arithmetic_v<T> || selects_one<Op>;

/// Folds each block of a chunk from left to right into its slot of `partials`.
template<class Iterator, class T, class Op, class F>
struct fold_kernel {
    static constexpr bool resumes = true;
    Iterator const& begin;
    Op const& op;
    F const& f;
    std::uint64_t block;
    std::optional<T>* partials;

    void operator()(std::uint64_t first, std::uint64_t last, std::uint64_t& at) const {
        with_pace(last - first > block || block == 1, [&](auto&& pace) { fold_all(first, last, at, pace); });
    }

    /// Whether sixteen blocks of one element are cheaper at once.
    static constexpr bool joins_neighbours = joins_at_once<T, Op>;
    static constexpr unsigned tile_size = 16;

    /// The elements of one block.
    template<class Pace>
    T one_block(std::uint64_t first, std::uint64_t last, Pace& pace) const {
        return fold_block(hot_callable<Op>(op), hot_callable<F>(f), first, last, pace);
    }
    /// Sixteen elements from `first` on, as that many blocks joined.
    T tile(std::uint64_t first) const {
        Iterator element = advanced(begin, first);
        return fold_tile(hot_callable<Op>(op), hot_callable<F>(f), element, first);
    }

  private:
    template<class Pace>
    void fold_all(std::uint64_t first, std::uint64_t last, std::uint64_t& at, Pace& pace) const {
        hot_callable<Op> combine = op;
        hot_callable<F> value = f;
        std::uint64_t i = first;
        report_position const report(at, i);
        // A chunk begins with a block. This one does not: it goes on behind an element that failed. Its block has no
        // result any more, but everything is to run.
        for (; i != last && i % block != 0; ++i) static_cast<void>(detail::call(value, *advanced(begin, i)));
        while (i != last) {
            std::optional<T>& partial = partials[i / block];
            partial.emplace(fold_block(combine, value, i, last - i <= block ? last : i + block, pace));
        }
    }

    template<class Pace>
    T fold_block(Op const& combine, F const& value, std::uint64_t& i, std::uint64_t end, Pace& pace) const {
        if constexpr (std::is_floating_point_v<T>) {
            if (end - i >= tile_size) return fold_tiles(combine, value, i, end, pace);
        }
        return fold(combine, value, i, end, pace);
    }

    template<class Pace>
    static T fold_from(Op const& combine, F const& value, T sum, Iterator element, std::uint64_t& i, std::uint64_t end,
                       Pace& pace) {
        while (i != end) {
            for (std::uint64_t const stop = pace.next(i, end); i != stop; void(++i), ++element) {
                if constexpr (selects_one<Op>)
                    combine.take(sum, detail::call(value, *element));
                else
                    detail::fold_in(combine, sum, detail::call(value, *element));
            }
        }
        return sum;
    }

    template<class Pace>
    T fold(Op const& combine, F const& value, std::uint64_t& i, std::uint64_t end, Pace& pace) const {
        Iterator element = advanced(begin, i);
        T sum = static_cast<T>(detail::call(value, *element));
        ++i;
        return fold_from(combine, value, std::move(sum), ++element, i, end, pace);
    }

    /// Floating-point numbers: the compiler may not reorder their additions, and each waits four cycles for the one
    /// before it. So sixteen elements at a time are folded as a tree of neighbours, which needs no more than
    /// associativity and keeps the processor's adders busy.
    template<class Pace>
    T fold_tiles(Op const& combine, F const& value, std::uint64_t& i, std::uint64_t end, Pace& pace) const {
        Iterator element = advanced(begin, i);
        if constexpr (std::is_same_v<Pace, no_pace>) {
            T sum = fold_tile(combine, value, element, i);
            while (end - i >= tile_size) add_tile(combine, value, sum, element, i);
            return fold_from(combine, value, sum, element, i, end, pace);
        }
        T sum = pace.is_slow() ? fold_tile_slowly(combine, value, element, i) : fold_tile(combine, value, element, i);
        for (std::uint64_t const tiles = end - (end - i) % tile_size; i != tiles;) {
            std::uint64_t const stop = pace.next_whole(i, tiles, tile_size);
            if (pace.is_slow()) {
                T const next = fold_tile_slowly(combine, value, element, i);
                --i;
                fold_in(combine, sum, next);
                ++i;
            }
            while (i != stop) add_tile(combine, value, sum, element, i);
        }
        return fold_from(combine, value, sum, element, i, end, pace);
    }

    /// A failure of `combine` counts at the last element of the tile, so that those that failed and those that ran are
    /// told apart.
    static T fold_tile(Op const& combine, F const& value, Iterator& element, std::uint64_t& i) {
        T values[tile_size];
        for (T& one : values) {
            one = static_cast<T>(detail::call(value, *element));
            ++element;
            ++i;
        }
        --i;
        T const sum = fold_neighbours<tile_size>(combine, values);
        ++i;
        return sum;
    }

    HOCKET_ALWAYS_INLINE static void add_tile(Op const& combine, F const& value, T& sum, Iterator& element,
                                              std::uint64_t& i) {
        keep_iterations_apart();
        T const next = fold_tile(combine, value, element, i);
        --i;
        fold_in(combine, sum, next);
        ++i;
    }

    /// With a look before each call, if the first one takes long.
    HOCKET_COLD static T fold_tile_slowly(Op const& combine, F const& value, Iterator& element, std::uint64_t& i) {
        T values[tile_size];
        ticks const start = now_ticks();
        ticks const long_call = 20 * ticks_per_microsecond();
        bool looks = false;
        for (T& one : values) {
            if (looks) look_at_stop();
            one = static_cast<T>(detail::call(value, *element));
            if (&one == values) looks = now_ticks() - start > long_call;
            ++element;
            ++i;
        }
        --i;
        for (unsigned count = tile_size / 2; count != 0; count /= 2) {
            for (unsigned k = 0; k != count; ++k) {
                if (looks) look_at_stop();
                values[k] = std::move(values[2 * k]);
                detail::fold_in(combine, values[k], std::as_const(values[2 * k + 1]));
                if (count == tile_size / 2 && k == 0) looks = now_ticks() - start > long_call;
            }
        }
        ++i;
        return values[0];
    }

    template<unsigned Count>
    HOCKET_ALWAYS_INLINE static T fold_neighbours(Op const& combine, T const* values) {
        if constexpr (Count == 1) {
            return *values;
        } else {
            T left = fold_neighbours<Count / 2>(combine, values);
            detail::fold_in(combine, left, fold_neighbours<Count / 2>(combine, values + Count / 2));
            return left;
        }
    }
};

/// Presents a loop over blocks as chunks of elements.
template<class Kernel>
class block_chunk {
  public:
    /// From block `skipped` on.
    block_chunk(guarded_chunk<Kernel> const& chunk, std::uint64_t n, std::uint64_t block,
                std::uint64_t skipped = 0) noexcept
        : chunk_(chunk), n_(n), block_(block), skipped_(skipped), blocks_(block_count(n, block)) {}

    bool operator()(std::uint64_t first, std::uint64_t last) const noexcept {
        std::uint64_t const end = last + skipped_;
        return chunk_((first + skipped_) * block_, end == blocks_ ? n_ : end * block_);
    }

  private:
    guarded_chunk<Kernel> const& chunk_;
    std::uint64_t n_;
    std::uint64_t block_;
    std::uint64_t skipped_;
    std::uint64_t blocks_;
};

/// One level of the tree over the partial results: each is joined with the one `stride` places behind it, unless that
/// was done before.
template<class T, class Op>
struct combine_kernel {
    static constexpr bool resumes = true;
    Op const& op;
    std::optional<T>* partials;
    std::uint64_t stride;
    std::uint64_t block;

    std::uint64_t element(std::uint64_t at) const noexcept { return (2 * at + 1) * stride * block; }

    void operator()(std::uint64_t first, std::uint64_t last, std::uint64_t& at) const {
        std::uint64_t i = first;
        report_position const report(at, i);
        for (; i != last; ++i) {
            std::optional<T>& right = partials[(2 * i + 1) * stride];
            if (right) detail::fold_in(op, *partials[2 * i * stride], std::move(*right));
        }
    }
};

} // namespace hocket::detail
