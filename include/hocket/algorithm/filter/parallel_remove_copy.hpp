// SPDX-License-Identifier: MIT
// parallel_remove_copy, parallel_remove_copy_if, parallel_unique_copy, parallel_partition_copy: copies of some of the
// elements. Public.
#pragma once

#include <hocket/algorithm/filter/few_flags.hpp>
#include <hocket/algorithm/filter/parallel_copy_if.hpp>
#include <hocket/algorithm/filter/selection.hpp>
#include <hocket/algorithm/forms/positions.hpp>
#include <hocket/algorithm/forms/second_range.hpp>
#include <hocket/algorithm/forms/value_test.hpp>
#include <hocket/algorithm/search/parallel_find_if.hpp>
#include <hocket/base/call.hpp>
#include <hocket/base/options.hpp>
#include <hocket/pool/thread_pool.hpp>
#include <hocket/range/bounds.hpp>
#include <hocket/range/call_form.hpp>
#include <hocket/range/elements.hpp>
#include <hocket/range/explain.hpp>
#include <hocket/range/projection.hpp>
#include <hocket/range/range_traits.hpp>

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <type_traits>
#include <utility>

namespace hocket::inline HOCKET_ABI {
namespace detail {

/// Whether an output iterator stands before the operand that selects elements.
template<class First, class... Rest>
inline constexpr bool writes_behind = sizeof...(Rest) != 0 && std::random_access_iterator<std::decay_t<First const&>>;

/// The form of algorithms that copy the elements for which `opposite(operand)` holds; `explain` checks the operand.
template<class Algorithm>
struct remove_copy_form : value_or_output_form<Algorithm> {
    static constexpr std::size_t least = 1, most = 3;

    template<class Range, class First, class... Rest>
    static auto run(thread_pool& pool, loop_options const& options, Range&& range, First const& first,
                    Rest const&... rest) {
        if constexpr (writes_behind<First, Rest...>)
            return to_iterator(pool, options, range, first, rest...);
        else if constexpr (sizeof...(Rest) < 2)
            return to_vector(pool, options, range, first, rest...);
        else
            Algorithm::template usage<Range>();
    }

  private:
    template<class Range, class X, class Proj = loop_options>
    static auto to_vector(thread_pool& pool, loop_options const& options, Range& range, X const& x,
                          Proj const& proj = left_out<Proj>) {
        if constexpr (Algorithm::template explain<Range, X, Proj>())
            return parallel_copy_if_fn::run(pool, options, range, Algorithm::opposite(x), proj);
    }

    template<class Range, class Out, class X, class Proj = loop_options>
    static auto to_iterator(thread_pool& pool, loop_options const& options, Range& range, Out const& out, X const& x,
                            Proj const& proj = left_out<Proj>) {
        if constexpr (Algorithm::template explain<Range, X, Proj>())
            return parallel_copy_if_fn::run(pool, options, range, out, Algorithm::opposite(x), proj);
        else
            return out;
    }
};

struct parallel_remove_copy_if_fn : remove_copy_form<parallel_remove_copy_if_fn> {
    template<class Source>
    static constexpr auto usage() {
        static_assert(
            never<Source>,
            "parallel_remove_copy_if takes a range (or two iterators, or two integers), optionally an iterator to "
            "write to, and a predicate, and may take a projection; a pool may come first, and options last");
    }
    template<class Range, class Pred, class Proj>
    static constexpr bool explain() {
        return explain_search<Range, Pred, Proj>();
    }
    template<class Pred>
    static constexpr auto opposite(Pred const& pred) {
        return negated<Pred>{pred};
    }
};

struct parallel_remove_copy_fn : remove_copy_form<parallel_remove_copy_fn> {
    static constexpr bool steps = false;

