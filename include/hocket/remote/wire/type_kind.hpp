// SPDX-License-Identifier: MIT
// Kinds of types that the archive treats alike, recognised without the headers that define the types. Called by
// travels.hpp and by the archive.
#pragma once

#include <hocket/base/config.hpp>

#include <array>
#include <concepts>
#include <cstddef>
#include <initializer_list>
#include <iterator>
#include <memory>
#include <optional>
#include <span>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>

namespace hocket::inline HOCKET_ABI::detail {

template<class T, template<class...> class Template>
inline constexpr bool made_from = false;
template<template<class...> class Template, class... Arguments>
inline constexpr bool made_from<Template<Arguments...>, Template> = true;

template<class T>
concept any_optional = made_from<T, std::optional>;
template<class T>
concept any_variant = made_from<T, std::variant>;
template<class T>
concept any_owner = made_from<T, std::unique_ptr>;
template<class T>
concept any_sharer = std::is_class_v<T> && requires(T const& t) {
    typename T::element_type;
    t.use_count();
};

template<class T>
concept any_tuple = made_from<T, std::tuple> || made_from<T, std::pair>;
/// A std::array, or a class like it.
template<class T>
concept any_array = std::is_class_v<T> && requires(T& t) {
    std::tuple_size<T>::value;
    { t.data() } -> std::same_as<typename T::value_type*>;
};

/// A container that grows by `insert`, with the minimum of other operations.
template<class T>
concept any_container = std::is_class_v<T> && requires(T& t, T const& c, typename T::value_type&& value) {
    { c.size() } -> std::convertible_to<std::size_t>;
    c.begin();
    c.end();
    t.clear();
    t.insert(t.end(), std::move(value));
};
template<class T>
concept any_map = any_container<T> && requires {
    typename T::mapped_type;
};
/// A container with contiguous elements, such as a vector or a string.
template<class T>
concept contiguous_container = any_container<T> && requires(T& t) {
    { t.data() } -> std::same_as<typename T::value_type*>;
    t.resize(std::size_t{1});
};

/// A type that refers to elements that it does not own.
template<class T>
concept any_view = std::is_class_v<T> &&
    (std::ranges::enable_view<T> || std::ranges::enable_borrowed_range<T> || made_from<T, std::initializer_list>);
template<class T>
concept any_wrapper = std::is_class_v<T> && requires(T const& t) {
    typename T::type;
    { t.get() } -> std::same_as<typename T::type&>;
};
template<class T>
concept any_iterator = std::is_class_v<T> && std::input_or_output_iterator<T>;

/// An enum for which every bit pattern is a value: a scoped enum, or an enum with an underlying type.
template<class T>
concept sound_enum = std::is_enum_v<T> && requires {
    T{std::underlying_type_t<T>{}};
};

/// A duration, a point in time or a complex number: a class of the standard library that consists of one or two
/// numbers.
template<class T>
concept number_class = std::is_class_v<T> && std::is_trivially_copyable_v<T> &&(
    requires(T const& t) {
        { t.count() } -> std::same_as<typename T::rep>;
        requires std::is_arithmetic_v<typename T::rep> && sizeof(typename T::rep) == sizeof(T);
        typename T::period;
    } ||
    requires(T const& t) {
        { t.time_since_epoch().count() } -> std::same_as<typename T::rep>;
        requires std::is_arithmetic_v<typename T::rep> && sizeof(typename T::rep) == sizeof(T);
    } ||
    requires(T const& t) {
        { t.real() } -> std::same_as<typename T::value_type>;
        { t.imag() } -> std::same_as<typename T::value_type>;
        requires sizeof(T) == 2 * sizeof(typename T::value_type);
    });

/// A type whose copies are copies of its bytes. Used for lambdas: g++ 12 says that a lambda is not trivially copyable
/// after a std::pair has held it.
template<class T>
concept copied_as_bytes = std::is_trivially_copy_constructible_v<T> && std::is_trivially_destructible_v<T>;

template<class T>
concept function_pointer = std::is_pointer_v<T> && std::is_function_v<std::remove_pointer_t<T>>;

struct call_operator {
    void operator()();
};
template<class T>
struct with_call_operator : T, call_operator {};
/// A class that has an operator(), which may be a template. The test: the name is ambiguous beside another operator().
template<class T>
concept function_object = std::is_class_v<T> && !std::is_final_v<T> && !requires {
    &with_call_operator<T>::operator();
};

} // namespace hocket::detail
