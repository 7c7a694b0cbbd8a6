// SPDX-License-Identifier: MIT
// parallel_for: a body for each integer of a range of integers, or for each element of a sized random-access range.
// Public.
#pragma once

#include <hocket/algorithm/forms/guarded_loop.hpp>
#include <hocket/base/call.hpp>
#include <hocket/base/options.hpp>
#include <hocket/base/say_why.hpp>
#include <hocket/pool/thread_pool.hpp>
#include <hocket/range/call_form.hpp>
#include <hocket/range/range_traits.hpp>

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <type_traits>

namespace hocket::inline HOCKET_ABI {
namespace detail {

template<class Index, class Body>
struct index_kernel {
    static constexpr bool resumes = true;
    Index start;
    Body const& body;

    void operator()(std::uint64_t first, std::uint64_t last, std::uint64_t& at) const {
        hot_callable<Body> run = body;
        std::uint64_t const base = static_cast<std::uint64_t>(start);
        Index const end = static_cast<Index>(base + last);
        Index i = static_cast<Index>(base + first);
        offset const position{i, base};
        report_position const report(at, position);
        for (; i != end; ++i) detail::call(run, static_cast<Index>(i)); // a copy of i: the body cannot change the count
    }

  private:
    struct offset {
        Index const& i;
        std::uint64_t base;
        explicit operator std::uint64_t() const noexcept { return static_cast<std::uint64_t>(i) - base; }
    };
};

template<class Iterator, class Body>
struct element_kernel {
    static constexpr bool resumes = true;
    Iterator const& begin;
    Body const& body;

    void operator()(std::uint64_t first, std::uint64_t last, std::uint64_t& at) const {
        hot_callable<Body> run = body;
        Iterator element = advanced(begin, first);
        std::uint64_t i = first;
        report_position const report(at, i);
        for (; i != last; void(++i), ++element) detail::call(run, *element);
    }
};

/// A shape that `parallel_for` can loop over and that is no range: the headers of such shapes specialise both.
template<class Shape>
inline constexpr bool is_shape = false;
template<class Shape>
struct loop_over_shape;

struct parallel_for_fn : call_form<parallel_for_fn> {
    static constexpr std::size_t least = 1, most = 1;
    static constexpr bool counts = true;
    template<class Source>
    static constexpr bool takes = is_shape<std::remove_const_t<Source>> || any_range<Source>;

    template<class Source>
    static constexpr auto usage() {
        static_assert(never<Source>, "parallel_for takes a range (or two iterators, or two integers and perhaps a "
                                     "step) and a body; a pool may come first, and options last");
    }

    template<class Range, class Body>
    static auto run(thread_pool& pool, loop_options const& options, Range&& range, Body const& body) {
        using source = std::remove_reference_t<Range>;
        if constexpr (is_shape<std::remove_const_t<source>>) {
            loop_over_shape<std::remove_const_t<source>>::run(pool, range, body, options);
        } else if constexpr (!parallel_range<source>) {
            static_assert(never<Range>, "parallel_for needs a range with random access, and its size (a std::list has "
                                        "neither): use parallel_for_each, or copy the elements to a vector");
        } else if constexpr (packed_bits<range_iterator<source>>) {
            static_assert(never<Range>,
                          "parallel_for over a std::vector<bool>: neighbouring elements share a word and cannot be "
                          "written at the same time; pass it as const to read, or use std::vector<char>");
        } else if constexpr (!shared_callable<Body, range_reference<source>>) {
            static_assert(says_why_not_element<Body, range_reference<source>>(),
                          "the body of parallel_for takes one element of the range");
        } else {
            auto const begin = std::ranges::begin(range);
            detail::guarded_loop(pool, range_length(range), options,
                                 element_kernel<range_iterator<source>, Body>{begin, body});
        }
    }

    template<class First, class Last, class Body>
    HOCKET_ALWAYS_INLINE static auto count(thread_pool& pool, loop_options const& options, First first, Last last,
                                           Body const& body) {
        using index = common_index<First, Last>;
        if constexpr (!shared_callable<Body, index>) {
            static_assert(says_why<Body, index>(), "the body of parallel_for takes one integer");
        } else {
            std::uint64_t const n = detail::index_length(first, last);
            index const start = detail::first_index<index>(first, n);
            detail::guarded_loop(pool, n, options, index_kernel<index, Body>{start, body});
        }
    }
};

} // namespace detail

/// Runs a body for each integer between two, or for each element of a range: `parallel_for(0, n, body)`,
/// `parallel_for(range, body)`, `parallel_for(first, last, body)`.
///
/// Integers go from the first up to, but not including, the last; there are none if the last does not lie behind the
/// first. The body gets them in the common type of both. A loop that would begin below zero and count in an unsigned
/// type throws `std::invalid_argument`. A third integer is a step, which may be negative:
/// `parallel_for(0, n, 2, body)`. `extents` are loops over several dimensions.
///
/// A range has random access and a size. The body gets what its iterator returns: a reference into containers, a value
/// from ranges that compute their elements. The body may be a pointer to a member. An index is a position counted from
/// the start of the range. The body is called through a const reference, from several threads at once.
///
/// **Threads** any; the caller takes part. **Blocks** until all work has finished, and helps only with this loop.
/// **Throws** the exception of a body: the first exception skips the chunks that have not begun, and of several the one
/// with the lowest index wins. `parallel_error` under `error_policy::collect`; `operation_cancelled` if the stop token
/// was requested; `std::invalid_argument` for options that do not exist, before anything runs. **Order** none between
/// the bodies; all of them happen before the return. **Cost** no allocation; short loops stay on the caller.
inline constexpr detail::parallel_for_fn parallel_for{};

} // namespace hocket
