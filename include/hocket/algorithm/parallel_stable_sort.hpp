// SPDX-License-Identifier: MIT
// parallel_stable_sort: the elements of a range in the order of a comparator, equal ones in the order in which they were.
// Floor: algorithm. Public.
#pragma once

#include <hocket/algorithm/sort_elements.hpp>
#include <hocket/base/bounds.hpp>
#include <hocket/base/options.hpp>
#include <hocket/base/projection.hpp>
#include <hocket/base/range_traits.hpp>
#include <hocket/pool/thread_pool.hpp>

#include <iterator>

namespace hocket {

/// Sorts `range` as `parallel_sort` does, and leaves elements that are equal in the order in which they were.
/// **Threads**, **Blocks**, **Throws**, **Order**, **Cost** as `parallel_sort`.
template<parallel_range Range, detail::optional_callable Compare = loop_options, class Proj = loop_options>
void parallel_stable_sort(thread_pool& pool, Range&& range, Compare const& compare = detail::left_out<Compare>,
                          Proj const& proj = detail::left_out<Proj>, loop_options const& options = {}) {
    detail::sort_range(pool, std::ranges::begin(range), detail::range_length(range),
                       detail::callable_or<std::ranges::less>(compare), detail::callable_or<detail::as_it_is>(proj),
                       detail::given_options(compare, proj, options));
}

/// The same for the elements from `first` up to `last`.
template<class First, detail::end_of_iterator<First> Last, class Compare = loop_options, class Proj = loop_options>
void parallel_stable_sort(thread_pool& pool, First first, Last last, Compare const& compare = detail::left_out<Compare>,
                          Proj const& proj = detail::left_out<Proj>, loop_options const& options = {}) {
    hocket::parallel_stable_sort(pool, detail::between(first, last), compare, proj, options);
}

/// Both on the pool whose worker is calling, else on the default pool.
template<parallel_range Range, detail::optional_callable Compare = loop_options, class Proj = loop_options>
void parallel_stable_sort(Range&& range, Compare const& compare = detail::left_out<Compare>,
                          Proj const& proj = detail::left_out<Proj>, loop_options const& options = {}) {
    hocket::parallel_stable_sort(detail::current_pool(), range, compare, proj, options);
}
template<class First, detail::end_of_iterator<First> Last, class Compare = loop_options, class Proj = loop_options>
void parallel_stable_sort(First first, Last last, Compare const& compare = detail::left_out<Compare>,
                          Proj const& proj = detail::left_out<Proj>, loop_options const& options = {}) {
    hocket::parallel_stable_sort(detail::current_pool(), detail::between(first, last), compare, proj, options);
}

} // namespace hocket
