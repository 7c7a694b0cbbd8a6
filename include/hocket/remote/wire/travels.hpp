// SPDX-License-Identifier: MIT
// Says which types travel to another process as bytes, and how. For any other type it gives a sentence that says what
// to do. Called by the archive, and by functions that take a callable or a value for another process.
#pragma once

#include <hocket/base/config.hpp>
#include <hocket/base/outcome.hpp>
#include <hocket/remote/wire/aggregate.hpp>
#include <hocket/remote/wire/archive_bytes.hpp>
#include <hocket/remote/wire/bind_front.hpp>
#include <hocket/remote/wire/type_kind.hpp>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <tuple>
#include <type_traits>
#include <utility>

namespace hocket::inline HOCKET_ABI {

/// Whether a trivially copyable class consists only of its bytes, although its members cannot be inspected: `template<>
/// inline constexpr bool hocket::travels_as_bytes<T> = true;`.
template<class T>
inline constexpr bool travels_as_bytes = false;

namespace detail {

/// How a type travels. Types from `pointer` on do not travel.
enum class travel_way : std::uint8_t {
    hook_member,           ///< value.serialize(archive)
    hook_free,             ///< serialize(archive, value)
    hook_member_versioned, ///< value.serialize(archive, version)
    hook_free_versioned,   ///< serialize(archive, value, version)
    boolean,
    bytes,
    function,        ///< a pointer to a function: module and offset
    member_function, ///< a pointer to a member function
    member,          ///< a pointer to a data member: an offset
    closure,         ///< a lambda, or a functor with private members: bytes that are checked for addresses
    nothing,         ///< an empty class
    container,
    optional,
    owner, ///< a std::unique_ptr
    variant,
    array,
    tuple,
    bound,    ///< the result of bind_front
    error,    ///< a std::exception_ptr
    outcome,  ///< a value or an error
    of_parts, ///< an aggregate that cannot be default constructed, since it holds a lambda with captures
    aggregate,
    pointer,
    view,
    wrapper,
    iterator,
    union_type,
    open_enum,
    sharer,
    owner_of_base,
    owner_of_another_kind,
    captures,
    bytes_of_no_copy,
    private_members,
    no_default,
    const_member,
    many_members,
    base_with_members,
};

template<class T>
concept hook_member = requires(T& t, archive_writer& archive) {
    t.serialize(archive);
};
template<class T>
concept hook_free = requires(T& t, archive_writer& archive) {
    serialize(archive, t);
};
template<class T>
concept hook_member_versioned = requires(T& t, archive_writer& archive) {
    t.serialize(archive, 0U);
};
template<class T>
concept hook_free_versioned = requires(T& t, archive_writer& archive) {
    serialize(archive, t, 0U);
};

/// Returns how a unique_ptr travels, which depends on the object that it owns.
template<class T>
constexpr travel_way way_of_owner() {
    using element = typename T::element_type;
    if constexpr (!std::is_same_v<T, std::unique_ptr<element>>)
        return travel_way::owner_of_another_kind;
    else if constexpr (std::is_polymorphic_v<element> && !std::is_final_v<element>)
        return travel_way::owner_of_base;
    else
        return travel_way::owner;
}

template<class T>
constexpr travel_way way_of_aggregate() {
    if constexpr (!has_members<T, 0>)
        return member_count<T>() == 0             ? travel_way::no_default
               : member_count<T>() > most_members ? travel_way::many_members
                                                  : travel_way::of_parts;
    else if constexpr (element_count<T>() > most_members)
        return travel_way::many_members;
    else if constexpr (base_count<T, false>() != base_count<T, true>())
        return travel_way::base_with_members;
    else
        return travel_way::aggregate;
}

/// Returns how a class without a hook travels.
template<class T>
constexpr travel_way way_of_class() {
    if constexpr (any_view<T>)
        return travel_way::view;
    else if constexpr (any_container<T>)
        return travel_way::container;
    else if constexpr (any_optional<T>)
        return travel_way::optional;
    else if constexpr (any_owner<T>)
        return detail::way_of_owner<T>();
    else if constexpr (any_sharer<T>)
        return travel_way::sharer;
    else if constexpr (any_variant<T>)
        return travel_way::variant;
    else if constexpr (any_array<T>)
        return travel_way::array;
    else if constexpr (any_tuple<T>)
        return travel_way::tuple;
    else if constexpr (made_from<T, bound_call>)
        return travel_way::bound;
    else if constexpr (std::is_same_v<T, std::exception_ptr>)
        return travel_way::error;
    else if constexpr (made_from<T, outcome>)
        return travel_way::outcome;
    else if constexpr (number_class<T>)
        return travel_way::bytes;
    else if constexpr (std::is_aggregate_v<T>)
        return detail::way_of_aggregate<T>();
    else if constexpr (any_wrapper<T>)
        return travel_way::wrapper;
    else if constexpr (any_iterator<T>)
        return travel_way::iterator;
    else if constexpr (std::is_empty_v<T> && (copied_as_bytes<T> || std::is_default_constructible_v<T>))
        return travel_way::nothing;
    else if constexpr (function_object<T>)
        return copied_as_bytes<T> ? travel_way::closure : travel_way::captures;
    else
        return travel_way::private_members;
}

template<class T>
constexpr travel_way way_of() {
    if constexpr (std::is_same_v<T, bool>)
        return travel_way::boolean;
    else if constexpr (std::is_arithmetic_v<T>)
        return travel_way::bytes;
    else if constexpr (std::is_array_v<T>)
        return travel_way::array;
    else if constexpr (function_pointer<T>)
        return travel_way::function;
    else if constexpr (std::is_member_function_pointer_v<T>)
        return travel_way::member_function;
    else if constexpr (std::is_member_object_pointer_v<T>)
        return travel_way::member;
    else if constexpr (std::is_pointer_v<T> || std::is_reference_v<T> || std::is_null_pointer_v<T>)
        return travel_way::pointer;
    else if constexpr (travels_as_bytes<T>)
        return std::is_trivially_copyable_v<T> ? travel_way::bytes : travel_way::bytes_of_no_copy;
    else if constexpr (hook_member<T>)
        return travel_way::hook_member;
    else if constexpr (hook_free<T>)
        return travel_way::hook_free;
    else if constexpr (hook_member_versioned<T>)
        return travel_way::hook_member_versioned;
    else if constexpr (hook_free_versioned<T>)
        return travel_way::hook_free_versioned;
    else if constexpr (std::is_enum_v<T>)
        return sound_enum<T> ? std::is_same_v<std::underlying_type_t<T>, bool> ? travel_way::boolean : travel_way::bytes
                             : travel_way::open_enum;
    else if constexpr (std::is_union_v<T>)
        return travel_way::union_type;
    else if constexpr (std::is_class_v<T>)
        return detail::way_of_class<T>();
    else
        return travel_way::private_members;
}
template<class T>
inline constexpr travel_way way = detail::way_of<T>();

/// Whether a hook of the program writes and reads the values.
constexpr bool is_hook(travel_way way) noexcept { return way <= travel_way::hook_free_versioned; }
/// Whether an invalid value would cause a wild call or access.
constexpr bool is_code(travel_way way) noexcept { return way >= travel_way::function && way <= travel_way::member; }
constexpr bool is_refused(travel_way way) noexcept { return way >= travel_way::pointer; }

template<class T, class... Around>
constexpr travel_way first_refused();

template<class... Around, class... T>
constexpr travel_way first_refused_of(type_list<T...>) {
    travel_way found = travel_way::nothing;
    ((is_refused(found) || (found = detail::first_refused<T, Around...>(), true)), ...);
    return found;
}

template<class T>
struct parts_of_class {};
template<template<class...> class Template, class... T>
struct parts_of_class<Template<T...>> {
    using type = type_list<T...>;
};

template<class F, class... Bound>
struct parts_of_class<bound_call<F, Bound...>> {
    using type = type_list<F, std::tuple<Bound...>>;
};

/// Returns the types that values of a T hold and that the archive writes one by one.
template<class T>
constexpr auto parts_of() {
    if constexpr (way<T> == travel_way::container && any_map<T>)
        return type_list<typename T::key_type, typename T::mapped_type>{};
    else if constexpr (way<T> == travel_way::container || way<T> == travel_way::optional)
        return type_list<typename T::value_type>{};
    else if constexpr (way<T> == travel_way::array)
        return type_list<std::remove_cvref_t<decltype(std::declval<T&>()[0])>>{};
    else if constexpr (way<T> == travel_way::owner)
        return type_list<std::remove_const_t<typename T::element_type>>{};
    else if constexpr (way<T> == travel_way::variant || way<T> == travel_way::tuple || way<T> == travel_way::bound)
        return typename parts_of_class<T>::type{};
    else if constexpr (way<T> == travel_way::aggregate || way<T> == travel_way::of_parts)
        return member_types<T>{};
    else if constexpr (way<T> == travel_way::outcome && !std::is_same_v<T, outcome<void>>)
        return type_list<typename T::value_type>{};
    else
        return type_list<>{};
}

/// Returns the first refused way among those of a T and its parts, or an accepted way if there is none. `Around` lists
/// the types under inspection, since a class may contain its own type.
template<class T, class... Around>
constexpr travel_way first_refused() {
    if constexpr ((std::is_same_v<T, Around> || ...))
        return travel_way::nothing;
    else if constexpr (std::is_const_v<T>)
        return travel_way::const_member;
    else if constexpr (is_refused(way<T>))
        return way<T>;
    else if constexpr ((is_hook(way<T>) || way<T> == travel_way::array) && !std::is_default_constructible_v<T>)
        return travel_way::no_default;
    else
        return detail::first_refused_of<T, Around...>(detail::parts_of<T>());
}

/// A type whose values go to another process and back as bytes.
template<class T>
concept travels = !is_refused(detail::first_refused<std::remove_cvref_t<T>>());

/// Whether values of T travel to another process. If not, the program does not compile.
template<class T>
constexpr bool explain_travels() {
    constexpr travel_way refused = detail::first_refused<std::remove_cvref_t<T>>();
    static_assert(
        refused != travel_way::pointer,
        "hocket: this type is or holds a pointer or a reference, and nothing is at its address in another process: "
        "pass the value itself, or a std::unique_ptr that owns it");
    static_assert(
        refused != travel_way::view,
        "hocket: this type is or holds a view (std::span, std::string_view and their like), and what it looks at "
        "stays in this process: pass a std::vector or a std::string");
    static_assert(
        refused != travel_way::wrapper,
        "hocket: this type is or holds a std::reference_wrapper, and what it refers to stays in this process: pass "
        "the value itself");
    static_assert(
        refused != travel_way::iterator,
        "hocket: this type is or holds an iterator, and its container stays in this process: pass the elements in a "
        "std::vector, or an index");
    static_assert(
        refused != travel_way::union_type,
        "hocket: this type is or holds a union, which does not say which of its members is there: use a std::variant");
    static_assert(
        refused != travel_way::open_enum,
        "hocket: this type is or holds an enum without an underlying type, so not all of its bit patterns are values: "
        "write `enum name : int`, or `enum class`");
    static_assert(
        refused != travel_way::sharer,
        "hocket: this type is or holds a std::shared_ptr, which would share nothing with its copy in another process: "
        "pass the value itself, or a std::unique_ptr");
    static_assert(
        refused != travel_way::owner_of_base,
        "hocket: this type is or holds a std::unique_ptr to a class with virtual functions, and what derives from "
        "it would be lost: use a std::variant, or mark the class final");
    static_assert(
        refused != travel_way::owner_of_another_kind,
        "hocket: a std::unique_ptr travels if it owns one object that the default deleter deletes: for an array use a "
        "std::vector");
    static_assert(
        refused != travel_way::captures,
        "hocket: a callable travels if it captures nothing that is more than its bytes: pass strings, vectors and "
        "their like as arguments, or bind them by hocket::bind_front(f, text); a std::function does not travel");
    static_assert(refused != travel_way::bytes_of_no_copy, "hocket: travels_as_bytes is true for a class that is not "
                                                           "trivially copyable: write serialize(archive) instead");
    static_assert(
        refused != travel_way::private_members,
        "hocket: this type is or holds a class whose members hocket cannot find, since some are private, or it has "
        "constructors: give the class a public `template<class Archive> void serialize(Archive& archive) { archive(a, "
        "b); }`, or, if its bytes are all of it, set hocket::travels_as_bytes<T>");
    static_assert(refused != travel_way::no_default, "hocket: this type is or holds a class without a public default "
                                                     "constructor, which the receiving process needs: add one");
    static_assert(
        refused != travel_way::const_member,
        "hocket: this type holds a const member, which the process that receives a value could not fill in: write "
        "serialize(archive), or drop the const");
    static_assert(
        refused != travel_way::many_members,
        "hocket: this type is or holds an aggregate with more than 16 members: put some into a struct of their own, or "
        "write serialize(archive)");
    static_assert(
        refused != travel_way::base_with_members,
        "hocket: this type is or holds an aggregate whose base class has members: make the base a member, or write "
        "serialize(archive)");
    return !is_refused(refused);
}

} // namespace detail

} // namespace hocket
