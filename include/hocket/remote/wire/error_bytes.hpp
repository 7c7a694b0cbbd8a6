// SPDX-License-Identifier: MIT
// Exceptions as bytes. Exceptions of the standard library and of hocket arrive with their own type and a nested
// remote_error. All others arrive as a remote_error with the name of their type and their text. Called where calls
// finish, and where their answers arrive.
#pragma once

#include <hocket/base/config.hpp>
#include <hocket/remote/wire/archive_bytes.hpp>
#include <hocket/remote/wire/remote_error.hpp>

#include <exception>
#include <string>
#include <utility>

namespace hocket::inline HOCKET_ABI::detail {

/// Returns the error that is nested in `error`, or null.
std::exception_ptr nested_in(std::exception_ptr const& error);

/// Returns the name of a type as a program writes it.
std::string demangled(char const* name);

/// The part of an exception from another process beside its own type: the `remote_error` that names its origin. The
/// `remote_error` is also nested in it, so an object is made while the `remote_error` is being handled.
class arrived_error : public std::nested_exception {
  public:
    explicit arrived_error(remote_error from) noexcept : origin_(std::move(from)) {}
    arrived_error(arrived_error const&) noexcept = default;
    arrived_error& operator=(arrived_error const&) noexcept = default;
    ~arrived_error() override;

    [[nodiscard]] remote_error const& origin() const noexcept { return origin_; }

  private:
    remote_error origin_;
};

/// An exception from another process with its original type Error and its text.
template<class Error>
class arrived final : public Error, public arrived_error {
  public:
    template<class... Args>
    explicit arrived(remote_error from, Args&&... args)
        : Error(std::forward<Args>(args)...), arrived_error(std::move(from)) {}

    [[nodiscard]] char const* what() const noexcept override { return origin().what(); }
};

/// A `remote_error` in which another error is nested. Made while the nested error is being handled.
class arrived_around final : public remote_error, public std::nested_exception {
  public:
    explicit arrived_around(remote_error from) noexcept : remote_error(std::move(from)) {}
};

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/remote/wire/error_bytes.ipp>
#endif
