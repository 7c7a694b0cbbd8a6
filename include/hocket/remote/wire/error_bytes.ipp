// SPDX-License-Identifier: MIT
// The bodies of the functions that error_bytes.hpp declares.
#pragma once

#include <hocket/base/error.hpp>
#include <hocket/coroutine/channel.hpp>
#include <hocket/future/future.hpp>
#include <hocket/remote/wire/archive_values.hpp>
#include <hocket/remote/wire/error_bytes.hpp>
#include <hocket/remote/wire/own_place.hpp>
#include <hocket/remote/wire/throw_trace.hpp>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <optional>
#include <stdexcept>
#include <system_error>
#include <typeinfo>
#include <variant>
#include <vector>

#include <cxxabi.h>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_INLINE arrived_error::~arrived_error() = default;

HOCKET_COLD HOCKET_INLINE std::string full_name(char const* mangled) {
    int status = 0;
    std::unique_ptr<char, void (*)(void*)> const text(abi::__cxa_demangle(mangled, nullptr, nullptr, &status),
                                                      &std::free);
    return status == 0 ? text.get() : mangled;
}

HOCKET_COLD HOCKET_INLINE std::string demangled(char const* name) {
    std::string text = full_name(name);
    // Removes the inline namespaces, which programs do not write. The prefix of hocket's own names contains one.
    std::string const own = full_name(typeid(remote_error).name());
    std::string const hidden[] = {"__cxx11::", own.substr(8, own.size() - 8 - std::strlen("remote_error"))};
    for (std::string const& part : hidden)
        for (std::size_t at = 0; !part.empty() && (at = text.find(part)) != std::string::npos;)
            text.erase(at, part.size());
    return text;
}

/// The maximum number of nested errors. Deeper errors are dropped: an endless chain would fill the message.
inline constexpr unsigned most_nested_errors = 100;

/// An error in transit. Errors are rare, so the format is not compact.
struct error_parts {
    std::uint32_t kind = 0; ///< position in `known_errors`
    std::string type, text, where, trace;
    std::int32_t code = 0;              ///< for a std::system_error
    bool is_generic = false;            ///< its category is the generic one, and not that of the system
    std::uint64_t total = 0;            ///< for a parallel_error
    std::vector<std::uint64_t> indexes; ///< for a parallel_error: an error follows for each index
    bool has_nested = false;            ///< another error follows
};

/// A type of errors that arrive with their own type.
struct known_error {
    std::type_info const& type;
    bool (*is)(std::exception const& error);
    std::exception_ptr (*make)(error_parts const& parts, remote_error const& origin,
                               std::vector<std::exception_ptr>&& failures);
};

/// Makes an Error while its `remote_error` is being handled, so that the `remote_error` is nested in it.
template<class Error>
std::exception_ptr make_arrived(error_parts const& parts, remote_error const& origin,
                                std::vector<std::exception_ptr>&& failures) {
    if constexpr (std::is_same_v<Error, parallel_error>) {
        std::vector<parallel_error::failure> list;
        for (std::size_t i = 0; i < failures.size(); ++i) list.push_back({parts.indexes[i], std::move(failures[i])});
        if (list.empty()) throw_bad_message("hocket: a message holds a parallel_error without failures");
        return std::make_exception_ptr(arrived<Error>(origin, std::move(list), parts.total));
    } else if constexpr (std::is_same_v<Error, std::system_error>) {
        return std::make_exception_ptr(arrived<Error>(
            origin, parts.code, parts.is_generic ? std::generic_category() : std::system_category(), parts.text));
    } else if constexpr (std::is_same_v<Error, remote_error>) {
        return std::make_exception_ptr(origin);
    } else if constexpr (std::is_final_v<Error>) {
        return std::make_exception_ptr(Error());
    } else if constexpr (std::is_constructible_v<Error, std::string const&>) {
        return std::make_exception_ptr(arrived<Error>(origin, parts.text));
    } else {
        return std::make_exception_ptr(arrived<Error>(origin));
    }
}

template<class Error>
known_error describe_error() {
    constexpr auto is = [](std::exception const& error) {
        if constexpr (std::is_same_v<Error, std::exception>)
            return true;
        else
            return dynamic_cast<Error const*>(&error) != nullptr;
    };
    return {typeid(Error), is, &detail::make_arrived<Error>};
}

