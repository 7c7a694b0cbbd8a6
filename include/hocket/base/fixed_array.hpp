// SPDX-License-Identifier: MIT
// An array whose length is known when it is made. Topologies and placements are built of them: each std::vector of
// another type costs every program that includes hocket 30 ms of compilation, each of these 3.
// Floor base. Everyone may use it.
#pragma once

#include <hocket/base/config.hpp>

#include <cstddef>

namespace hocket::inline HOCKET_ABI {

/// `size()` elements on the heap, value-initialised.
template<class T>
class fixed_array {
  public:
    fixed_array() noexcept = default;
    /// **Throws** `std::bad_alloc`, and what the constructor of `T` throws.
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

    /// Shows the first `size` elements only, `size` being at most `size()`; the others live on, unseen.
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
