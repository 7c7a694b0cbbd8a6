// SPDX-License-Identifier: MIT
// Tests that a named future keeps working wherever it was passed to. A later hand-over of its value does not take the
// value from tasks that still read it.
#include <hocket/future/promise.hpp>
#include <hocket/future/submit.hpp>
#include <hocket/future/when/as_completed.hpp>
#include <hocket/future/when/when_all.hpp>
#include <hocket/future/when/when_any.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace {

using namespace hocket;
using box = std::unique_ptr<int>;

struct failure {};
struct person {
    std::string name;
    std::string const& its_name() const { return name; }
    std::string take_name() && { return std::move(name); }
};
/// A type whose traits say that it can be copied, but it cannot.
struct pretends_to_copy {
    std::vector<box> boxes;
};

class named_futures_on : public testing::TestWithParam<unsigned> {
  protected:
    thread_pool pool_{{.workers = GetParam(), .bind = binding::none}};
};
INSTANTIATE_TEST_SUITE_P(workers, named_futures_on, testing::Values(1u, 2u, 8u));

TEST_P(named_futures_on, go_into_any_number_of_tasks) {
    promise<std::string> p;
    future<std::string> const text = p.get_future();
    std::vector<future<std::size_t>> sizes;
    for (std::size_t i = 0; i < 200; ++i) {
        sizes.push_back(submit(
            pool_, [i](std::string const& s, int x) { return s.size() + i * static_cast<std::size_t>(x); }, text, 1));
        sizes.push_back(text.then(pool_, [i](std::string const& s) { return s.size() + i; }));
    }
    p.set_value("four");
    for (std::size_t i = 0; i < 200; ++i) {
        EXPECT_EQ(sizes[2 * i].get(), 4 + i);
        EXPECT_EQ(sizes[2 * i + 1].get(), 4 + i);
    }
    EXPECT_EQ(text.get(), "four");
}

TEST_P(named_futures_on, go_into_tasks_as_vectors_too) {
    std::vector<promise<int>> promises(10);
    std::vector<future<int>> numbers;
    for (promise<int>& p : promises) numbers.push_back(p.get_future());
    auto const sum = [](std::vector<int> const& all, int start) {
        for (int const x : all) start += x;
        return start;
    };
    future<int> const first = submit(pool_, sum, numbers, 100);
    future<int> const second = submit(pool_, sum, std::as_const(numbers), make_ready_future(200));
    future<int> const third = submit(pool_, sum, numbers, 300, {.name = "sum"});
    std::atomic<int> spawned = 0;
    spawn(
        pool_, [&](std::vector<int> all) { spawned = all.back(); }, numbers);
    EXPECT_FALSE(first.ready());
    for (std::size_t i = 0; i < 10; ++i) promises[i].set_value(static_cast<int>(i));
    EXPECT_EQ(first.get(), 145);
    EXPECT_EQ(second.get(), 245);
    EXPECT_EQ(third.get(), 345);
    pool_.wait_idle();
    EXPECT_EQ(spawned, 9);
    EXPECT_EQ(numbers[9].get(), 9); // the vector is as it was
    EXPECT_EQ(submit(pool_, sum, std::move(numbers), 0).get(), 45);

    std::vector<future<int>> given;
    given.push_back(make_ready_future(4));
    EXPECT_EQ(submit(
                  pool_, [](std::vector<future<int>> all) { return all[0].get(); }, std::move(given))
                  .get(),
              4);
    std::vector<future<int>> failing;
    failing.push_back(submit(pool_, []() -> int { throw failure(); }));
    EXPECT_THROW(submit(pool_, sum, failing, 0).get(), failure);
    EXPECT_THROW(failing[0].get(), failure);
}

