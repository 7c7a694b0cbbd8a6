// SPDX-License-Identifier: MIT
// The floating-point mode in which work runs: the mode of the thread that called or submitted. A worker runs in the
// default mode between tasks. An operation notes the mode once. A thread that runs a part of it takes that mode, and
// returns to its own at the end.
#pragma once

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

    /// Puts the calling thread into this mode after a body of a few nanoseconds. It sees changes by <cfenv> after each
    /// body. It sees changes to the control register of vectors alone (by _mm_setcsr) after at most 16 bodies, because
    /// Zen 5 takes 5 ns to read that register. `count` numbers the bodies. **Cost** half a nanosecond.
    HOCKET_ALWAYS_INLINE void set_after_body(unsigned count) const noexcept {
        if (!fp_control_may_be(control) || count % 16 == 0) [[unlikely]]
            set();
    }

    bool is_default() const noexcept { return control == 0; }
    friend bool operator==(fp_mode, fp_mode) = default;
};

/// Runs the calling thread in a mode for the lifetime of the scope. Changes that bodies make to the mode end with the
/// scope.
class fp_scope {
  public:
    /// Keeps the mode that the thread has.
    HOCKET_ALWAYS_INLINE fp_scope() noexcept : outer_(fp_mode::now()), mode_(outer_) {}
    HOCKET_ALWAYS_INLINE explicit fp_scope(fp_mode mode) noexcept : outer_(fp_mode::now()), mode_(mode) {
        if (outer_ != mode) [[unlikely]] {
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
