// SPDX-License-Identifier: MIT
// The environment variables that steer pools, as plain data, and the trace that one of them asks for.
// Floor machine; called where pools are made.
#pragma once

#include <hocket/base/config.hpp>
#include <hocket/base/trace_file.hpp>
#include <hocket/machine/binding.hpp>
#include <hocket/machine/parse_number.hpp>

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <stdexcept>

namespace hocket {

/// What the environment asks for. A variable that is unset or empty asks for nothing.
struct environment {
    std::optional<std::size_t> num_threads = {}; ///< HOCKET_NUM_THREADS: at least 1
    std::optional<binding> bind = {};            ///< HOCKET_BIND: automatic, core, pu, numa or none
    bool display = false;                        ///< HOCKET_DISPLAY=1: print the placement
    char const* trace = nullptr;                 ///< HOCKET_TRACE: the file that gets what each thread did and when
};

namespace detail {

/// The value of a variable, or nothing if it is unset or empty.
inline char const* variable(char const* name) noexcept {
    char const* const value = std::getenv(name);
    return value == nullptr || *value == '\0' ? nullptr : value;
}

[[noreturn]] HOCKET_COLD inline void throw_bad_variable(char const* name, char const* value, char const* wanted) {
    char text[320];
    std::snprintf(text, sizeof text, "%s=\"%.100s\" is not %s; correct it or unset it", name, value, wanted);
    throw std::invalid_argument(text);
}

} // namespace detail

/// Reads the environment as it is now.
///
/// **Threads** any, as long as none writes the environment. **Throws** `std::invalid_argument` that names the variable,
/// its value and what it may be.
HOCKET_COLD inline environment read_environment() {
    environment read;
    if (char const* const text = detail::variable("HOCKET_NUM_THREADS")) {
        auto const number = detail::parse_number(text);
        if (!number || *number == 0 || *number != static_cast<std::size_t>(*number)) {
            detail::throw_bad_variable("HOCKET_NUM_THREADS", text, "a number of workers, such as 4");
        }
        read.num_threads = static_cast<std::size_t>(*number);
    }
    if (char const* const text = detail::variable("HOCKET_BIND")) {
        read.bind = binding_from(text);
        if (!read.bind) {
            detail::throw_bad_variable("HOCKET_BIND", text, "one of automatic, core, pu, numa, none");
        }
    }
    if (char const* const text = detail::variable("HOCKET_DISPLAY")) {
        read.display = text[0] == '1' && text[1] == '\0';
        if (!read.display && !(text[0] == '0' && text[1] == '\0')) {
            detail::throw_bad_variable("HOCKET_DISPLAY", text, "1 (print the placement) or 0");
        }
    }
    read.trace = detail::variable("HOCKET_TRACE");
    return read;
}

namespace detail {

/// Begins the trace that HOCKET_TRACE asks for, if it does, at the first pool of the process.
/// **Throws** std::invalid_argument when the file cannot be written.
HOCKET_COLD inline void begin_trace(environment const& wishes) {
    int const error = open_trace(wishes.trace);
    if (error == 0) return;
    char wanted[160];
    std::snprintf(wanted, sizeof wanted, "a file that can be written (%s)", std::strerror(error));
    throw_bad_variable("HOCKET_TRACE", wishes.trace, wanted);
}

} // namespace detail

} // namespace hocket
