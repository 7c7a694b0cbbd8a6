// SPDX-License-Identifier: MIT
// The environment variables for pools, as plain data, and the trace that one of them asks for. Called where pools are
// made.
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

/// The settings of the environment. A variable that is unset or empty sets nothing. Words may be in small or capital
/// letters.
struct environment {
    std::optional<std::size_t> num_threads = {}; ///< HOCKET_NUM_THREADS: at least 1
    std::optional<binding> bind = {}; ///< HOCKET_BIND: automatic, core, pu, numa or none; yes is core, no is none
    bool display = false;             ///< HOCKET_DISPLAY=1 (or yes, true, on): print the placement
    char const* trace = nullptr;      ///< HOCKET_TRACE: the file for a trace of all threads
    unsigned watchdog = 0;            ///< HOCKET_WATCHDOG: seconds without progress after which a pool prints `dump`
};

namespace detail {

/// Returns the value of a variable, or null if it is unset or empty. Returns null as well in a program that runs with
/// other rights than the user that started it, because that user controls the environment.
char const* variable(char const* name) noexcept;

/// A value in small letters; empty if it is longer than any known value.
struct small_letters {
    char text[16] = "";

    explicit small_letters(char const* from) noexcept;
    bool operator==(char const* other) const noexcept { return std::strcmp(text, other) == 0; }
};

/// Parses a word for yes or no.
std::optional<bool> yes_or_no(char const* text) noexcept;

/// The variables of pools, then the variables of programs with worker processes.
inline constexpr char const* known_variables[] = {
    "HOCKET_NUM_THREADS", "HOCKET_BIND",         "HOCKET_DISPLAY",      "HOCKET_TRACE",        "HOCKET_WATCHDOG",
    "HOCKET_ENGINE",      "HOCKET_PROCESSES",    "HOCKET_CHECK_REMOTE", "HOCKET_RESOURCES",    "HOCKET_EXECUTABLE",
    "HOCKET_MPI_IDLE",    "HOCKET_REPORT_AFTER", "HOCKET_TAG_OUTPUT",   "HOCKET_REMOTE_TRACE", "HOCKET_SEED"};

/// Prints one line with the variables that begin like those of hocket but are unknown.
[[gnu::cold]] void name_unknown_variables() noexcept;

[[noreturn]] [[gnu::cold]] void throw_bad_variable(char const* name, char const* value, char const* wanted);

} // namespace detail

/// Reads the environment as it is now. The first call prints a line with the HOCKET_ variables that do not exist.
///
/// **Threads** any, as long as no thread writes the environment. **Throws** `std::invalid_argument` that names the
/// variable, its value and the allowed values.
[[gnu::cold]] environment read_environment();

namespace detail {

/// Begins the trace that HOCKET_TRACE asks for, at the first pool of the process. **Throws** std::invalid_argument when
/// the file cannot be written.
[[gnu::cold]] void begin_trace(environment const& wishes);

} // namespace detail

} // namespace hocket

#if HOCKET_BODIES
#include <hocket/machine/environment.ipp>
#endif