TEST_P(named_futures_on, may_be_handed_over_while_tasks_read_them) {
    for (int i = 0; i < 100; ++i) {
        future<std::vector<int>> f = submit(pool_, [] { return std::vector<int>(100, 7); });
        auto const sum = [](std::vector<int> const& v) {
            int total = 0;
            for (int const x : v) total += x;
            return total;
        };
        future<int> a = submit(pool_, sum, f);
        future<int> b = f.then(pool_, sum);
        future<int> c = i % 2 == 0
                            ? std::move(f).then(pool_, [](std::vector<int> v) { return std::exchange(v, {})[0]; })
                            : submit(
                                  pool_, [](std::vector<int>&& v) { return std::exchange(v, {})[0]; }, std::move(f));
        EXPECT_FALSE(f.valid());
        ASSERT_EQ(a.get() + b.get() + c.get(), 1407);
        future<std::vector<int>> g = submit(pool_, [] { return std::vector<int>(100, 7); });
        future<int> d = submit(pool_, sum, g);
        std::vector<int> const taken = std::move(g).get();
        ASSERT_EQ(sum(taken) + d.get(), 1400);
    }
}

TEST(named_futures, with_values_that_only_move_are_read_by_const_reference) {
    future<box> f = submit([] { return std::make_unique<int>(4); });
    future<int> a = submit([](box const& b) { return *b; }, f);
    future<int> b = f.then([](box const& x) { return *x + 1; });
    future<int> c = submit([](auto const& x, box y) { return *x + *y; }, f, std::make_unique<int>(3));
    EXPECT_EQ(a.get() + b.get() + c.get(), 16);
    EXPECT_EQ(*f.get(), 4);
    EXPECT_EQ(*std::move(f).get(), 4); // all continuations have read it
}

TEST(named_futures, with_values_that_only_move_are_not_taken_from_readers) {
    promise<void> go;
    future<void> const gone = go.get_future();
    future<box> f = make_ready_future(std::make_unique<int>(4));
    future<int> reader = submit([](box const& b) { return *b; }, f, gone);
    future<int> taker = submit([](box b) { return *b; }, std::move(f));
    EXPECT_THROW((void)taker.get(), std::logic_error);
    go.set_value();
    EXPECT_EQ(reader.get(), 4);
}

TEST(named_futures, hold_what_only_pretends_to_be_copyable) {
    future<pretends_to_copy> f = submit([] { return pretends_to_copy{}; });
    EXPECT_TRUE(std::move(f).get().boxes.empty());
    future<std::vector<box>> g = submit([] { return std::vector<box>(3); });
    EXPECT_EQ(submit([](std::vector<box> const& v) { return v.size(); }, g).get(), 3u);
    EXPECT_EQ(std::move(g).then([](std::vector<box> v) { return v.size(); }).get(), 3u);
}

TEST(named_futures, give_copies_to_what_takes_rvalues) {
    future<std::string> const f = make_ready_future(std::string("text"));
    EXPECT_EQ(submit([](std::string&& s) { return std::move(s) + "1"; }, f).get(), "text1");
    EXPECT_EQ(f.then([](std::string&& s) { return std::move(s) + "2"; }).get(), "text2");
    EXPECT_EQ(f.then([](future<std::string> s) { return std::move(s).get() + "3"; }).get(), "text3");
    EXPECT_EQ(f.then(&std::string::size).get(), 4u);
    EXPECT_EQ(f.get(), "text");
}

TEST(named_futures, of_void_and_of_references_stay) {
    int number = 1;
    future<int&> r = submit([&]() -> int& { return number; });
    future<void> v = submit([] {});
    submit([](int& x) { ++x; }, r, v).get();
    submit([](int& x) { ++x; }, r, v).get();
    v.then([] {}).get();
    r.then([](int& x) { ++x; }).get();
    EXPECT_EQ(number, 4);
    EXPECT_EQ(&r.get(), &number);
    v.get();
}

