// SPDX-License-Identifier: MIT
// The choices for what a worker is bound to, and their names. Every floor from machine up may use it.
#pragma once

#include <hocket/base/config.hpp>

#include <cstdint>
#include <optional>
#include <string_view>

namespace hocket::inline HOCKET_ABI {

/// What each worker of a pool is bound to.
enum class binding : std::uint8_t {
    automatic, ///< `core` if there are as many workers as cores that the process may use, otherwise `none`
    core,      ///< all allowed PUs of one core
    pu,        ///< one PU
    numa,      ///< all allowed PUs of one NUMA node
    none       ///< nothing: the operating system places the workers
};

constexpr std::string_view to_string(binding b) noexcept {
    switch (b) {
    case binding::automatic: return "automatic";
    case binding::core: return "core";
    case binding::pu: return "pu";
    case binding::numa: return "numa";
    case binding::none: break;
    }
    return "none";
}

constexpr std::optional<binding> binding_from(std::string_view name) noexcept {
    for (binding const b : {binding::automatic, binding::core, binding::pu, binding::numa, binding::none}) {
        if (name == to_string(b)) {
            return b;
        }
    }
    return std::nullopt;
}

} // namespace hocket
