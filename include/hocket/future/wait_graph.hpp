// SPDX-License-Identifier: MIT
// Memory for the search through waits: a table of pointers, and a stack. Without memory they say so, and the search is
// given up. Callers: the search for cycles.
#pragma once

#include <hocket/base/config.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>

namespace hocket::inline HOCKET_ABI::detail {

/// A table of pointers with a T each. Several entries may have an equal pointer.
template<class T>
class pointer_table {
  public:
    pointer_table() = default;
    pointer_table(pointer_table const&) = delete;
    pointer_table& operator=(pointer_table const&) = delete;
    ~pointer_table() { std::free(entries_); }

    /// Adds a pointer. Returns false when there is no memory.
    bool add(void const* key, T value) noexcept {
        if (2 * (size_ + 1) > room_ && !grow()) return false;
        place(key, value);
        ++size_;
        return true;
    }
    /// Calls `f(value)` for each value with that key until it returns true. Returns whether it did.
    template<class F>
    bool any(void const* key, F const& f) const noexcept {
        if (room_ == 0) return false;
        for (std::size_t i = hash(key) & (room_ - 1); entries_[i].key != nullptr; i = (i + 1) & (room_ - 1))
            if (entries_[i].key == key && f(entries_[i].value)) return true;
        return false;
    }
    [[nodiscard]] bool has(void const* key) const noexcept {
        return any(key, [](T const&) { return true; });
    }

  private:
    struct entry {
        void const* key;
        T value;
    };

    static std::size_t hash(void const* key) noexcept {
        return static_cast<std::size_t>((reinterpret_cast<std::uintptr_t>(key) >> 6) * 0x9e3779b97f4a7c15u >> 20);
    }
    void place(void const* key, T value) noexcept {
        std::size_t i = hash(key) & (room_ - 1);
        while (entries_[i].key != nullptr) i = (i + 1) & (room_ - 1);
        entries_[i] = {key, value};
    }
    bool grow() noexcept {
        std::size_t const room = room_ == 0 ? 1024 : 2 * room_;
        entry* const old = entries_;
        std::size_t const old_room = room_;
        auto* const entries = static_cast<entry*>(std::calloc(room, sizeof(entry)));
        if (entries == nullptr) return false;
        entries_ = entries;
        room_ = room;
        for (std::size_t i = 0; i < old_room; ++i)
            if (old[i].key != nullptr) place(old[i].key, old[i].value);
        std::free(old);
        return true;
    }

    entry* entries_ = nullptr;
    std::size_t room_ = 0; // 0 or a power of two
    std::size_t size_ = 0;
};

template<class T>
class pointer_stack {
  public:
    pointer_stack() = default;
    pointer_stack(pointer_stack const&) = delete;
    pointer_stack& operator=(pointer_stack const&) = delete;
    ~pointer_stack() { std::free(all_); }

    /// Pushes a pointer. Returns false when there is no memory.
    bool push(T const* one) noexcept {
        if (one == nullptr) return true;
        if (size_ == room_) {
            std::size_t const room = room_ == 0 ? 256 : 2 * room_;
            void* const all = std::realloc(static_cast<void*>(all_), room * sizeof(T const*));
            if (all == nullptr) return false;
            all_ = static_cast<T const**>(all);
            room_ = room;
        }
        all_[size_++] = one;
        return true;
    }
    T const* pop() noexcept { return size_ == 0 ? nullptr : all_[--size_]; }

  private:
    T const** all_ = nullptr;
    std::size_t size_ = 0;
    std::size_t room_ = 0;
};

} // namespace hocket::detail
