// SPDX-License-Identifier: MIT
// parallel_for: a body for each integer of a range of integers, or for each element of a sized random-access range.
// Floor: algorithm. Public.
#pragma once

#include <hocket/algorithm/guarded_loop.hpp>
#include <hocket/base/call.hpp>
#include <hocket/base/options.hpp>
#include <hocket/base/range_traits.hpp>
#include <hocket/pool/thread_pool.hpp>

#include <cstdint>
#include <iterator>

namespace hocket {
namespace detail {

template<class Index, class Body>
struct index_leaf {
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
        for (; i != end; ++i) run(static_cast<Index>(i)); // a copy of i: the body cannot change the count
    }

  private:
    struct offset {
        Index const& i;
        std::uint64_t base;
        explicit operator std::uint64_t() const noexcept { return static_cast<std::uint64_t>(i) - base; }
    };
};

template<class Iterator, class Body>
struct element_leaf {
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

template<class Iterator, class Body>
void run_elements(thread_pool& pool, Iterator const& begin, std::uint64_t n, Body const& body,
                  loop_options const& options) {
    static_assert(shared_callable<Body, std::iter_reference_t<Iterator>>,
                  "the body of parallel_for takes one element of the range, and is const: several threads call it at "
                  "once (a lambda must not be mutable)");
    static_assert(!packed_bits<Iterator>,
                  "parallel_for over a std::vector<bool>: neighbouring elements share a word and cannot be written at "
                  "the same time; pass it as const to read, or use std::vector<char>");
    detail::guarded_loop(pool, n, options, element_leaf<Iterator, Body>{begin, body});
}

} // namespace detail

/// Runs `body(i)` for each integer `i` from `first` up to and without `last`; for none if `last` does not lie behind
/// `first`. `i` has the common type of both. A loop that would begin below zero and count in an unsigned type throws
/// `std::invalid_argument`. The body is called through a const reference, from several threads at once.
/// **Threads** any; the caller takes part. **Blocks** until all is done, and helps only with this loop.
/// **Throws** what a body threw: the first exception skips the chunks that have not begun, and of several the one with
/// the lowest index wins; `parallel_error` under `error_policy::collect`; `operation_cancelled` if the stop token was
/// requested; `std::invalid_argument` for options that do not exist, before anything runs.
/// **Order** none between the bodies; all of them happen before the return.
/// **Cost** no allocation; short loops stay on the caller.
template<loop_index First, loop_index Last, class Body>
void parallel_for(thread_pool& pool, First first, Last last, Body const& body, loop_options const& options = {}) {
    using index = detail::common_index<First, Last>;
    static_assert(detail::shared_callable<Body, index>,
                  "the body of parallel_for takes one integer, and is const: several threads call it at once "
                  "(a lambda must not be mutable)");
    std::uint64_t const n = detail::index_length(first, last);
    index const start = detail::first_index<index>(first, n);
    detail::guarded_loop(pool, n, options, detail::index_leaf<index, Body>{start, body});
}

/// The same on the pool whose worker is calling, else on the default pool.
template<loop_index First, loop_index Last, class Body>
void parallel_for(First first, Last last, Body const& body, loop_options const& options = {}) {
    hocket::parallel_for(detail::current_pool(), first, last, body, options);
}

/// Runs `body(element)` for each element of `range`, a sized random-access range. The body gets what the iterator
/// gives: a reference into containers, a value from ranges that compute their elements. A pointer to a member will do
/// as body. Else as above; an index is a position counted from the start of the range.
template<parallel_range Range, class Body>
void parallel_for(thread_pool& pool, Range&& range, Body const& body, loop_options const& options = {}) {
    detail::run_elements(pool, std::ranges::begin(range), detail::range_length(range), body, options);
}

/// The same for the elements from `first` up to `last`.
template<class First, detail::end_of_iterator<First> Last, class Body>
void parallel_for(thread_pool& pool, First first, Last last, Body const& body, loop_options const& options = {}) {
    detail::run_elements(pool, first, detail::distance(first, last), body, options);
}

/// Both on the pool whose worker is calling, else on the default pool.
template<parallel_range Range, class Body>
void parallel_for(Range&& range, Body const& body, loop_options const& options = {}) {
    hocket::parallel_for(detail::current_pool(), range, body, options);
}
template<class First, detail::end_of_iterator<First> Last, class Body>
void parallel_for(First first, Last last, Body const& body, loop_options const& options = {}) {
    hocket::parallel_for(detail::current_pool(), first, last, body, options);
}

} // namespace hocket
