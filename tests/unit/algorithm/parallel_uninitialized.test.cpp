// SPDX-License-Identifier: MIT
// Tests of the algorithms that build and destroy objects in raw memory: each object is built once, and destroyed if the
// operation fails.
#include <hocket/algorithm/write/parallel_uninitialized.hpp>

#include "algorithm_support.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <list>
#include <memory>
#include <span>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <vector>

namespace {

using namespace hocket;
using namespace algorithm_test;

/// An object that counts the live objects of its class; one value cannot be built.
struct tracked {
    static inline std::atomic<int> live = 0;
    static inline std::atomic<int> bad = -1;
    static void check(int v) {
        if (v == bad) throw failure_at(v);
    }

    tracked() : tracked(0) {}
    explicit tracked(int v) : value(v) { check(v), ++live; }
    tracked(tracked const& other) : tracked(other.value) {}
    tracked(tracked&& other) : tracked(other.value) { other.value = -2; }
    ~tracked() { --live; }
    int value;
};

/// Memory for objects.
template<class T>
class room {
  public:
    explicit room(std::size_t n) : n_(n), data_(std::allocator<T>().allocate(n)) {}
    ~room() { std::allocator<T>().deallocate(data_, n_); }
    room(room const&) = delete;
    room& operator=(room const&) = delete;
    std::span<T> all() const { return {data_, n_}; }

  private:
    std::size_t n_;
    T* data_;
};

constexpr int sizes[] = {0, 1, 2, 64, 1000, 20'000};

TEST(parallel_uninitialized, builds_each_object_once_and_destroys_it) {
    for (thread_pool* pool : pools())
        for (int const n : sizes) {
            room<tracked> const memory(static_cast<std::size_t>(n));
            std::span<tracked> const all = memory.all();
            std::vector<tracked> source;
            for (int i = 0; i < n; ++i) source.emplace_back(i);
            loop_options const options{.grain = 5};
            auto const holds = [&](auto const& value_of) {
                ASSERT_EQ(tracked::live, 2 * n);
                for (int i = 0; i < n; ++i) ASSERT_EQ(all[static_cast<std::size_t>(i)].value, value_of(i));
                parallel_destroy(*pool, all, options);
                ASSERT_EQ(tracked::live, n);
            };
            ASSERT_EQ(parallel_uninitialized_copy(*pool, source, all, options), all.end());
            holds([](int i) { return i; });
            ASSERT_EQ(parallel_uninitialized_copy_n(*pool, 0, n, all.data(), options), all.data() + n);
            holds([](int i) { return i; });
            parallel_uninitialized_fill(*pool, all, 7, options);
            holds([](int) { return 7; });
            ASSERT_EQ(
                parallel_uninitialized_fill_n(*pool, all.begin(), n, source.empty() ? tracked(3) : source[0], options),
                all.end());
            holds([](int) { return 0; });
            parallel_uninitialized_value_construct(*pool, all.begin(), all.end(), options);
            holds([](int) { return 0; });
            parallel_uninitialized_default_construct(*pool, all, options);
            holds([](int) { return 0; });
            ASSERT_EQ(parallel_uninitialized_move_n(*pool, source.begin(), n, all, options), all.end());
            for (tracked const& moved : source) ASSERT_EQ(moved.value, -2);
            holds([](int i) { return i; });
            ASSERT_EQ(parallel_uninitialized_value_construct_n(*pool, all.begin(), n, options), all.end());
            ASSERT_EQ(parallel_destroy_n(*pool, all.begin(), n, options), all.end());
            ASSERT_EQ(parallel_uninitialized_default_construct_n(*pool, all.begin(), n), all.end());
            holds([](int) { return 0; });
        }
    EXPECT_EQ(tracked::live, 0);
}

TEST(parallel_uninitialized, destroys_what_was_built_when_it_fails_or_is_stopped) {
    for (thread_pool* pool : pools())
        for (int const n : {1, 64, 1000, 20'000})
            for (error_policy const errors : {error_policy::first, error_policy::collect}) {
                room<tracked> const memory(static_cast<std::size_t>(n));
                tracked::bad = n - 1;
                auto const build = [&] { parallel_uninitialized_copy(*pool, 0, n, memory.all(), {.errors = errors}); };
                if (errors == error_policy::first)
                    ASSERT_THROW(build(), failure_at);
                else
                    ASSERT_THROW(build(), parallel_error);
                ASSERT_EQ(tracked::live, 0);
                tracked::bad = -1;
                std::stop_source source;
                source.request_stop();
                ASSERT_THROW(parallel_uninitialized_fill(*pool, memory.all(), 1, {.stop = source.get_token()}),
                             operation_cancelled);
                ASSERT_EQ(tracked::live, 0);
                parallel_uninitialized_fill(*pool, memory.all(), 1);
                ASSERT_THROW(parallel_destroy(*pool, memory.all(), {.stop = source.get_token()}), operation_cancelled);
                ASSERT_EQ(tracked::live, n);
                parallel_destroy(*pool, memory.all());
            }
    EXPECT_EQ(tracked::live, 0);
    EXPECT_EQ(failure_at::live, 0);
}

TEST(parallel_uninitialized, takes_lists_strings_and_numbers) {
    room<std::string> const memory(3);
    std::list<std::string> words{"one", "two", "three"};
    EXPECT_THROW(parallel_uninitialized_copy(words, memory.all().first(2)), std::invalid_argument);
    parallel_uninitialized_copy(words, memory.all());
    EXPECT_EQ(memory.all()[2], "three");
    parallel_destroy(memory.all());
    parallel_uninitialized_move(words, memory.all());
    EXPECT_EQ(memory.all()[0], "one");
    EXPECT_EQ(words.front(), "");
    parallel_destroy(memory.all());
    std::vector<int> numbers_here(5, 1);
    parallel_uninitialized_value_construct(numbers_here);
    EXPECT_EQ(numbers_here, std::vector<int>(5, 0));
}

} // namespace
