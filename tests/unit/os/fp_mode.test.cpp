// SPDX-License-Identifier: MIT
// The quick look at the floating-point mode tells the default from every other rounding and flushing, and leaves no
// trace.
#include <hocket/os/fp_mode.hpp>

#include <gtest/gtest.h>

#include <cfenv>

namespace {

using namespace hocket::detail;

#if defined(__x86_64__)

constexpr unsigned masks = 0x1f80;
constexpr unsigned flushes = 0x8000;
constexpr unsigned denormals_are_zeros = 0x0040;

/// Sets the control register of vectors while it lives.
class vector_control {
  public:
    explicit vector_control(unsigned value) : before_(__builtin_ia32_stmxcsr()) { __builtin_ia32_ldmxcsr(value); }
    ~vector_control() { __builtin_ia32_ldmxcsr(before_); }
    vector_control(vector_control const&) = delete;
    vector_control& operator=(vector_control const&) = delete;

  private:
    unsigned const before_;
};

TEST(fp_mode, tells_each_rounding_and_flushing_of_vectors_from_the_default) {
    for (unsigned rounding = 0; rounding < 4; ++rounding)
        for (unsigned flushing : {0U, flushes, denormals_are_zeros, flushes | denormals_are_zeros}) {
            unsigned const value = masks | rounding << 13 | flushing;
            unsigned found = 0;
            {
                vector_control const here(value);
                found = fp_mode::now().control;
            }
            EXPECT_EQ(found, value ^ masks);
        }
}

TEST(fp_mode, sees_what_cfenv_changes) {
    for (int const rounding : {FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO}) {
        std::fesetround(rounding);
        bool const seen = !fp_mode::now().is_default();
        std::fesetround(FE_TONEAREST);
        EXPECT_TRUE(seen);
    }
    EXPECT_TRUE(fp_mode::now().is_default());
}

TEST(fp_mode, is_found_out_without_flags_and_signals) {
    if (!can_try_fp_control()) GTEST_SKIP() << "the processor or the compiler lacks AVX-512";
    EXPECT_TRUE(is_usual_fp_control());
    for (unsigned rounding = 0; rounding < 4; ++rounding)
        for (unsigned flushing : {0U, flushes, denormals_are_zeros, flushes | denormals_are_zeros})
            for (unsigned masked : {masks, 0U}) { // without masks, an exception is a signal
                unsigned const value = masked | rounding << 13 | flushing;
                bool usual = false;
                unsigned after = 0;
                {
                    vector_control const here(value);
                    usual = is_usual_fp_control();
                    after = __builtin_ia32_stmxcsr();
                }
                EXPECT_EQ(after, value);
                EXPECT_EQ(usual, rounding == 0 && flushing == 0) << std::hex << value;
            }
    unsigned short const usual_word = 0x37f;
    unsigned short const single_precision = 0x07f;
    asm volatile("fldcw %0" ::"m"(single_precision));
    bool const seen = !is_usual_fp_control();
    asm volatile("fldcw %0" ::"m"(usual_word));
    EXPECT_TRUE(seen);
}
#endif

} // namespace
