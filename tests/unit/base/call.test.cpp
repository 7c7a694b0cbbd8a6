// SPDX-License-Identifier: MIT
// Tests of the ways in which bodies are called and held.
#include <hocket/base/call.hpp>

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>

namespace {

using namespace hocket::detail;

struct point {
    int x = 1;
    int doubled() const { return 2 * x; }
    int times(int factor) const { return factor * x; }
};
struct derived : point {};

TEST(call, calls_callables_and_members) {
    point p{3};
    derived d;
    auto const owned = std::make_unique<point>();
    ASSERT_EQ(call([](int a, int b) { return a + b; }, 1, 2), 3);
    ASSERT_EQ(call(&point::x, p), 3);
    ASSERT_EQ(call(&point::doubled, p), 6);
    ASSERT_EQ(call(&point::x, &p), 3);
    ASSERT_EQ(call(&point::doubled, d), 2);
    ASSERT_EQ(call(&point::doubled, owned), 2);
    ASSERT_EQ(call(&point::times, p, 4), 12);
    ASSERT_EQ(call(&point::times, owned, 4), 4);
    ASSERT_EQ(call(&point::doubled, std::ref(p)), 6);
    ASSERT_EQ(call(&point::x, std::ref(d)), 1);
    call(&point::x, p) = 5;
    ASSERT_EQ(p.x, 5);
}

TEST(call, a_shared_body_is_called_as_const) {
    auto plain = [](int) {};
    auto changing = [n = 0](int) mutable { return ++n; };
    static_assert(shared_callable<decltype(plain), int>);
    static_assert(!shared_callable<decltype(changing), int>);
    static_assert(!shared_callable<decltype(plain), std::string>);
}

TEST(call, small_plain_bodies_are_copied_and_others_are_not) {
    int captured[16] = {};
    auto small = [&captured] { return captured[0]; };
    auto large = [captured, another = 1] { return captured[0] + another; };
    auto owning = [text = std::string()] { return text.size(); };
    static_assert(std::is_same_v<hot_callable<decltype(small)>, decltype(small) const>);
    static_assert(std::is_same_v<hot_callable<decltype(large)>, decltype(large) const&>);
    static_assert(std::is_same_v<hot_callable<decltype(owning)>, decltype(owning) const&>);
    ASSERT_EQ(small() + large(), 1);
}

} // namespace
