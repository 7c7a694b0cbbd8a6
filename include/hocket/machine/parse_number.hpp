// SPDX-License-Identifier: MIT
// Parses whole numbers in untrusted text. Called by cpu_quota.hpp and environment.hpp.
#pragma once

#include <hocket/base/config.hpp>

#include <cstdint>
#include <optional>

namespace hocket::inline HOCKET_ABI::detail {

/// Returns the number if the text is decimal digits and nothing else, and fits.
constexpr std::optional<std::uint64_t> parse_number(char const* text) noexcept {
    constexpr std::uint64_t most = ~std::uint64_t{0};
    std::uint64_t value = 0;
    char const* at = text;
    for (; *at >= '0' && *at <= '9'; ++at) {
        auto const digit = static_cast<std::uint64_t>(*at - '0');
        if (value > (most - digit) / 10) {
            return std::nullopt;
        }
        value = value * 10 + digit;
    }
    return at == text || *at != '\0' ? std::nullopt : std::optional<std::uint64_t>(value);
}

} // namespace hocket::detail
