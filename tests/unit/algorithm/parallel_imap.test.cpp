// SPDX-License-Identifier: MIT
// Tests of parallel_imap and parallel_imap_unordered: order, bounded look-ahead, infinite inputs, failures in their
// place, and streams that the program does not read to their end.
#include <hocket/algorithm/stream/parallel_imap.hpp>

#include "algorithm_support.hpp"

#include <hocket/algorithm/loops/parallel_for.hpp>
#include <hocket/range/index_range.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iterator>
#include <list>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace {

using namespace hocket;
using namespace algorithm_test;

/// 0, 1, 2, ... without end, to be read once, by one thread. Counts the numbers read and can fail at one of them.
struct endless {
    std::atomic<int>* reads = nullptr;
    int bad = -1;
    std::thread::id reader = std::this_thread::get_id();

    struct iterator {
        using value_type = int;
        using difference_type = std::ptrdiff_t;
        endless* from;
        int at;
        int operator*() const {
            if (std::this_thread::get_id() != from->reader) std::abort();
            if (at == from->bad) throw failure_at(at);
            if (from->reads != nullptr) ++*from->reads;
            return at;
        }
        iterator& operator++() { return ++at, *this; }
        void operator++(int) { ++at; }
        bool operator==(std::default_sentinel_t) const { return false; }
    };
    iterator begin() { return {this, 0}; }
    static std::default_sentinel_t end() { return {}; }
};

void dawdle(int steps = 200) {
    for (int i = 0; i < steps; ++i) asm volatile("");
}

