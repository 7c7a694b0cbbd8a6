// SPDX-License-Identifier: MIT
// What becomes of an error that is never asked for: of a future that is dropped, of a task_group that is destroyed
// without a wait. Public: `set_unobserved_error_handler`.
#pragma once

#include <hocket/base/config.hpp>
#include <hocket/base/error.hpp>

#include <atomic>
#include <cstdio>
#include <exception>

namespace hocket::inline HOCKET_ABI {

/// Is called with an error that is never asked for, on the thread that drops it, from within a destructor.
using unobserved_error_handler = void (*)(std::exception_ptr const& error) noexcept;

namespace detail {

[[gnu::cold]] void print_unobserved_error(std::exception_ptr const& error) noexcept;

/// Writers: programs. Readers: whatever drops an error. Relaxed: a function lives as long as the program.
inline constinit std::atomic<unobserved_error_handler> handler_of_unobserved_errors{&print_unobserved_error};

/// Reports an error that is dropped, unless it only says that the work was not done: a cancellation, or the end of a
/// pool.
[[gnu::cold]] void report_unobserved(std::exception_ptr const& error) noexcept;

} // namespace detail

/// Replaces what is done with an error that is never asked for: by default, one line goes to stderr. An error counts as
/// asked for when `get` has thrown it, or when what handles it or passes it on (`then`, `when_all`, `submit`,
/// `co_await`) was given the future. `wait`, `as_completed` and the futures that lost a `when_any` leave it where it
/// is. Cancellations and promises that were not kept are not reported. **Threads** any. **Throws** nothing. Returns the
/// handler before.
unobserved_error_handler set_unobserved_error_handler(unobserved_error_handler handler) noexcept;

} // namespace hocket::inline HOCKET_ABI

#if HOCKET_BODIES
#include <hocket/base/unobserved_error.ipp>
#endif
