// SPDX-License-Identifier: MIT
// Tests of with_enough_stack.
#include <hocket/os/enough_stack.hpp>

#include <gtest/gtest.h>

#include <limits.h>
#include <pthread.h>

#include <stdexcept>
#include <string>

namespace {

using namespace hocket::detail;

/// Runs `body` on a thread with a stack of `bytes`.
template<class Body>
void on_stack_of(std::size_t bytes, Body body) {
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    ASSERT_EQ(pthread_attr_setstacksize(&attributes, bytes), 0);
    pthread_t thread;
    ASSERT_EQ(pthread_create(
                  &thread, &attributes,
                  [](void* argument) -> void* {
                      (*static_cast<Body*>(argument))();
                      return nullptr;
                  },
                  &body),
              0);
    pthread_join(thread, nullptr);
    pthread_attr_destroy(&attributes);
}

TEST(with_enough_stack, calls_on_the_calling_thread_where_that_has_enough) {
    EXPECT_TRUE(has_enough_stack());
    EXPECT_EQ(with_enough_stack([] { return pthread_self(); }), pthread_self());
}

TEST(with_enough_stack, calls_on_another_thread_where_the_stack_is_small) {
    if (sanitized) GTEST_SKIP() << "sanitized code needs a larger stack";
    on_stack_of(static_cast<std::size_t>(PTHREAD_STACK_MIN), [] {
        EXPECT_FALSE(has_enough_stack());
        pthread_t const caller = pthread_self();
        auto const fills = [] {
            char volatile much[200'000];
            much[0] = 1;
            much[sizeof much - 1] = 1;
            return std::pair(pthread_self(), std::string(1000, 'x'));
        };
        auto const [called_on, text] = with_enough_stack(fills);
        EXPECT_EQ(pthread_equal(called_on, caller), 0);
        EXPECT_EQ(text.size(), 1000U);
        EXPECT_THROW(with_enough_stack([]() -> int { throw std::invalid_argument("said there"); }),
                     std::invalid_argument);
    });
}

} // namespace
