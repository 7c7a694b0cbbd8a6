// SPDX-License-Identifier: MIT
// Asks the system for large pages, floor 0: the one file with its call for it. Long arrays that nobody has touched use it:
// touching them a small page at a time can cost more than filling them. The system need not heed it.
#pragma once

#include <cstddef>
#include <cstdint>

#include <sys/mman.h>

namespace hocket::detail {

inline constexpr std::size_t large_page = std::size_t{1} << 21;

[[nodiscard]] constexpr bool worth_large_pages(std::size_t bytes) noexcept { return bytes >= 2 * large_page; }

/// For fresh memory; nothing happens where it is short.
inline void prefer_large_pages(void* memory, std::size_t bytes) noexcept {
    constexpr std::size_t small_page = 4096;
    if (!worth_large_pages(bytes)) return;
    std::size_t const skipped = (small_page - reinterpret_cast<std::uintptr_t>(memory) % small_page) % small_page;
    static_cast<void>(
        ::madvise(static_cast<char*>(memory) + skipped, (bytes - skipped) / small_page * small_page, MADV_HUGEPAGE));
}

} // namespace hocket::detail
