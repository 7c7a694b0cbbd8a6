// SPDX-License-Identifier: MIT
// Tests of outcome and keep_errors: each result is a value or its error.
#include <hocket/algorithm/loops/parallel_map.hpp>
#include <hocket/algorithm/loops/parallel_transform.hpp>
#include <hocket/base/outcome.hpp>
#include <hocket/future/submit.hpp>
#include <hocket/future/when/when_all.hpp>

#include <gtest/gtest.h>

#include <cstddef>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using namespace hocket;

struct failure {
    int which;
};

TEST(outcome, holds_a_value_or_an_error) {
    outcome<std::string> good("text");
    EXPECT_TRUE(good && good.has_value());
    EXPECT_EQ(good->size(), 4u);
    EXPECT_EQ(*good + good.value(), "texttext");
    EXPECT_EQ(good.error(), nullptr);
    outcome<std::string> const bad(std::make_exception_ptr(failure{3}));
    EXPECT_FALSE(bad);
    EXPECT_THROW((void)bad.value(), failure);
    EXPECT_EQ(bad.value_or("other"), "other");
    outcome<std::unique_ptr<int>> moves(std::make_unique<int>(5));
    EXPECT_EQ(*std::move(moves).value(), 5);
    outcome<void>().value();
    EXPECT_THROW(outcome<void>(std::make_exception_ptr(failure{3})).value(), failure);
}

TEST(keep_errors, lets_a_map_run_to_its_end) {
    std::vector<int> const in{0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
    std::vector<outcome<std::unique_ptr<int>>> const out = parallel_map(in, keep_errors([](int i) {
                                                                            if (i % 3 == 0) throw failure{i};
                                                                            return std::make_unique<int>(i);
                                                                        }));
    ASSERT_EQ(out.size(), 10u);
    for (int i = 0; i < 10; ++i) {
        auto const& each = out[static_cast<std::size_t>(i)];
        ASSERT_EQ(each.has_value(), i % 3 != 0);
        if (each) {
            EXPECT_EQ(**each, i);
            continue;
        }
        try {
            (void)each.value();
        } catch (failure const& e) {
            EXPECT_EQ(e.which, i);
        }
    }
}

int third_fails(int i) {
    if (i % 3 == 0) throw failure{i};
    return i;
}

TEST(keep_errors, is_an_option_where_results_go_to_storage_of_outcomes) {
    std::vector<outcome<long>> out(1000);
    EXPECT_TRUE(out[0] && *out[0] == 0);
    auto const holds = [&] {
        for (int i = 0; i < 1000; ++i) {
            outcome<long> const& each = out[static_cast<std::size_t>(i)];
            ASSERT_EQ(each.has_value(), i % 3 != 0);
            ASSERT_EQ(each.value_or(i), i);
            ASSERT_EQ(each.error() != nullptr, i % 3 == 0);
        }
        out.assign(1000, outcome<long>());
    };
    thread_pool pool({.workers = 3});
    loop_options const keep{.grain = 7, .errors = error_policy::keep};
    parallel_map(pool, 0, 1000, out, third_fails, keep);
    holds();
    EXPECT_EQ(parallel_transform(pool, 0, 1000, out, third_fails, keep), out.end());
    holds();
    parallel_transform(
        pool, 0, 1000, 0, 1000, out, [](int i, int) { return third_fails(i); }, keep);
    holds();
    EXPECT_THROW(parallel_map(pool, 0, 1000, out, third_fails), failure);
}

TEST(keep_errors, is_no_option_of_other_calls) {
    std::vector<int> out(10, -1);
    loop_options const keep{.errors = error_policy::keep};
    EXPECT_THROW(parallel_map(0, 10, out, third_fails, keep), std::invalid_argument);
    EXPECT_THROW((void)parallel_map(0, 10, third_fails, keep), std::invalid_argument);
    EXPECT_EQ(out, std::vector<int>(10, -1));
}

struct door {
    int number;
    int open() const {
        if (number == 0) throw failure{0};
        return number;
    }
};

TEST(keep_errors, wraps_every_kind_of_callable) {
    EXPECT_FALSE(keep_errors(&door::open)(door{0}));
    EXPECT_EQ(*keep_errors(&door::open)(door{2}), 2);
    EXPECT_EQ(*keep_errors(&door::number)(door{2}), 2);
    std::vector<future<outcome<int>>> fs;
    for (int i = 0; i < 3; ++i) fs.push_back(submit(keep_errors(&door::open), door{i}));
    std::vector<outcome<int>> const all = when_all(fs).get();
    EXPECT_FALSE(all[0]);
    EXPECT_EQ(*all[1] + *all[2], 3);
    outcome<void> const nothing =
        submit(keep_errors([moved = std::make_unique<int>(1)]() mutable { moved.reset(); })).get();
    EXPECT_TRUE(nothing);
}

} // namespace
