// SPDX-License-Identifier: MIT
// parallel_stable_sort: sorts a range by a comparator, and keeps equal elements in their order. Public.
#pragma once

#include <hocket/algorithm/sort/sort_dispatch.hpp>
#include <hocket/base/config.hpp>
#include <hocket/range/call_form.hpp>

namespace hocket::inline HOCKET_ABI {
namespace detail {

struct parallel_stable_sort_fn : sort_form<parallel_stable_sort_fn> {
    template<class Source>
    static constexpr auto usage() {
        static_assert(never<Source>, "parallel_stable_sort takes a range (or two iterators), and may take a comparator "
                                     "and a projection; a pool may come first, and options last");
    }
};

} // namespace detail

/// Sorts a range as `parallel_sort` does, and leaves elements that are equal in the order in which they were.
/// **Threads**, **Blocks**, **Throws**, **Order**, **Cost** as `parallel_sort`.
inline constexpr detail::parallel_stable_sort_fn parallel_stable_sort{};

} // namespace hocket
