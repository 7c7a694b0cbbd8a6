// SPDX-License-Identifier: MIT
// Finds the members of an aggregate by structured bindings: their number, their types, and a visit of each. Called by
// the archive, and by the check of whether a type travels.
#pragma once

#include <hocket/base/config.hpp>
#include <hocket/remote/wire/type_kind.hpp>

#include <cstddef>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>

namespace hocket::inline HOCKET_ABI::detail {

template<class...>
struct type_list {};

inline constexpr std::size_t most_members = 16;

/// Whether a T can be initialised by `Count` empty braces. Each pair of braces stands for a base class or a member,
/// which may be an array.
template<class T, std::size_t Count>
concept has_members = (Count == 0 && requires { T{}; }) || (Count == 1 && requires { T{{}}; }) ||
                      (Count == 2 &&
                       requires {
                           T{{}, {}};
                       }) ||
                      (Count == 3 &&
                       requires {
                           T{{}, {}, {}};
                       }) ||
                      (Count == 4 &&
                       requires {
                           T{{}, {}, {}, {}};
                       }) ||
                      (Count == 5 &&
                       requires {
                           T{{}, {}, {}, {}, {}};
                       }) ||
                      (Count == 6 && requires { T{{}, {}, {}, {}, {}, {}}; }) ||
                      (Count == 7 && requires { T{{}, {}, {}, {}, {}, {}, {}}; }) ||
                      (Count == 8 && requires { T{{}, {}, {}, {}, {}, {}, {}, {}}; }) ||
                      (Count == 9 && requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}}; }) ||
                      (Count == 10 && requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}}; }) ||
                      (Count == 11 && requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}}; }) ||
                      (Count == 12 && requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}}; }) ||
                      (Count == 13 && requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}}; }) ||
                      (Count == 14 && requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}}; }) ||
                      (Count == 15 && requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}}; }) ||
                      (Count == 16 &&
                       requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}}; }) ||
                      (Count == 17 &&
                       requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}}; });

/// Converts to the base classes of T; with Empty, only to the base classes without members.
template<class T, bool Empty>
struct any_base {
    template<class Base>
        requires(std::is_base_of_v<Base, T> && !std::is_same_v<Base, T> && (!Empty || std::is_empty_v<Base>))
    operator Base() const noexcept; // NOLINT: what it is for
};

/// Returns the number of base classes that precede the members of an aggregate, at most two.
template<class T, bool Empty>
constexpr std::size_t base_count() {
    if constexpr (requires { T{any_base<T, Empty>{}, any_base<T, Empty>{}}; })
        return 2;
    else if constexpr (requires { T{any_base<T, Empty>{}}; })
        return 1;
    else
        return 0;
}

/// Returns the number of bases and members, or `most_members + 1` if there are more. Returns zero for a type that
/// cannot be initialised at all.
template<class T, std::size_t Count = most_members + 1>
constexpr std::size_t element_count() {
    if constexpr (Count == 0 || has_members<T, Count>)
        return Count;
    else
        return element_count<T, Count - 1>();
}

/// Converts to any type.
struct any_value {
    template<class T>
    operator T() const noexcept; // NOLINT: what it is for
};
/// Converts to the types that an `any_value` could initialise in two ways, because they can be made from anything.
struct any_taker {
    template<class T>
        requires(made_from<T, std::optional> || made_from<T, std::variant> || made_from<T, std::tuple>)
    operator T() const noexcept; // NOLINT: what it is for
};

/// Returns the number of members of an aggregate that cannot be value-initialised, such as one that holds a lambda with
/// captures.
template<class T, class... Before>
constexpr std::size_t count_of_any() {
    if constexpr (sizeof...(Before) <= most_members && requires { T{Before{}..., any_value{}}; })
        return count_of_any<T, Before..., any_value>();
    else if constexpr (sizeof...(Before) <= most_members && requires { T{Before{}..., any_taker{}}; })
        return count_of_any<T, Before..., any_taker>();
    else
        return sizeof...(Before);
}

/// Returns the number of members of an aggregate whose base classes are empty.
template<class T>
constexpr std::size_t member_count() {
    if constexpr (has_members<T, 0>)
        return element_count<T>() - base_count<T, true>();
    else
        return detail::count_of_any<T>();
}

/// Calls `visit` with all members of `object`.
template<class T, class Visit>
constexpr decltype(auto) visit_members(T& object, Visit&& visit) {
    constexpr std::size_t count = member_count<std::remove_const_t<T>>();
    if constexpr (count == 0) {
        (void)object;
        return visit();
    } else if constexpr (count == 1) {
        auto& [a] = object;
        return visit(a);
    } else if constexpr (count == 2) {
        auto& [a, b] = object;
        return visit(a, b);
    } else if constexpr (count == 3) {
        auto& [a, b, c] = object;
        return visit(a, b, c);
    } else if constexpr (count == 4) {
        auto& [a, b, c, d] = object;
        return visit(a, b, c, d);
    } else if constexpr (count == 5) {
        auto& [a, b, c, d, e] = object;
        return visit(a, b, c, d, e);
    } else if constexpr (count == 6) {
        auto& [a, b, c, d, e, f] = object;
        return visit(a, b, c, d, e, f);
    } else if constexpr (count == 7) {
        auto& [a, b, c, d, e, f, g] = object;
        return visit(a, b, c, d, e, f, g);
    } else if constexpr (count == 8) {
        auto& [a, b, c, d, e, f, g, h] = object;
        return visit(a, b, c, d, e, f, g, h);
    } else if constexpr (count == 9) {
        auto& [a, b, c, d, e, f, g, h, i] = object;
        return visit(a, b, c, d, e, f, g, h, i);
    } else if constexpr (count == 10) {
        auto& [a, b, c, d, e, f, g, h, i, j] = object;
        return visit(a, b, c, d, e, f, g, h, i, j);
    } else if constexpr (count == 11) {
        auto& [a, b, c, d, e, f, g, h, i, j, k] = object;
        return visit(a, b, c, d, e, f, g, h, i, j, k);
    } else if constexpr (count == 12) {
        auto& [a, b, c, d, e, f, g, h, i, j, k, l] = object;
        return visit(a, b, c, d, e, f, g, h, i, j, k, l);
    } else if constexpr (count == 13) {
        auto& [a, b, c, d, e, f, g, h, i, j, k, l, m] = object;
        return visit(a, b, c, d, e, f, g, h, i, j, k, l, m);
    } else if constexpr (count == 14) {
        auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n] = object;
        return visit(a, b, c, d, e, f, g, h, i, j, k, l, m, n);
    } else if constexpr (count == 15) {
        auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o] = object;
        return visit(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o);
    } else if constexpr (count == 16) {
        auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p] = object;
        return visit(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p);
    }
}

