// SPDX-License-Identifier: MIT
// parallel_starmap: a map over tuples whose parts are the arguments of the function.
// Floor: algorithm. Public.
#pragma once

#include <hocket/algorithm/parallel_map.hpp>
#include <hocket/base/bounds.hpp>
#include <hocket/base/elements.hpp>
#include <hocket/base/options.hpp>
#include <hocket/base/range_traits.hpp>
#include <hocket/pool/thread_pool.hpp>

#include <cstddef>
#include <tuple>
#include <type_traits>
#include <utility>

namespace hocket {
namespace detail {

template<class Tuple>
using tuple_indexes = std::make_index_sequence<std::tuple_size_v<std::remove_cvref_t<Tuple>>>;

template<class F, class Tuple, std::size_t... At>
constexpr bool takes_parts(std::index_sequence<At...>) {
    return std::is_invocable_v<F const&, decltype(std::get<At>(std::declval<Tuple>()))...>;
}

/// Calls `f` with the parts of a std::tuple, std::pair or std::array.
template<class F>
struct spread {
    F const& f;

    template<class Tuple>
        requires(takes_parts<F, Tuple>(tuple_indexes<Tuple>()))
    decltype(auto) operator()(Tuple&& tuple) const { return std::apply(f, std::forward<Tuple>(tuple)); }
};

template<class Range, class F>
constexpr void check_starmap_function() {
    static_assert(
        requires { std::tuple_size<std::remove_cvref_t<range_reference<Range>>>::value; },
        "parallel_starmap maps a range of std::tuple, std::pair or std::array");
    static_assert(takes_parts<F, range_reference<Range>>(tuple_indexes<range_reference<Range>>()),
                  "the function of parallel_starmap takes the parts of one tuple as its arguments, and is const: "
                  "several threads call it at once (a lambda must not be mutable)");
}

} // namespace detail

/// The results of `f(std::get<0>(t), std::get<1>(t), ...)` for each tuple t of `range`, in its order. Else as `parallel_map`.
template<readable_range Range, class F>
[[nodiscard]] auto parallel_starmap(thread_pool& pool, Range&& range, F const& f, loop_options const& options = {}) {
    detail::check_starmap_function<Range, F>();
    return hocket::parallel_map(pool, range, detail::spread<F>{f}, options);
}

/// The same for the elements from `first` up to `last`.
template<class First, detail::end_of_iterator<First> Last, class F>
[[nodiscard]] auto parallel_starmap(thread_pool& pool, First first, Last last, F const& f,
                                    loop_options const& options = {}) {
    return hocket::parallel_starmap(pool, detail::between(first, last), f, options);
}

/// Both on the pool whose worker is calling, else on the default pool.
template<readable_range Range, class F>
[[nodiscard]] auto parallel_starmap(Range&& range, F const& f, loop_options const& options = {}) {
    return hocket::parallel_starmap(detail::current_pool(), range, f, options);
}
template<class First, detail::end_of_iterator<First> Last, class F>
[[nodiscard]] auto parallel_starmap(First first, Last last, F const& f, loop_options const& options = {}) {
    return hocket::parallel_starmap(detail::current_pool(), detail::between(first, last), f, options);
}

/// Assigns the results to the elements of `out`, as `parallel_map` does.
template<readable_range Range, detail::write_target Out, class F>
void parallel_starmap(thread_pool& pool, Range&& range, Out&& out, F const& f, loop_options const& options = {}) {
    detail::check_starmap_function<Range, F>();
    hocket::parallel_map(pool, range, out, detail::spread<F>{f}, options);
}

/// The same for the elements from `first` up to `last`.
template<class First, detail::end_of_iterator<First> Last, detail::write_target Out, class F>
void parallel_starmap(thread_pool& pool, First first, Last last, Out&& out, F const& f,
                      loop_options const& options = {}) {
    return hocket::parallel_starmap(pool, detail::between(first, last), out, f, options);
}

/// Both on the pool whose worker is calling, else on the default pool.
template<readable_range Range, detail::write_target Out, class F>
void parallel_starmap(Range&& range, Out&& out, F const& f, loop_options const& options = {}) {
    hocket::parallel_starmap(detail::current_pool(), range, out, f, options);
}
template<class First, detail::end_of_iterator<First> Last, detail::write_target Out, class F>
void parallel_starmap(First first, Last last, Out&& out, F const& f, loop_options const& options = {}) {
    return hocket::parallel_starmap(detail::current_pool(), detail::between(first, last), out, f, options);
}

} // namespace hocket
