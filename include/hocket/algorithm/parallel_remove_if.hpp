// SPDX-License-Identifier: MIT
// parallel_remove_if and parallel_unique: what remains of a range moves to its front, in its order.
// Floor: algorithm. Public.
#pragma once

#include <hocket/algorithm/compact.hpp>
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
namespace detail {

struct equality {
    template<class A, class B>
    constexpr bool operator()(A const& a, B const& b) const {
        return static_cast<bool>(a == b);
    }
};

} // namespace detail

/// Moves the elements for which `pred(element)` is false to the front, in their order, and returns the rest of the range,
/// whose elements are valid but have no particular value: as std::ranges::remove_if, for `v.erase(rest.begin(), rest.end())`.
/// **Threads** any; the caller takes part. **Blocks** until all is done, and helps only with this call.
/// **Throws** as `parallel_for`. `pred` has run for all elements before the first is moved: if it throws, or the call is
/// stopped, the range is as it was.
/// **Order** none between the calls; all of them happen before the return. `.grain` is the number of elements of a block, up to
/// the next multiple of 64. Elements count as done when `pred` has run.
/// **Cost** a bit for each element, and buffers of 1 MiB for each worker; up to 1,024 elements, nothing.
template<parallel_range Range, class Pred>
auto parallel_remove_if(thread_pool& pool, Range&& range, Pred const& pred, loop_options const& options = {}) {
    using iterator = detail::range_iterator<Range>;
    detail::check_predicate<Range, Pred>();
    detail::check_permuted<iterator>();
    iterator const begin = std::ranges::begin(range);
    auto const keep = [&pred](iterator const& element, std::uint64_t) {
        return !static_cast<bool>(detail::call(pred, *element));
    };
    return detail::keep_in_place(pool, begin, detail::range_length(range), keep, options);
}

/// The same on the pool whose worker is calling, else on the default pool.
template<parallel_range Range, class Pred>
auto parallel_remove_if(Range&& range, Pred const& pred, loop_options const& options = {}) {
    return hocket::parallel_remove_if(detail::current_pool(), range, pred, options);
}

/// Moves the first of each run of elements that are equal to the front, in their order, and returns the rest of the range:
/// as std::ranges::unique. `equal(a, b)` is an equivalence, and is asked of neighbours. Else as `parallel_remove_if`.
template<parallel_range Range, class Equal>
    requires detail::shared_callable<Equal, detail::range_reference<Range>, detail::range_reference<Range>>
auto parallel_unique(thread_pool& pool, Range&& range, Equal const& equal, loop_options const& options = {}) {
    using iterator = detail::range_iterator<Range>;
    detail::check_permuted<iterator>();
    iterator const begin = std::ranges::begin(range);
    auto const keep = [&equal](iterator const& element, std::uint64_t i) {
        return i == 0 || !static_cast<bool>(equal(element[-1], *element));
    };
    return detail::keep_in_place(pool, begin, detail::range_length(range), keep, options);
}

/// The same by `==`.
template<parallel_range Range>
auto parallel_unique(thread_pool& pool, Range&& range, loop_options const& options = {}) {
    return hocket::parallel_unique(pool, range, detail::equality{}, options);
}

/// The same on the pool whose worker is calling, else on the default pool.
template<parallel_range Range, class Equal>
    requires detail::shared_callable<Equal, detail::range_reference<Range>, detail::range_reference<Range>>
auto parallel_unique(Range&& range, Equal const& equal, loop_options const& options = {}) {
    return hocket::parallel_unique(detail::current_pool(), range, equal, options);
}

template<parallel_range Range>
auto parallel_unique(Range&& range, loop_options const& options = {}) {
    return hocket::parallel_unique(detail::current_pool(), range, detail::equality{}, options);
}

} // namespace hocket
