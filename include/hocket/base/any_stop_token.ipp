// SPDX-License-Identifier: MIT
// The bodies of the functions that any_stop_token.hpp declares.
#pragma once

#include <hocket/base/any_stop_token.hpp>

namespace hocket::inline HOCKET_ABI {

HOCKET_INLINE any_stop_token& any_stop_token::operator=(any_stop_token const& from) noexcept {
    if (this != &from) {
        this->~any_stop_token();
        ::new (this) any_stop_token(from);
    }
    return *this;
}

} // namespace
