// SPDX-License-Identifier: MIT
// parallel_stable_sort: the elements of a range in the order of a comparator, equal ones in the order in which they were.
// Floor: algorithm. Public.
#pragma once

#include <hocket/algorithm/sort_elements.hpp>
#include <hocket/base/options.hpp>
#include <hocket/base/projection.hpp>
#include <hocket/base/range_traits.hpp>
#include <hocket/pool/thread_pool.hpp>

#include <iterator>
#include <type_traits>

namespace hocket {

/// Sorts `range` as `parallel_sort` does, and leaves elements that are equal in the order in which they were.
/// **Threads**, **Blocks**, **Throws**, **Order**, **Cost** as `parallel_sort`.
template<parallel_range Range, class Compare = std::ranges::less, class Proj>
void parallel_stable_sort(thread_pool& pool, Range&& range, Compare const& compare, Proj const& proj,
                          loop_options const& options = {}) {
    detail::sort_range(pool, std::ranges::begin(range), detail::range_length(range), compare, proj, options);
}

/// The same on the elements themselves.
template<parallel_range Range, class Compare>
    requires(!std::is_same_v<Compare, loop_options>)
void parallel_stable_sort(thread_pool& pool, Range&& range, Compare const& compare, loop_options const& options = {}) {
    hocket::parallel_stable_sort(pool, range, compare, detail::as_it_is{}, options);
}

/// The same by `<`.
template<parallel_range Range>
void parallel_stable_sort(thread_pool& pool, Range&& range, loop_options const& options = {}) {
    hocket::parallel_stable_sort(pool, range, std::ranges::less{}, detail::as_it_is{}, options);
}

/// The same on the pool whose worker is calling, else on the default pool.
template<parallel_range Range, class Compare = std::ranges::less, class Proj>
void parallel_stable_sort(Range&& range, Compare const& compare, Proj const& proj, loop_options const& options = {}) {
    hocket::parallel_stable_sort(detail::current_pool(), range, compare, proj, options);
}

template<parallel_range Range, class Compare>
    requires(!std::is_same_v<Compare, loop_options>)
void parallel_stable_sort(Range&& range, Compare const& compare, loop_options const& options = {}) {
    hocket::parallel_stable_sort(detail::current_pool(), range, compare, detail::as_it_is{}, options);
}

template<parallel_range Range>
void parallel_stable_sort(Range&& range, loop_options const& options = {}) {
    hocket::parallel_stable_sort(detail::current_pool(), range, std::ranges::less{}, detail::as_it_is{}, options);
}

} // namespace hocket
