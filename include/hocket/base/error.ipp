// SPDX-License-Identifier: MIT
// The bodies of the functions that error.hpp declares.
#pragma once

#include <hocket/base/error.hpp>

namespace hocket::inline HOCKET_ABI {

HOCKET_INLINE too_many_waits::too_many_waits()
    : std::runtime_error(
          "hocket: all threads of the pool are waiting, no more threads can be started, and the tasks that they wait "
          "for may still be queued; this wait was abandoned. Raise pool_options::max_threads (and the system's limit "
          "on threads), or use continuations (submit(f, future), then, co_await) instead of waiting in tasks") {}

HOCKET_COLD HOCKET_INLINE parallel_error::parallel_error(std::vector<failure> failures, std::uint64_t total) {
    fixed_array<char> text = text_of(failures, total);
    try {
        throw report{std::move(failures), total, std::move(text)};
    } catch (report const& thrown) {
        report_ = &thrown;
        owner_ = std::current_exception();
    }
}

HOCKET_COLD HOCKET_INLINE fixed_array<char> parallel_error::text_of(std::vector<failure> const& failures,
                                                                    std::uint64_t total) {
    try {
        std::rethrow_exception(failures.front().exception);
    } catch (std::exception const& error) {
        return text_of(failures, total, error.what());
    } catch (...) {
        return text_of(failures, total, "not a std::exception");
    }
}

HOCKET_COLD HOCKET_INLINE fixed_array<char> parallel_error::text_of(std::vector<failure> const& failures,
                                                                    std::uint64_t total, char const* what) {
    std::size_t const size = 160 + std::strlen(what);
    fixed_array<char> text(size);
    std::snprintf(text.data(), size, "hocket: %llu of %llu failed, the first at index %llu: %s",
                  static_cast<unsigned long long>(failures.size()), static_cast<unsigned long long>(total),
                  static_cast<unsigned long long>(failures.front().index), what);
    return text;
}

} // namespace
