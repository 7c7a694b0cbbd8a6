// SPDX-License-Identifier: MIT
// The bodies of the functions that enough_stack.hpp declares.
#pragma once

#include <hocket/os/enough_stack.hpp>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_COLD HOCKET_INLINE bool has_enough_stack() noexcept {
    pthread_attr_t attributes;
    if (pthread_getattr_np(pthread_self(), &attributes) != 0) return true;
    void* lowest = nullptr;
    std::size_t size = 0;
    bool const known = pthread_attr_getstack(&attributes, &lowest, &size) == 0;
    pthread_attr_destroy(&attributes);
    auto const here = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
    auto const begin = reinterpret_cast<std::uintptr_t>(lowest);
    return !known || (here - begin < size && here - begin >= enough_stack); // below `begin` the difference is huge
}

} // namespace
