// SPDX-License-Identifier: MIT
// The bodies of the functions that environment.hpp declares.
#pragma once

#include <hocket/machine/environment.hpp>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_INLINE char const* variable(char const* name) noexcept {
    char const* const value = secure_getenv(name);
    return value == nullptr || *value == '\0' ? nullptr : value;
}

HOCKET_INLINE small_letters::small_letters(char const* from) noexcept {
    std::size_t const length = std::strlen(from);
    for (std::size_t i = 0; length < sizeof text && i < length; ++i)
        text[i] = from[i] >= 'A' && from[i] <= 'Z' ? static_cast<char>(from[i] - 'A' + 'a') : from[i];
}

HOCKET_INLINE std::optional<bool> yes_or_no(char const* text) noexcept {
    small_letters const word(text);
    for (char const* yes : {"1", "yes", "true", "on", "y"})
        if (word == yes) return true;
    for (char const* no : {"0", "no", "false", "off", "n"})
        if (word == no) return false;
    return std::nullopt;
}

HOCKET_COLD HOCKET_INLINE void name_unknown_variables() noexcept {
    char line[512] = "";
    std::size_t filled = 0;
    for (char** at = environ; at != nullptr && *at != nullptr; ++at) {
        if (std::strncmp(*at, "HOCKET_", 7) != 0) continue;
        std::size_t const length = std::strcspn(*at, "=");
        bool known = false;
        for (char const* name : known_variables)
            known |= std::strlen(name) == length && std::strncmp(*at, name, length) == 0;
        if (known || filled + length + 2 >= sizeof line) continue;
        filled += static_cast<std::size_t>(std::snprintf(line + filled, sizeof line - filled, "%s%.*s",
                                                         filled == 0 ? "" : ", ", static_cast<int>(length), *at));
    }
    if (filled == 0) return;
    char known[256] = "";
    std::size_t told = 0;
    constexpr std::size_t count = sizeof known_variables / sizeof *known_variables;
    for (std::size_t i = 0; i < count; ++i)
        told += static_cast<std::size_t>(std::snprintf(known + told, sizeof known - told, "%s%s", known_variables[i],
                                                       i + 2 < count    ? ", "
                                                       : i + 2 == count ? " and "
                                                                        : ""));
    std::fprintf(stderr, "hocket: unknown environment variable: %s; the known ones are %s\n", line, known);
}

HOCKET_COLD HOCKET_INLINE void throw_bad_variable(char const* name, char const* value, char const* wanted) {
    char text[320];
    std::snprintf(text, sizeof text, "%s=\"%.100s\" is not %s; correct it or unset it", name, value, wanted);
    throw std::invalid_argument(text);
}

} // namespace

namespace hocket::inline HOCKET_ABI {

HOCKET_COLD HOCKET_INLINE environment read_environment() {
    environment read;
    static bool const named = (detail::name_unknown_variables(), true);
    (void)named;
    if (char const* const text = detail::variable("HOCKET_NUM_THREADS")) {
        auto const number = detail::parse_number(text);
        if (!number || *number == 0 || *number != static_cast<std::size_t>(*number)) {
            detail::throw_bad_variable("HOCKET_NUM_THREADS", text, "a number of workers, such as 4");
        }
        read.num_threads = static_cast<std::size_t>(*number);
    }
    if (char const* const text = detail::variable("HOCKET_BIND")) {
        read.bind = binding_from(detail::small_letters(text).text);
        if (!read.bind)
            if (std::optional<bool> const pinned = detail::yes_or_no(text))
                read.bind = *pinned ? binding::core : binding::none;
        if (!read.bind) {
            detail::throw_bad_variable("HOCKET_BIND", text, "one of automatic, core, pu, numa, none");
        }
    }
    if (char const* const text = detail::variable("HOCKET_DISPLAY")) {
        std::optional<bool> const display = detail::yes_or_no(text);
        if (!display) {
            detail::throw_bad_variable("HOCKET_DISPLAY", text, "1 (print the placement) or 0");
        }
        read.display = *display;
    }
    read.trace = detail::variable("HOCKET_TRACE");
    if (char const* const text = detail::variable("HOCKET_WATCHDOG")) {
        auto const seconds = detail::parse_number(text);
        if (!seconds || *seconds == 0 || *seconds > 1'000'000)
            detail::throw_bad_variable("HOCKET_WATCHDOG", text, "a number of seconds from 1 to 1000000, such as 10");
        read.watchdog = static_cast<unsigned>(*seconds);
    }
    return read;
}

} // namespace

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_COLD HOCKET_INLINE void begin_trace(environment const& wishes) {
    int const error = open_trace(wishes.trace);
    if (error == 0) return;
    char wanted[160];
    std::snprintf(wanted, sizeof wanted, "a file that can be written (%s)", std::strerror(error));
    throw_bad_variable("HOCKET_TRACE", wishes.trace, wanted);
}

} // namespace
