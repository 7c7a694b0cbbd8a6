// SPDX-License-Identifier: MIT
// parallel_fill, parallel_copy, parallel_generate, parallel_iota: writing a whole range.
// Floor: algorithm. Public.
#pragma once

#include <hocket/algorithm/guarded_loop.hpp>
#include <hocket/base/bounds.hpp>
#include <hocket/base/call.hpp>
#include <hocket/base/elements.hpp>
#include <hocket/base/options.hpp>
#include <hocket/base/range_traits.hpp>
#include <hocket/pool/thread_pool.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <type_traits>
#include <utility>

namespace hocket {
namespace detail {

/// Whether values come from nothing that a program has written, and take no time.
template<class Value>
inline constexpr bool instant_value = false;

/// Assigns `value(i)` to the element at each position i.
template<class Iterator, class Value>
struct write_leaf {
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

/// Copies bytes where elements are nothing more.
template<class From, class To>
struct copy_leaf {
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
void write_range(thread_pool& pool, Range& range, Value const& value, loop_options const& options) {
    using iterator = range_iterator<Range>;
    static_assert(!packed_bits<iterator>,
                  "a parallel algorithm that writes a std::vector<bool>: neighbouring elements share a word and cannot "
                  "be written at the same time; use std::vector<char>");
    static_assert(std::is_assignable_v<range_reference<Range>, decltype(value(std::uint64_t{}))>,
                  "the value cannot be assigned to the elements of the range");
    iterator const begin = std::ranges::begin(range);
    detail::guarded_loop(pool, range_length(range), options, write_leaf<iterator, Value>{begin, value});
}

template<class Range, class Out>
void copy_to_storage(thread_pool& pool, elements<std::remove_reference_t<Range>> const& in, Out const& out,
                     loop_options const& options) {
    using iterator = typename elements<std::remove_reference_t<Range>>::iterator;
    static_assert(!packed_bits<Out>,
                  "parallel_copy into a std::vector<bool>: neighbouring elements share a word and cannot be "
                  "written at the same time; use std::vector<char>");
    static_assert(std::is_assignable_v<std::iter_reference_t<Out>, range_reference<Range>>,
                  "parallel_copy cannot assign the elements of the range to those of `out`");
    iterator const begin = in.begin();
    detail::guarded_loop(pool, in.size(), options, copy_leaf<iterator, Out>{begin, out});
}

} // namespace detail

/// Assigns `value` to each element of `range`.
/// **Threads** any; the caller takes part. **Blocks** until all is done, and helps only with this loop. **Throws** as
/// `parallel_for`. **Order** none. **Cost** no allocation.
template<parallel_range Range, class T>
void parallel_fill(thread_pool& pool, Range&& range, T const& value, loop_options const& options = {}) {
    detail::write_range(pool, range, detail::same_value<T>{value}, options);
}

/// The same for the elements from `first` up to `last`.
template<class First, detail::end_of_iterator<First> Last, class T>
void parallel_fill(thread_pool& pool, First first, Last last, T const& value, loop_options const& options = {}) {
    return hocket::parallel_fill(pool, detail::between(first, last), value, options);
}

/// Both on the pool whose worker is calling, else on the default pool.
template<parallel_range Range, class T>
void parallel_fill(Range&& range, T const& value, loop_options const& options = {}) {
    hocket::parallel_fill(detail::current_pool(), range, value, options);
}
template<class First, detail::end_of_iterator<First> Last, class T>
void parallel_fill(First first, Last last, T const& value, loop_options const& options = {}) {
    return hocket::parallel_fill(detail::current_pool(), detail::between(first, last), value, options);
}

/// Assigns each element of `range` to the element of `out` at the same position. `out` is a random access iterator, or a sized
/// range that is at least as long: a shorter one throws `std::invalid_argument`, and nothing has run. They must not overlap.
/// Else as `parallel_fill`.
template<readable_range Range, detail::write_target Out>
void parallel_copy(thread_pool& pool, Range&& range, Out&& out, loop_options const& options = {}) {
    detail::elements const in(range);
    if constexpr (parallel_range<Out>) {
        if (detail::range_length(out) < in.size())
            throw std::invalid_argument("hocket: parallel_copy into a range that is shorter than its input");
        detail::copy_to_storage<Range>(pool, in, std::ranges::begin(out), options);
    } else {
        detail::copy_to_storage<Range>(pool, in, std::remove_cvref_t<Out>(out), options);
    }
}

/// The same for the elements, or the integers, from `first` up to `last`.
template<class First, detail::end_of_readable<First> Last, detail::write_target Out>
void parallel_copy(thread_pool& pool, First first, Last last, Out&& out, loop_options const& options = {}) {
    return hocket::parallel_copy(pool, detail::between(first, last), out, options);
}

/// Both on the pool whose worker is calling, else on the default pool.
template<readable_range Range, detail::write_target Out>
void parallel_copy(Range&& range, Out&& out, loop_options const& options = {}) {
    hocket::parallel_copy(detail::current_pool(), range, out, options);
}
template<class First, detail::end_of_readable<First> Last, detail::write_target Out>
void parallel_copy(First first, Last last, Out&& out, loop_options const& options = {}) {
    return hocket::parallel_copy(detail::current_pool(), detail::between(first, last), out, options);
}

/// Assigns `f()` to each element of `range`, in no order; or `f(i)`, if `f` takes a position, counted from 0 as std::uint64_t:
/// then the result does not depend on the timing. `f` is called through a const reference, from several threads at once. Else
/// as `parallel_fill`.
template<parallel_range Range, class F>
void parallel_generate(thread_pool& pool, Range&& range, F const& f, loop_options const& options = {}) {
    static_assert(detail::shared_callable<F> || detail::shared_callable<F, std::uint64_t>,
                  "the function of parallel_generate takes nothing, or a position, and is const: several threads call "
                  "it at once (a lambda must not be mutable)");
    detail::write_range(pool, range, detail::generated<F>{f}, options);
}

/// The same for the elements from `first` up to `last`.
template<class First, detail::end_of_iterator<First> Last, class F>
void parallel_generate(thread_pool& pool, First first, Last last, F const& f, loop_options const& options = {}) {
    return hocket::parallel_generate(pool, detail::between(first, last), f, options);
}

/// Both on the pool whose worker is calling, else on the default pool.
template<parallel_range Range, class F>
void parallel_generate(Range&& range, F const& f, loop_options const& options = {}) {
    hocket::parallel_generate(detail::current_pool(), range, f, options);
}
template<class First, detail::end_of_iterator<First> Last, class F>
void parallel_generate(First first, Last last, F const& f, loop_options const& options = {}) {
    return hocket::parallel_generate(detail::current_pool(), detail::between(first, last), f, options);
}

/// Assigns `value + i` to the element at each position i, which is `value`, `value + 1`, and so on: an integer (which wraps), a
/// floating-point number, a pointer, an iterator. Else as `parallel_fill`.
template<parallel_range Range, class T>
void parallel_iota(thread_pool& pool, Range&& range, T value, loop_options const& options = {}) {
    static_assert(std::is_arithmetic_v<T> || std::random_access_iterator<T>,
                  "parallel_iota counts numbers and random access iterators");
    detail::write_range(pool, range, detail::counted_from<T>{value}, options);
}

/// The same for the elements from `first` up to `last`.
template<class First, detail::end_of_iterator<First> Last, class T>
void parallel_iota(thread_pool& pool, First first, Last last, T value, loop_options const& options = {}) {
    return hocket::parallel_iota(pool, detail::between(first, last), value, options);
}

/// Both on the pool whose worker is calling, else on the default pool.
template<parallel_range Range, class T>
void parallel_iota(Range&& range, T value, loop_options const& options = {}) {
    hocket::parallel_iota(detail::current_pool(), range, value, options);
}
template<class First, detail::end_of_iterator<First> Last, class T>
void parallel_iota(First first, Last last, T value, loop_options const& options = {}) {
    return hocket::parallel_iota(detail::current_pool(), detail::between(first, last), value, options);
}

} // namespace hocket
