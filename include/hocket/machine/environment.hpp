// SPDX-License-Identifier: MIT
// The environment variables that steer pools, as plain data, and the trace that one of them asks for.
// Floor machine; called where pools are made.
#pragma once

#include <hocket/base/config.hpp>
#include <hocket/machine/binding.hpp>
#include <hocket/machine/parse_number.hpp>
#include <hocket/os/trace_file.hpp>

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <initializer_list>
#include <optional>
#include <stdexcept>

#include <unistd.h>

namespace hocket::inline HOCKET_ABI {

/// What the environment asks for. A variable that is unset or empty asks for nothing. Words may be in small or capital
/// letters.
struct environment {
    std::optional<std::size_t> num_threads = {}; ///< HOCKET_NUM_THREADS: at least 1
    std::optional<binding> bind = {}; ///< HOCKET_BIND: automatic, core, pu, numa or none; yes is core, no is none
    bool display = false;             ///< HOCKET_DISPLAY=1 (or yes, true, on): print the placement
    char const* trace = nullptr;      ///< HOCKET_TRACE: the file that gets what each thread did and when
};

namespace detail {

/// The value of a variable, or nothing if it is unset or empty. Nothing as well in a program that runs with other
/// rights than the user has who started it: the environment is that user's.
char const* variable(char const* name) noexcept;

/// A value in small letters; empty if it is longer than any that is known.
struct small_letters {
    char text[16] = "";

    explicit small_letters(char const* from) noexcept;
    bool operator==(char const* other) const noexcept { return std::strcmp(text, other) == 0; }
};

/// What a word for yes or no means.
std::optional<bool> yes_or_no(char const* text) noexcept;

/// Those of pools, then those of programs with worker processes.
inline constexpr char const* known_variables[] = {
    "HOCKET_NUM_THREADS",  "HOCKET_BIND",         "HOCKET_DISPLAY",     "HOCKET_TRACE",      "HOCKET_ENGINE",
    "HOCKET_PROCESSES",    "HOCKET_CHECK_REMOTE", "HOCKET_RESOURCES",   "HOCKET_EXECUTABLE", "HOCKET_MPI_IDLE",
    "HOCKET_REPORT_AFTER", "HOCKET_TAG_OUTPUT",   "HOCKET_REMOTE_TRACE"};

/// Names the variables that begin like those of hocket and are none, in one line.
[[gnu::cold]] void name_unknown_variables() noexcept;

[[noreturn]] [[gnu::cold]] void throw_bad_variable(char const* name, char const* value, char const* wanted);

} // namespace detail

/// Reads the environment as it is now. The first call prints a line that names the HOCKET_ variables which do not
/// exist.
///
/// **Threads** any, as long as none writes the environment. **Throws** `std::invalid_argument` that names the variable,
/// its value and what it may be.
[[gnu::cold]] environment read_environment();

namespace detail {

/// Begins the trace that HOCKET_TRACE asks for, if it does, at the first pool of the process.
/// **Throws** std::invalid_argument when the file cannot be written.
[[gnu::cold]] void begin_trace(environment const& wishes);

} // namespace detail

} // namespace hocket

#if HOCKET_BODIES
#include <hocket/machine/environment.ipp>
#endif
