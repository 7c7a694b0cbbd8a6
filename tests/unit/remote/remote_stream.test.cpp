// SPDX-License-Identifier: MIT
// Tests streams over each kind of pool, and that each algorithm with a form for processes runs there.
#include <hocket/base/error.hpp>
#include <hocket/progress.hpp>
#include <hocket/remote.hpp>
#include <hocket/zip.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <gtest/gtest.h>
#include <iterator>
#include <memory>
#include <optional>
#include <set>
#include <sstream>
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

class remote_streams : public testing::TestWithParam<by> {
  protected:
    std::optional<thread_pool> threads;
    std::optional<remote_pool> made;
    remote_pool& all;

    remote_streams() : all(choose()) {}

  private:
    remote_pool& choose() {
        if (GetParam() == by::cluster) return cluster();
        threads.emplace(3);
        return made.emplace(*threads, nullptr, GetParam() == by::bytes);
    }
};
INSTANTIATE_TEST_SUITE_P(, remote_streams, testing::Values(by::values, by::bytes, by::cluster), [](auto const& about) {
    return std::string(about.param == by::values ? "values" : about.param == by::bytes ? "bytes" : "cluster0");
});

int times_three(int x) { return 3 * x; }

TEST_P(remote_streams, give_the_results_in_the_order_of_the_input) {
    for (int const n : {0, 1, 63, 64, 65, 500}) {
        int next = 0;
        for (auto&& each : parallel_imap(all, 0, n, times_three)) EXPECT_EQ(each, 3 * next++);
        EXPECT_EQ(next, n);
    }
    std::vector<std::string> const words{"a", "bb", "ccc"};
    std::vector<std::size_t> sizes;
    for (auto&& each : parallel_imap(all, words, [](std::string const& word) { return word.size(); }, {.lookahead = 1}))
        sizes.push_back(each);
    EXPECT_EQ(sizes, (std::vector<std::size_t>{1, 2, 3}));
    std::vector<std::string> doubled;
    for (auto&& each :
         parallel_imap(all, std::vector<std::string>{"x", "y"}, [](std::string word) { return word + word; }))
        doubled.push_back(std::move(each));
    EXPECT_EQ(doubled, (std::vector<std::string>{"xx", "yy"}));
    std::istringstream text("1 2 3 4"); // can be read once
    int sum = 0;
    for (auto&& each : parallel_imap(all, std::istream_iterator<int>(text), std::istream_iterator<int>(), times_three))
        sum += each;
    EXPECT_EQ(sum, 30);
}

TEST_P(remote_streams, give_results_with_their_positions_as_they_come) {
    std::vector<int> found(300, -1);
    auto stream = parallel_imap_unordered(all, 0, 300, times_three, {.lookahead = 20});
    for (auto at = stream.begin(); at != stream.end(); ++at) {
        auto&& [index, value] = *at;
        EXPECT_EQ(index, at.index());
        found[index] = value;
    }
    for (int i = 0; i != 300; ++i) EXPECT_EQ(found[static_cast<std::size_t>(i)], 3 * i);
}

/// Counts the numbers read from an infinite input.
struct endless {
    using iterator_concept = std::input_iterator_tag;
    using value_type = int;
    using difference_type = std::ptrdiff_t;

    int* read;
    int operator*() const { return *read; }
    endless& operator++() {
        ++*read;
        return *this;
    }
    void operator++(int) { ++*read; }
    friend bool operator==(endless const&, std::default_sentinel_t) noexcept { return false; }
};

TEST_P(remote_streams, read_no_more_than_their_look_ahead) {
    int read = 0;
    int taken = 0;
    for (auto&& each : parallel_imap(all, endless{&read}, std::default_sentinel, times_three, {.lookahead = 64})) {
        EXPECT_EQ(each, 3 * taken++);
        EXPECT_LE(read, taken + 64);
        if (taken == 1000) break;
    }
}

TEST_P(remote_streams, that_are_left_early_stop_the_rest) {
    shared_memory<int> const begun(0);
    auto const until_stopped = hocket::bind_front(
        [](shared_memory<int> const& counts, bool waits, int x) { // on threads, the reader may run it
            std::atomic_ref(*counts).fetch_add(1);
            // A process may begin an element before an earlier one, so no element waits for ever.
            for (int i = 0; waits && x > 10 && i != 100 && !this_task::stop_requested(); ++i)
                std::this_thread::sleep_for(100us);
            return x;
        },
        begun, all.node() != nullptr);
    for (auto&& each : parallel_imap(all, 0, 1'000'000, until_stopped, {.lookahead = 100}))
        if (each == 10) break;
    EXPECT_LE(std::atomic_ref(*begun).load(), 111);
    // The processes are free again.
    std::vector<int> const threes = parallel_map(all, 0, 100, times_three);
    EXPECT_EQ(threes[99], 297);
    EXPECT_LE(std::atomic_ref(*begun).load(), 111);
}

