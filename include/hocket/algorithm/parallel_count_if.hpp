// SPDX-License-Identifier: MIT
// parallel_count_if: how many elements satisfy a predicate.
// Floor: algorithm. Public.
#pragma once

#include <hocket/algorithm/parallel_reduce.hpp>
#include <hocket/base/bounds.hpp>
#include <hocket/base/call.hpp>
#include <hocket/base/elements.hpp>
#include <hocket/base/options.hpp>
#include <hocket/base/projection.hpp>
#include <hocket/base/range_traits.hpp>
#include <hocket/pool/thread_pool.hpp>

#include <cstdint>
#include <utility>

namespace hocket {
namespace detail {

/// 1 for an element that counts.
template<class Pred, class Proj>
struct one_if {
    hot_callable<Pred> pred;
    hot_callable<Proj> proj;

    template<class Element>
    std::uint64_t operator()(Element&& element) const {
        return static_cast<bool>(detail::call(pred, detail::call(proj, std::forward<Element>(element)))) ? 1U : 0U;
    }
};

struct plus_counts {
    constexpr std::uint64_t operator()(std::uint64_t a, std::uint64_t b) const noexcept { return a + b; }
};

} // namespace detail

/// For how many elements of `range` `pred(proj(element))` holds.
/// **Threads**, **Blocks**, **Throws**, **Order**, **Cost** as `parallel_transform_reduce`.
template<readable_range Range, detail::optional_callable Pred, class Proj = loop_options>
[[nodiscard]] std::uint64_t parallel_count_if(thread_pool& pool, Range&& range, Pred const& pred,
                                              Proj const& proj = detail::left_out<Proj>,
                                              loop_options const& options = {}) {
    using projection = detail::callable_type<detail::as_it_is, Proj>;
    detail::check_predicate<Range, Pred, projection>();
    return hocket::parallel_transform_reduce(
        pool, range, std::uint64_t{0}, detail::plus_counts{},
        detail::one_if<Pred, projection>{pred, detail::callable_or<detail::as_it_is>(proj)},
        detail::given_options(proj, options));
}

/// The same for the elements, or the integers, from `first` up to `last`.
template<class First, detail::end_of_readable<First> Last, class Pred, class Proj = loop_options>
[[nodiscard]] std::uint64_t parallel_count_if(thread_pool& pool, First first, Last last, Pred const& pred,
                                              Proj const& proj = detail::left_out<Proj>,
                                              loop_options const& options = {}) {
    return hocket::parallel_count_if(pool, detail::between(first, last), pred, proj, options);
}

/// Both on the pool whose worker is calling, else on the default pool.
template<readable_range Range, detail::optional_callable Pred, class Proj = loop_options>
[[nodiscard]] std::uint64_t parallel_count_if(Range&& range, Pred const& pred,
                                              Proj const& proj = detail::left_out<Proj>,
                                              loop_options const& options = {}) {
    return hocket::parallel_count_if(detail::current_pool(), range, pred, proj, options);
}
template<class First, detail::end_of_readable<First> Last, class Pred, class Proj = loop_options>
[[nodiscard]] std::uint64_t parallel_count_if(First first, Last last, Pred const& pred,
                                              Proj const& proj = detail::left_out<Proj>,
                                              loop_options const& options = {}) {
    return hocket::parallel_count_if(detail::current_pool(), detail::between(first, last), pred, proj, options);
}

} // namespace hocket
