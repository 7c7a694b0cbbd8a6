// SPDX-License-Identifier: MIT
// Tests of when_all, when_any and as_completed.
#include <hocket/future/promise.hpp>
#include <hocket/future/submit.hpp>
#include <hocket/future/when/as_completed.hpp>
#include <hocket/future/when/when_all.hpp>
#include <hocket/future/when/when_any.hpp>

#include <stress/watchdog.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <iterator>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace {

using namespace hocket;
using stress_test::watchdog;

struct failure {
    int which;
};

static_assert(std::input_iterator<completion_range<future<int>>::iterator>);

class when_on : public testing::TestWithParam<unsigned> {
  protected:
    thread_pool pool_{{.workers = GetParam()}};

    std::vector<future<int>> numbers(int count) {
        std::vector<future<int>> all;
        for (int i = 0; i < count; ++i) all.push_back(submit(pool_, [i] { return i; }));
        return all;
    }
};
INSTANTIATE_TEST_SUITE_P(workers, when_on, testing::Values(1u, 2u, 8u));

TEST(when_all, of_arguments_gives_a_tuple) {
    int number = 5;
    future<int> a = submit([] { return 1; });
    shared_future<std::string> s = make_ready_future(std::string("text"));
    future<int&> r = submit([&]() -> int& { return number; });
    auto all = when_all(a, submit([] { return std::make_unique<int>(2); }), s, submit([] {}), r);
    static_assert(
        std::is_same_v<decltype(all), future<std::tuple<int, std::unique_ptr<int>, std::string, nothing, int&>>>);
    EXPECT_TRUE(a.valid());
    EXPECT_TRUE(s.valid());
    auto [x, y, z, none, ref] = std::move(all).get();
    EXPECT_EQ(x, 1);
    EXPECT_EQ(*y, 2);
    EXPECT_EQ(z, "text");
    EXPECT_EQ(&ref, &number);
    EXPECT_EQ(s.get(), "text");
}

TEST(when_all, of_nothing_is_ready) {
    EXPECT_TRUE(when_all().ready());
    EXPECT_EQ(when_all().get(), std::tuple<>());
    EXPECT_TRUE(when_all(std::vector<future<int>>()).get().empty());
    when_all(std::vector<future<void>>()).get();
}

TEST_P(when_on, all_keeps_the_order_of_a_vector) {
    std::vector<future<int>> inputs = numbers(1000);
    std::vector<int> const all = when_all(inputs).get();
    ASSERT_EQ(all.size(), 1000u);
    for (int i = 0; i < 1000; ++i) ASSERT_EQ(all[static_cast<std::size_t>(i)], i);
    EXPECT_EQ(inputs.size(), 1000u);
    EXPECT_EQ(when_all(std::move(inputs)).get(), all);
    EXPECT_TRUE(inputs.empty());
}

TEST_P(when_on, all_of_tasks_from_within_the_pool) {
    EXPECT_EQ(submit(pool_,
                     [this] {
                         long sum = 0;
                         for (int const i : when_all(numbers(2000)).get()) sum += i;
                         return sum;
                     })
                  .get(),
              1999000);
}

TEST(when_all, of_void_gives_void) {
    std::vector<future<void>> all;
    std::atomic<int> ran{0};
    for (int i = 0; i < 10; ++i) all.push_back(submit([&ran] { ++ran; }));
    future<void> f = when_all(std::move(all));
    f.get();
    EXPECT_EQ(ran, 10);
}

TEST(when_all, holds_what_can_only_be_moved) {
    std::vector<future<std::unique_ptr<int>>> all;
    for (int i = 0; i < 3; ++i) all.push_back(submit([i] { return std::make_unique<int>(i); }));
    std::vector<std::unique_ptr<int>> const values = when_all(std::move(all)).get();
    EXPECT_EQ(*values[2], 2);
}

