// SPDX-License-Identifier: MIT
// The bodies of the functions that enough_stack.hpp declares.
#pragma once

#include <hocket/os/enough_stack.hpp>

#if defined(__linux__)
#include <sys/auxv.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace hocket::inline HOCKET_ABI::detail {

/// Returns whether the calling thread is the first one of the process and certainly has enough. So the C library need
/// not read /proc/self/maps. The kernel leaves 128 MiB and more below the first stack, and puts the random bytes for
/// the program on its top.
HOCKET_COLD HOCKET_INLINE bool first_thread_has_enough(std::uintptr_t here) noexcept {
#if defined(__linux__)
    std::uintptr_t const top = getauxval(AT_RANDOM);
    rlimit limit{};
    if (syscall(SYS_gettid) != getpid() || top < here || getrlimit(RLIMIT_STACK, &limit) != 0) return false;
    constexpr std::size_t gap = std::size_t{64} << 20;
    std::size_t const size = limit.rlim_cur < gap ? limit.rlim_cur : gap;
    return top - here + enough_stack < size;
#else
    (void)here;
    return false;
#endif
}

HOCKET_COLD HOCKET_INLINE bool has_enough_stack() noexcept {
    HOCKET_SIMULATE(true); // its threads have stacks of the machine's choice
    auto const here = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
    if (first_thread_has_enough(here)) return true;
    pthread_attr_t attributes;
    if (pthread_getattr_np(pthread_self(), &attributes) != 0) return true;
    void* lowest = nullptr;
    std::size_t size = 0;
    bool const known = pthread_attr_getstack(&attributes, &lowest, &size) == 0;
    pthread_attr_destroy(&attributes);
    auto const begin = reinterpret_cast<std::uintptr_t>(lowest);
    return !known || (here - begin < size && here - begin >= enough_stack); // below `begin` the difference is huge
}

} // namespace
