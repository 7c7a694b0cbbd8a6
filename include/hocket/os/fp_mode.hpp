// SPDX-License-Identifier: MIT
// The floating-point mode in which work runs: the mode of the thread that called or submitted. A worker runs in the
// default mode between tasks. An operation notes the mode once. A thread that runs a part of it takes that mode, and
// returns to its own at the end.
#pragma once

#include <hocket/base/atomic.hpp>
#include <hocket/base/config.hpp>

namespace hocket::inline HOCKET_ABI::detail {

/// The rounding of floating-point operations, whether they flush denormals, and which exceptions they raise as signals.
/// The default is the mode in which a program begins. On processors with AVX-512, a mode counts as the default if it
/// differs only in the masks of the exceptions of vectors (`_MM_SET_EXCEPTION_MASK`).
struct fp_mode {
    unsigned control = 0;

    /// Returns the mode of the calling thread. **Cost** about a nanosecond.
    HOCKET_ALWAYS_INLINE static fp_mode now() noexcept { return {read_fp_control()}; }

    /// Puts the calling thread into this mode. **Cost** about a nanosecond if the thread is in it; otherwise about ten
    /// nanoseconds.
    HOCKET_ALWAYS_INLINE void set() const noexcept {
        if (now() != *this) [[unlikely]]
            write_fp_control(control);
    }

    bool is_default() const noexcept { return control == 0; }
    friend bool operator==(fp_mode, fp_mode) = default;
};

/// Whether a thread was seen in another mode than the default. Once true, it stays true. Writers: threads that see
/// it. Readers: thieves that cannot ask for the mode of another thread. A hint.
inline constinit atomic<bool> other_fp_modes{false};

[[gnu::cold]] inline void note_other_fp_mode() noexcept { other_fp_modes.store(true, std::memory_order_relaxed); }

/// Runs the calling thread in a mode for the lifetime of the scope. Changes that bodies make to the mode end with the
/// scope.
class fp_scope {
  public:
    /// Keeps the mode that the thread has.
    HOCKET_ALWAYS_INLINE fp_scope() noexcept : outer_(fp_mode::now()), mode_(outer_) {}
    HOCKET_ALWAYS_INLINE explicit fp_scope(fp_mode mode) noexcept : outer_(fp_mode::now()), mode_(mode) {
        if (outer_ != mode) [[unlikely]] {
            note_other_fp_mode();
            outer_.control = load_fp_control(); // with the masks
            write_fp_control(mode.control);
        }
    }
    HOCKET_ALWAYS_INLINE ~fp_scope() { outer_.set(); }
    fp_scope(fp_scope const&) = delete;
    fp_scope& operator=(fp_scope const&) = delete;

    fp_mode mode() const noexcept { return mode_; }
    /// Resets the mode between two bodies, so that the second body does not run in a mode that the first body left
    /// behind.
    HOCKET_ALWAYS_INLINE void reset() const noexcept { mode_.set(); }

  private:
    fp_mode outer_;
    fp_mode const mode_;
};

/// Keeps the calling thread in a mode while it runs many bodies of a few nanoseconds. It undoes changes by <cfenv>
/// before the next body. It undoes changes to the control register of vectors alone (by _mm_setcsr) after at most 16
/// bodies, because Zen 5 takes 5 ns to read that register.
class fp_guard {
  public:
    /// The thread is in this mode.
    explicit fp_guard(fp_mode mode) noexcept
        : quick_(quick_fp_control_of(mode.control)), left_behind_(quick_), mode_(mode) {}

    /// Called after each body. What it stores takes a while to be read again, so `reset` reads it later.
    HOCKET_ALWAYS_INLINE void end_body() noexcept { store_quick_fp_control(left_behind_); }
    /// Puts the thread back into the mode. Called before each body, and before other code of the program.
    HOCKET_ALWAYS_INLINE void reset() noexcept {
        if (left_behind_ != quick_ || --bodies_left_ == 0) [[unlikely]]
            reset_all();
    }
    HOCKET_NOINLINE void reset_all() noexcept {
        bodies_left_ = most_bodies;
        left_behind_ = quick_;
        mode_.set();
    }

  private:
    static constexpr unsigned most_bodies = 16;

    quick_fp_control const quick_;       // in the mode
    quick_fp_control left_behind_;       // by the last body
    unsigned bodies_left_ = most_bodies; // until all of the mode is read
    fp_mode const mode_;
};

/// Runs the calling thread in the default mode for the lifetime of the scope. At the end, the caller has restored the
/// default mode itself, and the thread gets its own mode back without another look.
class fp_default_scope {
  public:
    HOCKET_ALWAYS_INLINE fp_default_scope() noexcept : outer_(fp_mode::now()) {
        if (!outer_.is_default()) [[unlikely]]
            write_fp_control(0);
    }
    HOCKET_ALWAYS_INLINE ~fp_default_scope() {
        if (!outer_.is_default()) [[unlikely]]
            write_fp_control(outer_.control);
    }
    fp_default_scope(fp_default_scope const&) = delete;
    fp_default_scope& operator=(fp_default_scope const&) = delete;

  private:
    fp_mode const outer_;
};

} // namespace hocket::inline HOCKET_ABI::detail
