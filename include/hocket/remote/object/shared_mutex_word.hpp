// SPDX-License-Identifier: MIT
// A lock in shared memory: `shared_memory<shared_mutex_word>`, or a member of a class there. Public.
#pragma once

#include <hocket/base/config.hpp>

#include <atomic>
#include <cstdint>

#include <pthread.h>

namespace hocket::inline HOCKET_ABI {

/// A mutex for threads of several processes of a machine. It is an object in `shared_memory`, an element of a
/// `shared_array`, or a member of a class in one of them. When a process ends while it holds the mutex, the next owner
/// gets it. `owner_died` then tells the new owner that the guarded data may be half modified. Zero bytes are a free
/// mutex. Works with std::lock_guard, std::unique_lock and std::scoped_lock.
///
/// **Threads** any; the thread that has locked the mutex unlocks it.
class shared_mutex_word {
  public:
    shared_mutex_word() = default;

    /// Locks the mutex. **Blocks** until no other thread holds it. **Throws** std::system_error.
    void lock();
    [[nodiscard]] bool try_lock();
    void unlock() noexcept;
    /// Whether the previous owner ended, as a thread or with its process, while it held the mutex. Called by the owner.
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
