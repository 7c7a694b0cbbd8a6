// SPDX-License-Identifier: MIT
// The errors that parallel operations report by themselves, and the policies that choose between the first failure and
// all of them. Every floor may use it.
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
    first,   ///< skips work that has not begun, and rethrows the exception with the lowest index
    collect, ///< runs everything, and throws a `parallel_error` that lists each failure
    keep, ///< runs everything, and stores a value or its error; for calls that write to existing storage of `outcome`s
};

/// Thrown by an operation whose stop token was requested: its results are missing or incomplete.
class operation_cancelled : public std::exception {
  public:
    [[nodiscard]] char const* what() const noexcept override {
        return "hocket: the operation was cancelled by its stop token";
    }
};

namespace detail {

/// Unwinds nested operations inside an operation that has failed or was stopped. The operation that was stopped drops
/// this exception, so a program sees it only where a body catches it.
class stopped_around final : public operation_cancelled {
  public:
    [[nodiscard]] char const* what() const noexcept override {
        return "hocket: the operation was cancelled, because an enclosing operation failed or was stopped";
    }
};

} // namespace detail

/// The error of a continuation or of a task with dependencies, when its pool was destroyed before its inputs were
/// ready.
class pool_ended : public std::logic_error {
  public:
    pool_ended()
        : std::logic_error("hocket: the thread_pool of this continuation was destroyed before the future that it "
                           "continues was ready") {}
};

/// Thrown by a wait for a future inside a pool that cannot make progress: all threads of the pool wait, work that has
/// not begun lies in its queues, and `pool_options::max_threads` or the system allows no further thread. Only a wait
/// whose failure lets the pool go on throws.
class too_many_waits : public std::runtime_error {
  public:
    too_many_waits();
};

/// Thrown under `error_policy::collect` when at least one body failed. Copies share one list, and copying never throws.
class parallel_error : public std::exception {
  public:
    struct failure {
        std::uint64_t index = 0;      ///< the position in the range, counted from its start
        std::exception_ptr exception; ///< what the body threw there
    };

    /// Takes at least one of `failures`, sorted by index, and the `total` number of elements.
    [[gnu::cold]] parallel_error(std::vector<failure> failures, std::uint64_t total);

    [[nodiscard]] std::vector<failure> const& failures() const noexcept { return report_->failures; }
    [[nodiscard]] std::uint64_t total() const noexcept { return report_->total; }
    /// Returns how many bodies of how many failed, and the message of the first failure.
    [[nodiscard]] char const* what() const noexcept override { return report_->text.data(); }

  private:
    struct report {
        std::vector<failure> failures;
        std::uint64_t total;
        fixed_array<char> text;
    };

    [[gnu::cold]] static fixed_array<char> text_of(std::vector<failure> const& failures, std::uint64_t total);

    // Each program with a loop compiles this, and hardly any program runs it. printf compiles a tenth of a second
    // faster than the concatenation of strings.
    [[gnu::cold]] static fixed_array<char> text_of(std::vector<failure> const& failures, std::uint64_t total,
                                                   char const* what);

    report const* report_ = nullptr;
    std::exception_ptr owner_; // the report is an exception object: these pointers count their copies in compiled code
};

} // namespace hocket

#if HOCKET_BODIES
#include <hocket/base/error.ipp>
#endif