    template<class Source>
    static constexpr auto usage() {
        static_assert(never<Source>,
                      "parallel_remove_copy takes a range (or two iterators, or two integers), optionally an iterator "
                      "to write to, and a value, and may take a projection; a pool may come first, and options last");
    }
    template<class Range, class T, class Proj>
    static constexpr bool explain() {
        return explain_value<Range, T, callable_type<as_it_is, Proj>>();
    }
    template<class T>
    static constexpr auto opposite(T const& value) {
        return negated<is_value<T>>{{value}};
    }
};

/// Assigns the elements for which `keep(iterator, index)` is true.
template<class In, class Out, class Keep>
Out copy_kept(thread_pool& pool, In const& in, std::uint64_t n, Out out, Keep const& keep,
              loop_options const& options) {
    check_options(options);
    if (n <= few_flags::most) {
        few_flags const chosen(pool, in, n, keep, options);
        In element = in;
        for (std::uint64_t i = 0; i != n; void(++i), ++element) {
            if (!chosen[i]) continue;
            *out = *element;
            ++out;
        }
        return out;
    }
    selection chosen(selection_cut(n, sizeof(std::iter_value_t<In>), options.grain, pool.size()));
    chosen.select(pool, in, keep, options);
    detail::run_over_chosen(pool, chosen, assign_chosen_kernel<In, Out>{in, out, chosen}, options);
    return detail::advanced(out, chosen.total());
}

struct parallel_unique_copy_fn : call_form<parallel_unique_copy_fn> {
    static constexpr std::size_t least = 1, most = 3;
    static constexpr bool steps = false;

    template<class Source>
    static constexpr auto usage() {
        static_assert(never<Source>,
                      "parallel_unique_copy takes a range (or two iterators, or two integers) and an iterator to write "
                      "to, and may take an equality and a projection; a pool may come first, and options last");
    }

    template<class Range, class Out, class Equal = loop_options, class Proj = loop_options>
    static auto run(thread_pool& pool, loop_options const& options, Range&& range, Out&& out,
                    Equal const& equal = left_out<Equal>, Proj const& proj = left_out<Proj>) {
        using source = std::remove_reference_t<Range>;
        using same = callable_type<equality, Equal>;
        using by = callable_type<as_it_is, Proj>;
        if constexpr (!std::random_access_iterator<std::decay_t<Out>>) {
            usage<Range>();
        } else if constexpr (explain_neighbours<source, same, by>() &&
                             explain_assigned<std::decay_t<Out>, range_reference<source>>()) {
            elements const in(range);
            same const& is_same = callable_or<same>(equal);
            by const& of = callable_or<by>(proj);
            using iterator = typename elements<source>::iterator;
            auto const keep = [&is_same, &of](iterator const& element, std::uint64_t i) {
                return i == 0 || !static_cast<bool>(detail::call(is_same, detail::call(of, *(element - 1)),
                                                                 detail::call(of, *element)));
            };
            iterator const begin = in.begin();
            return detail::copy_kept(pool, begin, in.size(), std::decay_t<Out>(out), keep,
                                     given_options(equal, proj, options));
        }
    }
};

/// Assigns the elements of blocks to one of two places.
template<class In, class Trues, class Falses>
struct assign_split_kernel {
    static constexpr bool resumes = false;
    In const& in;
    Trues const& trues;
    Falses const& falses;
    selection const& chosen;

    void operator()(std::uint64_t first, std::uint64_t last, std::uint64_t& at) const {
        for (std::uint64_t b = first; b != last; ++b) {
            std::uint64_t const begin = chosen.cut().first(b), end = chosen.cut().last(b);
            In element = detail::advanced(in, begin);
            Trues yes = detail::advanced(trues, chosen.rank(b));
            Falses no = detail::advanced(falses, begin - chosen.rank(b));
            for (at = begin; at != end; void(++at), ++element) {
                if (chosen.has(at)) {
                    *yes = *element;
                    ++yes;
                } else {
                    *no = *element;
                    ++no;
                }
            }
        }
    }
};

struct parallel_partition_copy_fn : call_form<parallel_partition_copy_fn> {
    static constexpr std::size_t least = 3, most = 4;

    template<class Source>
    static constexpr auto usage() {
        static_assert(never<Source>,
                      "parallel_partition_copy takes a range (or two iterators, or two integers), two iterators to "
                      "write to, and a predicate, and may take a projection; a pool may come first, and options last");
    }

