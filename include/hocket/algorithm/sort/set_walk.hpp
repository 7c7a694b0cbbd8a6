// SPDX-License-Identifier: MIT
// Traverses two sorted ranges side by side, in pieces. It decides where to cut both so that equal elements that belong
// together stay together, and which elements an operation takes. The cuts lie on balanced paths (S. Baxter, Modern GPU,
// 2013). The operations on sorted ranges use it.
#pragma once

#include <hocket/algorithm/forms/positions.hpp>
#include <hocket/algorithm/sort/merge_path.hpp>
#include <hocket/base/call.hpp>
#include <hocket/loop/stop_pace.hpp>

#include <cstdint>

namespace hocket::inline HOCKET_ABI::detail {

/// Returns the first position of [low, high) for which `before` is false; it is true for none behind that.
/// Throws if the operation was stopped.
template<class Before>
[[nodiscard]] std::uint64_t first_not(stop_pace& pace, std::uint64_t low, std::uint64_t high, Before const& before) {
    while (low < high) {
        static_cast<void>(pace.next(0, 1));
        std::uint64_t const middle = low + (high - low) / 2;
        if (before(middle))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/// How many elements of each range lie before a cut.
struct set_cut {
    std::uint64_t a = 0, b = 0;
};

/// Two ranges, each sorted by `compare` over its projection; comparisons by positions.
template<class A, class B, class Compare, class ProjA, class ProjB>
struct sorted_pair {
    A a;
    std::uint64_t a_size;
    B b;
    std::uint64_t b_size;
    Compare const& compare;
    ProjA const& proj_a;
    ProjB const& proj_b;

    [[nodiscard]] bool less_ab(std::uint64_t i, std::uint64_t j) const { return less(a, proj_a, i, b, proj_b, j); }
    [[nodiscard]] bool less_ba(std::uint64_t j, std::uint64_t i) const { return less(b, proj_b, j, a, proj_a, i); }
    [[nodiscard]] bool less_aa(std::uint64_t x, std::uint64_t y) const { return less(a, proj_a, x, a, proj_a, y); }
    [[nodiscard]] bool less_bb(std::uint64_t x, std::uint64_t y) const { return less(b, proj_b, x, b, proj_b, y); }

    /// Returns a cut with about `d` elements before it. Of equal elements of both ranges, the first of one belongs to
    /// the first of the other, and so on: both lie on the same side of the cut.
    [[nodiscard]] set_cut cut(std::uint64_t d) const {
        if (d == 0) return {};
        if (d >= a_size + b_size) return {a_size, b_size};
        stop_pace pace;
        std::uint64_t const i = merged_before(pace, d), j = d - i;
        return i < a_size && (j == b_size || !less_ba(j, i)) ? balanced<true>(pace, i, j) : balanced<false>(pace, i, j);
    }

  private:
    /// In one expression: what an iterator or a projection gives may not live longer.
    template<class X, class ProjX, class Y, class ProjY>
    [[nodiscard]] bool less(X const& x, ProjX const& proj_x, std::uint64_t i, Y const& y, ProjY const& proj_y,
                            std::uint64_t j) const {
        return static_cast<bool>(detail::call(compare, detail::call(proj_x, *detail::advanced(x, i)),
                                              detail::call(proj_y, *detail::advanced(y, j))));
    }

    /// How many of the first `d` elements of a merge come from `a`.
    [[nodiscard]] std::uint64_t merged_before(stop_pace& pace, std::uint64_t d) const {
        std::uint64_t const low = d > b_size ? d - b_size : 0, high = d < a_size ? d : a_size;
        return detail::first_not(pace, low, high, [&](std::uint64_t i) { return !less_ba(d - 1 - i, i); });
    }

    /// Moves the cut (i, j) of a merge within the elements that are equal to the next one, which comes from `a` or from
    /// `b`.
    template<bool from_a>
    [[nodiscard]] set_cut balanced(stop_pace& pace, std::uint64_t i, std::uint64_t j) const {
        auto const a_before = [&](std::uint64_t x) { return from_a ? less_aa(x, i) : less_ab(x, j); };
        auto const b_before = [&](std::uint64_t y) { return from_a ? less_ba(y, i) : less_bb(y, j); };
        auto const a_within = [&](std::uint64_t x) { return !(from_a ? less_aa(i, x) : less_ba(j, x)); };
        auto const b_within = [&](std::uint64_t y) { return !(from_a ? less_ab(i, y) : less_bb(j, y)); };
        std::uint64_t const a_first = detail::first_not(pace, 0, i, a_before),
                            a_last = detail::first_not(pace, i, a_size, a_within);
        std::uint64_t const b_first = detail::first_not(pace, 0, j, b_before),
                            b_last = detail::first_not(pace, j, b_size, b_within);
        std::uint64_t const of_a = a_last - a_first, of_b = b_last - b_first, pairs = of_a < of_b ? of_a : of_b;
        std::uint64_t const before = i + j - a_first - b_first;
        if (before / 2 < pairs) return {a_first + before / 2, b_first + before / 2};
        std::uint64_t const alone = before - 2 * pairs; // of the range that has more of them
        return of_a > of_b ? set_cut{a_first + pairs + alone, b_last} : set_cut{a_last, b_first + pairs + alone};
    }
};

/// Which elements an operation takes: those of one range alone, and of those of both the first range's.
struct set_choice {
    bool from_a, from_b, from_both;
};

/// Calls `take_a(i)` and `take_b(j)` for the elements between two cuts that an operation takes, in their order. Throws
/// if the operation was stopped.
template<set_choice choice, class Pair, class TakeA, class TakeB>
void walk_pair(Pair const& pair, set_cut at, set_cut end, TakeA const& take_a, TakeB const& take_b) {
    stop_pace pace;
    while (at.a != end.a && at.b != end.b) {
        static_cast<void>(pace.next(0, 1));
        if (pair.less_ab(at.a, at.b)) {
            if constexpr (choice.from_a) take_a(at.a);
            ++at.a;
        } else if (pair.less_ba(at.b, at.a)) {
            if constexpr (choice.from_b) take_b(at.b);
            ++at.b;
        } else {
            if constexpr (choice.from_both) take_a(at.a);
            ++at.a;
            ++at.b;
        }
    }
    if constexpr (choice.from_a)
        for (; at.a != end.a; ++at.a) take_a(at.a);
    if constexpr (choice.from_b)
        for (; at.b != end.b; ++at.b) take_b(at.b);
}

} // namespace hocket::inline HOCKET_ABI::detail