TEST(when_all, copies_from_shared_futures) {
    std::vector<shared_future<std::string>> all(3, make_ready_future(std::string("a")).share());
    std::vector<shared_future<std::string>> copies = all;
    EXPECT_EQ(when_all(copies).get(), std::vector<std::string>(3, "a"));
    EXPECT_EQ(all[0].get(), "a");
}

TEST(when_all, fails_with_the_first_error_in_order_when_all_are_ready) {
    promise<int> first;
    promise<int> last;
    future<std::tuple<int, int, int>> f =
        when_all(first.get_future(), make_exceptional_future<int>(failure{2}), last.get_future());
    first.set_exception(std::make_exception_ptr(failure{1}));
    EXPECT_FALSE(f.ready());
    last.set_value(1);
    try {
        (void)f.get();
        FAIL();
    } catch (failure const& e) {
        EXPECT_EQ(e.which, 1);
    }
    std::vector<future<void>> all;
    for (int i = 0; i < 5; ++i)
        all.push_back(submit([i] {
            if (i >= 2) throw failure{i};
        }));
    try {
        when_all(all).get();
        FAIL();
    } catch (failure const& e) {
        EXPECT_EQ(e.which, 2);
    }
}

TEST(when_all, refuses_a_future_that_holds_nothing) {
    EXPECT_THROW((void)when_all(future<int>(), make_ready_future(1)), std::logic_error);
    std::vector<future<int>> all(2);
    EXPECT_THROW((void)when_all(all), std::logic_error);
}

TEST(when_all, can_be_continued) {
    EXPECT_EQ(when_all(make_ready_future(1), submit([] { return 2; }))
                  .then([](std::tuple<int, int> both) { return std::get<0>(both) + std::get<1>(both); })
                  .get(),
              3);
}

TEST(when_any, gives_the_first_and_hands_the_others_back) {
    std::vector<promise<std::unique_ptr<int>>> promises(4);
    std::vector<future<std::unique_ptr<int>>> inputs;
    for (auto& p : promises) inputs.push_back(p.get_future());
    auto first = when_any(std::move(inputs));
    EXPECT_TRUE(inputs.empty());
    EXPECT_FALSE(first.ready());
    promises[2].set_value(std::make_unique<int>(2));
    auto result = std::move(first).get();
    EXPECT_EQ(result.index, 2u);
    EXPECT_EQ(*result.value, 2);
    ASSERT_EQ(result.others.size(), 4u);
    EXPECT_FALSE(result.others[2].valid());
    for (std::size_t const i : {std::size_t{0}, std::size_t{1}, std::size_t{3}}) {
        EXPECT_FALSE(result.others[i].ready());
        promises[i].set_value(std::make_unique<int>(static_cast<int>(i)));
        EXPECT_EQ(*result.others[i].get(), static_cast<int>(i));
    }
}

TEST(when_any, gives_its_result_twice_to_a_program_that_names_its_future) {
    std::vector<future<int>> inputs;
    for (int i = 0; i != 3; ++i) inputs.push_back(make_ready_future(i));
    auto first = when_any(inputs);
    for (int round = 0; round != 2; ++round) {
        auto [index, value] = first.get();
        EXPECT_EQ(value, static_cast<int>(index));
        auto const copy = first.get();
        EXPECT_EQ(copy.index, index);
        EXPECT_TRUE(copy.others.empty());
        EXPECT_EQ(first.get().others.size(), 3u);
    }
    EXPECT_EQ(std::move(first).get().others.size(), 3u);
    std::vector<shared_future<int>> shared{make_ready_future(4).share(), make_ready_future(4).share()};
    auto second = when_any(shared);
    auto const copy = second.get();
    ASSERT_EQ(copy.others.size(), 2u);
    EXPECT_EQ(copy.others[1 - copy.index].get(), 4);
}

