// SPDX-License-Identifier: MIT
// Handles errors that no caller asks for: of a dropped future, or of a task_group that is destroyed without a wait.
// Public: `set_unobserved_error_handler`.
#pragma once

#include <hocket/base/atomic.hpp>
#include <hocket/base/config.hpp>
#include <hocket/base/error.hpp>

#include <cstdio>
#include <exception>

namespace hocket::inline HOCKET_ABI {

/// Receives an error that no caller asked for, on the thread that drops it, from within a destructor.
using unobserved_error_handler = void (*)(std::exception_ptr const& error) noexcept;

namespace detail {

[[gnu::cold]] void print_unobserved_error(std::exception_ptr const& error) noexcept;

/// Writers: programs. Readers: threads that drop an error. Relaxed: a function lives as long as the program.
inline constinit atomic<unobserved_error_handler> handler_of_unobserved_errors{&print_unobserved_error};

/// Reports an error that is dropped. Ignores a cancellation and the end of a pool, which only say that the work was not
/// done.
[[gnu::cold]] void report_unobserved(std::exception_ptr const& error) noexcept;

} // namespace detail

/// Replaces the handler of errors that no caller asks for, and returns the previous handler. The default handler prints
/// one line to stderr. An error counts as asked for once `get` has thrown it. It also counts once the future was given
/// to `then`, `when_all`, `submit` or `co_await`, which handle the error or pass it on. `wait`, `as_completed` and the
/// futures that lost a `when_any` do not ask for it. Cancellations and broken promises are not reported. **Threads**
/// any. **Throws** nothing.
unobserved_error_handler set_unobserved_error_handler(unobserved_error_handler handler) noexcept;

} // namespace hocket::inline HOCKET_ABI

#if HOCKET_BODIES
#include <hocket/base/unobserved_error.ipp>
#endif
