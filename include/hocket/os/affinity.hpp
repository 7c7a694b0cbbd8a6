// SPDX-License-Identifier: MIT
// Operating system calls for the PUs that a thread may run on: the one file to port for pinning. Called by pin.hpp and
// hwloc.hpp. Throws only where a result needs memory that there is not.
#pragma once

#include <hocket/base/config.hpp>
#include <hocket/base/fixed_array.hpp>

#include <cstddef>
#include <optional>

#if defined(__linux__)
#include <cerrno>
#include <new>
#include <sched.h>
#include <unistd.h>
#endif

namespace hocket::inline HOCKET_ABI::detail {

#if defined(__linux__)

/// A set of PUs as the kernel takes it, of any size: `cpu_set_t` ends at 1,024.
class kernel_mask {
  public:
    static constexpr std::size_t most_pus = std::size_t{1} << 20;

    /// Makes a mask for PUs below `pus`. Without memory it is empty.
    explicit kernel_mask(std::size_t pus) noexcept
        : words_((pus + bits - 1) / bits), mask_(new (std::nothrow) unsigned long[words_]()) {}
    ~kernel_mask() { delete[] mask_; }
    kernel_mask(kernel_mask const&) = delete;
    kernel_mask& operator=(kernel_mask const&) = delete;

    bool empty() const noexcept { return mask_ == nullptr; }
    std::size_t pus() const noexcept { return words_ * bits; }
    std::size_t bytes() const noexcept { return words_ * sizeof(unsigned long); }
    cpu_set_t* data() noexcept { return reinterpret_cast<cpu_set_t*>(mask_); }
    void add(std::size_t pu) noexcept { mask_[pu / bits] |= 1UL << (pu % bits); }
    bool has(std::size_t pu) const noexcept { return (mask_[pu / bits] >> (pu % bits) & 1UL) != 0; }

  private:
    static constexpr std::size_t bits = 8 * sizeof(unsigned long);
    std::size_t words_;
    unsigned long* mask_;
};

/// Binds the calling thread. The kernel drops PUs that are offline or not allowed, and refuses if none is left. Returns
/// 0 or the system's error number.
[[gnu::cold]] int bind_calling_thread(unsigned const* pus, std::size_t count) noexcept;

/// Returns the PUs that a thread may run on, ascending; empty if the system does not tell. `thread` is the system's
/// number of the thread, 0 for the calling thread. The kernel wants a mask at least as large as its own, and reports
/// only that a mask is too small.
[[gnu::cold]] fixed_array<unsigned> pus_of_thread(int thread);

inline fixed_array<unsigned> pus_of_main_thread() { return pus_of_thread(getpid()); }

/// Returns how many PUs the machine has, for systems without a mask.
std::size_t online_pus() noexcept;

/// Returns the PU that the calling thread runs on at the moment.
std::optional<unsigned> pu_of_calling_thread() noexcept;

/// Lets another thread that waits for the core have it for a while.
inline void yield_core() noexcept {
    HOCKET_SIMULATE(sim::active->yield());
    (void)sched_yield();
}

#else

inline void yield_core() noexcept {}
inline int bind_calling_thread(unsigned const*, std::size_t) noexcept { return -1; }
inline fixed_array<unsigned> pus_of_thread(int) { return {}; }
inline fixed_array<unsigned> pus_of_main_thread() { return {}; }
inline std::size_t online_pus() noexcept { return 1; }
inline std::optional<unsigned> pu_of_calling_thread() noexcept { return std::nullopt; }

#endif

inline fixed_array<unsigned> pus_of_calling_thread() { return pus_of_thread(0); }

/// Returns the PUs that pools may use: those that both the calling thread and the main thread may run on. If they have
/// none in common, returns the PUs of the calling thread. Masks of other threads do not count. Empty if the system does
/// not tell.
[[gnu::cold]] fixed_array<unsigned> pus_for_pools();

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/os/affinity.ipp>
#endif