/// Returns a `type_list` of the declared types of the members of an aggregate. Evaluates no object, so bit-fields are
/// never bound to references.
template<class T>
constexpr auto list_members(T& object) {
    constexpr std::size_t count = member_count<T>();
    if constexpr (count == 0) {
        (void)object;
        return type_list<>{};
    } else if constexpr (count == 1) {
        auto& [a] = object;
        return type_list<decltype(a)>{};
    } else if constexpr (count == 2) {
        auto& [a, b] = object;
        return type_list<decltype(a), decltype(b)>{};
    } else if constexpr (count == 3) {
        auto& [a, b, c] = object;
        return type_list<decltype(a), decltype(b), decltype(c)>{};
    } else if constexpr (count == 4) {
        auto& [a, b, c, d] = object;
        return type_list<decltype(a), decltype(b), decltype(c), decltype(d)>{};
    } else if constexpr (count == 5) {
        auto& [a, b, c, d, e] = object;
        return type_list<decltype(a), decltype(b), decltype(c), decltype(d), decltype(e)>{};
    } else if constexpr (count == 6) {
        auto& [a, b, c, d, e, f] = object;
        return type_list<decltype(a), decltype(b), decltype(c), decltype(d), decltype(e), decltype(f)>{};
    } else if constexpr (count == 7) {
        auto& [a, b, c, d, e, f, g] = object;
        return type_list<decltype(a), decltype(b), decltype(c), decltype(d), decltype(e), decltype(f), decltype(g)>{};
    } else if constexpr (count == 8) {
        auto& [a, b, c, d, e, f, g, h] = object;
        return type_list<decltype(a), decltype(b), decltype(c), decltype(d), decltype(e), decltype(f), decltype(g),
                         decltype(h)>{};
    } else if constexpr (count == 9) {
        auto& [a, b, c, d, e, f, g, h, i] = object;
        return type_list<decltype(a), decltype(b), decltype(c), decltype(d), decltype(e), decltype(f), decltype(g),
                         decltype(h), decltype(i)>{};
    } else if constexpr (count == 10) {
        auto& [a, b, c, d, e, f, g, h, i, j] = object;
        return type_list<decltype(a), decltype(b), decltype(c), decltype(d), decltype(e), decltype(f), decltype(g),
                         decltype(h), decltype(i), decltype(j)>{};
    } else if constexpr (count == 11) {
        auto& [a, b, c, d, e, f, g, h, i, j, k] = object;
        return type_list<decltype(a), decltype(b), decltype(c), decltype(d), decltype(e), decltype(f), decltype(g),
                         decltype(h), decltype(i), decltype(j), decltype(k)>{};
    } else if constexpr (count == 12) {
        auto& [a, b, c, d, e, f, g, h, i, j, k, l] = object;
        return type_list<decltype(a), decltype(b), decltype(c), decltype(d), decltype(e), decltype(f), decltype(g),
                         decltype(h), decltype(i), decltype(j), decltype(k), decltype(l)>{};
    } else if constexpr (count == 13) {
        auto& [a, b, c, d, e, f, g, h, i, j, k, l, m] = object;
        return type_list<decltype(a), decltype(b), decltype(c), decltype(d), decltype(e), decltype(f), decltype(g),
                         decltype(h), decltype(i), decltype(j), decltype(k), decltype(l), decltype(m)>{};
    } else if constexpr (count == 14) {
        auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n] = object;
        return type_list<decltype(a), decltype(b), decltype(c), decltype(d), decltype(e), decltype(f), decltype(g),
                         decltype(h), decltype(i), decltype(j), decltype(k), decltype(l), decltype(m), decltype(n)>{};
    } else if constexpr (count == 15) {
        auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o] = object;
        return type_list<decltype(a), decltype(b), decltype(c), decltype(d), decltype(e), decltype(f), decltype(g),
                         decltype(h), decltype(i), decltype(j), decltype(k), decltype(l), decltype(m), decltype(n),
                         decltype(o)>{};
    } else if constexpr (count == 16) {
        auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p] = object;
        return type_list<decltype(a), decltype(b), decltype(c), decltype(d), decltype(e), decltype(f), decltype(g),
                         decltype(h), decltype(i), decltype(j), decltype(k), decltype(l), decltype(m), decltype(n),
                         decltype(o), decltype(p)>{};
    }
}
template<class T>
using member_types = decltype(detail::list_members(std::declval<T&>()));

} // namespace hocket::detail
