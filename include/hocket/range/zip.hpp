// SPDX-License-Identifier: MIT
// zip: several ranges side by side, as one range of tuples of references. std::views::zip where the standard library
// has it, which is since C++23; else hocket's own. Public.
#pragma once

#include <hocket/base/config.hpp>

#include <version>

#if defined(__cpp_lib_ranges_zip)
#include <ranges>
namespace hocket::inline HOCKET_ABI {
using std::views::zip;
} // namespace hocket
#else
#include <hocket/range/own_zip.hpp>
namespace hocket::inline HOCKET_ABI {

/// Ranges side by side: `parallel_starmap(zip(a, b), f)`, `parallel_sort(zip(keys, values))`. It is as long as the
/// shortest of them. Its elements are tuples of references, and assignments, swaps and moves go through them to the
/// elements of the ranges, as with std::views::zip. A named range is referred to and has to live as long; a temporary
/// is kept. **Cost** an iterator of each range.
inline constexpr detail::zip_function zip{};

} // namespace hocket
#endif
