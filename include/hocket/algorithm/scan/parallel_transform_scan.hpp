// SPDX-License-Identifier: MIT
// parallel_transform_inclusive_scan and parallel_transform_exclusive_scan: partial sums of the results of a function.
// Public.
#pragma once

#include <hocket/algorithm/forms/mapped_iterator.hpp>
#include <hocket/algorithm/scan/parallel_scan.hpp>
#include <hocket/base/call.hpp>
#include <hocket/base/options.hpp>
#include <hocket/base/say_why.hpp>
#include <hocket/pool/thread_pool.hpp>
#include <hocket/range/bounds.hpp>
#include <hocket/range/call_form.hpp>
#include <hocket/range/elements.hpp>
#include <hocket/range/range_traits.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

namespace hocket::inline HOCKET_ABI {
namespace detail {

/// Whether a function takes the elements of what is scanned; if not, the program does not compile.
template<class Range, class Out, class F>
constexpr bool explain_mapped_scan() {
    if constexpr (explain_scanned<Range, Out>()) {
        constexpr bool fits = shared_callable<F, range_reference<Range>>;
        if constexpr (!fits)
            static_assert(
                says_why_not_element<F, range_reference<Range>>(),
                "the function of a parallel scan, which follows its operation, takes one element of the range");
        if constexpr (fits) {
            constexpr bool gives = !std::is_void_v<call_result<F, range_reference<Range>>>;
            static_assert(gives, "the function of a parallel scan returns nothing");
            return gives;
        }
    }
    return false;
}

/// Looks at the types of a scan of what a function makes of elements, and runs it.
template<scan_kind kind, class T, class Range, class Out, class Op, class F>
auto scan_mapped(thread_pool& pool, loop_options const& options, Range& range, Out& out, std::optional<T> init,
                 Op const& op, F const& f) {
    using mapped = mapped_iterator<typename elements<Range>::iterator, F>;
    elements const in(range);
    auto const to = detail::target_of(out, in.size());
    if constexpr (explain_scan<T, mapped, std::remove_const_t<decltype(to)>, Op>())
        return detail::scan_range<kind, T>(pool, mapped(in.begin(), f), in.size(), to, std::move(init), op, options);
}

struct parallel_transform_inclusive_scan_fn : call_form<parallel_transform_inclusive_scan_fn> {
    static constexpr std::size_t least = 3, most = 4;
    static constexpr bool steps = false;

    template<class Source>
    static constexpr auto usage() {
        static_assert(never<Source>, "parallel_transform_inclusive_scan takes a range (or two iterators, or two "
                                     "integers), a destination for the sums, an operation and a function, and may take "
                                     "an initial value; a pool may come first, and options last");
    }

    template<class Range, class Out, class Op, class F, class T = loop_options>
    static auto run(thread_pool& pool, loop_options const& options, Range&& range, Out&& out, Op const& op, F const& f,
                    T const& init = left_out<T>) {
        using source = std::remove_reference_t<Range>;
        using operation = callable_type<std::plus<>, Op>;
        using given = std::decay_t<T const&>;
        if constexpr (explain_mapped_scan<source, Out, F>()) {
            using made = std::remove_cvref_t<call_result<F, range_reference<source>>>;
            using sum = std::conditional_t<std::is_same_v<given, loop_options>, made, given>;
            std::optional<sum> first;
            if constexpr (!std::is_same_v<given, loop_options>) first.emplace(init);
            return detail::scan_mapped<scan_kind::inclusive, sum>(pool, given_options(op, init, options), range, out,
                                                                  std::move(first),
                                                                  detail::callable(callable_or<operation>(op)), f);
        }
    }
};

struct parallel_transform_exclusive_scan_fn : call_form<parallel_transform_exclusive_scan_fn> {
    static constexpr std::size_t least = 4, most = 4;
    static constexpr bool steps = false;

    template<class Source>
    static constexpr auto usage() {
        static_assert(
            never<Source>,
            "parallel_transform_exclusive_scan takes a range (or two iterators, or two integers), a destination for "
            "the sums, an initial value, an operation and a function; a pool may come first, and options last");
    }

    template<class Range, class Out, class T, class Op, class F>
    static auto run(thread_pool& pool, loop_options const& options, Range&& range, Out&& out, T&& init, Op const& op,
                    F const& f) {
        using source = std::remove_reference_t<Range>;
        using operation = callable_type<std::plus<>, Op>;
        using sum = std::decay_t<T>;
        if constexpr (explain_mapped_scan<source, Out, F>())
            return detail::scan_mapped<scan_kind::exclusive, sum>(pool, given_options(op, options), range, out,
                                                                  std::optional<sum>(std::forward<T>(init)),
                                                                  detail::callable(callable_or<operation>(op)), f);
    }
};

} // namespace detail

/// Assigns the sums, by `op`, of the results of a function for each element of a range and all before it, as
/// std::transform_inclusive_scan: `parallel_transform_inclusive_scan(range, out, op, f)`; an initial value may follow
/// `f`. The type of the sums is the result type of `f`, or that of the initial value. `f` is called once or twice for
/// each element. **Threads**, **Blocks**, **Throws**, **Order**, **Cost** as `parallel_inclusive_scan`; never
/// vectorised.
inline constexpr detail::parallel_transform_inclusive_scan_fn parallel_transform_inclusive_scan{};

/// Assigns the sums, by `op`, of an initial value and the results of a function for all elements before each element,
/// as std::transform_exclusive_scan: `parallel_transform_exclusive_scan(range, out, init, op, f)`. **Threads**,
/// **Blocks**, **Throws**, **Order**, **Cost** as `parallel_transform_inclusive_scan`.
inline constexpr detail::parallel_transform_exclusive_scan_fn parallel_transform_exclusive_scan{};

} // namespace hocket
