// SPDX-License-Identifier: MIT
// parallel_fill, parallel_copy, parallel_generate, parallel_iota: writing a whole range.
// Public.
#pragma once

#include <hocket/algorithm/forms/guarded_loop.hpp>
#include <hocket/base/call.hpp>
#include <hocket/base/options.hpp>
#include <hocket/base/say_why.hpp>
#include <hocket/pool/thread_pool.hpp>
#include <hocket/range/call_form.hpp>
#include <hocket/range/elements.hpp>
#include <hocket/range/explain.hpp>
#include <hocket/range/range_traits.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <type_traits>
#include <utility>

namespace hocket::inline HOCKET_ABI {
namespace detail {

/// Whether values are computed from no memory of the program, and cost no time.
template<class Value>
inline constexpr bool instant_value = false;

/// Assigns `value(i)` to the element at each position i.
template<class Iterator, class Value>
struct write_kernel {
    static constexpr bool resumes = true;
    static constexpr std::uint64_t least_chunk =
        written_as_bytes<Iterator> && instant_value<Value> ? bytes_worth_a_chunk<std::iter_value_t<Iterator>> : 0;
    Iterator const& begin;
    Value const& value;

    void operator()(std::uint64_t first, std::uint64_t last, std::uint64_t& at) const {
        hot_callable<Value> next = value;
        Iterator element = advanced(begin, first);
        std::uint64_t i = first;
        report_position const report(at, i);
        for (; i != last; void(++i), ++element) *element = next(i);
    }
};

/// Copies elements as bytes where their types allow it.
template<class From, class To>
struct copy_kernel {
    static constexpr bool resumes = true;
    using source = std::iter_value_t<From>;
    static constexpr bool as_bytes =
        written_as_bytes<From> && written_as_bytes<To> && std::is_same_v<source, std::iter_value_t<To>>;
    static constexpr std::uint64_t least_chunk = as_bytes ? bytes_worth_a_chunk<source> : 0;
    From const& from;
    To const& to;

    void operator()(std::uint64_t first, std::uint64_t last, std::uint64_t& at) const {
        if constexpr (as_bytes) {
            std::memmove(static_cast<void*>(std::to_address(to) + first), std::to_address(from) + first,
                         static_cast<std::size_t>(last - first) * sizeof(source));
        } else {
            From element = advanced(from, first);
            To out = advanced(to, first);
            std::uint64_t i = first;
            report_position const report(at, i);
            for (; i != last; void(++i), void(++element), ++out) *out = *element;
        }
    }
};

template<class T>
struct same_value {
    std::conditional_t<cheap_to_copy<T>, T const, T const&> value;
    auto const& operator()(std::uint64_t) const noexcept { return value; }
};

template<class T>
inline constexpr bool instant_value<same_value<T>> = std::is_arithmetic_v<T> || std::is_pointer_v<T>;

template<class F>
struct generated {
    F const& f;
    decltype(auto) operator()(std::uint64_t i) const {
        if constexpr (shared_callable<F>)
            return f();
        else
            return f(i);
    }
};

template<class T>
struct counted_from {
    T start;
    T operator()(std::uint64_t i) const {
        if constexpr (std::is_integral_v<T>)
            return static_cast<T>(static_cast<std::uint64_t>(start) + i);
        else if constexpr (std::is_arithmetic_v<T>)
            return start + static_cast<T>(i);
        else
            return start + static_cast<std::iter_difference_t<T>>(i);
    }
};

template<class T>
inline constexpr bool instant_value<counted_from<T>> = std::is_arithmetic_v<T> || std::is_pointer_v<T>;

template<class Range, class Value>
auto write_range(thread_pool& pool, loop_options const& options, Range& range, Value const& value) {
    if constexpr (explain_random<Range>()) {
        using iterator = range_iterator<Range>;
        constexpr bool packed = packed_bits<iterator>;
        constexpr bool fits = std::is_assignable_v<range_reference<Range>, decltype(value(std::uint64_t{}))>;
        static_assert(
            !packed,
            "a parallel algorithm that writes a std::vector<bool>: neighbouring elements share a word and cannot "
            "be written at the same time; use std::vector<char>");
        constexpr bool open = explain_written<iterator>();
        static_assert(fits, "the value cannot be assigned to the elements of the range");
        if constexpr (open && !packed && fits) {
            iterator const begin = std::ranges::begin(range);
            detail::guarded_loop(pool, range_length(range), options, write_kernel<iterator, Value>{begin, value});
        }
    }
}

struct parallel_fill_fn : call_form<parallel_fill_fn> {
    static constexpr std::size_t least = 1, most = 1;

    template<class Source>
    static constexpr auto usage() {
        static_assert(
            never<Source>,
            "parallel_fill takes a range (or two iterators) and a value; a pool may come first, and options last");
    }

    template<class Range, class T>
    static auto run(thread_pool& pool, loop_options const& options, Range&& range, T const& value) {
        detail::write_range(pool, options, range, same_value<T>{value});
    }
};

struct parallel_generate_fn : call_form<parallel_generate_fn> {
    static constexpr std::size_t least = 1, most = 1;

