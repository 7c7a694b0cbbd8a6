// SPDX-License-Identifier: MIT
// The options of a call that has begun: its time limit runs from here on, however many loops it consists of. The call
// forms use it.
#pragma once

#include <hocket/base/config.hpp>
#include <hocket/base/options.hpp>
#include <hocket/os/ticks.hpp>

#include <new>

namespace hocket::inline HOCKET_ABI::detail {

/// Returns the tick at which a time limit that begins now, or has begun, expires.
[[gnu::cold]] ticks end_of_time(time_limit limit) noexcept;

/// Refers to the options of a call. If they have a time limit, refers to a copy that holds the tick at which it
/// expires.
template<class Options>
class started_options {
  public:
    explicit constexpr started_options(Options const& given) noexcept : given_(given) {}
    constexpr Options const& get() const noexcept { return given_; }

  private:
    Options const& given_;
};

template<>
class started_options<loop_options> {
  public:
    HOCKET_ALWAYS_INLINE explicit started_options(loop_options const& given) noexcept : used_(&given) {
        if (given.timeout.given()) [[unlikely]]
            start();
    }
    HOCKET_ALWAYS_INLINE ~started_options() {
        if (used_ == &copy_) [[unlikely]]
            copy_.~loop_options();
    }
    started_options(started_options const&) = delete;
    started_options& operator=(started_options const&) = delete;

    loop_options const& get() const noexcept { return *used_; }

  private:
    [[gnu::cold]] void start() noexcept;

    loop_options const* used_;
    union {
        loop_options copy_;
    };
};

} // namespace hocket::inline HOCKET_ABI::detail

#if HOCKET_BODIES
#include <hocket/range/started_options.ipp>
#endif
