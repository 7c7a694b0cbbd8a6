// SPDX-License-Identifier: MIT
// The bodies of the functions that remote_error.hpp declares.
#pragma once

#include <hocket/remote/wire/remote_error.hpp>

#include <utility>

namespace hocket::inline HOCKET_ABI {

HOCKET_COLD HOCKET_INLINE remote_error::remote_error(std::string type, std::string const& text, std::string where,
                                                     std::string trace)
    : std::runtime_error(text),
      parts_(std::make_shared<parts const>(parts{std::move(type), std::move(where), std::move(trace)})) {}

} // namespace