    template<class Source>
    static constexpr auto usage() {
        static_assert(never<Source>, "parallel_generate takes a range (or two iterators) and a function; a pool may "
                                     "come first, and options last");
    }

    template<class Range, class F>
    static auto run(thread_pool& pool, loop_options const& options, Range&& range, F const& f) {
        constexpr bool fits = shared_callable<F> || shared_callable<F, std::uint64_t>;
        if constexpr (fits)
            detail::write_range(pool, options, range, generated<F>{f});
        else
            static_assert(says_why<F>() || says_why<F, std::uint64_t>(),
                          "the function of parallel_generate takes nothing, or a position");
    }
};

struct parallel_iota_fn : call_form<parallel_iota_fn> {
    static constexpr std::size_t least = 1, most = 1;

    template<class Source>
    static constexpr auto usage() {
        static_assert(never<Source>, "parallel_iota takes a range (or two iterators) and its first value; a pool may "
                                     "come first, and options last");
    }

    template<class Range, class T>
    static auto run(thread_pool& pool, loop_options const& options, Range&& range, T const& value) {
        using counted = std::decay_t<T const&>;
        constexpr bool counts_up = std::is_arithmetic_v<counted> || std::random_access_iterator<counted>;
        static_assert(counts_up, "parallel_iota counts numbers and random access iterators");
        if constexpr (counts_up) detail::write_range(pool, options, range, counted_from<counted>{value});
    }
};

struct parallel_copy_fn : call_form<parallel_copy_fn> {
    static constexpr std::size_t least = 1, most = 1;

    template<class Source>
    static constexpr auto usage() {
        static_assert(never<Source>, "parallel_copy takes a range (or two iterators, or two integers) and a "
                                     "destination for its elements; a pool may come first, and options last");
    }

    template<class Range, class Out>
    static auto run(thread_pool& pool, loop_options const& options, Range&& range, Out&& out) {
        if constexpr (!write_target<Out>) {
            static_assert(never<Out>, "parallel_copy writes to a random access iterator, or to a range with random "
                                      "access and a size: the argument after the input is neither");
        } else if constexpr (explain_readable<std::remove_reference_t<Range>>()) {
            elements const in(range);
            if constexpr (parallel_range<Out>) {
                if (range_length(out) < in.size())
                    throw std::invalid_argument("hocket: the output range of parallel_copy is shorter than its input");
                copy(pool, options, in, std::ranges::begin(out));
            } else {
                copy(pool, options, in, std::remove_cvref_t<Out>(out));
            }
        }
    }

  private:
    template<class Range, class Out>
    static auto copy(thread_pool& pool, loop_options const& options, elements<Range> const& in, Out const& out) {
        constexpr bool packed = packed_bits<Out>;
        constexpr bool fits = std::is_assignable_v<std::iter_reference_t<Out>, range_reference<Range>>;
        static_assert(!packed,
                      "parallel_copy into a std::vector<bool>: neighbouring elements share a word and cannot be "
                      "written at the same time; use std::vector<char>");
        constexpr bool open = explain_written<Out>();
        static_assert(fits, "parallel_copy cannot assign the elements of the range to those of `out`");
        if constexpr (open && !packed && fits) {
            auto const begin = in.begin();
            detail::guarded_loop(pool, in.size(), options,
                                 copy_kernel<typename elements<Range>::iterator, Out>{begin, out});
        }
    }
};

} // namespace detail

/// Assigns a value to each element of a range: `parallel_fill(range, value)`, `parallel_fill(first, last, value)`.
/// **Threads** any; the caller takes part. **Blocks** until all work has finished, and helps only with this loop.
/// **Throws** as `parallel_for`. **Order** none. **Cost** no allocation.
inline constexpr detail::parallel_fill_fn parallel_fill{};

/// Assigns `f()` to each element of a range, in no order; or `f(i)`, if `f` takes a position, counted from 0 as
/// std::uint64_t: then the result does not depend on the timing. `f` is called through a const reference, from several
/// threads at once. **Threads**, **Blocks**, **Throws**, **Order**, **Cost** as `parallel_fill`.
inline constexpr detail::parallel_generate_fn parallel_generate{};

/// Assigns `value + i` to the element at each position i, which is `value`, `value + 1`, and so on: an integer (which
/// wraps), a floating-point number, a pointer, an iterator. **Threads**, **Blocks**, **Throws**, **Order**, **Cost** as
/// `parallel_fill`.
inline constexpr detail::parallel_iota_fn parallel_iota{};

/// Assigns each element of a range to the element of `out` at the same position: `parallel_copy(range, out)`; the range
/// may be two iterators or two integers. `out` is a random access iterator, or a sized range that is at least as long:
/// a shorter one throws `std::invalid_argument`, and nothing has run. They must not overlap. **Threads**, **Blocks**,
/// **Throws**, **Order**, **Cost** as `parallel_fill`.
inline constexpr detail::parallel_copy_fn parallel_copy{};

} // namespace hocket
