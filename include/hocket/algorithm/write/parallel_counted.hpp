// SPDX-License-Identifier: MIT
// parallel_copy_n, parallel_fill_n, parallel_generate_n, parallel_move: further ways to write a range. Public.
#pragma once

#include <hocket/algorithm/forms/counted_form.hpp>
#include <hocket/algorithm/forms/positions.hpp>
#include <hocket/algorithm/write/parallel_fill.hpp>
#include <hocket/base/options.hpp>
#include <hocket/pool/thread_pool.hpp>
#include <hocket/range/call_form.hpp>
#include <hocket/range/explain.hpp>
#include <hocket/range/moving_iterator.hpp>
#include <hocket/range/range_traits.hpp>

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <type_traits>
#include <utility>

namespace hocket::inline HOCKET_ABI {
namespace detail {

struct parallel_copy_n_fn : counted_form<parallel_copy_n_fn, parallel_copy_fn> {
    template<class Source>
    static constexpr auto usage() {
        static_assert(never<Source>, "parallel_copy_n takes an iterator (or an integer), the number of elements and a "
                                     "destination; a pool may come first, and options last");
    }
    template<class First, class Iterator, class Out>
    static constexpr auto end(Iterator const&, std::uint64_t n, Out& out) {
        return detail::advanced(detail::output_begin(out), n);
    }
};

struct parallel_fill_n_fn : counted_form<parallel_fill_n_fn, parallel_fill_fn> {
    template<class Source>
    static constexpr auto usage() {
        static_assert(never<Source>, "parallel_fill_n takes an iterator, the number of elements and a value; a pool "
                                     "may come first, and options last");
    }
};

struct parallel_generate_n_fn : counted_form<parallel_generate_n_fn, parallel_generate_fn> {
    template<class Source>
    static constexpr auto usage() {
        static_assert(never<Source>, "parallel_generate_n takes an iterator, the number of elements and a function; a "
                                     "pool may come first, and options last");
    }
};

struct parallel_move_fn : call_form<parallel_move_fn> {
    static constexpr std::size_t least = 1, most = 1;
    static constexpr bool steps = false;

    template<class Source>
    static constexpr auto usage() {
        static_assert(never<Source>, "parallel_move takes a range (or two iterators) and a destination for its "
                                     "elements; a pool may come first, and options last");
    }

    template<class Range, class Out>
    static auto run(thread_pool& pool, loop_options const& options, Range&& range, Out&& out) {
        using source = std::remove_reference_t<Range>;
        if constexpr (explain_random<source>()) {
            using iterator = range_iterator<source>;
            if constexpr (explain_assigned<Out, std::iter_rvalue_reference_t<iterator>>()) {
                std::uint64_t const n = detail::range_length(range);
                detail::check_room(out, n);
                iterator const first = std::ranges::begin(range);
                auto const to = detail::output_begin(out);
                using target = std::remove_const_t<decltype(to)>;
                using from =
                    std::conditional_t<copy_kernel<iterator, target>::as_bytes, iterator, moving_iterator<iterator>>;
                from const begin(first);
                detail::guarded_loop(pool, n, options, copy_kernel<from, target>{begin, to});
                return detail::advanced(to, n);
            }
        }
    }
};

} // namespace detail

/// Assigns `count` elements, from an iterator or an integer on, to those of `out`, and returns the end of the output:
/// `parallel_copy_n(first, count, out)`. A count below zero is zero; so for all that follow. **Threads**, **Blocks**,
/// **Throws**, **Order**, **Cost** as `parallel_copy`.
inline constexpr detail::parallel_copy_n_fn parallel_copy_n{};

/// Assigns a value to `count` elements from `first` on, and returns the iterator behind them:
/// `parallel_fill_n(first, count, value)`. **Threads**, **Blocks**, **Throws**, **Order**, **Cost** as `parallel_fill`.
inline constexpr detail::parallel_fill_n_fn parallel_fill_n{};

/// Assigns `f()`, or `f(i)`, to `count` elements from `first` on, and returns the iterator behind them:
/// `parallel_generate_n(first, count, f)`.
/// **Threads**, **Blocks**, **Throws**, **Order**, **Cost** as `parallel_generate`.
inline constexpr detail::parallel_generate_n_fn parallel_generate_n{};

/// Moves each element of a range to the element of `out` at the same position, and returns the end of the output:
/// `parallel_move(range, out)`; the range may be two iterators. `out` is as that of `parallel_copy`. **Threads**,
/// **Blocks**, **Order**, **Cost** as `parallel_copy`. **Throws** as `parallel_for`; elements that were moved stay
/// moved.
inline constexpr detail::parallel_move_fn parallel_move{};

} // namespace hocket
