// SPDX-License-Identifier: MIT
// Options of submit to a `remote_pool`. Public.
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

/// Options of `submit` to a `remote_pool`, always the last argument. Specify only the options that matter:
/// `submit(cluster(), load, path, {.retries = 2, .retry_errors = true})`.
struct remote_options {
    /// Number of workers of one process that the task needs: 0 for a task that mostly waits. The task begins when no
    /// other task has reserved them. A task with the defaults of `cpus`, `memory` and `resources` reserves nothing. All
    /// three are only counted. A request that even an idle pool could not meet is refused.
    std::uint32_t cpus = 1;
    std::uint64_t memory = 0; ///< in bytes
    /// Resources that HOCKET_RESOURCES declares for a machine, as in HOCKET_RESOURCES="gpu=2,disk=1":
    /// `.resources = {{"gpu", 1}}`.
    std::vector<std::pair<std::string, std::uint64_t>> resources{};
    /// How often a task is repeated when its process was lost; with `retry_errors` also when it has thrown. Its
    /// arguments are then copied. A task that has returned is repeated too if its result is in shared memory which was
    /// lost with the process; without retries it fails with `object_lost`.
    std::uint32_t retries = 0;
    bool retry_errors = false;
    /// The result of `this_task::name()` in the task: a text that lives as long as the task, such as a literal.
    char const* name = nullptr;
    /// The process in which the task runs: `anywhere`, `on(process)`, `near(ref)`, `spread` or `here`.
    call_place where{};
    /// Once a stop is requested, a task that has not begun is dropped, and a running task can ask
    /// `this_task::stop_requested()`. The ref fails with `operation_cancelled`.
    detail::stop_option stop{};
    /// Time since `submit` after which the ref fails with `timed_out`, and the task is stopped as by a token.
    std::chrono::nanoseconds timeout = std::chrono::nanoseconds::max();
    /// Running time after which the task fails with `timed_out`, and its process is killed and replaced. Other tasks of
    /// that process are repeated elsewhere. Only for worker processes of this machine.
    std::chrono::nanoseconds kill_after = std::chrono::nanoseconds::max();
};

} // namespace hocket
