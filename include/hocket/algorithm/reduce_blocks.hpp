// SPDX-License-Identifier: MIT
// How a reduction is cut and how a block of it is folded. The cuts depend on the size and the grain alone, so the same
// input gives the same bits whatever the machine and the timing.
// Floor: algorithm. parallel_reduce uses it.
#pragma once

#include <hocket/algorithm/guarded_loop.hpp>
#include <hocket/base/call.hpp>
#include <hocket/base/range_traits.hpp>

#include <bit>
#include <cstdint>
#include <optional>
#include <type_traits>
#include <utility>

namespace hocket::detail {

/// The number of elements of each block but the last. By itself about a quarter of the root of `n`: with few elements
/// each is a block, as they may be costly; with many, the blocks outnumber any machine's cores and still are long
/// against what a block costs. There are never more than 2^20 blocks, so that the partial results stay small.
[[nodiscard]] constexpr std::uint64_t reduce_block(std::uint64_t n, std::uint64_t grain) noexcept {
    std::uint64_t const least = (n >> 20) + 1;
    std::uint64_t const half_log = (static_cast<std::uint64_t>(std::bit_width(n | 1)) - 1) / 2;
    std::uint64_t const wanted = grain != 0 ? grain : std::uint64_t{1} << (half_log > 2 ? half_log - 2 : 0);
    return wanted > least ? wanted : least;
}

[[nodiscard]] constexpr std::uint64_t block_count(std::uint64_t n, std::uint64_t block) noexcept {
    return n / block + (n % block != 0);
}

/// `sum = op(sum, x)`, without a copy of `x` where `op` does not ask for one.
template<class T, class Op, class X>
constexpr void fold_in(Op const& op, T& sum, X&& x) {
    constexpr bool as_it_is = std::is_same_v<std::remove_cvref_t<X>, T> &&
                              (!std::is_lvalue_reference_v<X> || shared_callable<Op, T, T const&>);
    // The cast makes a value of what `op` returns before `sum` is assigned: it may have returned `sum` itself.
    if constexpr (as_it_is && std::is_lvalue_reference_v<X>)
        sum = static_cast<T>(op(std::move(sum), std::as_const(x)));
    else if constexpr (as_it_is)
        sum = static_cast<T>(op(std::move(sum), std::forward<X>(x)));
    else
        sum = static_cast<T>(op(std::move(sum), static_cast<T>(std::forward<X>(x))));
}

/// Folds each block of a chunk from left to right into its slot of `partials`.
template<class Iterator, class T, class Op, class F>
struct fold_leaf {
    static constexpr bool resumes = true;
    Iterator const& begin;
    Op const& op;
    F const& f;
    std::uint64_t block;
    std::optional<T>* partials;
    bool in_order; ///< go through the elements one after the other, as the collection of failures needs it

    void operator()(std::uint64_t first, std::uint64_t last, std::uint64_t& at) const {
        hot_callable<Op> combine = op;
        hot_callable<F> value = f;
        std::uint64_t i = first;
        report_position const report(at, i);
        // A chunk begins with a block. This one does not: it goes on behind an element that failed. Its block has no
        // result any more, but everything is to run.
        for (; i != last && i % block != 0; ++i) static_cast<void>(call(value, *advanced(begin, i)));
        while (i != last) {
            std::optional<T>& partial = partials[i / block];
            std::uint64_t const end = last - i <= block ? last : i + block;
            if constexpr (std::is_floating_point_v<T>) {
                if (end - i >= 16) {
                    partial.emplace(in_order ? fold_parts(combine, value, i, end) : fold_lanes(combine, value, i, end));
                    continue;
                }
            }
            partial.emplace(fold(combine, value, i, end));
        }
    }

  private:
    static T fold_from(Op const& combine, F const& value, T sum, Iterator element, std::uint64_t& i,
                       std::uint64_t end) {
        for (; i != end; ++i, ++element) fold_in(combine, sum, call(value, *element));
        return sum;
    }

