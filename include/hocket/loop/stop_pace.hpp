// SPDX-License-Identifier: MIT
// Checks within a block whether the operation was stopped, each time after as many elements as take some microseconds.
// The number comes from the time of the last elements. It grows step by step, by small factors while it is small. So if
// slow elements follow fast ones, at most about as many slow elements run after a stop. Used by code that runs through
// blocks of elements.
#pragma once

#include <hocket/base/call.hpp>
#include <hocket/base/config.hpp>
#include <hocket/loop/loop_work.hpp>
#include <hocket/os/ticks.hpp>
#include <hocket/sched/costs.hpp>
#include <hocket/sched/stop_scope.hpp>
#include <hocket/sched/urgent.hpp>

#include <cstdint>
#include <type_traits>
#include <utility>

namespace hocket::inline HOCKET_ABI::detail {

/// Called between two calls of the program. Makes room for urgent work. Throws the exception that ends a part of a
/// stopped operation. The operation drops this exception.
inline void look_at_stop() {
    look_at_urgent_here();
    if (this_task::stop_requested()) [[unlikely]]
        throw_stopped_around();
}

class stop_pace {
  public:
    /// `known_short`: the loop has measured that a block takes no time, and passes several blocks at once. Then there
    /// are no checks.
    explicit stop_pace(bool known_short = false) noexcept
        : left_(known_short ? ~std::uint64_t{0} / 2 : 1), before_(known_short ? 0 : now_ticks()) {}
    stop_pace(stop_pace const&) = delete;
    stop_pace& operator=(stop_pace const&) = delete;

    /// Returns how far the caller may go from `first` on, `last` at most, before it calls this again. Throws if the
    /// operation was stopped.
    HOCKET_ALWAYS_INLINE std::uint64_t next(std::uint64_t first, std::uint64_t last) {
        if (last - first > left_) [[unlikely]]
            return part(first, last);
        left_ -= last - first;
        return last;
    }

    /// Returns how far the caller may go in whole steps of `unit` elements. `last` is a whole number of steps away from
    /// `first`. Throws as `next` does.
    HOCKET_ALWAYS_INLINE std::uint64_t next_whole(std::uint64_t first, std::uint64_t last, std::uint64_t unit) {
        std::uint64_t const end = next(first, last);
        if (end == last) [[likely]]
            return last;
        std::uint64_t const whole = first + (end - first + unit - 1) / unit * unit;
        left_ -= whole - end < left_ ? whole - end : left_;
        if (whole - first > size_) size_ = whole - first;
        return whole;
    }

    /// Whether so many elements need no check. If so, they count as run.
    HOCKET_ALWAYS_INLINE bool covers(std::uint64_t elements) noexcept {
        if (elements > left_) [[unlikely]]
            return false;
        left_ -= elements;
        return true;
    }

    /// Notes that the caller has run so many elements without a check. The next call checks, with the time that they
    /// took.
    void has_run(std::uint64_t elements) noexcept {
        size_ = elements;
        left_ = 0;
    }

    /// Whether an element takes about a quarter of a millisecond, as far as that is known.
    [[nodiscard]] bool is_slow() const noexcept { return slow_; }

  private:
    HOCKET_NOINLINE std::uint64_t part(std::uint64_t first, std::uint64_t last) {
        if (left_ == 0) look();
        std::uint64_t const size = left_ < last - first ? left_ : last - first;
        left_ -= size;
        return first + size;
    }
    /// Measures the last part. A short part grows without a check for a stop.
    void look() {
        ticks const now = now_ticks();
        ticks const spent = now - std::exchange(before_, now);
        ticks const piece = loop_times::get().piece; // of a loop
        unasked_ += spent;
        if (spent < piece / 8 && unasked_ < piece) [[likely]] {
            size_ = most();
            slow_ = false;
        } else {
            ask(spent, piece);
        }
        left_ = size_;
    }
    void ask(ticks spent, ticks piece) {
        unasked_ = 0;
        look_at_stop();
        slow_ = spent >= size_ * 8 * piece;
        ticks const fitting = size_ * (piece / 4) / (spent + 1);
        size_ = fitting == 0 ? 1 : fitting < most() ? fitting : most();
    }
    /// Returns the largest size of the next part.
    [[nodiscard]] std::uint64_t most() const noexcept {
        constexpr std::uint64_t few = 16, many = 512;
        return size_ * (size_ < few ? 4 : size_ < many ? 2 : 16);
    }

