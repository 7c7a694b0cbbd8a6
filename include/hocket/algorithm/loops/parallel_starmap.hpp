// SPDX-License-Identifier: MIT
// parallel_starmap: a map over tuples whose parts are the arguments of the function.
// Public.
#pragma once

#include <hocket/algorithm/loops/parallel_map.hpp>
#include <hocket/base/options.hpp>
#include <hocket/base/say_why.hpp>
#include <hocket/pool/thread_pool.hpp>
#include <hocket/range/call_form.hpp>
#include <hocket/range/explain.hpp>
#include <hocket/range/range_traits.hpp>

#include <cstddef>
#include <tuple>
#include <type_traits>
#include <utility>

namespace hocket::inline HOCKET_ABI {
namespace detail {

template<class Tuple>
concept tuple_like = requires {
    std::tuple_size<std::remove_cvref_t<Tuple>>::value;
};

template<class Tuple>
using tuple_indexes = std::make_index_sequence<std::tuple_size_v<std::remove_cvref_t<Tuple>>>;

template<class F, class Tuple, std::size_t... At>
constexpr bool takes_parts(std::index_sequence<At...>) {
    return std::is_invocable_v<F const&, decltype(std::get<At>(std::declval<Tuple>()))...>;
}

template<class F, class Tuple, std::size_t... At>
constexpr bool says_why_not_parts(std::index_sequence<At...>) {
    return says_why<F, decltype(std::get<At>(std::declval<Tuple>()))...>();
}

/// Calls `f` with the parts of a std::tuple, std::pair or std::array.
template<class F>
struct spread {
    F const& f;

    template<class Tuple>
        requires tuple_like<Tuple> &&(takes_parts<F, Tuple>(tuple_indexes<Tuple>())) decltype(auto)
        operator()(Tuple&& tuple) const {
            return std::apply(f, std::forward<Tuple>(tuple));
        }
};

struct parallel_starmap_fn : value_form<parallel_starmap_fn> {
    static constexpr std::size_t least = 1, most = 2;

    template<class Source>
    static constexpr auto usage() {
        static_assert(never<Source>,
                      "parallel_starmap takes a range of tuples (or two iterators), optionally a destination for the "
                      "results, and a function; a pool may come first, and options last");
    }

    template<class Range, class F>
    static auto run(thread_pool& pool, loop_options const& options, Range&& range, F const& f) {
        if constexpr (explain<std::remove_reference_t<Range>, F>())
            return parallel_map_fn::run(pool, options, range, spread<F>{f});
    }
    template<class Range, class Out, class F>
    static auto run(thread_pool& pool, loop_options const& options, Range&& range, Out&& out, F const& f) {
        if constexpr (explain<std::remove_reference_t<Range>, F>())
            parallel_map_fn::run(pool, options, range, out, spread<F>{f});
    }

  private:
    template<class Range, class F>
    static constexpr bool explain() {
        if constexpr (explain_readable<Range>()) {
            constexpr bool tuples = tuple_like<range_reference<Range>>;
            static_assert(tuples, "parallel_starmap maps a range of std::tuple, std::pair or std::array");
            if constexpr (tuples) {
                constexpr bool fits = takes_parts<F, range_reference<Range>>(tuple_indexes<range_reference<Range>>());
                if constexpr (!fits)
                    static_assert(
                        says_why_not_parts<F, range_reference<Range>>(tuple_indexes<range_reference<Range>>()),
                        "the function of parallel_starmap takes the parts of one tuple as its arguments");
                return fits;
            }
        }
        return false;
    }
};

} // namespace detail

/// Returns the results of `f(std::get<0>(t), std::get<1>(t), ...)` for each tuple t of a range, in its order:
/// `parallel_starmap(tuples, f)`, `parallel_starmap(zip(a, b), f)`; with a place for them
/// `parallel_starmap(tuples, out, f)`. The range may be two iterators. **Threads**, **Blocks**, **Throws**, **Order**,
/// **Cost** as `parallel_map`.
inline constexpr detail::parallel_starmap_fn parallel_starmap{};

} // namespace hocket
