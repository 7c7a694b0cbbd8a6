// SPDX-License-Identifier: MIT
// Containers of the parts of a graph: lists that only grow and whose elements never move, and memory for bodies that do
// not fit into a node. Used by graph_core.hpp, by one thread at a time.
#pragma once

#include <hocket/base/config.hpp>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <new>
#include <stdexcept>
#include <type_traits>

namespace hocket::inline HOCKET_ABI::detail {

/// A list of elements in chunks, each twice as large as the previous chunk. Elements must not need a destructor.
template<class T>
class graph_store {
    static_assert(std::is_trivially_destructible_v<T>);

  public:
    graph_store() = default;
    graph_store(graph_store const&) = delete;
    graph_store& operator=(graph_store const&) = delete;
    ~graph_store() {
        for (unsigned c = 0; c < used_; ++c)
            ::operator delete (static_cast<void*>(chunks_[c]), std::align_val_t{alignof(T)});
    }

    std::uint32_t size() const noexcept { return size_; }

    /// Returns the place of the next element. The caller constructs the element there and then calls `commit`.
    HOCKET_ALWAYS_INLINE T* place() {
        if (next_ == end_) [[unlikely]]
            grow();
        return next_;
    }
    void commit() noexcept {
        ++next_;
        ++size_;
    }
    void add(T const& value) {
        ::new (static_cast<void*>(place())) T(value);
        commit();
    }

    T& operator[](std::uint32_t index) const noexcept {
        unsigned const c = static_cast<unsigned>(std::bit_width(index / first_size + 1)) - 1;
        return chunks_[c][index - start_of(c)];
    }

    /// Returns the index of an element of this list, or size() for any other element.
    std::uint32_t index_of(T const* element) const noexcept {
        for (unsigned c = used_; c-- != 0;) {
            std::size_t const offset =
                reinterpret_cast<std::uintptr_t>(element) - reinterpret_cast<std::uintptr_t>(chunks_[c]);
            if (offset < size_of(c) * sizeof(T)) return start_of(c) + static_cast<std::uint32_t>(offset / sizeof(T));
        }
        return size_;
    }

    /// Calls `f(element)` for each, in order.
    template<class F>
    void for_each(F&& f) const {
        for (unsigned c = 0; c < used_; ++c) {
            T* const last = c + 1 == used_ ? next_ : chunks_[c] + size_of(c);
            for (T* at = chunks_[c]; at != last; ++at) f(*at);
        }
    }

  private:
    static constexpr std::uint32_t first_size = 16;
    static constexpr unsigned most_chunks = 27; // 2^31 elements
    static constexpr std::size_t size_of(unsigned chunk) noexcept { return std::size_t{first_size} << chunk; }
    static constexpr std::uint32_t start_of(unsigned chunk) noexcept {
        return first_size * ((std::uint32_t{1} << chunk) - 1);
    }

    HOCKET_COLD void grow() {
        if (used_ == most_chunks)
            throw std::length_error("hocket: a task_graph cannot hold more than 2^31 nodes or edges");
        chunks_[used_] = static_cast<T*>(::operator new (size_of(used_) * sizeof(T), std::align_val_t{alignof(T)}));
        next_ = chunks_[used_];
        end_ = next_ + size_of(used_);
        ++used_;
    }

    T* next_ = nullptr;
    T* end_ = nullptr;
    std::uint32_t size_ = 0;
    unsigned used_ = 0;
    T* chunks_[most_chunks] = {};
};

/// Memory that is freed all at once.
class graph_arena {
  public:
    graph_arena() = default;
    graph_arena(graph_arena const&) = delete;
    graph_arena& operator=(graph_arena const&) = delete;
    ~graph_arena();

    void* allocate(std::size_t bytes, std::size_t alignment);

  private:
    struct block {
        block* before;
        std::size_t alignment;
    };

    [[gnu::cold]] void* allocate_block(std::size_t bytes, std::size_t alignment);

    static constexpr std::size_t largest = 256 * 1024;

    block* newest_ = nullptr;
    std::uintptr_t next_ = 0;
    std::uintptr_t end_ = 0;
    std::size_t next_size_ = 1024;
};

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/graph/graph_store.ipp>
#endif
