// SPDX-License-Identifier: MIT
// Loops over the positions of a range, and searches for the first position that passes a test: for algorithms that look
// at several elements at a time, or at several ranges. The algorithms call it; programs do not.
#pragma once

#include <hocket/algorithm/forms/guarded_loop.hpp>
#include <hocket/algorithm/search/first_match.hpp>
#include <hocket/base/call.hpp>
#include <hocket/base/options.hpp>
#include <hocket/pool/thread_pool.hpp>
#include <hocket/range/explain.hpp>
#include <hocket/range/index_range.hpp>
#include <hocket/range/projection.hpp>
#include <hocket/range/range_traits.hpp>

#include <cstdint>
#include <iterator>
#include <stdexcept>
#include <type_traits>
#include <utility>

namespace hocket::inline HOCKET_ABI::detail {

/// Calls `body(i)` for each position i.
template<class Body>
struct position_kernel {
    static constexpr bool resumes = true;
    Body const& body;

    void operator()(std::uint64_t first, std::uint64_t last, std::uint64_t& at) const {
        hot_callable<Body> run = body;
        std::uint64_t i = first;
        report_position const report(at, i);
        for (; i != last; ++i) run(i);
    }
};

/// Calls `body(i)` for each position i below `n`: the whole of an operation.
template<class Body>
void for_positions(thread_pool& pool, std::uint64_t n, loop_options const& options, Body const& body) {
    detail::guarded_loop(pool, n, options, position_kernel<Body>{body});
}

/// Calls `body(i)` for each position i below `n`: a part of an operation over `total` elements.
template<class Body>
void for_positions(thread_pool& pool, std::uint64_t n, loop_options const& options, loop_errors& errors,
                   std::uint64_t total, Body const& body) {
    if (n != 0 && !errors.stopped()) {
        position_kernel<Body> const kernel{body};
        guarded_chunk<position_kernel<Body>> chunk(kernel, errors);
        detail::run_loop(pool, n, plan_of(n, options, options.grain), chunk);
    }
    errors.finish(total);
}

/// Returns the first position below `n` for which `test(i)` is true, or `n`. Positions behind it may be tested as well.
template<class Test>
std::uint64_t first_position(thread_pool& pool, std::uint64_t n, Test const& test, loop_options const& options) {
    index_range<std::uint64_t>::iterator const begin(0);
    return detail::find_first(pool, begin, n, test, as_it_is(), options);
}

/// A test of two elements, or of what projections make of them, by their positions in two ranges.
template<class A, class B, class Test, class ProjA, class ProjB>
struct test_at {
    A a;
    B b;
    hot_callable<Test> test;
    hot_callable<ProjA> proj_a;
    hot_callable<ProjB> proj_b;

    bool operator()(std::uint64_t i, std::uint64_t j) const {
        return static_cast<bool>(detail::call(test, detail::call(proj_a, *detail::advanced(a, i)),
                                              detail::call(proj_b, *detail::advanced(b, j))));
    }
};

/// Whether an algorithm can write to an Out; if not, the program does not compile.
template<class Out>
constexpr bool explain_target() {
    constexpr bool writes = write_target<std::remove_reference_t<Out>>;
    static_assert(writes, "hocket: this algorithm writes to a random access iterator, or to a range with random access "
                          "and a size: the argument in that position is neither");
    if constexpr (writes) {
        using iterator = written_iterator<std::remove_reference_t<Out>>;
        constexpr bool packed = packed_bits<iterator>;
        static_assert(!packed,
                      "hocket: this algorithm writes to a std::vector<bool>: neighbouring elements share a word and "
                      "cannot be written at the same time; use std::vector<char>");
        return explain_written<iterator>() && !packed;
    }
    return false;
}

/// Whether a Value can be assigned to the elements of an Out; if not, the program does not compile.
template<class Out, class Value>
constexpr bool explain_assigned() {
    if constexpr (explain_target<Out>()) {
        using place = std::iter_reference_t<written_iterator<std::remove_reference_t<Out>>>;
        constexpr bool assigns = std::is_assignable_v<place, Value>;
        static_assert(assigns, "hocket: what this algorithm writes cannot be assigned to the elements of its output");
        return assigns;
    }
    return false;
}

/// Returns a number as another type of number, so that an assignment to elements of that type causes no warning.
/// Returns anything else unchanged.
template<class Element, class X>
[[nodiscard]] constexpr decltype(auto) as_element(X&& x) noexcept {
    if constexpr (std::is_arithmetic_v<Element> && std::is_arithmetic_v<std::remove_cvref_t<X>>)
        return static_cast<Element>(x);
    else
        return std::forward<X>(x);
}

/// Throws where an output has no room for `n` elements.
template<class Out>
void check_room(Out& out, std::uint64_t n) {
    if constexpr (parallel_range<Out>)
        if (detail::range_length(out) < n)
            throw std::invalid_argument("hocket: the output range of a parallel algorithm is too short");
}

/// Returns an iterator to the first element of an output.
template<class Out>
[[nodiscard]] auto output_begin(Out& out) {
    if constexpr (parallel_range<Out>)
        return std::ranges::begin(out);
    else
        return std::decay_t<Out>(out);
}

} // namespace hocket::inline HOCKET_ABI::detail
