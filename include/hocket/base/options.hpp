// SPDX-License-Identifier: MIT
// The options that every data-parallel call takes as its last argument.
// Anyone may use it.
#pragma once

#include <hocket/base/any_stop_token.hpp>
#include <hocket/base/error.hpp>
#include <hocket/base/time_limit.hpp>

#include <cstdint>
#include <stdexcept>

namespace hocket::inline HOCKET_ABI {

class progress;

/// How the indexes of a loop are handed to the workers.
enum class schedule : std::uint8_t {
    adaptive, ///< a stripe for each worker, in chunks sized by what they cost; who runs dry takes half of another's rest
    fixed,    ///< a stripe for each worker and no balancing: the same worker gets the same indexes every time
    dynamic, ///< chunks of exactly `grain` on demand (by itself 1, and of long ranges 1/65536), for wildly unequal bodies
};

/// Options of a loop; give those that matter: `{.grain = 1024, .stop = token}`.
struct loop_options {
    /// The least number of indexes that are worth a chunk of their own; 0 lets the library choose. Of reductions, scans
    /// and what chooses elements: the number of elements of each block, on which alone (with the size of the range) the
    /// shape of the sum depends. An algorithm that has no use for it, or for another option, says so.
    std::uint64_t grain = 0;
    hocket::schedule schedule = hocket::schedule::adaptive;
    /// Over a `remote_pool`: how often a part of the range is repeated whose process was lost. Threads are never lost.
    std::uint32_t retries = 0;
    /// Asked before each chunk. Once it is requested, no further chunk begins and the call throws
    /// `operation_cancelled`; so does a call whose token was requested before. A `std::stop_token`, or another of its
    /// kind.
    any_stop_token stop{};
    /// A call that takes longer begins no further chunk, and throws `operation_cancelled`.
    time_limit timeout{};
    /// At most so many threads take part, the caller among them; 0: as many as the pool has workers.
    std::uint32_t max_workers = 0;
    /// What the loop is called in a trace; lives as long as the call.
    char const* name = nullptr;
    /// Is told how far the operation is; `progress.hpp`.
    hocket::progress* progress = nullptr;
    error_policy errors = error_policy::first;
};

namespace detail {

[[noreturn]] HOCKET_COLD inline void throw_bad_option(char const* text) { throw std::invalid_argument(text); }

/// Throws `std::invalid_argument` where an option holds none of its enumerators.
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
