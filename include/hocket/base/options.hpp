// SPDX-License-Identifier: MIT
// The options that every data-parallel call takes as its last argument. Every floor may use it.
#pragma once

#include <hocket/base/any_stop_token.hpp>
#include <hocket/base/error.hpp>
#include <hocket/base/time_limit.hpp>

#include <cstdint>
#include <stdexcept>

namespace hocket::inline HOCKET_ABI {

class progress;

/// The way in which the indexes of a loop are handed to the workers.
enum class schedule : std::uint8_t {
    adaptive, ///< a stripe for each worker, in chunks sized by their cost; an idle worker takes half of another
              ///< worker's rest
    fixed,    ///< a stripe for each worker and no balancing: the same worker gets the same indexes every time
    dynamic,  ///< chunks of exactly `grain` on demand (0: 1, in long ranges 1/65536 of the range), for very unequal
              ///< bodies
};

/// The options of a loop. Name only those that matter: `{.grain = 1024, .stop = token}`.
struct loop_options {
    /// The least number of indexes that are worth a chunk of their own; 0 lets the library choose. In reductions, scans
    /// and filters: the number of elements in each block. There, the shape of the sum depends on the grain and the size
    /// of the range alone. Each algorithm that ignores an option says so.
    std::uint64_t grain = 0;
    hocket::schedule schedule = hocket::schedule::adaptive;
    /// The number of times that a `remote_pool` repeats a part of the range whose process was lost. Threads are never
    /// lost.
    std::uint32_t retries = 0;
    /// A `std::stop_token`, or a type with its queries; asked before each chunk. After a request no further chunk
    /// begins, and the call throws `operation_cancelled`, also if the request came before the call.
    any_stop_token stop{};
    /// The time after which the call begins no further chunk and throws `operation_cancelled`.
    time_limit timeout{};
    /// The largest number of threads that take part, including the caller; 0: as many as the pool has workers.
    std::uint32_t max_workers = 0;
    /// The name of the loop in a trace and in the text of `dump`. It must live as long as the call.
    char const* name = nullptr;
    /// Receives the progress of the operation; see `progress.hpp`.
    hocket::progress* progress = nullptr;
    error_policy errors = error_policy::first;
};

namespace detail {

[[noreturn]] HOCKET_COLD inline void throw_bad_option(char const* text) { throw std::invalid_argument(text); }

/// Throws `std::invalid_argument` if an option has a value that is none of its enumerators.
inline void check_options(loop_options const& options) {
    if (options.schedule > schedule::dynamic)
        throw_bad_option("hocket: loop_options::schedule is not one of adaptive, fixed, dynamic");
    if (options.errors > error_policy::collect)
        throw_bad_option(options.errors == error_policy::keep
                             ? "hocket: error_policy::keep is for a call of parallel_map, parallel_starmap or "
                               "parallel_transform that writes to storage of outcomes; elsewhere write keep_errors(f)"
                             : "hocket: loop_options::errors is not one of first, collect, keep");
}

} // namespace detail
} // namespace hocket
