// SPDX-License-Identifier: MIT
// Tests loops, maps and reductions over each kind of pool: the results of serial loops, the bits of a thread_pool,
// errors, stops.
#include <hocket/base/error.hpp>
#include <hocket/progress.hpp>
#include <hocket/remote.hpp>
#include <hocket/zip.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <list>
#include <numeric>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

namespace {

using namespace hocket;
using namespace std::chrono_literals;

enum class by { values, bytes, cluster };

class remote_algorithms : public testing::TestWithParam<by> {
  protected:
    std::optional<thread_pool> threads;
    std::optional<remote_pool> made;
    remote_pool& all;

    remote_algorithms() : all(choose()) {}

  private:
    remote_pool& choose() {
        if (GetParam() == by::cluster) return cluster();
        threads.emplace(3);
        return made.emplace(*threads, nullptr, GetParam() == by::bytes);
    }
};
INSTANTIATE_TEST_SUITE_P(
    , remote_algorithms, testing::Values(by::values, by::bytes, by::cluster), [](auto const& about) {
        return std::string(about.param == by::values ? "values" : about.param == by::bytes ? "bytes" : "cluster0");
    });

int times_three(int x) { return 3 * x; }

TEST_P(remote_algorithms, map_each_element_in_order) {
    for (int const n : {0, 1, 2, 31, 32, 33, 1000}) {
        std::vector<int> const threes = parallel_map(all, 0, n, times_three);
        ASSERT_EQ(threes.size(), static_cast<std::size_t>(n));
        for (int i = 0; i != n; ++i) ASSERT_EQ(threes[static_cast<std::size_t>(i)], 3 * i);
        std::list<std::string> words;
        for (int i = 0; i != n; ++i) words.push_back(std::string(static_cast<std::size_t>(i % 7), 'x'));
        std::vector<std::size_t> const sizes = parallel_map(all, words, &std::string::size);
        ASSERT_EQ(sizes.size(), words.size());
        for (std::size_t i = 0; i != sizes.size(); ++i) ASSERT_EQ(sizes[i], i % 7);
    }
    std::vector<bool> const odd = parallel_map(all, 0, 100, [](int i) { return i % 2 == 1; });
    for (std::size_t i = 0; i != 100; ++i) ASSERT_EQ(odd[i], i % 2 == 1);
    std::vector<std::string> texts(50);
    parallel_map(all, 0, 50, texts, [](int i) { return std::to_string(i); });
    EXPECT_EQ(texts[49], "49");
    std::vector<std::string> few(10);
    EXPECT_THROW(parallel_map(all, 0, 11, few, [](int i) { return std::to_string(i); }), std::invalid_argument);
}

TEST_P(remote_algorithms, map_the_parts_of_tuples) {
    std::vector<int> const a{1, 2, 3, 4}, b{10, 20, 30, 40};
    EXPECT_EQ(parallel_starmap(all, zip(a, b), [](int x, int y) { return x + y; }), (std::vector<int>{11, 22, 33, 44}));
    std::vector<std::pair<int, std::string>> const pairs{{1, "a"}, {2, "b"}};
    EXPECT_EQ(parallel_starmap(all, pairs, [](int n, std::string const& s) { return s + std::to_string(n); }),
              (std::vector<std::string>{"a1", "b2"}));
}

TEST_P(remote_algorithms, give_a_bound_value_along) {
    std::vector<double> const table(1000, 0.5);
    auto const pick = [](std::vector<double> const& from, int i) { return from[static_cast<std::size_t>(i)] * i; };
    std::vector<double> const picked = parallel_map(all, 0, 1000, hocket::bind_front(pick, table));
    EXPECT_EQ(picked[10], 5);
}

TEST_P(remote_algorithms, reduce_to_the_bits_of_a_thread_pool) {
    std::vector<double> v(70'000);
    for (std::size_t i = 0; i != v.size(); ++i) v[i] = 1.0 / static_cast<double>(i + 1);
    auto const squared = [](double x) { return x * x; };
    for (std::size_t const n : {0u, 1u, 15u, 16u, 17u, 100u, 4095u, 5000u, 70'000u}) {
        std::vector<double> const part(v.begin(), v.begin() + static_cast<std::ptrdiff_t>(n));
        ASSERT_EQ(parallel_reduce(all, part), parallel_reduce(part)) << n;
        ASSERT_EQ(parallel_reduce(all, part, 0.25, std::plus<>()), parallel_reduce(part, 0.25, std::plus<>())) << n;
        ASSERT_EQ(parallel_reduce(all, part, 0.0, std::plus<>(), {.grain = 100}),
                  parallel_reduce(part, 0.0, std::plus<>(), {.grain = 100}))
            << n;
        ASSERT_EQ(parallel_transform_reduce(all, part, 1.5, std::plus<>(), squared),
                  parallel_transform_reduce(part, 1.5, std::plus<>(), squared))
            << n;
        ASSERT_EQ(parallel_transform_reduce(all, part, part, 0.0), parallel_transform_reduce(part, part, 0.0)) << n;
    }
    auto const joined = [](std::string a, std::string const& b) { return a += b; };
    auto const letter = [](int i) { return std::string(1, static_cast<char>('a' + i % 26)); };
    std::string expected = ">";
    for (int i = 0; i != 3000; ++i) expected += letter(i);
    EXPECT_EQ(parallel_transform_reduce(all, 0, 3000, std::string(">"), joined, letter), expected);
}

TEST_P(remote_algorithms, throw_the_error_of_the_first_element) {
    auto const body = [](int i) {
        if (i == 300 || i == 800) throw std::out_of_range(std::to_string(i));
        if (i > 800) std::this_thread::sleep_for(1us);
    };
    for (int round = 0; round != 3; ++round) {
        try {
            parallel_for(all, 0, 1000, body, {.grain = 250});
            ADD_FAILURE() << "no error";
        } catch (std::out_of_range const& error) {
            std::string const text = error.what();
            EXPECT_TRUE(text == "300" || text == "800") << text;
        }
    }
    EXPECT_THROW(parallel_for(all, 0, 10, body, {.errors = static_cast<error_policy>(77)}), std::invalid_argument);
}

TEST_P(remote_algorithms, end_when_they_are_stopped) {
    stop_source source;
    std::thread stopper([&] {
        std::this_thread::sleep_for(20ms);
        source.request_stop();
    });
    auto const slow = [](int) { std::this_thread::sleep_for(1ms); };
    EXPECT_THROW(parallel_for(all, 0, 1'000'000, slow, {.stop = source.get_token()}), operation_cancelled);
    stopper.join();
    EXPECT_THROW(parallel_for(all, 0, 1'000'000, slow, {.timeout = 20ms}), operation_cancelled);
    EXPECT_THROW(parallel_for(all, 0, 10, slow, {.stop = source.get_token()}), operation_cancelled);
}

TEST_P(remote_algorithms, tell_how_far_they_are) {
    progress bar;
    (void)parallel_map(all, 0, 1234, times_three, {.progress = &bar});
    EXPECT_EQ(bar.total(), 1234u);
    EXPECT_EQ(bar.done(), 1234u);
}

/// Notes the calling process, and returns its number when as many processes as there are places have noted theirs.
int met(shared_array<int> const& places, int) {
    int const me = static_cast<int>(getpid());
    for (std::size_t at = 0; at != places.size(); ++at) {
        int found = 0;
        if (std::atomic_ref(places[at]).compare_exchange_strong(found, me) || found == me) break;
    }
    auto const limit = std::chrono::steady_clock::now() + 30s;
    while (std::atomic_ref(places[places.size() - 1]).load() == 0 && std::chrono::steady_clock::now() < limit)
        std::this_thread::sleep_for(100us);
    return me;
}

TEST_P(remote_algorithms, run_in_other_processes_where_there_are_some) {
    shared_array<int> const places(all.size());
    std::vector<int> const pids = parallel_map(all, 0, 200, hocket::bind_front(met, places));
    std::set<int> const different(pids.begin(), pids.end());
    EXPECT_EQ(different.size(), all.size());
    EXPECT_EQ(different.contains(getpid()), all.node() == nullptr);
}

} // namespace
