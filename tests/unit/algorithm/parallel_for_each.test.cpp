// SPDX-License-Identifier: MIT
// Tests of parallel_for_each: every item once, added ones too; failures, stops and the ranges that it accepts.
#include <hocket/algorithm/loops/parallel_for_each.hpp>

#include "algorithm_support.hpp"

#include <hocket/range/index_range.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <list>
#include <memory>
#include <sstream>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace hocket;
using namespace algorithm_test;

TEST(parallel_for_each, runs_every_item_and_every_added_one_once) {
    for (thread_pool* pool : pools())
        for (unsigned const roots : {0U, 1U, 2U, 100U}) {
            unsigned const limit = sanitized_run() ? 2'000 : 20'000;
            std::vector<std::atomic<int>> runs(limit);
            std::vector<unsigned> list;
            for (unsigned i = 0; i < roots; ++i) list.push_back(i);
            // Item i adds the items of which it is the parent.
            parallel_for_each(*pool, list, [&](unsigned i, feeder<unsigned>& more) {
                ++runs[i];
                for (unsigned child = roots + 3 * i; child < roots + 3 * i + 3; ++child)
                    if (child < limit) more.add(child);
            });
            for (unsigned i = 0; i < limit; ++i) ASSERT_EQ(runs[i], roots == 0 ? 0 : 1) << i;
        }
}

TEST(parallel_for_each, runs_a_chain_of_items) {
    for (thread_pool* pool : pools()) {
        std::atomic<int> last = 0;
        parallel_for_each(*pool, std::vector<int>{0}, [&](int i, feeder<int>& more) {
            last = i;
            if (i < 5'000) more.add(i + 1);
        });
        EXPECT_EQ(last, 5'000);
    }
}

TEST(parallel_for_each, takes_lists_streams_and_integers) {
    std::atomic<int> sum = 0;
    parallel_for_each(std::list<int>{1, 2, 3}, [&](int i) { sum += i; });
    std::istringstream text("4 5 6");
    struct words {
        std::istream& from;
        auto begin() const { return std::istream_iterator<int>(from); }
        auto end() const { return std::istream_iterator<int>(); }
    };
    parallel_for_each(words{text}, [&](int i, feeder<int>& more) {
        sum += i;
        if (i == 6) more.add(100);
    });
    parallel_for_each(index_range(0, 5), [&](int i) { sum += i; });
    EXPECT_EQ(sum, 1 + 2 + 3 + 4 + 5 + 6 + 100 + 10);
    std::vector<int> numbers = {1, 2, 3};
    parallel_for_each(numbers, [](int& i) { i *= 2; });
    EXPECT_EQ(numbers, (std::vector<int>{2, 4, 6}));
}

TEST(parallel_for_each, moves_items_that_cannot_be_copied) {
    for (thread_pool* pool : pools()) {
        std::atomic<int> sum = 0;
        using owner = std::unique_ptr<int>;
        std::vector<owner> items;
        for (int i = 0; i < 100; ++i) items.push_back(std::make_unique<int>(i));
        parallel_for_each(*pool, std::move(items), [&](owner p, feeder<owner>& more) {
            sum += *p;
            if (*p == 50) more.add(std::make_unique<int>(1'000));
        });
        EXPECT_EQ(sum, 4'950 + 1'000);
    }
}

/// A view of the elements of another range. As with std::ranges::transform_view, its elements stay as they are where it
/// is const.
template<class Range>
struct view_of {
    Range* range;
    [[nodiscard]] auto begin() const { return range->begin(); }
    [[nodiscard]] auto end() const { return range->end(); }
};
/// A view that cannot be read where it is const, as std::ranges::filter_view.
template<class Range>
struct view_that_remembers {
    Range* range;
    [[nodiscard]] auto begin() { return range->begin(); }
    [[nodiscard]] auto end() { return range->end(); }
};

TEST(parallel_for_each, leaves_the_elements_behind_a_temporary_view_in_place) {
    for (thread_pool* pool : pools()) {
        std::list<std::string> names(100, "a name that is too long for a small string");
        std::vector<std::string> columns(names.begin(), names.end());
        std::list<std::string> const before = names;
        std::atomic<std::size_t> length = 0;
        auto const take = [&](std::string name) { length += name.size(); };
        parallel_for_each(*pool, view_of<std::list<std::string>>{&names}, take);
        parallel_for_each(*pool, view_that_remembers<std::list<std::string>>{&names}, take);
        parallel_for_each(*pool, view_of<std::vector<std::string>>{&columns}, take);
        parallel_for_each(*pool, view_that_remembers<std::vector<std::string>>{&columns},
                          [&](std::string name, feeder<std::string>&) { length += name.size(); });
        EXPECT_EQ(length, 400 * before.front().size());
        EXPECT_EQ(names, before);
        EXPECT_EQ(columns, std::vector(before.begin(), before.end()));
        parallel_for_each(*pool, view_that_remembers<std::list<std::string>>{&names},
                          [](std::string& name) { name.clear(); });
        EXPECT_EQ(names, std::list<std::string>(100));
    }
}

TEST(parallel_for_each, the_first_failure_ends_it_and_all_can_be_collected) {
    for (thread_pool* pool : pools()) {
        std::atomic<int> runs = 0;
        auto const body = [&](int i, feeder<int>& more) {
            ++runs;
            if (i < 100) more.add(i + 100);
            if (i % 50 == 7) throw failure_at(i);
        };
        EXPECT_THROW(parallel_for_each(*pool, index_range(0, 100), body), failure_at);
        runs = 0;
        progress bar;
        try {
            parallel_for_each(*pool, index_range(0, 100), body, {.progress = &bar, .errors = error_policy::collect});
            FAIL();
        } catch (parallel_error const& error) {
            EXPECT_EQ(error.total(), 200U);
            ASSERT_EQ(error.failures().size(), 4U);
            EXPECT_EQ(error.failures()[0].index, 7U);
            EXPECT_EQ(error.failures()[1].index, 57U);
            EXPECT_EQ(error.failures()[2].index, 100U);
            EXPECT_EQ(error.failures()[3].index, 101U);
        }
        EXPECT_EQ(runs, 200);
        EXPECT_EQ(bar.done(), 200U);
        EXPECT_EQ(bar.total(), 200U);
    }
    EXPECT_EQ(failure_at::live, 0);
}

TEST(parallel_for_each, stops_by_its_token_although_items_add_items_for_ever) {
    for (thread_pool* pool : pools()) {
        std::stop_source source;
        std::atomic<int> runs = 0;
        auto const body = [&](int i, feeder<int>& more) {
            if (++runs == 1'000) source.request_stop();
            more.add(i + 1);
        };
        EXPECT_THROW(parallel_for_each(*pool, index_range(0, 4), body, {.stop = source.get_token()}),
                     operation_cancelled);
    }
}

TEST(parallel_for_each, passes_on_what_reading_the_list_throws) {
    struct input {
        struct iterator {
            using value_type = int;
            using difference_type = std::ptrdiff_t;
            int at = 0;
            int operator*() const { return at; }
            iterator& operator++() {
                if (++at == 5) throw failure_at(5);
                return *this;
            }
            void operator++(int) { ++*this; }
            bool operator==(std::default_sentinel_t) const { return false; }
        };
        iterator begin() const { return {}; }
        std::default_sentinel_t end() const { return {}; }
    };
    std::atomic<int> runs = 0;
    EXPECT_THROW(parallel_for_each(input(), [&](int) { ++runs; }), failure_at);
    EXPECT_LE(runs, 5);
}

} // namespace
