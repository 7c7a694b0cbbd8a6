// SPDX-License-Identifier: MIT
// parallel_merge: two sorted ranges merged into a third.
// Floor: algorithm. Public.
#pragma once

#include <hocket/algorithm/merge_path.hpp>
#include <hocket/algorithm/sort_order.hpp>
#include <hocket/algorithm/sort_run.hpp>
#include <hocket/base/bounds.hpp>
#include <hocket/base/call.hpp>
#include <hocket/base/options.hpp>
#include <hocket/base/projection.hpp>
#include <hocket/base/range_traits.hpp>
#include <hocket/pool/thread_pool.hpp>
#include <hocket/sched/loop.hpp>

#include <bit>
#include <cstdint>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <type_traits>

namespace hocket {
namespace detail {

/// `less(b, a)` of an element of the second range and one of the first.
template<class Compare, class ProjA, class ProjB>
struct merge_less {
    Compare const& compare;
    ProjA const& proj_a;
    ProjB const& proj_b;

    template<class B, class A>
    bool operator()(B&& b, A&& a) const {
        return static_cast<bool>(detail::call(compare, detail::call(proj_b, b), detail::call(proj_a, a)));
    }
};

template<class A, class B, class Compare, class ProjA, class ProjB>
constexpr void check_merge_order() {
    static_assert(
        shared_callable<ProjA, range_reference<A>> && shared_callable<ProjB, range_reference<B>>,
        "a projection of parallel_merge takes one element of its range, and is const: several threads call it at "
        "once (a lambda must not be mutable)");
    using a = call_result<ProjA, range_reference<A>>;
    using b = call_result<ProjB, range_reference<B>>;
    static_assert(
        shared_callable<Compare, b, a>,
        "the comparator of parallel_merge takes an element of the second range and one of the first (or what the "
        "projections make of them), and is const: several threads call it at once (a lambda must not be "
        "mutable)");
    static_assert(std::is_convertible_v<call_result<Compare, b, a>, bool>,
                  "the comparator of parallel_merge returns something that is no bool");
}

template<class A, class B, class Out, class Less>
void merge_piece_of(A a, A a_end, B b, B b_end, Out out, Less const& b_less_a) {
    while (a != a_end && b != b_end) {
        if (b_less_a(*b, *a)) {
            *out = *b;
            ++b;
        } else {
            *out = *a;
            ++a;
        }
        ++out;
    }
    for (; a != a_end; void(++a), ++out) *out = *a;
    for (; b != b_end; void(++b), ++out) *out = *b;
}

/// The number of elements of a piece. A look at the clock tells whether a few are worth cutting: by the time of some comparisons.
template<class A, class B, class Less>
std::uint64_t merge_grain(A const& a, std::uint64_t a_size, B const& b, std::uint64_t b_size, Less const& b_less_a) {
    constexpr std::uint64_t usual = 512, asked = 4;
    std::uint64_t const n = a_size + b_size;
    if (n / 64 >= usual) return n / 64 < merge_piece ? n / 64 : merge_piece;
    if (a_size <= asked || b_size <= asked || n < 64) return usual;
    double const each =
        detail::ticks_of_a_call(asked, [&](std::uint64_t i) { return b_less_a(*advanced(b, i), *advanced(a, i)); });
    if (each * static_cast<double>(n) < static_cast<double>(2 * loop_times::get().share_cold)) return usual;
    std::uint64_t const least = 4 * static_cast<std::uint64_t>(std::bit_width(n)); // two searches are a half of that
    return n / 64 < least ? least : n / 64;
}

template<class Iterator, class T>
concept plain_storage = std::contiguous_iterator<Iterator> && std::is_same_v<std::iter_value_t<Iterator>, T> &&
    is_plain<T> &&(sizeof(T) <= 32);

template<class A, class B, class Out, class Less>
Out merge_ranges(thread_pool& pool, A const& a, std::uint64_t a_size, B const& b, std::uint64_t b_size, Out const& out,
                 Less const& b_less_a, loop_options const& options) {
    static_assert(
        !packed_bits<Out>,
        "parallel_merge into a std::vector<bool>: neighbouring elements share a word and cannot be written at "
        "the same time; use std::vector<char>");
    check_options(options);
    loop_errors errors(options);
    sort_run const run(pool, options, errors);
    std::uint64_t const n = a_size + b_size;
    if (!errors.stopped()) run.expect(n);
    std::uint64_t piece = options.grain;
    if (piece == 0 && n != 0)
        static_cast<void>(
            run.once([&](std::uint64_t) { piece = detail::merge_grain(a, a_size, b, b_size, b_less_a); }));
    if (piece != 0 && n / piece > std::uint64_t{1} << 24) piece = n >> 24;
    if (piece != 0 && n != 0 && !errors.stopped())
        static_cast<void>(run.each((n - 1) / piece + 1, 0, piece, [&](std::uint64_t k) {
            std::uint64_t const first = k * piece;
            std::uint64_t const last = n - first < piece ? n : first + piece;
            std::uint64_t const i = merge_split(a, a_size, b, b_size, first, b_less_a);
            std::uint64_t const end = merge_split(a, a_size, b, b_size, last, b_less_a);
            std::uint64_t const j = end < i ? i : end - i > last - first ? i + (last - first) : end; // not sorted
            using element = std::iter_value_t<Out>;
            if constexpr (plain_storage<A, element> && plain_storage<B, element> && plain_storage<Out, element>)
                merge_plain(static_cast<element const*>(std::to_address(a)) + i, j - i,
                            static_cast<element const*>(std::to_address(b)) + (first - i), (last - j) - (first - i),
                            std::to_address(out) + first, b_less_a);
            else
                merge_piece_of(advanced(a, i), advanced(a, j), advanced(b, first - i), advanced(b, last - j),
                               advanced(out, first), b_less_a);
            run.finished(last - first);
        }));
    errors.finish(n);
    return advanced(out, n);
}

} // namespace detail

/// Merges `a` and `b`, each sorted by `compare` over its projection, into `out`: all elements, sorted, of equal ones those
/// of `a` first, and else in the order in which they were. `out` is a random access iterator, or a sized range that is at
/// least as long as both: a shorter one throws `std::invalid_argument`, and nothing has run. It must not overlap the
/// inputs. Returns the iterator behind the last element written.
/// **Threads** any; the caller takes part. **Blocks** until all is done, and helps only with this merge.
/// If an input is not sorted, it is unspecified which elements `out` gets.
/// **Throws** as `parallel_for`, an index being one of the output. What is in `out` is then unspecified. A failure ends its piece,
/// also where failures are collected.
/// **Order** none between the calls of `compare` and the projections; all of them happen before the return.
/// **Cost** a comparison for each element, and some for each piece of 512 to 8192 elements (fewer, if the elements are few and
/// their comparisons take long), or of `.grain`; a byte of memory for each piece.
template<parallel_range A, parallel_range B, detail::write_target Out, class Compare = loop_options,
         class ProjA = loop_options, class ProjB = loop_options>
auto parallel_merge(thread_pool& pool, A&& a, B&& b, Out&& out, Compare const& compare = detail::left_out<Compare>,
                    ProjA const& proj_a = detail::left_out<ProjA>, ProjB const& proj_b = detail::left_out<ProjB>,
                    loop_options const& options = {}) {
    std::uint64_t const a_size = detail::range_length(a);
    std::uint64_t const b_size = detail::range_length(b);
    auto const& order = detail::callable_or<std::ranges::less>(compare);
    auto const& by_a = detail::callable_or<detail::as_it_is>(proj_a);
    auto const& by_b = detail::callable_or<detail::as_it_is>(proj_b);
    using less_type = detail::merge_less<std::remove_cvref_t<decltype(order)>, std::remove_cvref_t<decltype(by_a)>,
                                         std::remove_cvref_t<decltype(by_b)>>;
    detail::check_merge_order<A, B, std::remove_cvref_t<decltype(order)>, std::remove_cvref_t<decltype(by_a)>,
                              std::remove_cvref_t<decltype(by_b)>>();
    less_type const less{order, by_a, by_b};
    auto const to = [&](auto const& first) {
        return detail::merge_ranges(pool, std::ranges::begin(a), a_size, std::ranges::begin(b), b_size, first, less,
                                    detail::given_options(compare, proj_a, proj_b, options));
    };
    if constexpr (parallel_range<Out>) {
        if (detail::range_length(out) < a_size || detail::range_length(out) - a_size < b_size)
            throw std::invalid_argument("hocket: parallel_merge into a range that is shorter than its inputs together");
        return to(std::ranges::begin(out));
    } else {
        return to(out);
    }
}

/// The same for the elements from `first_a` up to `last_a`, and from `first_b` up to `last_b`.
template<class FirstA, detail::end_of_iterator<FirstA> LastA, class FirstB, detail::end_of_iterator<FirstB> LastB,
         detail::write_target Out, class Compare = loop_options, class ProjA = loop_options, class ProjB = loop_options>
auto parallel_merge(thread_pool& pool, FirstA first_a, LastA last_a, FirstB first_b, LastB last_b, Out&& out,
                    Compare const& compare = detail::left_out<Compare>, ProjA const& proj_a = detail::left_out<ProjA>,
                    ProjB const& proj_b = detail::left_out<ProjB>, loop_options const& options = {}) {
    return hocket::parallel_merge(pool, detail::between(first_a, last_a), detail::between(first_b, last_b), out,
                                  compare, proj_a, proj_b, options);
}

/// Both on the pool whose worker is calling, else on the default pool.
template<parallel_range A, parallel_range B, detail::write_target Out, class Compare = loop_options,
         class ProjA = loop_options, class ProjB = loop_options>
auto parallel_merge(A&& a, B&& b, Out&& out, Compare const& compare = detail::left_out<Compare>,
                    ProjA const& proj_a = detail::left_out<ProjA>, ProjB const& proj_b = detail::left_out<ProjB>,
                    loop_options const& options = {}) {
    return hocket::parallel_merge(detail::current_pool(), a, b, out, compare, proj_a, proj_b, options);
}
template<class FirstA, detail::end_of_iterator<FirstA> LastA, class FirstB, detail::end_of_iterator<FirstB> LastB,
         detail::write_target Out, class Compare = loop_options, class ProjA = loop_options, class ProjB = loop_options>
auto parallel_merge(FirstA first_a, LastA last_a, FirstB first_b, LastB last_b, Out&& out,
                    Compare const& compare = detail::left_out<Compare>, ProjA const& proj_a = detail::left_out<ProjA>,
                    ProjB const& proj_b = detail::left_out<ProjB>, loop_options const& options = {}) {
    return hocket::parallel_merge(detail::current_pool(), detail::between(first_a, last_a),
                                  detail::between(first_b, last_b), out, compare, proj_a, proj_b, options);
}

} // namespace hocket
