// SPDX-License-Identifier: MIT
// Asks the system for large pages: the one file with its call for it. Used for long untouched arrays: touching them a
// small page at a time can cost more than filling them. The system may ignore the request.
#pragma once

#include <hocket/base/config.hpp>

#include <cstddef>
#include <cstdint>

#include <sys/mman.h>

namespace hocket::inline HOCKET_ABI::detail {

inline constexpr std::size_t large_page = std::size_t{1} << 21;

[[nodiscard]] constexpr bool worth_large_pages(std::size_t bytes) noexcept { return bytes >= 2 * large_page; }

/// Asks for large pages for fresh memory. Does nothing if the memory is short.
void prefer_large_pages(void* memory, std::size_t bytes) noexcept;

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/os/large_pages.ipp>
#endif
