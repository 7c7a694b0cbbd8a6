// SPDX-License-Identifier: MIT
// The form of algorithms that take a first element and a count. Copies, fills and loops use it.
#pragma once

#include <hocket/base/options.hpp>
#include <hocket/pool/thread_pool.hpp>
#include <hocket/range/bounds.hpp>
#include <hocket/range/call_form.hpp>
#include <hocket/range/index_range.hpp>
#include <hocket/range/iterator_range.hpp>
#include <hocket/range/range_traits.hpp>

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <type_traits>

namespace hocket::inline HOCKET_ABI::detail {

/// The form of algorithms over a number of elements from the first on. `Whole` is the algorithm over a range.
template<class Algorithm, class Whole>
struct counted_form : call_form<Algorithm> {
    static constexpr std::size_t least = 1 + Whole::least, most = least; // the number, and what the whole takes
    static constexpr bool steps = false;
    template<class Source>
    static constexpr bool takes =
        std::random_access_iterator<std::decay_t<Source&>> || loop_index<std::remove_cv_t<Source>>;
    template<class... Operands>
    static constexpr bool bounds_before = false;

    template<class First, class Count, class... X>
    static auto run(thread_pool& pool, loop_options const& options, First const& first, Count const& count, X&&... x) {
        if constexpr (!loop_index<std::decay_t<Count const&>>) {
            static_assert(never<First>,
                          "hocket: the number of elements, which follows the first iterator, is an integer");
        } else {
            std::uint64_t const n = index_length(Count{0}, count);
            auto const range = counted(std::decay_t<First const&>(first), n);
            Whole::run(pool, options, range, x...);
            return Algorithm::template end<std::decay_t<First const&>>(range.end(), n, x...);
        }
    }

    template<class First, class Iterator, class... X>
    static constexpr auto end(Iterator const& last, std::uint64_t, X const&...) {
        return detail::found_between<First>(last);
    }

  private:
    template<class First>
    static auto counted(First const& first, std::uint64_t n) {
        if constexpr (loop_index<First>)
            return index_range<First>(first, static_cast<First>(static_cast<std::uint64_t>(first) + n));
        else
            return iterator_range<First>(first, detail::advanced(first, n));
    }
};

} // namespace hocket::inline HOCKET_ABI::detail
