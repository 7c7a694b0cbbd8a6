// SPDX-License-Identifier: MIT
// zip: several ranges side by side, as one range of tuples of references. It is std::views::zip where the standard
// library has it (since C++23), otherwise hocket's own. Public.
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

/// Zips ranges: `parallel_starmap(zip(a, b), f)`, `parallel_sort(zip(keys, values))`. The zip is as long as the
/// shortest range. Its elements are tuples of references. Assignments, swaps and moves go through them to the elements
/// of the ranges, as with std::views::zip. A named range is held by reference and has to live as long; a temporary is
/// kept. **Cost** an iterator of each range.
inline constexpr detail::zip_function zip{};

} // namespace hocket
#endif
