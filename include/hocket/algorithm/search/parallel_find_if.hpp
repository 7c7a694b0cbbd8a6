// SPDX-License-Identifier: MIT
// parallel_find_if, parallel_any_of, parallel_all_of, parallel_none_of: searches that end early.
// Public.
#pragma once

#include <hocket/algorithm/search/first_match.hpp>
#include <hocket/base/call.hpp>
#include <hocket/base/options.hpp>
#include <hocket/pool/thread_pool.hpp>
#include <hocket/range/bounds.hpp>
#include <hocket/range/call_form.hpp>
#include <hocket/range/elements.hpp>
#include <hocket/range/explain.hpp>
#include <hocket/range/projection.hpp>
#include <hocket/range/range_traits.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace hocket::inline HOCKET_ABI {
namespace detail {

/// Returns whether the predicate fits; if not, the program does not compile.
template<class Range, class Pred, class Proj>
constexpr bool explain_search() {
    if constexpr (explain_readable<Range>())
        return check_predicate<Range, Pred, callable_type<as_it_is, Proj>>();
    else
        return false;
}

/// Returns whether there is an element that satisfies the predicate.
template<class Range, class Pred, class Proj>
bool has_element(thread_pool& pool, loop_options const& options, Range& range, Pred const& pred, Proj const& proj) {
    elements const in(range);
    return find_first(pool, in.begin(), in.size(), pred, callable_or<as_it_is>(proj), given_options(proj, options)) !=
           in.size();
}

template<class Pred>
struct negated {
    hot_callable<Pred> pred;

    template<class Element>
    bool operator()(Element&& element) const {
        return !static_cast<bool>(detail::call(pred, std::forward<Element>(element)));
    }
};

struct parallel_find_if_fn : value_form<parallel_find_if_fn> {
    static constexpr std::size_t least = 1, most = 2;
    static constexpr bool finds = true;

    template<class Source>
    static constexpr auto usage() {
        static_assert(never<Source>, "parallel_find_if takes a range (or two iterators, or two integers) and a "
                                     "predicate, and may take a projection; a pool may come first, and options last");
    }

    template<class Range, class Pred, class Proj = loop_options>
    static auto run(thread_pool& pool, loop_options const& options, Range&& range, Pred const& pred,
                    Proj const& proj = left_out<Proj>) {
        constexpr bool lasts = lasting_range<Range>;
        static_assert(lasts,
                      "parallel_find_if in a temporary range: the iterator that it returns would outlive the range");
        if constexpr (lasts && explain_search<std::remove_reference_t<Range>, Pred, Proj>()) {
            elements const in(range);
            return in.at(find_first(pool, in.begin(), in.size(), pred, callable_or<as_it_is>(proj),
                                    given_options(proj, options)));
        }
    }
};

/// The form of algorithms that test whether an element satisfies a predicate, or its opposite; `answer` is the result
/// if there is such an element.
template<class Algorithm, bool opposite, bool answer>
struct quantifier_form : value_form<Algorithm> {
    static constexpr std::size_t least = 1, most = 2;

    template<class Range, class Pred, class Proj = loop_options>
    static auto run(thread_pool& pool, loop_options const& options, Range&& range, Pred const& pred,
                    Proj const& proj = left_out<Proj>) {
        if constexpr (!explain_search<std::remove_reference_t<Range>, Pred, Proj>())
            return false;
        else if constexpr (opposite)
            return detail::has_element(pool, options, range, negated<Pred>{pred}, proj) == answer;
        else
            return detail::has_element(pool, options, range, pred, proj) == answer;
    }
};

struct parallel_any_of_fn : quantifier_form<parallel_any_of_fn, false, true> {
    template<class Source>
    static constexpr auto usage() {
        static_assert(never<Source>, "parallel_any_of takes a range (or two iterators, or two integers) and a "
                                     "predicate, and may take a projection; a pool may come first, and options last");
    }
};

struct parallel_none_of_fn : quantifier_form<parallel_none_of_fn, false, false> {
    template<class Source>
    static constexpr auto usage() {
        static_assert(never<Source>, "parallel_none_of takes a range (or two iterators, or two integers) and a "
                                     "predicate, and may take a projection; a pool may come first, and options last");
    }
};

struct parallel_all_of_fn : quantifier_form<parallel_all_of_fn, true, false> {
    template<class Source>
    static constexpr auto usage() {
        static_assert(never<Source>, "parallel_all_of takes a range (or two iterators, or two integers) and a "
                                     "predicate, and may take a projection; a pool may come first, and options last");
    }
};

} // namespace detail

/// Returns an iterator to the first element of a range for which `pred(proj(element))` holds, or its end:
/// `parallel_find_if(range, pred)`. Two iterators give an iterator, two integers an integer. It is the first in the
/// order of the range, whatever the timing. Elements behind it may have been tested, none of them twice. The range is
/// an lvalue, or a range whose iterators outlive it. `pred` and `proj` are called through const references, from
/// several threads at once. **Threads** any; the caller takes part. **Blocks** until all work has finished, and helps
/// only with this search. **Throws** as `parallel_for`; but a predicate that fails behind the first hit is as if it had
/// not been called. **Order** blocks are begun in the order of the range: a hit near its begin is found about as fast
/// as by `std::find_if`. **Cost** no allocation. Short searches stay on the caller. `.grain` is the least length of a
/// block; the schedule is not used.
inline constexpr detail::parallel_find_if_fn parallel_find_if{};

/// Returns whether `pred(proj(element))` holds for some element of a range; false for an empty one. Ends at the first
/// hit. **Threads**, **Blocks**, **Throws**, **Order**, **Cost** as `parallel_find_if`.
inline constexpr detail::parallel_any_of_fn parallel_any_of{};

/// Returns whether `pred(proj(element))` holds for no element of a range; true for an empty one. Ends at the first hit.
/// **Threads**, **Blocks**, **Throws**, **Order**, **Cost** as `parallel_find_if`.
inline constexpr detail::parallel_none_of_fn parallel_none_of{};

/// Returns whether `pred(proj(element))` holds for every element of a range; true for an empty one. Ends at the first
/// for which it does not. **Threads**, **Blocks**, **Throws**, **Order**, **Cost** as `parallel_find_if`.
inline constexpr detail::parallel_all_of_fn parallel_all_of{};

} // namespace hocket
