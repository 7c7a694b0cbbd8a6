// SPDX-License-Identifier: MIT
// Tests of the vector whose elements are built in place, with and without help of the standard library.
#include <hocket/memory/uninitialized_vector.hpp>

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <memory>
#include <new>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace {

using namespace hocket::detail;

template<class Choice>
class uninitialized_vector_that_adopts : public testing::Test {};
using choices = testing::Types<std::bool_constant<adopting_vector<int>::can_adopt>, std::false_type>;
TYPED_TEST_SUITE(uninitialized_vector_that_adopts, choices);

struct tracked {
    explicit tracked(int number) : value(number) { ++live; }
    tracked(tracked&& other) noexcept : value(other.value) { ++live; }
    ~tracked() { --live; }
    int value;
    static inline int live = 0;
};

TYPED_TEST(uninitialized_vector_that_adopts, becomes_the_vector_of_its_elements) {
    {
        uninitialized_vector<tracked, TypeParam::value> building(10);
        for (int i = 9; i >= 0; --i) {
            ::new (building.data() + i) tracked(i);
            building.built(static_cast<std::uint64_t>(i), static_cast<std::uint64_t>(i) + 1);
        }
        std::vector<tracked> done = std::move(building).take();
        ASSERT_EQ(done.size(), 10U);
        for (int i = 0; i < 10; ++i) EXPECT_EQ(done[static_cast<std::size_t>(i)].value, i);
        done.emplace_back(10);
    }
    EXPECT_EQ(tracked::live, 0);
}

TYPED_TEST(uninitialized_vector_that_adopts, destroys_what_was_built_and_nothing_else) {
    {
        uninitialized_vector<tracked, TypeParam::value> building(10);
        for (int const i : {0, 3, 4, 9}) {
            ::new (building.data() + i) tracked(i);
            building.built(static_cast<std::uint64_t>(i), static_cast<std::uint64_t>(i) + 1);
        }
        EXPECT_EQ(tracked::live, 4);
    }
    EXPECT_EQ(tracked::live, 0);
}

TYPED_TEST(uninitialized_vector_that_adopts, may_be_empty) {
    uninitialized_vector<std::string, TypeParam::value> building(0);
    EXPECT_TRUE(std::move(building).take().empty());
}

TYPED_TEST(uninitialized_vector_that_adopts, refuses_more_than_there_can_be) {
    using strings = uninitialized_vector<std::string, TypeParam::value>;
    EXPECT_THROW(strings{std::numeric_limits<std::uint64_t>::max()}, std::bad_alloc);
    using doubles = uninitialized_vector<double, TypeParam::value>;
    EXPECT_THROW(doubles{std::numeric_limits<std::uint64_t>::max()}, std::bad_alloc);
}

TEST(uninitialized_vector, moves_nothing_where_it_can_adopt) {
    if (!adopting_vector<int>::can_adopt)
        GTEST_SKIP() << "the vector of this standard library keeps its pointers elsewhere";
    uninitialized_vector<int> building(3);
    int* const data = building.data();
    for (int i = 0; i < 3; ++i) ::new (data + i) int(i);
    std::vector<int> const done = std::move(building).take();
    EXPECT_EQ(done.data(), data);
    EXPECT_EQ(done, (std::vector<int>{0, 1, 2}));
}

} // namespace
