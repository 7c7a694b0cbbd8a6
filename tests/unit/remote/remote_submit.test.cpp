// SPDX-License-Identifier: MIT
// Tests submit to a remote pool: the passing of arguments, dependencies, errors, nested refs.
#include <hocket/remote/call/remote_submit.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <numeric>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace {

using namespace hocket;

struct failure {};

int square(int x) { return x * x; }
double total(std::vector<double> const& v) { return std::accumulate(v.begin(), v.end(), 0.0); }

struct point {
    int x = 0;
    int twice() const { return 2 * x; }
    int const& itself() const { return x; }
};

std::atomic<int> living{0};
struct counted {
    counted() { ++living; }
    counted(counted const&) { ++living; }
    ~counted() { --living; }
    template<class Archive>
    void serialize(Archive&) {}
};

class remote_submit : public testing::TestWithParam<unsigned> {
  protected:
    thread_pool threads{GetParam()};
    remote_pool all{threads, nullptr, false}; // values are passed as they are
};
INSTANTIATE_TEST_SUITE_P(, remote_submit, testing::Values(1u, 2u, 3u, 4u, 8u));

TEST_P(remote_submit, calls_functions_members_and_objects) {
    ref<int> const a = submit(all, square, 7);
    ref<int> const b = submit(
        all, [](int x, int y) { return x + y; }, a, 1);
    EXPECT_EQ(b.get(), 50);
    EXPECT_EQ(submit(all, &point::twice, point{4}).get(), 8);
    auto c = submit(all, &point::itself, point{5});
    static_assert(std::is_same_v<decltype(c), ref<int>>);
    EXPECT_EQ(c.get(), 5);
    ref<point> const p = put(all, point{6});
    EXPECT_EQ(submit(all, &point::twice, p).get(), 12);
    submit(all, [] {}).get();
}

TEST_P(remote_submit, gives_views_of_what_a_ref_holds_without_a_copy) {
    ref const v = put(all, std::vector<double>(1000, 0.5));
    auto const address = [](auto const& w) { return reinterpret_cast<std::uintptr_t>(w.data()); };
    auto const by_span = [](std::span<double const> w) { return reinterpret_cast<std::uintptr_t>(w.data()); };
    auto const by_vector = [](std::vector<double> const& w) { return reinterpret_cast<std::uintptr_t>(w.data()); };
    EXPECT_EQ(submit(all, by_span, v).get(), address(v.get()));
    EXPECT_EQ(submit(all, by_vector, v).get(), address(v.get()));
    EXPECT_EQ(submit(all, total, v).get(), 500.0);
    auto const size = submit(
        all,
        [](auto const& w) {
            static_assert(std::is_same_v<decltype(w), std::span<double const> const&>);
            return w.size();
        },
        v);
    EXPECT_EQ(size.get(), 1000u);
    EXPECT_EQ(submit(
                  all, [](std::string_view w) { return w.size(); }, put(all, std::string("abc")))
                  .get(),
              3u);
    EXPECT_EQ(submit(
                  all, [](std::string const& w, std::span<double const> s) { return w.size() + s.size(); },
                  put(all, std::string("abc")), v)
                  .get(),
              1003u);
}

TEST_P(remote_submit, leaves_refs_alone_where_they_are_taken_as_refs) {
    ref<int> const a = submit(all, square, 3);
    EXPECT_EQ(submit(
                  all, [](ref<int> r) { return r.get() + 1; }, a)
                  .get(),
              10);
    EXPECT_EQ(submit(
                  all, [](std::vector<ref<int>> const& v, int x) { return v[0].get() + v[1].get() + x; },
                  std::vector<ref<int>>{a, a}, a)
                  .get(),
              27);
    EXPECT_EQ(submit(
                  all, [](ref<int> r, int x, auto y) { return r.get() + x + y; }, a, a, a)
                  .get(),
              27);
}

TEST_P(remote_submit, flattens_what_tasks_return) {
    ref<int> const r = submit(
        all, [this](int x) { return submit(all, square, x); }, 5);
    EXPECT_EQ(r.get(), 25);
    ref<int> const f = submit(
        all, [this](int x) { return hocket::submit(threads, square, x); }, 6);
    EXPECT_EQ(f.get(), 36);
    ref<std::unique_ptr<int>> alone =
        submit(all, [this] { return submit(all, [] { return std::make_unique<int>(8); }); });
    EXPECT_EQ(*alone.take(), 8);
}

TEST_P(remote_submit, a_task_cannot_change_what_its_caller_has) {
    std::vector<int> v{1, 2, 3};
    EXPECT_EQ(submit(
                  all, [](std::vector<int> w) { return w.push_back(4), w.size(); }, v)
                  .get(),
              4u);
    EXPECT_EQ(v.size(), 3u);
    EXPECT_EQ(submit(
                  all, [](std::vector<int> const& w) { return w.size(); }, std::move(v))
                  .get(),
              3u);
    EXPECT_TRUE(v.empty());
    EXPECT_EQ(submit(
                  all, [](std::string const& text) { return text + "!"; }, "literal")
                  .get(),
              "literal!");
}

TEST_P(remote_submit, fails_with_the_error_of_what_it_needs_and_never_calls) {
    ref<int> const bad = submit(all, []() -> int { throw failure(); });
    bool called = false;
    ref<void> const later = submit(
        all, [&called](int, int) { called = true; }, 1, bad);
    ref<void> const last = submit(
        all, [&called] { called = true; }, later);
    EXPECT_THROW(last.get(), failure);
    EXPECT_THROW(later.get(), failure);
    EXPECT_FALSE(called);
}

TEST_P(remote_submit, chains_of_any_length_run) {
    ref<int> r = put(all, 0);
    for (int i = 0; i < 10'000; ++i)
        r = submit(
            all, [](int x) { return x + 1; }, r);
    EXPECT_EQ(r.get(), 10'000);
}

TEST_P(remote_submit, arguments_are_released_when_the_task_has_ended) {
    ref<counted> r = put(all, counted());
    ref<int> const read = submit(
        all, [](counted const&) { return living.load(); }, r);
    EXPECT_EQ(read.get(), 1);
    r = {};
    threads.wait_idle();
    EXPECT_EQ(living, 0);
}

} // namespace
