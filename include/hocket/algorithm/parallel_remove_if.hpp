// SPDX-License-Identifier: MIT
// parallel_remove_if and parallel_unique: what remains of a range moves to its front, in its order.
// Floor: algorithm. Public.
#pragma once

#include <hocket/algorithm/compact.hpp>
#include <hocket/base/bounds.hpp>
#include <hocket/base/call.hpp>
#include <hocket/base/iterator_range.hpp>
#include <hocket/base/options.hpp>
#include <hocket/base/projection.hpp>
#include <hocket/base/range_traits.hpp>
#include <hocket/pool/thread_pool.hpp>

#include <cstdint>
#include <iterator>
#include <type_traits>
#include <utility>

namespace hocket {

/// Moves the elements for which `pred(proj(element))` is false to the front, in their order, and returns the rest of the range,
/// whose elements are valid but have no particular value: as std::ranges::remove_if, for `v.erase(rest.begin(), rest.end())`.
/// **Threads** any; the caller takes part. **Blocks** until all is done, and helps only with this call.
/// **Throws** as `parallel_for`. `pred` has run for all elements before the first is moved: if it throws, or the call is
/// stopped, the range is as it was.
/// **Order** none between the calls; all of them happen before the return. `.grain` is the number of elements of a block, up to
/// the next multiple of 64. Elements count as done when `pred` has run.
/// **Cost** a bit for each element, and buffers of 1 MiB for each worker; up to 1,024 elements, nothing.
template<parallel_range Range, detail::optional_callable Pred, class Proj = loop_options>
auto parallel_remove_if(thread_pool& pool, Range&& range, Pred const& pred, Proj const& proj = detail::left_out<Proj>,
                        loop_options const& options = {}) {
    using iterator = detail::range_iterator<Range>;
    detail::check_predicate<Range, Pred, detail::callable_type<detail::as_it_is, Proj>>();
    detail::check_permuted<iterator>();
    iterator const begin = std::ranges::begin(range);
    auto const& by = detail::callable_or<detail::as_it_is>(proj);
    auto const keep = [&pred, &by](iterator const& element, std::uint64_t) {
        return !static_cast<bool>(detail::call(pred, detail::call(by, *element)));
    };
    return detail::keep_in_place(pool, begin, detail::range_length(range), keep, detail::given_options(proj, options));
}

/// The same for the elements from `first` up to `last`.
template<class First, detail::end_of_iterator<First> Last, class Pred, class Proj = loop_options>
auto parallel_remove_if(thread_pool& pool, First first, Last last, Pred const& pred,
                        Proj const& proj = detail::left_out<Proj>, loop_options const& options = {}) {
    return hocket::parallel_remove_if(pool, detail::between(first, last), pred, proj, options);
}

/// Both on the pool whose worker is calling, else on the default pool.
template<parallel_range Range, detail::optional_callable Pred, class Proj = loop_options>
auto parallel_remove_if(Range&& range, Pred const& pred, Proj const& proj = detail::left_out<Proj>,
                        loop_options const& options = {}) {
    return hocket::parallel_remove_if(detail::current_pool(), range, pred, proj, options);
}
template<class First, detail::end_of_iterator<First> Last, class Pred, class Proj = loop_options>
auto parallel_remove_if(First first, Last last, Pred const& pred, Proj const& proj = detail::left_out<Proj>,
                        loop_options const& options = {}) {
    return hocket::parallel_remove_if(detail::current_pool(), detail::between(first, last), pred, proj, options);
}

/// Moves the first of each run of elements that are equal to the front, in their order, and returns the rest of the range:
/// as std::ranges::unique. `equal(proj(a), proj(b))`, by itself `==`, is an equivalence, and is asked of neighbours. Else as
/// `parallel_remove_if`.
template<parallel_range Range, detail::optional_callable Equal = loop_options, class Proj = loop_options>
auto parallel_unique(thread_pool& pool, Range&& range, Equal const& equal = detail::left_out<Equal>,
                     Proj const& proj = detail::left_out<Proj>, loop_options const& options = {}) {
    using iterator = detail::range_iterator<Range>;
    using projection = detail::callable_type<detail::as_it_is, Proj>;
    detail::check_projection<Range, projection>();
    using projected = detail::projected_element<projection, Range>;
    static_assert(detail::shared_callable<detail::callable_type<detail::equality, Equal>, projected, projected>,
                  "the equality of parallel_unique takes two elements of the range (or what the projection makes of "
                  "them), and is const: several threads call it at once (a lambda must not be mutable)");
    detail::check_permuted<iterator>();
    iterator const begin = std::ranges::begin(range);
    auto const& same = detail::callable_or<detail::equality>(equal);
    auto const& by = detail::callable_or<detail::as_it_is>(proj);
    auto const keep = [&same, &by](iterator const& element, std::uint64_t i) {
        return i == 0 ||
               !static_cast<bool>(detail::call(same, detail::call(by, element[-1]), detail::call(by, *element)));
    };
    return detail::keep_in_place(pool, begin, detail::range_length(range), keep,
                                 detail::given_options(equal, proj, options));
}

/// The same for the elements from `first` up to `last`.
template<class First, detail::end_of_iterator<First> Last, class Equal = loop_options, class Proj = loop_options>
auto parallel_unique(thread_pool& pool, First first, Last last, Equal const& equal = detail::left_out<Equal>,
                     Proj const& proj = detail::left_out<Proj>, loop_options const& options = {}) {
    return hocket::parallel_unique(pool, detail::between(first, last), equal, proj, options);
}

/// Both on the pool whose worker is calling, else on the default pool.
template<parallel_range Range, detail::optional_callable Equal = loop_options, class Proj = loop_options>
auto parallel_unique(Range&& range, Equal const& equal = detail::left_out<Equal>,
                     Proj const& proj = detail::left_out<Proj>, loop_options const& options = {}) {
    return hocket::parallel_unique(detail::current_pool(), range, equal, proj, options);
}
template<class First, detail::end_of_iterator<First> Last, class Equal = loop_options, class Proj = loop_options>
auto parallel_unique(First first, Last last, Equal const& equal = detail::left_out<Equal>,
                     Proj const& proj = detail::left_out<Proj>, loop_options const& options = {}) {
    return hocket::parallel_unique(detail::current_pool(), detail::between(first, last), equal, proj, options);
}

} // namespace hocket
