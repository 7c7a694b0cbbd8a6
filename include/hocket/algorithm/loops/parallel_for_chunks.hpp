// SPDX-License-Identifier: MIT
// parallel_for_chunks: a body for a whole part of the range at once, for work that is set up once per part. Public.
#pragma once

#include <hocket/algorithm/forms/guarded_loop.hpp>
#include <hocket/base/call.hpp>
#include <hocket/base/options.hpp>
#include <hocket/base/say_why.hpp>
#include <hocket/pool/thread_pool.hpp>
#include <hocket/range/call_form.hpp>
#include <hocket/range/explain.hpp>
#include <hocket/range/iterator_range.hpp>
#include <hocket/range/range_traits.hpp>

#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>

namespace hocket::inline HOCKET_ABI {
namespace detail {

template<class Iterator, class Body>
struct chunk_kernel {
    static constexpr bool resumes = false;
    Iterator const& begin;
    Body const& body;

    void operator()(std::uint64_t first, std::uint64_t last, std::uint64_t&) const {
        detail::call(body, chunk_of(begin, first, last));
    }
};

template<class Iterator>
using chunk_type = decltype(detail::chunk_of(std::declval<Iterator const&>(), 0, 0));

struct parallel_for_chunks_fn : call_form<parallel_for_chunks_fn> {
    static constexpr std::size_t least = 1, most = 1;

    template<class Source>
    static constexpr auto usage() {
        static_assert(never<Source>, "parallel_for_chunks takes a range (or two iterators, or two integers) and a "
                                     "body; a pool may come first, and options last");
    }

    template<class Range, class Body>
    static auto run(thread_pool& pool, loop_options const& options, Range&& range, Body const& body) {
        using source = std::remove_reference_t<Range>;
        if constexpr (explain_random<source>()) {
            using iterator = range_iterator<source>;
            constexpr bool packed = packed_bits<iterator>, fits = shared_callable<Body, chunk_type<iterator>>;
            static_assert(
                !packed,
                "parallel_for_chunks over a std::vector<bool>: neighbouring elements share a word and cannot be "
                "written at the same time; pass it as const to read, or use std::vector<char>");
            if constexpr (!packed && !fits)
                static_assert(says_why<Body, chunk_type<iterator>>(),
                              "the body of parallel_for_chunks takes one chunk (a std::span of a contiguous range)");
            else if constexpr (!packed) {
                iterator const begin = std::ranges::begin(range);
                detail::guarded_loop(pool, range_length(range), options, chunk_kernel<iterator, Body>{begin, body});
            }
        }
    }
};

} // namespace detail

/// Runs `body(chunk)` for disjoint parts that together are a whole range, each with at least one element:
/// `parallel_for_chunks(range, body)`; the range may be two iterators or two integers. A chunk is a `std::span` where
/// the elements are contiguous in memory, an `index_range` of integers, and else an `iterator_range`. How many chunks
/// there are, and where they begin, is not fixed. **Threads**, **Blocks**, **Throws**, **Order**, **Cost** as
/// `parallel_for`; a failure has the index of the first element of its chunk, and ends that chunk also where failures
/// are collected.
inline constexpr detail::parallel_for_chunks_fn parallel_for_chunks{};

} // namespace hocket
