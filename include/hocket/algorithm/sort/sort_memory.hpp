// SPDX-License-Identifier: MIT
// Memory that is not initialised: the thread that writes a page first touches it first. Long arrays begin with a large
// page, because touching them a small page at a time costs as much as a pass of a sort. Sorts and histograms use it.
#pragma once

#include <hocket/base/config.hpp>
#include <hocket/os/large_pages.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <new>
#include <optional>

namespace hocket::inline HOCKET_ABI::detail {

/// Room for `n` plain elements.
template<class T>
class plain_array {
  public:
    explicit plain_array(std::uint64_t n) : size_(bytes_of(n)), data_(::operator new(size_, alignment())) {
        prefer_large_pages(data_, size_);
    }
    ~plain_array() { ::operator delete(data_, alignment()); }
    plain_array(plain_array const&) = delete;
    plain_array& operator=(plain_array const&) = delete;

    [[nodiscard]] T* data() const noexcept { return static_cast<T*>(data_); }

  private:
    static std::size_t bytes_of(std::uint64_t n) {
        if (n > std::numeric_limits<std::ptrdiff_t>::max() / sizeof(T)) throw std::bad_array_new_length();
        return static_cast<std::size_t>(n) * sizeof(T);
    }
    std::align_val_t alignment() const noexcept {
        return std::align_val_t{worth_large_pages(size_) ? large_page : alignof(T) < 16 ? 16 : alignof(T)};
    }

    std::size_t size_;
    void* data_;
};

/// Bytes for a few elements.
template<class T, std::size_t count>
struct plain_room {
    alignas(T) unsigned char bytes[count * sizeof(T)];
    T* data() noexcept { return reinterpret_cast<T*>(bytes); }
};

/// Room for `n` plain elements: in the frame of the caller if they are few.
template<class T>
class sort_scratch {
  public:
    explicit sort_scratch(std::uint64_t n) : data_(n > few ? many_.emplace(n).data() : room_.data()) {}
    [[nodiscard]] T* data() noexcept { return data_; }

  private:
    static constexpr std::size_t few = 2048 / sizeof(T);
    plain_room<T, few> room_;
    std::optional<plain_array<T>> many_;
    T* data_;
};

} // namespace hocket::detail
