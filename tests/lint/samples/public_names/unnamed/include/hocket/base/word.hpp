// SPDX-License-Identifier: MIT
#pragma once
namespace hocket::inline v1 {
namespace detail {
class hidden {};
} // namespace detail
template<class T>
[[nodiscard]] HOCKET_COLD inline fixed<T> twice(T const& x) {
    return x;
}
} // namespace hocket
