// SPDX-License-Identifier: MIT
// An array with a length that is fixed when it is made. Topologies and placements use it: each std::vector of another
// type costs every program that includes hocket 30 ms of compilation, each fixed_array 3 ms. Every floor may use it.
#pragma once

#include <hocket/base/config.hpp>

#include <cstddef>

namespace hocket::inline HOCKET_ABI {

/// An array of `size()` elements on the heap, value-initialised.
template<class T>
class fixed_array {
  public:
    fixed_array() noexcept = default;
    /// Makes `size` elements. **Throws** `std::bad_alloc`, and what the constructor of `T` throws.
    explicit fixed_array(std::size_t size) : data_(new T[size]()), size_(size) {}
    fixed_array(fixed_array&& from) noexcept { swap(from); }
    fixed_array(fixed_array const& from) : fixed_array(from.size_) {
        for (std::size_t i = 0; i < size_; ++i) data_[i] = from.data_[i];
    }
    fixed_array& operator=(fixed_array from) noexcept {
        swap(from);
        return *this;
    }
    ~fixed_array() { delete[] data_; }

    std::size_t size() const noexcept { return size_; }
    bool empty() const noexcept { return size_ == 0; }
    T* data() noexcept { return data_; }
    T const* data() const noexcept { return data_; }
    T* begin() noexcept { return data_; }
    T const* begin() const noexcept { return data_; }
    T* end() noexcept { return data_ + size_; }
    T const* end() const noexcept { return data_ + size_; }
    T& operator[](std::size_t i) noexcept { return data_[i]; }
    T const& operator[](std::size_t i) const noexcept { return data_[i]; }

    /// Limits the visible elements to the first `size`, at most `size()`. The other elements stay alive.
    void shrink(std::size_t size) noexcept { size_ = size; }
    void swap(fixed_array& other) noexcept {
        T* const data = data_;
        std::size_t const size = size_;
        data_ = other.data_;
        size_ = other.size_;
        other.data_ = data;
        other.size_ = size;
    }

  private:
    T* data_ = nullptr;
    std::size_t size_ = 0;
};

} // namespace hocket
