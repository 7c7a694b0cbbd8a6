// SPDX-License-Identifier: MIT
// Tests of zeroed_array.
#include <hocket/base/config.hpp>
#include <hocket/memory/zeroed_array.hpp>

#include <gtest/gtest.h>

#include <sys/resource.h>

#include <cstdint>
#include <new>

namespace {

using hocket::detail::zeroed_array;

struct alignas(64) line {
    std::uint64_t word;
    unsigned char rest[56];
};

long page_faults() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_minflt;
}

TEST(zeroed_array, begins_with_zeros_where_they_belong) {
    for (std::size_t const size : {1U, 7U, 8193U}) {
        for (int round = 0; round < 3; ++round) { // from the second round on in memory that was used before
            zeroed_array<line> lines(size);
            ASSERT_EQ(reinterpret_cast<std::uintptr_t>(lines.data()) % alignof(line), 0U);
            for (std::size_t i = 0; i < size; ++i) {
                ASSERT_EQ(lines[i].word, 0U);
                ASSERT_EQ(lines[i].rest[55], 0U);
                lines[i].word = ~std::uint64_t{0};
                lines[i].rest[55] = 255;
            }
        }
    }
}

TEST(zeroed_array, does_not_touch_its_memory) {
    if (hocket::detail::sanitized) GTEST_SKIP() << "sanitizers touch what they watch";
    constexpr std::size_t pages = 16'384;
    long const before = page_faults();
    zeroed_array<line> const lines(pages * 4096 / sizeof(line));
    EXPECT_EQ(lines[100'000].word, 0U);
    EXPECT_LT(page_faults() - before, static_cast<long>(pages / 16));
}

TEST(zeroed_array, says_when_there_is_no_memory) {
    if (hocket::detail::sanitized) GTEST_SKIP() << "the address sanitizer ends the program instead";
    std::size_t const volatile too_many = ~std::size_t{0} / 2; // unseen by the compiler, which would warn
    void const* volatile seen = nullptr;                       // else clang leaves the allocation out
    EXPECT_THROW(seen = zeroed_array<line>(too_many).data(), std::bad_alloc);
    EXPECT_EQ(seen, nullptr);
}

} // namespace
