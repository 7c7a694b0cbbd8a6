// SPDX-License-Identifier: MIT
// parallel_for_chunks: a body that gets a whole part of the range at once, for what is set up once a part.
// Floor: algorithm. Public.
#pragma once

#include <hocket/algorithm/guarded_loop.hpp>
#include <hocket/base/bounds.hpp>
#include <hocket/base/call.hpp>
#include <hocket/base/index_range.hpp>
#include <hocket/base/iterator_range.hpp>
#include <hocket/base/options.hpp>
#include <hocket/base/range_traits.hpp>
#include <hocket/pool/thread_pool.hpp>

#include <cstdint>
#include <utility>

namespace hocket {
namespace detail {

template<class Iterator, class Body>
struct chunk_leaf {
    static constexpr bool resumes = false;
    Iterator const& begin;
    Body const& body;

    void operator()(std::uint64_t first, std::uint64_t last, std::uint64_t&) const {
        body(chunk_of(begin, first, last));
    }
};

template<class Iterator>
using chunk_type = decltype(detail::chunk_of(std::declval<Iterator const&>(), 0, 0));

} // namespace detail

/// Runs `body(chunk)` for disjoint parts that together are the whole of `range`, each with at least one element. A
/// chunk is a `std::span` where the elements are contiguous in memory, an `index_range` of an `index_range`, and else
/// an `iterator_range`. How many chunks there are, and where they begin, is not fixed.
/// **Threads**, **Blocks**, **Throws**, **Order**, **Cost** as `parallel_for`; a failure has the index of the first
/// element of its chunk, and ends that chunk also where failures are collected.
template<parallel_range Range, class Body>
void parallel_for_chunks(thread_pool& pool, Range&& range, Body const& body, loop_options const& options = {}) {
    using iterator = detail::range_iterator<Range>;
    static_assert(!detail::packed_bits<iterator>,
                  "parallel_for_chunks over a std::vector<bool>: neighbouring elements share a word and cannot be "
                  "written at the same time; pass it as const to read, or use std::vector<char>");
    static_assert(detail::shared_callable<Body, detail::chunk_type<iterator>>,
                  "the body of parallel_for_chunks takes one chunk (a std::span of a contiguous range), and is const: "
                  "several threads call it at once (a lambda must not be mutable)");
    iterator const begin = std::ranges::begin(range);
    detail::guarded_loop(pool, detail::range_length(range), options, detail::chunk_leaf<iterator, Body>{begin, body});
}

/// The same for the elements from `first` up to `last`, or for the integers, of which a chunk is an `index_range`.
template<class First, detail::end_of<First> Last, class Body>
void parallel_for_chunks(thread_pool& pool, First first, Last last, Body const& body,
                         loop_options const& options = {}) {
    hocket::parallel_for_chunks(pool, detail::between(first, last), body, options);
}

/// Both on the pool whose worker is calling, else on the default pool.
template<parallel_range Range, class Body>
void parallel_for_chunks(Range&& range, Body const& body, loop_options const& options = {}) {
    hocket::parallel_for_chunks(detail::current_pool(), range, body, options);
}
template<class First, detail::end_of<First> Last, class Body>
void parallel_for_chunks(First first, Last last, Body const& body, loop_options const& options = {}) {
    hocket::parallel_for_chunks(detail::current_pool(), detail::between(first, last), body, options);
}

} // namespace hocket
