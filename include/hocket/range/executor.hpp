// SPDX-License-Identifier: MIT
// The place where an algorithm runs: the optional first argument of every call. Public: the concept `executor`, for
// places other than a pool.
#pragma once

#include <hocket/base/config.hpp>

#include <type_traits>

namespace hocket::inline HOCKET_ABI {

class thread_pool;

/// Marks a type as an executor: `using executor_concept = hocket::executor_tag;`.
struct executor_tag {};

/// A place where algorithms run: `thread_pool`, or a type with the mark `executor_concept`. An algorithm that is called
/// with a marked place calls `place.execute(algorithm, options, source, operands...)`. The arguments are the algorithm,
/// its options (complete), the range, and the callables, values and output in the order of the call. Two iterators or
/// integers have become one range. A place that wants to run the algorithm on a pool of its own calls
/// `algorithm.run(pool, options, source, operands...)`.
template<class Place>
concept executor = std::is_base_of_v<thread_pool, std::remove_cvref_t<Place>> || requires {
    typename std::remove_cvref_t<Place>::executor_concept;
};

namespace detail {

template<class Place>
concept pool_place = std::is_base_of_v<thread_pool, std::remove_cvref_t<Place>>;

/// Returns the pool that runs calls without a place; the floor `pool` defines it.
thread_pool& current_pool();

} // namespace detail
} // namespace hocket