/// Returns the known types, each before its bases. The last entry stands for all other types, which arrive as a
/// remote_error.
HOCKET_COLD HOCKET_INLINE auto const& known_errors() {
    static std::array const list = {
        detail::describe_error<stopped_around>(),
        detail::describe_error<operation_cancelled>(),
        detail::describe_error<parallel_error>(),
        detail::describe_error<pool_ended>(),
        detail::describe_error<too_many_waits>(),
        detail::describe_error<broken_promise>(),
        detail::describe_error<channel_closed>(),
        detail::describe_error<bad_message>(),
        detail::describe_error<not_remotable>(),
        detail::describe_error<worker_lost>(),
        detail::describe_error<actor_died>(),
        detail::describe_error<object_lost>(),
        detail::describe_error<queue_full>(),
        detail::describe_error<std::domain_error>(),
        detail::describe_error<std::invalid_argument>(),
        detail::describe_error<std::length_error>(),
        detail::describe_error<std::out_of_range>(),
        detail::describe_error<std::logic_error>(),
        detail::describe_error<std::range_error>(),
        detail::describe_error<std::overflow_error>(),
        detail::describe_error<std::underflow_error>(),
        detail::describe_error<std::system_error>(),
        detail::describe_error<std::bad_array_new_length>(),
        detail::describe_error<std::bad_alloc>(),
        detail::describe_error<std::bad_cast>(),
        detail::describe_error<std::bad_typeid>(),
        detail::describe_error<std::bad_exception>(),
        detail::describe_error<std::bad_weak_ptr>(),
        detail::describe_error<std::bad_optional_access>(),
        detail::describe_error<std::bad_variant_access>(),
        detail::describe_error<std::runtime_error>(),
        detail::describe_error<std::exception>(),
        detail::describe_error<remote_error>(),
    };
    return list;
}

HOCKET_INLINE std::uint32_t last_kind() { return static_cast<std::uint32_t>(known_errors().size() - 1); }

/// Whether a type belongs to the standard library. Its header may not be included here; then the error arrives as the
/// nearest base.
HOCKET_COLD HOCKET_INLINE bool is_standard(std::string const& type) { return type.rfind("std::", 0) == 0; }

/// Returns the type of an error as the thrower wrote it, without the wrapper class of std::throw_with_nested.
HOCKET_COLD HOCKET_INLINE std::string type_of_error(std::type_info const& type) {
    constexpr char wrapper[] = "std::_Nested_exception<";
    std::string name = demangled(type.name());
    return name.rfind(wrapper, 0) == 0 ? name.substr(sizeof wrapper - 1, name.size() - sizeof wrapper) : name;
}

/// Returns the position in `known_errors` of the nearest known type of an error. `name` is the result of
/// `type_of_error`.
HOCKET_COLD HOCKET_INLINE std::uint32_t kind_of_error(std::exception const& error, std::string const& name) {
    auto const& known = known_errors();
    for (std::uint32_t i = 0; i < last_kind(); ++i)
        if (known[i].type == typeid(error)) return i;
    for (std::uint32_t i = 0; i < last_kind(); ++i)
        if (known[i].is(error) && demangled(known[i].type.name()) == name) return i;
    if (!is_standard(name)) return last_kind();
    for (std::uint32_t i = 0; i < last_kind(); ++i)
        if (known[i].is(error) && known[i].type != typeid(std::exception)) return i;
    return last_kind();
}

/// Returns the error that is nested in `error`, or null.
HOCKET_COLD HOCKET_INLINE std::exception_ptr nested_in(std::exception_ptr const& error) {
    try {
        std::rethrow_exception(error);
    } catch (std::nested_exception const& around) {
        return around.nested_ptr();
    } catch (...) {
        return nullptr;
    }
}

HOCKET_COLD HOCKET_INLINE void describe_origin(error_parts& parts, remote_error const& origin) {
    parts.type = origin.type();
    parts.text = origin.what();
    parts.where = origin.where();
    parts.trace = origin.trace();
}

