// SPDX-License-Identifier: MIT
// The bodies of the functions that os_thread.hpp declares.
#pragma once

#include <hocket/os/os_thread.hpp>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_COLD HOCKET_INLINE bool os_thread::start(void* (*body)(void*), void* argument, std::size_t stack_size) noexcept {
#if defined(HOCKET_SIMULATED)
    if (sim::running()) {
        simulated_ = sim::active->start(body, argument);
        return running_ = simulated_ != nullptr;
    }
#endif
    pthread_attr_t attributes;
    if (pthread_attr_init(&attributes) != 0) return false;
    if (stack_size == 0 || set_stack_size(attributes, stack_size)) {
        sigset_t blocked;
        sigset_t before;
        sigfillset(&blocked);
        for (int const fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS, SIGABRT}) sigdelset(&blocked, fault);
        pthread_sigmask(SIG_SETMASK, &blocked, &before); // the new thread begins with this mask
        running_ = pthread_create(&handle_, &attributes, body, argument) == 0;
        pthread_sigmask(SIG_SETMASK, &before, nullptr);
    }
    pthread_attr_destroy(&attributes);
    return running_;
}

HOCKET_COLD HOCKET_INLINE long long os_thread::cpu_nanoseconds() const noexcept {
#if defined(HOCKET_SIMULATED)
    if (simulated_ != nullptr) return static_cast<long long>(simulated_->busy);
#endif
    clockid_t clock{};
    timespec used{};
    if (pthread_getcpuclockid(handle_, &clock) != 0 || clock_gettime(clock, &used) != 0) return 0;
    return used.tv_sec * 1'000'000'000LL + used.tv_nsec;
}

HOCKET_INLINE os_thread os_thread::release() noexcept {
    os_thread const released = *this;
    running_ = false;
    return released;
}

HOCKET_INLINE bool os_thread::set_stack_size(pthread_attr_t& attributes, std::size_t bytes) noexcept {
    constexpr std::size_t page = 65536; // a multiple of the page size of any processor
    std::size_t const least = static_cast<std::size_t>(PTHREAD_STACK_MIN);
    std::size_t const wanted = bytes < least ? least : bytes;
    if (wanted > ~std::size_t{0} - page) return false;
    return pthread_attr_setstacksize(&attributes, (wanted + page - 1) / page * page) == 0;
}

HOCKET_COLD HOCKET_INLINE void name_this_thread(char const* name, std::uint32_t number) noexcept {
    char text[16];
    std::snprintf(text, sizeof text, "%.*s/%u", static_cast<int>(os_thread::longest_name),
                  *name == '\0' ? "hocket" : name, number);
    HOCKET_SIMULATE(sim::active->name(text));
    pthread_setname_np(pthread_self(), text);
}

} // namespace