    template<class Range, class Trues, class Falses, class Pred, class Proj = loop_options>
    static auto run(thread_pool& pool, loop_options const& options, Range&& range, Trues&& trues, Falses&& falses,
                    Pred const& pred, Proj const& proj = left_out<Proj>) {
        using source = std::remove_reference_t<Range>;
        using yes = std::decay_t<Trues>;
        using no = std::decay_t<Falses>;
        if constexpr (!std::random_access_iterator<yes> || !std::random_access_iterator<no>) {
            usage<Range>();
        } else if constexpr (explain_search<source, Pred, Proj>()) {
            if constexpr (explain_assigned<yes, range_reference<source>>() &&
                          explain_assigned<no, range_reference<source>>()) {
                using by = callable_type<as_it_is, Proj>;
                using iterator = typename elements<source>::iterator;
                elements const in(range);
                by const& of = callable_or<by>(proj);
                auto const passes = [&pred, &of](iterator const& element, std::uint64_t) {
                    return static_cast<bool>(detail::call(pred, detail::call(of, *element)));
                };
                iterator const begin = in.begin();
                return split(pool, begin, in.size(), yes(trues), no(falses), passes, given_options(proj, options));
            }
        }
    }

  private:
    template<class In, class Trues, class Falses, class Passes>
    static std::pair<Trues, Falses> split(thread_pool& pool, In const& in, std::uint64_t n, Trues yes, Falses no,
                                          Passes const& passes, loop_options const& options) {
        check_options(options);
        if (n <= few_flags::most) {
            few_flags const chosen(pool, in, n, passes, options);
            In element = in;
            for (std::uint64_t i = 0; i != n; void(++i), ++element) {
                if (chosen[i]) {
                    *yes = *element;
                    ++yes;
                } else {
                    *no = *element;
                    ++no;
                }
            }
            return {yes, no};
        }
        selection chosen(selection_cut(n, sizeof(std::iter_value_t<In>), options.grain, pool.size()));
        chosen.select(pool, in, passes, options);
        detail::run_over_chosen(pool, chosen, assign_split_kernel<In, Trues, Falses>{in, yes, no, chosen}, options);
        return {detail::advanced(yes, chosen.total()), detail::advanced(no, n - chosen.total())};
    }
};

} // namespace detail

/// Returns the elements of a range for which `pred(proj(element))` is false, in their order, in a new vector:
/// `parallel_remove_copy_if(range, pred)`. With a random access iterator, as std::remove_copy_if, it assigns them there
/// and returns the end of the output: `parallel_remove_copy_if(range, out, pred)`. It is `parallel_copy_if` of
/// the opposite. **Threads**, **Blocks**, **Throws**, **Order**, **Cost** as `parallel_copy_if`.
inline constexpr detail::parallel_remove_copy_if_fn parallel_remove_copy_if{};

/// Returns the elements of a range for which `proj(element) == value` does not hold:
/// `parallel_remove_copy(range, value)`; or assigns them: `parallel_remove_copy(range, out, value)`. **Threads**,
/// **Blocks**, **Throws**, **Order**, **Cost** as `parallel_copy_if`.
inline constexpr detail::parallel_remove_copy_fn parallel_remove_copy{};

/// Assigns the first element of each run of equal elements to the places from an iterator on, in their order, and
/// returns the end of the output: `parallel_unique_copy(range, out)`, `parallel_unique_copy(range, out, equal, proj)`.
/// `equal` is an equivalence, by default `==`, and compares neighbours. **Threads**, **Blocks**, **Throws**, **Order**
/// as `parallel_copy_if`. Nothing is assigned before `equal` has run for all elements. **Cost** a bit for each element;
/// up to 1,024 elements, nothing.
inline constexpr detail::parallel_unique_copy_fn parallel_unique_copy{};

/// Assigns the elements for which `pred(proj(element))` is true to the places from one iterator on, and the others to
/// the places from another iterator on, in their order. Returns a std::pair of both ends, as std::partition_copy:
/// `parallel_partition_copy(range, trues, falses, pred)`. **Threads**, **Blocks**, **Throws**, **Order**, **Cost** as
/// `parallel_unique_copy`.
inline constexpr detail::parallel_partition_copy_fn parallel_partition_copy{};

} // namespace hocket
