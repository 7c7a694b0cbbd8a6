// SPDX-License-Identifier: MIT
// The floating-point mode in which work runs: that of the thread that called or submitted. A worker runs in the default
// mode between tasks. An operation notes the mode once; a thread that runs a part of it takes that mode, and gives it
// up at the end.
#pragma once

#include <hocket/base/config.hpp>

namespace hocket::inline HOCKET_ABI::detail {

/// How operations on floating-point numbers round, whether they flush denormals, and which exceptions they raise as
/// signals. The default is the mode that a program begins with.
struct fp_mode {
    unsigned control = 0;

    /// The mode of the calling thread. **Cost** about a nanosecond.
    HOCKET_ALWAYS_INLINE static fp_mode now() noexcept { return {read_fp_control()}; }

    /// Puts the calling thread into this mode. **Cost** that of `now` if the thread is in it; else about ten
    /// nanoseconds.
    HOCKET_ALWAYS_INLINE void set() const noexcept {
        if (now() != *this) [[unlikely]]
            write_fp_control(control);
    }

    /// Like `set`, for bodies of a few nanoseconds: sees what <cfenv> has changed after each of them, and what was
    /// written into the control register of vectors alone (by _mm_setcsr) after at most 16, since Zen 5 takes 5 ns to
    /// read that register. `count` numbers the bodies. **Cost** half a nanosecond.
    HOCKET_ALWAYS_INLINE void set_after_body(unsigned count) const noexcept {
        if (!fp_control_may_be(control) || count % 16 == 0) [[unlikely]]
            set();
    }

    bool is_default() const noexcept { return control == 0; }
    friend bool operator==(fp_mode, fp_mode) = default;
};

/// While it lives, the calling thread runs in a mode; what bodies change of it ends with the scope.
class fp_scope {
  public:
    /// In the mode that the thread has.
    HOCKET_ALWAYS_INLINE fp_scope() noexcept : outer_(fp_mode::now()), mode_(outer_) {}
    HOCKET_ALWAYS_INLINE explicit fp_scope(fp_mode mode) noexcept : outer_(fp_mode::now()), mode_(mode) {
        if (outer_ != mode) [[unlikely]]
            write_fp_control(mode.control);
    }
    HOCKET_ALWAYS_INLINE ~fp_scope() { outer_.set(); }
    fp_scope(fp_scope const&) = delete;
    fp_scope& operator=(fp_scope const&) = delete;

    fp_mode mode() const noexcept { return mode_; }
    /// Between two bodies: the second one does not run in what the first one has left behind.
    HOCKET_ALWAYS_INLINE void reset() const noexcept { mode_.set(); }

  private:
    fp_mode const outer_;
    fp_mode const mode_;
};

} // namespace hocket::inline HOCKET_ABI::detail
