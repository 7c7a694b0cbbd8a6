// SPDX-License-Identifier: MIT
// The memory of a std::vector whose elements are built in place, in any order and by several threads. It becomes that
// vector when all elements are there. Nothing is written twice, and elements need neither a default constructor nor a
// move. The algorithms use it.
#pragma once

#include <hocket/base/config.hpp>
#include <hocket/os/large_pages.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>
#include <vector>

namespace hocket::inline HOCKET_ABI::detail {

/// A vector that can be told which elements it owns, if the standard library places its pointers as libstdc++ does.
/// `can_adopt` says whether it does.
template<class T>
class adopting_vector : private std::vector<T> {
  public:
    static constexpr bool can_adopt = requires(adopting_vector & v, T* p) {
        v._M_impl._M_start = p;
        v._M_impl._M_finish = p;
        v._M_impl._M_end_of_storage = p;
    };

    /// Returns a vector that owns the `n` elements at `first`, in memory of std::allocator<T> for `capacity` elements.
    [[nodiscard]] static std::vector<T> adopt(T* first, std::size_t n, std::size_t capacity) noexcept {
        adopting_vector adopted;
        adopted._M_impl._M_start = first;
        adopted._M_impl._M_finish = first + n;
        adopted._M_impl._M_end_of_storage = first + capacity;
        return std::move(static_cast<std::vector<T>&>(adopted));
    }
};

/// Memory for `n` elements. Threads build them at `data() + i` and report them by `built`. If `take` is not called, the
/// destructor destroys the reported elements, and no others.
template<class T, bool Adopt = adopting_vector<T>::can_adopt>
class uninitialized_vector {
  public:
    /// Allocates memory for `n` elements. **Throws** `std::bad_array_new_length` where no memory could hold `n`
    /// elements, and `std::bad_alloc` where there is too little.
    explicit uninitialized_vector(std::uint64_t n) : size_(checked(n)) {
        if constexpr (!std::is_trivially_destructible_v<T>) is_built_ = std::make_unique<bool[]>(size_);
        data_ = size_ == 0 ? nullptr : std::allocator<T>().allocate(size_);
        detail::prefer_large_pages(data_, size_ * sizeof(T));
    }

    uninitialized_vector(uninitialized_vector const&) = delete;
    uninitialized_vector& operator=(uninitialized_vector const&) = delete;

    ~uninitialized_vector() {
        if constexpr (!std::is_trivially_destructible_v<T>)
            for (std::size_t i = 0; data_ != nullptr && i < size_; ++i)
                if (is_built_[i]) std::destroy_at(data_ + i);
        release();
    }

    [[nodiscard]] T* data() const noexcept { return data_; }

    /// Reports that the elements [first, last) are built: from any thread, for each element at most once.
    void built([[maybe_unused]] std::uint64_t first, [[maybe_unused]] std::uint64_t last) const noexcept {
        if constexpr (!std::is_trivially_destructible_v<T>)
            std::memset(is_built_.get() + first, 1, static_cast<std::size_t>(last - first) * sizeof(bool));
    }

    /// Returns the vector of all elements; each of them must have been built.
    [[nodiscard]] std::vector<T> take() && { return std::move(*this).take_first(size_); }

    /// Returns the vector of the first `count` elements, which must be all that were built. It may keep capacity for
    /// the rest.
    [[nodiscard]] std::vector<T> take_first(std::size_t count) && {
        if constexpr (Adopt) {
            return adopting_vector<T>::adopt(std::exchange(data_, nullptr), count, size_);
        } else {
            std::vector<T> moved;
            moved.reserve(count);
            for (std::size_t i = 0; i < count; ++i) moved.push_back(std::move(data_[i]));
            return moved;
        }
    }

  private:
    static std::size_t checked(std::uint64_t n) {
        if (n > std::numeric_limits<std::size_t>::max() / sizeof(T)) throw std::bad_array_new_length();
        return static_cast<std::size_t>(n);
    }

    void release() noexcept {
        if (data_ != nullptr) std::allocator<T>().deallocate(data_, size_);
    }

    std::size_t size_;
    T* data_ = nullptr;
    std::unique_ptr<bool[]> is_built_; // only for elements with a destructor
};

/// Reports, at the end of the scope, the elements from the `next` of its start up to the `next` of its end.
template<class T>
class report_built {
  public:
    report_built(uninitialized_vector<T> const& results, std::uint64_t const& next) noexcept
        : results_(results), first_(next), next_(next) {}
    ~report_built() { results_.built(first_, next_); }
    report_built(report_built const&) = delete;
    report_built& operator=(report_built const&) = delete;

  private:
    uninitialized_vector<T> const& results_;
    std::uint64_t const first_;
    std::uint64_t const& next_;
};

} // namespace hocket::detail
