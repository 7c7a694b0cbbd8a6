// SPDX-License-Identifier: MIT
// The bodies of the functions that graph_store.hpp declares.
#pragma once

#include <hocket/graph/graph_store.hpp>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_INLINE graph_arena::~graph_arena() {
    while (block* const old = newest_) {
        newest_ = old->before;
        ::operator delete (static_cast<void*>(old), std::align_val_t{old->alignment});
    }
}

HOCKET_INLINE void* graph_arena::allocate(std::size_t bytes, std::size_t alignment) {
    std::uintptr_t const at = (next_ + alignment - 1) & ~(std::uintptr_t{alignment} - 1);
    if (next_ == 0 || at + bytes > end_) return allocate_block(bytes, alignment);
    next_ = at + bytes;
    return reinterpret_cast<void*>(at);
}

HOCKET_COLD HOCKET_INLINE void* graph_arena::allocate_block(std::size_t bytes, std::size_t alignment) {
    if (alignment < alignof(block)) alignment = alignof(block);
    std::size_t const header = (sizeof(block) + alignment - 1) & ~(alignment - 1);
    std::size_t size = header + bytes;
    if (size < next_size_) size = next_size_;
    if (next_size_ < largest) next_size_ *= 2;
    void* const memory = ::operator new (size, std::align_val_t{alignment});
    newest_ = ::new (memory) block{newest_, alignment};
    std::uintptr_t const at = reinterpret_cast<std::uintptr_t>(memory) + header;
    next_ = at + bytes;
    end_ = reinterpret_cast<std::uintptr_t>(memory) + size;
    return reinterpret_cast<void*>(at);
}

} // namespace
