// SPDX-License-Identifier: MIT
// An array in untouched memory. A task stack is 512 KiB, of which most programs use a page or two. The first touch of a
// page costs more than all else that a pool does for it. Used by worker slots.
#pragma once

#include <hocket/base/config.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <type_traits>

namespace hocket::inline HOCKET_ABI::detail {

/// An array of `size` elements, all of whose bytes are zero. No constructor runs: it would have to write zeros, or what
/// it writes is never read.
template<class T>
class zeroed_array {
    static_assert(std::is_trivially_destructible_v<T>);

  public:
    /// Allocates the array. **Throws** `std::bad_alloc`.
    explicit zeroed_array(std::size_t size) : memory_(std::calloc(size + 1, sizeof(T))) {
        static_assert(sizeof(T) >= alignof(T), "one more element is room to align them");
        if (memory_ == nullptr) throw std::bad_alloc();
        std::uintptr_t const first = reinterpret_cast<std::uintptr_t>(memory_);
        data_ = reinterpret_cast<T*>((first + alignof(T) - 1) / alignof(T) * alignof(T));
    }
    ~zeroed_array() { std::free(memory_); }
    zeroed_array(zeroed_array const&) = delete;
    zeroed_array& operator=(zeroed_array const&) = delete;

    T* data() noexcept { return data_; }
    T const* data() const noexcept { return data_; }
    T& operator[](std::size_t i) noexcept { return data_[i]; }
    T const& operator[](std::size_t i) const noexcept { return data_[i]; }

  private:
    void* memory_; // from the heap, which takes long arrays fresh from the system
    T* data_;
};

} // namespace hocket::detail
