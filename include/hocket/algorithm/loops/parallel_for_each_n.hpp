// SPDX-License-Identifier: MIT
// parallel_for_each_n: a loop over a number of elements from the first on. Public.
#pragma once

#include <hocket/algorithm/forms/counted_form.hpp>
#include <hocket/algorithm/loops/parallel_for.hpp>
#include <hocket/base/config.hpp>
#include <hocket/range/call_form.hpp>

namespace hocket::inline HOCKET_ABI {
namespace detail {

struct parallel_for_each_n_fn : counted_form<parallel_for_each_n_fn, parallel_for_fn> {
    template<class Source>
    static constexpr auto usage() {
        static_assert(never<Source>, "parallel_for_each_n takes an iterator (or an integer), the number of elements "
                                     "and a body; a pool may come first, and options last");
    }
};

} // namespace detail

/// Runs a body for `count` elements from an iterator on, or for `count` integers from an integer on, and returns their
/// end: `parallel_for_each_n(first, count, body)`. **Threads**, **Blocks**, **Throws**, **Order**, **Cost** as
/// `parallel_for`.
inline constexpr detail::parallel_for_each_n_fn parallel_for_each_n{};

} // namespace hocket
