// SPDX-License-Identifier: MIT
// Errors of calls that run in other processes: exceptions that a call throws there, and failures of the transport.
// Public.
#pragma once

#include <hocket/base/config.hpp>

#include <memory>
#include <stdexcept>
#include <string>

namespace hocket::inline HOCKET_ABI {

/// An exception that a call in another process threw. Exceptions of the standard library and of hocket arrive with
/// their own type and a nested `remote_error` that names their origin. All others arrive as a `remote_error`. Copies
/// share their texts and never throw.
class remote_error : public std::runtime_error {
  public:
    /// `type`: the thrown type. `text`: its `what()`. `where`: the process, its host and its pid. `trace`: the calls
    /// that led to the throw, one per line.
    remote_error(std::string type, std::string const& text, std::string where, std::string trace = {});

    /// Returns the name of the thrown type, as a program writes it.
    [[nodiscard]] std::string const& type() const noexcept { return parts_->type; }
    /// Returns the process that threw, its host and its pid: "process 3 on node7 (pid 71)".
    [[nodiscard]] std::string const& where() const noexcept { return parts_->where; }
    /// Returns the calls that led to the throw, one per line. Empty if they were not recorded.
    [[nodiscard]] std::string const& trace() const noexcept { return parts_->trace; }

  private:
    struct parts {
        std::string type, where, trace;
    };

    std::shared_ptr<parts const> parts_;
};

/// The bytes from another process are no valid message: they end too early, or make impossible claims.
class bad_message : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// A value or a callable cannot be sent to another process because of its current contents.
class not_remotable : public std::invalid_argument {
  public:
    using std::invalid_argument::invalid_argument;
};

/// The process that ran a call was lost, and the call may not be repeated.
class worker_lost : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// The process in which an actor lived was lost.
class actor_died : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// The value of a reference is in no process any more, and cannot be recomputed.
class object_lost : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// More calls wait for a process or an actor than its options allow.
class queue_full : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

} // namespace hocket

#if HOCKET_BODIES
#include <hocket/remote/wire/remote_error.ipp>
#endif