TEST(named_futures, tell_each_reader_of_an_error) {
    future<int> f = submit([]() -> int { throw failure(); });
    future<int> a = submit([](int x) { return x; }, f);
    future<int> b = f.then([](int x) { return x; });
    EXPECT_THROW((void)std::move(f).get(), failure);
    EXPECT_THROW((void)a.get(), failure);
    EXPECT_THROW((void)b.get(), failure);
}

TEST(named_futures, stay_when_shared) {
    future<std::string> f = make_ready_future(std::string("a"));
    shared_future<std::string> const s = f.share();
    EXPECT_EQ(f.get(), "a");
    EXPECT_EQ(std::move(f).get(), "a");
    EXPECT_EQ(s.get(), "a");
}

std::vector<future<std::string>> texts() {
    std::vector<future<std::string>> all;
    for (int i = 0; i < 5; ++i) all.push_back(submit([i] { return std::to_string(i); }));
    return all;
}

TEST(named_futures, stay_after_when_all_when_any_and_as_completed) {
    std::vector<future<std::string>> const fs = texts();
    EXPECT_EQ(when_all(fs).get(), (std::vector<std::string>{"0", "1", "2", "3", "4"}));
    auto const [first, again] = when_all(fs[3], fs[3]).get();
    EXPECT_EQ(first + again, "33");
    auto any = when_any(fs).get();
    EXPECT_EQ(any.value, std::to_string(any.index));
    std::size_t seen = 0;
    for (auto& done : as_completed(fs)) {
        EXPECT_EQ(done.get(), std::to_string(done.index));
        EXPECT_EQ(std::move(done).get(), fs[done.index].get());
        ++seen;
    }
    EXPECT_EQ(seen, 5u);
    for (std::size_t i = 0; i < 5; ++i) EXPECT_EQ(fs[i].get(), std::to_string(i));
}

TEST_P(named_futures_on, waits_help_only_with_what_they_wait_for) {
    future<int> root = submit(pool_, [] { return 1; });
    std::atomic<int> strangers{0};
    submit(pool_, [&] {
        future<int> other = root.then(pool_, [&](int x) { return strangers += x; });
        future<int> mine = std::move(root).then(pool_, [](int x) { return x; });
        EXPECT_EQ(mine.get(), 1);
        other.wait();
    }).get();
    EXPECT_EQ(strangers, 1);
}

TEST(pointers_to_members, are_called_and_give_values_where_the_object_ends) {
    EXPECT_EQ(make_ready_future(person{"Ada"}).then(&person::its_name).get(), "Ada");
    EXPECT_EQ(make_ready_future(person{"Ada"}).then(&person::name).get(), "Ada");
    EXPECT_EQ(make_ready_future(person{"Ada"}).then(&person::take_name).get(), "Ada");
    EXPECT_EQ(make_ready_future(person{"Ada"}).share().then(&person::name).get(), "Ada");
    EXPECT_EQ(submit(&person::its_name, person{"Ada"}).get(), "Ada");
    EXPECT_EQ(submit(&person::name, person{"Ada"}).get(), "Ada");
    person ada{"Ada"};
    future<std::string&> const name = submit(&person::name, std::ref(ada));
    EXPECT_EQ(&name.get(), &ada.name);
    EXPECT_EQ(&submit(&person::name, &ada).get(), &ada.name);
}

TEST(submit_options, may_be_braces_after_arguments) {
    future<int> const one = make_ready_future(1);
    EXPECT_EQ(submit([](int x) { return x; }, one, {.name = "one"}).get(), 1);
    EXPECT_EQ(submit([](int x, int y) { return x + y; }, one, 2, {.priority = priority::high}).get(), 3);
    thread_pool pool({.workers = 1, .bind = binding::none});
    EXPECT_EQ(submit(pool, [](int x) { return x; }, one, {.on = 0}).get(), 1);
    EXPECT_EQ(submit(pool, [](int x, int y) { return x + y; }, one, 2, {}).get(), 3);
}

} // namespace
