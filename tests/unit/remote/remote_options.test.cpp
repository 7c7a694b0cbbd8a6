// SPDX-License-Identifier: MIT
// Tests the options of remote calls: stops, timeouts, repetition, names, resources.
#include <hocket/base/error.hpp>
#include <hocket/base/stop_token.hpp>
#include <hocket/future/task_link.hpp>
#include <hocket/remote/call/remote_submit.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace {

using namespace hocket;
using namespace std::chrono_literals;

struct failure {};

class remote_task_options : public testing::TestWithParam<unsigned> {
  protected:
    thread_pool threads{GetParam()};
    remote_pool all{threads, nullptr, false}; // values are passed as they are
};
INSTANTIATE_TEST_SUITE_P(, remote_task_options, testing::Values(1u, 2u, 3u, 4u, 8u));

TEST_P(remote_task_options, name_the_task) {
    auto const name = [](auto const&...) { return std::string(this_task::name()); };
    EXPECT_EQ(submit(all, name, {.name = "none"}).get(), "none");
    EXPECT_EQ(submit(all, name, 1, {.name = "one"}).get(), "one");
    EXPECT_EQ(submit(all, name, 1, 2, {.name = "two"}).get(), "two");
    EXPECT_EQ(submit(all, name, 1, 2, 3, remote_options{.name = "three"}).get(), "three");
    ref<int> const a = put(all, 1);
    remote_options const options{.name = "named"};
    EXPECT_EQ(submit(all, name, a, options).get(), "named");
}

TEST_P(remote_task_options, drop_what_has_not_begun_when_it_is_stopped) {
    stop_source source;
    (void)source.request_stop();
    EXPECT_THROW((void)submit(all, [] { return 1; }, {.stop = source.get_token()}).get(), operation_cancelled);
}

TEST_P(remote_task_options, stop_what_runs) {
    stop_source source;
    std::atomic<bool> runs{false};
    ref<bool> const r = submit(all,
                               [&runs] {
                                   runs = true;
                                   while (!this_task::stop_requested()) std::this_thread::yield();
                                   return true;
                               },
                               {.stop = source.get_token()});
    while (!runs) std::this_thread::yield();
    (void)source.request_stop();
    EXPECT_TRUE(r.get());
}

TEST_P(remote_task_options, fail_after_a_time_and_stop_the_task) {
    std::atomic<bool> began{false}, stopped{false};
    // A task whose timeout comes before it begins is dropped. Then it gets more time.
    for (std::chrono::milliseconds limit = 5ms; !began; limit *= 2) {
        ref<int> const r = submit(all,
                                  [&began, &stopped] {
                                      began = true;
                                      while (!this_task::stop_requested()) std::this_thread::yield();
                                      stopped = true;
                                      return 1;
                                  },
                                  {.timeout = limit});
        while (!r.ready()) std::this_thread::yield();
        EXPECT_THROW((void)r.get(), timed_out);
        threads.wait_idle();
    }
    EXPECT_TRUE(stopped);
    EXPECT_EQ(submit(all, [](int x) { return x; }, 5, {.timeout = 1h}).get(), 5);
    EXPECT_THROW((void)submit(all, []() -> int { throw failure(); }, {.timeout = 1h}).get(), failure);
    stop_source source;
    (void)source.request_stop();
    EXPECT_THROW((void)submit(all, [] { return 1; }, {.stop = source.get_token(), .timeout = 1h}).get(),
                 operation_cancelled);
}

TEST_P(remote_task_options, repeat_what_throws_only_if_asked) {
    std::atomic<int> calls{0};
    auto const third_time = [&calls](std::vector<int> v) {
        EXPECT_EQ(v.size(), 3u);
        v.clear();
        if (++calls % 3 != 0) throw failure();
        return calls.load();
    };
    std::vector<int> const v(3);
    EXPECT_THROW((void)submit(all, third_time, v, {.retries = 5}).get(), failure);
    EXPECT_EQ(calls, 1);
    EXPECT_EQ(submit(all, third_time, v, {.retries = 5, .retry_errors = true}).get(), 3);
    calls = 0;
    EXPECT_THROW((void)submit(all, third_time, v, {.retries = 1, .retry_errors = true}).get(), failure);
    EXPECT_EQ(calls, 2);
    EXPECT_EQ(
        submit(all, [](std::string_view s) { return s.size(); }, put(all, std::string("ab")), {.retry_errors = true})
            .get(),
        2u);
}

TEST_P(remote_task_options, count_resources) {
    std::atomic<int> holders{0};
    std::atomic<int> most{0};
    auto const hold = [&](int) {
        int const now = ++holders;
        int seen = most;
        while (seen < now && !most.compare_exchange_weak(seen, now)) {
        }
        std::this_thread::yield();
        --holders;
    };
    std::vector<ref<void>> refs;
    for (int i = 0; i < 50; ++i) refs.push_back(submit(all, hold, i, {.memory = all.resources().total().memory}));
    for (auto const& r : refs) r.get();
    EXPECT_EQ(most, 1);
    EXPECT_THROW((void)submit(all, hold, 1, {.cpus = GetParam() + 1}), std::invalid_argument);
    EXPECT_THROW((void)submit(all, hold, 1, {.memory = ~std::uint64_t{0}}), std::invalid_argument);
    EXPECT_THROW((void)submit(all, hold, 1, {.resources = {{"unicorn", 1}}}), std::invalid_argument);
    threads.wait_idle();
    EXPECT_EQ(all.resources().free().memory, all.resources().total().memory);
}

TEST_P(remote_task_options, hold_no_resources_while_arguments_are_not_there) {
    ref<int> const first = submit(all, [] { return 1; }, {.cpus = GetParam(), .memory = 1});
    ref<int> const second = submit(all, [](int x) { return x + 1; }, first, {.cpus = GetParam(), .memory = 1});
    ref<int> const third =
        submit(all, [](int x) { return x + 1; }, second, {.cpus = GetParam(), .memory = 1, .timeout = 1h});
    EXPECT_EQ(third.get(), 3);
    ref<int> const bad = submit(all, []() -> int { throw failure(); });
    EXPECT_THROW((void)submit(all, [](int x) { return x; }, bad, {.cpus = GetParam(), .memory = 1}).get(), failure);
    threads.wait_idle();
    EXPECT_EQ(all.resources().free().cpus, GetParam());
}

TEST(remote_resources, are_read_from_the_environment) {
    EXPECT_EQ(detail::parse_resources("gpu=2,disk=10"), (detail::resource_amounts::named{{"gpu", 2}, {"disk", 10}}));
    EXPECT_TRUE(detail::parse_resources(nullptr).empty());
    for (char const* bad : {"gpu", "gpu=", "=2", "gpu=two", "gpu=2x", "gpu=2,,disk=1"})
        EXPECT_THROW((void)detail::parse_resources(bad), std::invalid_argument) << bad;
}

} // namespace
