// SPDX-License-Identifier: MIT
// The longest time that an operation may take. It is made of any duration of <chrono>, without including that header.
#pragma once

#include <hocket/base/config.hpp>

#include <cstdint>

namespace hocket::inline HOCKET_ABI {

namespace detail {
template<class T>
concept any_duration = requires(T const& time) {
    time.count();
    T::period::num;
    T::period::den;
};
} // namespace detail

/// A duration, or no limit: `{.timeout = 10s}`. A negative duration has expired before the operation begins.
class time_limit {
  public:
    constexpr time_limit() noexcept = default;
    template<detail::any_duration Duration>
    constexpr time_limit(Duration const& time) noexcept // NOLINT: implicit, so that a program can write a duration
        : nanoseconds_(
              in_nanoseconds(static_cast<long double>(time.count()) * Duration::period::num / Duration::period::den)) {}

    constexpr bool given() const noexcept { return nanoseconds_ != none; }
    constexpr std::uint64_t nanoseconds() const noexcept { return nanoseconds_; }

    /// For the library: returns the limit of an operation that has begun, and must finish by that tick of the clock.
    static constexpr time_limit ending_at(std::uint64_t tick) noexcept {
        time_limit running;
        running.nanoseconds_ = started_flag | (tick & (started_flag / 2 - 1));
        return running;
    }
    constexpr bool started() const noexcept { return given() && (nanoseconds_ & started_flag) != 0; }
    constexpr std::uint64_t end() const noexcept { return nanoseconds_ & ~started_flag; }

  private:
    static constexpr std::uint64_t started_flag = std::uint64_t{1} << 63;
    static constexpr std::uint64_t none = ~std::uint64_t{0};

    static constexpr std::uint64_t in_nanoseconds(long double seconds) noexcept {
        constexpr long double longest = 1e9L; // seconds: 31 years, which means no limit
        return seconds > 0 ? seconds < longest ? static_cast<std::uint64_t>(seconds * 1e9L) : none : 0;
    }

    std::uint64_t nanoseconds_ = none;
};

} // namespace hocket
