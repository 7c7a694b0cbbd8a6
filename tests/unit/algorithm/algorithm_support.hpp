// SPDX-License-Identifier: MIT
// Shared support of the tests of algorithms: pools of several sizes, all schedules, lengths and choices of elements,
// counted objects, a caller with a small stack.
#pragma once

#include <hocket/base/config.hpp>
#include <hocket/base/options.hpp>
#include <hocket/pool/thread_pool.hpp>

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <pthread.h>
#include <type_traits>
#include <utility>
#include <vector>

namespace algorithm_test {

inline constexpr std::array all_schedules = {hocket::schedule::adaptive, hocket::schedule::fixed,
                                             hocket::schedule::dynamic};

using numbers = std::initializer_list<std::uint64_t>;

/// Whether each step is ten times slower, because a sanitizer is on.
constexpr bool sanitized_run() { return hocket::detail::sanitized; }

/// Returns pools of 1, 2, 3 and 8 workers: fewer, as many and more than the cores of a test machine.
inline std::array<hocket::thread_pool*, 4> pools() {
    static hocket::thread_pool one({.workers = 1});
    static hocket::thread_pool two({.workers = 2});
    static hocket::thread_pool three({.workers = 3});
    static hocket::thread_pool eight({.workers = 8});
    return {&one, &two, &three, &eight};
}

/// Choices of numbers: none, all, half at random, few, nearly all, long runs.
inline constexpr std::array<bool (*)(int), 6> choices = {
    [](int) { return false; },
    [](int) { return true; },
    [](int i) { return (static_cast<unsigned>(i) * 2654435761U >> 20 & 1) != 0; },
    [](int i) { return i % 1000 == 7; },
    [](int i) { return i % 1000 != 7; },
    [](int i) { return i / 5000 % 2 == 1; }};

/// Returns every length up to 70, some up to 1000, and `longer`.
inline std::vector<int> lengths(std::initializer_list<int> longer) {
    std::vector<int> all;
    for (int n = 0; n <= 1000; n += n < 70 ? 1 : 93) all.push_back(n);
    all.insert(all.end(), longer);
    return all;
}

/// An element that the library copies as bytes, as its moves are trivial, although it cannot be copied.
struct plain_but_move_only {
    int value = 0;
    plain_but_move_only() = default;
    explicit plain_but_move_only(int v) : value(v) {}
    plain_but_move_only(plain_but_move_only&&) = default;
    plain_but_move_only& operator=(plain_but_move_only&&) = default;
    plain_but_move_only(plain_but_move_only const&) = delete;
    plain_but_move_only& operator=(plain_but_move_only const&) = delete;
    ~plain_but_move_only() = default;
    bool operator==(plain_but_move_only const&) const = default;
};
static_assert(std::is_trivially_copyable_v<plain_but_move_only> && !std::is_copy_constructible_v<plain_but_move_only>);

/// An object that counts the live objects of its class; move-only and without default constructor.
class counted {
  public:
    explicit counted(int number) : value(number) { ++live; }
    counted(counted&& other) noexcept : value(std::exchange(other.value, -1)) { ++live; }
    counted& operator=(counted&& other) noexcept {
        value = std::exchange(other.value, -1);
        return *this;
    }
    ~counted() { --live; }

    int value;
    static inline std::atomic<int> live = 0;
};

/// The exception that the bodies of the tests throw.
struct failure_at {
    explicit failure_at(int index) : where(index) { ++live; }
    failure_at(failure_at const& other) noexcept : where(other.where) { ++live; }
    ~failure_at() { --live; }

    int where;
    static inline std::atomic<int> live = 0;
};

/// Calls `body` on a thread with a stack of 64 KiB, or more where each frame is larger.
inline void on_small_stack(std::function<void()> body) {
    constexpr std::size_t bytes = sanitized_run() ? 512 << 10 : 64 << 10;
    pthread_attr_t attributes;
    ASSERT_EQ(pthread_attr_init(&attributes), 0);
    ASSERT_EQ(pthread_attr_setstacksize(&attributes, bytes), 0);
    auto const call = [](void* work) -> void* {
        (*static_cast<std::function<void()>*>(work))();
        return nullptr;
    };
    pthread_t thread{};
    ASSERT_EQ(pthread_create(&thread, &attributes, call, &body), 0);
    ASSERT_EQ(pthread_join(thread, nullptr), 0);
    ASSERT_EQ(pthread_attr_destroy(&attributes), 0);
}

} // namespace algorithm_test