/// Fills in the parts that the type of the error provides. Returns the error nested in it.
HOCKET_COLD HOCKET_INLINE std::exception_ptr describe(error_parts& parts, std::exception const& error,
                                                      std::string const& where) {
    auto const* around = dynamic_cast<std::nested_exception const*>(&error);
    if (auto const* const come = dynamic_cast<arrived_error const*>(&error)) { // its first base is the original
        describe_origin(parts, come->origin());
        while (!known_errors()[parts.kind].is(error)) ++parts.kind;
        return nested_in(come->nested_ptr());
    }
    if (auto const* const origin = dynamic_cast<remote_error const*>(&error)) {
        describe_origin(parts, *origin);
        parts.kind = last_kind();
    } else {
        char const* const text = error.what();
        parts.type = type_of_error(typeid(error));
        parts.text = text != nullptr ? text : "";
        parts.where = where.empty() ? own_place() : where;
        parts.trace = trace_of(std::current_exception());
        parts.kind = kind_of_error(error, parts.type);
    }
    return around != nullptr ? around->nested_ptr() : nullptr;
}

HOCKET_COLD HOCKET_INLINE void write_exception(archive_writer& writer, std::exception const& error,
                                               std::string const& where) {
    error_parts parts;
    std::exception_ptr nested = describe(parts, error, where);
    bool const deep = writer.depth >= most_nested_errors;
    if (deep) nested = nullptr;
    parts.has_nested = nested != nullptr;
    parallel_error const* several = nullptr;
    if (known_errors()[parts.kind].type == typeid(parallel_error)) {
        several = deep ? nullptr : dynamic_cast<parallel_error const*>(&error);
        if (several == nullptr) parts.kind = last_kind();
    }
    if (several != nullptr) {
        parts.total = several->total();
        for (auto const& failure : several->failures()) parts.indexes.push_back(failure.index);
    }
    if (auto const* const system = dynamic_cast<std::system_error const*>(&error)) {
        parts.code = system->code().value();
        parts.is_generic = system->code().category() == std::generic_category();
        bool const is_known = parts.is_generic || system->code().category() == std::system_category();
        if (!is_known && known_errors()[parts.kind].type == typeid(std::system_error)) parts.kind = last_kind();
    }
    write_value(writer, parts);
    if (several != nullptr)
        for (auto const& failure : several->failures()) write_error(writer, failure.exception, where);
    if (nested != nullptr) write_error(writer, nested, where);
}

/// Writes an object that is no std::exception. A thrown string becomes the text.
HOCKET_COLD HOCKET_INLINE void write_other(archive_writer& writer, std::string const& text, std::string const& where) {
    error_parts parts;
    parts.kind = last_kind();
    std::type_info const* const type = abi::__cxa_current_exception_type();
    parts.type = type != nullptr ? demangled(type->name()) : "an exception of another language";
    parts.text = text.empty() ? "not a std::exception: " + parts.type : text;
    parts.where = where.empty() ? own_place() : where;
    parts.trace = trace_of(std::current_exception());
    write_value(writer, parts);
}

HOCKET_COLD HOCKET_INLINE void write_error(archive_writer& writer, std::exception_ptr const& error,
                                           std::string const& where) {
    nesting const inside(writer.depth);
    try {
        std::rethrow_exception(error);
    } catch (std::exception const& thrown) {
        write_exception(writer, thrown, where);
    } catch (std::string const& thrown) {
        write_other(writer, thrown, where);
    } catch (char const* thrown) {
        write_other(writer, thrown != nullptr ? thrown : "", where);
    } catch (...) {
        write_other(writer, {}, where);
    }
}

HOCKET_COLD HOCKET_INLINE std::exception_ptr read_error(archive_reader& reader) {
    nesting const inside(reader.depth);
    auto const parts = read_value<error_parts>(reader);
    if (parts.kind > last_kind()) throw_bad_message("hocket: a message holds an error of no known kind");
    std::vector<std::exception_ptr> failures;
    for (std::size_t i = 0; i < parts.indexes.size(); ++i) failures.push_back(read_error(reader));
    std::exception_ptr const nested = parts.has_nested ? read_error(reader) : nullptr;

    remote_error const origin(parts.type, parts.text, parts.where, parts.trace);
    std::exception_ptr said = std::make_exception_ptr(origin);
    if (nested != nullptr) {
        try {
            std::rethrow_exception(nested);
        } catch (...) {
            said = std::make_exception_ptr(arrived_around(origin));
        }
    }
    if (parts.kind == last_kind()) return said;
    try {
        std::rethrow_exception(said);
    } catch (...) {
        return known_errors()[parts.kind].make(parts, origin, std::move(failures));
    }
}

} // namespace
