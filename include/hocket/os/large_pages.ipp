// SPDX-License-Identifier: MIT
// The bodies of the functions that large_pages.hpp declares.
#pragma once

#include <hocket/os/large_pages.hpp>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_INLINE void prefer_large_pages(void* memory, std::size_t bytes) noexcept {
    constexpr std::size_t small_page = 4096;
    if (!worth_large_pages(bytes)) return;
    std::size_t const skipped = (small_page - reinterpret_cast<std::uintptr_t>(memory) % small_page) % small_page;
    static_cast<void>(
        ::madvise(static_cast<char*>(memory) + skipped, (bytes - skipped) / small_page * small_page, MADV_HUGEPAGE));
}

} // namespace
