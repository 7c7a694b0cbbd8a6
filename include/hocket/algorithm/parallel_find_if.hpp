// SPDX-License-Identifier: MIT
// parallel_find_if, parallel_any_of, parallel_all_of, parallel_none_of: searches that end early.
// Floor: algorithm. Public.
#pragma once

#include <hocket/algorithm/first_match.hpp>
#include <hocket/base/call.hpp>
#include <hocket/base/options.hpp>
#include <hocket/base/projection.hpp>
#include <hocket/base/range_traits.hpp>
#include <hocket/pool/thread_pool.hpp>

#include <concepts>
#include <cstdint>
#include <type_traits>

namespace hocket {
namespace detail {

template<class Range, class Pred, class Proj>
std::uint64_t position_of_first(thread_pool& pool, Range& range, Pred const& pred, Proj const& proj,
                                loop_options const& options) {
    check_predicate<Range, Pred, Proj>();
    auto const begin = std::ranges::begin(range);
    return find_first(pool, begin, range_length(range), pred, proj, options);
}

template<class Pred>
struct negated {
    hot_callable<Pred> pred;

    template<class Element>
    bool operator()(Element&& element) const {
        return !static_cast<bool>(detail::call(pred, std::forward<Element>(element)));
    }
};

} // namespace detail

/// An iterator to the first element of `range` for which `pred(proj(element))` holds, or its end. The first in the order of
/// the range, whatever the timing. Elements behind it may have been looked at, none of them twice. The range is an lvalue, or
/// one whose iterators outlive it. `pred` and `proj` are called through const references, from several threads at once.
/// **Threads** any; the caller takes part. **Blocks** until all is done, and helps only with this search.
/// **Throws** as `parallel_for`; but a predicate that fails behind the first hit is as if it had not been called.
/// **Order** blocks are begun in the order of the range: a hit near its begin is found about as fast as by `std::find_if`.
/// **Cost** no allocation. Short searches stay on the caller. `.grain` is the least length of a block; the schedule is not used.
template<parallel_range Range, class Pred, detail::projection_of<Range> Proj>
[[nodiscard]] auto parallel_find_if(thread_pool& pool, Range&& range, Pred const& pred, Proj const& proj,
                                    loop_options const& options = {}) {
    static_assert(detail::lasting_range<Range>,
                  "parallel_find_if in a temporary: the iterator that it returns would outlive the range");
    return detail::advanced(std::ranges::begin(range), detail::position_of_first(pool, range, pred, proj, options));
}
template<parallel_range Range, class Pred>
[[nodiscard]] auto parallel_find_if(thread_pool& pool, Range&& range, Pred const& pred,
                                    loop_options const& options = {}) {
    return hocket::parallel_find_if(pool, std::forward<Range>(range), pred, detail::as_it_is{}, options);
}

/// The same on the pool whose worker is calling, else on the default pool.
template<parallel_range Range, class Pred, detail::projection_of<Range> Proj>
[[nodiscard]] auto parallel_find_if(Range&& range, Pred const& pred, Proj const& proj,
                                    loop_options const& options = {}) {
    return hocket::parallel_find_if(detail::current_pool(), std::forward<Range>(range), pred, proj, options);
}
template<parallel_range Range, class Pred>
[[nodiscard]] auto parallel_find_if(Range&& range, Pred const& pred, loop_options const& options = {}) {
    return hocket::parallel_find_if(detail::current_pool(), std::forward<Range>(range), pred, options);
}

/// Whether `pred(proj(element))` holds for some element of `range`; false for an empty one. Ends at the first hit; else as
/// `parallel_find_if`.
template<parallel_range Range, class Pred, detail::projection_of<Range> Proj>
[[nodiscard]] bool parallel_any_of(thread_pool& pool, Range&& range, Pred const& pred, Proj const& proj,
                                   loop_options const& options = {}) {
    return detail::position_of_first(pool, range, pred, proj, options) != detail::range_length(range);
}
template<parallel_range Range, class Pred>
[[nodiscard]] bool parallel_any_of(thread_pool& pool, Range&& range, Pred const& pred,
                                   loop_options const& options = {}) {
    return hocket::parallel_any_of(pool, range, pred, detail::as_it_is{}, options);
}

/// The same on the pool whose worker is calling, else on the default pool.
template<parallel_range Range, class Pred, detail::projection_of<Range> Proj>
[[nodiscard]] bool parallel_any_of(Range&& range, Pred const& pred, Proj const& proj,
                                   loop_options const& options = {}) {
    return hocket::parallel_any_of(detail::current_pool(), range, pred, proj, options);
}
template<parallel_range Range, class Pred>
[[nodiscard]] bool parallel_any_of(Range&& range, Pred const& pred, loop_options const& options = {}) {
    return hocket::parallel_any_of(detail::current_pool(), range, pred, detail::as_it_is{}, options);
}

/// Whether `pred(proj(element))` holds for no element of `range`; true for an empty one. As `parallel_any_of`.
template<parallel_range Range, class Pred, detail::projection_of<Range> Proj>
[[nodiscard]] bool parallel_none_of(thread_pool& pool, Range&& range, Pred const& pred, Proj const& proj,
                                    loop_options const& options = {}) {
    return !hocket::parallel_any_of(pool, range, pred, proj, options);
}
template<parallel_range Range, class Pred>
[[nodiscard]] bool parallel_none_of(thread_pool& pool, Range&& range, Pred const& pred,
                                    loop_options const& options = {}) {
    return !hocket::parallel_any_of(pool, range, pred, detail::as_it_is{}, options);
}

/// The same on the pool whose worker is calling, else on the default pool.
template<parallel_range Range, class Pred, detail::projection_of<Range> Proj>
[[nodiscard]] bool parallel_none_of(Range&& range, Pred const& pred, Proj const& proj,
                                    loop_options const& options = {}) {
    return !hocket::parallel_any_of(detail::current_pool(), range, pred, proj, options);
}
template<parallel_range Range, class Pred>
[[nodiscard]] bool parallel_none_of(Range&& range, Pred const& pred, loop_options const& options = {}) {
    return !hocket::parallel_any_of(detail::current_pool(), range, pred, detail::as_it_is{}, options);
}

/// Whether `pred(proj(element))` holds for every element of `range`; true for an empty one. Ends at the first for which it
/// does not; else as `parallel_find_if`.
template<parallel_range Range, class Pred, detail::projection_of<Range> Proj>
[[nodiscard]] bool parallel_all_of(thread_pool& pool, Range&& range, Pred const& pred, Proj const& proj,
                                   loop_options const& options = {}) {
    detail::check_predicate<Range, Pred, Proj>();
    return !hocket::parallel_any_of(pool, range, detail::negated<Pred>{pred}, proj, options);
}
template<parallel_range Range, class Pred>
[[nodiscard]] bool parallel_all_of(thread_pool& pool, Range&& range, Pred const& pred,
                                   loop_options const& options = {}) {
    return hocket::parallel_all_of(pool, range, pred, detail::as_it_is{}, options);
}

/// The same on the pool whose worker is calling, else on the default pool.
template<parallel_range Range, class Pred, detail::projection_of<Range> Proj>
[[nodiscard]] bool parallel_all_of(Range&& range, Pred const& pred, Proj const& proj,
                                   loop_options const& options = {}) {
    return hocket::parallel_all_of(detail::current_pool(), range, pred, proj, options);
}
template<parallel_range Range, class Pred>
[[nodiscard]] bool parallel_all_of(Range&& range, Pred const& pred, loop_options const& options = {}) {
    return hocket::parallel_all_of(detail::current_pool(), range, pred, detail::as_it_is{}, options);
}

} // namespace hocket