TEST_P(remote_streams, end_behind_an_error_or_go_on) {
    auto const odd = [](int x) -> int {
        if (x == 11) throw std::out_of_range("eleven");
        return x;
    };
    int taken = 0;
    EXPECT_THROW(for (auto&& each : parallel_imap(all, 0, 100, odd)) EXPECT_EQ(each, taken++), std::out_of_range);
    EXPECT_EQ(taken, 11);
    auto stream = parallel_imap(all, 0, 100, odd);
    auto at = stream.begin();
    for (int i = 0; i != 11; ++i) ++at;
    EXPECT_EQ(at.index(), 11u);
    EXPECT_THROW((void)*at, std::out_of_range);
    EXPECT_THROW((void)*at, std::out_of_range);
    ++at;
    EXPECT_TRUE(at == stream.end());
    int failed = 0, good = 0;
    auto all_of_it = parallel_imap_unordered(all, 0, 100, odd, {.errors = error_policy::collect});
    for (auto each = all_of_it.begin(); each != all_of_it.end(); ++each) try {
            good += (*each).value >= 0 ? 1 : 0;
        } catch (std::out_of_range const&) {
            ++failed;
            EXPECT_EQ(each.index(), 11u);
        }
    EXPECT_EQ(failed, 1);
    EXPECT_EQ(good, 99);
    EXPECT_THROW((void)parallel_imap(all, 0, 1, odd, {.errors = static_cast<error_policy>(9)}), std::invalid_argument);
}

TEST_P(remote_streams, end_when_they_are_stopped) {
    stop_source source;
    int taken = 0;
    auto const go_through = [&](stream_options const& options) {
        for (auto&& each : parallel_imap(all, 0, 1'000'000, times_three, options)) {
            EXPECT_EQ(each, 3 * taken);
            if (++taken == 100) (void)source.request_stop();
        }
    };
    EXPECT_THROW(go_through({.lookahead = 10, .stop = source.get_token()}), operation_cancelled);
    EXPECT_GE(taken, 100);
    EXPECT_LE(taken, 101);
    EXPECT_THROW(go_through({.stop = source.get_token()}), operation_cancelled);
    taken = 0;
    auto const slow = [](int) { return std::this_thread::sleep_for(1ms), 1; };
    EXPECT_THROW(for (auto&& each
                      : parallel_imap(all, 0, 1'000'000, slow, {.timeout = 20ms})) taken += each,
                 operation_cancelled);
}

TEST_P(remote_streams, tell_how_far_they_are) {
    progress bar;
    for (auto&& each : parallel_imap(all, 0, 200, times_three, {.progress = &bar})) (void)each;
    EXPECT_EQ(bar.total(), 200u);
    EXPECT_EQ(bar.done(), 200u);
}

/// Notes the calling process; returns when as many as there are places have noted theirs.
void meet(shared_array<int> const& places) {
    int const me = static_cast<int>(getpid());
    for (std::size_t at = 0; at != places.size(); ++at) {
        int found = 0;
        if (std::atomic_ref(places[at]).compare_exchange_strong(found, me) || found == me) break;
    }
    auto const limit = std::chrono::steady_clock::now() + 30s;
    while (std::atomic_ref(places[places.size() - 1]).load() == 0 && std::chrono::steady_clock::now() < limit)
        std::this_thread::sleep_for(100us);
}

TEST_P(remote_streams, and_all_algorithms_run_in_the_processes) {
    std::set<int> here;
    auto const check = [&](auto const& run) {
        shared_array<int> const places(all.size());
        run(places);
        std::set<int> const seen(places.begin(), places.end());
        EXPECT_EQ(seen.size(), all.size());
        EXPECT_FALSE(seen.contains(0));
        EXPECT_EQ(seen.contains(static_cast<int>(getpid())), all.node() == nullptr);
    };
    int const n = 300;
    auto const unary = [](shared_array<int> const& places, int x) { return meet(places), x; };
    auto const nothing = [](shared_array<int> const& places, int) { meet(places); };
    auto const binary = [](shared_array<int> const& places, int x, int y) { return meet(places), x + y; };
    std::vector<int> v(static_cast<std::size_t>(n), 1);
    check([&](auto const& places) { parallel_for(all, 0, n, hocket::bind_front(nothing, places), {.grain = 1}); });
    check([&](auto const& places) { (void)parallel_map(all, v, hocket::bind_front(unary, places), {.grain = 1}); });
    check([&](auto const& places) {
        (void)parallel_starmap(all, zip(v, v), hocket::bind_front(binary, places), {.grain = 1});
    });
    check([&](auto const& places) {
        for (auto&& each : parallel_imap(all, v, hocket::bind_front(unary, places))) EXPECT_EQ(each, 1);
    });
    check([&](auto const& places) {
        for (auto&& each : parallel_imap_unordered(all, v, hocket::bind_front(unary, places))) EXPECT_EQ(each.value, 1);
    });
    check([&](auto const& places) {
        EXPECT_EQ(parallel_reduce(all, v, 0, hocket::bind_front(binary, places), {.grain = 1}), n);
    });
    check([&](auto const& places) {
        EXPECT_EQ(parallel_transform_reduce(all, v, 0, std::plus<>(), hocket::bind_front(unary, places), {.grain = 1}),
                  n);
    });
}

} // namespace
