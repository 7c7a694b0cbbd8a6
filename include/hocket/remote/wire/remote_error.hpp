// SPDX-License-Identifier: MIT
// The errors of calls that run in other processes: what a call threw there, and what went wrong on the way.
// Anyone may use it.
#pragma once

#include <hocket/base/config.hpp>

#include <memory>
#include <stdexcept>
#include <string>

namespace hocket::inline HOCKET_ABI {

/// What a call in another process threw. Exceptions of the standard library and of hocket arrive as themselves, with a
/// nested `remote_error` that says where they come from; all others arrive as a `remote_error`. Copies share their
/// texts and never throw.
class remote_error : public std::runtime_error {
  public:
    /// `type`: the type that was thrown; `text`: what its `what()` said; `where`: the process and its node; `trace`:
    /// the calls that led to the throw, a line each.
    remote_error(std::string type, std::string const& text, std::string where, std::string trace = {});

    /// The name of the type that was thrown, as a program writes it.
    [[nodiscard]] std::string const& type() const noexcept { return parts_->type; }
    /// The process that threw, and its node.
    [[nodiscard]] std::string const& where() const noexcept { return parts_->where; }
    /// The calls that led to the throw, a line each; empty where they were not recorded.
    [[nodiscard]] std::string const& trace() const noexcept { return parts_->trace; }

  private:
    struct parts {
        std::string type, where, trace;
    };

    std::shared_ptr<parts const> parts_;
};

/// The bytes from another process are no message: they end too early, or claim what cannot be.
class bad_message : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// A value or a callable cannot be sent to another process, because of what it holds at run time.
class not_remotable : public std::invalid_argument {
  public:
    using std::invalid_argument::invalid_argument;
};

/// The process that ran a call has ended, and the call may not be repeated.
class worker_lost : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// The process in which an actor lived has ended.
class actor_died : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// The value of a reference is in no process any more, and cannot be made again.
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
