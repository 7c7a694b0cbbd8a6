// SPDX-License-Identifier: MIT
// parallel_stable_partition: the elements that satisfy a predicate before those that do not, all in their order.
// Public.
#pragma once

#include <hocket/algorithm/filter/few_flags.hpp>
#include <hocket/algorithm/filter/selection.hpp>
#include <hocket/algorithm/forms/tested_in_place.hpp>
#include <hocket/algorithm/sort/sort_dispatch.hpp>
#include <hocket/algorithm/sort/sort_run.hpp>
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

/// Brings plain elements into the order of a selection, block by block.
struct by_selection {
    selection const& chosen;

    template<class T>
    [[nodiscard]] bool operator()(sort_run const& run, T* v, std::size_t n, T* scratch) const {
        block_cut const& cut = chosen.cut();
        bool const split = run.each(cut.blocks, 0, cut.block, [&](std::uint64_t b) {
            std::uint64_t yes = chosen.rank(b), no = chosen.total() + cut.first(b) - yes;
            for (std::uint64_t i = cut.first(b), end = cut.last(b); i != end; ++i)
                detail::put(scratch + (chosen.has(i) ? yes++ : no++), v[i]);
        });
        if (split) run.copy(v, scratch, n);
        return split;
    }
};

/// Brings plain elements into the order of flags, on the calling thread.
struct by_flags {
    few_flags const& chosen;
    std::uint64_t trues;

    template<class T>
    [[nodiscard]] bool operator()(sort_run const&, T* v, std::size_t n, T* scratch) const {
        std::uint64_t yes = 0, no = trues;
        for (std::size_t i = 0; i != n; ++i) detail::put(scratch + (chosen[i] ? yes++ : no++), v[i]);
        detail::copy_plain(v, scratch, n);
        return true;
    }
};

/// Moves the elements as `work` moves plain ones. Only an element whose move throws ends it early.
template<class Iterator, class Work>
void split_stably(thread_pool& pool, Iterator const& begin, std::uint64_t n, Work const& work,
                  loop_options const& options) {
    using element = std::iter_value_t<Iterator>;
    loop_options const moves{.schedule = options.schedule, .max_workers = options.max_workers, .name = options.name};
    loop_errors errors(moves, stop_place{});
    sort_run const run(pool, moves, errors);
    if constexpr (sorted_as_copies<element>)
        detail::sort_copies(run, begin, static_cast<std::size_t>(n), work);
    else
        sort_pointers<element*>(
            run, begin, static_cast<std::size_t>(n), [](element& x) { return std::addressof(x); }, work);
    errors.finish(n);
}

/// Returns for how many elements the predicate is true.
template<class Iterator, class Pred>
std::uint64_t partition_stably(thread_pool& pool, Iterator const& begin, std::uint64_t n, Pred const& pred,
                               loop_options const& options) {
    check_options(options);
    if (n <= few_flags::most) {
        few_flags const chosen(pool, begin, n, pred, options);
        std::uint64_t const trues = chosen.total();
        if (trues != 0 && trues != n) detail::split_stably(pool, begin, n, by_flags{chosen, trues}, options);
        return trues;
    }
    selection chosen(selection_cut(n, sizeof(std::iter_value_t<Iterator>), options.grain, pool.size()));
    chosen.select(pool, begin, pred, options);
    std::uint64_t const trues = chosen.total();
    if (trues != 0 && trues != n) detail::split_stably(pool, begin, n, by_selection{chosen}, options);
    return trues;
}

struct parallel_stable_partition_fn : call_form<parallel_stable_partition_fn> {
    static constexpr std::size_t least = 1, most = 2;

    template<class Source>
    static constexpr auto usage() {
        static_assert(never<Source>, "parallel_stable_partition takes a range (or two iterators) and a predicate, and "
                                     "may take a projection; a pool may come first, and options last");
    }

    template<class Range, class Pred, class Proj = loop_options>
    static auto run(thread_pool& pool, loop_options const& options, Range&& range, Pred const& pred,
                    Proj const& proj = left_out<Proj>) {
        return detail::tested_in_place(
            range, pred, proj, options,
            [&pool](auto const& begin, std::uint64_t n, auto const& test, loop_options const& rest) {
                std::uint64_t const trues = detail::partition_stably(pool, begin, n, test, rest);
                return iterator_range(detail::advanced(begin, trues), detail::advanced(begin, n));
            });
    }
};

} // namespace detail

/// Puts the elements for which `pred(proj(element))` is true before the others, keeps both groups in their order, and
/// returns the range of the others, as std::ranges::stable_partition: `parallel_stable_partition(range, pred)`. The
/// range may be two iterators. **Threads** any; the caller takes part. **Blocks** until all work has finished, and
/// helps only with this call. **Throws** as `parallel_for`. `pred` has run for all elements before the first is moved:
/// if it throws, or the call is stopped, the range is unchanged. **Order** none between the calls; all of them happen
/// before the return. `.grain` is the number of elements of a block, up to the next multiple of 64. Progress counts
/// elements for which `pred` has run. **Cost** a bit for each element. Memory for trivially copyable elements of up to
/// 32 bytes: as many elements again. For others: two pointers each, and a buffer for all elements, each of which is
/// moved twice.
inline constexpr detail::parallel_stable_partition_fn parallel_stable_partition{};

} // namespace hocket
