// SPDX-License-Identifier: MIT
// The operating system's calls about which PUs a thread may run on: the one file to port for pinning.
// Floor machine; called by pin.hpp and hwloc.hpp. Throws only for want of memory for a result.
#pragma once

#include <hocket/base/config.hpp>
#include <hocket/base/fixed_array.hpp>

#include <cstddef>
#include <optional>

#if defined(__linux__)
#include <cerrno>
#include <new>
#include <sched.h>
#endif

namespace hocket::detail {

#if defined(__linux__)

/// A set of PUs as the kernel takes it, of any size: `cpu_set_t` ends at 1,024.
class kernel_mask {
  public:
    static constexpr std::size_t most_pus = std::size_t{1} << 20;

    /// For PUs below `pus`; without memory it is empty.
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

/// Binds the calling thread. The kernel drops the PUs that are offline or not allowed and refuses when none is left.
/// Returns 0 or the system's error number.
HOCKET_COLD inline int bind_calling_thread(unsigned const* pus, std::size_t count) noexcept {
    std::size_t highest = 0;
    for (std::size_t i = 0; i < count; ++i) {
        highest = pus[i] > highest ? pus[i] : highest;
    }
    if (count == 0 || highest >= kernel_mask::most_pus) {
        return EINVAL;
    }
    kernel_mask mask(highest + 1);
    if (mask.empty()) {
        return ENOMEM;
    }
    for (std::size_t i = 0; i < count; ++i) {
        mask.add(pus[i]);
    }
    return sched_setaffinity(0, mask.bytes(), mask.data()) == 0 ? 0 : errno;
}

/// The PUs that the calling thread may run on, ascending; empty if the system does not tell.
/// The kernel wants a mask at least as large as its own, and says only "too small".
HOCKET_COLD inline fixed_array<unsigned> pus_of_calling_thread() {
    for (std::size_t size = 1024; size <= kernel_mask::most_pus; size *= 2) {
        kernel_mask mask(size);
        if (mask.empty()) {
            break;
        }
        if (sched_getaffinity(0, mask.bytes(), mask.data()) == 0) {
            std::size_t count = 0;
            for (std::size_t pu = 0; pu < mask.pus(); ++pu) {
                count += mask.has(pu) ? 1U : 0U;
            }
            fixed_array<unsigned> found(count);
            for (std::size_t pu = 0, at = 0; at < count; ++pu) {
                if (mask.has(pu)) {
                    found[at++] = static_cast<unsigned>(pu);
                }
            }
            return found;
        }
        if (errno != EINVAL) {
            break;
        }
    }
    return {};
}

/// The PU that the calling thread runs on just now.
inline std::optional<unsigned> pu_of_calling_thread() noexcept {
    int const pu = sched_getcpu();
    return pu < 0 ? std::nullopt : std::optional<unsigned>(static_cast<unsigned>(pu));
}

#else

inline int bind_calling_thread(unsigned const*, std::size_t) noexcept { return -1; }
inline fixed_array<unsigned> pus_of_calling_thread() { return {}; }
inline std::optional<unsigned> pu_of_calling_thread() noexcept { return std::nullopt; }

#endif

} // namespace hocket::detail