    T fold(Op const& combine, F const& value, std::uint64_t& i, std::uint64_t end) const {
        Iterator element = advanced(begin, i);
        T sum = static_cast<T>(call(value, *element));
        ++i;
        return fold_from(combine, value, std::move(sum), ++element, i, end);
    }

    /// Floating-point numbers: the compiler may not reorder their additions, and each waits four cycles for the one
    /// before it. So the block is cut into four parts that are folded side by side. That needs no more than
    /// associativity, since each part is whole and they keep their order.
    T fold_lanes(Op const& combine, F const& value, std::uint64_t& i, std::uint64_t end) const {
        std::uint64_t const start = i;
        std::uint64_t const length = (end - start) / 4;
        Iterator a = advanced(begin, start);
        Iterator b = advanced(a, length);
        Iterator c = advanced(b, length);
        Iterator d = advanced(c, length);
        auto const get = [&](Iterator const& element, std::uint64_t position) {
            i = position; // read only if the call throws
            return static_cast<T>(call(value, *element));
        };
        T sum_a = get(a, start);
        T sum_b = get(b, start + length);
        T sum_c = get(c, start + 2 * length);
        T sum_d = get(d, start + 3 * length);
        for (std::uint64_t k = 1; k != length; ++k) {
            fold_in(combine, sum_a, get(++a, start + k));
            fold_in(combine, sum_b, get(++b, start + length + k));
            fold_in(combine, sum_c, get(++c, start + 2 * length + k));
            fold_in(combine, sum_d, get(++d, start + 3 * length + k));
        }
        fold_in(combine, sum_a, std::move(sum_b));
        fold_in(combine, sum_c, std::move(sum_d));
        fold_in(combine, sum_a, std::move(sum_c));
        i = start + 4 * length;
        return fold_from(combine, value, sum_a, ++d, i, end);
    }

    /// The same grouping, and so the same bits, one part after the other.
    T fold_parts(Op const& combine, F const& value, std::uint64_t& i, std::uint64_t end) const {
        std::uint64_t const length = (end - i) / 4;
        T sum_a = fold(combine, value, i, i + length);
        T sum_b = fold(combine, value, i, i + length);
        T sum_c = fold(combine, value, i, i + length);
        T sum_d = fold(combine, value, i, i + length);
        --i; // where a failure of the next three counts: at the last element that they cover
        fold_in(combine, sum_a, std::move(sum_b));
        fold_in(combine, sum_c, std::move(sum_d));
        fold_in(combine, sum_a, std::move(sum_c));
        ++i;
        return fold_from(combine, value, sum_a, advanced(begin, i), i, end);
    }
};

/// Presents a loop over blocks as chunks of elements.
template<class Leaf>
class block_chunk {
  public:
    block_chunk(guarded_chunk<Leaf> const& chunk, std::uint64_t n, std::uint64_t block) noexcept
        : chunk_(chunk), n_(n), block_(block), blocks_(block_count(n, block)) {}

    bool operator()(std::uint64_t first, std::uint64_t last) const noexcept {
        return chunk_(first * block_, last == blocks_ ? n_ : last * block_);
    }

  private:
    guarded_chunk<Leaf> const& chunk_;
    std::uint64_t n_;
    std::uint64_t block_;
    std::uint64_t blocks_;
};

/// One level of the tree over the partial results: each is joined with the one `stride` places behind it.
template<class T, class Op>
struct combine_leaf {
    static constexpr bool resumes = true;
    Op const& op;
    std::optional<T>* partials;
    std::uint64_t stride;

    std::uint64_t block;

    std::uint64_t element(std::uint64_t at) const noexcept { return (2 * at + 1) * stride * block; }

    void operator()(std::uint64_t first, std::uint64_t last, std::uint64_t& at) const {
        std::uint64_t i = first;
        report_position const report(at, i);
        for (; i != last; ++i) fold_in(op, *partials[2 * i * stride], std::move(*partials[(2 * i + 1) * stride]));
    }
};

} // namespace hocket::detail
