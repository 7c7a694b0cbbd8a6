// SPDX-License-Identifier: MIT
// The bodies of the functions that shared_mutex_word.hpp declares.
#pragma once

#include <hocket/base/error.hpp>
#include <hocket/remote/object/shared_mutex_word.hpp>

#include <cerrno>
#include <system_error>

namespace hocket::inline HOCKET_ABI::detail {

/// Returns the kind that glibc writes into a mutex that is robust and shared between processes.
HOCKET_COLD inline int kind_of_robust_mutex() noexcept {
    static int const kind = [] {
        pthread_mutexattr_t attributes;
        ::pthread_mutexattr_init(&attributes);
        ::pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
        ::pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
        pthread_mutex_t made;
        ::pthread_mutex_init(&made, &attributes);
        ::pthread_mutexattr_destroy(&attributes);
        int const found = made.__data.__kind;
        ::pthread_mutex_destroy(&made);
        return found;
    }();
    return kind;
}

} // namespace

namespace hocket::inline HOCKET_ABI {

HOCKET_INLINE bool shared_mutex_word::take(int (*how)(pthread_mutex_t*)) {
    // Sets the kind, which zero bytes lack. Each thread that finds it missing writes the same kind before it locks.
    std::atomic_ref<int> kind(mutex_.__data.__kind);
    if (kind.load(std::memory_order_relaxed) == 0)
        kind.store(detail::kind_of_robust_mutex(), std::memory_order_relaxed);
    int const error = how(&mutex_);
    if (error == EBUSY) return false;
    if (error == EOWNERDEAD)
        ::pthread_mutex_consistent(&mutex_);
    else if (error != 0)
        throw std::system_error(error, std::generic_category(), "hocket: cannot lock a shared_mutex_word");
    owner_died_ = error == EOWNERDEAD ? 1 : 0;
    return true;
}

HOCKET_INLINE void shared_mutex_word::lock() { (void)take(&::pthread_mutex_lock); }
HOCKET_INLINE bool shared_mutex_word::try_lock() { return take(&::pthread_mutex_trylock); }
HOCKET_INLINE void shared_mutex_word::unlock() noexcept { ::pthread_mutex_unlock(&mutex_); }

} // namespace
