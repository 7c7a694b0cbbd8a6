// SPDX-License-Identifier: MIT
// A lock that lies in shared memory: `shared_memory<shared_mutex_word>`, or a member of a class there. Public.
#pragma once

#include <hocket/base/config.hpp>

#include <atomic>
#include <cstdint>

#include <pthread.h>

namespace hocket::inline HOCKET_ABI {

/// A mutex for threads of several processes of a machine: an object in `shared_memory`, an element of a `shared_array`,
/// or a member of a class in one of them. When a process ends that holds it, the next owner gets it, and `owner_died`
/// tells that owner so: what the mutex guards may be half changed. Zero bytes are a mutex that is free. For
/// std::lock_guard, std::unique_lock and std::scoped_lock.
///
/// **Threads** any; the thread that has locked it unlocks it.
class shared_mutex_word {
  public:
    shared_mutex_word() = default;

    /// **Blocks** until no other thread holds it. **Throws** std::system_error.
    void lock();
    [[nodiscard]] bool try_lock();
    void unlock() noexcept;
    /// For the owner: whether the owner before ended, as a thread or with its process, while it held the mutex.
    [[nodiscard]] bool owner_died() const noexcept { return owner_died_ != 0; }

  private:
    bool take(int (*how)(pthread_mutex_t*));

    pthread_mutex_t mutex_{};
    std::uint32_t owner_died_ = 0; // guarded by the mutex
};

} // namespace hocket

#if HOCKET_BODIES
#include <hocket/remote/object/shared_mutex_word.ipp>
#endif