TEST(parallel_imap, gives_all_results_in_order_for_every_length_and_lookahead) {
    for (thread_pool* pool : pools())
        for (int n = 0; n <= 1'000; n = n < 20 ? n + 1 : n * 3)
            for (std::size_t const lookahead : numbers{0, 1, 2, 3, 64, 5'000}) {
                int expected = 0;
                for (auto&& text : parallel_imap(*pool, index_range(0, n),
                                                 [](int i) {
                                                     dawdle(i * 7 % 300);
                                                     return std::to_string(i);
                                                 },
                                                 {.lookahead = lookahead}))
                    ASSERT_EQ(text, std::to_string(expected++));
                ASSERT_EQ(expected, n);
            }
}

TEST(parallel_imap_unordered, gives_all_results_once_with_their_positions) {
    for (thread_pool* pool : pools())
        for (int n = 0; n <= 1'000; n = n < 20 ? n + 1 : n * 3)
            for (std::size_t const lookahead : numbers{0, 1, 2, 3, 64, 5'000}) {
                std::vector<int> seen(static_cast<std::size_t>(n), 0);
                for (auto&& [index, text] : parallel_imap_unordered(*pool, index_range(0, n),
                                                                    [](int i) {
                                                                        dawdle(i * 7 % 300);
                                                                        return std::to_string(i);
                                                                    },
                                                                    {.lookahead = lookahead})) {
                    ASSERT_EQ(text, std::to_string(index));
                    ++seen[index];
                }
                for (int const times : seen) ASSERT_EQ(times, 1);
            }
}

TEST(parallel_imap, reads_an_endless_input_no_further_than_the_lookahead) {
    for (thread_pool* pool : pools()) {
        std::atomic<int> reads = 0;
        std::atomic<int> calls = 0;
        int given = 0;
        for (int const r : parallel_imap(*pool, endless{&reads},
                                         [&](int i) {
                                             ++calls;
                                             return 2 * i;
                                         },
                                         {.lookahead = 10})) {
            ASSERT_EQ(r, 2 * given);
            ASSERT_LE(reads, given + 10);
            if (++given == 3'000) break;
        }
        int const calls_at_the_end = calls;
        EXPECT_LE(calls_at_the_end, 3'010);
        std::this_thread::yield();
        EXPECT_EQ(calls, calls_at_the_end); // nothing goes on behind an abandoned stream
        given = 0;
        reads = 0;
        for (auto&& [index, r] :
             parallel_imap_unordered(*pool, endless{&reads}, [](int i) { return 2 * i; }, {.lookahead = 10})) {
            ASSERT_EQ(r, static_cast<int>(2 * index));
            ASSERT_LE(reads, given + 10);
            if (++given == 3'000) break;
        }
    }
}

TEST(parallel_imap, takes_inputs_that_can_be_read_once_and_lasting_ones) {
    std::istringstream text("1 2 3 4");
    struct words {
        std::istream& from;
        auto begin() const { return std::istream_iterator<int>(from); }
        auto end() const { return std::istream_iterator<int>(); }
    };
    std::vector<int> out;
    for (int const r : parallel_imap(words{text}, [](int i) { return i * i; })) out.push_back(r);
    EXPECT_EQ(out, (std::vector<int>{1, 4, 9, 16}));
    std::list<std::string> const list = {"a", "bb"};
    std::vector<std::string const*> places;
    for (auto const* place : parallel_imap(list, [](std::string const& s) { return &s; })) places.push_back(place);
    EXPECT_EQ(places, (std::vector<std::string const*>{&list.front(), &list.back()})); // not copied
    std::vector<std::string> words_again = {"x", "yy"};
    for (std::size_t const size : parallel_imap(words_again, &std::string::size)) out.push_back(static_cast<int>(size));
    EXPECT_EQ(out.back(), 2);
}

TEST(parallel_imap, results_need_no_copy_and_no_default) {
    for (thread_pool* pool : pools()) {
        {
            std::vector<std::unique_ptr<int>> kept;
            for (auto p : parallel_imap(*pool, index_range(0, 500), [](int i) { return std::make_unique<int>(i); }))
                kept.push_back(std::move(p));
            EXPECT_EQ(*kept[499], 499);
            int i = 0;
            for (auto&& c :
                 parallel_imap(*pool, index_range(0, 500), [](int n) { return counted(n); }, {.lookahead = 8})) {
                ASSERT_EQ(c.value, i++);
                ASSERT_LE(counted::live, 8);
                if (i == 400) break;
            }
            for (auto&& [index, c] :
                 parallel_imap_unordered(*pool, index_range(0, 500), [](int n) { return counted(n); }))
                if (index == 300) break;
        }
        EXPECT_EQ(counted::live, 0);
    }
}

TEST(parallel_imap, a_failure_is_thrown_in_its_place_and_ends_the_stream) {
    for (thread_pool* pool : pools())
        for (int const bad : {0, 1, 77, 499}) {
            auto const f = [=](int i) {
                dawdle(i * 13 % 400);
                if (i >= bad && i % 7 == bad % 7) throw failure_at(i);
                return i;
            };
            int given = 0;
            try {
                for (int const r : parallel_imap(*pool, endless{}, f)) ASSERT_EQ(r, given++);
                FAIL();
            } catch (failure_at const& failure) {
                ASSERT_EQ(failure.where, bad);
                ASSERT_EQ(given, bad);
            }
            auto stream = parallel_imap(*pool, endless{}, f);
            auto it = stream.begin();
            for (; it.index() != static_cast<std::uint64_t>(bad); ++it) ASSERT_EQ(*it, static_cast<int>(it.index()));
            EXPECT_THROW(static_cast<void>(*it), failure_at);
            EXPECT_THROW(static_cast<void>(*it), failure_at); // again
            ++it;
            EXPECT_TRUE(it == stream.end());
            EXPECT_THROW(
                {
                    for (auto&& r : parallel_imap_unordered(*pool, endless{}, f)) static_cast<void>(r);
                },
                failure_at);
        }
    EXPECT_EQ(failure_at::live, 0);
}

TEST(parallel_imap, goes_on_behind_failures_that_are_collected) {
    for (thread_pool* pool : pools()) {
        auto const f = [](int i) {
            if (i % 5 == 3) throw failure_at(i);
            return i;
        };
        auto stream = parallel_imap(*pool, index_range(0, 1'000), f, {.errors = error_policy::collect});
        int place = 0;
        for (auto it = stream.begin(); it != stream.end(); ++it, ++place) {
            ASSERT_EQ(it.index(), static_cast<std::uint64_t>(place));
            if (place % 5 == 3)
                ASSERT_THROW(static_cast<void>(*it), failure_at);
            else
                ASSERT_EQ(*it, place);
        }
        EXPECT_EQ(place, 1'000);
        auto any = parallel_imap_unordered(*pool, index_range(0, 1'000), f, {.errors = error_policy::collect});
        int failed = 0;
        for (auto it = any.begin(); it != any.end(); ++it) {
            if (it.index() % 5 == 3) {
                ASSERT_THROW(static_cast<void>(*it), failure_at);
                ++failed;
            } else {
                ASSERT_EQ((*it).value, static_cast<int>(it.index()));
            }
        }
        EXPECT_EQ(failed, 200);
    }
    EXPECT_EQ(failure_at::live, 0);
}

TEST(parallel_imap, an_input_that_fails_does_so_in_its_place) {
    for (thread_pool* pool : pools()) {
        int given = 0;
        endless input{nullptr, 123};
        try {
            for (int const r : parallel_imap(*pool, input, [](int i) { return i; }, {.errors = error_policy::collect}))
                ASSERT_EQ(r, given++);
            FAIL();
        } catch (failure_at const& failure) {
            EXPECT_EQ(failure.where, 123);
            EXPECT_EQ(given, 123);
        }
    }
}

TEST(parallel_imap, stops_by_its_token_and_checks_its_options) {
    for (thread_pool* pool : pools()) {
        std::stop_source source;
        int given = 0;
        EXPECT_THROW(
            {
                for (int const r :
                     parallel_imap(*pool, endless{}, [](int i) { return i; }, {.stop = source.get_token()}))
                    if (given++ == 200 && r == 200) source.request_stop();
            },
            operation_cancelled);
        EXPECT_EQ(given, 201);
        EXPECT_THROW(static_cast<void>(parallel_imap_unordered(*pool, endless{}, [](int i) { return i; },
                                                               {.stop = source.get_token()})
                                           .begin()),
                     operation_cancelled);
        EXPECT_THROW(static_cast<void>(parallel_imap(*pool, endless{}, [](int i) { return i; },
                                                     {.errors = static_cast<error_policy>(9)})),
                     std::invalid_argument);
    }
}

TEST(parallel_imap, a_stream_that_was_never_begun_or_was_moved_is_fine) {
    std::atomic<int> reads = 0;
    {
        auto never = parallel_imap(endless{&reads}, [](int i) { return i; });
        auto moved = std::move(never);
    }
    EXPECT_EQ(reads, 0);
    auto stream = parallel_imap(index_range(0, 10), [](int i) { return i; });
    auto it = stream.begin();
    auto moved = std::move(stream);
    int sum = 0;
    for (; it != moved.end(); ++it) sum += *it;
    EXPECT_EQ(sum, 45);
}

TEST(parallel_imap, streams_feed_streams_and_bodies_run_loops) {
    for (thread_pool* pool : pools()) {
        int expected = 0;
        auto const sum_to = [](int n) {
            std::atomic<int> sum = 0;
            parallel_for(0, n, [&](int i) { sum += i; });
            return sum.load();
        };
        for (int const r :
             parallel_imap(*pool, parallel_imap(*pool, endless{}, [](int i) { return i % 50; }, {.lookahead = 7}),
                           sum_to, {.lookahead = 5})) {
            ASSERT_EQ(r, expected % 50 * (expected % 50 - 1) / 2);
            if (++expected == 300) break;
        }
        parallel_for(*pool, 0, 8, [&](int) { // a stream in each body
            int i = 0;
            for (int const r : parallel_imap(index_range(0, 100), [](int n) { return n; })) ASSERT_EQ(r, i++);
        });
    }
}

TEST(parallel_imap, counts_its_progress) {
    progress bar;
    for (int const r : parallel_imap(index_range(0, 100), [](int i) { return i; }, {.progress = &bar}))
        ASSERT_LE(r, 100);
    EXPECT_EQ(bar.done(), 100U);
    EXPECT_EQ(bar.total(), 100U);
}

} // namespace
