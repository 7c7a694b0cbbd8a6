// SPDX-License-Identifier: MIT
// Looks within a block whether the operation was stopped: after as many elements as take some microseconds, by the time
// that the last ones took. Blocks grow step by step, by two while they are short: so where slow elements come after
// some that were fast, about as many of them follow a stop at most. What goes through blocks of elements uses it.
#pragma once

#include <hocket/base/call.hpp>
#include <hocket/base/config.hpp>
#include <hocket/loop/loop_work.hpp>
#include <hocket/os/ticks.hpp>
#include <hocket/sched/costs.hpp>
#include <hocket/sched/stop_scope.hpp>

#include <cstdint>
#include <type_traits>
#include <utility>

namespace hocket::inline HOCKET_ABI::detail {

/// Throws what ends a part of an operation that was stopped; the operation drops it.
inline void look_at_stop() {
    if (this_task::stop_requested()) [[unlikely]]
        throw_stopped_around();
}

class stop_pace {
  public:
    /// `known_short`: the loop has seen that a block takes no time, and gives several of them at once. Then there are
    /// no looks.
    explicit stop_pace(bool known_short = false) noexcept
        : left_(known_short ? ~std::uint64_t{0} / 2 : 1), before_(known_short ? 0 : now_ticks()) {}
    stop_pace(stop_pace const&) = delete;
    stop_pace& operator=(stop_pace const&) = delete;

    /// How far the caller goes from `first` on, `last` at most, before it calls this again. Throws where the operation
    /// was stopped.
    HOCKET_ALWAYS_INLINE std::uint64_t next(std::uint64_t first, std::uint64_t last) {
        if (last - first > left_) [[unlikely]]
            return part(first, last);
        left_ -= last - first;
        return last;
    }

    /// Returns how far the caller goes in whole steps of `unit` elements; `last` is a whole number of steps away from
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

    /// Whether so many need no look; then they count as run.
    HOCKET_ALWAYS_INLINE bool covers(std::uint64_t elements) noexcept {
        if (elements > left_) [[unlikely]]
            return false;
        left_ -= elements;
        return true;
    }

    /// The caller has run so many without asking: the next look follows, and knows what they took.
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
    /// Short blocks grow and are not asked about: a look at the clock tells that they are short.
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
    /// How many elements the next block has at most.
    [[nodiscard]] std::uint64_t most() const noexcept {
        constexpr std::uint64_t few = 16, many = 512;
        return size_ * (size_ < few ? 4 : size_ < many ? 2 : 16);
    }

    std::uint64_t size_ = 1; // elements between the last look and the next one
    std::uint64_t left_;     // of these
    ticks before_;
    ticks unasked_ = 0; // since the last question whether the operation was stopped
    bool slow_ = true;
};

/// Takes the place of a stop_pace in blocks that are known to be short.
struct no_pace {
    static std::uint64_t next(std::uint64_t, std::uint64_t last) noexcept { return last; }
    static std::uint64_t next_whole(std::uint64_t, std::uint64_t last, std::uint64_t) noexcept { return last; }
    static constexpr bool covers(std::uint64_t) noexcept { return true; }
    static void has_run(std::uint64_t) noexcept {}
    static bool is_slow() noexcept { return false; }
};

/// Looks between the comparisons and hashes of keys: none where these are numbers.
template<class Key>
using pace_of_keys = std::conditional_t<std::is_scalar_v<Key>, no_pace, stop_pace>;

/// Calls `f(pace)`. `known_short`: the loop has seen that a block takes no time, and gives several of them at once.
/// Else there are looks.
template<class F>
HOCKET_ALWAYS_INLINE void with_pace(bool known_short, F const& f) {
    if (known_short) {
        f(no_pace{});
    } else {
        stop_pace pace;
        f(pace);
    }
}

/// A callable of the program's that takes long: each call looks first.
template<class F>
struct looking_call {
    F const& f;
    template<class... Args>
    decltype(auto) operator()(Args&&... args) const {
        look_at_stop();
        return detail::call(f, std::forward<Args>(args)...);
    }
};

/// Whether a call takes so long that a block of them outlasts what a stop may take: the answer of `ask()` means
/// nothing. Two calls, and a third one if the second was slow, as the thread may have been interrupted.
template<class Ask>
[[nodiscard]] bool is_slow_call(Ask const& ask) {
    ticks const slow = costs::short_call.in_ticks();
    bool answer = ask();
    bool is_slow = true;
    for (int i = 0; i != 2 && is_slow; ++i) {
        ticks const start = now_ticks();
        answer ^= static_cast<bool>(ask());
        is_slow = now_ticks() - start > slow;
    }
    [[maybe_unused]] bool const volatile kept = answer; // the compiler must not leave the calls out
    return is_slow;
}

} // namespace hocket::inline HOCKET_ABI::detail
