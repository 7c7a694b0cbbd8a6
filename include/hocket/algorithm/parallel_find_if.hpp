// SPDX-License-Identifier: MIT
// parallel_find_if, parallel_any_of, parallel_all_of, parallel_none_of: searches that end early.
// Floor: algorithm. Public.
#pragma once

#include <hocket/algorithm/first_match.hpp>
#include <hocket/base/bounds.hpp>
#include <hocket/base/call.hpp>
#include <hocket/base/elements.hpp>
#include <hocket/base/options.hpp>
#include <hocket/base/projection.hpp>
#include <hocket/base/range_traits.hpp>
#include <hocket/pool/thread_pool.hpp>

#include <concepts>
#include <cstdint>
#include <type_traits>

namespace hocket {
namespace detail {

/// The position of the first hit, or the number of elements.
template<class Range, class Pred, class Proj>
std::uint64_t position_of_first(thread_pool& pool, elements<Range> const& in, Pred const& pred, Proj const& proj,
                                loop_options const& options) {
    using projection = callable_type<as_it_is, Proj>;
    check_predicate<Range, Pred, projection>();
    return find_first(pool, in.begin(), in.size(), pred, callable_or<as_it_is>(proj), given_options(proj, options));
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
template<readable_range Range, detail::optional_callable Pred, class Proj = loop_options>
[[nodiscard]] auto parallel_find_if(thread_pool& pool, Range&& range, Pred const& pred,
                                    Proj const& proj = detail::left_out<Proj>, loop_options const& options = {}) {
    static_assert(detail::lasting_range<Range>,
                  "parallel_find_if in a temporary: the iterator that it returns would outlive the range");
    detail::elements const in(range);
    return in.at(detail::position_of_first(pool, in, pred, proj, options));
}

/// The same for the elements, or the integers, from `first` up to `last`: the iterator, or the integer.
template<class First, detail::end_of_readable<First> Last, class Pred, class Proj = loop_options>
[[nodiscard]] auto parallel_find_if(thread_pool& pool, First first, Last last, Pred const& pred,
                                    Proj const& proj = detail::left_out<Proj>, loop_options const& options = {}) {
    return detail::found_between<First>(
        hocket::parallel_find_if(pool, detail::between(first, last), pred, proj, options));
}

/// Both on the pool whose worker is calling, else on the default pool.
template<readable_range Range, detail::optional_callable Pred, class Proj = loop_options>
[[nodiscard]] auto parallel_find_if(Range&& range, Pred const& pred, Proj const& proj = detail::left_out<Proj>,
                                    loop_options const& options = {}) {
    return hocket::parallel_find_if(detail::current_pool(), std::forward<Range>(range), pred, proj, options);
}
template<class First, detail::end_of_readable<First> Last, class Pred, class Proj = loop_options>
[[nodiscard]] auto parallel_find_if(First first, Last last, Pred const& pred, Proj const& proj = detail::left_out<Proj>,
                                    loop_options const& options = {}) {
    return hocket::parallel_find_if(detail::current_pool(), first, last, pred, proj, options);
}

/// Whether `pred(proj(element))` holds for some element of `range`; false for an empty one. Ends at the first hit; else as
/// `parallel_find_if`.
template<readable_range Range, detail::optional_callable Pred, class Proj = loop_options>
[[nodiscard]] bool parallel_any_of(thread_pool& pool, Range&& range, Pred const& pred,
                                   Proj const& proj = detail::left_out<Proj>, loop_options const& options = {}) {
    detail::elements const in(range);
    return detail::position_of_first(pool, in, pred, proj, options) != in.size();
}

/// The same for the elements, or the integers, from `first` up to `last`.
template<class First, detail::end_of_readable<First> Last, class Pred, class Proj = loop_options>
[[nodiscard]] bool parallel_any_of(thread_pool& pool, First first, Last last, Pred const& pred,
                                   Proj const& proj = detail::left_out<Proj>, loop_options const& options = {}) {
    return hocket::parallel_any_of(pool, detail::between(first, last), pred, proj, options);
}

/// Both on the pool whose worker is calling, else on the default pool.
template<readable_range Range, detail::optional_callable Pred, class Proj = loop_options>
[[nodiscard]] bool parallel_any_of(Range&& range, Pred const& pred, Proj const& proj = detail::left_out<Proj>,
                                   loop_options const& options = {}) {
    return hocket::parallel_any_of(detail::current_pool(), range, pred, proj, options);
}
template<class First, detail::end_of_readable<First> Last, class Pred, class Proj = loop_options>
[[nodiscard]] bool parallel_any_of(First first, Last last, Pred const& pred, Proj const& proj = detail::left_out<Proj>,
                                   loop_options const& options = {}) {
    return hocket::parallel_any_of(detail::current_pool(), detail::between(first, last), pred, proj, options);
}

/// Whether `pred(proj(element))` holds for no element of `range`; true for an empty one. As `parallel_any_of`.
template<readable_range Range, detail::optional_callable Pred, class Proj = loop_options>
[[nodiscard]] bool parallel_none_of(thread_pool& pool, Range&& range, Pred const& pred,
                                    Proj const& proj = detail::left_out<Proj>, loop_options const& options = {}) {
    return !hocket::parallel_any_of(pool, range, pred, proj, options);
}

/// The same for the elements, or the integers, from `first` up to `last`.
template<class First, detail::end_of_readable<First> Last, class Pred, class Proj = loop_options>
[[nodiscard]] bool parallel_none_of(thread_pool& pool, First first, Last last, Pred const& pred,
                                    Proj const& proj = detail::left_out<Proj>, loop_options const& options = {}) {
    return hocket::parallel_none_of(pool, detail::between(first, last), pred, proj, options);
}

/// Both on the pool whose worker is calling, else on the default pool.
template<readable_range Range, detail::optional_callable Pred, class Proj = loop_options>
[[nodiscard]] bool parallel_none_of(Range&& range, Pred const& pred, Proj const& proj = detail::left_out<Proj>,
                                    loop_options const& options = {}) {
    return hocket::parallel_none_of(detail::current_pool(), range, pred, proj, options);
}
template<class First, detail::end_of_readable<First> Last, class Pred, class Proj = loop_options>
[[nodiscard]] bool parallel_none_of(First first, Last last, Pred const& pred, Proj const& proj = detail::left_out<Proj>,
                                    loop_options const& options = {}) {
    return hocket::parallel_none_of(detail::current_pool(), detail::between(first, last), pred, proj, options);
}

/// Whether `pred(proj(element))` holds for every element of `range`; true for an empty one. Ends at the first for which it
/// does not; else as `parallel_find_if`.
template<readable_range Range, detail::optional_callable Pred, class Proj = loop_options>
[[nodiscard]] bool parallel_all_of(thread_pool& pool, Range&& range, Pred const& pred,
                                   Proj const& proj = detail::left_out<Proj>, loop_options const& options = {}) {
    detail::check_predicate<Range, Pred, detail::callable_type<detail::as_it_is, Proj>>();
    return !hocket::parallel_any_of(pool, range, detail::negated<Pred>{pred}, proj, options);
}

/// The same for the elements, or the integers, from `first` up to `last`.
template<class First, detail::end_of_readable<First> Last, class Pred, class Proj = loop_options>
[[nodiscard]] bool parallel_all_of(thread_pool& pool, First first, Last last, Pred const& pred,
                                   Proj const& proj = detail::left_out<Proj>, loop_options const& options = {}) {
    return hocket::parallel_all_of(pool, detail::between(first, last), pred, proj, options);
}

/// Both on the pool whose worker is calling, else on the default pool.
template<readable_range Range, detail::optional_callable Pred, class Proj = loop_options>
[[nodiscard]] bool parallel_all_of(Range&& range, Pred const& pred, Proj const& proj = detail::left_out<Proj>,
                                   loop_options const& options = {}) {
    return hocket::parallel_all_of(detail::current_pool(), range, pred, proj, options);
}
template<class First, detail::end_of_readable<First> Last, class Pred, class Proj = loop_options>
[[nodiscard]] bool parallel_all_of(First first, Last last, Pred const& pred, Proj const& proj = detail::left_out<Proj>,
                                   loop_options const& options = {}) {
    return hocket::parallel_all_of(detail::current_pool(), detail::between(first, last), pred, proj, options);
}

} // namespace hocket
