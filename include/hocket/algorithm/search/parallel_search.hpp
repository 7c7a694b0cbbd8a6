// SPDX-License-Identifier: MIT
// parallel_search, parallel_find_end, parallel_search_n: searches for a sequence of elements.
// Public.
#pragma once

#include <hocket/algorithm/forms/positions.hpp>
#include <hocket/algorithm/forms/second_range.hpp>
#include <hocket/algorithm/search/parallel_find.hpp>
#include <hocket/base/call.hpp>
#include <hocket/base/options.hpp>
#include <hocket/loop/stop_pace.hpp>
#include <hocket/pool/thread_pool.hpp>
#include <hocket/range/bounds.hpp>
#include <hocket/range/call_form.hpp>
#include <hocket/range/elements.hpp>
#include <hocket/range/projection.hpp>

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <type_traits>

namespace hocket::inline HOCKET_ABI {
namespace detail {

/// The form of searches for a second range in the first. `last` finds its last position, and not the first.
template<class Algorithm, bool last>
struct sequence_form : compare_form<Algorithm, true> {
    template<class A, class B, class Test>
    static auto compare(thread_pool& pool, loop_options const& options, A const& a, B const& b, Test const& equal_at) {
        std::uint64_t const n = a.size(), length = b.size();
        auto const stands_at = [equal_at, n, length](std::uint64_t k) {
            std::uint64_t const i = last ? n - 1 - k : k;
            if (length > n - i || length == 0) return length == 0 && !last;
            return first_of_many(length, [&](std::uint64_t j) { return !equal_at(i + j, j); }) == length;
        };
        std::uint64_t const at = detail::first_position(pool, n, stands_at, options);
        return a.at(last && at != n ? n - 1 - at : at);
    }
};

struct parallel_search_fn : sequence_form<parallel_search_fn, false> {
    template<class Source>
    static constexpr auto usage() {
        static_assert(never<Source>, "parallel_search takes two ranges (or two pairs of iterators), and may take a "
                                     "predicate and two projections; a pool may come first, and options last");
    }
};

struct parallel_find_end_fn : sequence_form<parallel_find_end_fn, true> {
    template<class Source>
    static constexpr auto usage() {
        static_assert(never<Source>, "parallel_find_end takes two ranges (or two pairs of iterators), and may take a "
                                     "predicate and two projections; a pool may come first, and options last");
    }
};

/// The run of equal elements around a position, as far as it matters: of `count` elements, there is one at a position
/// that is one less than a multiple of `count`.
template<class Test>
struct run_around {
    Test test; // of an element by its position
    std::uint64_t n, count;

    /// Returns how many elements before the position `at`, which passes the test, do so as well; at most `count - 1`.
    [[nodiscard]] std::uint64_t before(std::uint64_t at) const {
        return first_of_many(count - 1, [&](std::uint64_t found) { return !test(at - 1 - found); });
    }
    [[nodiscard]] bool operator()(std::uint64_t group) const {
        std::uint64_t const at = group * count + (count - 1);
        if (!test(at)) return false;
        std::uint64_t const found = before(at) + 1;
        std::uint64_t const behind = n - (at + 1) < count - found ? n - (at + 1) : count - found;
        return found + first_of_many(behind, [&](std::uint64_t next) { return !test(at + 1 + next); }) == count;
    }
};

struct parallel_search_n_fn : value_form<parallel_search_n_fn> {
    static constexpr std::size_t least = 2, most = 4;
    static constexpr bool steps = false;
    static constexpr bool finds = true;

    template<class Source>
    static constexpr auto usage() {
        static_assert(never<Source>,
                      "parallel_search_n takes a range (or two iterators), a number of elements and a value, and may "
                      "take a predicate and a projection; a pool may come first, and options last");
    }

    template<class Range, class Count, class T, class Test = loop_options, class Proj = loop_options>
    static auto run(thread_pool& pool, loop_options const& options, Range&& range, Count const& count, T const& value,
                    Test const& test = left_out<Test>, Proj const& proj = left_out<Proj>) {
        constexpr bool counts = loop_index<Count>;
        static_assert(counts, "the number of elements of parallel_search_n is an integer, and stands before the value");
        if constexpr (counts && explain_lasting<Range>() &&
                      explain<std::remove_reference_t<Range>, T, Test, callable_type<as_it_is, Proj>>()) {
            using same = callable_type<equality, Test>;
            using by = callable_type<as_it_is, Proj>;
            elements const in(range);
            std::uint64_t const n = in.size(), length = index_length(Count{0}, count);
            same const& equal = callable_or<same>(test);
            by const& of = callable_or<by>(proj);
            value_at<typename elements<std::remove_reference_t<Range>>::iterator, T, same, by> const passes{
                in.begin(), value, equal, of};
            loop_options const& rest = given_options(test, proj, options);
            run_around<decltype(passes)> const is_long{passes, n, length};
            std::uint64_t const groups = length == 0 ? 0 : n / length;
            std::uint64_t const found = detail::first_position(pool, groups, is_long, rest);
            if (length == 0) return in.at(0);
            if (found == groups) return in.at(n);
            std::uint64_t const at = found * length + (length - 1);
            return in.at(at - is_long.before(at));
        }
    }

  private:
    template<class Iterator, class T, class Same, class By>
    struct value_at {
        Iterator begin;
        std::conditional_t<cheap_to_copy<T>, T const, T const&> value;
        hot_callable<Same> same;
        hot_callable<By> by;
        bool operator()(std::uint64_t i) const {
            return static_cast<bool>(detail::call(same, detail::call(by, *detail::advanced(begin, i)), value));
        }
    };

    template<class Range, class T, class Test, class Proj>
    static constexpr bool explain() {
        if constexpr (std::is_same_v<Test, loop_options>)
            return explain_value<Range, T, Proj>();
        else if constexpr (explain_readable<Range>() && check_projection<Range, Proj>())
            return explain_test<Test, projected_element<Proj, Range>, T const&>();
        else
            return false;
    }
};

} // namespace detail

/// Returns an iterator to the first place of a range at which the elements of another range stand one behind the other,
/// or its end, as std::search: `parallel_search(range, wanted)`,
/// `parallel_search(range, wanted, pred, proj, proj_wanted)`; `pred` is by default `==`. Either range may be two
/// iterators. An empty range is found at the begin. **Threads**, **Blocks**, **Throws**, **Order**, **Cost** as
/// `parallel_find_if`. At each place, one thread compares.
inline constexpr detail::parallel_search_fn parallel_search{};

/// Returns an iterator to the last place of a range at which the elements of another range stand, or its end, as
/// std::find_end. It takes the arguments of `parallel_search`. An empty range is not found. **Threads**, **Blocks**,
/// **Throws**, **Cost** as `parallel_search`. **Order** from the end of the range; the index of a failure counts from
/// there.
inline constexpr detail::parallel_find_end_fn parallel_find_end{};

/// Returns an iterator to the first place of a range at which `count` elements one behind the other are equal to a
/// value, or its end, as std::search_n: `parallel_search_n(range, count, value)`,
/// `parallel_search_n(range, count, value, pred, proj)`. **Threads**, **Blocks**, **Throws**, **Order**, **Cost** as
/// `parallel_find_if`, of groups of `count` elements: one thread looks at a group. Each element is compared at most
/// three times; of a range without the value, one of each group.
inline constexpr detail::parallel_search_n_fn parallel_search_n{};

} // namespace hocket
