// SPDX-License-Identifier: MIT
// Converts values to bytes and back without help from the program: numbers, containers and their elements, aggregates,
// functions, lambdas, and classes with a `serialize`. Damaged bytes result in bad_message, never in an invalid read or
// an allocation that the bytes could not fill. Called by the thunks, and by all senders of values.
#pragma once

#include <hocket/base/config.hpp>
#include <hocket/remote/wire/archive_bytes.hpp>
#include <hocket/remote/wire/capture_check.hpp>
#include <hocket/remote/wire/code_bytes.hpp>
#include <hocket/remote/wire/travels.hpp>
#include <hocket/remote/wire/value_bytes.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>

namespace hocket::inline HOCKET_ABI::detail {

/// The version that hooks are called with. Both processes run the same program, so it is the newest one.
inline constexpr unsigned newest_version = std::numeric_limits<unsigned>::max();

// ---- writing

template<class T>
void write_checked(archive_writer& writer, T const& value);

template<class T>
void write_element(archive_writer& writer, T const& value) {
    if constexpr (is_padded<T>) writer.append("", 1);
    detail::write_checked<T>(writer, value);
}

template<class T>
void write_hook(archive_writer& writer, T& value) {
    nesting const inside(writer.depth);
    if constexpr (way<T> == travel_way::hook_member)
        value.serialize(writer);
    else if constexpr (way<T> == travel_way::hook_free)
        serialize(writer, value);
    else if constexpr (way<T> == travel_way::hook_member_versioned)
        value.serialize(writer, newest_version);
    else
        serialize(writer, value, newest_version);
}

template<class T>
void write_container(archive_writer& writer, T const& value) {
    using element = typename T::value_type;
    nesting const inside(writer.depth);
    writer.append_count(value.size());
    if constexpr (any_map<T>) {
        for (auto const& [key, mapped] : value) {
            detail::write_element<typename T::key_type>(writer, key);
            detail::write_checked<typename T::mapped_type>(writer, mapped);
        }
    } else if constexpr (contiguous_container<T> && is_flat<element>()) {
        writer.append(value.data(), value.size() * sizeof(element));
    } else {
        for (auto const& each : value) detail::write_element<element>(writer, each);
    }
}

template<class T>
void write_variant(archive_writer& writer, T const& value) {
    if (value.valueless_by_exception())
        throw_not_remotable("hocket: a std::variant without a value cannot go to another process");
    nesting const inside(writer.depth);
    auto const index = static_cast<std::uint32_t>(value.index());
    writer.append(&index, sizeof index);
    std::visit([&writer]<class Each>(Each const& each) { detail::write_checked<Each>(writer, each); }, value);
}

/// Writes a value of a type that is known to travel.
template<class T>
void write_checked(archive_writer& writer, T const& value) {
    constexpr travel_way by = way<T>;
    if constexpr (is_hook(by)) {
        detail::write_hook<T>(writer, const_cast<T&>(value)); // not const, since one hook both reads and writes
    } else if constexpr (detail::is_flat<T>()) {
        writer.append(&value, sizeof value);
    } else if constexpr (by == travel_way::boolean) {
        unsigned char const byte = static_cast<bool>(value) ? 1 : 0;
        writer.append(&byte, 1);
    } else if constexpr (is_code(by)) {
        detail::write_code(writer, value);
    } else if constexpr (by == travel_way::closure) {
        check_captures(&value, sizeof value, alignof(T), remote_is_checked());
        writer.append(&value, sizeof value);
    } else if constexpr (by == travel_way::container) {
        detail::write_container(writer, value);
    } else if constexpr (by == travel_way::optional || by == travel_way::owner) {
        nesting const inside(writer.depth);
        detail::write_checked<bool>(writer, static_cast<bool>(value));
        if (value) detail::write_checked<std::remove_cvref_t<decltype(*value)>>(writer, *value);
    } else if constexpr (by == travel_way::variant) {
        detail::write_variant(writer, value);
    } else if constexpr (by == travel_way::array) {
        for (auto const& each : value) detail::write_checked<std::remove_cvref_t<decltype(each)>>(writer, each);
    } else if constexpr (by == travel_way::tuple) {
        std::apply([&writer]<class... Each>(Each const&... each) { (detail::write_checked<Each>(writer, each), ...); },
                   value);
    } else if constexpr (by == travel_way::bound) {
        detail::write_checked(writer, value.function);
        detail::write_checked(writer, value.arguments);
    } else if constexpr (by == travel_way::error) {
        detail::write_checked<bool>(writer, value != nullptr);
        if (value != nullptr) write_error(writer, value);
    } else if constexpr (by == travel_way::outcome) {
        if (!value.has_value() && value.error() == nullptr)
            throw_not_remotable("hocket: an outcome without a value or an error cannot go to another process");
        detail::write_checked<std::exception_ptr>(writer, value.error());
        if constexpr (!std::is_void_v<typename T::value_type>)
            if (value.has_value()) detail::write_checked<typename T::value_type>(writer, *value);
    } else if constexpr (by == travel_way::aggregate || by == travel_way::of_parts) {
        detail::visit_members(
            value, [&writer]<class... Each>(Each const&... each) { (detail::write_checked<Each>(writer, each), ...); });
    } else {
        static_assert(by == travel_way::nothing);
    }
}

/// Appends `value` to the bytes of `writer`. **Throws** `not_remotable` if the current contents of the value cannot go
/// to another process; `bad_message` if it is nested too deeply; the exceptions of a `serialize`.
template<class T>
void write_value(archive_writer& writer, T const& value) {
    if constexpr (detail::explain_travels<T>()) detail::write_checked<T>(writer, value);
}

// ---- reading

template<class T>
void read_checked(archive_reader& reader, T& value);

/// Whether a T can only be made whole, from its bytes.
template<class T>
inline constexpr bool is_made_of_bytes = (way<T> == travel_way::bytes && !std::is_default_constructible_v<T>) ||
                                         (way<T> == travel_way::closure) ||
                                         (way<T> == travel_way::nothing && !std::is_default_constructible_v<T>);

/// Whether a T cannot be default constructed and filled in later.
template<class T>
inline constexpr bool is_made_whole =
    is_made_of_bytes<T> || way<T> == travel_way::tuple || way<T> == travel_way::bound ||
    way<T> == travel_way::of_parts || way<T> == travel_way::outcome;

template<class T>
T make_checked(archive_reader& reader);

/// Makes a T from its parts, read in the order in which they were written: braces evaluate in that order.
template<class T, class... Part>
T make_of_parts(archive_reader& reader, type_list<Part...>) {
    return T{detail::make_checked<Part>(reader)...};
}

/// Makes a value of a type that is known to travel.
template<class T>
T make_checked(archive_reader& reader) {
    if constexpr (is_made_of_bytes<T>) {
        union room {
            room() noexcept : bytes() {}
            std::byte bytes[sizeof(T)];
            T value;
        } room;
        if constexpr (way<T> != travel_way::nothing) reader.take(room.bytes, sizeof(T));
        return room.value;
    } else if constexpr (way<T> == travel_way::outcome) {
        auto error = detail::make_checked<std::exception_ptr>(reader);
        if (error != nullptr) return T(std::move(error));
        if constexpr (std::is_void_v<typename T::value_type>)
            return T();
        else
            return T(detail::make_checked<typename T::value_type>(reader));
    } else if constexpr (is_made_whole<T>) {
        return detail::make_of_parts<T>(reader, detail::parts_of<T>());
    } else {
        T value = T();
        detail::read_checked<T>(reader, value);
        return value;
    }
}

template<class T>
T make_element(archive_reader& reader) {
    if constexpr (is_padded<T>) {
        char none;
        reader.take(&none, 1);
    }
    return detail::make_checked<T>(reader);
}

template<class T>
void read_hook(archive_reader& reader, T& value) {
    nesting const inside(reader.depth);
    if constexpr (way<T> == travel_way::hook_member)
        value.serialize(reader);
    else if constexpr (way<T> == travel_way::hook_free)
        serialize(reader, value);
    else if constexpr (way<T> == travel_way::hook_member_versioned)
        value.serialize(reader, newest_version);
    else
        serialize(reader, value, newest_version);
}

/// Reads elements that consist only of their bytes: in one pass if they are contiguous in memory.
template<class T>
void read_flat(archive_reader& reader, T& value) {
    using element = typename T::value_type;
    std::size_t const count = reader.take_count(sizeof(element));
    void const* const from = reader.bytes.data();
    if constexpr (requires(element const* elements) { value.assign(elements, elements); }) {
        if (reinterpret_cast<std::uintptr_t>(from) % alignof(element) == 0) {
            auto const* const elements = static_cast<element const*>(from);
            value.assign(elements, elements + count);
            reader.bytes = reader.bytes.subspan(count * sizeof(element));
            return;
        }
    }
    value.resize(count);
    reader.take(value.data(), count * sizeof(element));
}

template<class T>
void read_container(archive_reader& reader, T& value) {
    using element = typename T::value_type;
    nesting const inside(reader.depth);
    value.clear();
    if constexpr (any_map<T>) {
        using key = typename T::key_type;
        constexpr std::size_t least = least_bytes<key>() + least_bytes<typename T::mapped_type>();
        for (std::size_t left = reader.take_count(std::max<std::size_t>(least, 1)); left != 0; --left) {
            key at = detail::make_element<key>(reader);
            value.insert(value.end(), {std::move(at), detail::make_checked<typename T::mapped_type>(reader)});
        }
    } else if constexpr (contiguous_container<T> && is_flat<element>() && std::is_default_constructible_v<element>) {
        detail::read_flat(reader, value);
    } else {
        std::size_t left = reader.take_count(std::max<std::size_t>(least_bytes<element>(), 1));
        if constexpr (contiguous_container<T> && requires { value.reserve(left); })
            value.reserve(std::min(left, reader.bytes.size() / sizeof(element) + 1));
        for (; left != 0; --left) {
            if constexpr (requires(element && each) { value.push_back(std::move(each)); })
                value.push_back(detail::make_element<element>(reader)); // needs no assignment, which lambdas lack
            else
                value.insert(value.end(), detail::make_element<element>(reader));
        }
    }
}

template<class T, std::size_t... Index>
void read_variant(archive_reader& reader, T& value, std::index_sequence<Index...>) {
    nesting const inside(reader.depth);
    std::uint32_t index;
    reader.take(&index, sizeof index);
    bool const found =
        ((index == Index &&
          (value.template emplace<Index>(detail::make_checked<std::variant_alternative_t<Index, T>>(reader)), true)) ||
         ...);
    if (!found) throw_bad_message("hocket: a message holds a std::variant of none of its types");
}

/// Replaces a value by destroying and constructing it, since a lambda cannot be assigned.
template<class T>
void replace(T& value, T&& by) {
    if constexpr (std::is_move_assignable_v<T>) {
        value = std::move(by);
    } else {
        [&]() noexcept { // a throw would leave no object to destroy
            std::destroy_at(&value);
            std::construct_at(&value, std::move(by));
        }();
    }
}

/// Reads into a value of a type that is known to travel.
template<class T>
void read_checked(archive_reader& reader, T& value) {
    constexpr travel_way by = way<T>;
    if constexpr (is_hook(by)) {
        detail::read_hook(reader, value);
    } else if constexpr (is_made_whole<T>) {
        detail::replace(value, detail::make_checked<T>(reader));
    } else if constexpr (detail::is_flat<T>()) {
        reader.take(&value, sizeof value);
    } else if constexpr (by == travel_way::boolean) {
        value = static_cast<T>(reader.take_bool());
    } else if constexpr (is_code(by)) {
        detail::read_code(reader, value);
    } else if constexpr (by == travel_way::container) {
        detail::read_container(reader, value);
    } else if constexpr (by == travel_way::optional) {
        nesting const inside(reader.depth);
        value.reset();
        if (reader.take_bool()) value.emplace(detail::make_checked<typename T::value_type>(reader));
    } else if constexpr (by == travel_way::owner) {
        using element = std::remove_const_t<typename T::element_type>;
        nesting const inside(reader.depth);
        value.reset();
        if (reader.take_bool()) value.reset(new element(detail::make_checked<element>(reader)));
    } else if constexpr (by == travel_way::variant) {
        detail::read_variant(reader, value, std::make_index_sequence<std::variant_size_v<T>>());
    } else if constexpr (by == travel_way::array) {
        for (auto& each : value) detail::read_checked(reader, each);
    } else if constexpr (by == travel_way::error) {
        value = reader.take_bool() ? read_error(reader) : nullptr;
    } else if constexpr (by == travel_way::aggregate) {
        detail::visit_members(value, [&reader](auto&... each) { (detail::read_checked(reader, each), ...); });
    } else {
        static_assert(by == travel_way::nothing);
    }
}

/// Reads a T from the bytes of `reader`. **Throws** `bad_message` if they do not begin with a T, and the exceptions of
/// a `serialize`.
template<class T>
T read_value(archive_reader& reader) {
    static_assert(std::is_same_v<T, std::remove_cvref_t<T>>);
    if constexpr (detail::explain_travels<T>())
        return detail::make_checked<T>(reader);
    else
        throw_bad_message("");
}

/// Reads a T from the bytes of `reader` and assigns it to `value`.
template<class T>
void read_into(archive_reader& reader, T& value) {
    if constexpr (detail::explain_travels<T>()) detail::read_checked(reader, value);
}

template<class... T>
archive_writer& archive_writer::operator()(T const&... values) {
    (detail::write_value(*this, values), ...);
    return *this;
}
template<class T>
archive_writer& archive_writer::operator&(T const& value) {
    detail::write_value(*this, value);
    return *this;
}
template<class... T>
archive_reader& archive_reader::operator()(T&... values) {
    (detail::read_into(*this, values), ...);
    return *this;
}
template<class T>
archive_reader& archive_reader::operator&(T& value) {
    detail::read_into(*this, value);
    return *this;
}

} // namespace hocket::detail
