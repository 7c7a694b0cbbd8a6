// SPDX-License-Identifier: MIT
// parallel_partition: the elements that satisfy a predicate before those that do not.
// Floor: algorithm. Public.
#pragma once

#include <hocket/algorithm/few_flags.hpp>
#include <hocket/algorithm/partition_block.hpp>
#include <hocket/algorithm/reduce_blocks.hpp>
#include <hocket/base/bounds.hpp>
#include <hocket/base/call.hpp>
#include <hocket/base/iterator_range.hpp>
#include <hocket/base/options.hpp>
#include <hocket/base/projection.hpp>
#include <hocket/base/range_traits.hpp>
#include <hocket/pool/thread_pool.hpp>

#include <cstdint>
#include <iterator>
#include <memory>
#include <type_traits>

namespace hocket {
namespace detail {

/// Partitions each block of a chunk. Behind an element that failed, where failures are collected, the rest is tested; then its
/// block has no count, and nobody asks for it.
template<class T, class Iterator, class Pred>
struct partition_leaf {
    static constexpr bool resumes = true;
    Iterator const& begin;
    Pred const& pred;
    std::uint64_t block;
    bool forwards;
    std::uint64_t* counts;

    void operator()(std::uint64_t first, std::uint64_t last, std::uint64_t& at) const {
        for (std::uint64_t i = first; i != last;) {
            std::uint64_t const b = i / block, left = block - i % block;
            std::uint64_t const end = last - i < left ? last : i + left;
            at = i;
            counts[b] = partition_one<T>(begin, pred, at, end, forwards);
            i = end;
        }
    }
};

/// Returns how many were true.
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
        return partition_one<value>(begin, was_true, first, n, false);
    }
    std::uint64_t const fine = fine_grain(n, options.grain, sizeof(value));
    std::uint64_t const grain = fine > most ? most : fine;
    block_cut const cut = block_cut::of(n, sizeof(value), grain, pool.size());
    loop_errors errors(options);
    errors.finish(n);
    expect(options, n);
    using leaf = partition_leaf<value, Iterator, Pred>;
    bool const forwards = options.errors == error_policy::collect;
    std::unique_ptr<std::uint64_t[]> const counts(new std::uint64_t[static_cast<std::size_t>(cut.blocks)]);
    pieces forth(cut.blocks), back(cut.blocks);
    leaf const partition{begin, pred, cut.block, forwards, counts.get()};
    guarded_chunk<leaf> const guarded(partition, errors, options.progress);
    block_chunk<leaf> chunk(guarded, n, cut.block);
    detail::run_loop(pool, cut.blocks, plan_of(cut.blocks, options.schedule, 0), chunk);
    errors.finish(n);

    std::uint64_t trues = 0;
    for (std::uint64_t b = 0; b != cut.blocks; ++b) trues += counts[b];
    for (std::uint64_t b = 0; b != cut.blocks; ++b) {
        std::uint64_t const first = cut.first(b), last = cut.last(b), middle = first + counts[b];
        forth.add(middle, last < trues ? last : trues);
        back.add(first < trues ? trues : first, middle);
    }
    loop_options const moves{.schedule = options.schedule};
    detail::guarded_loop(pool, forth.total(), moves, exchange_leaf<Iterator>{begin, forth, back});
    return trues;
}

} // namespace detail

/// Puts the elements for which `pred(proj(element))` is true before those for which it is false, and returns the range of the
/// latter: as std::ranges::partition. Their order among themselves follows from the size and the grain alone.
/// **Threads** any; the caller takes part. **Blocks** until all is done, and helps only with this call.
/// **Throws** as `parallel_for`, where each element is tested once. If `pred` throws, or the call is stopped, all elements are
/// there, in no particular order.
/// **Order** none between the calls; all of them happen before the return. `.grain` is the number of elements of a block, by
/// itself a 256th of all, and at most 16 KiB. Elements count as done when they are tested.
/// **Cost** in place: 40 bytes for each block. Elements of up to 64 bytes that are trivially copyable are partitioned without
/// a branch that depends on `pred`.
template<parallel_range Range, detail::optional_callable Pred, class Proj = loop_options>
auto parallel_partition(thread_pool& pool, Range&& range, Pred const& pred, Proj const& proj = detail::left_out<Proj>,
                        loop_options const& options = {}) {
    using iterator = detail::range_iterator<Range>;
    detail::check_predicate<Range, Pred, detail::callable_type<detail::as_it_is, Proj>>();
    detail::check_permuted<iterator>();
    iterator const begin = std::ranges::begin(range);
    std::uint64_t const n = detail::range_length(range);
    auto const& by = detail::callable_or<detail::as_it_is>(proj);
    auto const test = [&pred, &by](iterator const& element, std::uint64_t) {
        return static_cast<bool>(detail::call(pred, detail::call(by, *element)));
    };
    std::uint64_t const trues = detail::partition_range(pool, begin, n, test, detail::given_options(proj, options));
    return iterator_range<iterator>(detail::advanced(begin, trues), detail::advanced(begin, n));
}

/// The same for the elements from `first` up to `last`.
template<class First, detail::end_of_iterator<First> Last, class Pred, class Proj = loop_options>
auto parallel_partition(thread_pool& pool, First first, Last last, Pred const& pred,
                        Proj const& proj = detail::left_out<Proj>, loop_options const& options = {}) {
    return hocket::parallel_partition(pool, detail::between(first, last), pred, proj, options);
}

/// Both on the pool whose worker is calling, else on the default pool.
template<parallel_range Range, detail::optional_callable Pred, class Proj = loop_options>
auto parallel_partition(Range&& range, Pred const& pred, Proj const& proj = detail::left_out<Proj>,
                        loop_options const& options = {}) {
    return hocket::parallel_partition(detail::current_pool(), range, pred, proj, options);
}
template<class First, detail::end_of_iterator<First> Last, class Pred, class Proj = loop_options>
auto parallel_partition(First first, Last last, Pred const& pred, Proj const& proj = detail::left_out<Proj>,
                        loop_options const& options = {}) {
    return hocket::parallel_partition(detail::current_pool(), detail::between(first, last), pred, proj, options);
}

} // namespace hocket
