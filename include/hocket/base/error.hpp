// SPDX-License-Identifier: MIT
// The errors that parallel operations report by themselves, and the choice between the first failure and all of them.
// Floor: base. Anyone may use it.
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

namespace hocket {

/// What an operation does when a body throws.
enum class error_policy : std::uint8_t {
    first,   ///< what has not begun is skipped; of the exceptions thrown, the one with the lowest index is rethrown
    collect, ///< everything runs; a `parallel_error` lists each failure
};

/// Thrown by an operation whose stop token was requested: what it was to compute is not there, or only in part.
class operation_cancelled : public std::exception {
  public:
    [[nodiscard]] char const* what() const noexcept override {
        return "hocket: the operation was cancelled by its stop token";
    }
};

/// The error of a continuation, or of a task with dependencies, whose pool was destroyed before what it needs was ready.
class pool_ended : public std::logic_error {
  public:
    pool_ended()
        : std::logic_error(
              "hocket: the thread_pool of this continuation was destroyed before what it continues was ready") {}
};

/// Thrown under `error_policy::collect` when at least one body failed. Copies share one list, and never throw.
class parallel_error : public std::exception {
  public:
    struct failure {
        std::uint64_t index = 0;      ///< the position in the range, counted from its start
        std::exception_ptr exception; ///< what the body threw there
    };

    /// `failures`: at least one, sorted by index; `total`: how many elements there were.
    HOCKET_COLD parallel_error(std::vector<failure> failures, std::uint64_t total) {
        fixed_array<char> text = text_of(failures, total);
        try {
            throw report{std::move(failures), total, std::move(text)};
        } catch (report const& thrown) {
            report_ = &thrown;
            owner_ = std::current_exception();
        }
    }

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

    HOCKET_COLD static fixed_array<char> text_of(std::vector<failure> const& failures, std::uint64_t total) {
        try {
            std::rethrow_exception(failures.front().exception);
        } catch (std::exception const& error) {
            return text_of(failures, total, error.what());
        } catch (...) {
            return text_of(failures, total, "not a std::exception");
        }
    }

    // Each program with a loop compiles this and hardly any runs it: printf compiles a tenth of a second faster than
    // the concatenation of strings.
    HOCKET_COLD static fixed_array<char> text_of(std::vector<failure> const& failures, std::uint64_t total,
                                                 char const* what) {
        std::size_t const size = 160 + std::strlen(what);
        fixed_array<char> text(size);
        std::snprintf(text.data(), size, "hocket: %llu of %llu failed, the first at index %llu: %s",
                      static_cast<unsigned long long>(failures.size()), static_cast<unsigned long long>(total),
                      static_cast<unsigned long long>(failures.front().index), what);
        return text;
    }

    report const* report_ = nullptr;
    std::exception_ptr owner_; // the report is an exception object: these pointers count their copies in compiled code
};

} // namespace hocket
