// SPDX-License-Identifier: MIT
// Objects that several processes of a machine read and modify: `shared_memory<int> total(0);`,
// `shared_array<double> a(n);`. Public.
#pragma once

#include <hocket/remote/transport/shared_region.hpp>

#include <cstddef>
#include <limits>
#include <memory>
#include <new>
#include <span>
#include <type_traits>

namespace hocket::inline HOCKET_ABI {

class remote_pool;

namespace detail {

/// Whether the bytes of a T mean the same in each process.
template<class T>
constexpr bool can_be_shared() {
    constexpr bool plain = std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>;
    static_assert(plain,
                  "hocket: shared memory holds plain values: numbers, and classes and arrays of them. A class that "
                  "owns memory means nothing in another process");
    static_assert(!std::is_pointer_v<T> && !std::is_reference_v<T> && !std::is_member_pointer_v<T>,
                  "hocket: a pointer in shared memory means nothing in another process: keep an index");
    return plain;
}

} // namespace detail

/// A value of type T that several processes of this machine read and modify. Copies refer to the same value. An
/// argument of a call arrives as such a copy. The value lives until the last copy in any process is gone, and the last
/// call with such an argument has finished.
///
/// **Threads** any. Threads that modify the value concurrently use `std::atomic_ref(*total)`.
template<class T>
class shared_memory {
  public:
    using value_type = T;

    /// Refers to no value.
    shared_memory() = default;
    /// Makes a shared copy of `value`. **Throws** std::bad_alloc, std::runtime_error.
    explicit shared_memory(T const& value) requires(detail::can_be_shared<T>())
        : region_(std::make_shared<detail::shared_region const>(sizeof(T))) {
        ::new (static_cast<void*>(region_->data())) T(value);
    }

    T& operator*() const noexcept { return *get(); }
    T* operator->() const noexcept { return get(); }
    T* get() const noexcept {
        return region_ == nullptr ? nullptr : std::launder(reinterpret_cast<T*>(region_->data()));
    }

    /// For the library.
    template<class Archive>
    void serialize(Archive& archive) {
        detail::serialize_region(archive, region_);
        if constexpr (Archive::is_loading)
            if (region_ != nullptr && region_->size() != sizeof(T))
                detail::throw_bad_message("hocket: a message describes shared memory of a different size");
    }

  private:
    std::shared_ptr<detail::shared_region const> region_;
};

template<class T>
shared_memory(T) -> shared_memory<T>;

/// An array of T that several processes of this machine read and modify. Copies refer to the same array. An argument of
/// a call arrives as such a copy. The array lives until the last copy in any process is gone, and the last call with
/// such an argument has finished.
///
/// **Threads** any. Threads that modify an element concurrently use `std::atomic_ref(a[i])`.
template<class T>
class shared_array {
  public:
    using value_type = T;

    /// Refers to no array.
    shared_array() = default;
    /// Makes `count` elements of zero bytes. **Throws** std::bad_alloc, std::runtime_error.
    explicit shared_array(std::size_t count) requires(detail::can_be_shared<T>())
        : region_(std::make_shared<detail::shared_region const>(bytes_for(count))) {}
    /// Makes an array for `put`, which calls of a pool read.
    shared_array(remote_pool&, std::size_t count) requires(detail::can_be_shared<T>()) : shared_array(count) {}

    std::size_t size() const noexcept { return region_ == nullptr ? 0 : region_->size() / sizeof(T); }
    T* data() const noexcept {
        return region_ == nullptr ? nullptr : std::launder(reinterpret_cast<T*>(region_->data()));
    }
    T& operator[](std::size_t at) const noexcept { return data()[at]; }
    T* begin() const noexcept { return data(); }
    T* end() const noexcept { return data() + size(); }

    /// For the library.
    template<class Archive>
    void serialize(Archive& archive) {
        detail::serialize_region(archive, region_);
        if constexpr (Archive::is_loading)
            if (region_ != nullptr && region_->size() % sizeof(T) != 0)
                detail::throw_bad_message("hocket: a message describes shared memory of a different size");
    }

  private:
    static std::size_t bytes_for(std::size_t count) {
        if (count > std::numeric_limits<std::size_t>::max() / 2 / sizeof(T)) throw std::bad_alloc();
        return count * sizeof(T);
    }

    std::shared_ptr<detail::shared_region const> region_;
};

} // namespace hocket