TEST(when_any, can_be_taken_apart) {
    std::vector<future<int>> inputs;
    inputs.push_back(make_ready_future(7));
    auto [index, value] = when_any(std::move(inputs)).get();
    EXPECT_EQ(index, 0u);
    EXPECT_EQ(value, 7);
    std::vector<future<void>> nothings;
    nothings.push_back(make_ready_future());
    EXPECT_EQ(when_any(nothings).get().index, 0u);
    std::vector<shared_future<int>> shared{make_ready_future(1).share()};
    EXPECT_EQ(when_any(shared).get().value, 1);
}

TEST(when_any, fails_when_the_first_has_failed) {
    std::vector<promise<int>> promises(2);
    std::vector<future<int>> inputs;
    for (auto& p : promises) inputs.push_back(p.get_future());
    auto first = when_any(inputs);
    promises[1].set_exception(std::make_exception_ptr(failure{1}));
    EXPECT_THROW((void)first.get(), failure);
    promises[0].set_value(1);
}

TEST(when_any, of_nothing_is_refused) {
    EXPECT_THROW((void)when_any(std::vector<future<int>>()), std::invalid_argument);
    EXPECT_THROW((void)when_any(std::vector<future<int>>(3)), std::logic_error);
}

TEST_P(when_on, any_of_tasks_one_after_the_other) {
    watchdog const dog("when_any until none is left");
    std::vector<future<int>> left = numbers(50);
    std::multiset<int> seen;
    while (!left.empty()) {
        auto result = when_any(std::exchange(left, {})).get();
        seen.insert(result.value);
        for (future<int>& other : result.others)
            if (other.valid()) left.push_back(std::move(other));
    }
    ASSERT_EQ(seen.size(), 50u);
    for (int i = 0; i < 50; ++i) ASSERT_EQ(seen.count(i), 1u);
}

TEST(as_completed, gives_futures_in_the_order_of_their_completion) {
    watchdog const dog("as_completed with promises");
    std::vector<promise<int>> promises(5);
    std::vector<future<int>> inputs;
    for (auto& p : promises) inputs.push_back(p.get_future());
    std::vector<std::size_t> const order{3, 0, 4, 1, 2};
    std::size_t next = 0;
    promises[order[0]].set_value(static_cast<int>(order[0]));
    for (auto& done : as_completed(inputs)) {
        ASSERT_TRUE(done.ready());
        ASSERT_EQ(done.index, order[next]);
        ASSERT_EQ(done.get(), static_cast<int>(order[next]));
        if (++next < order.size()) promises[order[next]].set_value(static_cast<int>(order[next]));
    }
    EXPECT_EQ(next, order.size());
    EXPECT_EQ(inputs.size(), order.size());
}

TEST_P(when_on, as_completed_gives_each_once) {
    watchdog const dog("as_completed with tasks");
    auto const sum = [this] {
        long total = 0;
        for (auto& done : as_completed(numbers(1000))) total += done.get() + static_cast<int>(done.index);
        return total;
    };
    EXPECT_EQ(sum(), 999000);
    EXPECT_EQ(submit(pool_, sum).get(), 999000);
}

TEST(as_completed, goes_on_after_an_error) {
    std::vector<future<int>> inputs;
    for (int i = 0; i < 10; ++i)
        inputs.push_back(submit([i] {
            if (i % 2 == 0) throw failure{i};
            return i;
        }));
    int errors = 0;
    int sum = 0;
    for (auto& done : as_completed(std::move(inputs))) {
        try {
            sum += done.get();
        } catch (failure const& e) {
            EXPECT_EQ(static_cast<std::size_t>(e.which), done.index);
            ++errors;
        }
    }
    EXPECT_EQ(errors, 5);
    EXPECT_EQ(sum, 25);
}

TEST(as_completed, of_nothing_ends_at_once_and_may_be_left) {
    for ([[maybe_unused]] auto& done : as_completed(std::vector<future<int>>())) FAIL();
    promise<int> never;
    std::vector<future<int>> inputs;
    inputs.push_back(make_ready_future(1));
    inputs.push_back(never.get_future());
    for (auto& done : as_completed(inputs)) {
        EXPECT_EQ(done.index, 0u);
        break;
    }
    never.set_value(1);
}

} // namespace
