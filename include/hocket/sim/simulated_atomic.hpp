// SPDX-License-Identifier: MIT
// std::atomic's interface on the simulated machine, with the same size and the same bytes: memory that is all zeros is
// an atomic zero. Outside of a run it is std::atomic. Called by base/atomic.hpp, and by programs under test.
#pragma once

#include <hocket/sim/simulated_machine.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <type_traits>

namespace hocket::sim {

/// Its functions are always inlined, so that the machine knows which piece of code waits.
template<class T>
class atomic {
    using order = std::memory_order;
    static constexpr order relaxed = std::memory_order_relaxed;
    static constexpr order strongest = std::memory_order_seq_cst;
    using difference = std::conditional_t<std::is_pointer_v<T>, std::ptrdiff_t, T>;
    static constexpr bool fits_in_store_buffer = sizeof(T) <= sizeof(std::uint64_t);

  public:
    using value_type = T;
    static constexpr bool is_always_lock_free = std::atomic<T>::is_always_lock_free;

    constexpr atomic() noexcept { begin(); }
    constexpr atomic(T value) noexcept : value_(value) { begin(); }
    atomic(atomic const&) = delete;
    atomic& operator=(atomic const&) = delete;

    [[gnu::always_inline]] T load(order how = strongest) const noexcept {
        if (active == nullptr) return value_.load(how);
        active->before_load(this);
        if constexpr (fits_in_store_buffer) {
            std::uint64_t own = 0;
            if (active->buffers_stores() && active->forwards(this, own)) return value_of(own);
        }
        return value_.load(relaxed);
    }
    [[gnu::always_inline]] void store(T value, order how = strongest) noexcept {
        if (active == nullptr) return value_.store(value, how);
        if (how == strongest || !fits_in_store_buffer) return (void)exchange(value, how);
        active->before_store(this);
        if (!active->buffers_stores()) return value_.store(value, relaxed);
        std::uint64_t bytes = 0;
        std::memcpy(&bytes, &value, sizeof(T) < sizeof bytes ? sizeof(T) : sizeof bytes);
        active->delay_store(this, bytes, sizeof value);
    }
    [[gnu::always_inline]] T exchange(T value, order how = strongest) noexcept {
        update();
        return value_.exchange(value, how);
    }
    /// `orders`: of a success, and of a failure unless that follows from the first.
    template<class... Orders>
    [[gnu::always_inline]] bool compare_exchange_strong(T& expected, T desired, Orders... orders) noexcept {
        update();
        return value_.compare_exchange_strong(expected, desired, orders...);
    }
    template<class... Orders>
    [[gnu::always_inline]] bool compare_exchange_weak(T& expected, T desired, Orders... orders) noexcept {
        update();
        return !fails_for_no_reason(expected) && value_.compare_exchange_strong(expected, desired, orders...);
    }
    [[gnu::always_inline]] T fetch_add(difference by, order how = strongest) noexcept {
        update();
        return value_.fetch_add(by, how);
    }
    [[gnu::always_inline]] T fetch_sub(difference by, order how = strongest) noexcept {
        update();
        return value_.fetch_sub(by, how);
    }
    [[gnu::always_inline]] T fetch_or(T bits, order how = strongest) noexcept {
        update();
        return value_.fetch_or(bits, how);
    }
    [[gnu::always_inline]] T fetch_and(T bits, order how = strongest) noexcept {
        update();
        return value_.fetch_and(bits, how);
    }
    [[gnu::always_inline]] T fetch_xor(T bits, order how = strongest) noexcept {
        update();
        return value_.fetch_xor(bits, how);
    }
    bool is_lock_free() const noexcept { return value_.is_lock_free(); }

    T operator=(T value) noexcept {
        store(value);
        return value;
    }
    operator T() const noexcept { return load(); }
    T operator++() noexcept { return static_cast<T>(fetch_add(1) + 1); }
    T operator--() noexcept { return static_cast<T>(fetch_sub(1) - 1); }
    T operator++(int) noexcept { return fetch_add(1); }
    T operator--(int) noexcept { return fetch_sub(1); }
    T operator+=(difference by) noexcept { return static_cast<T>(fetch_add(by) + by); }
    T operator-=(difference by) noexcept { return static_cast<T>(fetch_sub(by) - by); }
    T operator|=(T bits) noexcept { return static_cast<T>(fetch_or(bits) | bits); }
    T operator&=(T bits) noexcept { return static_cast<T>(fetch_and(bits) & bits); }

  private:
    constexpr void begin() const noexcept {
        if (!std::is_constant_evaluated() && active != nullptr) active->begin_object(this);
    }
    static T value_of(std::uint64_t bytes) noexcept {
        alignas(T) std::byte memory[sizeof(T)];
        std::memcpy(memory, &bytes, sizeof(T) < sizeof bytes ? sizeof(T) : sizeof bytes);
        T value;
        std::memcpy(std::addressof(value), memory, sizeof(T));
        return value;
    }
    [[gnu::always_inline]] void update() const noexcept {
        if (active != nullptr) active->before_update(this);
    }
    bool fails_for_no_reason(T& expected) const noexcept {
        if (active == nullptr || !active->fails_for_no_reason()) return false;
        expected = value_.load(relaxed);
        return true;
    }

    std::atomic<T> value_{};
};

} // namespace hocket::sim
