// SPDX-License-Identifier: MIT
// parallel_partition: the elements that satisfy a predicate before those that do not.
// Public.
#pragma once

#include <hocket/algorithm/filter/few_flags.hpp>
#include <hocket/algorithm/filter/partition_block.hpp>
#include <hocket/algorithm/forms/tested_in_place.hpp>
#include <hocket/algorithm/reduce/reduce_blocks.hpp>
#include <hocket/base/call.hpp>
#include <hocket/base/options.hpp>
#include <hocket/pool/thread_pool.hpp>
#include <hocket/range/bounds.hpp>
#include <hocket/range/call_form.hpp>
#include <hocket/range/explain.hpp>
#include <hocket/range/iterator_range.hpp>
#include <hocket/range/projection.hpp>
#include <hocket/range/range_traits.hpp>

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <type_traits>

namespace hocket::inline HOCKET_ABI {
namespace detail {

/// Partitions each block of a chunk. If failures are collected, the elements behind a failed element are still tested.
/// Then the block has no count, and none is needed.
template<class T, class Iterator, class Pred>
struct partition_kernel {
    static constexpr bool resumes = true;
    Iterator const& begin;
    Pred const& pred;
    std::uint64_t block;
    bool forwards;
    std::uint64_t* counts;

    void operator()(std::uint64_t first, std::uint64_t last, std::uint64_t& at) const {
        with_pace(last - first > block, [&](auto&& pace) {
            for (std::uint64_t i = first; i != last;) {
                std::uint64_t const b = i / block, left = block - i % block;
                std::uint64_t const end = last - i < left ? last : i + left;
                at = i;
                counts[b] = partition_one<T>(begin, pred, at, end, forwards, pace);
                i = end;
            }
        });
    }
};

/// Returns for how many elements the predicate is true.
template<class Iterator, class Pred>
std::uint64_t partition_range(thread_pool& pool, Iterator const& begin, std::uint64_t n, Pred const& pred,
                              loop_options const& options) {
    using value = std::iter_value_t<Iterator>;
    constexpr std::uint64_t most = partition_bytes / sizeof(value) > 64 ? partition_bytes / sizeof(value) : 64;
    check_options(options);
    if (n <= few_flags::most && n <= most) {
        few_flags const chosen(pool, begin, n, pred, options);
        std::uint64_t first = 0;
        auto const was_true = [&chosen](Iterator const&, std::uint64_t i) { return chosen[i]; };
        no_pace pace;
        return partition_one<value>(begin, was_true, first, n, false, pace);
    }
    std::uint64_t const fine = fine_grain(n, options.grain, sizeof(value));
    std::uint64_t const grain = fine > most ? most : fine;
    block_cut const cut = block_cut::of(n, sizeof(value), grain, pool.size());
    loop_errors errors(options);
    errors.finish(n);
    expect(options, n);
    using kernel = partition_kernel<value, Iterator, Pred>;
    bool const forwards = options.errors == error_policy::collect;
    std::unique_ptr<std::uint64_t[]> const counts(new std::uint64_t[static_cast<std::size_t>(cut.blocks)]);
    pieces forth(cut.blocks), back(cut.blocks);
    kernel const partition{begin, pred, cut.block, forwards, counts.get()};
    guarded_chunk<kernel> const guarded(partition, errors, options.progress);
    block_chunk<kernel> chunk(guarded, n, cut.block);
    detail::run_loop(pool, cut.blocks, plan_of(cut.blocks, options, 0), chunk);
    errors.finish(n);

    std::uint64_t trues = 0;
    for (std::uint64_t b = 0; b != cut.blocks; ++b) trues += counts[b];
    for (std::uint64_t b = 0; b != cut.blocks; ++b) {
        std::uint64_t const first = cut.first(b), last = cut.last(b), middle = first + counts[b];
        forth.add(middle, last < trues ? last : trues);
        back.add(first < trues ? trues : first, middle);
    }
    loop_options const moves{.schedule = options.schedule, .max_workers = options.max_workers, .name = options.name};
    detail::guarded_loop(pool, forth.total(), moves, exchange_kernel<Iterator>{begin, forth, back});
    return trues;
}

struct parallel_partition_fn : call_form<parallel_partition_fn> {
    static constexpr std::size_t least = 1, most = 2;

    template<class Source>
    static constexpr auto usage() {
        static_assert(never<Source>, "parallel_partition takes a range (or two iterators) and a predicate, and may "
                                     "take a projection; a pool may come first, and options last");
    }

    template<class Range, class Pred, class Proj = loop_options>
    static auto run(thread_pool& pool, loop_options const& options, Range&& range, Pred const& pred,
                    Proj const& proj = left_out<Proj>) {
        return detail::tested_in_place(
            range, pred, proj, options,
            [&pool](auto const& begin, std::uint64_t n, auto const& test, loop_options const& rest) {
                std::uint64_t const trues = detail::partition_range(pool, begin, n, test, rest);
                return iterator_range(detail::advanced(begin, trues), detail::advanced(begin, n));
            });
    }
};

} // namespace detail

/// Puts the elements for which `pred(proj(element))` is true before the others, and returns the range of the others, as
/// std::ranges::partition: `parallel_partition(range, pred)`. The range may be two iterators. The order within both
/// groups follows from the size and the grain alone. **Threads** any; the caller takes part. **Blocks** until all work
/// has finished, and helps only with this call. **Throws** as `parallel_for`; each element is tested once. If `pred`
/// throws, or the call is stopped, all elements are there, in no particular order. **Order** none between the calls;
/// all of them happen before the return. `.grain` is the number of elements of a block, by default a 256th of all, and
/// at most 16 KiB. Progress counts tested elements. **Cost** in place: 40 bytes for each block. Trivially copyable
/// elements of up to 64 bytes are partitioned without a branch that depends on `pred`.
inline constexpr detail::parallel_partition_fn parallel_partition{};

} // namespace hocket
