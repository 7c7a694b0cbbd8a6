// SPDX-License-Identifier: MIT
// The errors that parallel operations report by themselves, and the choice between the first failure and all of them.
// Anyone may use it.
#pragma once

#include <hocket/base/config.hpp>
#include <hocket/base/fixed_array.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <exception>
#include <stdexcept>
#include <utility>
#include <vector>

namespace hocket::inline HOCKET_ABI {

/// What an operation does when a body throws.
enum class error_policy : std::uint8_t {
    first,   ///< what has not begun is skipped; of the exceptions thrown, the one with the lowest index is rethrown
    collect, ///< everything runs; a `parallel_error` lists each failure
    keep, ///< everything runs; each result is a value or its error. Of calls that write `outcome`s to storage that exists
};

/// Thrown by an operation whose stop token was requested: what it was to compute is not there, or only in part.
class operation_cancelled : public std::exception {
  public:
    [[nodiscard]] char const* what() const noexcept override {
        return "hocket: the operation was cancelled by its stop token";
    }
};

namespace detail {

/// Ends what is nested in an operation that has failed or was stopped. An operation that was stopped itself drops it,
/// so a program sees it only where a body catches it.
class stopped_around final : public operation_cancelled {
  public:
    [[nodiscard]] char const* what() const noexcept override {
        return "hocket: the operation was cancelled, because an operation around it has failed or was stopped";
    }
};

} // namespace detail

/// The error of a continuation, or of a task with dependencies, whose pool was destroyed before what it needs was
/// ready.
class pool_ended : public std::logic_error {
  public:
    pool_ended()
        : std::logic_error(
              "hocket: the thread_pool of this continuation was destroyed before what it continues was ready") {}
};

/// Thrown by a wait for a future inside a pool all of whose threads wait, while work that has not begun lies in its
/// queues and `pool_options::max_threads`, or the system, allows no further thread. Only a wait that lets the pool go
/// on is given up.
class too_many_waits : public std::runtime_error {
  public:
    too_many_waits();
};

/// Thrown under `error_policy::collect` when at least one body failed. Copies share one list, and never throw.
class parallel_error : public std::exception {
  public:
    struct failure {
        std::uint64_t index = 0;      ///< the position in the range, counted from its start
        std::exception_ptr exception; ///< what the body threw there
    };

    /// `failures`: at least one, sorted by index; `total`: how many elements there were.
    [[gnu::cold]] parallel_error(std::vector<failure> failures, std::uint64_t total);

    [[nodiscard]] std::vector<failure> const& failures() const noexcept { return report_->failures; }
    [[nodiscard]] std::uint64_t total() const noexcept { return report_->total; }
    /// How many of how many failed, and what the first of them says.
    [[nodiscard]] char const* what() const noexcept override { return report_->text.data(); }

  private:
    struct report {
        std::vector<failure> failures;
        std::uint64_t total;
        fixed_array<char> text;
    };

    [[gnu::cold]] static fixed_array<char> text_of(std::vector<failure> const& failures, std::uint64_t total);

    // Each program with a loop compiles this and hardly any runs it: printf compiles a tenth of a second faster than
    // the concatenation of strings.
    [[gnu::cold]] static fixed_array<char> text_of(std::vector<failure> const& failures, std::uint64_t total,
                                                   char const* what);

    report const* report_ = nullptr;
    std::exception_ptr owner_; // the report is an exception object: these pointers count their copies in compiled code
};

} // namespace hocket

#if HOCKET_BODIES
#include <hocket/base/error.ipp>
#endif
