// SPDX-License-Identifier: MIT
// How a remote call is to be run: the options of submit to a `remote_pool`. Public.
#pragma once

#include <hocket/base/stop_token.hpp>
#include <hocket/remote/node/call_place.hpp>

#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace hocket::inline HOCKET_ABI {

/// The error of a call that took longer than its `remote_options::timeout`.
class timed_out : public std::runtime_error {
  public:
    timed_out() : std::runtime_error("hocket: the call has taken longer than its timeout") {}
};

/// Options of `submit` to a `remote_pool`, always the last argument; give those that matter:
/// `submit(cluster(), load, path, {.retries = 2, .retry_errors = true})`.
struct remote_options {
    /// The task begins when so many workers of a process are not promised to other tasks that ask for more than one, or
    /// for none: 0 for a task that mostly waits. Counted, as are the next two; what cannot be had even when nothing
    /// runs is refused.
    std::uint32_t cpus = 1;
    std::uint64_t memory = 0; ///< bytes
    /// Whatever HOCKET_RESOURCES says that a machine has, as in HOCKET_RESOURCES="gpu=2,disk=1":
    /// `.resources = {{"gpu", 1}}`.
    std::vector<std::pair<std::string, std::uint64_t>> resources{};
    /// How often a task is repeated whose process has ended; with `retry_errors` also one that has thrown. Its
    /// arguments are then copies.
    std::uint32_t retries = 0;
    bool retry_errors = false;
    /// What `this_task::name()` says in the task: a text that lives as long as the task, such as a literal.
    char const* name = nullptr;
    /// In which process it runs: `anywhere`, `on(process)`, `near(ref)`, `spread` or `here`.
    call_place where{};
    /// Once it is requested, a task that has not begun is dropped, and one that runs can ask
    /// `this_task::stop_requested()`; the ref fails with `operation_cancelled`.
    detail::stop_option stop{};
    /// Counts from `submit`: then the ref fails with `timed_out`, and the task is stopped as by a token.
    std::chrono::nanoseconds timeout = std::chrono::nanoseconds::max();
    /// A task that has run for so long fails with `timed_out`, and its process is ended and replaced; other tasks of
    /// that process are repeated elsewhere. For worker processes of this machine only.
    std::chrono::nanoseconds kill_after = std::chrono::nanoseconds::max();
};

} // namespace hocket