    std::uint64_t size_ = 1; // elements between the last look and the next one
    std::uint64_t left_;     // how many of these are left
    ticks before_;
    ticks unasked_ = 0; // time since the last check for a stop
    bool slow_ = true;
};

/// Replaces a stop_pace in blocks that are known to be short.
struct no_pace {
    static std::uint64_t next(std::uint64_t, std::uint64_t last) noexcept { return last; }
    static std::uint64_t next_whole(std::uint64_t, std::uint64_t last, std::uint64_t) noexcept { return last; }
    static constexpr bool covers(std::uint64_t) noexcept { return true; }
    static void has_run(std::uint64_t) noexcept {}
    static bool is_slow() noexcept { return false; }
};

/// Checks between comparisons and hashes of keys; no checks if the keys are numbers.
template<class Key>
using pace_of_keys = std::conditional_t<std::is_scalar_v<Key>, no_pace, stop_pace>;

/// Calls `f(pace)`. `known_short`: the loop has measured that a block takes no time, and passes several blocks at once.
/// Only otherwise there are checks.
template<class F>
HOCKET_ALWAYS_INLINE void with_pace(bool known_short, F const& f) {
    if (known_short) {
        f(no_pace{});
    } else {
        stop_pace pace;
        f(pace);
    }
}

/// Returns the first number from `i` on and below `n` for which `test` is true, or `n`. Throws if the operation was
/// stopped.
template<class Test>
HOCKET_NOINLINE std::uint64_t first_of_rest(std::uint64_t i, std::uint64_t n, Test const& test) {
    stop_pace pace;
    while (i != n)
        for (std::uint64_t const end = pace.next(i, n); i != end; ++i)
            if (test(i)) return i;
    return n;
}

/// Returns the first number below `n` for which `test` is true, or `n`. Most calls need few tests; after these it
/// checks for stops.
template<class Test>
HOCKET_ALWAYS_INLINE std::uint64_t first_of_many(std::uint64_t n, Test const& test) {
    constexpr std::uint64_t few = 4;
    for (std::uint64_t i = 0; i != n; ++i) {
        if (i == few) [[unlikely]]
            return first_of_rest(i, n, test);
        if (test(i)) return i;
    }
    return n;
}

/// A callable of the program that takes long: each call checks for a stop first.
template<class F>
struct looking_call {
    F const& f;
    template<class... Args>
    decltype(auto) operator()(Args&&... args) const {
        look_at_stop();
        return detail::call(f, std::forward<Args>(args)...);
    }
};

/// A callable of the program that may take long: a call checks for a stop first if enough time has passed.
template<class F>
struct paced_call {
    F const& f;
    stop_pace& pace;
    template<class... Args>
    decltype(auto) operator()(Args&&... args) const {
        static_cast<void>(pace.next(0, 1));
        return detail::call(f, std::forward<Args>(args)...);
    }
};

/// Whether a call takes so long that a block of calls would delay a stop too much. The result of `ask()` is ignored.
/// Calls it twice, and a third time if the second call was slow, since the thread may have been interrupted.
template<class Ask>
[[nodiscard]] bool is_slow_call(Ask const& ask) {
    ticks const slow = costs::slow_comparison.in_ticks();
    bool answer = ask();
    bool is_slow = true;
    for (int i = 0; i != 2 && is_slow; ++i) {
        look_at_stop();
        ticks const start = now_ticks();
        answer ^= static_cast<bool>(ask());
        is_slow = now_ticks() - start > slow;
    }
    [[maybe_unused]] bool const volatile kept = answer; // the compiler must not leave the calls out
    return is_slow;
}

} // namespace hocket::inline HOCKET_ABI::detail
